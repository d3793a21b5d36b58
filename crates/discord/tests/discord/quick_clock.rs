//! A clock that runs faster than time: pauses of seconds take moments, sockets keep their pace.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use husting_clock::Clock;
use husting_domain::time::Timestamp;
use tokio::sync::watch;

/// So many of its seconds pass in one.
const PACE: u32 = 50;

pub struct QuickClock {
    since: Instant,
    /// In microseconds; less than nothing where it was set back.
    skipped: watch::Sender<i64>,
}

impl QuickClock {
    pub fn new() -> Self {
        Self {
            since: Instant::now(),
            skipped: watch::Sender::new(0),
        }
    }

    /// Lets this much pass at once.
    pub fn skip(&self, span: Duration) {
        self.skipped.send_modify(|skipped| *skipped += micros(span));
    }

    /// As if somebody set it to an earlier time.
    pub fn set_back(&self, span: Duration) {
        self.skipped.send_modify(|skipped| *skipped -= micros(span));
    }
}

#[async_trait]
impl Clock for QuickClock {
    fn now(&self) -> Timestamp {
        let passed = micros(self.since.elapsed() * PACE);
        Timestamp::from_micros(passed + *self.skipped.borrow())
    }

    async fn sleep_until(&self, moment: Timestamp) {
        let mut skipped = self.skipped.subscribe();
        loop {
            skipped.mark_unchanged();
            let left = moment.as_micros().saturating_sub(self.now().as_micros());
            let Some(left) = u64::try_from(left).ok().filter(|left| *left > 0) else {
                return;
            };
            let pause = tokio::time::sleep(Duration::from_micros(left) / PACE);
            tokio::select! {
                () = pause => {}
                changed = skipped.changed() => changed.unwrap(),
            }
        }
    }
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap()
}
