//! The calls of a round at work: as they are planned, queued and ended.

use std::sync::PoisonError;

use husting_deliberation::round::{CallEnd, CallPlan, EndedCall};
use husting_domain::calls::{Call, CallState, Purpose, SeatErrorCode, is_of_a_filter};
use husting_domain::ids::HoldId;
use husting_domain::models::ModelId;

use super::AtWork;
use crate::chance;
use crate::convene::queued_call;

impl AtWork {
    pub(super) fn hold_of(&self, call: &CallPlan) -> Option<HoldId> {
        let holds = self.holds.lock().unwrap_or_else(PoisonError::into_inner);
        holds.get(&(call.model.clone(), call.purpose)).copied()
    }

    pub(super) fn forget_hold(&self, call: &CallPlan) {
        let mut holds = self.holds.lock().unwrap_or_else(PoisonError::into_inner);
        holds.remove(&(call.model.clone(), call.purpose));
    }

    pub(super) fn call_plans(&self, purpose: Purpose, seats: &[ModelId]) -> Vec<CallPlan> {
        let now = self.inner.now();
        let deadline = |model: &ModelId| {
            let seconds = self
                .inner
                .seconds_for(&self.terms.catalog, &self.terms.session, model);
            now.plus_millis(i64::from(seconds) * 1_000)
        };
        let plan = |model: &ModelId| CallPlan {
            id: chance::call_id(),
            model: model.clone(),
            purpose,
            started_at: now,
            deadline_at: deadline(model),
        };
        seats.iter().map(plan).collect()
    }

    /// UTF-8 bytes of the answers so far.
    pub(super) fn said_bytes(&self) -> u64 {
        let view = self.live.view();
        view.answers.iter().map(|seat| seat.text.len() as u64).sum()
    }

    /// A reaction as it is kept when it is queued. Its input is estimated already, as an answer's is.
    pub(super) fn queued_reaction(&self, call: &CallPlan, said_bytes: u64) -> Call {
        let prompt = self.terms.prompt_bytes.get(&call.model);
        let read = prompt.copied().unwrap_or(0).saturating_add(said_bytes);
        queued_call(
            call,
            &self.terms.session,
            &self.terms.round,
            read.div_ceil(4),
        )
    }

    /// The call as it is kept once ended.
    pub(super) fn ended_row(&self, ended: &EndedCall) -> Call {
        let mut row = queued_call(&ended.call, &self.terms.session, &self.terms.round, 0);
        row.first_text_at = ended.first_text_at;
        row.ended_at = Some(ended.ended_at);
        match &ended.end {
            CallEnd::Answer {
                text,
                claim_confidence,
                usage,
                finish_reason,
                is_partial,
            } => {
                let credit = *is_partial
                    && !is_of_a_filter(finish_reason)
                    && row.purpose == Purpose::Respond
                    && self.terms.lowered.contains(&ended.call.model);
                row.state = CallState::Final;
                row.text.clone_from(text);
                row.claim_confidence.clone_from(claim_confidence);
                row.usage = *usage;
                row.finish_reason = Some(if credit {
                    "credit_limit".to_owned()
                } else {
                    finish_reason.clone()
                });
                row.is_partial = *is_partial;
            }
            CallEnd::Failure {
                code,
                message,
                partial_text,
                usage,
                finish_reason,
            } => {
                row.state = CallState::Error;
                row.text.clone_from(partial_text);
                row.usage = *usage;
                row.finish_reason.clone_from(finish_reason);
                row.error_code = Some(*code);
                row.error_message = Some(message.clone());
                row.closed =
                    *code == SeatErrorCode::StreamInterrupted && self.inner.shutdown.is_cancelled();
            }
            CallEnd::Unreadable {
                message,
                text,
                usage,
            } => {
                row.state = CallState::Error;
                row.text.clone_from(text);
                row.usage = *usage;
                // The contract has no code of its own for it.
                row.error_code = Some(SeatErrorCode::ProviderError);
                row.error_message = Some(message.clone());
                row.unreadable = true;
            }
        }
        row
    }
}
