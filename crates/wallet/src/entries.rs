//! Lines of a booking. Lines of nothing are left out.

use std::collections::BTreeMap;

use husting_domain::ledger::{Account, Entry};
use husting_domain::money::MicroUsd;

/// Two lines that carry `amount` from one account to another.
pub(crate) fn moved(from: Account, to: Account, amount: MicroUsd) -> Vec<Entry> {
    without_zeros([(from, -amount), (to, amount)])
}

/// The given lines, in order.
pub(crate) fn without_zeros(lines: impl IntoIterator<Item = (Account, MicroUsd)>) -> Vec<Entry> {
    let entry = |(account, amount)| Entry { account, amount };
    lines
        .into_iter()
        .map(entry)
        .filter(|entry| entry.amount != MicroUsd::ZERO)
        .collect()
}

/// Takes up to `amount` out of the buckets in the order of draining.
pub(crate) fn drained(balances: &BTreeMap<Account, MicroUsd>, amount: MicroUsd) -> Vec<Entry> {
    let mut left = amount;
    let taken = Account::DEBIT_ORDER.map(|bucket| {
        let there = balances.get(&bucket).copied().unwrap_or_default();
        let part = there.min(left);
        left = left - part;
        (bucket, -part)
    });
    without_zeros(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_drained_in_order_and_never_below_zero() {
        let balances = BTreeMap::from([
            (Account::Refill, MicroUsd(50)),
            (Account::Subscription, MicroUsd(30)),
            (Account::Free, MicroUsd(20)),
        ]);
        let lines = |amount| -> Vec<_> {
            drained(&balances, MicroUsd(amount))
                .iter()
                .map(|line| (line.account, line.amount.0))
                .collect()
        };
        assert_eq!(lines(20), [(Account::Free, -20)]);
        assert_eq!(
            lines(21),
            [(Account::Free, -20), (Account::Subscription, -1)]
        );
        assert_eq!(
            lines(60),
            [
                (Account::Free, -20),
                (Account::Subscription, -30),
                (Account::Refill, -10)
            ]
        );
        assert_eq!(
            lines(500),
            [
                (Account::Free, -20),
                (Account::Subscription, -30),
                (Account::Refill, -50)
            ]
        );
        assert_eq!(lines(0), []);
    }
}
