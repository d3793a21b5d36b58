//! Models: what can be seated, at which price, and why not.

use husting_domain::models::{ModelId, PriceSource, SeatKind, UnavailableReason};
use husting_domain::money::{MicroUsd, Price};
use husting_domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A model as the picker and the price table show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ModelView {
    /// Its id.
    pub id: ModelId,
    /// Its provider's name.
    pub provider: String,
    /// For people.
    pub display_name: String,
    /// Who pays.
    pub kind: SeatKind,
    /// Context window in tokens.
    pub context_window: u64,
    /// Most tokens of one answer.
    pub max_output_tokens: u64,
    /// The price in force; `None` where neither table nor operator gives one.
    pub price: Option<Price>,
    /// Where it comes from.
    pub price_source: Option<PriceSource>,
    /// The table's price, also under an operator's.
    pub table_price: Option<Price>,
    /// Date of the table, or of the operator's price: `2026-11-14`.
    pub price_as_of: Option<String>,
    /// When the operator set its price.
    pub price_set_at: Option<Timestamp>,
    /// The wallet must hold this much for the model to be called.
    pub minimum: MicroUsd,
    /// Switched on.
    pub enabled: bool,
    /// Can be seated now.
    pub available: bool,
    /// Why not.
    pub unavailable_reason: Option<UnavailableReason>,
    /// A sentence about it, with the figure.
    pub unavailable_message: Option<String>,
    /// Its place in the default panel: 1-based bucket, when it is the one that is taken.
    pub default_bucket: Option<u32>,
    /// Call deadline in seconds where the operator set one.
    pub deadline_seconds: Option<u32>,
}

/// All models.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ModelList {
    /// In the picker's order: by who pays, then provider, then name.
    pub models: Vec<ModelView>,
    /// Date of the vendored price table.
    pub table_as_of: String,
    /// Rows in that table.
    pub table_rows: u32,
    /// Models that were taken off and can be put back as they were, the last one first.
    pub removed: Vec<RemovedModel>,
}

/// A model off the list, whose price and terms are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RemovedModel {
    /// Its id.
    pub id: ModelId,
    /// Its provider's name.
    pub provider: String,
    /// For people.
    pub display_name: String,
}

/// Puts a model on the machine's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AddModel {
    /// Id here: the provider's own where nobody else offers it, else `<provider>/<id>`. Taken from
    /// `provider_model` when left out.
    #[serde(default)]
    #[ts(optional)]
    pub id: Option<ModelId>,
    /// A configured provider's name.
    pub provider: String,
    /// The id the provider's API takes.
    pub provider_model: String,
    /// For people; made from the id when left out.
    #[serde(default)]
    #[ts(optional)]
    pub display_name: Option<String>,
    /// Tokens; the table's, else 128,000.
    #[serde(default)]
    #[ts(optional)]
    pub context_window: Option<u64>,
    /// Tokens; the table's, else 8,192.
    #[serde(default)]
    #[ts(optional)]
    pub max_output_tokens: Option<u64>,
}

/// Names one model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ModelRef {
    /// Which.
    pub id: ModelId,
}

/// Switches a model on or off, or sets its terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct EditModel {
    /// Which.
    pub id: ModelId,
    /// Offered on panels.
    #[serde(default)]
    #[ts(optional)]
    pub enabled: Option<bool>,
    /// 30–1,800 seconds.
    #[serde(default)]
    #[ts(optional)]
    pub deadline_seconds: Option<u32>,
}

/// Sets the operator's own price, or goes back to the table's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SetPrice {
    /// Which.
    pub id: ModelId,
    /// Micro-dollars per million tokens, the same for prompts of every length; `null` means the table's.
    pub price: Option<Price>,
}

/// Asks a provider which models it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RefreshModels {
    /// A configured provider's name.
    pub provider: String,
}

/// What a provider says it has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OfferedModels {
    /// The provider's own ids, with whether each is on the list already and has a price.
    pub offered: Vec<OfferedModel>,
}

/// One model a provider offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OfferedModel {
    /// The id the provider's API takes.
    pub provider_model: String,
    /// On the list already under this id.
    pub known_as: Option<ModelId>,
    /// The table's price.
    pub table_price: Option<Price>,
}

/// The default panel: buckets in order, the first enabled and available model of each is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct DefaultPanel {
    /// Ordered lists of ids.
    pub buckets: Vec<Vec<ModelId>>,
}

/// The default panel and whom it seats now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DefaultPanelView {
    /// As configured; without a choice of the operator, one bucket per available model's provider.
    pub buckets: Vec<Vec<ModelId>>,
    /// The operator chose the buckets; else Husting does.
    pub chosen: bool,
    /// Whom it seats now, in order.
    pub seats: Vec<ModelId>,
    /// 0-based buckets without an available model.
    pub collapsed_buckets: Vec<u32>,
    /// Fewer than two real seats: the three rehearsal seats stand in, and say so.
    pub rehearsal: bool,
    /// There would be two real seats if the keys that are kept could be read. Nobody is seated till then: rehearsal seats
    /// are no substitute.
    pub waits_for_keys: bool,
    /// Who sums up its rounds where Husting chooses the writers, in the order in which they are asked; empty where
    /// nobody is seated, and where rehearsal seats stand in, which sum up their own.
    pub recap_writers: Vec<ModelId>,
}
