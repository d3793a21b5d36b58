//! What a wait for a round tells: of the round that is meant, who is still at work, and what was read.

use std::sync::Arc;

use husting_clock::SharedClock;
use husting_console::Waited;
use husting_domain::calls::Purpose;
use husting_domain::rounds::RoundStatus;
use husting_test_support::{Behaviour, Fault, GatePoint, Options, Phase, Rule, Script};
use husting_wire::answers::SeatState;
use husting_wire::contract::requests::WaitForRound;
use serde_json::Value;

use crate::contract::waiting;
use crate::desk::{Desk, PATIENCE, answer, hand_clock, id, reaction};
use crate::panel::{Panel, SEATS};

async fn waited(desk: &Desk, asked: WaitForRound) -> Waited {
    let wait = desk.console.wait_for_round(&desk.caller, asked);
    tokio::time::timeout(PATIENCE, wait)
        .await
        .expect("at once")
        .unwrap()
}

#[tokio::test]
async fn a_wait_for_an_earlier_round_does_not_wait_for_the_one_at_work() {
    let held = Rule {
        model: Some("alpha".to_owned()),
        phase: Some(Phase::Respond),
        says: Some("Go on.".to_owned()),
        behaviour: Behaviour::debating().gate("pause", GatePoint::BeforeResponse),
        ..Rule::default()
    };
    // By a clock that stands still, so that nobody's patience ends.
    let clock: SharedClock = Arc::new(hand_clock());
    let panel = Panel::open_by(clock, Script::debate().rule(held)).await;
    let session = panel.convene(&SEATS).await.session_id;
    let first = panel.finished(session).await;
    let second = panel.append(session, "Go on.", Vec::new()).await;
    panel.houses.east.until_waiting("pause", 1).await;
    for asked in [
        WaitForRound {
            round_id: Some(first.round_id),
            ..waiting(session)
        },
        WaitForRound {
            round_index: Some(0),
            ..waiting(session)
        },
    ] {
        let waited = waited(&panel, asked).await;
        assert_eq!(waited.state.round_id, first.round_id);
        assert_eq!(waited.state.round_status, RoundStatus::Complete);
        assert_eq!(waited.state.progress_version, first.progress_version);
    }
    let running = panel.round(session).await;
    assert_eq!(
        (running.round_id, running.status),
        (second.round_id, RoundStatus::InProgress)
    );
    panel.houses.release("pause");
    panel.finished(session).await;
}

#[tokio::test]
async fn a_wait_that_ends_early_names_those_alone_who_have_not_answered() {
    let script = Script::debate()
        .for_phase(
            "alpha",
            Phase::Respond,
            Behaviour::debating().gate("answer", GatePoint::BeforeToken(5)),
        )
        .for_phase(
            "gamma",
            Phase::Respond,
            Behaviour::default().fault(Fault::BadRequest400),
        )
        .for_phase(
            "beta",
            Phase::React,
            Behaviour::debating().gate("reaction", GatePoint::BeforeToken(5)),
        );
    let panel = Panel::open(script).await;
    let session = panel.convene(&SEATS).await.session_id;
    panel.until_said(session, "alpha", 20).await;
    panel
        .once(session, |round| {
            let state = |model| answer(round, model).state;
            state("beta") == SeatState::Final && state("gamma") == SeatState::Error
        })
        .await;
    let short = WaitForRound {
        timeout_seconds: Some(1),
        ..waiting(session)
    };
    let state = waited(&panel, short.clone()).await.state;
    let [at_work] = &state.in_progress_models[..] else {
        panic!("alpha alone: {state:?}")
    };
    assert_eq!(
        (&at_work.model, at_work.state, at_work.partial_text_length),
        (&id("alpha"), SeatState::Streaming, 20)
    );
    let answered: Vec<&str> = state
        .completed_models
        .iter()
        .map(|seat| seat.model.as_str())
        .collect();
    assert_eq!(answered, ["beta"]);
    assert_eq!(state.failed_models.len(), 1);
    assert_eq!(state.failed_models[0].model, id("gamma"));

    // Who reacts has answered.
    panel.houses.release("answer");
    panel
        .once(session, |round| {
            reaction(round, "beta").state == SeatState::Streaming
        })
        .await;
    let waited = waited(&panel, short).await;
    assert_eq!(waited.state.round_status, RoundStatus::InProgress);
    assert!(
        waited.state.in_progress_models.is_empty(),
        "{:?}",
        waited.state
    );
    assert_eq!(waited.state.completed_models.len(), 2);
    assert!(waited.text.contains("2 of 3 models"), "{}", waited.text);
    panel.houses.release("reaction");
    panel.finished(session).await;
}

#[tokio::test]
async fn what_was_read_from_a_cache_counts_as_read_and_is_told_apart() {
    let caching = Behaviour::debating().options(Options {
        cached_tokens: 12,
        cache_write_tokens: 7,
        ..Options::default()
    });
    let panel = Panel::open(Script::new(caching)).await;
    let session = panel.convene(&SEATS).await.session_id;
    let waited = waited(&panel, waiting(session)).await;
    let (record, _) = panel.console.session(&panel.caller, session).await.unwrap();
    let record = serde_json::to_value(record).unwrap();
    let round = &record["rounds"][0];
    let of = |rows: &Value, model: &str, purpose: Option<Purpose>| -> Value {
        let purpose = serde_json::to_value(purpose).unwrap();
        let mut rows = rows.as_array().unwrap().iter();
        let found = rows
            .find(|row| row["model"] == model && (purpose.is_null() || row["purpose"] == purpose));
        found.unwrap().clone()
    };
    // Only west tells what it wrote to its cache.
    for (model, from_cache) in [("alpha", 12), ("beta", 19), ("gamma", 12)] {
        let calls = panel.houses.calls_of(model, Phase::Respond);
        let usage = calls[0].usage.unwrap();
        let mut seats = waited.state.completed_models.iter();
        let seat = seats.find(|seat| seat.model == id(model)).unwrap();
        assert_eq!(seat.tokens_in, usage.input, "{model}");
        assert_eq!(seat.tokens_out, usage.output, "{model}");
        assert_eq!(
            of(&round["responses"], model, None)["tokens_in"],
            usage.input
        );
        let debit = of(&round["debits"], model, Some(Purpose::Respond));
        assert_eq!(debit["tokens_in"], usage.input, "{model}");
        assert_eq!(debit["tokens_cached"], from_cache, "{model}");
        assert!(usage.input > from_cache, "{model} read more than that");
    }
}
