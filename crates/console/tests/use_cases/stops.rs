//! Ending things early: one seat, one round, the program. What was written stays.

use std::sync::Arc;

use husting_clock::SystemClock;
use husting_domain::calls::SeatErrorCode;
use husting_domain::ids::SessionId;
use husting_domain::money::MicroUsd;
use husting_domain::recaps::RecapStatus;
use husting_domain::rounds::{ClientAction, RoundStatus};
use husting_domain::sessions::SessionStatus;
use husting_test_support::{Behaviour, GatePoint, Outcome, Phase, Script};
use husting_wire::answers::{SeatCallView, SeatState};
use husting_wire::commands::{
    AppendToSession, CancelRound, ConveneSession, StopOneSeat, WriteSession,
};
use husting_wire::errors::ErrorCode;
use husting_wire::rounds::{AppendRound, NoClaims, StopSeat};
use husting_wire::sessions::{ExportFormat, ExportSession, SessionRef};

use crate::desk::{Desk, answer, id, reaction};
use crate::panel::{Panel, SEATS, asking, next};
use crate::recaps::{recap, synthesis};

/// Bytes that come before the gate.
const BEFORE: usize = 20;

/// These seats' answers stop after five pieces.
fn paused(seats: &[&str]) -> Script {
    let paused = Behaviour::debating().gate("pause", GatePoint::BeforeToken(5));
    seats.iter().fold(Script::debate(), |script, model| {
        script.for_phase(*model, Phase::Respond, paused.clone())
    })
}

/// Returns once the provider has seen the seat's connection closed.
async fn assert_hung_up(panel: &Panel, model: &str, phase: Phase) {
    let house = panel.houses.of(model);
    let begun = house.calls_started();
    tokio::time::timeout(std::time::Duration::from_secs(10), house.until_ended(begun))
        .await
        .expect("the provider is hung up on");
    let calls = panel.houses.calls_of(model, phase);
    assert_eq!(calls.last().unwrap().outcome, Outcome::Abandoned, "{model}");
}

async fn transcript(panel: &Panel, session_id: SessionId, format: ExportFormat) -> String {
    let asked = ExportSession { session_id, format };
    panel.ask::<WriteSession>(asked).await.text
}

/// How a transcript shows the words of a seat that has not ended its answer.
fn unfinished(seat: &SeatCallView, how: &str) -> String {
    let words = seat.text.trim().replace('\n', "\n> ");
    format!("*Unfinished, {BEFORE} characters {how}:*\n\n> {words}")
}

#[tokio::test]
async fn a_stopped_seat_keeps_its_words_and_the_others_go_on() {
    for model in ["alpha", "beta"] {
        let panel = Panel::open(paused(&[model])).await;
        let before = panel.balance().await;
        let session_id = panel.convene(&SEATS).await.session_id;
        panel.until_said(session_id, model, BEFORE).await;
        let seat = StopSeat {
            session_id,
            model: id(model),
        };
        panel.ask::<StopOneSeat>(seat).await;
        let round = panel.finished(session_id).await;
        assert_eq!(
            (round.status, round.cancelled),
            (RoundStatus::PartialFailure, false)
        );
        let stopped = answer(&round, model);
        assert_eq!(stopped.error_code, Some(SeatErrorCode::Cancelled));
        let call = &panel.houses.calls_of(model, Phase::Respond)[0];
        assert_eq!(stopped.text, call.sent);
        assert_eq!(stopped.text.len(), BEFORE);
        assert_eq!(round.summary.reacted, 2);
        let row = panel.session(session_id).await.summary;
        assert!(row.degraded && row.failures.is_empty(), "by one's own hand");
        assert_hung_up(&panel, model, Phase::Respond).await;
        panel.audit(before).await;
    }
}

#[tokio::test]
async fn only_a_seat_of_a_running_round_can_be_stopped() {
    let panel = Panel::open(paused(&["alpha"])).await;
    let session_id = panel.convene(&["alpha", "beta"]).await.session_id;
    let stop = |model: &str| StopSeat {
        session_id,
        model: id(model),
    };
    let stranger = panel.refused::<StopOneSeat>(stop("gamma")).await;
    assert_eq!(stranger.code, ErrorCode::InvalidRequest);
    panel.houses.release("pause");
    panel.finished(session_id).await;
    let over = panel.refused::<StopOneSeat>(stop("alpha")).await;
    assert_eq!(over.code, ErrorCode::InvalidRequest);
    let over = panel
        .refused::<CancelRound>(SessionRef { session_id })
        .await;
    assert_eq!(over.code, ErrorCode::InvalidRequest);
}

#[tokio::test]
async fn a_cancelled_round_ends_with_what_it_has_and_gives_the_session_back() {
    let panel = Panel::open(paused(&["alpha", "beta"])).await;
    let before = panel.balance().await;
    let session_id = panel.convene(&SEATS).await.session_id;
    for model in ["alpha", "beta"] {
        panel.until_said(session_id, model, BEFORE).await;
    }
    panel
        .once(session_id, |round| {
            answer(round, "gamma").state == SeatState::Final
        })
        .await;
    let running = transcript(&panel, session_id, ExportFormat::Md).await;
    let view = panel.session(session_id).await;
    for model in ["alpha", "beta"] {
        let seat = answer(&view.rounds[0], model);
        assert!(running.contains(&unfinished(seat, "so far")), "{running}");
    }
    panel.ask::<CancelRound>(SessionRef { session_id }).await;
    // The answer comes when it is over and kept.
    let view = panel.session(session_id).await;
    let round = view.rounds.last().unwrap();
    assert_eq!(
        (round.status, round.cancelled),
        (RoundStatus::PartialFailure, true)
    );
    assert_eq!(view.summary.status, SessionStatus::Ready);
    assert_eq!(view.summary.failures, []);
    assert_eq!((view.summary.asked, view.summary.answered), (3, 1));
    assert_eq!(answer(round, "gamma").state, SeatState::Final);
    assert_eq!(round.summary.no_claims_because, Some(NoClaims::Cancelled));
    let text = transcript(&panel, session_id, ExportFormat::Md).await;
    let told = "*This round was cancelled; what its seats had finished by then is kept.*\n\n1 of 3 answered, $";
    assert!(text.contains(told) && !text.contains("reacted,"), "{text}");
    for model in ["alpha", "beta"] {
        let seat = answer(round, model);
        assert_eq!(seat.error_code, Some(SeatErrorCode::Cancelled));
        assert_eq!(seat.text.len(), BEFORE);
        assert!(
            text.contains(&unfinished(seat, "kept, read by no other seat")),
            "{text}"
        );
        assert_hung_up(&panel, model, Phase::Respond).await;
    }
    // Whoever followed has read the words.
    let outcome = transcript(&panel, session_id, ExportFormat::Outcome).await;
    assert!(
        outcome.contains(&format!("({BEFORE} characters kept, ")),
        "{outcome}"
    );
    assert!(!outcome.contains("*Unfinished"), "{outcome}");
    assert!(panel.houses.calls_of("gamma", Phase::React).is_empty());
    assert_eq!(round.held, MicroUsd::ZERO);
    panel.audit(before).await;

    panel.houses.swap(Script::debate());
    assert_eq!(
        panel.retried(session_id).await.status,
        RoundStatus::Complete
    );
    panel.audit(before).await;
}

#[tokio::test]
async fn a_first_round_cancelled_before_any_word_does_not_fail_its_session() {
    let silent = Behaviour::debating().gate("pause", GatePoint::BeforeResponse);
    let panel = Panel::open(Script::new(silent)).await;
    let before = panel.balance().await;
    let session_id = panel.convene(&SEATS).await.session_id;
    panel.houses.east.until_started(2).await;
    panel.houses.west.until_started(1).await;
    panel.ask::<CancelRound>(SessionRef { session_id }).await;
    let view = panel.session(session_id).await;
    let round = view.rounds.last().unwrap();
    assert_eq!((round.status, round.cancelled), (RoundStatus::Failed, true));
    assert_eq!(view.summary.status, SessionStatus::Ready);
    assert_eq!(round.summary.charged, MicroUsd::ZERO);
    panel.houses.release("pause");
    panel.append(session_id, "Then this.", Vec::new()).await;
    let next = panel.finished(session_id).await;
    assert_eq!((next.index, next.status), (1, RoundStatus::Complete));
    panel.audit(before).await;
}

#[tokio::test]
async fn a_round_cancelled_among_the_reactions_keeps_its_answers() {
    let slow = Behaviour::debating().gate("pause", GatePoint::BeforeToken(3));
    let script = Script::debate().for_phase("beta", Phase::React, slow);
    let panel = Panel::open(script).await;
    let before = panel.balance().await;
    let session_id = panel.convene(&SEATS).await.session_id;
    panel
        .once(session_id, |round| {
            let done = |model| reaction(round, model).state == SeatState::Final;
            done("alpha") && done("gamma") && reaction(round, "beta").state == SeatState::Streaming
        })
        .await;
    panel.ask::<CancelRound>(SessionRef { session_id }).await;
    let round = panel.finished(session_id).await;
    assert_eq!(
        (round.status, round.cancelled),
        (RoundStatus::Complete, true)
    );
    assert_eq!(round.summary.reacted, 2);
    assert!(round.summary.claims > 0, "two seats' reactions make a map");
    assert_eq!(
        reaction(&round, "beta").error_code,
        Some(SeatErrorCode::Cancelled)
    );
    assert_hung_up(&panel, "beta", Phase::React).await;
    panel.audit(before).await;
}

#[tokio::test]
async fn nothing_is_summed_up_or_paid_for_after_a_round_was_cancelled() {
    let panel = Panel::open(Script::debate()).await;
    let before = panel.balance().await;
    let session_id = panel.convene(&SEATS).await.session_id;
    panel.finished(session_id).await;
    let slow = Behaviour::debating().gate("pause", GatePoint::BeforeToken(3));
    panel
        .houses
        .swap(Script::debate().for_phase("beta", Phase::React, slow));
    let asked = AppendRound {
        recap_round: true,
        recap_session: true,
        ..next(session_id, "And what would settle it?", Vec::new())
    };
    panel.ask::<AppendToSession>(asked).await;
    panel
        .once(session_id, |round| {
            let done = |model| reaction(round, model).state == SeatState::Final;
            done("alpha") && done("gamma") && reaction(round, "beta").state == SeatState::Streaming
        })
        .await;
    panel.ask::<CancelRound>(SessionRef { session_id }).await;
    let told = Some("Its round was cancelled, so it was not written. Ask for it again.");
    assert_eq!(recap(&panel, session_id, 1).await.failure.as_deref(), told);
    assert_eq!(synthesis(&panel, session_id).await.failure.as_deref(), told);
    assert_eq!(
        panel.round(session_id).await.status,
        RoundStatus::Complete,
        "it could be summed up"
    );
    for phase in [Phase::Recap, Phase::Synthesis] {
        for model in SEATS {
            assert!(panel.houses.calls_of(model, phase).is_empty(), "{model}");
        }
    }
    panel.audit(before).await;

    // Who tries it again wants it whole.
    panel.houses.swap(Script::debate());
    panel.retried(session_id).await;
    let written = recap(&panel, session_id, 1).await;
    assert_eq!(written.status, RecapStatus::Complete);
    let written = synthesis(&panel, session_id).await;
    assert_eq!(written.status, RecapStatus::Complete);
    panel.audit(before).await;
}

#[tokio::test]
async fn a_program_that_ends_interrupts_its_rounds_and_the_next_start_shows_it() {
    let panel = Panel::open(paused(&["alpha", "beta"])).await;
    let before = panel.balance().await;
    let session_id = panel.convene(&SEATS).await.session_id;
    for model in ["alpha", "beta"] {
        panel.until_said(session_id, model, BEFORE).await;
    }
    panel
        .once(session_id, |round| {
            answer(round, "gamma").state == SeatState::Final
        })
        .await;
    panel.console.close().await;
    let late = panel.refused::<ConveneSession>(asking(&SEATS)).await;
    assert_eq!(late.code, ErrorCode::ShuttingDown);

    let Panel { desk, houses } = panel;
    let desk = Desk::open_in(desk.home.clone(), Arc::new(SystemClock)).await;
    let panel = Panel { desk, houses };
    let view = panel.session(session_id).await;
    let round = view.rounds.last().unwrap();
    assert_eq!(
        (round.status, round.cancelled),
        (RoundStatus::PartialFailure, false)
    );
    assert_eq!(round.action, ClientAction::ProceedWithPartialResult);
    assert_eq!(view.summary.status, SessionStatus::Ready);
    let failed: Vec<_> = view
        .summary
        .failures
        .iter()
        .map(|f| f.model.as_str())
        .collect();
    assert_eq!(failed, ["alpha", "beta"], "nobody stopped these seats");
    for model in ["alpha", "beta"] {
        let seat = answer(round, model);
        assert_eq!(seat.error_code, Some(SeatErrorCode::StreamInterrupted));
        assert_eq!(seat.text.len(), BEFORE);
    }
    panel.audit(before).await;
    panel.unlock().await;
    panel.houses.swap(Script::debate());
    assert_eq!(
        panel.retried(session_id).await.status,
        RoundStatus::Complete
    );
    assert_eq!(panel.houses.calls_of("gamma", Phase::Respond).len(), 1);
    panel.audit(before).await;
}
