//! How far a round is.

use husting_domain::calls::SeatErrorCode;
use husting_domain::ids::{RoundId, SessionId};
use husting_domain::models::ModelId;
use husting_domain::recaps::RecapStatus;
use husting_domain::rounds::RoundStatus;
use husting_domain::time::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::answers::SeatState;

/// How often a client that polls should look, in milliseconds.
pub const POLL_AFTER_MS: u32 = 5_000;

/// A round's progress as of one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProgressRecord {
    /// The session.
    pub session_id: SessionId,
    /// The round.
    pub round_id: RoundId,
    /// 0-based.
    pub round_index: u32,
    /// How it stands.
    pub round_status: RoundStatus,
    /// Rises with every change of state, and at most once a second for grown text.
    pub progress_version: u64,
    /// How often a client that polls should look, in milliseconds.
    pub poll_after_ms: u32,
    /// When the round was accepted.
    pub started_at: Timestamp,
    /// When the running phase must have ended; of a round that is over, when its last had to.
    pub deadline_at: Timestamp,
    /// One row a seat, in panel order, in the phase it is in.
    pub models: Vec<ModelProgress>,
    /// How far the round's recap is.
    pub recap_status: RecapStatus,
    /// How far the session's synthesis is.
    pub synthesis_status: RecapStatus,
}

/// How far one seat is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ModelProgress {
    /// Which.
    pub model: ModelId,
    /// Whether it answers or reacts.
    pub phase: ModelPhase,
    /// Where its call is.
    pub state: SeatState,
    /// Characters it has written so far.
    pub partial_text_length: u64,
    /// When the newest of them came.
    pub last_chunk_at: Option<Timestamp>,
    /// Why it failed.
    pub error_code: Option<SeatErrorCode>,
}

/// What a seat is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ModelPhase {
    /// Answers the prompt.
    Respond,
    /// Reacts to the others' answers.
    React,
}
