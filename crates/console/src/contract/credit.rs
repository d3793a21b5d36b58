//! The wallet that a key spends from.

use husting_domain::ledger::Account;
use husting_domain::time::Timestamp;
use husting_wallet::terms::SubscriptionStatus;
use husting_wallet::wallet::Wallet;
use husting_wire::contract::credit::{
    BucketName, BucketsRecord, CreditRecord, FreeBucket, RefillBucket, SubscriptionBucket,
};
use husting_wire::contract::numbers::Usd;
use husting_wire::errors::Error;

use crate::Console;
use crate::caller::Caller;

impl Console {
    /// The caller's wallet.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn credit(&self, caller: &Caller) -> Result<CreditRecord, Error> {
        let wallet = self.0.books(&caller.tenant()).await?.wallet;
        Ok(credit(&wallet, self.0.now()))
    }
}

fn credit(wallet: &Wallet, now: Timestamp) -> CreditRecord {
    let terms = &wallet.terms;
    let refill = terms.auto_refill;
    CreditRecord {
        unlimited: terms.monthly_grant.is_none().then_some(true),
        effective_balance_usd: Usd(wallet.effective_balance()),
        buckets: BucketsRecord {
            free: FreeBucket {
                balance_usd: Usd(wallet.balance(Account::Free)),
                monthly_grant_usd: Usd(terms.monthly_grant.unwrap_or_default()),
                resets_at: Wallet::resets_at(now),
            },
            subscription: SubscriptionBucket {
                balance_usd: Usd(wallet.balance(Account::Subscription)),
                rollover_cap_usd: Usd(terms.subscription.rollover_cap),
                subscription_status: terms.subscription.status.map(status),
            },
            refill: RefillBucket {
                balance_usd: Usd(wallet.balance(Account::Refill)),
                auto_refill_enabled: refill.enabled,
                auto_refill_threshold_usd: refill.enabled.then_some(Usd(refill.threshold)),
                auto_refill_amount_usd: refill.enabled.then_some(Usd(refill.amount)),
            },
        },
        per_model_minimum_usd_default: Usd(terms.default_minimum),
        debit_order: vec![
            BucketName::Free,
            BucketName::Subscription,
            BucketName::Refill,
        ],
    }
}

fn status(status: SubscriptionStatus) -> String {
    match status {
        SubscriptionStatus::Active => "active",
        SubscriptionStatus::PastDue => "past_due",
        SubscriptionStatus::Cancelled => "cancelled",
        SubscriptionStatus::Expired => "expired",
    }
    .to_owned()
}
