//! Waiting for a round's end: by signal, within the caller's patience.

use std::sync::Arc;

use husting_domain::ids::{RoundId, SessionId, TenantId};
use husting_domain::rounds::RoundStatus;
use husting_wire::answers::{SeatCallView, SeatState};
use husting_wire::contract::requests::WaitForRound;
use husting_wire::contract::waiting::{CompletedModel, RoundState};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::ranges;
use husting_wire::rounds::RoundView;
use husting_wire::sessions::SessionView;

use super::progress::{Growth, models};
use crate::caller::Caller;
use crate::live::LiveRound;
use crate::{Console, Inner, records, transcript};

/// How long is waited where nobody says.
const DEFAULT_SECONDS: u64 = 40;
/// Between two looks at a round that runs nowhere and is still to be ended.
const LOOK_MILLIS: i64 = 500;

/// How a wait ended.
#[derive(Clone, Debug)]
pub struct Waited {
    /// The whole session as Markdown when the round is over, else a sentence.
    pub text: String,
    /// The round's state.
    pub state: RoundState,
}

impl Console {
    /// Waits until a round is over, or the patience is used up: that is an answer and no error.
    ///
    /// # Errors
    /// `not_found`; `invalid_request` for a patience out of its range; `invalid_token` when the
    /// caller's key or token is revoked meanwhile, or the scope taken away.
    pub async fn wait_for_round(
        &self,
        caller: &Caller,
        asked: WaitForRound,
    ) -> Result<Waited, Error> {
        let seconds = asked.timeout_seconds.unwrap_or(DEFAULT_SECONDS);
        ranges::WAIT_SECONDS.check("timeout_seconds", seconds)?;
        let tenant = caller.tenant();
        self.0.refuse_stranger(caller, asked.session_id).await?;
        // Counted for as long as it waits, and ended with what the agent may.
        let counted = self.0.wait_of(caller)?;
        let ended = counted
            .as_ref()
            .map_or_else(|| caller.ended(), |wait| wait.ended().clone());
        let round = self.0.round_named(&tenant, &asked).await?;
        let patience = self
            .0
            .now()
            .plus_millis(i64::try_from(seconds).unwrap_or(i64::MAX) * 1_000);
        let over = self.0.until_over(&tenant, asked.session_id, round);
        tokio::select! {
            over = over => over?,
            () = self.0.clock.sleep_until(patience) => {}
            () = self.0.shutdown.cancelled() => return Err(Error::new(
                ErrorCode::ShuttingDown,
                "Husting is closing. What the round has is kept; wait again when it is back.",
            )),
            () = ended.cancelled() => return Err(self.0.why_ended(caller)),
        }
        self.0.waited(caller, asked.session_id, round).await
    }

    /// The id of the round at a 0-based place.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn round_at(
        &self,
        caller: &Caller,
        session_id: SessionId,
        index: u32,
    ) -> Result<RoundId, Error> {
        let asked = WaitForRound {
            session_id,
            round_id: None,
            round_index: Some(index),
            timeout_seconds: None,
            poll_after_ms: None,
        };
        self.0.refuse_stranger(caller, session_id).await?;
        self.0.round_named(&caller.tenant(), &asked).await
    }
}

impl Inner {
    /// The round that is meant.
    async fn round_named(&self, tenant: &TenantId, asked: &WaitForRound) -> Result<RoundId, Error> {
        if let Some(live) = self.live_of(tenant, asked.session_id) {
            let (id, index) = live.place();
            let is_meant = asked.round_id.map_or_else(
                || asked.round_index.is_none_or(|asked| asked == index),
                |asked| asked == id,
            );
            if is_meant {
                return Ok(id);
            }
        }
        let facts = self.session_facts(tenant, asked.session_id).await?;
        let rounds = &facts.rounds;
        let found = match (asked.round_id, asked.round_index) {
            (Some(id), _) => rounds.iter().find(|round| round.id == id),
            (None, Some(index)) => rounds.iter().find(|round| round.index == index),
            (None, None) => rounds.last(),
        };
        found
            .map(|round| round.id)
            .ok_or_else(|| Error::not_found("round"))
    }

    /// Returns once the round is terminal and kept.
    async fn until_over(
        &self,
        tenant: &TenantId,
        session: SessionId,
        round: RoundId,
    ) -> Result<(), Error> {
        loop {
            match self.live_of(tenant, session) {
                Some(live) if live.place().0 == round => {
                    let mut over = live.over.subscribe();
                    // The sender lives as long as `live`; an end of it is the end of the round.
                    over.wait_for(|over| *over).await.ok();
                }
                _ => {
                    let facts = self.session_facts(tenant, session).await?;
                    let found = facts.rounds.iter().find(|found| found.id == round);
                    if found.is_none_or(|found| found.status.is_terminal()) {
                        return Ok(());
                    }
                    // Nobody is at work on it: a start that waits for the disk will end it.
                    let again = self.now().plus_millis(LOOK_MILLIS);
                    self.clock.sleep_until(again).await;
                }
            }
        }
    }

    fn live_of(&self, tenant: &TenantId, session: SessionId) -> Option<Arc<LiveRound>> {
        self.live.of(session).filter(|live| live.is_of(tenant))
    }

    /// The answer to a wait, with the session read once.
    async fn waited(
        &self,
        caller: &Caller,
        session: SessionId,
        round: RoundId,
    ) -> Result<Waited, Error> {
        let view = self.get_session(&caller.tenant(), session).await?;
        let found = view.rounds.iter().find(|found| found.round_id == round);
        let found = found.ok_or_else(|| Error::not_found("round"))?;
        let state = state_of(&view, found);
        if state.is_terminal {
            self.given(caller, &view).await?;
        }
        let text = if state.is_terminal {
            transcript::markdown(&view)
        } else {
            still_running(&state)
        };
        Ok(Waited { text, state })
    }
}

fn still_running(state: &RoundState) -> String {
    let done = state.completed_models.len();
    let all = done + state.in_progress_models.len() + state.failed_models.len();
    format!(
        "Round {} is still running: {done} of {all} models have answered. Call wait_for_round again with the same arguments.",
        state.round_index + 1
    )
}

/// A round's state, to branch on without reading prose.
fn state_of(session: &SessionView, round: &RoundView) -> RoundState {
    let is_terminal = round.status.is_terminal();
    let completed: Vec<CompletedModel> = round
        .answers
        .iter()
        .filter(|seat| seat.state == SeatState::Final)
        .map(completed)
        .collect();
    let growth = |seat: &SeatCallView| Growth {
        characters: seat.text.chars().count() as u64,
        newest_at: None,
    };
    let at_work = |model: &husting_wire::contract::progress::ModelProgress| {
        matches!(model.state, SeatState::Queued | SeatState::Streaming)
            && round.answers.iter().any(|seat| {
                seat.model == model.model
                    && matches!(seat.state, SeatState::Queued | SeatState::Streaming)
            })
    };
    RoundState {
        session_id: round.session_id,
        round_id: round.round_id,
        round_index: round.index,
        round_status: round.status,
        is_terminal,
        is_usable: matches!(
            round.status,
            RoundStatus::Complete | RoundStatus::PartialFailure
        ),
        completed_models: completed,
        in_progress_models: models(round, &growth).into_iter().filter(at_work).collect(),
        failed_models: round
            .answers
            .iter()
            .filter(|seat| seat.state == SeatState::Error)
            .map(records::failure)
            .collect(),
        recommended_client_action: round.action,
        recap_status: round.recap.status,
        synthesis_status: session.synthesis.status,
        progress_version: round.progress_version,
        rehearsal: session.summary.rehearsal,
    }
}

fn completed(seat: &SeatCallView) -> CompletedModel {
    CompletedModel {
        model: seat.model.clone(),
        tokens_in: seat.usage.total_input(),
        tokens_out: seat.usage.output,
        finish_reason: seat.finish_reason.clone(),
        is_partial: seat.is_partial,
    }
}
