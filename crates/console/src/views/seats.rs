//! One seat's call in one phase of a round.

use husting_deliberation::roster::Roster;
use husting_deliberation::round::CallPlan;
use husting_deliberation::sentences;
use husting_domain::calls::{Call, CallState, Purpose, Spent, is_of_a_filter};
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
        filtered: false,
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
    seat.filtered = call.finish_reason.as_deref().is_some_and(is_of_a_filter);
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_answer_that_a_filter_cut_is_told_apart_from_one_that_reached_its_length() {
        let id = "00000000-0000-4000-8000-000000000001";
        let usage =
            json!({"input": 1, "cache_read": 0, "cache_write": 0, "output": 1, "estimated": false});
        let at = "2026-11-26T14:00:00.000Z";
        for (reason, filtered) in [
            ("length", false),
            ("credit_limit", false),
            ("content_filter", true),
            ("refusal", true),
            ("SAFETY", true),
        ] {
            let call: Call = serde_json::from_value(json!({
                "id": id, "session_id": id, "round_id": id, "model": "beta", "purpose": "respond", "attempt": 0,
                "state": "final", "started_at": at, "first_text_at": at, "heard_at": null, "ended_at": at,
                "deadline_at": at, "text": "Half a", "claim_confidence": [], "usage": usage, "cost": 0,
                "finish_reason": reason, "is_partial": true, "error_code": null, "error_message": null,
                "closed": false, "unreadable": false,
            }))
            .unwrap();
            let mut seat: SeatCallView = serde_json::from_value(json!({
                "model": "beta", "display_name": "Beta", "provider": "east", "kind": "api", "letter": "B",
                "purpose": "respond", "state": "streaming", "text": "", "sentences": [], "claim_confidence": [],
                "usage": usage, "cost": 0, "started_at": at, "first_text_at": null, "ended_at": null,
                "deadline_at": null, "finish_reason": null, "is_partial": false, "error_code": null,
                "error_message": null, "retrying": null,
            }))
            .unwrap();
            end(&mut seat, &call);
            assert_eq!(
                (seat.is_partial, seat.filtered),
                (true, filtered),
                "{reason}"
            );
            let by = match filtered {
                true => "provider's filter",
                false => "output cap",
            };
            let told = crate::transcript::cut(&seat);
            assert_eq!(told, format!("\n\n*Cut by the {by} ({reason}).*"));
        }
    }
}
