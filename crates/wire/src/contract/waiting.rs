//! How a round stands when the waiting for it ends.

use husting_domain::ids::{RoundId, SessionId};
use husting_domain::models::ModelId;
use husting_domain::recaps::RecapStatus;
use husting_domain::rounds::{ClientAction, RoundStatus};
use schemars::JsonSchema;
use serde::Serialize;

use super::progress::ModelProgress;
use super::sessions::FailureRecord;

/// A round's state, to branch on without reading prose.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct RoundState {
    /// The session.
    pub session_id: SessionId,
    /// The round.
    pub round_id: RoundId,
    /// 0-based; shown as `round_index + 1`.
    pub round_index: u32,
    /// How it stands, by its answers alone.
    pub round_status: RoundStatus,
    /// Whether it is over.
    pub is_terminal: bool,
    /// Whether at least one model answered.
    pub is_usable: bool,
    /// Models that gave an answer, cut by their cap or not.
    pub completed_models: Vec<CompletedModel>,
    /// Models that are at work or wait.
    pub in_progress_models: Vec<ModelProgress>,
    /// Models that gave none.
    pub failed_models: Vec<FailureRecord>,
    /// What to do next; guidance, not authority.
    pub recommended_client_action: ClientAction,
    /// How far the round's recap is.
    pub recap_status: RecapStatus,
    /// How far the session's synthesis is.
    pub synthesis_status: RecapStatus,
    /// The version of the progress that this shows.
    pub progress_version: u64,
    /// Present and true where every seat is a rehearsal seat.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub rehearsal: bool,
}

/// A model that answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CompletedModel {
    /// Which.
    pub model: ModelId,
    /// Tokens read, cached or not.
    pub tokens_in: u64,
    /// Tokens written.
    pub tokens_out: u64,
    /// In the provider's vocabulary.
    pub finish_reason: Option<String>,
    /// The output cap or the provider's filter cut the answer.
    pub is_partial: bool,
}
