//! Turns of the agents that Husting runs: one call of a seat about one message.

use serde::{Deserialize, Serialize};

use crate::calls::{CallState, SeatErrorCode};
use crate::ids::{AgentId, CallId, MessageId};
use crate::models::ModelId;
use crate::money::Usage;
use crate::time::Timestamp;

/// A turn as stored. What it cost is in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The call.
    pub id: CallId,
    /// Whose.
    pub agent: AgentId,
    /// The message it answers.
    pub message: MessageId,
    /// The seat.
    pub model: ModelId,
    /// Where it is.
    pub state: CallState,
    /// What was said so far; nothing once the answer was sent, which has the words and can be erased.
    pub text: String,
    /// What it used.
    pub usage: Usage,
    /// Why it failed.
    pub error: Option<TurnError>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// The answer that was sent.
    pub reply: Option<MessageId>,
}

/// Why a turn failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnError {
    /// What to switch on.
    pub code: SeatErrorCode,
    /// In words, secrets removed.
    pub message: String,
}
