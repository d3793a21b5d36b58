//! Rounds and calls as they are first kept.

use husting_deliberation::roster::Roster;
use husting_deliberation::round::{CallPlan, Kept, PastRound, RoundPlan};
use husting_domain::calls::{Call, CallState};
use husting_domain::keys::Principal;
use husting_domain::money::{MicroUsd, Usage};
use husting_domain::recaps::{RecapStatus, RoundRecap, Summary};
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

/// What a new round is asked with.
pub(super) struct Asked {
    pub index: u32,
    pub prompt: String,
    pub snippets: Vec<ModeratorSnippet>,
    pub by: Principal,
    pub recap: bool,
    pub synthesis: bool,
}

pub(super) fn new_round(session: &Session, asked: Asked, now: Timestamp) -> Round {
    let recap = if asked.recap || asked.synthesis {
        RecapStatus::Pending
    } else {
        RecapStatus::None
    };
    Round {
        id: chance::round_id(),
        session_id: session.id,
        index: asked.index,
        prompt: asked.prompt,
        snippets: asked.snippets,
        moderator_name: session.moderator_name.clone(),
        asked_by: asked.by,
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
        recap: Summary {
            status: recap,
            ..Summary::default()
        },
        wants_synthesis: asked.synthesis,
        progress_version: 0,
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
        recap: again(&round.recap),
        ..round.clone()
    }
}

/// A recap that was asked for is written anew: the round it summed up is about to change.
fn again(recap: &Summary<RoundRecap>) -> Summary<RoundRecap> {
    let status = match recap.status {
        RecapStatus::None => RecapStatus::None,
        RecapStatus::Pending | RecapStatus::Complete | RecapStatus::Failed => RecapStatus::Pending,
    };
    Summary {
        status,
        ..Summary::default()
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
        heard_at: None,
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
        closed: false,
        unreadable: false,
    }
}
