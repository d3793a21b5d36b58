//! When to ask again: when the provider says, else after a growing pause with jitter, three times in
//! all and never past the deadline.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use husting_domain::calls::SeatErrorCode;
use husting_domain::exchange::SeatEvent;
use husting_domain::time::Timestamp;

use super::refusals::{Refusal, until};

/// Attempts in all.
const ATTEMPTS: u32 = 3;

const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// The attempts of one call.
pub(super) struct Retries {
    attempt: u32,
    pauses: ExponentialBackoff,
}

/// The wait before the next attempt.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pause {
    pub until: Timestamp,
    /// Tells of it.
    pub event: SeatEvent,
}

impl Retries {
    /// Jitter from `seed`, else from the system.
    pub(super) fn new(seed: Option<u64>) -> Self {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(FIRST_PAUSE)
            .with_factor(2.0)
            .with_jitter();
        let pauses = match seed {
            Some(seed) => pauses.with_jitter_seed(seed),
            None => pauses,
        };
        Self {
            attempt: 1,
            pauses: pauses.build(),
        }
    }

    /// When to ask again after `refusal`, or what it finally is.
    pub(super) fn next(
        &mut self,
        refusal: Refusal,
        now: Timestamp,
        deadline: Timestamp,
    ) -> Result<Pause, Refusal> {
        if !refusal.is_passing || self.attempt >= ATTEMPTS {
            return Err(refusal);
        }
        let wait = match refusal.ask_again_at {
            Some(moment) => until(moment, now),
            None => self.pauses.next().unwrap_or(FIRST_PAUSE),
        };
        let after_millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        let until = now.plus_millis(i64::try_from(after_millis).unwrap_or(i64::MAX));
        if until >= deadline {
            return Err(self.not_retried(refusal));
        }
        self.attempt += 1;
        let Refusal { code, message, .. } = refusal;
        Ok(Pause {
            until,
            event: SeatEvent::Retrying {
                attempt: self.attempt,
                code,
                message,
                after_millis,
            },
        })
    }

    /// Nothing was retried where the first pause already leads past the deadline.
    fn not_retried(&self, refusal: Refusal) -> Refusal {
        match refusal.code {
            SeatErrorCode::MaxRetriesExceeded if self.attempt == 1 => Refusal {
                code: SeatErrorCode::PreStreamProviderError,
                ..refusal
            },
            _ => refusal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(0);
    const LATER: Timestamp = Timestamp::from_micros(150_000_000);

    fn passing(code: SeatErrorCode, ask_again_at: Option<Timestamp>) -> Refusal {
        Refusal {
            is_passing: true,
            ask_again_at,
            ..Refusal::lasting(code, "no".to_owned())
        }
    }

    fn millis(pause: &Pause) -> i64 {
        pause.until.millis_since(NOW)
    }

    #[test]
    fn pauses_grow_with_jitter_and_end_after_three_attempts() {
        for seed in 0..50 {
            let mut retries = Retries::new(Some(seed));
            let mut pause =
                || retries.next(passing(SeatErrorCode::MaxRetriesExceeded, None), NOW, LATER);
            let (first, second) = (millis(&pause().unwrap()), millis(&pause().unwrap()));
            assert!((500..=1_000).contains(&first), "seed {seed}: {first}");
            assert!((1_000..=2_000).contains(&second), "seed {seed}: {second}");
            assert_eq!(pause().unwrap_err().code, SeatErrorCode::MaxRetriesExceeded);
        }
    }

    #[test]
    fn the_providers_own_word_goes_before_the_pause() {
        let refusal = passing(SeatErrorCode::RateLimit, Some(NOW.plus_millis(7_000)));
        let pause = Retries::new(None).next(refusal, NOW, LATER).unwrap();
        let told = SeatEvent::Retrying {
            attempt: 2,
            code: SeatErrorCode::RateLimit,
            message: "no".into(),
            after_millis: 7_000,
        };
        assert_eq!(
            pause,
            Pause {
                until: NOW.plus_millis(7_000),
                event: told
            }
        );
    }

    #[test]
    fn nobody_waits_past_the_deadline() {
        let next = |code| {
            Retries::new(None)
                .next(passing(code, Some(LATER)), NOW, LATER)
                .unwrap_err()
                .code
        };
        assert_eq!(next(SeatErrorCode::RateLimit), SeatErrorCode::RateLimit);
        assert_eq!(
            next(SeatErrorCode::MaxRetriesExceeded),
            SeatErrorCode::PreStreamProviderError
        );
    }

    #[test]
    fn what_lasts_is_not_asked_again() {
        let refusal = Refusal::lasting(SeatErrorCode::ProviderAuthFailure, "no".into());
        assert_eq!(
            Retries::new(None).next(refusal.clone(), NOW, LATER),
            Err(refusal)
        );
    }
}
