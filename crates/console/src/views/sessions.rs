//! A session, whole or as a row.

use husting_domain::sessions::Session;
use husting_store::SessionRow;
use husting_wire::confidence::CONFIDENCE_DISCLAIMER;
use husting_wire::rounds::RoundView;
use husting_wire::sessions::{SeatLabel, SessionSummary, SessionView};

use super::rounds::stored_round;
use super::standing::Standing;
use crate::catalog::Catalog;
use crate::convene::roster_of;
use crate::sessions::SessionFacts;

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
        opened_by: facts.names.of(facts.session.opened_by),
        consent: facts.session.consent.clone(),
        synthesis: facts.session.synthesis.clone().into(),
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
        asked: standing.as_ref().map_or(0, Standing::asked),
        answered: standing.as_ref().map_or(0, Standing::answers),
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
        outcome: standing.as_ref().and_then(Standing::outcome),
        archived: session.archived,
        source: session.source,
        created_at: session.created_at,
        updated_at: session.updated_at,
    }
}

/// Names for the panel.
fn labels(session: &Session, catalog: &Catalog) -> Vec<SeatLabel> {
    let roster = roster_of(session, catalog);
    let places = roster.places().iter();
    places
        .map(|place| SeatLabel {
            model: place.model.clone(),
            display_name: place.name.clone(),
            letter: place.letter.to_string(),
            provider: catalog
                .entry(&place.model)
                .map(|entry| entry.model.provider.clone())
                .unwrap_or_default(),
        })
        .collect()
}
