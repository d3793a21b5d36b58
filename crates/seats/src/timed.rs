//! What every seat must do alike, wrapped around it once: stop when a person says so, end at the
//! deadline, end when the provider has fallen silent, and keep in each case the words it wrote.

use std::time::Duration;

use async_trait::async_trait;
use futures::FutureExt;
use futures::future::BoxFuture;
use husting_clock::SharedClock;
use husting_domain::calls::SeatErrorCode;
use husting_domain::exchange::{Prompt, SeatEvent, SeatFailure, SeatOutcome};
use husting_domain::money::Usage;
use husting_domain::time::Timestamp;
use tokio::sync::mpsc;

use crate::{CallTerms, Seat, SharedSeat, estimate};

/// Silence after the first words that ends a call.
pub const IDLE_LIMIT: Duration = Duration::from_secs(60);

/// Events a seat may be ahead of its reader.
const BUFFER: usize = 64;

/// Any seat, with its limits kept.
pub struct Timed {
    inner: SharedSeat,
    clock: SharedClock,
    idle: Duration,
}

impl Timed {
    /// Keeps the call's deadline and [`IDLE_LIMIT`] by `clock`.
    #[must_use]
    pub fn new(inner: SharedSeat, clock: SharedClock) -> Self {
        Self {
            inner,
            clock,
            idle: IDLE_LIMIT,
        }
    }

    /// With another idle limit.
    #[must_use]
    pub fn with_idle_limit(self, idle: Duration) -> Self {
        Self { idle, ..self }
    }

    fn already_over(&self, terms: &CallTerms) -> Option<Stop> {
        if terms.cancel.is_cancelled() {
            return Some(Stop::Cancelled);
        }
        (self.clock.now() >= terms.deadline).then_some(Stop::Deadline)
    }
}

#[async_trait]
impl Seat for Timed {
    async fn call(
        &self,
        prompt: &Prompt,
        terms: CallTerms,
        events: mpsc::Sender<SeatEvent>,
    ) -> SeatOutcome {
        if let Some(stop) = self.already_over(&terms) {
            return Err(stop.failure(String::new(), Usage::default()));
        }
        let inner_terms = CallTerms {
            deadline: terms.deadline,
            cancel: terms.cancel.child_token(),
        };
        let stopper = inner_terms.cancel.clone();
        let (sender, heard) = mpsc::channel(BUFFER);
        let call = self.inner.call(prompt, inner_terms, sender);
        let mut listener = Listener {
            call,
            outcome: None,
            unsent: None,
            heard,
            events,
            text: String::new(),
            last: None,
        };

        let stop = tokio::select! {
            biased;
            () = terms.cancel.cancelled() => Stop::Cancelled,
            outcome = listener.follow(&self.clock, self.idle) => match outcome {
                Some(outcome) => return outcome,
                None => Stop::Idle,
            },
            () = self.clock.sleep_until(terms.deadline) => Stop::Deadline,
        };
        stopper.cancel();
        listener.settle(prompt, stop)
    }
}

/// Why a call is ended from outside.
#[derive(Clone, Copy)]
enum Stop {
    Cancelled,
    Deadline,
    Idle,
}

impl Stop {
    fn failure(self, partial_text: String, usage: Usage) -> SeatFailure {
        let (code, message) = match self {
            Self::Cancelled => (
                SeatErrorCode::Cancelled,
                "stopped before the answer was complete",
            ),
            Self::Deadline => (
                SeatErrorCode::InternalDeadlineReached,
                "the answer was not complete at the call's deadline",
            ),
            Self::Idle => (
                SeatErrorCode::StreamInterrupted,
                "the provider fell silent in the middle of its answer",
            ),
        };
        SeatFailure {
            code,
            message: message.to_owned(),
            partial_text,
            usage,
        }
    }
}

/// Stands between the seat and the call's reader.
struct Listener<'a> {
    /// Never polled again once `outcome` is there.
    call: BoxFuture<'a, SeatOutcome>,
    /// Kept here while the last words are passed on.
    outcome: Option<SeatOutcome>,
    /// Waits for room at the reader; kept here so that a stop tears no hole into the words.
    unsent: Option<SeatEvent>,
    heard: mpsc::Receiver<SeatEvent>,
    events: mpsc::Sender<SeatEvent>,
    text: String,
    /// The newest event, once there were words.
    last: Option<Timestamp>,
}

impl Listener<'_> {
    /// How the call ended by itself; `None` when it has fallen silent.
    async fn follow(&mut self, clock: &SharedClock, idle: Duration) -> Option<SeatOutcome> {
        while self.outcome.is_none() {
            let silent = silence(clock, self.last, idle);
            tokio::select! {
                biased;
                Some(event) = self.heard.recv() => self.pass_on(event, clock).await,
                outcome = &mut self.call => self.outcome = Some(outcome),
                () = silent => return None,
            }
        }
        while let Ok(event) = self.heard.try_recv() {
            self.pass_on(event, clock).await;
        }
        self.outcome.take()
    }

    async fn pass_on(&mut self, event: SeatEvent, clock: &SharedClock) {
        self.take_in(&event, clock.now());
        self.unsent = Some(event);
        // A reader that went away does not stop the call.
        if let Ok(room) = self.events.reserve().await
            && let Some(event) = self.unsent.take()
        {
            room.send(event);
        }
        // A slow reader's time is not the provider's silence.
        self.last = self.last.map(|_| clock.now());
    }

    fn take_in(&mut self, event: &SeatEvent, now: Timestamp) {
        if let SeatEvent::Text(words) = event {
            self.text.push_str(words);
            self.last = Some(now);
        }
    }

    /// Without waiting, since a reader with no room must not hold up a call that is over; what
    /// does not fit is in the outcome.
    fn pass_on_the_rest(&mut self) {
        let mut has_room = self
            .unsent
            .take()
            .is_none_or(|event| self.events.try_send(event).is_ok());
        while let Ok(event) = self.heard.try_recv() {
            if let SeatEvent::Text(words) = &event {
                self.text.push_str(words);
            }
            has_room = has_room && self.events.try_send(event).is_ok();
        }
    }

    /// The seat's own last word where it has one at hand, since only it knows what was used.
    fn settle(mut self, prompt: &Prompt, stop: Stop) -> SeatOutcome {
        // Closed, so that a seat that waits for room in the buffer goes on.
        self.heard.close();
        let last_word = match self.outcome.take() {
            Some(outcome) => Some(outcome),
            None => tokio::task::coop::unconstrained(&mut self.call).now_or_never(),
        };
        self.pass_on_the_rest();
        match last_word {
            Some(Ok(answer)) => Ok(answer),
            Some(Err(failure)) => Err(stop.failure(failure.partial_text, failure.usage)),
            None if self.text.is_empty() => Err(stop.failure(String::new(), Usage::default())),
            None => {
                let usage = estimate::usage(prompt, &self.text);
                Err(stop.failure(self.text, usage))
            }
        }
    }
}

async fn silence(clock: &SharedClock, last: Option<Timestamp>, idle: Duration) {
    match last {
        Some(last) => {
            clock
                .sleep_until(last.plus_millis(i64::try_from(idle.as_millis()).unwrap_or(i64::MAX)))
                .await
        }
        None => std::future::pending().await,
    }
}
