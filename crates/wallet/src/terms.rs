//! What the operator set: the monthly limit, a plan's credit, auto-refill, markup and minimums.

use husting_domain::calls::Purpose;
use husting_domain::money::{MicroUsd, Price};
use serde::{Deserialize, Serialize};

/// The operator's settings of a wallet. Stored as JSON; a field that is missing has its default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WalletTerms {
    /// What the free bucket is reset to each month; `None` is *no limit* (see [`crate::settle`]).
    pub monthly_grant: Option<MicroUsd>,
    /// The operator chose the limit; until then it is the default.
    pub limit_chosen: bool,
    /// A plan's monthly credit.
    pub subscription: SubscriptionTerms,
    /// Top-ups that happen by themselves.
    pub auto_refill: AutoRefillTerms,
    /// Hundredths of a percent charged on top of the provider's price; 0 on a desktop.
    pub markup_bps: u32,
    /// Give back what was paid for answers that gave nothing usable; off on a desktop, where
    /// the provider charged the operator's own key.
    pub refund_failed_calls: bool,
    /// What the wallet must hold for a paid model that names no minimum of its own.
    pub default_minimum: MicroUsd,
}

/// A plan's monthly credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SubscriptionTerms {
    /// Added each month while the plan is active.
    pub monthly_credit: MicroUsd,
    /// Most that is carried over a month's end.
    pub rollover_cap: MicroUsd,
    /// `None` where there never was a plan.
    pub status: Option<SubscriptionStatus>,
}

/// Where a plan stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionStatus {
    /// Paid: the monthly credit flows.
    Active,
    /// A payment is missing.
    PastDue,
    /// Ended by its holder.
    Cancelled,
    /// Ran out.
    Expired,
}

/// Top-ups that happen by themselves when the balance is low.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AutoRefillTerms {
    /// On or off.
    pub enabled: bool,
    /// Refill while the effective balance is below this.
    pub threshold: MicroUsd,
    /// What one refill adds.
    pub amount: MicroUsd,
    /// Most that refills may add in one month.
    pub monthly_ceiling: MicroUsd,
}

/// Most of each amount: far above any use, and far below what a month of them could overflow.
const MOST: MicroUsd = MicroUsd::dollars(1_000_000);

/// Why settings are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TermsError {
    /// An amount is below zero.
    #[error("an amount of the wallet's settings is below zero")]
    Negative,
    /// An amount that no sum of a wallet could hold for long.
    #[error("an amount of the wallet's settings is more than $1,000,000")]
    TooMuch,
    /// Auto-refill is on and adds nothing.
    #[error("auto-refill needs an amount above zero")]
    EmptyRefill,
    /// Auto-refill is on and one refill is more than the month allows.
    #[error("one auto-refill is more than the month's ceiling")]
    RefillAboveCeiling,
}

impl Default for WalletTerms {
    fn default() -> Self {
        Self {
            monthly_grant: Some(MicroUsd(1_500_000)),
            limit_chosen: false,
            subscription: SubscriptionTerms::default(),
            auto_refill: AutoRefillTerms::default(),
            markup_bps: 0,
            refund_failed_calls: false,
            default_minimum: MicroUsd(50_000),
        }
    }
}

impl Default for SubscriptionTerms {
    fn default() -> Self {
        Self {
            monthly_credit: MicroUsd::ZERO,
            rollover_cap: MicroUsd::dollars(30),
            status: None,
        }
    }
}

impl Default for AutoRefillTerms {
    fn default() -> Self {
        Self {
            enabled: false,
            threshold: MicroUsd(500_000),
            amount: MicroUsd::dollars(5),
            monthly_ceiling: MicroUsd::dollars(20),
        }
    }
}

impl WalletTerms {
    /// What the wallet must hold for a seat with `price` to be called; `own` is the model's own minimum.
    #[must_use]
    pub fn minimum_of(&self, price: &Price, own: Option<MicroUsd>) -> MicroUsd {
        if price.is_free() {
            MicroUsd::ZERO
        } else {
            own.unwrap_or(self.default_minimum)
        }
    }

    /// The markup on a call for `purpose`.
    #[must_use]
    pub const fn markup_for(&self, purpose: Purpose) -> u32 {
        match purpose {
            Purpose::Respond | Purpose::React | Purpose::ManagedAgent => self.markup_bps,
            // Summaries are passed on at cost.
            Purpose::Recap | Purpose::Synthesis => 0,
        }
    }

    /// Whether a call that gave nothing usable is paid back.
    #[must_use]
    pub const fn owes_refund(&self, gave_something_usable: bool) -> bool {
        self.refund_failed_calls && !gave_something_usable
    }

    /// Looks the settings over before they are stored.
    ///
    /// # Errors
    /// [`TermsError`] for amounts below zero and for an auto-refill that can never happen.
    pub fn validate(&self) -> Result<(), TermsError> {
        let (plan, refill) = (self.subscription, self.auto_refill);
        let amounts = [
            self.monthly_grant.unwrap_or_default(),
            self.default_minimum,
            plan.monthly_credit,
            plan.rollover_cap,
            refill.threshold,
            refill.amount,
            refill.monthly_ceiling,
        ];
        if amounts.iter().any(|amount| *amount < MicroUsd::ZERO) {
            return Err(TermsError::Negative);
        }
        if amounts.iter().any(|amount| *amount > MOST) {
            return Err(TermsError::TooMuch);
        }
        if refill.enabled && refill.amount == MicroUsd::ZERO {
            return Err(TermsError::EmptyRefill);
        }
        if refill.enabled && refill.amount > refill.monthly_ceiling {
            return Err(TermsError::RefillAboveCeiling);
        }
        Ok(())
    }
}
