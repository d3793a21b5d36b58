//! One call of one model: its purpose, its states, the codes it can fail with.

use serde::{Deserialize, Serialize};

use crate::ids::{CallId, RoundId, SessionId};
use crate::models::ModelId;
use crate::money::{MicroUsd, Usage};
use crate::snippets::Confidence;
use crate::time::Timestamp;

/// What a call is for; every debit carries it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Purpose {
    /// An answer to the round's prompt.
    Respond,
    /// Snippets on the others' answers.
    React,
    /// A summary of a round.
    Recap,
    /// A summary of a session's rounds.
    Synthesis,
    /// An answer to a message on the bus.
    ManagedAgent,
}

impl Purpose {
    /// Whether a seat of the panel is called for it.
    #[must_use]
    pub const fn is_of_panel(self) -> bool {
        matches!(self, Self::Respond | Self::React)
    }

    /// The word on the wire and in the store.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Respond => "respond",
            Self::React => "react",
            Self::Recap => "recap",
            Self::Synthesis => "synthesis",
            Self::ManagedAgent => "managed_agent",
        }
    }
}

/// Where a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum CallState {
    /// Paid for, not yet answered by the provider.
    Queued,
    /// Words are coming.
    Streaming,
    /// Ended with an answer.
    Final,
    /// Ended without one.
    Error,
}

impl CallState {
    /// Whether nothing can change any more.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Final | Self::Error)
    }
}

/// Why a call gave no answer. The words are the contract's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum SeatErrorCode {
    /// 429, retries spent.
    RateLimit,
    /// An error after the first byte.
    ProviderError,
    /// The connection was cut mid-stream, the idle limit passed, or Husting restarted.
    StreamInterrupted,
    /// A clean end without a final marker.
    StreamEndedWithoutFinalMarker,
    /// The deadline fired while the model was at work.
    InternalDeadlineReached,
    /// The deadline was found passed after a restart.
    DeadlineExpired,
    /// 401 or 403.
    ProviderAuthFailure,
    /// Another 4xx, or a failure that is not retried.
    PreStreamProviderError,
    /// 5xx or a refused connection after all retries.
    MaxRetriesExceeded,
    /// Failed before the call: context too large, no key, no price.
    PreStreamFailure,
    /// Stopped by a person.
    Cancelled,
}

/// As what is kept of a call begins whose address answered with a page for people, as a wrong address or a proxy does.
pub const A_PAGE: &str = "a page came that is not what an API answers";

impl SeatErrorCode {
    /// The word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::RateLimit => "rate_limit",
            Self::ProviderError => "provider_error",
            Self::StreamInterrupted => "stream_interrupted",
            Self::StreamEndedWithoutFinalMarker => "stream_ended_without_final_marker",
            Self::InternalDeadlineReached => "internal_deadline_reached",
            Self::DeadlineExpired => "deadline_expired",
            Self::ProviderAuthFailure => "provider_auth_failure",
            Self::PreStreamProviderError => "pre_stream_provider_error",
            Self::MaxRetriesExceeded => "max_retries_exceeded",
            Self::PreStreamFailure => "pre_stream_failure",
            Self::Cancelled => "cancelled",
        }
    }

    /// The same for people, who read it in brackets: `failed (call refused)`.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::RateLimit => "rate limit",
            Self::ProviderError => "broke off",
            Self::StreamInterrupted => "connection broke",
            Self::StreamEndedWithoutFinalMarker => "no end mark",
            Self::InternalDeadlineReached => "deadline reached",
            Self::DeadlineExpired => "deadline passed",
            Self::ProviderAuthFailure => "key refused",
            Self::PreStreamProviderError => "call refused",
            Self::MaxRetriesExceeded => "provider failed each time",
            Self::PreStreamFailure => "could not be called",
            Self::Cancelled => "stopped",
        }
    }

    /// Whether a call of which `message` is kept was answered with a page, and refused by nobody.
    #[must_use]
    pub fn is_of_a_page(self, message: Option<&str>) -> bool {
        self == Self::PreStreamProviderError && message.is_some_and(|kept| kept.starts_with(A_PAGE))
    }

    /// [`Self::reason`] of a call of which `message` is kept: a page refuses nothing, and an empty account is not asked too often.
    #[must_use]
    pub fn reason_of(self, message: Option<&str>) -> &'static str {
        match Spent::of(message) {
            Some(spent) => spent.reason(),
            None if self.is_of_a_page(message) => "answered with a page",
            None => self.reason(),
        }
    }

    /// Whether the same call may succeed when it is made again.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        match self {
            Self::RateLimit
            | Self::ProviderError
            | Self::StreamInterrupted
            | Self::StreamEndedWithoutFinalMarker
            | Self::InternalDeadlineReached
            | Self::DeadlineExpired => true,
            Self::ProviderAuthFailure
            | Self::PreStreamProviderError
            | Self::MaxRetriesExceeded
            | Self::PreStreamFailure
            | Self::Cancelled => false,
        }
    }
}

/// Reasons of an answer that its provider's own filter cut off, in the vendors' words: OpenAI's and its imitations',
/// Anthropic's, Gemini's.
const OF_A_FILTER: [&str; 7] = [
    "content_filter",
    "refusal",
    "SAFETY",
    "RECITATION",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
];

/// Whether an answer that ended for `finish_reason` was cut off by its provider's filter.
#[must_use]
pub fn is_of_a_filter(finish_reason: &str) -> bool {
    OF_A_FILTER.contains(&finish_reason)
}

/// What is kept of a call that broke off because Husting was closed, a model's or a rehearsal's.
pub const CLOSED_MIDWAY: &str = "Husting was closed while the call ran.";

/// What is used up at the provider of a call that it refused for that: no wait of seconds mends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Spent {
    /// The account's money.
    Credit,
    /// What a day allows.
    Day,
}

impl Spent {
    /// As what is kept of such a call begins; the provider's own words follow.
    #[must_use]
    pub const fn said(self) -> &'static str {
        match self {
            Self::Credit => "the account at the provider does not cover the call",
            Self::Day => "the provider's limit for a day is reached",
        }
    }

    /// The same in brackets.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Credit => "no credit there",
            Self::Day => "day's limit there",
        }
    }

    /// Of a failed call of which `message` is kept.
    #[must_use]
    pub fn of(message: Option<&str>) -> Option<Self> {
        let kept = message?;
        [Self::Credit, Self::Day]
            .into_iter()
            .find(|spent| kept.starts_with(spent.said()))
    }
}

/// A passage that a model scored itself. Not calibrated across models.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ClaimConfidence {
    /// The passage.
    pub text: String,
    /// The score.
    pub score: Confidence,
}

/// One call of one model, as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Its id.
    pub id: CallId,
    /// Its session.
    pub session_id: SessionId,
    /// Its round.
    pub round_id: RoundId,
    /// The model that is called.
    pub model: ModelId,
    /// What for.
    pub purpose: Purpose,
    /// 0 for the first, then one more for each retry of the round; only the newest counts.
    pub attempt: u32,
    /// Where it is.
    pub state: CallState,
    /// When it was queued.
    pub started_at: Timestamp,
    /// When the first words came.
    pub first_text_at: Option<Timestamp>,
    /// While it runs: when its newest words were kept.
    pub heard_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// When it must have ended.
    pub deadline_at: Timestamp,
    /// The answer as served (tags and control characters removed); for a failed call what it managed to write.
    pub text: String,
    /// Scores the model gave its own claims, taken out of `text`.
    pub claim_confidence: Vec<ClaimConfidence>,
    /// Tokens used.
    pub usage: Usage,
    /// Provider's price, markup-exclusive.
    pub cost: MicroUsd,
    /// Why it ended, in the provider's vocabulary.
    pub finish_reason: Option<String>,
    /// The output cap or the provider's filter cut the answer.
    pub is_partial: bool,
    /// Why it failed.
    pub error_code: Option<SeatErrorCode>,
    /// The outside party's own words, secrets removed.
    pub error_message: Option<String>,
    /// It failed because Husting was closed while it ran; nobody else broke it off.
    pub closed: bool,
    /// A reaction that came whole and could not be read: it failed as a `provider_error`, and nobody broke it off.
    pub unreadable: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_of_a_call_tells_still_what_is_used_up() {
        // As they stand in stores: other words there would untell them.
        let of = |kept: &str| Spent::of(Some(kept));
        let credit =
            "the account at the provider does not cover the call: You exceeded your quota.";
        assert_eq!(of(credit), Some(Spent::Credit));
        let day = "the provider's limit for a day is reached: Quota exceeded.";
        assert_eq!(of(day), Some(Spent::Day));
        assert_eq!(of("You exceeded your quota."), None);
        assert_eq!(Spent::of(None), None);
    }
}
