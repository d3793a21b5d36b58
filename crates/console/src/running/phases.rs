//! A round that goes on: to its next phase, or to a second reaction of one seat.

use std::sync::PoisonError;

use husting_deliberation::round::{CallPlan, HostFault};
use husting_domain::calls::Purpose;
use husting_domain::models::ModelId;
use husting_domain::money::MicroUsd;
use husting_domain::rounds::Phase;
use husting_domain::sessions::SessionStatus;
use husting_store::Write;
use husting_wallet::holds::{self, RoundRequest, SeatRequest};
use husting_wallet::preflight::SessionSpending;
use husting_wire::errors::ErrorCode;

use super::AtWork;
use super::host_fault;
use crate::live::seat_mut;
use crate::{chance, views};

impl AtWork {
    /// Keeps the phase with its calls, then shows it.
    pub(super) async fn begin_phase(
        &self,
        phase: Phase,
        seats: &[ModelId],
    ) -> Result<Vec<CallPlan>, HostFault> {
        let calls = self.call_plans(Purpose::React, seats);
        let now = self.inner.now();
        // A phase without calls has no deadline of its own.
        let deadline_at = calls
            .iter()
            .map(|call| call.deadline_at)
            .max()
            .unwrap_or_else(|| self.live.view().deadline_at);
        let mut unit = self.unit().write(Write::SetRoundPhase {
            round: self.terms.round.id,
            phase,
            deadline_at,
        });
        let said = self.said_bytes();
        for call in &calls {
            unit = unit.write(Write::InsertCall(self.queued_reaction(call, said)));
        }
        if phase == Phase::Map {
            let (session, at) = (self.terms.session.id, now);
            unit = unit.write(Write::SetSessionStatus {
                session,
                status: SessionStatus::Processing,
                at,
            });
        }
        self.keep("begin a phase", unit).await?;
        self.change(|view| {
            view.phase = phase;
            view.phase_started_at = now;
            view.deadline_at = deadline_at;
            for call in &calls {
                if let Some(seat) = seat_mut(view, &call.model, call.purpose) {
                    views::queue(seat, call);
                }
            }
        });
        Ok(calls)
    }

    /// One more reaction call, where the wallet covers it.
    pub(super) async fn begin_repair(&self, seat: &ModelId) -> Result<Option<CallPlan>, HostFault> {
        let Some(call) = self
            .call_plans(Purpose::React, std::slice::from_ref(seat))
            .pop()
        else {
            return Ok(None);
        };
        // It has what is left of the phase, whose end was told.
        let call = CallPlan {
            deadline_at: call.deadline_at.min(self.live.view().deadline_at),
            ..call
        };
        let Some(entry) = self.terms.catalog.entry(seat) else {
            return Ok(None);
        };
        let spent = self
            .inner
            .charged_to(&self.terms.tenant, self.terms.session.id)
            .await
            .map_err(|fault| host_fault("read the session's spending", fault))?;
        let said = self.said_bytes();
        let prompt = self.terms.prompt_bytes.get(seat).copied().unwrap_or(0);
        let request = RoundRequest {
            session: SessionSpending {
                session_id: self.terms.session.id,
                limit: self.terms.session.spend_limit,
                spent,
            },
            round_id: self.terms.round.id,
            max_output_tokens: self.terms.session.max_output_tokens,
            // The answers with their numbers, and the reaction that could not be read.
            reaction_bytes: prompt + said * 2 + 32_768,
            seats: vec![SeatRequest {
                model: seat.clone(),
                price: entry.price(),
                minimum: MicroUsd::ZERO,
                output_cap: entry.model.max_output_tokens,
                prompt_bytes: 0,
                answers: false,
                reacts: true,
            }],
        };
        let opened = self
            .inner
            .change_wallet(&self.terms.tenant, |wallet| {
                let planned = holds::plan(wallet, &request, self.inner.now(), chance::hold_id)
                    .map_err(|refused| crate::errors::credit_exhausted(&refused))?;
                let hold = planned
                    .call(seat, Purpose::React)
                    .and_then(|call| call.hold.clone());
                let row = self.queued_reaction(&call, said);
                let unit = self
                    .unit()
                    .write(Write::InsertCall(row))
                    .writes(hold.clone().map(Write::OpenHold));
                Ok((unit, hold))
            })
            .await;
        match opened {
            Ok(hold) => {
                if let Some(hold) = hold {
                    let key = (seat.clone(), Purpose::React);
                    self.holds
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .insert(key, hold.id);
                }
                self.change(|view| {
                    if let Some(seat) = seat_mut(view, &call.model, call.purpose) {
                        views::queue(seat, &call);
                    }
                });
                Ok(Some(call))
            }
            Err(refused) if refused.code == ErrorCode::CreditExhausted => Ok(None),
            Err(fault) => Err(host_fault("open a second reaction", fault)),
        }
    }
}
