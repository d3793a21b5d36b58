//! A round at work: what the round asks of the program, joined from seats, wallet and store.

#[cfg(feature = "halt")]
mod apart;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use husting_clock::SharedClock;
use husting_deliberation::round::{
    self, CallEnd, CallPlan, Control, EndedCall, HostFault, RoundHost, RoundPlan, RoundResult,
};
use husting_domain::calls::{Call, CallState, Purpose, SeatErrorCode};
use husting_domain::exchange::{Prompt, SeatEvent, SeatOutcome};
use husting_domain::ids::{HoldId, TenantId};
use husting_domain::models::ModelId;
use husting_domain::money::MicroUsd;
use husting_domain::rounds::{ClientAction, Phase, Round, RoundStatus, recommended_action};
use husting_domain::sessions::{Session, SessionSource, SessionStatus};
use husting_domain::time::Timestamp;
use husting_store::{Require, Unit, Write};
use husting_wallet::holds::{self, RoundRequest, SeatRequest};
use husting_wallet::preflight::SessionSpending;
use husting_wallet::refund::{self, RefundAmount};
use husting_wallet::settle;
use husting_wallet::wallet::Wallet;
use husting_wire::answers::{RetryNote, SeatState};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::events::Event;
use husting_wire::rounds::RoundView;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::catalog::Catalog;
use crate::convene::{Proposal, queued_call};
use crate::halt::{self, Step};
use crate::live::{LiveRound, seat_mut};
use crate::recovery::Cause;
use crate::seating::{before_call, check_window};
use crate::{Inner, chance, views};

/// What an accepted round is run under.
pub(crate) struct Terms {
    tenant: TenantId,
    catalog: Catalog,
    session: Session,
    round: Round,
    plan: Option<RoundPlan>,
    holds: HashMap<(ModelId, Purpose), HoldId>,
    /// What all of them set aside.
    held: MicroUsd,
    lowered: Vec<ModelId>,
    /// Bytes each seat reads before it answers.
    prompt_bytes: HashMap<ModelId, u64>,
}

impl Terms {
    pub fn new(
        tenant: TenantId,
        catalog: Catalog,
        proposal: Proposal,
        request: &RoundRequest,
        planned: &holds::RoundPlan,
    ) -> Self {
        let holds = planned
            .calls
            .iter()
            .filter_map(|call| Some(((call.model.clone(), call.purpose), call.hold.as_ref()?.id)))
            .collect();
        let answers = planned
            .calls
            .iter()
            .filter(|call| call.lowered && call.purpose == Purpose::Respond);
        let lowered = answers.map(|call| call.model.clone()).collect();
        let seats = request.seats.iter();
        let prompt_bytes = seats
            .map(|seat| (seat.model.clone(), seat.prompt_bytes))
            .collect();
        let Proposal {
            session,
            round,
            plan,
            ..
        } = proposal;
        Self {
            tenant,
            catalog,
            session,
            round,
            plan: Some(plan),
            holds,
            held: planned.held(),
            lowered,
            prompt_bytes,
        }
    }
}

/// One round's host.
struct AtWork {
    inner: Arc<Inner>,
    terms: Terms,
    live: Arc<LiveRound>,
    /// Holds of calls that have not settled.
    holds: Mutex<HashMap<(ModelId, Purpose), HoldId>>,
    /// Tokens per second of rehearsal seats.
    pace: Option<u32>,
    /// Somebody was told that words are coming.
    streaming: AtomicBool,
}

impl Inner {
    /// Starts the accepted round and tells everybody.
    pub(crate) async fn set_to_work(self: &Arc<Self>, mut terms: Terms) {
        let control = Control::new(self.shutdown.clone(), terms.session.models.iter());
        let Some(plan) = terms.plan.take() else {
            return;
        };
        let view = self.first_view(&terms, &plan).await;
        let live = LiveRound::new(view, control);
        self.live.insert(terms.session.id, live.clone());
        self.tell(Event::RoundChanged {
            round: live.change(|_| ()),
        });
        self.tell_session(&terms.tenant, terms.session.id).await;
        self.tell_wallet(&terms.tenant).await;
        let pace = match terms.session.source {
            // Scripts are not made to wait for a pace that only eyes want.
            SessionSource::Cli => None,
            _ => Some(self.settings().rehearsal_tokens_per_second),
        };
        let holds = Mutex::new(std::mem::take(&mut terms.holds));
        let at_work = AtWork {
            inner: self.clone(),
            terms,
            live,
            holds,
            pace,
            streaming: AtomicBool::new(false),
        };
        self.tasks.spawn(at_work.run(plan));
    }

    /// What is shown of a round when it begins. One that is tried again keeps what stands.
    async fn first_view(&self, terms: &Terms, plan: &RoundPlan) -> RoundView {
        let kept = if terms.round.attempt > 0 {
            self.round_view(&terms.tenant, terms.session.id, terms.round.id)
                .await
                .inspect_err(|fault| tracing::warn!(%fault, "a round's answers cannot be shown"))
                .unwrap_or_default()
        } else {
            None
        };
        let mut view = kept.unwrap_or_else(|| {
            views::fresh_round(&terms.session, &terms.round, plan, &terms.catalog)
        });
        view.phase_started_at = plan.started_at;
        view.held = terms.held;
        view
    }
}

impl AtWork {
    async fn run(self, plan: RoundPlan) {
        let control = self.live.control.clone();
        if let Err(fault) = round::run(&self, plan, &control).await {
            tracing::error!(%fault, cause = ?std::error::Error::source(&fault), round = %self.terms.round.id, "a round could not go on");
            self.end_as_after_a_crash().await;
        }
        self.inner.live.remove(self.terms.session.id, &self.live);
        self.live.over.send_replace(true);
        self.inner
            .tell_finished_round(
                &self.terms.tenant,
                self.terms.session.id,
                self.terms.round.id,
            )
            .await;
    }

    /// What was settled stays and the rest is ended from what is stored. The store has just failed
    /// us, so it is tried until it works again, or until the next start does it.
    async fn end_as_after_a_crash(&self) {
        const PAUSE_MILLIS: i64 = 2_000;
        while let Err(fault) = self
            .inner
            .end_round(&self.terms.tenant, &self.terms.round, Cause::Store)
            .await
        {
            tracing::error!(%fault, "the round cannot be ended yet");
            tokio::select! {
                () = self.inner.clock.sleep_until(self.inner.now().plus_millis(PAUSE_MILLIS)) => {}
                () = self.inner.shutdown.cancelled() => return,
            }
        }
    }

    fn unit(&self) -> Unit {
        Unit::of(self.terms.tenant.clone()).require(Require::RoundInProgress(self.terms.round.id))
    }

    async fn keep(&self, doing: &'static str, unit: Unit) -> Result<(), HostFault> {
        self.inner
            .store
            .commit(unit)
            .await
            .map_err(|fault| host_fault(doing, fault))
    }

    fn change(&self, change: impl FnOnce(&mut RoundView)) {
        let round = self.live.change(change);
        self.inner.tell(Event::RoundChanged { round });
    }

    fn hold_of(&self, call: &CallPlan) -> Option<HoldId> {
        let holds = self.holds.lock().unwrap_or_else(PoisonError::into_inner);
        holds.get(&(call.model.clone(), call.purpose)).copied()
    }

    fn forget_hold(&self, call: &CallPlan) {
        let mut holds = self.holds.lock().unwrap_or_else(PoisonError::into_inner);
        holds.remove(&(call.model.clone(), call.purpose));
    }

    fn call_plans(&self, purpose: Purpose, seats: &[ModelId]) -> Vec<CallPlan> {
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
    fn said_bytes(&self) -> u64 {
        let view = self.live.view();
        view.answers.iter().map(|seat| seat.text.len() as u64).sum()
    }

    /// A reaction as it is kept when it is queued. Its input is estimated already, as an answer's is.
    fn queued_reaction(&self, call: &CallPlan, said_bytes: u64) -> Call {
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
    fn ended_row(&self, ended: &EndedCall) -> Call {
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
            } => {
                row.state = CallState::Error;
                row.text.clone_from(partial_text);
                row.usage = *usage;
                row.error_code = Some(*code);
                row.error_message = Some(message.clone());
            }
        }
        row
    }

    /// Keeps the ended call, its debit and the release of its hold as one unit.
    async fn settle_row(&self, mut row: Call, hold: Option<HoldId>) -> Result<Call, Error> {
        let price = self
            .terms
            .catalog
            .entry(&row.model)
            .map(crate::catalog::Entry::price)
            .unwrap_or_default();
        row.cost = price.cost(&row.usage);
        let tenant = &self.terms.tenant;
        if hold.is_none() && row.cost == MicroUsd::ZERO {
            // Nothing to pay: the wallet is not even read.
            let unit = Unit::of(tenant.clone())
                .require(Require::CallOpen(row.id))
                .write(Write::FinishCall(row.clone()));
            self.inner
                .store
                .commit(unit)
                .await
                .map_err(|fault| crate::errors::commit_fault(&fault))?;
            return Ok(row);
        }
        #[cfg(feature = "halt")]
        if halt::settles_apart() {
            return self.settle_apart(row, price, hold).await;
        }
        halt::at(Step::BeforeCommit).await;
        let at = self.inner.now();
        self.inner
            .change_wallet(tenant, |wallet| {
                Ok((settled(wallet, &row, price, hold, at)?, ()))
            })
            .await?;
        Ok(row)
    }
}

/// The unit that ends `row` and pays for it.
pub(crate) fn settled(
    wallet: &Wallet,
    row: &Call,
    price: husting_domain::money::Price,
    hold: Option<HoldId>,
    at: Timestamp,
) -> Result<Unit, Error> {
    let call = settle::EndedCall {
        call_id: row.id,
        session_id: row.session_id,
        round_id: row.round_id,
        model: row.model.clone(),
        purpose: row.purpose,
        usage: row.usage,
        price,
        hold,
    };
    let settlement = settle::settle(wallet, call, at, chance::transaction_id).map_err(|fault| {
        Error::new(
            ErrorCode::Internal,
            format!("The call was settled before: {fault}."),
        )
    })?;
    let usable = row.state == CallState::Final;
    let refund = settlement
        .debit()
        .filter(|_| wallet.terms.owes_refund(usable))
        .and_then(|debit| {
            refund::refund(debit, &[], RefundAmount::Full, chance::transaction_id(), at).ok()
        });
    Ok(Unit::of(TenantId::local())
        .require(Require::CallOpen(row.id))
        .write(Write::FinishCall(row.clone()))
        .writes(settlement.transactions.into_iter().map(Write::Post))
        .writes(refund.map(Write::Post))
        .writes(settlement.closed_hold.map(Write::CloseHold)))
}

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
        let calls = self.call_plans(Purpose::React, seats);
        let now = self.inner.now();
        let deadline_at = calls
            .iter()
            .map(|call| call.deadline_at)
            .max()
            .unwrap_or(now);
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

    async fn open_repair(&self, seat: &ModelId) -> Result<Option<CallPlan>, HostFault> {
        let Some(call) = self
            .call_plans(Purpose::React, std::slice::from_ref(seat))
            .pop()
        else {
            return Ok(None);
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
        self.keep("note that an answer began", unit).await?;
        if !self.streaming.swap(true, Ordering::Relaxed) {
            self.inner.tell_session(&self.terms.tenant, session).await;
        }
        Ok(())
    }

    async fn checkpoint(&self, call: &CallPlan, text: &str) -> Result<(), HostFault> {
        let unit = self.unit().write(Write::CheckpointCall {
            call: call.id,
            text: text.to_owned(),
        });
        self.keep("keep a partial answer", unit).await
    }

    async fn settle(&self, ended: EndedCall) -> Result<(), HostFault> {
        let hold = self.hold_of(&ended.call);
        let row = self
            .settle_row(self.ended_row(&ended), hold)
            .await
            .map_err(|fault| host_fault("keep and pay an answer", fault))?;
        halt::at(Step::AfterCommit).await;
        self.forget_hold(&ended.call);
        let debits = self
            .inner
            .debits_of(&self.terms.tenant, self.terms.round.id)
            .await
            .unwrap_or_default();
        let held = self
            .inner
            .held_for(&self.terms.tenant, self.terms.round.id)
            .await
            .unwrap_or_default();
        self.change(|view| {
            if let Some(seat) = seat_mut(view, &row.model, row.purpose) {
                views::end(seat, &row);
            }
            view.debits = debits;
            view.held = held;
            views::sum_up(view);
        });
        if hold.is_some() || row.cost > MicroUsd::ZERO {
            self.inner.tell_wallet(&self.terms.tenant).await;
        }
        Ok(())
    }

    async fn finish(&self, result: RoundResult) -> Result<(), HostFault> {
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
                timings: result.timings,
                cancelled: result.cancelled,
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

    fn show(&self, call: &CallPlan, event: &SeatEvent) {
        match event {
            SeatEvent::Text(words) => {
                let Some(offset) = self.live.add_text(&call.model, call.purpose, words) else {
                    return;
                };
                // A reaction is JSON on its way; nobody reads it word by word.
                if call.purpose == Purpose::Respond {
                    self.inner.tell(Event::SeatText {
                        session_id: self.terms.session.id,
                        round_id: self.terms.round.id,
                        model: call.model.clone(),
                        purpose: call.purpose,
                        offset,
                        text: words.clone(),
                    });
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

fn host_fault(
    doing: &'static str,
    source: impl std::error::Error + Send + Sync + 'static,
) -> HostFault {
    HostFault {
        doing,
        source: Box::new(source),
    }
}
