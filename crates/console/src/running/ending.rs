//! The end of a round, and what it makes of its session.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use husting_deliberation::round::{HostFault, RoundResult};
use husting_domain::calls::SeatErrorCode;
use husting_domain::ids::HoldId;
use husting_domain::rounds::{ClientAction, Round, RoundStatus, recommended_action};
use husting_domain::sessions::SessionStatus;
use husting_domain::time::Timestamp;
use husting_store::Write;
use husting_wire::answers::SeatState;

use super::AtWork;
use crate::halt::{self, Step};

impl AtWork {
    /// Keeps the finished round and releases what no call has used.
    pub(super) async fn conclude(&self, result: RoundResult) -> Result<(), HostFault> {
        halt::at(Step::Mapping).await;
        let at = result.ended_at;
        let errors: Vec<_> = self
            .live
            .view()
            .answers
            .iter()
            .filter_map(|seat| seat.error_code)
            .collect();
        let status = session_status_after(&self.terms.round, &result, &errors);
        let leftover: Vec<HoldId> = {
            let mut holds = self.holds.lock().unwrap_or_else(PoisonError::into_inner);
            holds.drain().map(|(_, hold)| hold).collect()
        };
        let unit = self
            .unit()
            .write(Write::FinishRound {
                round: self.terms.round.id,
                status: result.status,
                ended_at: at,
                // Nothing of a failed round enters later context; the map before it stays the newest.
                claim_map: (result.status != RoundStatus::Failed).then_some(result.claim_map),
                reactions: result.reactions,
                timings: self.terms.round.timings.with_retry(result.timings),
                cancelled: result.cancelled,
                progress_version: self.live.last_version(),
            })
            .writes(leftover.into_iter().map(Write::CloseHold))
            .write(Write::SetSessionStatus {
                session: self.terms.session.id,
                status,
                at,
            });
        // Holds change the wallet, so its turn is taken; the unit itself needs no figures of it.
        let _turn = self.inner.wallet_turn.lock().await;
        self.keep("keep the finished round", unit).await
    }

    /// Whose test failed before they answered here is no longer shown as one that fails.
    pub(super) async fn note_who_answered(&self) {
        let view = self.live.view();
        let mut answered: BTreeMap<&str, Timestamp> = BTreeMap::new();
        for seat in &view.answers {
            let provider = self.terms.catalog.entry(&seat.model);
            let ended = seat.ended_at.filter(|_| seat.state == SeatState::Final);
            if let (Some(entry), Some(at)) = (provider, ended) {
                let newest = answered.entry(&entry.model.provider).or_insert(at);
                *newest = at.max(*newest);
            }
        }
        let noted = self.inner.have_answered(&self.terms.tenant, &answered);
        if let Err(fault) = noted.await {
            tracing::warn!(%fault, "a failed test of a provider that has answered since is still shown");
        }
    }
}

/// Only a first round that failed for good, and that nobody ended by hand, fails its session.
pub(crate) fn session_status_after(
    round: &Round,
    result: &RoundResult,
    errors: &[SeatErrorCode],
) -> SessionStatus {
    let for_good = recommended_action(result.status, errors) == ClientAction::Abandon;
    let by_hand = result.cancelled || errors.iter().all(|code| *code == SeatErrorCode::Cancelled);
    if round.index == 0 && result.status == RoundStatus::Failed && for_good && !by_hand {
        SessionStatus::Failed
    } else {
        SessionStatus::Ready
    }
}
