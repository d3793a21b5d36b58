//! The limits every seat keeps, by a clock that moves only when a test says so.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use common::{Called, ask, call, clock, once_waiting, shared, terms};
use husting_clock::ManualClock;
use husting_domain::calls::SeatErrorCode;
use husting_domain::exchange::{Prompt, SeatAnswer, SeatEvent, SeatOutcome};
use husting_domain::money::Usage;
use husting_seats::timed::Timed;
use husting_seats::{CallTerms, Seat};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// A seat whose words are handed to it while it speaks; it ends when they do.
struct Puppet {
    script: tokio::sync::Mutex<mpsc::Receiver<SeatEvent>>,
    ending: SeatOutcome,
}

impl Puppet {
    fn new(ending: SeatOutcome) -> (mpsc::Sender<SeatEvent>, Arc<Self>) {
        let (strings, script) = mpsc::channel(16);
        (
            strings,
            Arc::new(Self {
                script: tokio::sync::Mutex::new(script),
                ending,
            }),
        )
    }
}

#[async_trait]
impl Seat for Puppet {
    async fn call(&self, _: &Prompt, _: CallTerms, events: mpsc::Sender<SeatEvent>) -> SeatOutcome {
        while let Some(event) = self.script.lock().await.recv().await {
            drop(events.send(event).await);
        }
        self.ending.clone()
    }
}

fn answer(text: &str) -> SeatOutcome {
    let usage = Usage {
        input: 3,
        output: 2,
        ..Usage::default()
    };
    Ok(SeatAnswer {
        text: text.into(),
        usage,
        finish_reason: "stop".into(),
        is_partial: false,
    })
}

/// A call under way, its seat on strings.
struct Running {
    strings: mpsc::Sender<SeatEvent>,
    clock: ManualClock,
    terms: CallTerms,
    call: JoinHandle<Called>,
}

impl Running {
    fn start(ending: SeatOutcome) -> Self {
        let (strings, puppet) = Puppet::new(ending);
        let (clock, terms) = (clock(), terms());
        let timed = Timed::new(puppet, shared(&clock));
        let given = terms.clone();
        let call = tokio::spawn(async move { call(&timed, &ask("12345678"), given).await });
        Self {
            strings,
            clock,
            terms,
            call,
        }
    }

    async fn say(&self, words: &str) {
        self.strings
            .send(SeatEvent::Text(words.into()))
            .await
            .unwrap();
    }

    /// Waits until the call stands at the deadline and the idle limit with everything passed on.
    async fn rests(&self, waiters: usize) {
        while self.strings.capacity() < self.strings.max_capacity() {
            tokio::task::yield_now().await;
        }
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        once_waiting(&self.clock, waiters).await;
    }

    async fn fails(self, code: SeatErrorCode, partial_text: &str) -> Usage {
        let called = self.call.await.unwrap();
        assert_eq!(called.streamed(), partial_text);
        let failure = called.outcome.unwrap_err();
        assert_eq!(
            (failure.code, failure.partial_text.as_str()),
            (code, partial_text)
        );
        failure.usage
    }
}

#[tokio::test]
async fn a_finished_answer_passes_untouched() {
    let running = Running::start(answer("Yes, so."));
    running.say("Yes, ").await;
    running.say("so.").await;
    drop(running.strings);
    let called = running.call.await.unwrap();
    assert_eq!(called.streamed(), "Yes, so.");
    assert_eq!(called.outcome, answer("Yes, so."));
}

#[tokio::test]
async fn the_deadline_ends_a_call_that_never_spoke_and_costs_nothing() {
    let running = Running::start(answer(""));
    running.rests(1).await;
    running.clock.advance(Duration::from_secs(150));
    assert_eq!(
        running
            .fails(SeatErrorCode::InternalDeadlineReached, "")
            .await,
        Usage::default()
    );
}

#[tokio::test]
async fn the_deadline_keeps_the_words_and_counts_them() {
    let running = Running::start(answer(""));
    for _ in 0..3 {
        running.say("some words, ").await;
        running.rests(2).await;
        running.clock.advance(Duration::from_secs(50));
    }
    let usage = running
        .fails(
            SeatErrorCode::InternalDeadlineReached,
            "some words, some words, some words, ",
        )
        .await;
    // 19 bytes of system text and 8 of the question; 36 bytes written.
    assert_eq!(
        usage,
        Usage {
            input: 7,
            output: 9,
            estimated: true,
            ..Usage::default()
        }
    );
}

#[tokio::test]
async fn silence_after_the_first_words_ends_a_call() {
    let running = Running::start(answer(""));
    running.say("some words").await;
    running.rests(2).await;
    running.clock.advance(Duration::from_secs(60));
    running
        .fails(SeatErrorCode::StreamInterrupted, "some words")
        .await;
}

#[tokio::test]
async fn silence_before_the_first_words_is_the_deadlines_business() {
    let running = Running::start(answer("late"));
    running.strings.send(SeatEvent::Alive).await.unwrap();
    running.rests(1).await;
    running.clock.advance(Duration::from_secs(149));
    running.say("late").await;
    running.rests(2).await;
    drop(running.strings);
    assert_eq!(running.call.await.unwrap().outcome, answer("late"));
}

#[tokio::test]
async fn any_sign_of_life_puts_the_silence_off() {
    let running = Running::start(answer("some words"));
    running.say("some words").await;
    for _ in 0..2 {
        running.rests(2).await;
        running.clock.advance(Duration::from_secs(59));
        running.strings.send(SeatEvent::Alive).await.unwrap();
    }
    running.rests(2).await;
    drop(running.strings);
    assert_eq!(running.call.await.unwrap().outcome, answer("some words"));
}

#[tokio::test]
async fn a_stopped_call_keeps_what_it_has() {
    let running = Running::start(answer(""));
    running.say("some words").await;
    running.rests(2).await;
    running.terms.cancel.cancel();
    running.fails(SeatErrorCode::Cancelled, "some words").await;
}

#[tokio::test]
async fn a_call_that_is_already_over_never_reaches_its_seat() {
    let (strings, puppet) = Puppet::new(answer("never"));
    drop(strings);
    let clock = clock();
    let timed = Timed::new(puppet, shared(&clock));
    let stopped = terms();
    stopped.cancel.cancel();
    let failure = call(&timed, &ask("?"), stopped).await.outcome.unwrap_err();
    assert_eq!(failure.code, SeatErrorCode::Cancelled);
    clock.advance(Duration::from_secs(150));
    let failure = call(&timed, &ask("?"), terms()).await.outcome.unwrap_err();
    assert_eq!(failure.code, SeatErrorCode::InternalDeadlineReached);
}

#[tokio::test]
async fn a_reader_that_stands_still_holds_up_no_deadline_and_misses_no_word_in_between() {
    let (strings, puppet) = Puppet::new(answer(""));
    let (clock, terms) = (clock(), terms());
    let timed: Arc<dyn Seat> = Arc::new(Timed::new(puppet, shared(&clock)));
    let (events, mut unread) = mpsc::channel(2);
    let running = tokio::spawn(async move { timed.call(&ask("?"), terms, events).await });
    for number in 0..9 {
        strings
            .send(SeatEvent::Text(format!("word {number} ")))
            .await
            .unwrap();
    }
    once_waiting(&clock, 1).await;
    while unread.len() < 2 {
        tokio::task::yield_now().await;
    }
    clock.advance(Duration::from_secs(150));
    let failure = running.await.unwrap().unwrap_err();
    assert_eq!(failure.code, SeatErrorCode::InternalDeadlineReached);
    let mut read = String::new();
    while let Some(SeatEvent::Text(words)) = unread.recv().await {
        read.push_str(&words);
    }
    assert!(
        failure.partial_text.starts_with(&read) && read.starts_with("word 0 word 1 "),
        "{read}"
    );
}
