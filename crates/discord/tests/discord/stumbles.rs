//! Where whoever comes panics on purpose, and when they came.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use husting_clock::Clock;
use husting_domain::time::Timestamp;

use crate::quick_clock::QuickClock;

/// The first who come panic, so many of them.
pub struct Stumbles {
    times: usize,
    clock: Arc<QuickClock>,
    came: Mutex<Vec<Timestamp>>,
}

impl Stumbles {
    pub fn new(times: usize, clock: &Arc<QuickClock>) -> Arc<Self> {
        Arc::new(Self {
            times,
            clock: Arc::clone(clock),
            came: Mutex::default(),
        })
    }

    pub fn come(&self) {
        let count = {
            let mut came = self.came.lock().unwrap();
            came.push(self.clock.now());
            came.len()
        };
        assert!(count > self.times, "on purpose");
    }

    /// So many came, each at least a minute after the one before.
    pub fn assert_rested(&self, count: usize) {
        let came = self.came.lock().unwrap();
        assert_eq!(came.len(), count, "{came:?}");
        let minute = i64::try_from(Duration::from_secs(60).as_micros()).unwrap();
        for (before, after) in came.iter().zip(&came[1..]) {
            assert!(after.as_micros() - before.as_micros() >= minute, "{came:?}");
        }
    }
}

/// A clock like the quick one, at which whoever waits comes by.
pub struct StumblingClock(pub Arc<Stumbles>);

#[async_trait]
impl Clock for StumblingClock {
    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    async fn sleep_until(&self, moment: Timestamp) {
        self.0.come();
        self.0.clock.sleep_until(moment).await;
    }
}
