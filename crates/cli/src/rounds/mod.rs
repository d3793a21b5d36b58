//! Watching a round to its end.

mod mending;
mod stuck;
mod summaries;
mod tell;

use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{BoxStream, StreamExt};
use husting_domain::ids::RoundId;
use husting_domain::rounds::RoundStatus;
use husting_domain::sessions::SessionStatus;
use husting_home::{Logs, Said};
use husting_wire::commands::ReadSession;
use husting_wire::events::{Envelope, Event};
use husting_wire::rounds::RoundView;
use husting_wire::sessions::{SessionAck, SessionRef, SessionView};
use tokio::time::{Instant, timeout_at};

pub use self::mending::mending;
use self::stuck::{fault_of_the_store, refuse_if_overdue, stuck};
pub use self::summaries::{Asked, exit_of_summaries};
pub use self::tell::Tell;
use self::tell::session_of;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::signals::asked_to_end;

/// Silence of a round after which somebody looks whether its store is in the way, and looks again,
const LOOK_AFTER: Duration = Duration::from_secs(3);
/// and the longest silence in which a store that takes nothing is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// A watcher of rounds. It is made before the round is asked for, so that it misses nothing.
pub struct Watch<'a> {
    door: &'a dyn Door,
    events: BoxStream<'static, Envelope>,
    newest: Option<u64>,
    /// When the round was last heard of.
    heard_at: Instant,
    /// When somebody looks. Words of a seat put it off, unless the store is waited for: they come
    /// without it.
    look_at: Instant,
    /// It was told that the store is waited for.
    waits: bool,
    /// The wish to end, heard already while the round is asked for: between its beginning and our
    /// listening it would be a sudden death.
    end: Option<BoxFuture<'static, ()>>,
    tell: Tell,
}

impl<'a> Watch<'a> {
    /// Begins to watch; `tell` says what a person or a script hears of it. From here on that takes
    /// the place of the log's warnings.
    ///
    /// # Errors
    /// When there is nothing to watch.
    pub async fn begin(door: &'a dyn Door, tell: Tell) -> Result<Self, Failure> {
        Logs::say(Said::Nothing);
        let now = Instant::now();
        Ok(Self {
            door,
            events: door.watch().await?,
            newest: None,
            heard_at: now,
            look_at: now + LOOK_AFTER,
            waits: false,
            // Where the round is another process's, whoever is tired of waiting for its answer may go.
            end: (!door.outlives_us()).then(asked_to_end),
            tell,
        })
    }

    /// Says what the answer to the command has of the round and no event tells.
    pub fn aside(&self, sentence: &str) {
        self.tell.aside(sentence);
    }

    /// The session once the round has ended and the next one can be asked for.
    ///
    /// # Errors
    /// [`Failure::Interrupted`] when this process is asked to end first, [`Failure::Stuck`] when
    /// the round cannot be ended.
    pub async fn at_its_end(&mut self, ack: &SessionAck) -> Result<SessionView, Failure> {
        let goes_on = self.door.outlives_us();
        let mut end = self.end.take().unwrap_or_else(asked_to_end);
        let view = tokio::select! {
            view = self.until_ended(ack) => view?,
            () = &mut end => {
                return Err(Failure::Interrupted { session: ack.session_id, goes_on });
            }
        };
        self.end = Some(end);
        Ok(view)
    }

    async fn until_ended(&mut self, ack: &SessionAck) -> Result<SessionView, Failure> {
        self.heard();
        loop {
            self.until_news(ack).await?;
            let view = ask::<ReadSession>(
                self.door,
                SessionRef {
                    session_id: ack.session_id,
                },
            )
            .await?;
            if has_ended(&view, ack.round_id) {
                self.goes_on();
                return Ok(view);
            }
        }
    }

    /// Returns when the round may have ended: by what was told, or because something was missed.
    async fn until_news(&mut self, ack: &SessionAck) -> Result<(), Failure> {
        loop {
            let next = timeout_at(self.look_at, self.events.next()).await;
            let Ok(next) = next else {
                self.look(ack).await?;
                return Ok(());
            };
            let Some(envelope) = next else {
                self.events = self.door.watch().await?;
                self.newest = None;
                return Ok(());
            };
            let gap = self.newest.is_some_and(|newest| envelope.seq != newest + 1);
            self.newest = Some(envelope.seq);
            if session_of(&envelope.event) == Some(ack.session_id) {
                self.heard();
            }
            self.tell.event(ack.session_id, &envelope)?;
            if gap || may_be_the_end(&envelope.event, ack) {
                return Ok(());
            }
        }
    }

    fn heard(&mut self) {
        self.heard_at = Instant::now();
        if !self.waits {
            self.look_at = self.heard_at + LOOK_AFTER;
        }
    }

    /// Looks what keeps the round: nothing but its seats, or a store that takes nothing, which is
    /// waited for and then given up.
    async fn look(&mut self, ack: &SessionAck) -> Result<(), Failure> {
        let silence = self.heard_at.elapsed();
        match fault_of_the_store(self.door).await? {
            Some(fault) if silence < PATIENCE => self.waits_for_the_store(&fault),
            Some(fault) => return Err(stuck(self.door, ack, format!("the store says “{fault}”."))),
            None => {
                self.goes_on();
                if silence >= PATIENCE {
                    refuse_if_overdue(self.door, ack).await?;
                }
            }
        }
        self.look_at = Instant::now() + LOOK_AFTER;
        Ok(())
    }

    fn waits_for_the_store(&mut self, fault: &str) {
        if !std::mem::replace(&mut self.waits, true) {
            let most = PATIENCE.as_secs();
            self.tell.aside(&format!(
                "the round waits, for {most} s at the most: the store says “{fault}”"
            ));
        }
    }

    fn goes_on(&mut self) {
        if std::mem::take(&mut self.waits) {
            self.tell
                .aside("the store can be written again; the round goes on");
        }
    }
}

fn may_be_the_end(event: &Event, ack: &SessionAck) -> bool {
    match event {
        Event::RoundChanged { round } => {
            round.round_id == ack.round_id && round.status.is_terminal()
        }
        Event::SessionChanged { session } => {
            session.session_id == ack.session_id && is_at_rest(session.status)
        }
        Event::SessionRemoved { session_id } => *session_id == ack.session_id,
        _ => false,
    }
}

fn has_ended(view: &SessionView, round: RoundId) -> bool {
    is_at_rest(view.summary.status)
        && view
            .rounds
            .iter()
            .any(|known| known.round_id == round && known.status.is_terminal())
}

const fn is_at_rest(status: SessionStatus) -> bool {
    matches!(status, SessionStatus::Ready | SessionStatus::Failed)
}

/// How a command that ran this round ends.
#[must_use]
pub fn exit_of(round: &RoundView) -> Exit {
    match round.status {
        RoundStatus::Failed => Exit::Failed,
        _ if round.summary.degraded => Exit::Partial,
        _ => Exit::Done,
    }
}
