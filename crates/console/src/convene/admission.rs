//! Taking a round in: what it needs is there, its money is set aside, and it is kept with its calls in
//! one unit before anybody hears of it.

use husting_deliberation::round::{CallPlan, SeatPlan};
use husting_domain::calls::{Call, Purpose};
use husting_domain::ids::TenantId;
use husting_domain::models::ModelId;
use husting_domain::quotes::QuoteStatus;
use husting_domain::recaps::RecapStatus;
use husting_domain::rounds::{ModeratorSnippet, Phase, Round};
use husting_domain::sessions::{Session, SessionStatus};
use husting_domain::time::Timestamp;
use husting_store::{Require, Unit, Write};
use husting_wallet::holds::{self, RoundRequest};
use husting_wire::contract::progress::POLL_AFTER_MS;
use husting_wire::errors::Error;
use husting_wire::sessions::{SessionAck, SnippetAck};

use super::Proposal;
use super::round::queued_call;
use super::seats::check_seats;
use crate::catalog::Catalog;
use crate::errors::credit_exhausted;
use crate::halt::{self, Step};
use crate::running::Terms;
use crate::{Inner, chance};

impl Inner {
    /// Accepts the round, and goes on with it when whoever asked goes away: a round that was kept
    /// must not be left without anybody at work on it.
    pub(crate) async fn accept(
        self: &std::sync::Arc<Self>,
        tenant: &TenantId,
        catalog: Catalog,
        proposal: Proposal,
    ) -> Result<SessionAck, Error> {
        let (inner, tenant) = (self.clone(), tenant.clone());
        let accepting = async move { inner.keep_and_start(&tenant, catalog, proposal).await };
        self.undisturbed("The round could not be begun.", accepting)
            .await
    }

    /// Keeps the round with its calls and holds in one unit, then sets it to work.
    async fn keep_and_start(
        self: &std::sync::Arc<Self>,
        tenant: &TenantId,
        catalog: Catalog,
        mut proposal: Proposal,
    ) -> Result<SessionAck, Error> {
        let request = self.request_of(tenant, &catalog, &proposal).await?;
        if proposal.round.wants_synthesis {
            // Whoever looks while the round runs must not read that nobody asked for one.
            proposal.session.synthesis.status = RecapStatus::Pending;
            proposal.session.synthesis.failure = None;
        }
        if proposal.round.attempt == 0 {
            proposal.round.estimate = Some(self.estimate_of(tenant, &catalog, &proposal).await?);
        }
        let deadline = self.deadline(
            &catalog,
            &proposal.session,
            &proposal.asked,
            proposal.plan.started_at,
        );
        proposal.round.deadline_at = deadline.latest;
        proposal.plan.calls = deadline.calls;
        let prompt_tokens = |model: &ModelId| {
            request
                .seats
                .iter()
                .find(|seat| seat.model == *model)
                .map_or(0, |seat| seat.prompt_bytes.div_ceil(4))
        };
        let versions = if proposal.round.attempt > 0 {
            let (version, still) = self.version_of_retry(tenant, &proposal.round).await?;
            proposal.round.progress_version = version;
            Some(still)
        } else {
            None
        };
        // A stop that comes from now on means this round too.
        let stop = self.stops.token();
        self.held_before_commit(&proposal.conditions).await;
        let planned = self
            .change_wallet(tenant, |wallet| {
                let planned = holds::plan(wallet, &request, self.now(), chance::hold_id)
                    .map_err(|refused| credit_exhausted(&refused))?;
                let mut unit = opening(tenant, &proposal);
                for call in &proposal.plan.calls {
                    unit = unit.write(Write::InsertCall(queued(
                        call,
                        &proposal,
                        prompt_tokens(&call.model),
                    )));
                }
                let unit = unit.writes(planned.holds().cloned().map(Write::OpenHold));
                Ok((unit, planned))
            })
            .await?;
        drop(versions);
        halt::at(Step::Holding).await;
        proposal.plan.seats = proposal
            .session
            .models
            .iter()
            .map(|model| SeatPlan {
                model: model.clone(),
                max_output_tokens: planned
                    .call(model, Purpose::Respond)
                    .map_or(proposal.session.max_output_tokens, |call| {
                        call.max_output_tokens
                    }),
            })
            .collect();
        let version = proposal.round.progress_version;
        let ack = ack_of(&proposal.session, &proposal.round, version);
        self.set_to_work(Terms::new(
            tenant.clone(),
            catalog,
            proposal,
            &request,
            &planned,
            stop,
        ))
        .await;
        Ok(ack)
    }

    /// Whether the round would be accepted now. Nothing is kept or set aside by asking.
    ///
    /// # Errors
    /// As [`Inner::accept`] gives them.
    pub(super) async fn may_accept(
        &self,
        tenant: &TenantId,
        catalog: &Catalog,
        proposal: &Proposal,
    ) -> Result<(), Error> {
        let request = self.request_of(tenant, catalog, proposal).await?;
        let wallet = self.books(tenant).await?.wallet;
        let planned = holds::plan(&wallet, &request, self.now(), chance::hold_id);
        planned
            .map(drop)
            .map_err(|refused| credit_exhausted(&refused))
    }

    /// What the round may cost, where every seat that it calls can be called.
    async fn request_of(
        &self,
        tenant: &TenantId,
        catalog: &Catalog,
        proposal: &Proposal,
    ) -> Result<RoundRequest, Error> {
        let models = proposal.session.models.iter();
        let called: Vec<ModelId> = models
            .filter(|model| proposal.may_call(model))
            .cloned()
            .collect();
        check_seats(catalog, &self.keys, &called)?;
        self.check_keys(catalog, &called).await?;
        self.round_request(tenant, catalog, proposal).await
    }

    fn deadline(
        &self,
        catalog: &Catalog,
        session: &Session,
        asked: &[ModelId],
        from: Timestamp,
    ) -> Deadline {
        let calls: Vec<CallPlan> = asked
            .iter()
            .map(|model| CallPlan {
                id: chance::call_id(),
                model: model.clone(),
                purpose: Purpose::Respond,
                started_at: from,
                deadline_at: from
                    .plus_millis(i64::from(self.seconds_for(catalog, session, model)) * 1_000),
            })
            .collect();
        let latest = calls
            .iter()
            .map(|call| call.deadline_at)
            .max()
            .unwrap_or(from);
        Deadline { calls, latest }
    }
}

struct Deadline {
    calls: Vec<CallPlan>,
    latest: Timestamp,
}

/// The writes that open the round, with what must still hold.
fn opening(tenant: &TenantId, proposal: &Proposal) -> Unit {
    let Proposal {
        session,
        round,
        is_new_session,
        ..
    } = proposal;
    let unit = proposal
        .conditions
        .put_on(Unit::of(tenant.clone()), session, round);
    if *is_new_session {
        return unit
            .write(Write::InsertSession(session.clone()))
            .write(Write::InsertRound(round.clone()));
    }
    let at = round.started_at;
    // Before the round is there: it begins its own count of versions.
    let unit = unit.writes(round.wants_synthesis.then_some(Write::AwaitSynthesis {
        session: session.id,
        at,
    }));
    let unit = if round.attempt > 0 {
        unit.require(Require::NoRoundInProgress(session.id))
            .require(Require::NewestRound(session.id, round.id))
            .write(Write::ReopenRound {
                round: round.id,
                attempt: round.attempt,
                phase: Phase::Respond,
                deadline_at: round.deadline_at,
            })
    } else {
        unit.require(Require::SessionStatus(
            session.id,
            vec![SessionStatus::Ready],
        ))
        .require(Require::RoundCount(session.id, round.index))
        .write(Write::InsertRound(round.clone()))
        .write(Write::SetModeratorName {
            session: session.id,
            name: session.moderator_name.clone(),
            at,
        })
    };
    unit.write(Write::SetSessionStatus {
        session: session.id,
        status: SessionStatus::Processing,
        at,
    })
}

/// A call that waits for its provider. Its input is estimated already, so that a crash in the
/// middle of it can be settled from what is stored.
pub(super) fn queued(call: &CallPlan, proposal: &Proposal, prompt_tokens: u64) -> Call {
    queued_call(call, &proposal.session, &proposal.round, prompt_tokens)
}

/// `progress_version` is the round's as it is acknowledged, which later ones do not change.
pub(crate) fn ack_of(session: &Session, round: &Round, progress_version: u64) -> SessionAck {
    SessionAck {
        session_id: session.id,
        round_id: round.id,
        round_index: round.index,
        status: SessionStatus::Processing,
        progress_url: format!("/api/sessions/{}/progress", session.id),
        poll_after_ms: POLL_AFTER_MS,
        progress_version,
        rehearsal: session.rehearsal,
        snippets: snippet_acks(&round.snippets),
        // Told with the session, and not again with each of its rounds.
        disclosure: session
            .consent
            .disclosure
            .clone()
            .filter(|_| round.index == 0),
    }
}

/// How each forwarded quote was found, in their order.
pub(crate) fn snippet_acks(forwarded: &[ModeratorSnippet]) -> Vec<SnippetAck> {
    let acks = forwarded.iter().zip(0..).map(|(one, index)| SnippetAck {
        index,
        quote_status: one.quote_status,
        said_by: (one.quote_status == QuoteStatus::Misattributed)
            .then(|| one.snippet.quoted_model.clone()),
    });
    acks.collect()
}
