//! What holds after every step.

use std::collections::BTreeMap;

use husting_domain::ledger::{Account, Occasion, TransactionKind};
use husting_domain::money::MicroUsd;
use husting_wallet::check::check;

use super::world::World;
use crate::fixtures::buckets;

impl World {
    pub fn assert_sound(&self) {
        let report = check(&self.ledger, &self.wallet.balances);
        assert!(report.is_sound(), "{report:?}");
        assert_eq!(buckets(&self.wallet), self.model.buckets());
        assert_eq!(self.wallet.effective_balance().0, self.model.total());
        // After days went by, their month is booked with the next step.
        if self.wallet.booked_month(self.now()).is_some() {
            assert_eq!(self.wallet.limit_used(self.now()).0, self.model.used);
        }
        let loose = self.model.total() - self.wallet.held().0;
        let left = self.model.limit.map(|_| MicroUsd(loose.max(0)));
        assert_eq!(self.wallet.available(), left, "credits − debits − holds");
        assert!(
            self.wallet
                .holds
                .iter()
                .all(|hold| hold.amount > MicroUsd::ZERO)
        );
        let held: Vec<_> = self.open.iter().filter_map(|call| call.hold).collect();
        assert_eq!(
            held.len(),
            self.wallet.holds.len(),
            "a hold for each paid call that runs"
        );
        assert!(
            held.iter()
                .all(|id| self.wallet.holds.iter().any(|hold| hold.id == *id))
        );
        assert_eq!(self.wallet.balance(Account::Overrun).0, -self.overrun);
        self.assert_rounds_reconcile();
    }

    /// Σ of each round's debits and refunds is what the ledger's transactions that name it took.
    fn assert_rounds_reconcile(&self) {
        let mut taken: BTreeMap<Occasion, i64> = BTreeMap::new();
        let mut others = 0;
        for booked in &self.ledger {
            let change = booked.bucket_change().0;
            match &booked.kind {
                TransactionKind::Debit(debit) => {
                    *taken.entry(debit.occasion).or_default() -= change
                }
                TransactionKind::Refund { occasion, .. } => {
                    *taken.entry(*occasion).or_default() -= change
                }
                _ => others += change,
            }
        }
        let said: i64 = self.charged.values().sum();
        assert_eq!(
            self.wallet.effective_balance().0,
            others - said,
            "wallet change = Σ debits"
        );
        for (round, said) in &self.charged {
            assert_eq!(
                taken.get(round).copied().unwrap_or_default(),
                *said,
                "{round:?}"
            );
        }
    }
}
