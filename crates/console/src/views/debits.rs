//! What was paid and given back.

use husting_domain::ids::RoundId;
use husting_domain::ledger::{Transaction, TransactionKind};
use husting_domain::money::{MicroUsd, Usage};
use husting_wire::wallet::DebitView;

/// Debits and refunds of one round, oldest first.
pub(crate) fn debits(transactions: &[Transaction], round: RoundId) -> Vec<DebitView> {
    transactions
        .iter()
        .filter(|booked| crate::sessions::round_of(booked) == Some(round))
        .filter_map(debit)
        .collect()
}

/// A debit or a refund as it is shown; `None` for other bookings.
pub(crate) fn debit(booked: &Transaction) -> Option<DebitView> {
    match &booked.kind {
        TransactionKind::Debit(debit) => Some(DebitView {
            transaction_id: booked.id,
            model: debit.model.clone(),
            purpose: Some(debit.purpose),
            usage: debit.usage,
            cost: debit.cost,
            markup_bps: debit.markup_bps,
            amount: debit.amount,
            settled_at: booked.at,
            refund_of: None,
        }),
        TransactionKind::Refund { of, model, .. } => Some(DebitView {
            transaction_id: booked.id,
            model: model.clone(),
            purpose: None,
            usage: Usage::default(),
            cost: MicroUsd::ZERO,
            markup_bps: 0,
            amount: -booked.bucket_change(),
            settled_at: booked.at,
            refund_of: Some(*of),
        }),
        _ => None,
    }
}
