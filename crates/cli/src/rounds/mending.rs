//! What mends the provider of seats that failed, where to ask again does not.

use std::collections::BTreeSet;

use husting_domain::calls::SeatErrorCode;
use husting_wire::answers::{SeatCallView, SeatState};
use husting_wire::rounds::RoundView;

/// A sentence for each provider of a round that refused its key, or whose address answered with a page.
pub fn mending(round: &RoundView) -> BTreeSet<String> {
    let seats = round.answers.iter().chain(&round.reactions);
    seats.filter_map(way).collect()
}

fn way(seat: &SeatCallView) -> Option<String> {
    let code = seat.error_code.filter(|_| seat.state == SeatState::Error)?;
    let name = &seat.provider;
    if code.is_of_a_page(seat.error_message.as_deref()) {
        return Some(format!(
            "{name} answered with a page; check its address: `husting provider address {name} URL` has it called elsewhere."
        ));
    }
    (code == SeatErrorCode::ProviderAuthFailure).then(|| {
        format!("{name} let nobody in: `husting provider key {name} --key-stdin` gives it a key.")
    })
}

#[cfg(test)]
mod tests {
    use husting_domain::calls::A_PAGE;
    use serde_json::json;

    use super::*;

    fn failed(code: &str, message: &str) -> SeatCallView {
        serde_json::from_value(json!({
            "model": "beta", "display_name": "Beta", "provider": "east", "kind": "api", "letter": "B", "purpose": "respond",
            "state": "error", "text": "", "sentences": [], "claim_confidence": [],
            "usage": {"input": 0, "cache_read": 0, "cache_write": 0, "output": 0, "estimated": false}, "cost": 0, "started_at": "2026-11-26T14:00:00.000Z",
            "first_text_at": null, "ended_at": "2026-11-26T14:00:00.800Z", "deadline_at": null, "finish_reason": null,
            "is_partial": false, "error_code": code, "error_message": message, "retrying": null,
        }))
        .unwrap()
    }

    #[test]
    fn what_no_second_try_mends_is_told_with_what_does() {
        let page = way(&failed(
            "pre_stream_provider_error",
            &format!("{A_PAGE}: <html>"),
        ));
        assert!(page.is_some_and(|told| told.contains("`husting provider address east URL`")));
        let refused = way(&failed("provider_auth_failure", "401: No."));
        assert!(
            refused.is_some_and(|told| told.contains("`husting provider key east --key-stdin`"))
        );
        assert_eq!(way(&failed("provider_error", "503")), None);
    }
}
