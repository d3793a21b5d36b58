//! Waiting for what is written about rounds that are over.

use futures::stream::StreamExt;
use husting_domain::ids::SessionId;
use husting_domain::recaps::RecapStatus;
use husting_wire::commands::ReadSession;
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::events::Event;
use husting_wire::sessions::{SessionRef, SessionView};
use tokio::time::{Instant, timeout_at};

use super::{LOOK_AFTER, Watch};
use crate::door::ask;
use crate::exit::{Exit, Failure};
use crate::signals::asked_to_end;

impl Watch<'_> {
    /// The session once no recap and no synthesis of it is being written any more.
    ///
    /// # Errors
    /// When this process is asked to end first: what another process writes is written all the same.
    pub async fn until_written(&mut self, view: SessionView) -> Result<SessionView, Failure> {
        if !is_being_written(&view) {
            return Ok(view);
        }
        let session = view.summary.session_id;
        let goes_on = self.door.outlives_us();
        let mut end = self.end.take().unwrap_or_else(asked_to_end);
        let view = tokio::select! {
            view = self.until_settled(session) => view?,
            () = &mut end => return Err(stopped(session, goes_on)),
        };
        self.end = Some(end);
        Ok(view)
    }

    async fn until_settled(&mut self, session_id: SessionId) -> Result<SessionView, Failure> {
        loop {
            let view = ask::<ReadSession>(self.door, SessionRef { session_id }).await?;
            if !is_being_written(&view) {
                return Ok(view);
            }
            self.until_change(session_id).await?;
        }
    }

    /// Returns when something may have been written: by what was told, or after a while.
    async fn until_change(&mut self, session: SessionId) -> Result<(), Failure> {
        let look_at = Instant::now() + LOOK_AFTER;
        while let Ok(next) = timeout_at(look_at, self.events.next()).await {
            let Some(envelope) = next else {
                self.events = self.door.watch().await?;
                self.newest = None;
                return Ok(());
            };
            self.newest = Some(envelope.seq);
            self.tell.event(session, &envelope)?;
            if may_be_written(&envelope.event, session) {
                return Ok(());
            }
        }
        Ok(())
    }
}

fn may_be_written(event: &Event, session: SessionId) -> bool {
    match event {
        Event::RoundChanged { round } => round.session_id == session,
        Event::SynthesisChanged { session_id, .. } | Event::SessionRemoved { session_id } => {
            *session_id == session
        }
        _ => false,
    }
}

fn is_being_written(view: &SessionView) -> bool {
    let recaps = view.rounds.iter().map(|round| round.recap.status);
    let mut all = recaps.chain([view.synthesis.status]);
    all.any(|status| status == RecapStatus::Pending)
}

/// What a command asked to be summed up.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Its first round, 0-based.
    pub from: u32,
    /// The session as well.
    pub synthesis: bool,
}

/// What a command ends with for want of a summary it asked for; each that is missing is said.
#[must_use]
pub fn exit_of_summaries(view: &SessionView, asked: Asked, json: bool) -> Exit {
    let rounds = view.rounds.iter().filter(|round| round.index >= asked.from);
    let recaps = rounds.filter_map(|round| {
        let failure = round.recap.failure.as_ref()?;
        Some(format!("round {} has no recap: {failure}", round.index + 1))
    });
    let synthesis = view.synthesis.failure.iter().filter(|_| asked.synthesis);
    let synthesis = synthesis.map(|failure| format!("there is no synthesis: {failure}"));
    let missing: Vec<String> = recaps.chain(synthesis).collect();
    if !json {
        for sentence in &missing {
            eprintln!("husting: {sentence}");
        }
    }
    if missing.is_empty() {
        Exit::Done
    } else {
        Exit::Partial
    }
}

fn stopped(session: SessionId, goes_on: bool) -> Failure {
    let left = if goes_on {
        format!("it is written on in the running instance: `husting session show {session}`")
    } else {
        format!("`husting session recap {session}` asks for it again")
    };
    Failure::Console(Error::new(
        ErrorCode::ShuttingDown,
        format!("stopped before the recap was written; {left}"),
    ))
}
