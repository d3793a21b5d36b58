//! One seat's call in one phase of a round.

use husting_deliberation::roster::Roster;
use husting_deliberation::round::CallPlan;
use husting_deliberation::sentences;
use husting_domain::calls::{Call, CallState, Purpose, Spent};
use husting_domain::models::{ModelId, SeatKind};
use husting_domain::money::{MicroUsd, Usage};
use husting_wire::answers::{SeatCallView, SeatState, SentenceView};

use crate::catalog::Catalog;

pub(super) fn absent(
    roster: &Roster,
    model: &ModelId,
    purpose: Purpose,
    catalog: &Catalog,
) -> SeatCallView {
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
        closed: false,
        unreadable: false,
        page: false,
        spent: None,
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
    seat.closed = false;
    seat.unreadable = false;
    seat.page = false;
    seat.spent = None;
    seat.retrying = None;
}

/// A call ended.
pub(crate) fn end(seat: &mut SeatCallView, call: &Call) {
    apply(seat, call);
    seat.retrying = None;
}

pub(super) fn apply(seat: &mut SeatCallView, call: &Call) {
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
    seat.closed = call.closed;
    seat.unreadable = call.unreadable;
    seat.page = call
        .error_code
        .is_some_and(|code| code.is_of_a_page(call.error_message.as_deref()));
    seat.spent = call
        .error_code
        .and_then(|_| Spent::of(call.error_message.as_deref()));
}

pub(super) fn numbered(text: &str) -> Vec<SentenceView> {
    let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let view = |sentence: &sentences::Sentence| SentenceView {
        number: sentence.number,
        start: byte(sentence.start),
        end: byte(sentence.end),
    };
    sentences::split(text).iter().map(view).collect()
}
