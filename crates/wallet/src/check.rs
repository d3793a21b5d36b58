//! The proof that the ledger holds: everything sums to zero, and each balance is the sum of its
//! entries. Transactions are fed one by one, so that a long ledger need not be in memory.

use std::collections::BTreeMap;

use husting_domain::ids::TransactionId;
use husting_domain::ledger::{Account, Transaction, TransactionKind};
use husting_domain::money::MicroUsd;

/// A check under way.
#[derive(Clone, Debug, Default)]
pub struct LedgerCheck {
    sums: BTreeMap<Account, i128>,
    transactions: u64,
    unbalanced: Vec<TransactionId>,
    misstated: Vec<TransactionId>,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerReport {
    /// How many transactions were read.
    pub transactions: u64,
    /// The sum of all entries, in micro-dollars.
    pub total: i128,
    /// Each account's figures, in [`Account::ALL`] order.
    pub accounts: Vec<AccountFigures>,
    /// Transactions whose lines do not sum to zero.
    pub unbalanced: Vec<TransactionId>,
    /// Debits whose amount is not what their lines took out of the buckets.
    pub misstated: Vec<TransactionId>,
}

/// One account in a [`LedgerReport`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountFigures {
    /// The account.
    pub account: Account,
    /// The sum of its entries, in micro-dollars.
    pub entries: i128,
    /// Its balance as stored.
    pub balance: MicroUsd,
}

impl LedgerCheck {
    /// Reads one transaction.
    pub fn add(&mut self, transaction: &Transaction) {
        self.transactions += 1;
        for entry in &transaction.entries {
            *self.sums.entry(entry.account).or_default() += i128::from(entry.amount.0);
        }
        if !transaction.is_balanced() {
            self.unbalanced.push(transaction.id);
        }
        if is_misstated(transaction) {
            self.misstated.push(transaction.id);
        }
    }

    /// Compares what was read with the stored balances.
    #[must_use]
    pub fn report(self, balances: &BTreeMap<Account, MicroUsd>) -> LedgerReport {
        LedgerReport {
            misstated: self.misstated,
            ..LedgerReport::of_wide_sums(self.transactions, self.unbalanced, &self.sums, balances)
        }
    }
}

impl LedgerReport {
    /// The report where the store has summed the entries itself; no debit's own amount is looked at.
    #[must_use]
    pub fn of_sums(
        transactions: u64,
        unbalanced: Vec<TransactionId>,
        entries: &BTreeMap<Account, MicroUsd>,
        balances: &BTreeMap<Account, MicroUsd>,
    ) -> Self {
        let wide = entries
            .iter()
            .map(|(account, sum)| (*account, i128::from(sum.0)))
            .collect();
        Self::of_wide_sums(transactions, unbalanced, &wide, balances)
    }

    fn of_wide_sums(
        transactions: u64,
        unbalanced: Vec<TransactionId>,
        sums: &BTreeMap<Account, i128>,
        balances: &BTreeMap<Account, MicroUsd>,
    ) -> Self {
        let accounts = Account::ALL.map(|account| AccountFigures {
            account,
            entries: sums.get(&account).copied().unwrap_or_default(),
            balance: balances.get(&account).copied().unwrap_or_default(),
        });
        let total = accounts.iter().map(|figures| figures.entries).sum();
        Self {
            transactions,
            total,
            accounts: accounts.to_vec(),
            unbalanced,
            misstated: Vec::new(),
        }
    }

    /// Whether nothing is amiss.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.total == 0
            && self.unbalanced.is_empty()
            && self.misstated.is_empty()
            && self.accounts.iter().all(AccountFigures::is_sound)
    }
}

impl AccountFigures {
    /// Whether the balance is the sum of the entries and, for a bucket, not below zero.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        i128::from(self.balance.0) == self.entries
            && !(self.account.is_bucket() && self.entries < 0)
    }
}

/// Checks a whole ledger at once.
#[must_use]
pub fn check<'a>(
    ledger: impl IntoIterator<Item = &'a Transaction>,
    balances: &BTreeMap<Account, MicroUsd>,
) -> LedgerReport {
    let mut check = LedgerCheck::default();
    ledger
        .into_iter()
        .for_each(|transaction| check.add(transaction));
    check.report(balances)
}

fn is_misstated(transaction: &Transaction) -> bool {
    match &transaction.kind {
        TransactionKind::Debit(debit) => debit.amount != -transaction.bucket_change(),
        _ => false,
    }
}
