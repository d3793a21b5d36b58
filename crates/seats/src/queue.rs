//! One call at a time, in the order they came, for seats that share one machine's memory: a local
//! server that has to swap its models serves nobody well. Other seats wait for none of it.

use std::sync::Arc;

use async_trait::async_trait;
use husting_domain::calls::SeatErrorCode;
use husting_domain::exchange::{Prompt, SeatEvent, SeatFailure, SeatOutcome};
use husting_domain::money::Usage;
use tokio::sync::{Semaphore, mpsc};

use crate::{CallTerms, Seat, SharedSeat};

/// The queue before one server; clones stand in the same one.
#[derive(Clone, Debug)]
pub struct Queue(Arc<Semaphore>);

impl Default for Queue {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

/// Any seat, behind a [`Queue`].
///
/// A call says nothing while it waits. Its deadline covers the wait, since it is what its caller was
/// promised; the idle limit, which begins with the first words, does not.
pub struct Queued {
    inner: SharedSeat,
    queue: Queue,
}

impl Queued {
    /// Calls `inner` when it is its turn.
    #[must_use]
    pub fn new(inner: SharedSeat, queue: Queue) -> Self {
        Self { inner, queue }
    }
}

#[async_trait]
impl Seat for Queued {
    async fn call(
        &self,
        prompt: &Prompt,
        terms: CallTerms,
        events: mpsc::Sender<SeatEvent>,
    ) -> SeatOutcome {
        let turn = tokio::select! {
            biased;
            () = terms.cancel.cancelled() => return Err(stopped_in_the_queue()),
            // The queue is never closed, so that there always is a turn.
            turn = self.queue.0.acquire() => turn,
        };
        let outcome = self.inner.call(prompt, terms, events).await;
        drop(turn);
        outcome
    }
}

fn stopped_in_the_queue() -> SeatFailure {
    SeatFailure {
        code: SeatErrorCode::Cancelled,
        message: "stopped before its turn".to_owned(),
        partial_text: String::new(),
        usage: Usage::default(),
    }
}
