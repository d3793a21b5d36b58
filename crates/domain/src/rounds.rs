//! One exchange of a deliberation and what may be said of it.

use serde::{Deserialize, Serialize};

use crate::calls::SeatErrorCode;
use crate::claims::ClaimMap;
use crate::ids::{RoundId, SessionId};
use crate::keys::Principal;
use crate::models::ModelId;
use crate::money::MicroUsd;
use crate::quotes::QuoteStatus;
use crate::recaps::{RoundRecap, Summary};
use crate::snippets::Snippet;
use crate::time::Timestamp;

/// How a round stands, by its answers alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum RoundStatus {
    /// Still running.
    InProgress,
    /// Every seat answered.
    Complete,
    /// At least one answered, at least one did not.
    PartialFailure,
    /// Nobody answered.
    Failed,
}

impl RoundStatus {
    /// Whether nothing runs any more.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        !matches!(self, Self::InProgress)
    }

    /// The status that `answered` of `seats` gives a round that has ended.
    #[must_use]
    pub const fn of_ended(answered: usize, seats: usize) -> Self {
        match (answered, seats) {
            (0, _) => Self::Failed,
            (answered, seats) if answered >= seats => Self::Complete,
            _ => Self::PartialFailure,
        }
    }
}

/// What a round is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Phase {
    /// Seats answer, alone.
    Respond,
    /// Seats react to each other.
    React,
    /// Quotes are verified and the map is made.
    Map,
    /// Over.
    Done,
}

/// What a client should do next. Guidance, not authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ClientAction {
    /// Read the whole result.
    ProceedWithCompleteResult,
    /// Read what there is.
    ProceedWithPartialResult,
    /// Wait again.
    PollAgain,
    /// The failure looks transient.
    Retry,
    /// Trying again is unlikely to help.
    Abandon,
}

/// The action for a round in `status` whose failed answers carry `errors`.
#[must_use]
pub fn recommended_action(status: RoundStatus, errors: &[SeatErrorCode]) -> ClientAction {
    match status {
        RoundStatus::InProgress => ClientAction::PollAgain,
        RoundStatus::Complete => ClientAction::ProceedWithCompleteResult,
        RoundStatus::PartialFailure => ClientAction::ProceedWithPartialResult,
        RoundStatus::Failed if errors.iter().any(|code| code.is_transient()) => ClientAction::Retry,
        RoundStatus::Failed => ClientAction::Abandon,
    }
}

/// A moderator's snippet with what verifying its quote found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ModeratorSnippet {
    /// As it goes to the panel: where its words were found, they are the true ones of their true
    /// author.
    #[serde(flatten)]
    pub snippet: Snippet,
    /// How the words that were given were found.
    pub quote_status: QuoteStatus,
    /// Those words, where the true ones took their place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub given: Option<String>,
}

impl ModeratorSnippet {
    /// With the words as given, of the true author.
    #[must_use]
    pub fn as_given(&self) -> Snippet {
        let mut snippet = self.snippet.clone();
        if let Some(given) = &self.given {
            snippet.quote.clone_from(given);
        }
        snippet
    }
}

/// One exchange as stored. Its answers and reactions are calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// Its id.
    pub id: RoundId,
    /// Its session.
    pub session_id: SessionId,
    /// 0-based place; kept also by a failed round.
    pub index: u32,
    /// The question, or what steers this round.
    pub prompt: String,
    /// What the moderator forwards into it.
    pub snippets: Vec<ModeratorSnippet>,
    /// The steering name as of this round.
    pub moderator_name: Option<String>,
    /// Who asked for it.
    pub asked_by: Principal,
    /// How it stands.
    pub status: RoundStatus,
    /// What it is doing.
    pub phase: Phase,
    /// 0, then one more for each retry.
    pub attempt: u32,
    /// A person ended it.
    pub cancelled: bool,
    /// When it was accepted.
    pub started_at: Timestamp,
    /// When the running phase must have ended.
    pub deadline_at: Timestamp,
    /// When it turned terminal.
    pub ended_at: Option<Timestamp>,
    /// What the reactions add up to, once terminal.
    pub claim_map: Option<ClaimMap>,
    /// Reactions that parsed, as given, by reactor in panel order.
    pub reactions: Vec<ReactionSet>,
    /// Where the time went.
    pub timings: RoundTimings,
    /// What it was thought to cost when it was first accepted.
    pub estimate: Option<RoundEstimate>,
    /// What it came to.
    pub recap: Summary<RoundRecap>,
    /// A synthesis of the session was asked for with it.
    pub wants_synthesis: bool,
    /// At least as high as every version of its progress that was ever told; while it runs, as of
    /// its acceptance.
    pub progress_version: u64,
}

/// What a round was thought to cost before anything was spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct RoundEstimate {
    /// Probably at least.
    pub low: MicroUsd,
    /// Probably at most.
    pub high: MicroUsd,
    /// Its recap beside that, where one was asked for with it: probably at least.
    #[serde(default)]
    pub recap_low: MicroUsd,
    /// Probably at most: by the dearest model that may be asked to write it.
    #[serde(default)]
    pub recap_high: MicroUsd,
}

/// One seat's reactions in a round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReactionSet {
    /// Who reacted.
    pub model: ModelId,
    /// Whose answers were shown to it.
    pub to: Vec<ModelId>,
    /// To what, in the order given; `quoted_model` is the true name.
    pub snippets: Vec<Snippet>,
}

/// Milliseconds a round was at work, and its slowest seats: over all its tries, without the time between them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct RoundTimings {
    /// Slowest answer.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub slowest_answer_ms: i64,
    /// Slowest reaction.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub slowest_reaction_ms: i64,
    /// From accepted to terminal, of each try.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub round_ms: i64,
}

impl RoundTimings {
    /// Those of a round that was tried once more.
    pub fn with_retry(self, retry: RoundTimings) -> RoundTimings {
        RoundTimings {
            slowest_answer_ms: self.slowest_answer_ms.max(retry.slowest_answer_ms),
            slowest_reaction_ms: self.slowest_reaction_ms.max(retry.slowest_reaction_ms),
            round_ms: self.round_ms.saturating_add(retry.round_ms),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_try_adds_its_time_and_the_slowest_of_all_tries_stays() {
        let of = |slowest_answer_ms, slowest_reaction_ms, round_ms| RoundTimings {
            slowest_answer_ms,
            slowest_reaction_ms,
            round_ms,
        };
        let first = of(900, 300, 1_200);
        assert_eq!(first.with_retry(of(400, 100, 500)), of(900, 300, 1_700));
        assert_eq!(first.with_retry(of(950, 700, 1_650)), of(950, 700, 2_850));
    }

    #[test]
    fn a_round_stands_by_its_answers_alone() {
        assert_eq!(RoundStatus::of_ended(3, 3), RoundStatus::Complete);
        assert_eq!(RoundStatus::of_ended(1, 3), RoundStatus::PartialFailure);
        assert_eq!(RoundStatus::of_ended(0, 3), RoundStatus::Failed);
    }

    #[test]
    fn one_transient_failure_is_enough_to_recommend_a_retry() {
        use SeatErrorCode::{Cancelled, ProviderAuthFailure, RateLimit};
        let failed = |errors: &[_]| recommended_action(RoundStatus::Failed, errors);
        assert_eq!(
            failed(&[ProviderAuthFailure, RateLimit]),
            ClientAction::Retry
        );
        assert_eq!(
            failed(&[ProviderAuthFailure, Cancelled]),
            ClientAction::Abandon
        );
    }
}
