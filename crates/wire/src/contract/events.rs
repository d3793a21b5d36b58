//! A session as it happens: numbered events that can be taken up again after any of them.

use husting_domain::calls::Purpose;
use husting_domain::ids::{RoundId, SessionId};
use husting_domain::models::ModelId;
use schemars::JsonSchema;
use serde::Serialize;

use super::numbers::Usd;
use super::progress::ProgressRecord;

/// What can happen in a session.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SessionEvent {
    /// The state to begin with; first on a new stream, and again where what a client names as its
    /// last event is not known any more. Everything before it is superseded.
    Snapshot {
        /// The newest round, if any.
        progress: Option<ProgressRecord>,
        /// The words of its answers so far.
        texts: Vec<SeatWords>,
    },
    /// A round began, a seat began, ended or failed, a phase began, the round or a recap is over.
    Progress {
        /// As of now.
        progress: ProgressRecord,
    },
    /// More words of one answer, as the model writes them.
    Text {
        /// The round.
        round_id: RoundId,
        /// Whose.
        model: ModelId,
        /// Characters of that answer before these; 0 begins anew.
        offset: u64,
        /// The words.
        text: String,
    },
    /// An answer is final: its words as they are served and quoted, without tags and control
    /// characters.
    Answer {
        /// The round.
        round_id: RoundId,
        /// Whose.
        model: ModelId,
        /// All of it.
        text: String,
    },
    /// A call was settled.
    Cost {
        /// The round.
        round_id: RoundId,
        /// Whose.
        model: ModelId,
        /// What for.
        purpose: Purpose,
        /// Provider's price of the call.
        cost_usd: Usd,
        /// Provider's price of the round so far.
        round_cost_usd: Usd,
    },
    /// The session was deleted; the last event.
    Deleted {
        /// Which.
        session_id: SessionId,
    },
}

/// The words of one answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SeatWords {
    /// Whose.
    pub model: ModelId,
    /// All so far.
    pub text: String,
}
