//! Money back for a debit, to the buckets that paid it.
//!
//! What was drained last comes back first, so that a part returns to the money that lasts
//! longest. What overran was never paid and is not given back.

use husting_domain::ids::TransactionId;
use husting_domain::ledger::{Account, Transaction, TransactionKind};
use husting_domain::money::MicroUsd;
use husting_domain::time::Timestamp;

use crate::entries::without_zeros;

/// How much of a debit to give back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundAmount {
    /// All that was not given back yet.
    Full,
    /// This much.
    Part(MicroUsd),
}

/// Why nothing is given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RefundError {
    /// The transaction is not a debit.
    #[error("transaction {0} is not a debit")]
    NotADebit(TransactionId),
    /// The amount is not above zero, or all was given back.
    #[error("there is nothing to give back")]
    Nothing,
    /// More than what the buckets paid and did not get back.
    #[error("at most {left} can be given back")]
    MoreThanPaid {
        /// What is left.
        left: MicroUsd,
    },
}

/// Books a refund of `debit`; `earlier` are the refunds it had, others among them are ignored.
///
/// # Errors
/// [`RefundError`] when `debit` is none, or the amount is nothing or more than is left of it.
pub fn refund(
    debit: &Transaction,
    earlier: &[Transaction],
    amount: RefundAmount,
    id: TransactionId,
    at: Timestamp,
) -> Result<Transaction, RefundError> {
    let TransactionKind::Debit(call) = &debit.kind else {
        return Err(RefundError::NotADebit(debit.id));
    };
    let paid = unreturned(debit, earlier);
    let left: MicroUsd = paid.iter().map(|(_, amount)| *amount).sum();
    let amount = match amount {
        RefundAmount::Full => left,
        RefundAmount::Part(part) => part,
    };
    if amount <= MicroUsd::ZERO || left <= MicroUsd::ZERO {
        return Err(RefundError::Nothing);
    }
    if amount > left {
        return Err(RefundError::MoreThanPaid { left });
    }
    let kind = TransactionKind::Refund {
        of: debit.id,
        occasion: call.occasion,
        model: call.model.clone(),
    };
    let entries = without_zeros(
        returned(paid, amount)
            .into_iter()
            .chain([(Account::Refunds, -amount)]),
    );
    Ok(Transaction {
        id,
        at,
        kind,
        entries,
    })
}

/// What each bucket paid and did not get back, in the order of draining.
fn unreturned(debit: &Transaction, earlier: &[Transaction]) -> [(Account, MicroUsd); 3] {
    let of_debit = |kind: &TransactionKind| matches!(kind, TransactionKind::Refund { of, .. } if *of == debit.id);
    let refunds = earlier
        .iter()
        .filter(|transaction| of_debit(&transaction.kind));
    let lines: Vec<_> = refunds
        .chain([debit])
        .flat_map(|transaction| &transaction.entries)
        .collect();
    Account::DEBIT_ORDER.map(|bucket| {
        let change: MicroUsd = lines
            .iter()
            .filter(|line| line.account == bucket)
            .map(|line| line.amount)
            .sum();
        (bucket, -change)
    })
}

fn returned(paid: [(Account, MicroUsd); 3], amount: MicroUsd) -> Vec<(Account, MicroUsd)> {
    let mut left = amount;
    let give = |(bucket, paid): (Account, MicroUsd)| {
        let part = paid.min(left);
        left = left - part;
        (bucket, part)
    };
    paid.into_iter().rev().map(give).collect()
}
