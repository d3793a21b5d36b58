//! What a run of schedules reached.

use std::collections::BTreeMap;

/// How often things happened, to show that schedules reach them.
#[derive(Debug, Default)]
pub struct Outcome {
    pub steps: usize,
    kinds: BTreeMap<&'static str, usize>,
}

impl Outcome {
    pub fn add(&mut self, other: &Self) {
        self.steps += other.steps;
        for (kind, count) in &other.kinds {
            *self.kinds.entry(kind).or_default() += count;
        }
    }

    pub fn note(&mut self, kind: &'static str) {
        *self.kinds.entry(kind).or_default() += 1;
    }

    pub fn assert_everything_happened(&self) {
        assert!(self.steps >= 5_000, "{self:?}");
        let kinds = [
            "debit",
            "refund",
            "grant",
            "expiry",
            "subscription_credit",
            "top_up",
            "auto_refill",
            "limit_change",
            "overrun",
            "paid by its hold alone",
            "lowered",
            "spanned",
            "parallel",
            "no money",
            "held by others",
            "session limit",
            "part",
            "rest",
            "recap",
            "recap beside a markup",
            "no recap",
        ];
        for kind in kinds {
            assert!(
                self.kinds.get(kind).copied().unwrap_or_default() >= 20,
                "{kind} is too rare: {self:?}"
            );
        }
    }
}
