//! The gateway: hears what happens in Discord, and keeps at it.

use async_trait::async_trait;
use husting_clock::SharedClock;
use husting_domain::discord::{Cursor, Snowflake};
use husting_domain::time::Timestamp;
use secrecy::SecretString;
use serde_json::value::RawValue;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How the gateway is reached.
#[derive(Clone, Debug)]
pub struct GatewayOptions {
    /// The bot's token.
    pub token: SecretString,
    /// The gateway's address, for example `wss://gateway.discord.gg`.
    pub gateway_url: String,
    /// Until when it is waited for an answer to IDENTIFY or RESUME.
    pub patience: std::time::Duration,
}

/// One event.
#[derive(Debug)]
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
    /// When an event came last.
    pub last_event: Option<Timestamp>,
    /// When a heartbeat was acknowledged last.
    pub last_heartbeat: Option<Timestamp>,
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
