//! Rounds and calls as they are first kept.

use husting_deliberation::roster::Roster;
use husting_deliberation::round::{CallPlan, Kept, PastRound, RoundPlan};
use husting_domain::calls::{Call, CallState};
use husting_domain::money::{MicroUsd, Usage};
use husting_domain::rounds::{ModeratorSnippet, Phase, Round, RoundStatus, RoundTimings};
use husting_domain::sessions::Session;
use husting_domain::time::Timestamp;

use crate::chance;

/// The round's plan before anybody is asked; its calls and their caps come with its admission.
pub(crate) fn plan_of(
    session: &Session,
    round: &Round,
    roster: Roster,
    past: Vec<PastRound>,
) -> RoundPlan {
    RoundPlan {
        index: round.index,
        prompt: round.prompt.clone(),
        snippets: round.snippets.clone(),
        reference: session.reference.clone(),
        roster,
        seats: Vec::new(),
        past,
        kept: Kept::default(),
        calls: Vec::new(),
        started_at: round.started_at,
    }
}

pub(super) fn new_round(
    session: &Session,
    index: u32,
    prompt: String,
    snippets: Vec<ModeratorSnippet>,
    moderator_name: Option<String>,
    now: Timestamp,
) -> Round {
    Round {
        id: chance::round_id(),
        session_id: session.id,
        index,
        prompt,
        snippets,
        moderator_name,
        status: RoundStatus::InProgress,
        phase: Phase::Respond,
        attempt: 0,
        cancelled: false,
        started_at: now,
        deadline_at: now,
        ended_at: None,
        claim_map: None,
        reactions: Vec::new(),
        timings: RoundTimings::default(),
        estimate: None,
    }
}

/// What a retry needs to know of the round it takes up again.
pub(crate) fn reopened(round: &Round, now: Timestamp) -> Round {
    Round {
        attempt: round.attempt + 1,
        status: RoundStatus::InProgress,
        phase: Phase::Respond,
        cancelled: false,
        started_at: round.started_at,
        deadline_at: now,
        ended_at: None,
        claim_map: None,
        ..round.clone()
    }
}

/// The stored form of a call that was just queued.
pub(crate) fn queued_call(
    call: &CallPlan,
    session: &Session,
    round: &Round,
    prompt_tokens: u64,
) -> Call {
    Call {
        id: call.id,
        session_id: session.id,
        round_id: round.id,
        model: call.model.clone(),
        purpose: call.purpose,
        attempt: round.attempt,
        state: CallState::Queued,
        started_at: call.started_at,
        first_text_at: None,
        ended_at: None,
        deadline_at: call.deadline_at,
        text: String::new(),
        claim_confidence: Vec::new(),
        usage: Usage {
            input: prompt_tokens,
            estimated: true,
            ..Usage::default()
        },
        cost: MicroUsd::ZERO,
        finish_reason: None,
        is_partial: false,
        error_code: None,
        error_message: None,
    }
}
