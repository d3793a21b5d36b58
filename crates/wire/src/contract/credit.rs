//! The wallet.

use husting_domain::time::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::numbers::Usd;

/// What can be spent, and from where; holds are not taken off.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct CreditRecord {
    /// There is no limit: every call is taken in, whatever the balances are. Left out where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unlimited: Option<bool>,
    /// The buckets' sum, markup-included.
    pub effective_balance_usd: Usd,
    /// By bucket.
    pub buckets: BucketsRecord,
    /// What the wallet must hold for a model without a minimum of its own.
    pub per_model_minimum_usd_default: Usd,
    /// The order in which the buckets are drained.
    pub debit_order: Vec<BucketName>,
}

/// The three buckets.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct BucketsRecord {
    /// The monthly grant.
    pub free: FreeBucket,
    /// A plan's credit.
    pub subscription: SubscriptionBucket,
    /// Top-ups.
    pub refill: RefillBucket,
}

/// The monthly grant.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FreeBucket {
    /// What is left of it.
    pub balance_usd: Usd,
    /// What each month begins with.
    pub monthly_grant_usd: Usd,
    /// When the next month begins.
    pub resets_at: Timestamp,
}

/// A plan's credit.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SubscriptionBucket {
    /// What is left of it.
    pub balance_usd: Usd,
    /// Most that is carried into the next month.
    pub rollover_cap_usd: Usd,
    /// `active`, `past_due`, `cancelled` or `expired`; null without a plan.
    pub subscription_status: Option<String>,
}

/// Top-ups.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct RefillBucket {
    /// What is left of them.
    pub balance_usd: Usd,
    /// Whether it is filled by itself.
    pub auto_refill_enabled: bool,
    /// Below this it is filled; only where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_refill_threshold_usd: Option<Usd>,
    /// By this much; only where it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_refill_amount_usd: Option<Usd>,
}

/// A bucket by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BucketName {
    /// The monthly grant.
    Free,
    /// A plan's credit.
    Subscription,
    /// Top-ups.
    Refill,
}
