//! Time as a value passed in: the system's clock in a program, one advanced by hand in a test.
//!
//! A paused runtime clock would jump while a socket waits, so tests that mix time with real
//! sockets use [`ManualClock`].

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use husting_domain::time::Timestamp;
use tokio::sync::watch;

/// Now, and waiting for a moment.
#[async_trait]
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> Timestamp;

    /// Returns once `now() >= moment`; at once when it has passed.
    async fn sleep_until(&self, moment: Timestamp);
}

/// A shared clock.
pub type SharedClock = Arc<dyn Clock>;

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(jiff::Timestamp::now().as_microsecond())
    }

    async fn sleep_until(&self, moment: Timestamp) {
        // The wall clock may be set while we sleep, so look again at each waking.
        loop {
            let left = moment.as_micros().saturating_sub(self.now().as_micros());
            let Ok(left) = u64::try_from(left) else {
                return;
            };
            if left == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_micros(left).min(Duration::from_secs(60))).await;
        }
    }
}

/// A clock that stands still until it is advanced.
#[derive(Clone, Debug)]
pub struct ManualClock {
    now: Arc<watch::Sender<Timestamp>>,
    // Serialises `advance`, so that two callers both move the clock.
    advancing: Arc<Mutex<()>>,
    // One for each waiter.
    awaited: Arc<Mutex<Vec<Timestamp>>>,
}

/// A waiter's moment, for as long as it waits.
struct Awaited<'a> {
    moments: &'a Mutex<Vec<Timestamp>>,
    moment: Timestamp,
}

impl<'a> Awaited<'a> {
    fn of(moments: &'a Mutex<Vec<Timestamp>>, moment: Timestamp) -> Self {
        let mut all = moments.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(moment);
        Self { moments, moment }
    }
}

impl Drop for Awaited<'_> {
    fn drop(&mut self) {
        let mut all = self.moments.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = all.iter().position(|moment| *moment == self.moment) {
            all.swap_remove(at);
        }
    }
}

impl ManualClock {
    /// A clock that shows `start`.
    #[must_use]
    pub fn at(start: Timestamp) -> Self {
        Self {
            now: Arc::new(watch::Sender::new(start)),
            advancing: Arc::default(),
            awaited: Arc::default(),
        }
    }

    /// Moves the clock forward and wakes whoever waited for the moments passed.
    pub fn advance(&self, by: Duration) {
        let _turn = self
            .advancing
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        self.now.send_modify(|now| *now = now.plus(by));
    }

    /// Sets the clock, forward or back.
    pub fn set(&self, moment: Timestamp) {
        self.now.send_replace(moment);
    }

    /// How many waiters stand at [`Clock::sleep_until`] now; lets a test wait until the code under
    /// test has come to rest.
    #[must_use]
    pub fn waiters(&self) -> usize {
        self.now.receiver_count()
    }

    /// How many wait for just this moment, whoever else waits for another.
    #[must_use]
    pub fn waiting_for(&self, moment: Timestamp) -> usize {
        let all = self.awaited.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().filter(|awaited| **awaited == moment).count()
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.now.borrow()
    }

    async fn sleep_until(&self, moment: Timestamp) {
        let mut now = self.now.subscribe();
        let _awaited = Awaited::of(&self.awaited, moment);
        // The sender lives in `self`, so waiting cannot fail.
        if now.wait_for(|now| *now >= moment).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_manual_clock_wakes_only_who_is_due() {
        let clock = ManualClock::at(Timestamp::from_micros(0));
        let (early, late) = (clock.clone(), clock.clone());
        let early =
            tokio::spawn(async move { early.sleep_until(Timestamp::from_micros(5_000)).await });
        let late =
            tokio::spawn(async move { late.sleep_until(Timestamp::from_micros(9_000)).await });
        while clock.waiters() < 2 {
            tokio::task::yield_now().await;
        }
        let [first, second] = [5_000, 9_000].map(Timestamp::from_micros);
        assert_eq!([first, second].map(|at| clock.waiting_for(at)), [1, 1]);
        clock.advance(Duration::from_millis(5));
        early.await.unwrap();
        assert!(!late.is_finished());
        assert_eq!([first, second].map(|at| clock.waiting_for(at)), [0, 1]);
        clock.advance(Duration::from_millis(4));
        late.await.unwrap();
    }
}
