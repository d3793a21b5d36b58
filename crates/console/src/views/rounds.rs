//! A round, just accepted or from what is stored of it.

use std::collections::BTreeMap;

use husting_deliberation::round::RoundPlan;
use husting_domain::calls::Purpose;
use husting_domain::money::MicroUsd;
use husting_domain::rounds::{Round, recommended_action};
use husting_domain::sessions::Session;
use husting_domain::time::Timestamp;
use husting_wire::answers::{SeatCallView, SeatState};
use husting_wire::rounds::{RoundSummary, RoundView};

use super::debits::debits;
use super::seats::{absent, apply, queue};
use super::summary::sum_up;
use crate::catalog::Catalog;
use crate::convene::roster_of;
use crate::rounds::Missing;
use crate::sessions::SessionFacts;

/// A round from what is stored of it.
pub(super) fn stored_round(facts: &SessionFacts, round: &Round, catalog: &Catalog) -> RoundView {
    let roster = roster_of(&facts.session, catalog);
    let seats = |purpose| -> Vec<SeatCallView> {
        let places = roster.places().iter();
        places
            .map(|place| {
                let mut seat = absent(&roster, &place.model, purpose, catalog);
                if let Some(call) = facts.call(round.id, &place.model, purpose) {
                    apply(&mut seat, call);
                }
                seat
            })
            .collect()
    };
    let is_newest = facts
        .rounds
        .last()
        .is_some_and(|newest| newest.id == round.id);
    let mut view = RoundView {
        answers: seats(Purpose::Respond),
        reactions: seats(Purpose::React),
        claim_map: round.claim_map.clone(),
        debits: debits(&facts.transactions, round.id),
        held: facts.held_for(round.id),
        asked_by: facts.names.of(round.asked_by),
        tries: tries(facts, round),
        can_retry: is_newest
            && round.status.is_terminal()
            && !Missing::of(facts, round).is_nothing(),
        ..bare(round)
    };
    // A seat that reacted to every answer lost nothing to a later call that failed.
    let missing = Missing::of(facts, round);
    for seat in &mut view.reactions {
        let reacted = round.reactions.iter().any(|set| set.model == seat.model);
        if seat.state == SeatState::Error && reacted && !missing.reactions.contains(&seat.model) {
            seat.state = SeatState::Final;
        }
    }
    sum_up(&mut view);
    view
}

/// When each try began that still shows a call.
fn tries(facts: &SessionFacts, round: &Round) -> Vec<Timestamp> {
    let mut begun = BTreeMap::from([(0, round.started_at)]);
    for call in facts.calls.iter().filter(|call| call.round_id == round.id) {
        let first = begun.entry(call.attempt).or_insert(call.started_at);
        *first = call.started_at.min(*first);
    }
    begun.into_values().collect()
}

/// A round that was just accepted.
pub(crate) fn fresh_round(
    session: &Session,
    round: &Round,
    plan: &RoundPlan,
    catalog: &Catalog,
) -> RoundView {
    let roster = roster_of(session, catalog);
    let mut view = bare(round);
    for model in &session.models {
        let mut answer = absent(&roster, model, Purpose::Respond, catalog);
        if let Some(call) = plan.calls.iter().find(|call| call.model == *model) {
            queue(&mut answer, call);
        }
        view.answers.push(answer);
        let mut reaction = absent(&roster, model, Purpose::React, catalog);
        if plan.kept.reactions.iter().any(|set| set.model == *model) {
            reaction.state = SeatState::Final;
        }
        view.reactions.push(reaction);
    }
    sum_up(&mut view);
    view
}

fn bare(round: &Round) -> RoundView {
    RoundView {
        round_id: round.id,
        session_id: round.session_id,
        index: round.index,
        prompt: round.prompt.clone(),
        snippets: round.snippets.clone(),
        moderator_name: round.moderator_name.clone(),
        asked_by: None,
        status: round.status,
        phase: round.phase,
        progress_version: round.progress_version,
        action: recommended_action(round.status, &[]),
        cancelled: round.cancelled,
        started_at: round.started_at,
        tries: vec![round.started_at],
        phase_started_at: round.started_at,
        deadline_at: round.deadline_at,
        ended_at: round.ended_at,
        answers: Vec::new(),
        reactions: Vec::new(),
        claim_map: None,
        recap: round.recap.clone().into(),
        summary: RoundSummary {
            timings: round.timings,
            ..RoundSummary::default()
        },
        debits: Vec::new(),
        estimate: round.estimate,
        held: MicroUsd::ZERO,
        can_retry: false,
    }
}
