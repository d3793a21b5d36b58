//! Models that can be named.

use husting_domain::models::{ModelId, PriceSource, SeatKind, UnavailableReason};
use schemars::JsonSchema;
use serde::Serialize;

use super::numbers::Usd;

/// Every model on this machine.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ModelListRecord {
    /// By who pays, then provider, then name.
    pub models: Vec<ModelRecord>,
}

/// One model.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ModelRecord {
    /// What requests name it by.
    pub id: ModelId,
    /// Its provider's name.
    pub provider: String,
    /// For people.
    pub display_name: String,
    /// Who pays.
    pub kind: SeatKind,
    /// In tokens.
    pub context_window: u64,
    /// Most tokens of one answer.
    pub max_output_tokens: u64,
    /// What it costs.
    pub pricing: PricingRecord,
    /// Whether it can be seated now.
    pub available: bool,
    /// Why not.
    pub unavailable_reason: Option<UnavailableReason>,
}

/// Prices in US dollars per million tokens; null where none is known.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PricingRecord {
    /// Tokens read.
    pub input_per_million_usd: Option<Usd>,
    /// Tokens written.
    pub output_per_million_usd: Option<Usd>,
    /// Tokens read from a cache.
    pub cache_read_per_million_usd: Option<Usd>,
    /// Tokens written to a cache.
    pub cache_write_per_million_usd: Option<Usd>,
    /// What all of a call costs that reads a long prompt; left out where length does not matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub long_prompt: Option<LongPromptRecord>,
    /// The wallet must hold this much for the model to be called.
    pub minimum_usd: Usd,
    /// Where the prices come from.
    pub source: Option<PriceSource>,
    /// Their date: `2026-11-14`.
    pub as_of: Option<String>,
}

/// Prices in US dollars per million tokens of a call that reads more than so many tokens.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct LongPromptRecord {
    /// Tokens read, cached ones included, beyond which these prices hold for all of the call.
    pub above_tokens: u64,
    /// Tokens read.
    pub input_per_million_usd: Usd,
    /// Tokens written.
    pub output_per_million_usd: Usd,
    /// Tokens read from a cache.
    pub cache_read_per_million_usd: Option<Usd>,
    /// Tokens written to a cache.
    pub cache_write_per_million_usd: Option<Usd>,
}
