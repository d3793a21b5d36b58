//! Rounds that go on with less than was asked for: answers that were cut, and seats that failed.

use husting_domain::money::MicroUsd;
use husting_domain::rounds::{ClientAction, RoundStatus};
use husting_domain::sessions::SessionStatus;
use husting_test_support::{Behaviour, Fault, Phase, Script};
use husting_wire::answers::SeatState;
use husting_wire::commands::ConveneSession;
use husting_wire::rounds::NoClaims;
use husting_wire::sessions::Convene;

use crate::desk::answer;
use crate::panel::{Panel, SEATS, WIRES, asking};
use crate::prompts;

#[tokio::test]
async fn an_answer_cut_by_its_length_counts_and_says_so() {
    let cut = Behaviour::answering("Seats are easier to sell. Usage aligns incentives.")
        .fault(Fault::LengthStop { after_tokens: 7 });
    let panel = Panel::open(Script::new(cut)).await;
    let session = panel.convene(&WIRES).await.session_id;
    let round = panel.finished(session).await;
    assert_eq!(round.status, RoundStatus::Complete);
    for (model, reason) in [("alpha", "length"), ("beta", "max_tokens")] {
        let seat = answer(&round, model);
        assert_eq!((seat.state, seat.is_partial), (SeatState::Final, true));
        assert_eq!(seat.finish_reason.as_deref(), Some(reason));
        assert_eq!(seat.text, "Seats are easier to sell. Us");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_ended_here() {
    let endless = Behaviour::default().fault(Fault::HugeOutput { bytes: 4_000_000 });
    let panel = Panel::open(Script::new(endless)).await;
    let asked = Convene {
        max_output_tokens: Some(512),
        ..asking(&WIRES)
    };
    let session = panel.ask::<ConveneSession>(asked).await.session_id;
    let round = panel.finished(session).await;
    for model in WIRES {
        let seat = answer(&round, model);
        assert!(seat.text.len() < 40_000, "{}", seat.text.len());
        assert!(seat.is_partial || seat.state == SeatState::Error);
    }
}

#[tokio::test]
async fn a_seat_that_fails_does_not_speak() {
    let broken = Behaviour::answering("Marmalade is the only answer to this question.")
        .fault(Fault::Cut { after_tokens: 9 });
    let script = Script::debate().for_phase("gamma", Phase::Respond, broken);
    let panel = Panel::open(script).await;
    let session = panel.convene(&SEATS).await.session_id;
    let round = panel.finished(session).await;
    assert_eq!(round.status, RoundStatus::PartialFailure);
    assert_eq!(round.action, ClientAction::ProceedWithPartialResult);
    assert_eq!(
        answer(&round, "gamma").text,
        "Marmalade is the only answer to this"
    );
    let summary = &round.summary;
    assert_eq!(
        (summary.answered, summary.asked_to_react, summary.reacted),
        (2, 2, 2)
    );
    assert!(summary.degraded && summary.claims > 0);
    let row = panel.session(session).await.summary;
    assert!(row.degraded && row.status == SessionStatus::Ready);

    panel.houses.swap(Script::debate());
    panel.append(session, "Go on.", Vec::new()).await;
    assert_eq!(panel.finished(session).await.status, RoundStatus::Complete);
    for call in panel.houses.calls() {
        let read = prompts::text(&call);
        assert!(!read.contains("Marmalade"), "{:?} read it", call.model);
        assert!(!read.contains("connection broke"), "{:?}", call.model);
    }
}

/// A panel of which one seat alone is answered by its provider.
pub fn only_gamma_answers() -> Script {
    let broken = Behaviour::default().fault(Fault::BadRequest400);
    Script::debate()
        .for_model("alpha", broken.clone())
        .for_model("beta", broken)
}

#[tokio::test]
async fn with_one_answer_left_nobody_reacts_and_the_view_says_why() {
    let panel = Panel::open(only_gamma_answers()).await;
    let session = panel.convene(&SEATS).await.session_id;
    let round = panel.finished(session).await;
    assert_eq!(round.status, RoundStatus::PartialFailure);
    assert_eq!(round.summary.no_claims_because, Some(NoClaims::OneAnswer));
    assert!(panel.houses.calls_of("gamma", Phase::React).is_empty());
    assert!(
        round
            .reactions
            .iter()
            .all(|seat| seat.state == SeatState::Absent)
    );
    assert_eq!(round.held, MicroUsd::ZERO);
}
