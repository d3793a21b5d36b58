//! What the calendar owes a wallet: the month's grant, what lapses, a plan's credit, auto-refill.
//!
//! Months are UTC. Each is booked once: a `Grant` marks the present month as booked, also where
//! it grants nothing (no limit, a limit of zero), and then has no lines. After months off the
//! free bucket lapses once and only the present month's grant is booked: the grants in between
//! would have lapsed unspent, so neither balance nor sum differs. A plan's credit carries over,
//! so each missed month is credited and capped in turn. Two nodes that book the same month at
//! once are told apart by the wallet's version, which the commit requires.

use std::collections::BTreeMap;

use husting_domain::ids::TransactionId;
use husting_domain::ledger::{Account, Entry, Transaction, TransactionKind};
use husting_domain::money::MicroUsd;
use husting_domain::time::Timestamp;

use crate::entries::{moved, without_zeros};
use crate::terms::{SubscriptionStatus, WalletTerms};
use crate::wallet::Wallet;

/// The transactions that are due at `now`, in order; none when everything is booked.
#[must_use]
pub fn due(
    wallet: &Wallet,
    now: Timestamp,
    next_id: impl FnMut() -> TransactionId,
) -> Vec<Transaction> {
    let balances = wallet.balances.clone();
    let mut book = Book {
        wallet,
        balances,
        at: now,
        next_id,
        posted: Vec::new(),
    };
    let turned = book.turn_months();
    book.refill(turned);
    book.posted
}

struct Book<'a, F> {
    wallet: &'a Wallet,
    /// As they stand after what was posted.
    balances: BTreeMap<Account, MicroUsd>,
    at: Timestamp,
    next_id: F,
    posted: Vec<Transaction>,
}

impl<F: FnMut() -> TransactionId> Book<'_, F> {
    /// Books every month up to the present one; `true` when a month turned.
    fn turn_months(&mut self) -> bool {
        let present = self.at.month_start();
        let last = self.wallet.month.map(|month| month.month);
        match last {
            // The clock was set back: that month is over and booked.
            Some(last) if last > present => return false,
            Some(last) if last == present => {
                self.credit_plan(present);
                return false;
            }
            Some(last) => self.end_months(last, present),
            None => self.credit_plan(present),
        }
        let grant = self.wallet.terms.monthly_grant.unwrap_or_default();
        let lines = moved(Account::Grants, Account::Free, grant);
        self.post(TransactionKind::Grant { month: present }, lines);
        true
    }

    fn end_months(&mut self, last: Timestamp, present: Timestamp) {
        let mut month = last;
        while month < present {
            month = month.next_month_start();
            self.expire(month);
            self.credit_plan(month);
        }
    }

    /// Lets the free bucket lapse, and of the plan's credit what is above the cap.
    fn expire(&mut self, month: Timestamp) {
        let free = self.balance(Account::Free);
        let cap = self.wallet.terms.subscription.rollover_cap;
        let above_cap = (self.balance(Account::Subscription) - cap).max(MicroUsd::ZERO);
        let lines = without_zeros([
            (Account::Free, -free),
            (Account::Subscription, -above_cap),
            (Account::Expired, free + above_cap),
        ]);
        if !lines.is_empty() {
            self.post(TransactionKind::Expiry { month }, lines);
        }
    }

    fn credit_plan(&mut self, month: Timestamp) {
        let plan = self.wallet.terms.subscription;
        let active =
            plan.status == Some(SubscriptionStatus::Active) && plan.monthly_credit > MicroUsd::ZERO;
        if active && self.wallet.last_subscription_month < Some(month) {
            let lines = moved(Account::Grants, Account::Subscription, plan.monthly_credit);
            self.post(TransactionKind::SubscriptionCredit { month }, lines);
        }
    }

    /// Whole refills, as many as lift the balance to the threshold and the ceiling allows.
    fn refill(&mut self, turned: bool) {
        let refilled = self
            .wallet
            .month
            .filter(|_| !turned)
            .map_or(MicroUsd::ZERO, |month| month.refilled);
        let balance: MicroUsd = Account::DEBIT_ORDER
            .into_iter()
            .map(|bucket| self.balance(bucket))
            .sum();
        let refills = refills_due(&self.wallet.terms, balance, refilled);
        if refills > 0 {
            let amount = MicroUsd(
                self.wallet
                    .terms
                    .auto_refill
                    .amount
                    .0
                    .saturating_mul(refills),
            );
            self.post(
                TransactionKind::AutoRefill,
                moved(Account::Grants, Account::Refill, amount),
            );
        }
    }

    fn balance(&self, account: Account) -> MicroUsd {
        self.balances.get(&account).copied().unwrap_or_default()
    }

    fn post(&mut self, kind: TransactionKind, entries: Vec<Entry>) {
        for entry in &entries {
            *self.balances.entry(entry.account).or_default() += entry.amount;
        }
        self.posted.push(Transaction {
            id: (self.next_id)(),
            at: self.at,
            kind,
            entries,
        });
    }
}

/// Whole refills that lift this balance to the threshold, as many as the ceiling allows beside what the month was refilled
/// by already; none where no limit is set.
pub(crate) fn refills_due(terms: &WalletTerms, balance: MicroUsd, refilled: MicroUsd) -> i64 {
    let refill = terms.auto_refill;
    if !refill.enabled || terms.monthly_grant.is_none() || refill.amount <= MicroUsd::ZERO {
        return 0;
    }
    let short = (refill.threshold - balance).max(MicroUsd::ZERO);
    let wanted = short
        .0
        .unsigned_abs()
        .div_ceil(refill.amount.0.unsigned_abs())
        .cast_signed();
    let allowed = (refill.monthly_ceiling - refilled).max(MicroUsd::ZERO).0 / refill.amount.0;
    wanted.min(allowed)
}
