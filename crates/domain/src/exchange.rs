//! What passes between a round and a seat: one request, a stream of events, one outcome.
//!
//! Deliberation builds requests and seats answer them; neither knows the other, so the values
//! both speak live here.

use serde::{Deserialize, Serialize};

use crate::calls::SeatErrorCode;
use crate::money::Usage;

/// Most tokens of one reaction: what its seat is asked for and what its hold covers.
pub const REACTION_TOKENS: u64 = 2_048;

/// Who speaks in a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The moderator and everything quoted for the seat.
    User,
    /// The seat itself, earlier.
    Assistant,
}

/// One message of a prompt.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// The words.
    pub text: String,
    /// Everything up to here stays the same in the session's next call: worth caching where the provider can.
    pub cache_until_here: bool,
}

/// The shape an answer must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerShape {
    /// Prose in Markdown.
    Prose,
    /// `{"snippets":[…]}`, schema-constrained where the provider has it.
    Snippets,
    /// A summary of one round.
    Recap,
    /// A summary of a session's rounds.
    Synthesis,
    /// An answer to one message, in Markdown.
    Reply,
}

impl AnswerShape {
    /// The name and JSON schema of an answer that is data; `None` for prose.
    #[must_use]
    pub fn schema(self) -> Option<(&'static str, serde_json::Value)> {
        match self {
            Self::Prose | Self::Reply => None,
            Self::Snippets => Some(("snippets", snippets_schema())),
            Self::Recap => Some(("round_recap", crate::recaps::recap_schema())),
            Self::Synthesis => Some(("session_synthesis", crate::recaps::synthesis_schema())),
        }
    }
}

/// One request to a seat.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Prompt {
    /// Standing instructions.
    pub system: String,
    /// The conversation so far; the last one is from the user.
    pub messages: Vec<Message>,
    /// Prose or snippets.
    pub shape: AnswerShape,
    /// Most tokens of the answer.
    pub max_output_tokens: u64,
}

impl Prompt {
    /// UTF-8 bytes of all text in the prompt.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let messages: usize = self.messages.iter().map(|message| message.text.len()).sum();
        (self.system.len() + messages) as u64
    }
}

/// The JSON schema of [`AnswerShape::Snippets`].
#[must_use]
fn snippets_schema() -> serde_json::Value {
    serde_json::json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["snippets"],
        "properties": {"snippets": {"type": "array", "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["type", "quote", "quoted_model", "comment"],
            "properties": {
                "type": {"type": "string", "enum": ["KEEP", "EXPLORE", "CHALLENGE", "CORE", "SHIFT"]},
                "quote": {"type": "string"},
                "quoted_model": {"type": "string"},
                "comment": {"type": "string"}
            }
        }}}
    })
}

/// What a seat tells while it works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SeatEvent {
    /// More words of the answer.
    Text(String),
    /// The provider is alive but wrote no words: a ping, reasoning, headers.
    Alive,
    /// An attempt failed before its first byte; the next one starts after `after_millis`.
    Retrying {
        /// Which attempt comes next, from 2.
        attempt: u32,
        /// Why the last one failed.
        code: SeatErrorCode,
        /// The provider's words, secrets removed.
        message: String,
        /// The pause before the next attempt, in milliseconds.
        after_millis: u64,
    },
}

/// A finished answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatAnswer {
    /// All words.
    pub text: String,
    /// Tokens, by the provider or estimated.
    pub usage: Usage,
    /// Why it ended, in the provider's own vocabulary (`end_turn`, `stop`, `length`, …).
    pub finish_reason: String,
    /// The provider signalled that the output cap or its filter cut the answer.
    pub is_partial: bool,
}

/// A call that gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatFailure {
    /// One of the contract's codes.
    pub code: SeatErrorCode,
    /// The outside party's own words, secrets removed.
    pub message: String,
    /// What it managed to write.
    pub partial_text: String,
    /// Tokens it is known or estimated to have used; zero where the provider was never reached.
    pub usage: Usage,
}

/// How a call ended.
pub type SeatOutcome = Result<SeatAnswer, SeatFailure>;
