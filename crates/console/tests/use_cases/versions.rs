//! A version of a round's progress stands for one state: whoever polls by it is told of every change,
//! of recaps and syntheses too, over a crash and over a retry.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use futures::StreamExt;
use husting_console::SessionStream;
use husting_domain::calls::Purpose;
use husting_domain::ids::SessionId;
use husting_domain::money::MicroUsd;
use husting_domain::recaps::RecapStatus;
use husting_domain::rounds::RoundStatus;
use husting_test_support::{Behaviour, Calls, Fault, GatePoint, Phase, Rule, Script};
use husting_wire::answers::SeatState;
use husting_wire::commands::{AppendToSession, AskForSynthesis, ConveneSession, RetryRound};
use husting_wire::rounds::RoundRef;
use husting_wire::sessions::SessionRef;
use serde_json::{Value, json};

use crate::contract::paused;
use crate::desk::{Desk, PATIENCE, answer, hand_clock};
use crate::panel::{Panel, SEATS};
use crate::prompts::bodies;
use crate::recaps::{
    ask_for_recap, recap, recapped, synthesis, then, three_rounds, until, writing,
};
use crate::recovery::{crash, everything_is_kept};

/// What whoever polls is told: the version and its body.
async fn polled(desk: &Desk, session: SessionId) -> (u64, String) {
    let told = desk.console.progress(&desk.caller, session, None).await;
    let told = told.unwrap();
    assert_eq!(json_of(&told.body)["progress_version"], json!(told.version));
    (told.version, told.body.to_string())
}

fn json_of(body: &str) -> Value {
    serde_json::from_str(body).unwrap()
}

async fn followed(desk: &Desk, session: SessionId) -> SessionStream {
    let stream = desk.console.follow(&desk.caller, session, None);
    stream.await.unwrap()
}

/// The next progress on the stream that is so.
async fn told(stream: &mut SessionStream, is_so: impl Fn(&Value) -> bool) -> Value {
    let coming = async {
        loop {
            let (_, event) = stream.next().await.expect("the session goes on");
            let progress = json_of(&event)["progress"].take();
            if is_so(&progress) {
                return progress;
            }
        }
    };
    tokio::time::timeout(PATIENCE, coming)
        .await
        .expect("it should have been told by now")
}

fn waiting_at(gate: &str) -> Behaviour {
    Behaviour::debating().gate(gate, GatePoint::BeforeResponse)
}

fn refusing() -> Behaviour {
    Behaviour::default().fault(Fault::BadRequest400)
}

async fn try_again(panel: &Panel, session_id: SessionId) -> u64 {
    let round = RoundRef {
        session_id,
        round_id: None,
    };
    panel.ask::<RetryRound>(round).await.progress_version
}

#[tokio::test]
async fn whoever_polls_a_round_that_is_over_is_told_how_far_its_recap_and_synthesis_are() {
    let script = writing(Phase::Recap, "gamma", waiting_at("recap")).for_phase(
        "gamma",
        Phase::Synthesis,
        waiting_at("synthesis"),
    );
    let panel = Panel::open(script).await;
    let session_id = panel.convene(&SEATS).await.session_id;
    panel.finished(session_id).await;
    panel.append(session_id, "Go on.", Vec::new()).await;
    panel.finished(session_id).await;
    let mut stream = followed(&panel, session_id).await;
    let (mut version, body) = polled(&panel, session_id).await;
    assert_eq!(json_of(&body)["recap_status"], "none");
    assert_eq!(polled(&panel, session_id).await.0, version);

    ask_for_recap(&panel, session_id, 1).await;
    for (field, status) in [
        ("recap_status", "pending"),
        ("recap_status", "complete"),
        ("synthesis_status", "pending"),
        ("synthesis_status", "complete"),
    ] {
        if (field, status) == ("synthesis_status", "pending") {
            panel
                .ask::<AskForSynthesis>(SessionRef { session_id })
                .await;
        }
        let event = told(&mut stream, |progress| progress[field] == status).await;
        let (now, body) = polled(&panel, session_id).await;
        assert_eq!(json_of(&body), event, "{field} {status}");
        assert!(now > version, "{field} {status}: {now} > {version}");
        version = now;
        let gate = field.trim_end_matches("_status");
        panel.houses.release(gate);
    }
}

#[tokio::test]
async fn a_synthesis_that_comes_while_the_next_round_runs_is_a_new_version_of_that_round() {
    let held = Rule {
        model: Some("alpha".to_owned()),
        phase: Some(Phase::Respond),
        says: Some("And then?".to_owned()),
        behaviour: waiting_at("round"),
        ..Rule::default()
    };
    let script = writing(Phase::Synthesis, "gamma", waiting_at("synthesis"));
    let (panel, session) = three_rounds(script.rule(held)).await;
    panel
        .ask::<AppendToSession>(then(session, false, true))
        .await;
    panel.finished(session).await;
    panel.houses.east.until_waiting("synthesis", 1).await;
    panel.append(session, "And then?", Vec::new()).await;
    // Nothing more happens in the round by itself.
    panel.houses.east.until_waiting("round", 1).await;
    panel
        .once(session, |round| {
            let is_final = |model| answer(round, model).state == SeatState::Final;
            is_final("beta") && is_final("gamma") && round.debits.len() == 2
        })
        .await;
    let mut stream = followed(&panel, session).await;
    let (before, body) = polled(&panel, session).await;
    assert_eq!(json_of(&body)["synthesis_status"], "pending");

    panel.houses.release("synthesis");
    let event = told(&mut stream, |progress| {
        progress["synthesis_status"] == "complete"
    })
    .await;
    let (now, body) = polled(&panel, session).await;
    assert_eq!(json_of(&body), event);
    assert_eq!(event["round_status"], "in_progress");
    assert!(now > before, "{now} > {before}");
    panel.houses.release("round");
    panel.finished(session).await;
}

#[test]
fn no_version_told_before_a_crash_stands_for_anything_else_after_it() {
    let before: Rc<RefCell<BTreeMap<u64, String>>> = Rc::default();
    let seen = before.clone();
    let wreck = crash(paused(), async move |panel, session, clock| {
        let told = polled(&panel, session).await;
        seen.borrow_mut().extend([told]);
        panel.until_said(session, "alpha", 20).await;
        panel
            .once(session, |round| round.summary.answered == 2)
            .await;
        for _ in 0..3 {
            let told = polled(&panel, session).await;
            seen.borrow_mut().extend([told]);
            clock.advance(Duration::from_millis(1_000));
        }
        everything_is_kept(&panel).await;
        let told = polled(&panel, session).await;
        seen.borrow_mut().extend([told]);
        panel
    });
    let highest = before.borrow().keys().copied().max().unwrap();
    assert!(before.borrow().len() > 1, "{before:?}");
    let home = wreck.home();
    wreck.revive(async |panel, session| {
        let (version, body) = polled(&panel, session).await;
        assert!(!body.contains("in_progress"), "{body}");
        assert!(version > highest, "{version} > {highest}");
        assert!(version >= 1_000_000, "however many were told: {version}");
        // It goes on from there, and the next start tells the same.
        panel.houses.swap(Script::debate());
        assert_eq!(panel.retried(session).await.status, RoundStatus::Complete);
        let last = polled(&panel, session).await;
        assert!(last.0 > version, "{} > {version}", last.0);
        panel.console.close().await;
        let again = Desk::open_in(home, std::sync::Arc::new(hand_clock())).await;
        assert_eq!(polled(&again, session).await.0, last.0);
    });
}

/// How a retry is acknowledged, and what is polled while its seat waits: each as its distance from
/// what was told of the round before.
async fn versions_of_a_retry(recap_session: bool) -> (u64, u64) {
    let failing = Rule {
        model: Some("beta".to_owned()),
        phase: Some(Phase::Respond),
        calls: Some(Calls::only(2)),
        behaviour: refusing(),
        ..Rule::default()
    };
    let panel = Panel::open(Script::debate().rule(failing)).await;
    let session = panel.convene(&SEATS).await.session_id;
    panel.finished(session).await;
    panel
        .ask::<AppendToSession>(then(session, false, recap_session))
        .await;
    panel.finished(session).await;
    if recap_session {
        synthesis(&panel, session).await;
        recap(&panel, session, 1).await;
    }
    let before = panel.round(session).await.progress_version;
    let script = Script::debate().for_phase("beta", Phase::Respond, waiting_at("pause"));
    panel.houses.swap(script);
    let acknowledged = try_again(&panel, session).await;
    panel.houses.west.until_waiting("pause", 1).await;
    let (now, body) = polled(&panel, session).await;
    let awaited = if recap_session { "pending" } else { "none" };
    assert_eq!(json_of(&body)["synthesis_status"], awaited);
    panel.houses.release("pause");
    panel.finished(session).await;
    (acknowledged - before, now - before)
}

#[tokio::test]
async fn a_retry_is_acknowledged_with_no_version_from_before_its_synthesis_was_awaited() {
    let plain = versions_of_a_retry(false).await;
    let awaiting = versions_of_a_retry(true).await;
    for (acknowledged, now) in [plain, awaiting] {
        assert!(
            0 < acknowledged && acknowledged < now,
            "{plain:?} {awaiting:?}"
        );
    }
    // What is told next is as far from the acknowledgement, whether a synthesis is awaited or not:
    // a lower one would be a version that nobody was ever told.
    assert_eq!(
        plain.1 - plain.0,
        awaiting.1 - awaiting.0,
        "{plain:?} {awaiting:?}"
    );
}

/// A round whose second seat failed, with its recap.
fn beta_fails_once() -> Script {
    Script::debate().rule(Rule {
        model: Some("beta".to_owned()),
        phase: Some(Phase::Respond),
        calls: Some(Calls::only(1)),
        behaviour: refusing(),
        ..Rule::default()
    })
}

#[tokio::test]
async fn the_recap_of_a_round_that_is_tried_again_is_awaited_until_it_sums_up_the_new_answer_too() {
    let panel = Panel::open(beta_fails_once()).await;
    let session = panel.ask::<ConveneSession>(recapped()).await.session_id;
    let first = recap(&panel, session, 0).await;
    assert_eq!(first.status, RecapStatus::Complete);
    assert!(first.recap.is_some());

    let script = Script::debate()
        .for_phase("beta", Phase::Respond, waiting_at("answer"))
        .for_phase("beta", Phase::React, waiting_at("reaction"))
        .for_phase("gamma", Phase::Recap, waiting_at("recap"));
    panel.houses.swap(script);
    try_again(&panel, session).await;
    // No summary of what the round no longer is, and none is there before it is written.
    let awaited = async || {
        let shown = panel.round(session).await.recap;
        assert_eq!((shown.status, shown.recap), (RecapStatus::Pending, None));
        let (_, body) = polled(&panel, session).await;
        assert_eq!(json_of(&body)["recap_status"], "pending");
        let (record, _) = panel.console.session(&panel.caller, session).await.unwrap();
        let record = serde_json::to_value(record).unwrap();
        assert_eq!(record["rounds"][0]["recap_status"], "pending");
        assert!(record["rounds"][0].get("round_recap").is_none());
    };
    panel.houses.west.until_waiting("answer", 1).await;
    awaited().await;
    panel.houses.release("answer");
    panel.houses.west.until_waiting("reaction", 1).await;
    awaited().await;
    panel.houses.release("reaction");
    assert_eq!(panel.finished(session).await.status, RoundStatus::Complete);
    panel.houses.east.until_waiting("recap", 1).await;
    awaited().await;
    panel.houses.release("recap");

    let again = recap(&panel, session, 0).await;
    assert_eq!(again.status, RecapStatus::Complete);
    assert!(again.recap.is_some());
    let recaps = panel.houses.calls_of("gamma", Phase::Recap);
    let read: Vec<usize> = recaps
        .iter()
        .map(|call| bodies(call, "answer").len())
        .collect();
    assert_eq!(read, [2, 3], "the second reads the new answer too");
    until(&panel, async || {
        let round = panel.round(session).await;
        let of_recaps = |purpose| purpose == Some(Purpose::Recap);
        let paid = round.debits.iter().filter(|row| of_recaps(row.purpose));
        (paid.count() == 2 && round.held == MicroUsd::ZERO).then_some(())
    })
    .await;
    panel.audit(MicroUsd::dollars(20)).await;
}

#[test]
fn a_recap_whose_round_was_being_tried_again_in_a_crash_is_told_as_lost_and_can_be_asked_for() {
    let wreck = crash(beta_fails_once(), async |panel, session, _| {
        panel.finished(session).await;
        ask_for_recap(&panel, session, 0).await;
        let first = recap(&panel, session, 0).await;
        assert_eq!(first.status, RecapStatus::Complete);
        let script = Script::debate().for_phase("beta", Phase::Respond, waiting_at("pause"));
        panel.houses.swap(script);
        try_again(&panel, session).await;
        panel.houses.west.until_waiting("pause", 1).await;
        everything_is_kept(&panel).await;
        panel
    });
    wreck.revive(async |panel, session| {
        let lost = panel.round(session).await.recap;
        assert_eq!((lost.status, lost.recap), (RecapStatus::Failed, None));
        let failure = lost.failure.unwrap();
        assert!(failure.contains("Ask for it again"), "{failure}");
        panel.houses.swap(Script::debate());
        ask_for_recap(&panel, session, 0).await;
        let again = recap(&panel, session, 0).await;
        assert_eq!(again.status, RecapStatus::Complete);
        panel.audit(MicroUsd::dollars(20)).await;
    });
}

#[tokio::test]
async fn whoever_begins_to_follow_a_session_that_is_over_is_told_all_its_words() {
    let cut = Behaviour::debating().fault(Fault::Cut { after_tokens: 3 });
    let script = Script::debate()
        .for_phase("alpha", Phase::Respond, cut)
        .for_phase("gamma", Phase::Respond, refusing());
    let panel = Panel::open(script).await;
    let session = panel.convene(&SEATS).await.session_id;
    let round = panel.finished(session).await;
    assert_eq!(round.status, RoundStatus::PartialFailure);
    let (_, first) = followed(&panel, session).await.next().await.unwrap();
    let first = json_of(&first);
    assert_eq!(first["type"], "snapshot");
    assert_eq!(first["progress"], json_of(&polled(&panel, session).await.1));
    let words: Vec<Value> = SEATS
        .iter()
        .map(|model| json!({"model": model, "text": answer(&round, model).text}))
        .collect();
    assert_eq!(first["texts"], json!(words), "as they are served");
    let length = |index: usize| words[index]["text"].as_str().unwrap().len();
    assert!(length(0) > 0 && length(1) > length(0) && length(2) == 0);
}
