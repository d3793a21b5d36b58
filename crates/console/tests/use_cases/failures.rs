//! Every fault a provider can have, through the whole console on both wires: its code, what to do
//! next, the words it managed to write, and what it does to the others.

use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use husting_clock::ManualClock;
use husting_domain::calls::SeatErrorCode::{self, *};
use husting_domain::ids::SessionId;
use husting_domain::money::MicroUsd;
use husting_domain::rounds::{ClientAction, RoundStatus};
use husting_domain::sessions::SessionStatus;
use husting_test_support::{Behaviour, Fault, Junk, Phase, RetryAfter, Script};
use husting_wire::answers::{SeatCallView, SeatState};
use husting_wire::rounds::RoundView;

use crate::desk::{answer, hand_clock};
use crate::panel::{Panel, WIRES};

const WORDS: &str = "Seats are easier to sell. Usage aligns incentives.";
/// What five pieces of four bytes hold of that.
const FIVE: &str = "Seats are easier to ";

/// What a fault comes to on both wires.
struct Case {
    fault: Fault,
    code: SeatErrorCode,
    partial: &'static str,
    /// Requests for each seat.
    requests: usize,
}

fn case(fault: Fault, code: SeatErrorCode, partial: &'static str) -> Case {
    Case {
        fault,
        code,
        partial,
        requests: 1,
    }
}

fn again(fault: Fault, code: SeatErrorCode) -> Case {
    Case {
        requests: 3,
        ..case(fault, code, "")
    }
}

/// A panel over both wires where every answer goes wrong in the same way.
async fn failing(fault: &Fault, clock: &ManualClock) -> (Panel, SessionId) {
    let behaviour = Behaviour::answering(WORDS).fault(fault.clone());
    let panel = Panel::open_by(Arc::new(clock.clone()), Script::new(behaviour)).await;
    let session = panel.convene(&WIRES).await.session_id;
    (panel, session)
}

/// The round's end, pauses before further attempts skipped.
async fn hurried(panel: &Panel, session: SessionId, clock: &ManualClock) -> RoundView {
    let skipped = RefCell::new(HashSet::new());
    let skip = |seat: &SeatCallView| {
        let Some(note) = &seat.retrying else { return };
        if skipped
            .borrow_mut()
            .insert((seat.model.clone(), seat.purpose, note.attempt))
        {
            clock.advance(Duration::from_millis(note.after_ms));
        }
    };
    panel
        .once(session, |round| {
            round.answers.iter().chain(&round.reactions).for_each(skip);
            round.status.is_terminal()
        })
        .await
}

async fn check(case: Case) {
    let clock = hand_clock();
    let (panel, session) = failing(&case.fault, &clock).await;
    let before = panel.balance().await;
    let round = hurried(&panel, session, &clock).await;
    assert_failed(&panel, &round, &case).await;
    panel.audit(before).await;
}

async fn assert_failed(panel: &Panel, round: &RoundView, case: &Case) {
    let what = &case.fault;
    assert_eq!(round.status, RoundStatus::Failed, "{what:?}");
    for model in WIRES {
        let seat = answer(round, model);
        assert_eq!(seat.state, SeatState::Error, "{model} {what:?}");
        assert_eq!(
            seat.error_code,
            Some(case.code),
            "{model} {what:?}: {seat:#?}"
        );
        assert_eq!(seat.text, case.partial, "{model} {what:?}");
        assert!(
            seat.error_message
                .as_ref()
                .is_some_and(|words| !words.is_empty()),
            "{model} {what:?}"
        );
        let requests = panel.houses.calls_of(model, Phase::Respond);
        assert_eq!(requests.len(), case.requests, "{model} {what:?}");
        assert!(panel.houses.calls_of(model, Phase::React).is_empty());
    }
    let (action, status) = if case.code.is_transient() {
        (ClientAction::Retry, SessionStatus::Ready)
    } else {
        (ClientAction::Abandon, SessionStatus::Failed)
    };
    assert_eq!(round.action, action, "{what:?}");
    let session = panel.session(round.session_id).await.summary;
    assert_eq!(session.status, status, "{what:?}");
    assert!(round.can_retry && round.summary.degraded, "{what:?}");
    // What a provider never took up costs nothing; once it has, it may charge for the prompt.
    let calls = panel.houses.calls();
    if calls.iter().all(|call| call.status != 200) {
        assert_eq!(round.summary.charged, MicroUsd::ZERO, "{what:?}");
    }
}

async fn check_all(cases: Vec<Case>) {
    futures::future::join_all(cases.into_iter().map(check)).await;
}

#[tokio::test]
async fn streams_that_break_keep_their_words_and_can_be_retried() {
    check_all(vec![
        case(Fault::Cut { after_tokens: 5 }, StreamInterrupted, FIVE),
        case(
            Fault::Truncated { after_tokens: 5 },
            StreamInterrupted,
            FIVE,
        ),
        case(Fault::NoFinalMarker, StreamEndedWithoutFinalMarker, WORDS),
        case(
            Fault::ErrorEventMidStream { after_tokens: 5 },
            ProviderError,
            FIVE,
        ),
        case(
            Fault::Garbage {
                junk: Junk::InvalidJson,
                after_tokens: 5,
            },
            ProviderError,
            FIVE,
        ),
        case(
            Fault::Garbage {
                junk: Junk::NotSse,
                after_tokens: 0,
            },
            ProviderError,
            "",
        ),
    ])
    .await;
}

#[tokio::test]
async fn refusals_that_no_waiting_mends_are_asked_once_and_abandoned() {
    check_all(vec![
        case(
            Fault::Unauthorized401 { echo_key: false },
            ProviderAuthFailure,
            "",
        ),
        case(Fault::Forbidden403, ProviderAuthFailure, ""),
        case(Fault::BadRequest400, PreStreamProviderError, ""),
        case(
            Fault::Garbage {
                junk: Junk::HtmlPage,
                after_tokens: 0,
            },
            PreStreamProviderError,
            "",
        ),
    ])
    .await;
}

#[tokio::test]
async fn what_may_pass_is_asked_three_times() {
    let limited = |retry_after| Fault::RateLimited429 {
        retry_after,
        times: None,
    };
    let date = RetryAfter::Date("Fri, 20 Nov 2026 15:00:07 GMT".to_owned());
    check_all(vec![
        again(limited(None), RateLimit),
        again(limited(Some(RetryAfter::Seconds(9))), RateLimit),
        again(limited(Some(date)), RateLimit),
        again(
            Fault::ServerError500 {
                times: None,
                status: 500,
            },
            MaxRetriesExceeded,
        ),
        again(Fault::Overloaded529 { times: None }, MaxRetriesExceeded),
        again(Fault::CutBeforeResponse { times: None }, MaxRetriesExceeded),
    ])
    .await;
}

#[tokio::test]
async fn a_provider_that_recovers_is_paid_once() {
    let passing = [
        Fault::ServerError500 {
            times: Some(1),
            status: 503,
        },
        Fault::RateLimited429 {
            retry_after: Some(RetryAfter::Seconds(2)),
            times: Some(2),
        },
        Fault::CutBeforeResponse { times: Some(1) },
    ];
    for fault in passing {
        let clock = hand_clock();
        let (panel, session) = failing(&fault, &clock).await;
        let before = panel.balance().await;
        let round = hurried(&panel, session, &clock).await;
        assert_eq!(round.status, RoundStatus::Complete, "{fault:?}");
        assert!(round.answers.iter().all(|seat| seat.retrying.is_none()));
        panel.assert_paid_once().await;
        panel.audit(before).await;
    }
}

#[tokio::test]
async fn a_provider_that_never_begins_ends_at_the_deadline() {
    for headers in [false, true] {
        let clock = hand_clock();
        let fault = Fault::NeverFirstByte { headers };
        let (panel, session) = failing(&fault, &clock).await;
        panel.houses.east.until_started(1).await;
        panel.houses.west.until_started(1).await;
        clock.advance(Duration::from_secs(149));
        assert!(!panel.round(session).await.status.is_terminal());
        clock.advance(Duration::from_secs(2));
        let round = panel.finished(session).await;
        assert_failed(&panel, &round, &case(fault, InternalDeadlineReached, "")).await;
    }
}

#[tokio::test]
async fn a_provider_that_falls_silent_is_given_a_minute() {
    let clock = hand_clock();
    let fault = Fault::SilenceMidStream { after_tokens: 5 };
    let (panel, session) = failing(&fault, &clock).await;
    for model in WIRES {
        panel.until_said(session, model, FIVE.len()).await;
    }
    clock.advance(Duration::from_secs(59));
    assert!(!panel.round(session).await.status.is_terminal());
    clock.advance(Duration::from_secs(2));
    let round = panel.finished(session).await;
    assert_failed(&panel, &round, &case(fault, StreamInterrupted, FIVE)).await;
}
