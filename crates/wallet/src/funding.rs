//! Money the operator adds or takes away: top-ups, what is taken back of them, and a new monthly limit.

use husting_domain::ids::TransactionId;
use husting_domain::ledger::{Account, Transaction, TransactionKind};
use husting_domain::money::MicroUsd;
use husting_domain::time::Timestamp;

use crate::calendar::refills_due;
use crate::entries::moved;
use crate::terms::WalletTerms;
use crate::wallet::Wallet;

/// A top-up of nothing, or of less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a top-up needs an amount above zero")]
pub struct TopUpError;

/// Why a sum is not taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TakeBackError {
    /// It is nothing, or less.
    #[error("what is taken back is more than zero")]
    Nothing,
    /// Nothing was added, or all of it is spent.
    #[error("no added money is there that could be taken back")]
    Empty,
    /// It is more than what was added and is neither spent nor held.
    #[error("at most {0} can be taken back: what was added and is neither spent nor held")]
    Beyond(MicroUsd),
    /// Beyond this the balance would fall below the threshold of auto-refill, which adds to it again.
    #[error("beyond {0} auto-refill would add to it again: switch that off first")]
    Refilled(MicroUsd),
}

/// A new limit: the settings to store and what to book with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitChange {
    /// The wallet's settings with the limit in them.
    pub terms: WalletTerms,
    /// Books the difference at once, where the present month has a grant to change.
    pub transaction: Option<Transaction>,
}

/// Adds `amount` to the refill bucket.
///
/// # Errors
/// [`TopUpError`] unless `amount` is above zero.
pub fn top_up(
    amount: MicroUsd,
    id: TransactionId,
    at: Timestamp,
) -> Result<Transaction, TopUpError> {
    if amount <= MicroUsd::ZERO {
        return Err(TopUpError);
    }
    let entries = moved(Account::Grants, Account::Refill, amount);
    Ok(Transaction {
        id,
        at,
        kind: TransactionKind::TopUp,
        entries,
    })
}

/// What was added to the refill bucket and is neither spent nor held, as far as auto-refill would not add it again.
#[must_use]
pub fn can_be_taken_back(wallet: &Wallet, at: Timestamp) -> MicroUsd {
    let loose = loose(wallet);
    if !is_refilled(wallet, loose, at) {
        return loose;
    }
    let above = wallet.effective_balance() - wallet.terms.auto_refill.threshold;
    loose.min(above).max(MicroUsd::ZERO)
}

/// Held money is drained from this bucket last; without a limit no call is paid from it at all.
fn loose(wallet: &Wallet) -> MicroUsd {
    let added = wallet.balance(Account::Refill);
    let Some(available) = wallet.available() else {
        return added;
    };
    added.min(available)
}

/// Whether auto-refill would add to the wallet once so much is taken from it.
fn is_refilled(wallet: &Wallet, taken: MicroUsd, at: Timestamp) -> bool {
    let balance = wallet.effective_balance() - taken;
    refills_due(&wallet.terms, balance, wallet.refilled(at)) > 0
}

/// Takes `amount` out of the refill bucket again: a top-up the other way round.
///
/// # Errors
/// [`TakeBackError`].
pub fn take_back(
    wallet: &Wallet,
    amount: MicroUsd,
    id: TransactionId,
    at: Timestamp,
) -> Result<Transaction, TakeBackError> {
    if amount <= MicroUsd::ZERO {
        return Err(TakeBackError::Nothing);
    }
    if wallet.balance(Account::Refill) <= MicroUsd::ZERO {
        return Err(TakeBackError::Empty);
    }
    let loose = loose(wallet);
    if amount > loose {
        return Err(TakeBackError::Beyond(loose));
    }
    if is_refilled(wallet, amount, at) {
        return Err(TakeBackError::Refilled(can_be_taken_back(wallet, at)));
    }
    Ok(Transaction {
        id,
        at,
        kind: TransactionKind::TopUp,
        entries: moved(Account::Refill, Account::Grants, amount),
    })
}

/// Sets the monthly limit, `None` for no limit, at once: what the month already used counts
/// against the new figure, and a figure below that leaves the free bucket empty.
///
/// Call it on a wallet whose [`crate::calendar::due`] is booked; for a month that is not, only
/// the settings change and its grant will be the new one.
#[must_use]
pub fn change_limit(
    wallet: &Wallet,
    limit: Option<MicroUsd>,
    id: TransactionId,
    at: Timestamp,
) -> LimitChange {
    let terms = WalletTerms {
        monthly_grant: limit,
        limit_chosen: true,
        ..wallet.terms.clone()
    };
    // Without a limit the free bucket follows the spending, and keeps what it has until then.
    let Some(limit) = limit.filter(|_| wallet.booked_month(at).is_some()) else {
        return LimitChange {
            terms,
            transaction: None,
        };
    };
    let left = (limit - wallet.limit_used(at)).max(MicroUsd::ZERO);
    let entries = moved(
        Account::Grants,
        Account::Free,
        left - wallet.balance(Account::Free),
    );
    let transaction = Transaction {
        id,
        at,
        kind: TransactionKind::LimitChange,
        entries,
    };
    LimitChange {
        terms,
        transaction: (!transaction.entries.is_empty()).then_some(transaction),
    }
}
