//! Seats at work and what they said.

use husting_domain::calls::{ClaimConfidence, Purpose, SeatErrorCode, Spent};
use husting_domain::models::{ModelId, SeatKind};
use husting_domain::money::{MicroUsd, Usage};
use husting_domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where a seat's call stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SeatState {
    /// Nothing from the provider yet.
    Queued,
    /// Words are coming.
    Streaming,
    /// Ended with an answer.
    Final,
    /// Ended without one.
    Error,
    /// Has no call in this phase.
    Absent,
}

/// One sentence of an answer: the UTF-8 bytes `start..end` of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SentenceView {
    /// 1-based, as in `[A.12]`.
    pub number: u32,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A call that another attempt is following.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RetryNote {
    /// Which attempt comes next, from 2.
    pub attempt: u32,
    /// Why the last one failed.
    pub code: SeatErrorCode,
    /// The provider's words, secrets removed.
    pub message: String,
    /// The pause before the next attempt, in milliseconds.
    pub after_ms: u64,
}

/// One seat's call in one phase of a round, live or ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SeatCallView {
    /// The model.
    pub model: ModelId,
    /// For people.
    pub display_name: String,
    /// Its provider's name.
    pub provider: String,
    /// Who pays.
    pub kind: SeatKind,
    /// `A`, `B`, `C`: what the other seats see. Fixed for the session.
    pub letter: String,
    /// Answer or reaction.
    pub purpose: Purpose,
    /// Where it stands.
    pub state: SeatState,
    /// The answer as served; while streaming, the words so far; of a failed call, what it managed to write.
    pub text: String,
    /// Sentences of a finished answer; empty for reactions.
    pub sentences: Vec<SentenceView>,
    /// Scores the model gave its own claims.
    pub claim_confidence: Vec<ClaimConfidence>,
    /// Tokens; while streaming, an estimate of what came so far.
    pub usage: Usage,
    /// Provider's price so far, markup-exclusive.
    pub cost: MicroUsd,
    /// When it was queued.
    pub started_at: Option<Timestamp>,
    /// When the first words came.
    pub first_text_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// When it must have ended.
    pub deadline_at: Option<Timestamp>,
    /// Why it ended, in the provider's vocabulary.
    pub finish_reason: Option<String>,
    /// The output cap or the provider's filter cut the answer.
    pub is_partial: bool,
    /// It was the provider's filter that cut it, or let no word of it through.
    #[serde(default)]
    pub filtered: bool,
    /// Why it failed.
    pub error_code: Option<SeatErrorCode>,
    /// The provider's own words, secrets removed.
    pub error_message: Option<String>,
    /// It failed because Husting was closed while it ran; nobody else broke it off.
    #[serde(default)]
    pub closed: bool,
    /// A reaction that came whole and could not be read: nobody broke it off, and what is said of it is Husting's.
    #[serde(default)]
    pub unreadable: bool,
    /// Its address answered with a page that is not what an API answers: nobody refused the call, and what is kept of it is Husting's.
    #[serde(default)]
    pub page: bool,
    /// Its provider refused it because that is used up there; what is kept of it begins in Husting's words.
    #[serde(default)]
    pub spent: Option<Spent>,
    /// Trouble that another attempt is following; live only.
    pub retrying: Option<RetryNote>,
}
