//! What a round will probably cost, before anything is spent.

use husting_domain::ids::SessionId;
use husting_domain::models::ModelId;
use husting_domain::money::MicroUsd;
use husting_domain::snippets::Snippet;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::recaps::WritingEstimate;
use crate::sessions::SnippetAck;

/// Asks what a round would cost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct EstimateRound {
    /// For a next round: the session it would join.
    #[serde(default)]
    #[ts(optional)]
    pub session_id: Option<SessionId>,
    /// For a first round: the panel; the default panel when left out.
    #[serde(default)]
    #[ts(optional)]
    pub models: Option<Vec<ModelId>>,
    /// UTF-8 bytes of the prompt.
    pub prompt_bytes: u64,
    /// UTF-8 bytes of the document.
    #[serde(default)]
    pub reference_bytes: u64,
    /// Most tokens of one answer; the panel setting when left out.
    #[serde(default)]
    #[ts(optional)]
    pub max_output_tokens: Option<u64>,
    /// For a first round: what the session may spend in all; no limit of its own when left out.
    #[serde(default)]
    #[ts(optional)]
    pub spend_limit: Option<MicroUsd>,
    /// A recap of the round is asked for with it.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub recap_round: bool,
    /// A synthesis of the session is, and with it the recap.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub recap_session: bool,
    /// For a next round: what would be forwarded to it, to be told how it would be found. Its bytes are among those of the
    /// prompt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<Snippet>>")]
    pub snippets: Vec<Snippet>,
}

/// A range, from this wallet's own history where there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EstimateView {
    /// The round, probably at least.
    pub low: MicroUsd,
    /// Probably at most.
    pub high: MicroUsd,
    /// Its recap, asked for or not; `None` where nobody can write it.
    #[serde(default)]
    pub recap: Option<WritingEstimate>,
    /// The synthesis after it with the earlier recaps that are missing, asked for or not; `None`
    /// where there is nothing to sum up then or nobody can write it.
    #[serde(default)]
    pub synthesis: Option<WritingEstimate>,
    /// The round and what is asked for with it, probably at least.
    #[serde(default)]
    pub total_low: MicroUsd,
    /// Probably at most.
    #[serde(default)]
    pub total_high: MicroUsd,
    /// Held until the round ends.
    pub hold: MicroUsd,
    /// With so much free, and no less, it begins: answers are cut to the least then.
    #[serde(default)]
    pub least: MicroUsd,
    /// What each seat would hold and cost, in panel order.
    pub seats: Vec<SeatEstimate>,
    /// How long such rounds took; `None` without history.
    pub seconds: Option<u32>,
    /// How many past rounds the range comes from; 0 means price table and typical lengths.
    pub basis_rounds: u32,
    /// Free to spend now (balance minus holds); `None` without a limit.
    pub available: Option<MicroUsd>,
    /// Neither spent nor held of the session's own limit; `None` where it has none.
    #[serde(default)]
    pub session_left: Option<MicroUsd>,
    /// Whether the round would be admitted.
    pub affordable: bool,
    /// The answer cap the wallet would lower seats to, when it cannot cover the panel's own.
    pub lowered_output_tokens: Option<u64>,
    /// Why the round would be refused whatever there is to spend, in the words of the refusal; `None` where the money
    /// decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub hindrance: Option<String>,
    /// How the quotes of the snippets that were asked about would be found, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<SnippetAck>>")]
    pub snippets: Vec<SnippetAck>,
}

/// One seat's part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SeatEstimate {
    /// The model.
    pub model: ModelId,
    /// Probably at least.
    pub low: MicroUsd,
    /// Probably at most.
    pub high: MicroUsd,
    /// Held.
    pub hold: MicroUsd,
    /// Whether its window can hold the prompt and the answer; its call would fail where not.
    #[serde(default = "yes")]
    pub fits: bool,
    /// Tokens of its window.
    #[serde(default)]
    pub context_window: u64,
    /// Tokens that the prompt takes, about, and the answer at the most.
    #[serde(default)]
    pub needed_tokens: u64,
}

const fn yes() -> bool {
    true
}
