//! What the console shows, made from what is stored.

use husting_deliberation::roster::Roster;
use husting_deliberation::round::{CallPlan, RoundPlan};
use husting_deliberation::sentences;
use husting_domain::calls::{Call, CallState, Purpose};
use husting_domain::claims::ClaimMap;
use husting_domain::ids::RoundId;
use husting_domain::ledger::{Transaction, TransactionKind};
use husting_domain::models::{ModelId, SeatKind};
use husting_domain::money::{MicroUsd, Usage};
use husting_domain::rounds::{Round, recommended_action};
use husting_domain::sessions::Session;
use husting_store::SessionRow;
use husting_wire::answers::{SeatCallView, SeatState, SentenceView};
use husting_wire::confidence::CONFIDENCE_DISCLAIMER;
use husting_wire::rounds::{NoClaims, RoundSummary, RoundView};
use husting_wire::sessions::{SeatLabel, SessionSummary, SessionView};
use husting_wire::wallet::DebitView;

use crate::catalog::Catalog;
use crate::convene::roster_of;
use crate::rounds::Missing;
use crate::sessions::SessionFacts;
use crate::standing::Standing;

/// A whole session.
pub(crate) fn session(facts: &SessionFacts, row: &SessionRow, catalog: &Catalog) -> SessionView {
    let rounds: Vec<RoundView> = facts
        .rounds
        .iter()
        .map(|round| stored_round(facts, round, catalog))
        .collect();
    let scored = |round: &RoundView| {
        round
            .answers
            .iter()
            .any(|seat| !seat.claim_confidence.is_empty())
            || round.claim_map.as_ref().is_some_and(|map| {
                map.claims
                    .iter()
                    .flat_map(|claim| &claim.positions)
                    .any(|position| position.comment_confidence.is_some())
            })
    };
    SessionView {
        summary: session_row(row, catalog),
        reference: facts.session.reference.clone(),
        reference_name: facts.session.reference_name.clone(),
        blind: facts.session.blind,
        moderator_name: facts.session.moderator_name.clone(),
        application: facts.session.application.clone(),
        max_output_tokens: facts.session.max_output_tokens,
        spend_limit: facts.session.spend_limit,
        confidence_disclaimer: rounds
            .iter()
            .any(scored)
            .then(|| CONFIDENCE_DISCLAIMER.to_owned()),
        rounds,
    }
}

/// A session as a row.
pub(crate) fn session_row(row: &SessionRow, catalog: &Catalog) -> SessionSummary {
    let session = &row.session;
    let newest = row.newest_round.as_ref();
    let standing = newest.map(|round| Standing::of(&session.models, round));
    SessionSummary {
        session_id: session.id,
        title: session.title.clone(),
        tags: session.tags.clone(),
        status: session.status,
        round_status: newest.map(|round| round.status),
        round_count: row.round_count,
        seats: labels(session, catalog),
        contested: row.contested.unwrap_or(0),
        claims: row.claims.unwrap_or(0),
        cost: row.cost,
        rehearsal: session.rehearsal,
        degraded: standing.as_ref().is_some_and(Standing::is_degraded),
        failures: standing
            .as_ref()
            .map(Standing::failures)
            .unwrap_or_default(),
        archived: session.archived,
        source: session.source,
        created_at: session.created_at,
        updated_at: session.updated_at,
    }
}

/// Names for the panel; each initial is a letter of the name that no seat before it has.
fn labels(session: &Session, catalog: &Catalog) -> Vec<SeatLabel> {
    let roster = roster_of(session, catalog);
    let mut taken: Vec<char> = Vec::new();
    let places = roster.places().iter();
    places
        .map(|place| {
            let name = place
                .name
                .strip_prefix("Rehearsal: ")
                .unwrap_or(&place.name);
            let letters = name
                .chars()
                .chain('A'..='Z')
                .filter(char::is_ascii_alphanumeric)
                .map(|c| c.to_ascii_uppercase());
            let initial = letters
                .into_iter()
                .find(|letter| !taken.contains(letter))
                .unwrap_or('?');
            taken.push(initial);
            SeatLabel {
                model: place.model.clone(),
                display_name: place.name.clone(),
                initial: initial.to_string(),
                letter: place.letter.to_string(),
                provider: catalog
                    .entry(&place.model)
                    .map(|entry| entry.model.provider.clone())
                    .unwrap_or_default(),
            }
        })
        .collect()
}

/// A round from what is stored of it.
fn stored_round(facts: &SessionFacts, round: &Round, catalog: &Catalog) -> RoundView {
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
        status: round.status,
        phase: round.phase,
        progress_version: 0,
        action: recommended_action(round.status, &[]),
        cancelled: round.cancelled,
        started_at: round.started_at,
        phase_started_at: round.started_at,
        deadline_at: round.deadline_at,
        ended_at: round.ended_at,
        answers: Vec::new(),
        reactions: Vec::new(),
        claim_map: None,
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

fn absent(roster: &Roster, model: &ModelId, purpose: Purpose, catalog: &Catalog) -> SeatCallView {
    let entry = catalog.entry(model);
    SeatCallView {
        model: model.clone(),
        display_name: catalog.name(model),
        provider: entry
            .map(|entry| entry.model.provider.clone())
            .unwrap_or_default(),
        kind: entry.map_or(SeatKind::Api, |entry| entry.model.kind),
        letter: roster
            .place(model)
            .map(|place| place.letter.to_string())
            .unwrap_or_default(),
        purpose,
        state: SeatState::Absent,
        text: String::new(),
        sentences: Vec::new(),
        claim_confidence: Vec::new(),
        usage: Usage::default(),
        cost: MicroUsd::ZERO,
        started_at: None,
        first_text_at: None,
        ended_at: None,
        deadline_at: None,
        finish_reason: None,
        is_partial: false,
        error_code: None,
        error_message: None,
        retrying: None,
    }
}

/// A call waits for its provider.
pub(crate) fn queue(seat: &mut SeatCallView, call: &CallPlan) {
    seat.state = SeatState::Queued;
    seat.text = String::new();
    seat.sentences = Vec::new();
    seat.started_at = Some(call.started_at);
    seat.deadline_at = Some(call.deadline_at);
    seat.first_text_at = None;
    seat.ended_at = None;
    seat.error_code = None;
    seat.error_message = None;
    seat.retrying = None;
}

/// A call ended.
pub(crate) fn end(seat: &mut SeatCallView, call: &Call) {
    apply(seat, call);
    seat.retrying = None;
}

fn apply(seat: &mut SeatCallView, call: &Call) {
    seat.state = match call.state {
        CallState::Queued => SeatState::Queued,
        CallState::Streaming => SeatState::Streaming,
        CallState::Final => SeatState::Final,
        CallState::Error => SeatState::Error,
    };
    seat.text.clone_from(&call.text);
    seat.sentences = if call.state == CallState::Final && call.purpose == Purpose::Respond {
        numbered(&call.text)
    } else {
        Vec::new()
    };
    seat.claim_confidence.clone_from(&call.claim_confidence);
    seat.usage = call.usage;
    seat.cost = call.cost;
    seat.started_at = Some(call.started_at);
    seat.first_text_at = call.first_text_at;
    seat.ended_at = call.ended_at;
    seat.deadline_at = Some(call.deadline_at);
    seat.finish_reason.clone_from(&call.finish_reason);
    seat.is_partial = call.is_partial;
    seat.error_code = call.error_code;
    seat.error_message.clone_from(&call.error_message);
}

fn numbered(text: &str) -> Vec<SentenceView> {
    let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let view = |sentence: &sentences::Sentence| SentenceView {
        number: sentence.number,
        start: byte(sentence.start),
        end: byte(sentence.end),
    };
    sentences::split(text).iter().map(view).collect()
}

/// Makes the one line above the result from the round's parts.
pub(crate) fn sum_up(view: &mut RoundView) {
    let final_of = |seats: &[SeatCallView]| {
        count(
            seats
                .iter()
                .filter(|seat| seat.state == SeatState::Final)
                .count(),
        )
    };
    let empty = ClaimMap::default();
    let map = view.claim_map.as_ref().unwrap_or(&empty);
    let asked = count(
        view.reactions
            .iter()
            .filter(|seat| seat.state != SeatState::Absent)
            .count(),
    );
    let (answered, reacted) = (final_of(&view.answers), final_of(&view.reactions));
    let seats = count(view.answers.len());
    let terminal = view.status.is_terminal();
    view.summary = RoundSummary {
        seats,
        answered,
        asked_to_react: asked,
        reacted,
        quotes: map.quote_count,
        unverified: count(map.unverified.len()),
        claims: count(map.claims.len()),
        uncontested: map.uncontested,
        moved: count(map.moved.len()),
        cost: view
            .answers
            .iter()
            .chain(&view.reactions)
            .map(|seat| seat.cost)
            .sum::<MicroUsd>()
            .max(view.debits.iter().map(|debit| debit.cost).sum()),
        charged: view.debits.iter().map(|debit| debit.amount).sum(),
        timings: view.summary.timings,
        degraded: terminal && (answered < seats || (answered > 1 && reacted < answered)),
        no_claims_because: (terminal && map.claims.is_empty())
            .then(|| why_no_claims(view.cancelled, answered, asked, reacted)),
    };
    let errors: Vec<_> = view
        .answers
        .iter()
        .filter_map(|seat| seat.error_code)
        .collect();
    view.action = recommended_action(view.status, &errors);
}

const fn why_no_claims(cancelled: bool, answered: u32, asked: u32, reacted: u32) -> NoClaims {
    match (answered, asked, reacted) {
        (0, _, _) if !cancelled => NoClaims::NobodyAnswered,
        (_, 0, _) if cancelled => NoClaims::Cancelled,
        (0, _, _) => NoClaims::NobodyAnswered,
        (1, _, _) => NoClaims::OneAnswer,
        (_, _, 0) => NoClaims::NoReactions,
        _ => NoClaims::NothingVerified,
    }
}

/// Debits and refunds of one round, oldest first.
pub(crate) fn debits(transactions: &[Transaction], round: RoundId) -> Vec<DebitView> {
    transactions
        .iter()
        .filter(|booked| crate::sessions::round_of(booked) == Some(round))
        .filter_map(debit)
        .collect()
}

/// A debit or a refund as it is shown; `None` for other bookings.
pub(crate) fn debit(booked: &Transaction) -> Option<DebitView> {
    match &booked.kind {
        TransactionKind::Debit(debit) => Some(DebitView {
            transaction_id: booked.id,
            model: debit.model.clone(),
            purpose: Some(debit.purpose),
            usage: debit.usage,
            cost: debit.cost,
            markup_bps: debit.markup_bps,
            amount: debit.amount,
            settled_at: booked.at,
            refund_of: None,
        }),
        TransactionKind::Refund { of, model, .. } => Some(DebitView {
            transaction_id: booked.id,
            model: model.clone(),
            purpose: None,
            usage: Usage::default(),
            cost: MicroUsd::ZERO,
            markup_bps: 0,
            amount: -booked.bucket_change(),
            settled_at: booked.at,
            refund_of: Some(*of),
        }),
        _ => None,
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
