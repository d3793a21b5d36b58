//! Watching a round to its end.

mod stuck;
mod tell;

use std::time::Duration;

use futures::stream::{BoxStream, StreamExt};
use husting_domain::ids::RoundId;
use husting_domain::rounds::RoundStatus;
use husting_domain::sessions::SessionStatus;
use husting_wire::commands::ReadSession;
use husting_wire::events::{Envelope, Event};
use husting_wire::rounds::RoundView;
use husting_wire::sessions::{SessionAck, SessionRef, SessionView};
use tokio::time::{Instant, timeout_at};

use self::stuck::refuse_if_stuck;
pub use self::tell::Tell;
use self::tell::session_of;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::signals::asked_to_end;

/// Longest silence of a round before somebody looks whether it can end at all,
const SILENCE: Duration = Duration::from_secs(30);
/// and how soon they look again while it goes on.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// A watcher of rounds. It is made before the round is asked for, so that it misses nothing.
pub struct Watch<'a> {
    door: &'a dyn Door,
    events: BoxStream<'static, Envelope>,
    newest: Option<u64>,
    /// When somebody looks, unless the round is heard of before.
    look_at: Instant,
    tell: Tell,
}

impl<'a> Watch<'a> {
    /// Begins to watch; `tell` says what a person or a script hears of it.
    ///
    /// # Errors
    /// When there is nothing to watch.
    pub async fn begin(door: &'a dyn Door, tell: Tell) -> Result<Self, Failure> {
        Ok(Self {
            door,
            events: door.watch().await?,
            newest: None,
            look_at: Instant::now() + SILENCE,
            tell,
        })
    }

    /// The session once the round has ended and the next one can be asked for.
    ///
    /// # Errors
    /// [`Failure::Interrupted`] when this process is asked to end first, [`Failure::Stuck`] when
    /// the round cannot be ended.
    pub async fn at_its_end(&mut self, ack: &SessionAck) -> Result<SessionView, Failure> {
        let goes_on = self.door.outlives_us();
        tokio::select! {
            ended = self.until_ended(ack) => ended,
            () = asked_to_end() => Err(Failure::Interrupted { session: ack.session_id, goes_on }),
        }
    }

    async fn until_ended(&mut self, ack: &SessionAck) -> Result<SessionView, Failure> {
        self.look_at = Instant::now() + SILENCE;
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
                return Ok(view);
            }
        }
    }

    /// Returns when the round may have ended: by what was told, or because something was missed.
    async fn until_news(&mut self, ack: &SessionAck) -> Result<(), Failure> {
        loop {
            let next = timeout_at(self.look_at, self.events.next()).await;
            let Ok(next) = next else {
                refuse_if_stuck(self.door, ack).await?;
                self.look_at = Instant::now() + LOOK_AGAIN;
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
                self.look_at = Instant::now() + SILENCE;
            }
            self.tell.event(ack.session_id, &envelope)?;
            if gap || may_be_the_end(&envelope.event, ack) {
                return Ok(());
            }
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
