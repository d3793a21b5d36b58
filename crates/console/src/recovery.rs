//! After a crash: rounds that were in flight end by themselves, with what was kept.
//!
//! Final answers stay. A call that had begun to stream is settled from its checkpoint, because
//! its provider charges for it; one that had not is released. Nothing is called.

use std::sync::{Arc, Weak};

use husting_deliberation::reactions;
use husting_deliberation::round::{RoundPlan, RoundResult, SeatPlan, joined};
use husting_domain::calls::{CLOSED_MIDWAY, Call, CallState, Purpose, SeatErrorCode};
use husting_domain::claims::ClaimMap;
use husting_domain::ids::TenantId;
use husting_domain::models::ModelId;
use husting_domain::money::Usage;
use husting_domain::rounds::{ReactionSet, Round, RoundStatus, RoundTimings};
use husting_domain::time::Timestamp;
use husting_store::{Require, Tenanted, Unit, Write};
use husting_wire::errors::Error;

use crate::Inner;
use crate::catalog::{Catalog, Entry};
use crate::convene::roster_of;
use crate::errors::{Outward, is_out_of_space};
use crate::pauses::until_space_may_be;
use crate::running::{session_status_after, settled};
use crate::sessions::SessionFacts;

/// Why a round is ended from what is stored of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The program ended and was started again.
    Restart,
    /// The store failed while the round ran.
    Store,
    /// The round's own task broke off.
    Fault,
}

/// Versions of a round's progress that were told while it ran are not stored; no round tells as many.
const GENERATION: u64 = 1_000_000;

/// Does what a start owes: ends every round that was in flight and books what the calendar owes.
/// Where nothing but space is wanting, that waits for it, and what is kept can be read meanwhile.
pub(crate) async fn catch_up(inner: &Arc<Inner>) -> Result<(), Error> {
    let unfinished = inner.store.unfinished_rounds().await.outward()?;
    let Err(fault) = inner.settle_the_start(&unfinished).await else {
        return Ok(());
    };
    if !is_out_of_space(&fault) {
        return Err(fault);
    }
    tracing::warn!("the disk is full: what is kept can be read, and nothing new can be kept");
    inner
        .tasks
        .spawn(catch_up_with_space(Arc::downgrade(inner), unfinished));
    Ok(())
}

/// Tries again until there is space. Rounds that were begun since are none of its business.
async fn catch_up_with_space(inner: Weak<Inner>, unfinished: Vec<Tenanted<Round>>) {
    while let Some(console) = until_space_may_be(&inner).await {
        match console.settle_the_start(&unfinished).await {
            Ok(()) => return console.tell_settled_start(&unfinished).await,
            Err(fault) if is_out_of_space(&fault) => {}
            Err(fault) => {
                tracing::error!(%fault, "what the last run left is settled at the next start");
                return;
            }
        }
    }
}

impl Inner {
    /// Ends these rounds, and books what is due.
    async fn settle_the_start(&self, unfinished: &[Tenanted<Round>]) -> Result<(), Error> {
        for found in unfinished {
            tracing::info!(round = %found.row.id, "ending a round that was in flight");
            let (tenant, round) = (&found.tenant, &found.row);
            let catalog = self.catalog(tenant).await?;
            self.end_round(tenant, round, Cause::Restart, &catalog)
                .await?;
        }
        self.settle_the_calendar().await
    }

    async fn tell_settled_start(&self, unfinished: &[Tenanted<Round>]) {
        tracing::info!("the disk has space again; what the last run left is settled");
        for found in unfinished {
            let (tenant, round) = (&found.tenant, &found.row);
            self.tell_finished_round(tenant, round.session_id, round.id)
                .await;
        }
    }

    /// Ends one round from what is stored of it; its calls are paid at the prices of `catalog`.
    pub(crate) async fn end_round(
        &self,
        tenant: &TenantId,
        round: &Round,
        cause: Cause,
        catalog: &Catalog,
    ) -> Result<(), Error> {
        let facts = self.session_facts(tenant, round.session_id).await?;
        let open = facts
            .calls
            .iter()
            .filter(|call| call.round_id == round.id && !call.state.is_terminal());
        // What nobody saw is not counted: the program may have been away for days.
        let until = match cause {
            Cause::Restart => last_known(&facts, round),
            Cause::Store | Cause::Fault => self.now(),
        };
        for call in open {
            let row = interrupted(call, until, self.now(), cause);
            self.end_call(tenant, catalog, &facts, row).await?;
        }
        let facts = self.session_facts(tenant, round.session_id).await?;
        let Some(round) = facts.rounds.iter().find(|stored| stored.id == round.id) else {
            return Ok(());
        };
        if round.status.is_terminal() {
            // What looked lost had been kept after all.
            return Ok(());
        }
        let result = concluded(&facts, round, catalog, until);
        let errors: Vec<SeatErrorCode> = facts
            .session
            .models
            .iter()
            .filter_map(|model| facts.call(round.id, model, Purpose::Respond)?.error_code)
            .collect();
        let status = session_status_after(round, &result, &errors);
        let leftover = facts
            .holds
            .iter()
            .filter(|hold| hold.occasion.is_round(round.id))
            .map(|hold| Write::CloseHold(hold.id));
        let unit = Unit::of(tenant.clone())
            .require(Require::RoundInProgress(round.id))
            .write(Write::FinishRound {
                round: round.id,
                status: result.status,
                ended_at: result.ended_at,
                claim_map: (result.status != RoundStatus::Failed).then_some(result.claim_map),
                reactions: result.reactions,
                timings: round.timings.with_retry(result.timings),
                cancelled: false,
                progress_version: round.progress_version + GENERATION,
            })
            .writes(leftover)
            .write(Write::SetSessionStatus {
                session: round.session_id,
                status,
                at: self.now(),
            });
        let _turn = self.wallet_turn.lock().await;
        self.store.commit(unit).await.outward()?;
        Ok(())
    }

    async fn end_call(
        &self,
        tenant: &TenantId,
        catalog: &Catalog,
        facts: &SessionFacts,
        row: Call,
    ) -> Result<(), Error> {
        let now = self.now();
        let price = catalog
            .entry(&row.model)
            .map(Entry::price)
            .unwrap_or_default();
        let row = Call {
            cost: price.cost(&row.usage),
            ..row
        };
        let hold = facts
            .holds
            .iter()
            .find(|hold| {
                hold.occasion.is_round(row.round_id)
                    && hold.model == row.model
                    && hold.purpose == row.purpose
            })
            .map(|hold| hold.id);
        let ended = self
            .change_wallet(tenant, |wallet| {
                Ok((settled(tenant, wallet, &row, price, hold, now)?, ()))
            })
            .await;
        let stored = self.store.call(tenant, row.id).await.outward()?;
        // A call whose end was on its way to the disk when its round broke off has ended there.
        if stored.is_some_and(|stored| stored.state.is_terminal()) {
            return Ok(());
        }
        ended
    }
}

/// An open call as it ended with the program, or without the store: `until` then it was at work.
fn interrupted(call: &Call, until: Timestamp, now: Timestamp, cause: Cause) -> Call {
    let expired = cause == Cause::Restart && now > call.deadline_at;
    let message = match cause {
        Cause::Restart => CLOSED_MIDWAY,
        Cause::Store => "The data folder could not be written, so what was said could not be kept.",
        Cause::Fault => {
            "Husting itself failed while the call ran; the log has the cause, and what was said up to then is kept."
        }
    };
    Call {
        state: CallState::Error,
        ended_at: Some(until),
        usage: used_so_far(call),
        error_code: Some(if expired {
            SeatErrorCode::DeadlineExpired
        } else {
            SeatErrorCode::StreamInterrupted
        }),
        error_message: Some(message.to_owned()),
        closed: cause == Cause::Restart,
        ..call.clone()
    }
}

/// What a call that broke off is taken to have used: its provider charges for one that had begun to
/// write, and for no other.
pub(crate) fn used_so_far(call: &Call) -> Usage {
    match call.state {
        CallState::Streaming => Usage {
            output: (call.text.len() as u64).div_ceil(4),
            estimated: true,
            ..call.usage
        },
        CallState::Queued | CallState::Final | CallState::Error => Usage::default(),
    }
}

/// What the round amounts to with the answers and reactions that were kept.
fn concluded(
    facts: &SessionFacts,
    round: &Round,
    catalog: &Catalog,
    until: Timestamp,
) -> RoundResult {
    let answers = facts.answers(round.id);
    let status = RoundStatus::of_ended(answers.len(), facts.session.models.len());
    let reactions = reactions_kept(facts, round, catalog);
    let plan = RoundPlan {
        index: round.index,
        prompt: round.prompt.clone(),
        snippets: round.snippets.clone(),
        reference: None,
        roster: roster_of(&facts.session, catalog),
        seats: facts
            .session
            .models
            .iter()
            .map(|model| SeatPlan {
                model: model.clone(),
                max_output_tokens: facts.session.max_output_tokens,
            })
            .collect(),
        past: facts.past_rounds_before(round.index),
        kept: facts.kept(round),
        calls: Vec::new(),
        started_at: round.started_at,
    };
    let claim_map = if status == RoundStatus::Failed {
        ClaimMap::default()
    } else {
        plan.claim_map(&answers, &reactions)
    };
    let timings = timings(facts, round, until);
    RoundResult {
        status,
        ended_at: until,
        claim_map,
        reactions,
        timings,
        cancelled: false,
    }
}

/// How long the attempt was at work: the time the program was away is not counted.
fn timings(facts: &SessionFacts, round: &Round, until: Timestamp) -> RoundTimings {
    let begun = |purpose| {
        let calls = attempt_of(facts, round).filter(move |call| call.purpose == purpose);
        calls.map(|call| call.started_at).min()
    };
    let Some(from) = begun(Purpose::Respond).or_else(|| begun(Purpose::React)) else {
        return RoundTimings::default();
    };
    // Reactions are asked for once the last answer is in.
    let answered = begun(Purpose::React).unwrap_or(until);
    RoundTimings {
        slowest_answer_ms: answered.millis_since(from),
        slowest_reaction_ms: until.millis_since(answered),
        round_ms: until.millis_since(from),
    }
}

/// The last moment of which the disk knows that the round was at work.
fn last_known(facts: &SessionFacts, round: &Round) -> Timestamp {
    let known = attempt_of(facts, round).map(last_sign);
    known.max().unwrap_or(round.started_at)
}

/// The last moment of which the disk knows that the call was at work.
pub(crate) fn last_sign(call: &Call) -> Timestamp {
    let later = [call.first_text_at, call.heard_at, call.ended_at];
    let signs = later.into_iter().flatten();
    signs.fold(call.started_at, Timestamp::max)
}

/// The panel's calls in the round's newest attempt.
fn attempt_of<'a>(facts: &'a SessionFacts, round: &Round) -> impl Iterator<Item = &'a Call> {
    let (id, attempt) = (round.id, round.attempt);
    facts.calls.iter().filter(move |call| {
        call.round_id == id && call.attempt == attempt && call.purpose.is_of_panel()
    })
}

/// Reactions of earlier attempts and those of this one that had ended.
fn reactions_kept(facts: &SessionFacts, round: &Round, catalog: &Catalog) -> Vec<ReactionSet> {
    let roster = roster_of(&facts.session, catalog);
    let ended = facts.calls.iter().filter(|call| {
        call.round_id == round.id
            && call.purpose == Purpose::React
            && call.state == CallState::Final
            && call.attempt == round.attempt
    });
    let later: Vec<ReactionSet> = ended
        .filter_map(|call| {
            Some(ReactionSet {
                model: call.model.clone(),
                to: shown_to(facts, round, call),
                snippets: reactions::read(&call.text, &call.model, &roster).ok()?,
            })
        })
        .collect();
    joined(&roster, &round.reactions, &later)
}

/// Whose answers a reaction was shown: those that stood when it was asked for, without those that
/// the seat had reacted to in an earlier attempt.
fn shown_to(facts: &SessionFacts, round: &Round, reaction: &Call) -> Vec<ModelId> {
    let stood = |model: &&ModelId| {
        let answer = facts.call(round.id, model, Purpose::Respond);
        answer.is_some_and(|call| {
            call.state == CallState::Final
                && call.ended_at.is_some_and(|at| at <= reaction.started_at)
        })
    };
    let mut earlier = round.reactions.iter();
    let known = earlier.find(|set| set.model == reaction.model);
    let others = facts.session.models.iter().filter(|model| {
        **model != reaction.model && !known.is_some_and(|set| set.to.contains(model))
    });
    others.filter(stood).cloned().collect()
}
