//! How much one key or token may ask for: calls in a time, and what it may hold open.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use husting_domain::ids::{KeyId, TenantId, TokenId};
use husting_wire::errors::{Error, ErrorCode};
use serde_json::json;

use crate::contract::Allowance;

/// Calls between two looks for keys that were idle long enough to be forgotten.
const LOOK_EVERY: u32 = 4_096;

/// Whose calls are counted: each has an allowance of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Counted {
    /// A key to the contract.
    Key(KeyId),
    /// An agent's token.
    Agent(TokenId),
    /// A tenant's token.
    Tenant(TenantId),
}

impl Counted {
    const fn noun(&self) -> &'static str {
        match self {
            Self::Key(_) => "key",
            Self::Agent(_) | Self::Tenant(_) => "token",
        }
    }
}

/// Everybody's counts, kept in memory alone.
#[derive(Default)]
pub(crate) struct Limits {
    calls: Mutex<Option<Calls>>,
    open: Arc<Mutex<HashMap<Counted, u32>>>,
}

struct Calls {
    /// What `limiter` was made for; a changed setting makes a new one.
    allowance: Allowance,
    limiter: DefaultKeyedRateLimiter<Counted>,
    until_look: u32,
}

/// A wait or stream that counts as open until this is dropped.
pub(crate) struct OpenPlace {
    of: Counted,
    open: Arc<Mutex<HashMap<Counted, u32>>>,
}

impl Limits {
    /// Counts one call.
    ///
    /// # Errors
    /// `rate_limited`, with the seconds after which another is taken.
    pub fn call(&self, of: &Counted, allowance: Allowance) -> Result<(), Error> {
        let mut calls = lock(&self.calls);
        let calls = match &mut *calls {
            Some(calls) if calls.allowance == allowance => calls,
            other => other.insert(Calls::new(allowance)),
        };
        calls.count(of)
    }

    /// Takes a place for something that stays open.
    ///
    /// # Errors
    /// `rate_limited` where all are taken.
    pub fn open(&self, of: Counted, allowance: Allowance) -> Result<OpenPlace, Error> {
        let mut open = lock(&self.open);
        let count = open.entry(of.clone()).or_default();
        if *count >= allowance.open_waits {
            let message = format!(
                "This {} holds {count} waits and streams open, which is all it may. End one, or try again when one has ended.",
                of.noun()
            );
            return Err(too_many(message, 1));
        }
        *count += 1;
        Ok(OpenPlace {
            of,
            open: self.open.clone(),
        })
    }
}

impl Calls {
    fn new(allowance: Allowance) -> Self {
        let a_minute = NonZeroU32::new(allowance.calls_per_minute).unwrap_or(NonZeroU32::MIN);
        let at_once = NonZeroU32::new(allowance.burst).unwrap_or(NonZeroU32::MIN);
        Self {
            allowance,
            limiter: RateLimiter::keyed(Quota::per_minute(a_minute).allow_burst(at_once)),
            until_look: LOOK_EVERY,
        }
    }

    fn count(&mut self, of: &Counted) -> Result<(), Error> {
        self.until_look -= 1;
        if self.until_look == 0 {
            self.until_look = LOOK_EVERY;
            self.limiter.retain_recent();
        }
        self.limiter.check_key(of).map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            let Allowance {
                calls_per_minute,
                burst,
                ..
            } = self.allowance;
            let message = format!(
                "This {} may make {calls_per_minute} calls a minute, {burst} of them at once. Wait, then go on.",
                of.noun()
            );
            too_many(message, seconds.max(1))
        })
    }
}

impl Drop for OpenPlace {
    fn drop(&mut self) {
        let mut open = lock(&self.open);
        let Some(count) = open.get_mut(&self.of) else {
            return;
        };
        *count -= 1;
        if *count == 0 {
            open.remove(&self.of);
        }
    }
}

fn too_many(message: String, seconds: u64) -> Error {
    Error::new(ErrorCode::RateLimited, message).with(json!({ "retry_after_seconds": seconds }))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWANCE: Allowance = Allowance {
        calls_per_minute: 1,
        burst: 3,
        open_waits: 2,
    };

    fn key(number: u128) -> Counted {
        let text = format!("{number:032x}");
        Counted::Key(text.parse().unwrap())
    }

    #[test]
    fn a_key_has_its_burst_and_then_waits_while_another_goes_on() {
        let limits = Limits::default();
        for _ in 0..3 {
            limits.call(&key(1), ALLOWANCE).unwrap();
        }
        let refused = limits.call(&key(1), ALLOWANCE).unwrap_err();
        assert_eq!(refused.code, ErrorCode::RateLimited);
        let seconds = refused.details.unwrap()["retry_after_seconds"].clone();
        assert!(
            (1..=60).contains(&seconds.as_u64().unwrap()),
            "one call a minute: {seconds}"
        );
        limits.call(&key(2), ALLOWANCE).unwrap();
    }

    #[test]
    fn a_changed_setting_holds_from_the_next_call() {
        let limits = Limits::default();
        let once = Allowance {
            burst: 1,
            ..ALLOWANCE
        };
        limits.call(&key(1), once).unwrap();
        limits.call(&key(1), once).unwrap_err();
        limits.call(&key(1), ALLOWANCE).unwrap();
    }

    #[test]
    fn a_place_is_free_again_once_it_is_left_and_nothing_is_kept_of_it() {
        let limits = Limits::default();
        let first = limits.open(key(1), ALLOWANCE).unwrap();
        let second = limits.open(key(1), ALLOWANCE).unwrap();
        assert_eq!(
            limits.open(key(1), ALLOWANCE).err().unwrap().code,
            ErrorCode::RateLimited
        );
        drop(limits.open(key(2), ALLOWANCE).unwrap());
        drop(first);
        let third = limits.open(key(1), ALLOWANCE).unwrap();
        drop((second, third));
        assert!(lock(&limits.open).is_empty());
    }
}
