//! The gateway: hears what happens in Discord, and keeps at it.
//!
//! ```text
//!  Discord ──▶ connection ──▶ listening ──▶ queue ──▶ keeping ──▶ Listener
//!              (one socket)   (one after     (bounded)  (one event
//!                              the other)                at a time)
//! ```
//!
//! Every connection is a shard of twilight's of its own, which ends with its socket: twilight keeps the
//! heartbeat and the compression, `listening` decides what follows a close and when
//! (<https://docs.discord.com/developers/events/gateway#disconnections>). The queue lives longer than a
//! connection, so a slow listener loses nothing; while it is full the socket is not read.
//!
//! **Message Content.** When the intent is not granted (4014) a session is begun without it, and its
//! cursors say so in the fragment of their resume URL, so that a new process knows as well. Every five
//! minutes the REST API is asked whether it is granted by now; as soon as it is, a new session with the
//! intent takes the place of that one, and [`Listener::missed`] is told.

mod budget;
mod closes;
mod connection;
mod frames;
mod keeping;
mod listening;
mod sessions;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use husting_clock::SharedClock;
use husting_domain::discord::{Cursor, Snowflake};
use husting_domain::time::Timestamp;
use secrecy::SecretString;
use serde_json::value::RawValue;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::sender::Sender;
use keeping::Keeping;
use listening::Listening;

/// Events that may wait for the listener. What waits is lost with the process and asked for again by
/// the next one, which Discord allows for a few minutes.
const QUEUE: usize = 64;

/// How the gateway is reached.
#[derive(Clone, Debug)]
pub struct GatewayOptions {
    /// The bot's token.
    pub token: SecretString,
    /// The gateway's address, for example `wss://gateway.discord.gg`.
    pub gateway_url: String,
    /// Until when it is waited for an answer to IDENTIFY or RESUME.
    pub patience: Duration,
    /// By which Discord is asked how many sessions may be started, and whether Message Content is
    /// granted.
    pub sender: Sender,
}

/// One event.
#[derive(Clone, Debug)]
pub struct Heard {
    /// How far the session was heard with it: kept in the same unit as what follows from the event.
    pub cursor: Cursor,
    /// What happened, for example `MESSAGE_CREATE`.
    pub name: String,
    /// The event's `d`, as Discord wrote it.
    pub data: Box<RawValue>,
}

/// Whoever is told what happens. An event is given once the one before it is kept.
#[async_trait]
pub trait Listener: Send + Sync {
    /// Keeps an event. When this fails the event is given again, after a pause.
    ///
    /// # Errors
    /// In words, for the log.
    async fn hear(&self, heard: Heard) -> Result<(), ListenError>;

    /// A new session has begun in place of one that could not be resumed: what happened in between was
    /// not heard, and is to be read from the channels.
    ///
    /// # Errors
    /// In words, for the log.
    async fn missed(&self) -> Result<(), ListenError>;
}

/// An event could not be kept.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct ListenError(pub String);

/// How it stands, for the console and the tray.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Where the connection is.
    pub state: GatewayState,
    /// Whether Discord withholds the words of messages that neither mention the bot nor are sent to it:
    /// the Message Content intent is not granted.
    pub without_content: bool,
    /// The bot, once Discord said who it is.
    pub bot: Option<Snowflake>,
    /// Since when events come without a break.
    pub live_since: Option<Timestamp>,
    /// How often a session was resumed.
    pub resumed: u32,
    /// How many sessions may still be started, once Discord said so.
    pub identifies_left: Option<u32>,
    /// When an event came last.
    pub last_event: Option<Timestamp>,
    /// When a heartbeat was acknowledged last.
    pub last_heartbeat: Option<Timestamp>,
}

impl Default for Health {
    /// Before anything was heard.
    fn default() -> Self {
        Self {
            state: GatewayState::Connecting { after: None },
            without_content: false,
            bot: None,
            live_since: None,
            resumed: 0,
            identifies_left: None,
            last_event: None,
            last_heartbeat: None,
        }
    }
}

/// Where the connection is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GatewayState {
    /// On its way; why, after a failure.
    Connecting {
        /// What went wrong last, in words.
        after: Option<String>,
    },
    /// Events come.
    Live,
    /// It has ended and is not tried again.
    Stopped(Stop),
}

/// Why it ended for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Somebody asked for it.
    Asked,
    /// 4004: Discord does not know the token.
    TokenRejected,
    /// 4010 to 4013: Discord does not take what is asked for, in its own words.
    Refused {
        /// Discord's close code.
        code: u16,
        /// What it says, and what it means.
        why: String,
    },
}

/// The session before this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Before {
    /// There was none.
    Nothing,
    /// It was left so far, and is taken up again.
    Left(Cursor),
    /// Others carried on since, with a session of their own: a new one has missed something.
    Elsewhere,
}

/// Listens until Discord does not want it any more or `stop` is cancelled, and says why it ended.
///
/// Goes on with the session before where Discord lets it, else with a new one. When it ends the
/// socket is closed in a way that leaves the session resumable, and what the listener kept last is what
/// it is resumed from: what was read and not kept will be sent again.
pub async fn listen(
    options: GatewayOptions,
    before: Before,
    listener: Arc<dyn Listener>,
    health: watch::Sender<Health>,
    clock: SharedClock,
    stop: CancellationToken,
) -> Stop {
    name_cryptography();
    health.send_replace(Health::default());
    let (queue, waiting) = mpsc::channel(QUEUE);
    let listening = Listening {
        options,
        health: &health,
        clock: Arc::clone(&clock),
        stop: stop.clone(),
        queue,
    };
    let over = stop.child_token();
    let keeping = Keeping {
        listener,
        clock,
        stop: stop.clone(),
        over: over.clone(),
        waiting,
    };
    // The queue's end goes with `listening`, so what was read before an end is still kept.
    let listening = async {
        let ended = listening.run(before).await;
        over.cancel();
        ended
    };
    let (ended, ()) = tokio::join!(listening, keeping.run());
    health.send_modify(|health| health.state = GatewayState::Stopped(ended.clone()));
    ended
}

/// rustls wants to know whose cryptography it uses, once in a process; reqwest's is the same.
fn name_cryptography() {
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    if provider.install_default().is_err() {
        tracing::trace!("the cryptography was named before");
    }
}
