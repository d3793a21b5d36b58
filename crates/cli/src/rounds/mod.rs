//! Watching a round to its end.

mod tell;

use futures::stream::{BoxStream, StreamExt};
use husting_domain::ids::RoundId;
use husting_domain::rounds::RoundStatus;
use husting_domain::sessions::SessionStatus;
use husting_wire::commands::ReadSession;
use husting_wire::events::{Envelope, Event};
use husting_wire::rounds::RoundView;
use husting_wire::sessions::{SessionAck, SessionRef, SessionView};

pub use self::tell::Tell;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::signals::asked_to_end;

/// A watcher of rounds. It is made before the round is asked for, so that it misses nothing.
pub struct Watch<'a> {
    door: &'a dyn Door,
    events: BoxStream<'static, Envelope>,
    newest: Option<u64>,
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
            tell,
        })
    }

    /// The session once the round has ended and the next one can be asked for.
    ///
    /// # Errors
    /// [`Failure::Interrupted`] when this process is asked to end first.
    pub async fn at_its_end(&mut self, ack: &SessionAck) -> Result<SessionView, Failure> {
        let goes_on = self.door.outlives_us();
        tokio::select! {
            ended = self.until_ended(ack) => ended,
            () = asked_to_end() => Err(Failure::Interrupted { session: ack.session_id, goes_on }),
        }
    }

    async fn until_ended(&mut self, ack: &SessionAck) -> Result<SessionView, Failure> {
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
            let Some(envelope) = self.events.next().await else {
                self.events = self.door.watch().await?;
                self.newest = None;
                return Ok(());
            };
            let gap = self.newest.is_some_and(|newest| envelope.seq != newest + 1);
            self.newest = Some(envelope.seq);
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
