//! The wallet as loaded: balances, open holds, settings, and what this month already saw.

use std::collections::BTreeMap;

use husting_domain::ids::{HoldId, SessionId, TransactionId};
use husting_domain::ledger::{Account, Hold, Transaction, TransactionKind};
use husting_domain::money::MicroUsd;
use husting_domain::time::Timestamp;

use crate::terms::WalletTerms;

/// A tenant's wallet at one version of the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wallet {
    /// As loaded; a commit names it as its precondition, and only the store raises it.
    pub version: u64,
    /// What the operator set.
    pub terms: WalletTerms,
    /// Each account's balance: the sum of its entries. An account without entries may be missing.
    pub balances: BTreeMap<Account, MicroUsd>,
    /// Money set aside for calls that have not settled.
    pub holds: Vec<Hold>,
    /// The newest month that was booked; `None` before the first.
    pub month: Option<MonthToDate>,
    /// The newest month whose plan credit was booked.
    pub last_subscription_month: Option<Timestamp>,
}

/// What the ledger says of the newest booked month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthToDate {
    /// Its first moment.
    pub month: Timestamp,
    /// What its grant and changes of the limit put into the free bucket, net.
    pub granted: MicroUsd,
    /// What auto-refill added.
    pub refilled: MicroUsd,
}

/// Why a transaction does not fit a wallet. Nothing of it was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// Its lines do not sum to zero.
    #[error("transaction {0} does not sum to zero")]
    Unbalanced(TransactionId),
    /// It takes more out of a bucket than is there.
    #[error("transaction {id} takes the bucket {} below zero", account.word())]
    BelowZero {
        /// The transaction.
        id: TransactionId,
        /// The bucket.
        account: Account,
    },
    /// A balance would leave the range of micro-dollars.
    #[error("transaction {0} leaves the range of an amount")]
    OutOfRange(TransactionId),
}

impl Wallet {
    /// A wallet with settings and nothing else.
    #[must_use]
    pub fn new(terms: WalletTerms) -> Self {
        Self {
            terms,
            ..Self::default()
        }
    }

    /// One account's balance.
    #[must_use]
    pub fn balance(&self, account: Account) -> MicroUsd {
        self.balances.get(&account).copied().unwrap_or_default()
    }

    /// The sum of the buckets; counts no holds.
    #[must_use]
    pub fn effective_balance(&self) -> MicroUsd {
        Account::DEBIT_ORDER
            .into_iter()
            .map(|bucket| self.balance(bucket))
            .sum()
    }

    /// The sum of the open holds.
    #[must_use]
    pub fn held(&self) -> MicroUsd {
        self.holds.iter().map(|hold| hold.amount).sum()
    }

    /// The sum of one session's open holds.
    #[must_use]
    pub fn held_by(&self, session: SessionId) -> MicroUsd {
        self.holds
            .iter()
            .filter(|hold| hold.occasion.session() == Some(session))
            .map(|hold| hold.amount)
            .sum()
    }

    /// Balance less holds, at least zero; `None` where no limit is set.
    #[must_use]
    pub fn available(&self) -> Option<MicroUsd> {
        self.terms
            .monthly_grant
            .map(|_| (self.effective_balance() - self.held()).max(MicroUsd::ZERO))
    }

    /// When the free bucket is reset next.
    #[must_use]
    pub fn resets_at(now: Timestamp) -> Timestamp {
        now.next_month_start()
    }

    /// The month of `now`, once it is booked.
    #[must_use]
    pub fn booked_month(&self, now: Timestamp) -> Option<MonthToDate> {
        self.month.filter(|month| month.month == now.month_start())
    }

    /// What the month of `now` took out of the free bucket, refunds deducted; nothing before it is booked.
    #[must_use]
    pub fn limit_used(&self, now: Timestamp) -> MicroUsd {
        self.booked_month(now).map_or(MicroUsd::ZERO, |month| {
            month.granted - self.balance(Account::Free)
        })
    }

    /// What auto-refill added in the month of `now`.
    #[must_use]
    pub fn refilled(&self, now: Timestamp) -> MicroUsd {
        self.booked_month(now)
            .map_or(MicroUsd::ZERO, |month| month.refilled)
    }

    /// Adds a transaction's lines to the balances and notes the month it books.
    ///
    /// # Errors
    /// [`ApplyError`]; the wallet is then unchanged.
    pub fn apply(&mut self, transaction: &Transaction) -> Result<(), ApplyError> {
        if !transaction.is_balanced() {
            return Err(ApplyError::Unbalanced(transaction.id));
        }
        self.balances = self.balances_after(transaction)?;
        self.note_month(transaction);
        Ok(())
    }

    /// Adds a hold.
    pub fn open(&mut self, hold: Hold) {
        self.holds.push(hold);
    }

    /// Removes a hold; `None` when it is not open.
    pub fn close(&mut self, id: HoldId) -> Option<Hold> {
        let place = self.holds.iter().position(|hold| hold.id == id)?;
        Some(self.holds.remove(place))
    }

    fn balances_after(
        &self,
        transaction: &Transaction,
    ) -> Result<BTreeMap<Account, MicroUsd>, ApplyError> {
        let id = transaction.id;
        let mut balances = self.balances.clone();
        for entry in &transaction.entries {
            let balance = balances.entry(entry.account).or_default();
            balance.0 = balance
                .0
                .checked_add(entry.amount.0)
                .ok_or(ApplyError::OutOfRange(id))?;
        }
        let below_zero = balances
            .iter()
            .find(|(account, balance)| account.is_bucket() && balance.0 < 0);
        match below_zero {
            Some((&account, _)) => Err(ApplyError::BelowZero { id, account }),
            None => Ok(balances),
        }
    }

    fn note_month(&mut self, transaction: &Transaction) {
        let into = |bucket| -> MicroUsd {
            transaction
                .entries
                .iter()
                .filter(|line| line.account == bucket)
                .map(|line| line.amount)
                .sum()
        };
        match &transaction.kind {
            TransactionKind::Grant { month } => {
                let granted = into(Account::Free);
                self.month = Some(MonthToDate {
                    month: *month,
                    granted,
                    refilled: MicroUsd::ZERO,
                });
            }
            TransactionKind::SubscriptionCredit { month } => {
                self.last_subscription_month = Some(*month)
            }
            TransactionKind::LimitChange => {
                self.month
                    .iter_mut()
                    .for_each(|month| month.granted += into(Account::Free));
            }
            TransactionKind::AutoRefill => {
                self.month
                    .iter_mut()
                    .for_each(|month| month.refilled += into(Account::Refill));
            }
            TransactionKind::Debit(_)
            | TransactionKind::Refund { .. }
            | TransactionKind::Expiry { .. }
            | TransactionKind::TopUp => {}
        }
    }
}
