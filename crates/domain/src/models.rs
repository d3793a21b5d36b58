//! Models and the kinds of seat they fill.

use serde::{Deserialize, Serialize};

use crate::money::{MicroUsd, Price};
use crate::time::Timestamp;

/// A model's id, matched whole; may contain `:` and `/`. The provider's own id where only one
/// provider offers it (`claude-opus-4-7`), else `<provider>/<id>`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelId(String);

impl ModelId {
    /// Takes 1 to 200 printable characters without spaces; anything else is `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=200).contains(&text.len()) && text.chars().all(|c| c.is_ascii_graphic());
        fits.then(|| Self(text.to_owned()))
    }

    /// The id as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is one of the built-in rehearsal seats.
    #[must_use]
    pub fn is_rehearsal(&self) -> bool {
        REHEARSAL_MODELS.contains(&self.0.as_str())
    }
}

/// The built-in seats that need no provider, in panel order.
pub const REHEARSAL_MODELS: [&str; 3] = [
    "rehearsal-advocate",
    "rehearsal-skeptic",
    "rehearsal-pragmatist",
];

impl std::fmt::Display for ModelId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a seat is filled, and so who pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum SeatKind {
    /// A provider's API, paid by tokens.
    Api,
    /// A model on this machine; bills nothing.
    Local,
    /// A local, deterministic stand-in that bills nothing and says so.
    Rehearsal,
}

/// Where a price comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum PriceSource {
    /// The vendored table.
    Table,
    /// Set by the operator.
    Operator,
    /// The seat bills nothing by its kind.
    Free,
}

/// A model that the operator has on the machine, enabled or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// Unique within the tenant.
    pub id: ModelId,
    /// Name of the provider that serves it; `rehearsal` for the built-in seats.
    pub provider: String,
    /// The id the provider's own API takes.
    pub provider_model: String,
    /// For people.
    pub display_name: String,
    /// Who pays.
    pub kind: SeatKind,
    /// Context window in tokens.
    pub context_window: u64,
    /// Most tokens one answer may have.
    pub max_output_tokens: u64,
    /// Offered on panels.
    pub enabled: bool,
    /// The operator's own price, on top of the table's.
    pub price_override: Option<Price>,
    /// When the operator set that price.
    pub price_set_at: Option<Timestamp>,
    /// The wallet must hold this much for the model to be called; the default minimum when `None`.
    pub minimum: Option<MicroUsd>,
    /// Call deadline in seconds (30–1,800); the kind's default when `None`.
    pub deadline_seconds: Option<u32>,
}

/// Why a model cannot be seated now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum UnavailableReason {
    /// The wallet is below the model's minimum.
    CreditExhausted,
    /// Switched off by the operator.
    Disabled,
    /// Its provider has no key, or the key store is locked.
    NoKey,
    /// Neither the table nor the operator gives a price.
    NoPrice,
    /// Its provider was removed or does not answer.
    Unreachable,
    /// Its provider serves it once it is installed there.
    NotInstalled,
    /// The tenant's tier does not include it.
    Tier,
}
