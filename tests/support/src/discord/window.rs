//! Counting in windows of time.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::settings::Limit;

/// A window that opens with the first request and is empty again when it ends.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    opened: Instant,
    used: u32,
}

impl Window {
    pub(crate) fn new(now: Instant) -> Self {
        Window {
            opened: now,
            used: 0,
        }
    }

    /// Takes one of the limit; false when there is none left.
    pub(crate) fn take(&mut self, limit: Limit, now: Instant) -> bool {
        if now.duration_since(self.opened) >= limit.window() {
            *self = Window::new(now);
        }
        if self.used >= limit.requests {
            return false;
        }
        if self.used == 0 {
            self.opened = now;
        }
        self.used += 1;
        true
    }

    pub(crate) fn remaining(&self, limit: Limit, now: Instant) -> u32 {
        if self.reset_after(limit, now).is_zero() {
            return limit.requests;
        }
        limit.requests.saturating_sub(self.used)
    }

    pub(crate) fn reset_after(&self, limit: Limit, now: Instant) -> Duration {
        (self.opened + limit.window()).saturating_duration_since(now)
    }
}

/// The last so many moments within a time, whenever it began.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sliding(VecDeque<Instant>);

impl Sliding {
    /// Notes one more; false when the limit was reached before it.
    pub(crate) fn note(&mut self, limit: Limit, now: Instant) -> bool {
        let within = self.count(limit, now);
        self.0.push_back(now);
        within < limit.requests as usize
    }

    pub(crate) fn count(&mut self, limit: Limit, now: Instant) -> usize {
        let window = limit.window();
        while self
            .0
            .front()
            .is_some_and(|at| now.duration_since(*at) >= window)
        {
            self.0.pop_front();
        }
        self.0.len()
    }

    /// Until the first of them is forgotten.
    pub(crate) fn reset_after(&self, limit: Limit, now: Instant) -> Duration {
        self.0.front().map_or(Duration::ZERO, |first| {
            (*first + limit.window()).saturating_duration_since(now)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_empty_again_when_it_ends() {
        let (limit, start) = (Limit::new(2, 1_000), Instant::now());
        let mut window = Window::new(start);
        let later = start + Duration::from_millis(400);
        assert!(window.take(limit, start) && window.take(limit, later));
        assert!(!window.take(limit, later));
        assert_eq!(window.reset_after(limit, later), Duration::from_millis(600));
        assert!(window.take(limit, start + Duration::from_secs(1)));
        assert_eq!(window.remaining(limit, start + Duration::from_secs(1)), 1);
    }

    #[test]
    fn sliding_moments_are_forgotten_one_by_one() {
        let (limit, start) = (Limit::new(2, 1_000), Instant::now());
        let mut sliding = Sliding::default();
        assert!(sliding.note(limit, start));
        assert!(sliding.note(limit, start + Duration::from_millis(900)));
        assert!(!sliding.note(limit, start + Duration::from_millis(950)));
        assert_eq!(
            sliding.count(limit, start + Duration::from_millis(1_100)),
            2
        );
    }
}
