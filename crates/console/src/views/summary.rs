//! The one line above a result.

use husting_domain::claims::ClaimMap;
use husting_domain::money::MicroUsd;
use husting_domain::rounds::recommended_action;
use husting_wire::answers::{SeatCallView, SeatState};
use husting_wire::rounds::{NoClaims, RoundSummary, RoundView};

use super::count;

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
