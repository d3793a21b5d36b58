//! A session with everything in it, and sessions as a list shows them.

use husting_domain::calls::{Purpose, SeatErrorCode};
use husting_domain::claims::{ClaimGroup, Reactor, Unverified};
use husting_domain::consent::ImprovementConsent;
use husting_domain::ids::{RoundId, SessionId, TransactionId};
use husting_domain::models::ModelId;
use husting_domain::quotes::{QuoteStatus, SourceSpan};
use husting_domain::recaps::{RecapStatus, RoundRecap, SessionSynthesis};
use husting_domain::rounds::{ClientAction, RoundStatus};
use husting_domain::sessions::{SessionSource, SessionStatus};
use husting_domain::snippets::SnippetType;
use husting_domain::time::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::numbers::{Score, Usd};

/// A session with everything in it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SessionRecord {
    /// Present and true where every seat is a rehearsal seat.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub rehearsal: bool,
    /// The session.
    pub session_id: SessionId,
    /// First line of the question until edited.
    pub title: String,
    /// Where it is.
    pub status: SessionStatus,
    /// The door it came through.
    pub source: SessionSource,
    /// Who steers.
    pub moderator_name: Option<String>,
    /// The client that opened it.
    pub application: Option<String>,
    /// The panel.
    pub models: Vec<ModelId>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When anything last changed.
    pub updated_at: Timestamp,
    /// Provider's price of all calls, markup-exclusive.
    pub total_cost_usd: Usd,
    /// Whether it may serve to improve the platform.
    pub improvement_consent: ImprovementConsent,
    /// Present where a score is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence_disclaimer: Option<String>,
    /// How far the synthesis is.
    pub synthesis_status: RecapStatus,
    /// What the rounds came to, once it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_synthesis: Option<SessionSynthesis>,
    /// Oldest first.
    pub rounds: Vec<RoundRecord>,
}

/// One round.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct RoundRecord {
    /// The round.
    pub round_id: RoundId,
    /// 0-based.
    pub round_index: u32,
    /// How it stands.
    pub round_status: RoundStatus,
    /// What to do next.
    pub recommended_client_action: ClientAction,
    /// What was asked.
    pub prompt: String,
    /// Who steered.
    pub moderator_name: Option<String>,
    /// What the moderator forwarded.
    pub snippets: Vec<ForwardedRecord>,
    /// Finished answers.
    pub responses: Vec<ResponseRecord>,
    /// Seats without one.
    pub failed_models: Vec<FailureRecord>,
    /// How each seat's reaction went.
    pub reactions: Vec<ReactionRecord>,
    /// Claims and quotes that carry no stance.
    pub claim_map: MapRecord,
    /// How far the recap is.
    pub recap_status: RecapStatus,
    /// What the round came to, once it is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub round_recap: Option<RoundRecap>,
    /// Why a recap that was asked for is not there, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recap_error: Option<String>,
    /// Provider's price, markup-exclusive.
    pub cost_usd: Usd,
    /// Settled calls.
    pub debits: Vec<DebitRecord>,
    /// When it was accepted.
    pub started_at: Timestamp,
    /// When it turned terminal.
    pub completed_at: Option<Timestamp>,
}

/// A moderator's snippet.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ForwardedRecord {
    /// The reaction.
    #[serde(rename = "type")]
    pub kind: SnippetType,
    /// The words.
    pub quote: String,
    /// Their author.
    pub quoted_model: ModelId,
    /// Why.
    pub comment: Option<String>,
    /// How the quote was found.
    pub quote_status: QuoteStatus,
}

/// One finished answer with what its author said of the others.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ResponseRecord {
    /// The model.
    pub model: ModelId,
    /// The answer as served; byte offsets count in it.
    pub text: String,
    /// Tokens read, cached or not.
    pub tokens_in: u64,
    /// Tokens written.
    pub tokens_out: u64,
    /// In the provider's vocabulary.
    pub finish_reason: Option<String>,
    /// The output cap or the provider's filter cut it.
    pub is_partial: bool,
    /// Self-reported scores.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub claim_confidence: Vec<ScoreRecord>,
    /// Its reactions.
    pub snippets: Vec<SnippetRecord>,
}

/// A scored passage.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ScoreRecord {
    /// The passage.
    pub text: String,
    /// 0–1.
    pub score: Score,
}

/// One reaction.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SnippetRecord {
    /// How.
    #[serde(rename = "type")]
    pub kind: SnippetType,
    /// The words as quoted.
    pub quote: String,
    /// Their true author, or the named one where the quote was not found.
    pub quoted_model: ModelId,
    /// Why.
    pub comment: String,
    /// Self-reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment_confidence: Option<Score>,
    /// How the quote was found.
    pub quote_status: QuoteStatus,
}

/// A seat without an answer.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct FailureRecord {
    /// The model.
    pub model: ModelId,
    /// The provider's own words, secrets removed.
    pub error: String,
    /// The same.
    pub message: String,
    /// What to switch on.
    pub error_code: Option<SeatErrorCode>,
    /// What it managed to write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partial_text: Option<String>,
    /// Its characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partial_text_length: Option<usize>,
}

/// How a seat's reaction went.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ReactionRecord {
    /// The model.
    pub model: ModelId,
    /// `final`, `error` or `absent`.
    pub status: crate::answers::SeatState,
    /// Why it was lost.
    pub error_code: Option<SeatErrorCode>,
    /// In words.
    pub message: Option<String>,
}

/// The claim map.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct MapRecord {
    /// Contested, agreed, open.
    pub claims: Vec<ClaimRecord>,
    /// Never dropped.
    pub unverified: Vec<UnverifiedRecord>,
}

/// One claim.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ClaimRecord {
    /// Stable within the round.
    pub id: String,
    /// The true words.
    pub quote: String,
    /// Who said them.
    pub originator: ModelId,
    /// Where, in UTF-8 bytes.
    pub source: SourceSpan,
    /// Where the panel stands.
    pub group: ClaimGroup,
    /// Who reacted.
    pub positions: Vec<PositionRecord>,
    /// Distinct models.
    pub reaction_count: u32,
}

/// One position.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct PositionRecord {
    /// A model, or `moderator`.
    pub model: Reactor,
    /// How.
    #[serde(rename = "type")]
    pub kind: SnippetType,
    /// Why.
    pub comment: String,
    /// Self-reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment_confidence: Option<Score>,
    /// How its quote was found.
    pub quote_status: QuoteStatus,
}

/// A quote that carries no stance.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct UnverifiedRecord {
    /// As quoted.
    pub quote: String,
    /// Who is said to have said it.
    pub quoted_model: ModelId,
    /// Who quoted.
    pub model: Reactor,
    /// The meant stance.
    #[serde(rename = "type")]
    pub kind: SnippetType,
    /// Why.
    pub comment: String,
    /// How it was not found.
    pub quote_status: QuoteStatus,
}

impl From<Unverified> for UnverifiedRecord {
    fn from(unverified: Unverified) -> Self {
        let Unverified {
            quote,
            quoted_model,
            model,
            kind,
            comment,
            quote_status,
            nearest: _,
            comment_confidence: _,
            said_by: _,
        } = unverified;
        Self {
            quote,
            quoted_model,
            model,
            kind,
            comment,
            quote_status,
        }
    }
}

/// One settled call, or money given back for one.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct DebitRecord {
    /// Its transaction.
    pub transaction_id: TransactionId,
    /// The model.
    pub model: ModelId,
    /// What for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<Purpose>,
    /// Tokens read, cached or not.
    pub tokens_in: u64,
    /// Tokens written.
    pub tokens_out: u64,
    /// Of these, read from or written to a cache.
    pub tokens_cached: u64,
    /// Provider's price.
    pub cost_usd: Usd,
    /// Hundredths of a percent on top.
    pub markup_bps: u32,
    /// What the buckets paid.
    pub amount_usd: Usd,
    /// When.
    pub settled_at: Timestamp,
    /// The provider sent no figures.
    pub estimated: bool,
    /// The debit this gives back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund_of: Option<TransactionId>,
}

/// Sessions, those that changed last first.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SessionListRecord {
    /// The page.
    pub sessions: Vec<ListedSession>,
    /// All that match.
    pub total: u32,
    /// Most rows of a page, as asked for.
    pub limit: u32,
    /// How many were passed over.
    pub offset: u32,
}

/// A session without what was said in it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct ListedSession {
    /// The session.
    pub session_id: SessionId,
    /// First line of the question until edited.
    pub title: String,
    /// Where it is.
    pub status: SessionStatus,
    /// Rounds so far.
    pub round_count: u32,
    /// The panel.
    pub models: Vec<ModelId>,
    /// Who steers.
    pub moderator_name: Option<String>,
    /// The client that opened it.
    pub application: Option<String>,
    /// The door it came through.
    pub source: SessionSource,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When anything last changed.
    pub updated_at: Timestamp,
    /// Provider's price of all calls, markup-exclusive.
    pub total_cost_usd: Usd,
}
