//! One-time login codes.

use std::sync::{Mutex, PoisonError};

use husting_clock::SharedClock;
use husting_domain::time::Timestamp;

use husting_tokens::Digest;

/// How long a code opens the console.
const LIFETIME_MILLIS: i64 = 10 * 60 * 1_000;
/// Codes that wait at one time; the oldest gives way.
const MOST: usize = 16;

/// Codes that were given out and not yet spent.
pub(super) struct Codes {
    clock: SharedClock,
    // One lock around looking and taking away: a code is spent once, however many try at a time.
    waiting: Mutex<Vec<(Digest, Timestamp)>>,
}

impl Codes {
    pub(super) fn new(clock: SharedClock) -> Self {
        Self {
            clock,
            waiting: Mutex::default(),
        }
    }

    pub(super) fn keep(&self, code: Digest) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() == MOST {
            waiting.remove(0);
        }
        waiting.push((code, self.clock.now().plus_millis(LIFETIME_MILLIS)));
    }

    /// Whether the code was good; it is not any more.
    pub(super) fn spend(&self, code: &Digest) -> bool {
        let now = self.clock.now();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|(_, ends)| *ends > now);
        let before = waiting.len();
        waiting.retain(|(known, _)| !known.matches(code));
        waiting.len() < before
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use husting_clock::ManualClock;

    use super::*;
    use husting_tokens::digest;

    fn codes() -> (ManualClock, Codes) {
        let clock = ManualClock::at(Timestamp::from_micros(0));
        (clock.clone(), Codes::new(Arc::new(clock)))
    }

    #[test]
    fn a_code_is_good_once() {
        let (_, codes) = codes();
        codes.keep(digest("one"));
        codes.keep(digest("two"));
        assert!(!codes.spend(&digest("three")));
        assert!(codes.spend(&digest("one")));
        assert!(!codes.spend(&digest("one")));
        assert!(codes.spend(&digest("two")));
    }

    #[test]
    fn a_code_is_good_for_ten_minutes() {
        let (clock, codes) = codes();
        codes.keep(digest("early"));
        codes.keep(digest("late"));
        clock.advance(Duration::from_millis(599_999));
        assert!(codes.spend(&digest("early")));
        clock.advance(Duration::from_millis(1));
        assert!(!codes.spend(&digest("late")));
    }

    #[test]
    fn codes_nobody_spends_do_not_pile_up() {
        let (_, codes) = codes();
        for number in 0..=MOST {
            codes.keep(digest(&number.to_string()));
        }
        assert!(!codes.spend(&digest("0")));
        assert!(codes.spend(&digest("1")));
    }
}
