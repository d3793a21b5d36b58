//! Rounds that are not begun: the session is busy or failed, or what steers cannot.

use husting_domain::rounds::RoundStatus;
use husting_domain::sessions::SessionStatus;
use husting_domain::snippets::{Snippet, SnippetType};
use husting_test_support::{Behaviour, Fault, GatePoint, Phase, Script};
use husting_wire::commands::{
    AppendToSession, ConveneSession, DeleteSession, FindPassages, RetryRound,
};
use husting_wire::errors::ErrorCode;
use husting_wire::rounds::RoundRef;
use husting_wire::search::SearchPassages;
use husting_wire::sessions::SessionRef;

use crate::desk::id;
use crate::panel::{Panel, SEATS, asking, next};

fn quoting(quote: &str, model: &str) -> Snippet {
    Snippet {
        kind: SnippetType::Keep,
        quote: quote.to_owned(),
        quoted_model: id(model),
        comment: None,
        confidence: None,
        said_by: None,
    }
}

#[tokio::test]
async fn a_session_with_a_round_in_flight_is_busy() {
    let gated = Behaviour::debating().gate("pause", GatePoint::BeforeResponse);
    let script = Script::debate().for_phase("beta", Phase::Respond, gated);
    let panel = Panel::open(script).await;
    let session = panel.convene(&SEATS).await.session_id;
    let busy = panel
        .refused::<AppendToSession>(next(session, "And now?", Vec::new()))
        .await;
    assert_eq!(busy.code, ErrorCode::SessionBusy);
    panel.houses.release("pause");
    panel.finished(session).await;
    assert_eq!(panel.session(session).await.rounds.len(), 1);
}

#[tokio::test]
async fn of_two_next_rounds_at_once_one_is_refused_as_busy() {
    let panel = Panel::open(Script::debate()).await;
    let session = panel.convene(&SEATS).await.session_id;
    panel.finished(session).await;
    let ask = || panel.try_ask::<AppendToSession>(next(session, "And now?", Vec::new()));
    let (one, other) = tokio::join!(ask(), ask());
    let refused: Vec<_> = [one, other].into_iter().filter_map(Result::err).collect();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].code, ErrorCode::SessionBusy);
    panel.finished(session).await;
    assert_eq!(panel.session(session).await.rounds.len(), 2);
}

#[tokio::test]
async fn what_cannot_steer_is_refused_and_the_session_stays_ready() {
    let panel = Panel::open(Script::debate()).await;
    let session = panel.convene(&SEATS).await.session_id;
    panel.finished(session).await;
    let words = "Usage aligns incentives.";
    let asked = [
        next(session, "And?", vec![quoting(words, "delta")]),
        next(session, "And?", vec![quoting(words, "alpha"); 51]),
        next(session, "And?", vec![quoting(" ", "alpha")]),
        next(session, &"x".repeat(64_001), Vec::new()),
    ];
    for asked in asked {
        let refused = panel.refused::<AppendToSession>(asked).await;
        assert_eq!(refused.code, ErrorCode::InvalidRequest, "{refused}");
    }
    let view = panel.session(session).await;
    assert_eq!(
        (view.summary.status, view.rounds.len()),
        (SessionStatus::Ready, 1)
    );
    assert_eq!(panel.houses.calls().len(), 6);
}

#[tokio::test]
async fn a_session_whose_first_round_failed_for_good_takes_no_next_one_until_it_is_mended() {
    let refusing = Behaviour::default().fault(Fault::Unauthorized401 { echo_key: false });
    let panel = Panel::open(Script::new(refusing)).await;
    let session = panel.convene(&SEATS).await.session_id;
    panel.finished(session).await;
    let refused = panel
        .refused::<AppendToSession>(next(session, "And now?", Vec::new()))
        .await;
    assert_eq!(refused.code, ErrorCode::SessionFailed);
    panel.houses.swap(Script::debate());
    assert_eq!(panel.retried(session).await.status, RoundStatus::Complete);
    panel.append(session, "And now?", Vec::new()).await;
    assert_eq!(panel.finished(session).await.index, 1);
}

#[tokio::test]
async fn a_running_round_can_neither_be_retried_nor_its_session_deleted() {
    let gated = Behaviour::debating().gate("pause", GatePoint::BeforeResponse);
    let script = Script::debate().for_phase("beta", Phase::Respond, gated);
    let panel = Panel::open(script).await;
    let session_id = panel.convene(&SEATS).await.session_id;
    let round = RoundRef {
        session_id,
        round_id: None,
    };
    let busy = panel.refused::<RetryRound>(round).await;
    assert_eq!(busy.code, ErrorCode::SessionBusy);
    let session = SessionRef { session_id };
    let busy = panel.refused::<DeleteSession>(session.clone()).await;
    assert_eq!(busy.code, ErrorCode::SessionBusy);
    panel.houses.release("pause");
    panel.finished(session_id).await;
    panel.ask::<DeleteSession>(session).await;
}

#[tokio::test]
async fn of_two_retries_at_once_one_is_refused_as_busy() {
    let refusing = Behaviour::default().fault(Fault::BadRequest400);
    let script = Script::debate().for_phase("gamma", Phase::Respond, refusing);
    let panel = Panel::open(script).await;
    let before = panel.balance().await;
    let session_id = panel.convene(&SEATS).await.session_id;
    panel.finished(session_id).await;
    panel.houses.swap(Script::debate());
    let ask = || {
        panel.try_ask::<RetryRound>(RoundRef {
            session_id,
            round_id: None,
        })
    };
    let (one, other) = tokio::join!(ask(), ask());
    let refused: Vec<_> = [one, other].into_iter().filter_map(Result::err).collect();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].code, ErrorCode::SessionBusy);
    panel.finished(session_id).await;
    panel.assert_paid_once().await;
    panel.audit(before).await;
}

#[tokio::test]
async fn a_name_that_is_nobodys_is_told_before_the_size_of_the_panel() {
    let panel = Panel::open(Script::debate()).await;
    let refused = panel.refused::<ConveneSession>(asking(&["nope"])).await;
    assert_eq!(refused.code, ErrorCode::UnknownModels);
    let words = "nope is not a model on this machine.";
    assert!(refused.message.starts_with(words), "{refused}");
    let refused = panel
        .refused::<ConveneSession>(asking(&["nope", "alpha", "nix"]))
        .await;
    let words = "nope, nix are not models on this machine.";
    assert!(refused.message.starts_with(words), "{refused}");
    let refused = panel.refused::<ConveneSession>(asking(&["alpha"])).await;
    assert_eq!(
        (refused.code, refused.message.as_str()),
        (
            ErrorCode::InvalidRequest,
            "A panel has 2 to 3 models; 1 was named."
        )
    );
    let four = ["alpha", "beta", "gamma", "alpha"];
    let refused = panel.refused::<ConveneSession>(asking(&four)).await;
    assert_eq!(
        refused.message,
        "A panel has 2 to 3 models; 4 were named. The setting `panel.max_seats` allows more."
    );
}

#[tokio::test]
async fn a_search_for_more_than_is_told_at_once_is_refused() {
    let panel = Panel::open(Script::debate()).await;
    for limit in [0, 51] {
        let asked = SearchPassages {
            query: "depot".to_owned(),
            limit: Some(limit),
        };
        let refused = panel.refused::<FindPassages>(asked).await;
        assert_eq!(refused.code, ErrorCode::InvalidRequest, "{refused}");
    }
}
