//! What checking a quote against the answer it cites can find.

use serde::{Deserialize, Serialize};

use crate::models::ModelId;

/// The result of verifying one quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum QuoteStatus {
    /// Found as written.
    Exact,
    /// Equal after folding dashes, quotes, spaces, Markdown and compatibility forms on both sides.
    Typographic,
    /// Fragments in order in one answer, joined by an ellipsis, no negation in the gap.
    Elided,
    /// Near the source; only articles, inflection, case, punctuation or spacing differ.
    Snapped,
    /// Another seat said it.
    Misattributed,
    /// Any other word differs.
    Altered,
    /// Nothing close.
    NotFound,
}

impl QuoteStatus {
    /// Whether a reaction with such a quote counts in the claim map.
    #[must_use]
    pub const fn carries_stance(self) -> bool {
        !matches!(self, Self::Altered | Self::NotFound)
    }
}

/// Where words stand: UTF-8 bytes of `responses[].text` as served.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SourceSpan {
    /// The round in which they were said.
    pub round_index: u32,
    /// Who said them.
    pub model: ModelId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl SourceSpan {
    /// Bytes shared with another span of the same answer.
    #[must_use]
    pub fn overlap(&self, other: &Self) -> u32 {
        if self.round_index != other.round_index || self.model != other.model {
            return 0;
        }
        self.end
            .min(other.end)
            .saturating_sub(self.start.max(other.start))
    }
}

/// One place where a quote and its source differ, for people to see.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Difference {
    /// The words as quoted; empty when something was left out.
    pub quoted: String,
    /// The words as said; empty when something was added.
    pub source: String,
}
