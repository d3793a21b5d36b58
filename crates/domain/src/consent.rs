//! Whether a session may serve to improve the platform. Nothing is ever sent anywhere because of it.

use serde::{Deserialize, Serialize};

use crate::tenants::Tier;

/// A session's consent, decided when it is opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImprovementConsent {
    /// Whether the session is included.
    pub enabled: bool,
    /// What decided that.
    pub reason: ConsentReason,
    /// What was asked for.
    pub requested: Option<bool>,
    /// What whoever asked must be told.
    pub disclosure: Option<String>,
}

/// What decided a consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ConsentReason {
    /// The terms of the free tier.
    FreeTierTerms,
    /// Nothing was asked for.
    AccountDefault,
    /// It was asked for.
    SessionRequest,
}

/// Said where the free tier's terms win over a request; the contract's own words.
pub const FREE_TIER_DISCLOSURE: &str = "Free-tier sessions are included in platform improvement per \
    accepted terms. Exclusion request was not applied.";

impl ImprovementConsent {
    /// The consent of a new session of a tenant of `tier`; excluded unless something says otherwise.
    #[must_use]
    pub fn decide(tier: Tier, requested: Option<bool>) -> Self {
        let (enabled, reason) = match (tier, requested) {
            (Tier::Free, _) => (true, ConsentReason::FreeTierTerms),
            (_, Some(asked)) => (asked, ConsentReason::SessionRequest),
            (_, None) => (false, ConsentReason::AccountDefault),
        };
        let refused = tier == Tier::Free && requested == Some(false);
        Self {
            enabled,
            reason,
            requested,
            disclosure: refused.then(|| FREE_TIER_DISCLOSURE.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_free_tier_is_included_and_says_so_to_who_asked_otherwise() {
        let free = |asked| ImprovementConsent::decide(Tier::Free, asked);
        for asked in [None, Some(true), Some(false)] {
            assert!(free(asked).enabled);
            assert_eq!(free(asked).reason, ConsentReason::FreeTierTerms);
            assert_eq!(free(asked).requested, asked);
        }
        assert_eq!(free(None).disclosure, None);
        assert_eq!(
            free(Some(false)).disclosure.as_deref(),
            Some(FREE_TIER_DISCLOSURE)
        );
    }

    #[test]
    fn who_pays_decides_and_is_excluded_by_default() {
        let paid = |asked| ImprovementConsent::decide(Tier::Scale, asked);
        assert_eq!(
            (paid(None).enabled, paid(None).reason),
            (false, ConsentReason::AccountDefault)
        );
        for asked in [true, false] {
            assert_eq!(
                (paid(Some(asked)).enabled, paid(Some(asked)).reason),
                (asked, ConsentReason::SessionRequest)
            );
        }
    }
}
