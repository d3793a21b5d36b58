//! How far a round is, by version: the same version always has the same figures.

use husting_domain::calls::Purpose;
use husting_domain::ids::{RoundId, SessionId, TenantId};
use husting_domain::recaps::RecapStatus;
use husting_domain::time::Timestamp;
use husting_wire::answers::{SeatCallView, SeatState};
use husting_wire::contract::progress::{ModelPhase, ModelProgress, POLL_AFTER_MS, ProgressRecord};
use husting_wire::errors::Error;
use husting_wire::rounds::RoundView;
use std::sync::Arc;

use super::finished::Finished;
use crate::caller::Caller;
use crate::{Console, Inner};

/// A round's progress as of one version.
#[derive(Clone, Debug)]
pub struct Progress {
    /// The round.
    pub round_id: RoundId,
    /// Its version; the same version has the same body.
    pub version: u64,
    /// The record's JSON.
    pub body: Arc<str>,
}

impl Console {
    /// The progress of a round: of `round`, else the one that runs, else the newest. While a round
    /// runs, and for those that ended lately, the store is not asked.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn progress(
        &self,
        caller: &Caller,
        session: SessionId,
        round: Option<RoundId>,
    ) -> Result<Progress, Error> {
        self.0.refuse_stranger(caller, session).await?;
        self.0.progress(&caller.tenant(), session, round).await
    }
}

impl Inner {
    async fn progress(
        &self,
        tenant: &TenantId,
        session: SessionId,
        round: Option<RoundId>,
    ) -> Result<Progress, Error> {
        if let Some(live) = self.live.of(session)
            && live.is_of(tenant)
        {
            let progress = live.progress();
            if round.is_none_or(|id| id == progress.round_id) {
                return Ok(progress);
            }
        }
        if let Some(progress) = self.finished.of(tenant, session, round) {
            return Ok(progress);
        }
        let turn = self.finished.turn();
        let (record, is_newest) = self.stored_progress(tenant, session, round).await?;
        let progress = written(&record)?;
        if is_newest && record.round_status.is_terminal() {
            let finished = Finished {
                tenant: tenant.clone(),
                progress: progress.clone(),
            };
            self.finished.keep(session, finished, turn);
        }
        Ok(progress)
    }

    /// The progress of a stored round, and whether it is the newest.
    pub(crate) async fn stored_progress(
        &self,
        tenant: &TenantId,
        session: SessionId,
        round: Option<RoundId>,
    ) -> Result<(ProgressRecord, bool), Error> {
        let view = self.get_session(tenant, session).await?;
        let newest = view.rounds.last().map(|round| round.round_id);
        let chosen = match round {
            Some(id) => view.rounds.iter().find(|view| view.round_id == id),
            None => view.rounds.last(),
        };
        let chosen = chosen.ok_or_else(|| Error::not_found("round"))?;
        let growth = |seat: &SeatCallView| Growth {
            characters: seat.text.chars().count() as u64,
            newest_at: seat.ended_at.filter(|_| !seat.text.is_empty()),
        };
        let record = record(chosen, view.synthesis.status, &growth);
        Ok((record, newest == Some(chosen.round_id)))
    }
}

/// How much a seat has written, and when the newest words came.
pub(crate) struct Growth {
    pub characters: u64,
    pub newest_at: Option<Timestamp>,
}

/// The record of a round as it is shown.
pub(crate) fn record(
    view: &RoundView,
    synthesis: RecapStatus,
    growth: &dyn Fn(&SeatCallView) -> Growth,
) -> ProgressRecord {
    ProgressRecord {
        session_id: view.session_id,
        round_id: view.round_id,
        round_index: view.index,
        round_status: view.status,
        progress_version: view.progress_version,
        poll_after_ms: POLL_AFTER_MS,
        started_at: view.started_at,
        deadline_at: view.deadline_at,
        models: models(view, growth),
        recap_status: view.recap.status,
        synthesis_status: synthesis,
    }
}

/// One row a seat, in the phase it is in: its reaction once there is one to speak of.
pub(crate) fn models(
    view: &RoundView,
    growth: &dyn Fn(&SeatCallView) -> Growth,
) -> Vec<ModelProgress> {
    view.answers
        .iter()
        .map(|answer| {
            let reaction = view
                .reactions
                .iter()
                .find(|seat| seat.model == answer.model && seat.state != SeatState::Absent);
            let seat = reaction
                .filter(|_| answer.state == SeatState::Final)
                .unwrap_or(answer);
            let grown = growth(seat);
            ModelProgress {
                model: seat.model.clone(),
                phase: if seat.purpose == Purpose::React {
                    ModelPhase::React
                } else {
                    ModelPhase::Respond
                },
                state: seat.state,
                partial_text_length: grown.characters,
                last_chunk_at: grown.newest_at,
                error_code: seat.error_code,
            }
        })
        .collect()
}

pub(crate) fn written(record: &ProgressRecord) -> Result<Progress, Error> {
    let body = serde_json::to_string(record).map_err(|fault| Error::invalid(fault.to_string()))?;
    Ok(Progress {
        round_id: record.round_id,
        version: record.progress_version,
        body: body.into(),
    })
}
