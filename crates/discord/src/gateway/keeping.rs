//! Giving events to the listener, one after the other, each until it is kept.

use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use husting_clock::SharedClock;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Heard, ListenError, Listener};

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How long the event that is being kept at a stop may take.
const GRACE: Duration = Duration::from_secs(1);

/// What waits for the listener.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// A new session took the place of one that could not be resumed.
    Missed,
    Event(Heard),
}

/// The listener's end of the queue.
pub(super) struct Keeping {
    pub listener: Arc<dyn Listener>,
    pub clock: SharedClock,
    pub stop: CancellationToken,
    /// Cancelled when the gateway has ended: also by `stop`.
    pub over: CancellationToken,
    pub waiting: mpsc::Receiver<Item>,
}

impl Keeping {
    /// Until nothing comes any more, or until it is stopped: then what is being kept has a short grace,
    /// for it may wait for Discord, and what waits is left to the next process. What is left in the midst
    /// is kept with its number or not at all, so the session is resumed at the right place.
    pub async fn run(mut self) {
        loop {
            let item = tokio::select! {
                biased;
                () = self.stop.cancelled() => return,
                item = self.waiting.recv() => item,
            };
            let Some(item) = item else {
                return;
            };
            tokio::select! {
                () = self.keep(item) => {}
                () = self.grace_is_over() => return,
            }
        }
    }

    async fn grace_is_over(&self) {
        self.stop.cancelled().await;
        tokio::time::sleep(GRACE).await;
    }

    async fn keep(&self, item: Item) {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(FIRST_PAUSE)
            .with_max_delay(LONGEST_PAUSE)
            .without_max_times()
            .build();
        for pause in pauses {
            let Err(error) = self.offer(item.clone()).await else {
                return;
            };
            tracing::warn!(%error, "an event of Discord's could not be kept; once more");
            let moment = self.clock.now().plus(pause);
            // Once nothing more comes, what cannot be kept is left to the next process.
            tokio::select! {
                () = self.over.cancelled() => return,
                () = self.clock.sleep_until(moment) => {}
            }
        }
    }

    async fn offer(&self, item: Item) -> Result<(), ListenError> {
        match item {
            Item::Missed => self.listener.missed().await,
            Item::Event(heard) => self.listener.hear(heard).await,
        }
    }
}
