//! Local seats wait for each other and for nobody else.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{Called, api_seat, ask, call, clock, once_waiting, shared, terms};
use husting_clock::ManualClock;
use husting_domain::calls::SeatErrorCode;
use husting_domain::exchange::SeatEvent;
use husting_domain::money::Usage;
use husting_seats::queue::{Queue, Queued};
use husting_seats::timed::Timed;
use husting_seats::{CallTerms, Seat, SharedSeat};
use husting_test_support::{Behaviour, FakeProvider, GatePoint, Script, Wire};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

const GATE: &str = "gate";

/// A local server at which every call stands at a gate before its second word.
struct Local {
    server: FakeProvider,
    clock: ManualClock,
    queue: Queue,
}

impl Local {
    async fn start() -> Self {
        let halted =
            Behaviour::answering("One word, and another.").gate(GATE, GatePoint::BeforeToken(1));
        Self {
            server: FakeProvider::start(Wire::Ollama, Script::new(halted))
                .await
                .unwrap(),
            clock: clock(),
            queue: Queue::default(),
        }
    }

    fn seat(&self) -> SharedSeat {
        let inner = Arc::new(api_seat(Wire::Ollama, &self.server, &self.clock));
        let queued = Arc::new(Queued::new(inner, self.queue.clone()));
        Arc::new(Timed::new(queued, shared(&self.clock)))
    }

    fn call(&self, terms: CallTerms) -> JoinHandle<Called> {
        let seat = self.seat();
        tokio::spawn(async move { call(&*seat, &ask("Why?"), terms).await })
    }

    /// Calls that the server has begun and not ended.
    fn in_flight(&self) -> usize {
        let tally = self.server.tally();
        tally.started - tally.ended
    }
}

#[tokio::test]
async fn three_local_seats_take_turns_and_an_api_seat_waits_for_none() {
    let local = Local::start().await;
    let calls: Vec<_> = (0..3).map(|_| local.call(terms())).collect();
    local.server.until_waiting(GATE, 1).await;

    let elsewhere = FakeProvider::start(Wire::OpenAi, Script::answering("At once."))
        .await
        .unwrap();
    let seat = Timed::new(
        Arc::new(api_seat(Wire::OpenAi, &elsewhere, &local.clock)),
        shared(&local.clock),
    );
    let (sender, mut events) = mpsc::channel(64);
    let answer = seat.call(&ask("Why?"), terms(), sender).await.unwrap();
    assert_eq!(answer.text, "At once.");
    let mut said = Vec::new();
    events.recv_many(&mut said, 64).await;
    assert!(said.iter().any(|event| matches!(event, SeatEvent::Text(_))));
    assert_eq!(
        local.server.calls_started(),
        1,
        "the local seats still wait"
    );

    for turn in 1..=3 {
        local.server.until_waiting(GATE, 1).await;
        assert_eq!((local.server.calls_started(), local.in_flight()), (turn, 1));
        local.server.release(GATE, 1);
        local.server.until_ended(turn).await;
    }
    for call in calls {
        let text = call.await.unwrap().outcome.unwrap().text;
        assert_eq!(text, "One word, and another.");
    }
}

#[tokio::test]
async fn whoever_came_first_is_served_first() {
    let local = Local::start().await;
    let first = local.call(terms());
    local.server.until_waiting(GATE, 1).await;
    let (second, third) = (local.seat(), local.seat());
    let prompts = [ask("The second."), ask("The third.")];
    let both = tokio::spawn(async move {
        // Polled in this order, so that they join the queue in it.
        tokio::join!(
            biased;
            call(&*second, &prompts[0], terms()),
            call(&*third, &prompts[1], terms())
        )
    });
    // The deadlines of all three.
    once_waiting(&local.clock, 3).await;
    local.server.open(GATE);
    first.await.unwrap();
    both.await.unwrap();
    let asked: Vec<String> = local
        .server
        .requests()
        .iter()
        .map(|request| request.body["messages"][1]["content"].to_string())
        .collect();
    assert_eq!(asked, ["\"Why?\"", "\"The second.\"", "\"The third.\""]);
}

#[tokio::test]
async fn a_call_that_is_stopped_in_the_queue_was_never_made() {
    let local = Local::start().await;
    let first = local.call(terms());
    local.server.until_waiting(GATE, 1).await;
    let stopped = terms();
    let second = local.call(stopped.clone());
    once_waiting(&local.clock, 3).await;
    stopped.cancel.cancel();
    let called = second.await.unwrap();
    assert!(called.events.is_empty());
    let failure = called.outcome.unwrap_err();
    assert_eq!(
        (failure.code, failure.usage),
        (SeatErrorCode::Cancelled, Usage::default())
    );
    local.server.open(GATE);
    assert!(first.await.unwrap().outcome.is_ok());
    assert_eq!(local.server.calls_started(), 1);
}

#[tokio::test]
async fn the_deadline_covers_the_wait_and_the_idle_limit_does_not() {
    let local = Local::start().await;
    let first = local.call(terms());
    local.server.until_waiting(GATE, 1).await;
    let soon = CallTerms {
        deadline: common::NOW.plus_millis(59_000),
        ..terms()
    };
    let (late, patient) = (local.call(soon), local.call(terms()));
    // Two limits of the first call, which has spoken, and one of each that waits.
    once_waiting(&local.clock, 4).await;
    local.clock.advance(Duration::from_secs(59));
    let failure = late.await.unwrap().outcome.unwrap_err();
    assert_eq!(failure.code, SeatErrorCode::InternalDeadlineReached);
    local.clock.advance(Duration::from_secs(1));
    let failure = first.await.unwrap().outcome.unwrap_err();
    assert_eq!(failure.code, SeatErrorCode::StreamInterrupted);
    // Sixty seconds of waiting are no silence: whoever is left has its turn.
    local.server.open(GATE);
    assert!(patient.await.unwrap().outcome.is_ok());
}

#[tokio::test]
async fn a_call_that_is_dropped_leaves_the_queue() {
    let local = Local::start().await;
    let first = local.call(terms());
    local.server.until_waiting(GATE, 1).await;
    first.abort();
    local.server.open(GATE);
    assert!(local.call(terms()).await.unwrap().outcome.is_ok());
}
