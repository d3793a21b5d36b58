//! One socket, from its beginning to its end.

use std::env::consts::OS;
use std::ops::ControlFlow;

use futures::{FutureExt, StreamExt};
use husting_clock::SharedClock;
use husting_domain::time::Timestamp;
use reqwest::Url;
use secrecy::ExposeSecret;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use twilight_gateway::error::{ReceiveMessageError, ReceiveMessageErrorType};
use twilight_gateway::queue::Queue;
use twilight_gateway::{
    CloseFrame, Config, ConfigBuilder, Intents, Message, Session as ShardSession, Shard, ShardId,
};
use twilight_model::gateway::payload::outgoing::identify::IdentifyProperties;

use super::closes::Ending;
use super::frames::{Frame, Ready};
use super::keeping::Item;
use super::sessions::{Session, address, socket};
use super::{GatewayOptions, GatewayState, Health, Heard};

/// Between two questions whether Message Content is granted by now, in milliseconds.
pub(super) const ASK_AGAIN: i64 = 300_000;

/// Frames that are read, and left to the next connection, while the farewell is sent.
const LAST_READS: usize = 1_000;

/// What nobody has to grant.
const INTENTS: Intents = Intents::GUILDS
    .union(Intents::GUILD_MESSAGES)
    .union(Intents::DIRECT_MESSAGES);

/// What a connection is made with.
pub(super) struct Connection<'a> {
    pub options: &'a GatewayOptions,
    pub health: &'a watch::Sender<Health>,
    pub clock: &'a SharedClock,
    pub stop: &'a CancellationToken,
    pub queue: &'a mpsc::Sender<Item>,
    /// What is resumed, where there is something; from then on what was read.
    pub session: &'a mut Option<Session>,
    /// Whether a new session takes the place of another one.
    pub replaces: bool,
    /// Whether a new session is begun without Message Content.
    pub without_content: bool,
    /// Whether the session is resumed where its READY said, and not at the gateway's own address.
    pub by_resume_url: bool,
    /// When it is asked whether Message Content is granted.
    pub ask_at: Timestamp,
}

/// How far a connection came.
#[derive(Debug)]
pub(super) struct Report {
    pub ending: Ending,
    /// HELLO came, and was answered with IDENTIFY or RESUME.
    pub greeted: bool,
    /// An event came.
    pub heard: bool,
    /// READY or RESUMED came.
    pub live_since: Option<Timestamp>,
}

impl Report {
    fn unreachable(why: &str) -> Self {
        Self {
            ending: Ending::Unreachable(why.to_owned()),
            greeted: false,
            heard: false,
            live_since: None,
        }
    }
}

/// What was seen so far, and until when the next answer has to come.
struct Progress {
    greeted: bool,
    heard: bool,
    live_since: Option<Timestamp>,
    deadline: Timestamp,
}

impl Connection<'_> {
    /// Reads until the end.
    pub async fn run(mut self) -> Report {
        let Some(gateway) = socket(&self.options.gateway_url) else {
            return Report::unreachable("the gateway's address is none of a WebSocket's");
        };
        let mut shard = Shard::with_config(ShardId::ONE, self.config(gateway));
        let mut progress = Progress {
            greeted: false,
            heard: false,
            live_since: None,
            deadline: self.patience(),
        };
        let granted = granted(self.options, self.clock, self.without_content, self.ask_at);
        tokio::pin!(granted);
        let ending = loop {
            let is_answered = progress.live_since.is_some();
            let message = tokio::select! {
                () = self.stop.cancelled() => break Ending::Asked,
                () = self.clock.sleep_until(progress.deadline), if !is_answered => {
                    break Ending::Unanswered;
                }
                () = &mut granted => break Ending::Upgrade,
                message = shard.next() => message,
            };
            if let ControlFlow::Break(ending) = self.take(message, &mut progress).await {
                break ending;
            }
        };
        say_goodbye(shard, &ending);
        Report {
            ending,
            greeted: progress.greeted,
            heard: progress.heard,
            live_since: progress.live_since,
        }
    }

    fn config(&self, gateway: Url) -> Config<NoQueue> {
        let intents = match self.without_content {
            true => INTENTS,
            false => INTENTS | Intents::MESSAGE_CONTENT,
        };
        let token = self.options.token.expose_secret().trim().to_owned();
        let mut config = ConfigBuilder::new(token, intents)
            .queue(NoQueue)
            .identify_properties(IdentifyProperties::new("husting", "husting", OS));
        if let Some(session) = self.session.as_ref() {
            let known = ShardSession::new(session.sequence, session.id.clone());
            config = config.session(known);
            let resume = session.address(&gateway);
            if let Some(url) = resume.filter(|_| self.by_resume_url) {
                config = config.resume_url(url);
            }
        }
        config.proxy_url(address(gateway)).build()
    }

    fn patience(&self) -> Timestamp {
        self.clock.now().plus(self.options.patience)
    }

    async fn take(
        &mut self,
        message: Option<Result<Message, ReceiveMessageError>>,
        progress: &mut Progress,
    ) -> ControlFlow<Ending> {
        match message {
            Some(Ok(Message::Text(text))) => self.take_frame(&text, progress).await,
            Some(Ok(Message::Close(frame))) => ControlFlow::Break(closed(frame)),
            Some(Err(error)) => match error.kind() {
                // Its words repeat what somebody wrote, so they are not told.
                ReceiveMessageErrorType::Deserializing { .. } => {
                    tracing::warn!("an event of Discord's has another form than is known");
                    ControlFlow::Continue(())
                }
                ReceiveMessageErrorType::Reconnect => {
                    let why = error.into_source().map(|source| source.to_string());
                    ControlFlow::Break(Ending::Unreachable(why.unwrap_or_default()))
                }
                _ => ControlFlow::Break(Ending::Unreadable),
            },
            None => ControlFlow::Break(closed(None)),
        }
    }

    async fn take_frame(&mut self, text: &str, progress: &mut Progress) -> ControlFlow<Ending> {
        match Frame::read(text) {
            Frame::Event {
                sequence,
                name,
                data,
            } => {
                progress.heard = true;
                self.take_event(sequence, name, data, progress).await?;
                progress.deadline = self.patience();
            }
            Frame::Hello => {
                progress.greeted = true;
                progress.deadline = self.patience();
            }
            Frame::HeartbeatAck => {
                let now = self.clock.now();
                self.health
                    .send_modify(|health| health.last_heartbeat = Some(now));
            }
            Frame::Reconnect => return ControlFlow::Break(Ending::Reconnect),
            Frame::InvalidSession(resumable) => {
                return ControlFlow::Break(Ending::Invalid { resumable });
            }
            Frame::Other => {}
        }
        ControlFlow::Continue(())
    }

    async fn take_event(
        &mut self,
        sequence: u64,
        name: String,
        data: Box<serde_json::value::RawValue>,
        progress: &mut Progress,
    ) -> ControlFlow<Ending> {
        let now = self.clock.now();
        if name == "READY" {
            let Ok(ready) = serde_json::from_str::<Ready>(data.get()) else {
                return ControlFlow::Break(Ending::Unreadable);
            };
            self.begin(&ready).await?;
        }
        if matches!(name.as_str(), "READY" | "RESUMED") {
            progress.live_since = Some(now);
            self.health.send_modify(|health| {
                health.state = GatewayState::Live;
                health.live_since = Some(now);
                health.resumed += u32::from(name == "RESUMED");
            });
        }
        self.health
            .send_modify(|health| health.last_event = Some(now));
        let Some(session) = self.session.as_mut() else {
            return ControlFlow::Break(Ending::Unreadable);
        };
        session.refusals = 0;
        if sequence <= session.sequence {
            // Replayed once more.
            return ControlFlow::Continue(());
        }
        session.sequence = sequence;
        let cursor = session.cursor(now);
        self.pass_on(Item::Event(Heard { cursor, name, data }))
            .await
    }

    /// READY: a new session, with all of its events still to come.
    async fn begin(&mut self, ready: &Ready) -> ControlFlow<Ending> {
        if self.replaces {
            self.pass_on(Item::Missed).await?;
        }
        let url = &ready.resume_gateway_url;
        let id = ready.session_id.clone();
        *self.session = Some(Session::begun(id, url, 0, self.without_content));
        self.health.send_modify(|health| {
            health.bot = Some(ready.user.id);
            health.without_content = self.without_content;
        });
        ControlFlow::Continue(())
    }

    /// Waits while the queue is full. Nothing is read meanwhile; should Discord end the connection
    /// because it hears no heartbeat, it is resumed from what was passed on.
    async fn pass_on(&self, item: Item) -> ControlFlow<Ending> {
        tokio::select! {
            () = self.stop.cancelled() => ControlFlow::Break(Ending::Asked),
            sent = self.queue.send(item) => match sent {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(Ending::Asked),
            },
        }
    }
}

fn closed(frame: Option<CloseFrame<'static>>) -> Ending {
    Ending::Closed {
        code: frame.as_ref().map(|frame| frame.code),
        words: frame.map_or_else(String::new, |frame| frame.reason.into_owned()),
    }
}

/// Returns once the portal says that Message Content is granted, where the session is without it.
async fn granted(
    options: &GatewayOptions,
    clock: &SharedClock,
    without_content: bool,
    mut ask_at: Timestamp,
) {
    if !without_content {
        return std::future::pending().await;
    }
    loop {
        clock.sleep_until(ask_at).await;
        match options.sender.application().await {
            Ok(application) if application.may_read_content() => return,
            Ok(_) => {}
            Err(error) => tracing::debug!(%error, "Discord does not say what is granted"),
        }
        ask_at = clock.now().plus_millis(ASK_AGAIN);
    }
}

/// Sends the close frame where the socket is still open: one that leaves the session resumable, or that
/// which the library has ready after op 7 and op 9. The socket goes with the shard, which would connect
/// anew if it were asked for more.
fn say_goodbye(mut shard: Shard<NoQueue>, ending: &Ending) {
    let is_ready = matches!(ending, Ending::Reconnect | Ending::Invalid { .. });
    if !is_ready {
        let is_open = !matches!(
            shard.state(),
            twilight_gateway::ShardState::Disconnected { .. }
                | twilight_gateway::ShardState::FatallyClosed
        );
        if !is_open {
            return;
        }
        shard.close(CloseFrame::RESUME);
    }
    for _ in 0..LAST_READS {
        let Some(Some(Ok(Message::Text(_)))) = shard.next().now_or_never() else {
            return;
        };
    }
}

/// Sessions are counted before a connection is made.
#[derive(Debug)]
struct NoQueue;

impl Queue for NoQueue {
    fn enqueue(&self, _: u32) -> oneshot::Receiver<()> {
        let (leave, taken) = oneshot::channel();
        if leave.send(()).is_err() {
            tracing::trace!("nobody waits to identify any more");
        }
        taken
    }
}
