//! Waiting before something is tried again.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use husting_clock::SharedClock;
use husting_domain::time::Timestamp;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::faults::BusStepError;
use super::reins::Manner;
use crate::bus::Bus;

/// The longest pause.
const LONGEST: Duration = Duration::from_secs(60);

/// Pauses that grow while something keeps failing.
pub struct Pauses {
    clock: SharedClock,
    next: ExponentialBackoff,
}

impl Pauses {
    /// None was needed yet.
    pub fn new(clock: SharedClock) -> Self {
        Self {
            clock,
            next: growing(),
        }
    }

    /// Something went well: the next pause is short again.
    pub fn reset(&mut self) {
        self.next = growing();
    }

    /// When the next pause is over that begins now.
    pub fn next_end(&mut self) -> Timestamp {
        let pause = self.next.next().unwrap_or(LONGEST);
        self.clock.now().plus(pause)
    }

    /// The same after a fault of the bus's, but not for longer than it holds everybody, nor than until
    /// the operator changes something. False when it is time to end.
    pub async fn wait_for_bus(
        &mut self,
        bus: &dyn Bus,
        fault: &BusStepError,
        changes: &mut watch::Receiver<Manner>,
        stop: &CancellationToken,
    ) -> bool {
        tokio::select! {
            goes_on = self.wait(fault.retry_after(), stop) => goes_on,
            () = bus.let_go(), if fault.is_held() => true,
            Ok(()) = changes.changed() => true,
        }
    }

    /// Waits; at least for `least`, where the other side said so. False when it is time to end.
    pub async fn wait(&mut self, least: Option<Duration>, stop: &CancellationToken) -> bool {
        let pause = self.next.next().unwrap_or(LONGEST);
        wait(&self.clock, pause.max(least.unwrap_or_default()), stop).await
    }
}

/// Waits so long. False when it is time to end.
pub async fn wait(clock: &SharedClock, pause: Duration, stop: &CancellationToken) -> bool {
    let until = clock.now().plus(pause);
    tokio::select! {
        () = clock.sleep_until(until) => true,
        () = stop.cancelled() => false,
    }
}

/// Waits for a moment; for ever where there is none.
pub async fn due(clock: &SharedClock, moment: Option<Timestamp>) {
    match moment {
        Some(moment) => clock.sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

fn growing() -> ExponentialBackoff {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(500))
        .with_max_delay(LONGEST)
        .with_jitter()
        .without_max_times()
        .build()
}
