//! The end of a call: its real usage becomes a debit, and its hold is released.
//!
//! Money that is owed is owed: a debit may take what other calls hold. The buckets pay down to
//! zero; what is left goes to `overrun`, so that no bucket falls below it.
//!
//! A hold is a promise: a limit that is lowered stops new calls, not those under way. Where the
//! buckets no longer have what a call's hold set aside, its debit is preceded, in the same unit,
//! by a `limit_change` that grants exactly what is missing, so that only what lies beyond both the
//! hold and the buckets overruns, and a limit that is set later counts all that was used.
//!
//! *No limit* keeps the ledger honest without a bottomless bucket, in the same way: the limit
//! follows the spending, whatever was held. The other buckets are left alone then, and nothing
//! overruns.

use husting_domain::calls::Purpose;
use husting_domain::ids::{CallId, HoldId, TransactionId};
use husting_domain::ledger::{Account, Debit, Occasion, Transaction, TransactionKind};
use husting_domain::models::ModelId;
use husting_domain::money::{MicroUsd, Price, Usage};
use husting_domain::time::Timestamp;

use crate::entries::{drained, moved, without_zeros};
use crate::wallet::Wallet;

/// A call that ended, well or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedCall {
    /// The call.
    pub call_id: CallId,
    /// What it was part of.
    pub occasion: Occasion,
    /// Its model.
    pub model: ModelId,
    /// What for.
    pub purpose: Purpose,
    /// What it used; nothing where the provider was never reached.
    pub usage: Usage,
    /// What that costs.
    pub price: Price,
    /// What was set aside for it; `None` for a seat that bills nothing.
    pub hold: Option<HoldId>,
}

/// What to commit with the call's answer, as one unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// To post, in order: at most a grant of what the buckets lack, and the debit. Empty for a
    /// call that cost nothing.
    pub transactions: Vec<Transaction>,
    /// The hold to close.
    pub closed_hold: Option<HoldId>,
    /// The provider's price, markup-exclusive.
    pub cost: MicroUsd,
    /// What the buckets paid.
    pub amount: MicroUsd,
    /// What was charged and the buckets could not pay.
    pub overrun: MicroUsd,
    /// What of the hold was not needed.
    pub released: MicroUsd,
}

/// The call's hold is not open: it was settled or released before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("hold {0} is not open")]
pub struct HoldClosed(pub HoldId);

impl Settlement {
    /// The debit, where the call cost something.
    #[must_use]
    pub fn debit(&self) -> Option<&Transaction> {
        self.transactions
            .iter()
            .find(|transaction| matches!(transaction.kind, TransactionKind::Debit(_)))
    }
}

/// Settles a call with its real usage. A call that was never made settles with no usage: its
/// hold is released and nothing is booked.
///
/// # Errors
/// [`HoldClosed`] when the call names a hold that is not open, so that nothing is paid twice.
pub fn settle(
    wallet: &Wallet,
    call: UsedCall,
    at: Timestamp,
    mut next_id: impl FnMut() -> TransactionId,
) -> Result<Settlement, HoldClosed> {
    let held = match call.hold {
        Some(id) => {
            wallet
                .holds
                .iter()
                .find(|hold| hold.id == id)
                .ok_or(HoldClosed(id))?
                .amount
        }
        None => MicroUsd::ZERO,
    };
    let bill = Bill::of(wallet, &call, held);
    let closed_hold = call.hold;
    let mut transactions = Vec::new();
    if bill.charged > MicroUsd::ZERO {
        transactions.extend(bill.grant(next_id(), at));
        transactions.push(bill.debit(wallet, call, next_id(), at));
    }
    Ok(Settlement {
        transactions,
        closed_hold,
        cost: bill.cost,
        amount: bill.amount,
        overrun: bill.charged - bill.amount,
        released: (held - bill.charged).max(MicroUsd::ZERO),
    })
}

/// Who pays what of one call.
struct Bill {
    cost: MicroUsd,
    markup_bps: u32,
    charged: MicroUsd,
    /// Put into the free bucket first, where no limit is set, or it was lowered below what is held.
    granted: MicroUsd,
    amount: MicroUsd,
}

impl Bill {
    fn of(wallet: &Wallet, call: &UsedCall, held: MicroUsd) -> Self {
        let markup_bps = wallet.terms.markup_for(call.purpose);
        let cost = call.price.cost(&call.usage).max(MicroUsd::ZERO);
        let charged = call
            .price
            .charged(&call.usage, markup_bps)
            .max(MicroUsd::ZERO);
        let (payable, there) = match wallet.terms.monthly_grant {
            None => (charged, wallet.balance(Account::Free)),
            Some(_) => (charged.min(held), wallet.effective_balance()),
        };
        let granted = (payable - there).max(MicroUsd::ZERO);
        let amount = charged.min(there.max(payable));
        Self {
            cost,
            markup_bps,
            charged,
            granted,
            amount,
        }
    }

    fn grant(&self, id: TransactionId, at: Timestamp) -> Option<Transaction> {
        let entries = moved(Account::Grants, Account::Free, self.granted);
        (!entries.is_empty()).then_some(Transaction {
            id,
            at,
            kind: TransactionKind::LimitChange,
            entries,
        })
    }

    fn debit(
        &self,
        wallet: &Wallet,
        call: UsedCall,
        id: TransactionId,
        at: Timestamp,
    ) -> Transaction {
        let mut balances = wallet.balances.clone();
        *balances.entry(Account::Free).or_default() += self.granted;
        let mut entries = drained(&balances, self.amount);
        entries.extend(without_zeros([
            (Account::ProviderSpend, self.cost),
            (Account::Markup, self.charged - self.cost),
            (Account::Overrun, self.amount - self.charged),
        ]));
        let debit = Debit {
            call_id: call.call_id,
            occasion: call.occasion,
            model: call.model,
            purpose: call.purpose,
            usage: call.usage,
            cost: self.cost,
            markup_bps: self.markup_bps,
            amount: self.amount,
        };
        Transaction {
            id,
            at,
            kind: TransactionKind::Debit(debit),
            entries,
        }
    }
}
