//! A session as the public contract writes it.

use husting_domain::calls::SeatErrorCode;
use husting_domain::claims::{Claim, ClaimMap, Position, Reactor};
use husting_wire::answers::{SeatCallView, SeatState};
use husting_wire::contract::numbers::{Score, Usd};
use husting_wire::contract::sessions::{
    ClaimRecord, DebitRecord, FailureRecord, ForwardedRecord, MapRecord, PositionRecord,
    ReactionRecord, ResponseRecord, RoundRecord, ScoreRecord, SessionRecord, SnippetRecord,
};
use husting_wire::errors::Error;
use husting_wire::rounds::RoundView;
use husting_wire::sessions::SessionView;
use husting_wire::wallet::DebitView;

/// The session as one JSON document, indented, with a line feed at its end.
pub(crate) fn session_json(view: &SessionView) -> Result<String, Error> {
    let text = serde_json::to_string_pretty(&session(view))
        .map_err(|fault| Error::invalid(fault.to_string()))?;
    Ok(text + "\n")
}

pub(crate) fn session(view: &SessionView) -> SessionRecord {
    let summary = &view.summary;
    SessionRecord {
        rehearsal: summary.rehearsal,
        session_id: summary.session_id,
        title: summary.title.clone(),
        status: summary.status,
        source: summary.source,
        moderator_name: view.moderator_name.clone(),
        application: view.application.clone(),
        models: summary
            .seats
            .iter()
            .map(|seat| seat.model.clone())
            .collect(),
        created_at: summary.created_at,
        updated_at: summary.updated_at,
        total_cost_usd: Usd(summary.cost),
        improvement_consent: view.consent.clone(),
        confidence_disclaimer: view.confidence_disclaimer.clone(),
        synthesis_status: view.synthesis.status,
        session_synthesis: view.synthesis.synthesis.clone(),
        rounds: view.rounds.iter().map(round).collect(),
    }
}

fn round(view: &RoundView) -> RoundRecord {
    let empty = ClaimMap::default();
    let map = view.claim_map.as_ref().unwrap_or(&empty);
    RoundRecord {
        round_id: view.round_id,
        round_index: view.index,
        round_status: view.status,
        recommended_client_action: view.action,
        prompt: view.prompt.clone(),
        moderator_name: view.moderator_name.clone(),
        snippets: view
            .snippets
            .iter()
            .map(|forwarded| ForwardedRecord {
                kind: forwarded.snippet.kind,
                quote: forwarded.snippet.quote.clone(),
                quoted_model: forwarded.snippet.quoted_model.clone(),
                comment: forwarded.snippet.comment.clone(),
                quote_status: forwarded.quote_status,
            })
            .collect(),
        responses: view
            .answers
            .iter()
            .filter(|seat| seat.state == SeatState::Final)
            .map(|seat| response(seat, map))
            .collect(),
        failed_models: view
            .answers
            .iter()
            .filter(|seat| seat.state == SeatState::Error)
            .map(failure)
            .collect(),
        reactions: view.reactions.iter().map(reaction).collect(),
        claim_map: MapRecord {
            claims: map.claims.iter().map(claim).collect(),
            unverified: map.unverified.iter().cloned().map(Into::into).collect(),
        },
        recap_status: view.recap.status,
        round_recap: view.recap.recap.clone(),
        recap_error: view.recap.failure.clone(),
        cost_usd: Usd(view.summary.cost),
        debits: view.debits.iter().map(debit).collect(),
        started_at: view.started_at,
        completed_at: view.ended_at,
    }
}

fn response(seat: &SeatCallView, map: &ClaimMap) -> ResponseRecord {
    let who = Reactor::seat(&seat.model);
    let standing = map.claims.iter().flat_map(|claim| {
        claim
            .positions
            .iter()
            .filter(|position| position.model == who)
            .map(move |position| standing(claim, position))
    });
    let unverified = map
        .unverified
        .iter()
        .filter(|unverified| unverified.model == who)
        .map(|unverified| SnippetRecord {
            kind: unverified.kind,
            quote: unverified.quote.clone(),
            quoted_model: unverified.quoted_model.clone(),
            comment: unverified.comment.clone(),
            comment_confidence: unverified.comment_confidence.map(Score),
            quote_status: unverified.quote_status,
        });
    ResponseRecord {
        model: seat.model.clone(),
        text: seat.text.clone(),
        tokens_in: seat.usage.total_input(),
        tokens_out: seat.usage.output,
        finish_reason: seat.finish_reason.clone(),
        is_partial: seat.is_partial,
        claim_confidence: seat
            .claim_confidence
            .iter()
            .map(|scored| ScoreRecord {
                text: scored.text.clone(),
                score: Score(scored.score),
            })
            .collect(),
        snippets: standing.chain(unverified).collect(),
    }
}

fn standing(claim: &Claim, position: &Position) -> SnippetRecord {
    SnippetRecord {
        kind: position.kind,
        quote: position.quote.clone(),
        quoted_model: claim.originator.clone(),
        comment: position.comment.clone(),
        comment_confidence: position.comment_confidence.map(Score),
        quote_status: position.quote_status,
    }
}

pub(crate) fn failure(seat: &SeatCallView) -> FailureRecord {
    let message = seat.error_message.clone().unwrap_or_default();
    let partial = (!seat.text.is_empty()).then(|| seat.text.clone());
    FailureRecord {
        model: seat.model.clone(),
        error: message.clone(),
        message,
        error_code: seat.error_code,
        partial_text_length: partial.as_ref().map(|text| text.chars().count()),
        partial_text: partial,
    }
}

fn reaction(seat: &SeatCallView) -> ReactionRecord {
    let lost: Option<SeatErrorCode> = seat.error_code.filter(|_| seat.state == SeatState::Error);
    ReactionRecord {
        model: seat.model.clone(),
        status: seat.state,
        error_code: lost,
        message: lost.and(seat.error_message.clone()),
    }
}

fn claim(claim: &Claim) -> ClaimRecord {
    ClaimRecord {
        id: claim.id.clone(),
        quote: claim.quote.clone(),
        originator: claim.originator.clone(),
        source: claim.source.clone(),
        group: claim.group,
        positions: claim
            .positions
            .iter()
            .map(|position| PositionRecord {
                model: position.model.clone(),
                kind: position.kind,
                comment: position.comment.clone(),
                comment_confidence: position.comment_confidence.map(Score),
                quote_status: position.quote_status,
            })
            .collect(),
        reaction_count: claim.reaction_count,
    }
}

fn debit(view: &DebitView) -> DebitRecord {
    DebitRecord {
        transaction_id: view.transaction_id,
        model: view.model.clone(),
        purpose: view.purpose,
        tokens_in: view.usage.total_input(),
        tokens_out: view.usage.output,
        tokens_cached: view.usage.cache_read + view.usage.cache_write,
        cost_usd: Usd(view.cost),
        markup_bps: view.markup_bps,
        amount_usd: Usd(view.amount),
        settled_at: view.settled_at,
        estimated: view.usage.estimated,
        refund_of: view.refund_of,
    }
}
