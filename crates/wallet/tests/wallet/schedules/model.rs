//! The specification's buckets as three integers, without a ledger.

/// One wallet's money, in micro-dollars.
#[derive(Debug)]
pub struct Model {
    pub free: i64,
    pub subscription: i64,
    pub refill: i64,
    /// The monthly limit.
    pub limit: Option<i64>,
    pub credit: i64,
    pub cap: i64,
    pub active: bool,
    pub auto_refill: Option<(i64, i64, i64)>,
    /// Taken from the free bucket this month, refunds into it deducted.
    pub used: i64,
    refilled: i64,
    /// Months since the first one; `None` before it.
    month: Option<i64>,
    /// The newest month that the plan was credited for.
    credited: Option<i64>,
}

impl Model {
    pub fn new() -> Self {
        Self {
            free: 0,
            subscription: 0,
            refill: 0,
            limit: Some(1_500_000),
            credit: 0,
            cap: 30_000_000,
            active: false,
            auto_refill: None,
            used: 0,
            refilled: 0,
            month: None,
            credited: None,
        }
    }

    pub fn buckets(&self) -> [i64; 3] {
        [self.free, self.subscription, self.refill]
    }

    pub fn total(&self) -> i64 {
        self.free + self.subscription + self.refill
    }

    /// Turns months up to `month`, then refills.
    pub fn turn(&mut self, month: i64) {
        let first = self.month.map_or(month, |last| last + 1);
        for turned in first..=month {
            self.subscription = self.subscription.min(self.cap);
            self.free = self.limit.unwrap_or(0);
            (self.used, self.refilled) = (0, 0);
            self.credit_plan(turned);
        }
        self.credit_plan(month);
        self.month = Some(month);
        let Some((threshold, amount, ceiling)) = self.auto_refill.filter(|_| self.limit.is_some())
        else {
            return;
        };
        while self.total() < threshold && self.refilled + amount <= ceiling {
            self.refill += amount;
            self.refilled += amount;
        }
    }

    fn credit_plan(&mut self, month: i64) {
        if self.active && self.credit > 0 && self.credited < Some(month) {
            self.subscription += self.credit;
            self.credited = Some(month);
        }
    }

    /// Pays what it can, at the least what was held for it, and says how much that was.
    pub fn pay(&mut self, charged: i64, held: i64) -> i64 {
        if self.limit.is_none() {
            self.used += charged;
            self.free = (self.free - charged).max(0);
            return charged;
        }
        let lacking = (charged.min(held) - self.total()).max(0);
        let free_before = self.free + lacking;
        self.free = free_before;
        let mut left = charged;
        for bucket in [&mut self.free, &mut self.subscription, &mut self.refill] {
            let part = left.min(*bucket);
            *bucket -= part;
            left -= part;
        }
        self.used += free_before - self.free;
        charged - left
    }

    /// Puts back into the free bucket what was taken from it.
    pub fn return_to_free(&mut self, amount: i64) {
        self.free += amount;
        self.used -= amount;
    }

    pub fn set_limit(&mut self, limit: Option<i64>) {
        self.limit = limit;
        if let Some(limit) = limit {
            self.free = (limit - self.used).max(0);
        }
    }
}
