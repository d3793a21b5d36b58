//! What a round asks of the program around it.

use std::sync::atomic::Ordering;

use async_trait::async_trait;
use husting_clock::SharedClock;
use husting_deliberation::round::{CallPlan, EndedCall, HostFault, RoundHost, RoundResult};
use husting_domain::calls::Purpose;
use husting_domain::exchange::{Prompt, SeatEvent, SeatOutcome};
use husting_domain::models::ModelId;
use husting_domain::money::MicroUsd;
use husting_domain::rounds::Phase;
use husting_domain::sessions::SessionStatus;
use husting_domain::time::Timestamp;
use husting_store::Write;
use husting_wire::answers::{RetryNote, SeatState};
use husting_wire::events::Event;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::AtWork;
use super::host_fault;
use crate::halt::{self, Step};
use crate::live::seat_mut;
use crate::seating::{before_call, check_window};
use crate::{chance, views};

#[async_trait]
impl RoundHost for AtWork {
    fn clock(&self) -> &SharedClock {
        &self.inner.clock
    }

    fn nonce(&self, seat: &ModelId, block: &str) -> String {
        chance::nonce(
            &self.inner.fence_secret,
            &[&self.terms.session.id.to_string(), seat.as_str(), block],
        )
    }

    async fn ask(
        &self,
        call: &CallPlan,
        prompt: &Prompt,
        cancel: CancellationToken,
        events: mpsc::Sender<SeatEvent>,
    ) -> SeatOutcome {
        let entry = self
            .terms
            .catalog
            .entry(&call.model)
            .ok_or_else(|| before_call("The model was removed."))?;
        // A reaction has one cap for everybody, which may be more than the model can write.
        let prompt = &Prompt {
            max_output_tokens: prompt.max_output_tokens.min(entry.model.max_output_tokens),
            ..prompt.clone()
        };
        check_window(entry, prompt)?;
        let seat = self
            .inner
            .seat(&self.terms.catalog, &call.model, self.pace)
            .await?;
        seat.call(
            prompt,
            husting_seats::CallTerms {
                deadline: call.deadline_at,
                cancel,
            },
            events,
        )
        .await
    }

    async fn enter(&self, phase: Phase, seats: &[ModelId]) -> Result<Vec<CallPlan>, HostFault> {
        self.begin_phase(phase, seats).await
    }

    async fn open_repair(&self, seat: &ModelId) -> Result<Option<CallPlan>, HostFault> {
        self.begin_repair(seat).await
    }

    async fn first_text(&self, call: &CallPlan, at: Timestamp) -> Result<(), HostFault> {
        let (session, status) = (self.terms.session.id, SessionStatus::Streaming);
        let unit = self
            .unit()
            .write(Write::FirstText { call: call.id, at })
            .write(Write::SetSessionStatus {
                session,
                status,
                at,
            });
        self.change(|view| {
            if let Some(seat) = seat_mut(view, &call.model, call.purpose) {
                seat.state = SeatState::Streaming;
                seat.first_text_at = Some(at);
                seat.retrying = None;
            }
        });
        self.keep_if_can("note that an answer began", unit).await;
        if !self.streaming.swap(true, Ordering::Relaxed) {
            self.inner.tell_session(&self.terms.tenant, session).await;
        }
        Ok(())
    }

    async fn checkpoint(&self, call: &CallPlan, text: &str) -> Result<(), HostFault> {
        let unit = self.unit().write(Write::CheckpointCall {
            call: call.id,
            text: text.to_owned(),
            at: self.inner.now(),
        });
        self.keep_if_can("keep a partial answer", unit).await;
        Ok(())
    }

    async fn settle(&self, ended: EndedCall) -> Result<(), HostFault> {
        let hold = self.hold_of(&ended.call);
        let row = self
            .settle_however_long(self.ended_row(&ended), hold)
            .await
            .map_err(|fault| host_fault("keep and pay an answer", fault))?;
        halt::at(Step::AfterCommit).await;
        self.forget_hold(&ended.call);
        let turn = self.booking_turn.lock().await;
        let debits = self
            .inner
            .debits_of(&self.terms.tenant, self.terms.round.id)
            .await;
        let held = self
            .inner
            .held_for(&self.terms.tenant, self.terms.round.id)
            .await;
        self.change(|view| {
            if let Some(seat) = seat_mut(view, &row.model, row.purpose) {
                views::end(seat, &row);
            }
            // What cannot be read now is shown as it was.
            if let Ok(debits) = debits {
                view.debits = debits;
            }
            if let Ok(held) = held {
                view.held = held;
            }
            views::sum_up(view);
        });
        drop(turn);
        self.live.paid(&row);
        if hold.is_some() || row.cost > MicroUsd::ZERO {
            self.inner.tell_wallet(&self.terms.tenant).await;
        }
        Ok(())
    }

    async fn finish(&self, result: RoundResult) -> Result<(), HostFault> {
        // First, so that whoever hears of the end finds it noted.
        self.note_who_answered().await;
        self.conclude(result).await
    }

    fn show(&self, call: &CallPlan, event: &SeatEvent) {
        match event {
            SeatEvent::Text(words) => {
                let Some(offset) = self.live.add_text(&call.model, call.purpose, words) else {
                    return;
                };
                // A reaction is JSON on its way; nobody reads it word by word.
                if call.purpose == Purpose::Respond {
                    self.inner.tell_of(
                        &self.terms.tenant,
                        Event::SeatText {
                            session_id: self.terms.session.id,
                            round_id: self.terms.round.id,
                            model: call.model.clone(),
                            purpose: call.purpose,
                            offset,
                            text: words.clone(),
                        },
                    );
                }
            }
            SeatEvent::Alive => {}
            SeatEvent::Retrying {
                attempt,
                code,
                message,
                after_millis,
            } => {
                let note = RetryNote {
                    attempt: *attempt,
                    code: *code,
                    message: message.clone(),
                    after_ms: *after_millis,
                };
                self.change(|view| {
                    if let Some(seat) = seat_mut(view, &call.model, call.purpose) {
                        seat.retrying = Some(note);
                    }
                });
            }
        }
    }
}
