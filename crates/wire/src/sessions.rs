//! Sessions: convening, listing, reading, keeping in order.

use husting_domain::calls::{Purpose, SeatErrorCode, Spent};
use husting_domain::consent::ImprovementConsent;
use husting_domain::ids::{RoundId, SessionId};
use husting_domain::models::ModelId;
use husting_domain::money::MicroUsd;
use husting_domain::quotes::QuoteStatus;
use husting_domain::rounds::RoundStatus;
use husting_domain::sessions::{SessionSource, SessionStatus};
use husting_domain::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::recaps::SynthesisView;
use crate::rounds::RoundView;

/// Opens a deliberation and starts its first round.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct Convene {
    /// The question; at most 64,000 characters.
    pub prompt: String,
    /// A document every seat reads; at most 4 MiB.
    #[serde(default)]
    #[ts(optional)]
    pub reference: Option<String>,
    /// The document's file name, for people.
    #[serde(default)]
    #[ts(optional)]
    pub reference_name: Option<String>,
    /// Two or three distinct models (up to the panel setting); the default panel when left out.
    #[serde(default)]
    #[ts(optional)]
    pub models: Option<Vec<ModelId>>,
    /// Who steers.
    #[serde(default)]
    #[ts(optional)]
    pub moderator_name: Option<String>,
    /// The client, for the session's info.
    #[serde(default)]
    #[ts(optional)]
    pub application: Option<String>,
    /// Seats see each other as letters; true when left out.
    #[serde(default)]
    #[ts(optional)]
    pub blind: Option<bool>,
    /// Most tokens of one answer; the panel setting when left out.
    #[serde(default)]
    #[ts(optional)]
    pub max_output_tokens: Option<u64>,
    /// Deadline of each phase in seconds, 30–1,800; each seat kind's own when left out.
    #[serde(default)]
    #[ts(optional)]
    pub deadline_seconds: Option<u32>,
    /// Most that all rounds together may cost.
    #[serde(default)]
    #[ts(optional)]
    pub spend_limit: Option<MicroUsd>,
    /// Writes a summary of the round once it is over.
    #[serde(default)]
    pub recap_round: bool,
    /// Whether the session may serve to improve the platform; the account's default when left out.
    #[serde(default)]
    #[ts(optional)]
    pub improvement_consent: Option<bool>,
}

/// What an accepted round answers, at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct SessionAck {
    /// The session.
    pub session_id: SessionId,
    /// The round.
    pub round_id: RoundId,
    /// 0-based; shown as `round_index + 1`.
    pub round_index: u32,
    /// Always `processing` here.
    pub status: SessionStatus,
    /// Where progress can be read.
    pub progress_url: String,
    /// How often a client that polls should look.
    pub poll_after_ms: u32,
    /// The round's: 0 at its start, above all that were told of it where it is tried again.
    pub progress_version: u64,
    /// Every seat is a rehearsal seat.
    pub rehearsal: bool,
    /// How the quotes of the forwarded snippets were found, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<SnippetAck>>")]
    pub snippets: Vec<SnippetAck>,
    /// What whoever asked must be told about their request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub disclosure: Option<String>,
}

/// How one forwarded quote was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct SnippetAck {
    /// Its 0-based place in the request.
    pub index: u32,
    /// Whether the words were really said; `altered` and `not_found` ones reach the panel as the
    /// moderator's own.
    pub quote_status: QuoteStatus,
    /// Of `misattributed` ones, who said the words: they reach the panel as that seat's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub said_by: Option<ModelId>,
}

/// Which sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ListSessions {
    /// Words in title, tags or question.
    #[serde(default)]
    #[ts(optional)]
    pub query: Option<String>,
    /// Only archived ones, or only the others (default).
    #[serde(default)]
    pub archived: bool,
    /// `ready` or `streaming` (which includes `processing`).
    #[serde(default)]
    #[ts(optional)]
    pub status: Option<SessionStatus>,
    /// 1–200; 100 when left out.
    #[serde(default)]
    #[ts(optional)]
    pub limit: Option<u32>,
    /// How many to pass over.
    #[serde(default)]
    #[ts(optional)]
    pub offset: Option<u32>,
}

/// One page of sessions, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SessionList {
    /// The page.
    pub sessions: Vec<SessionSummary>,
    /// All that match.
    pub total: u32,
}

/// A session as a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SessionSummary {
    /// Its id.
    pub session_id: SessionId,
    /// First line of the question until edited.
    pub title: String,
    /// The operator's own.
    pub tags: Vec<String>,
    /// Where it is.
    pub status: SessionStatus,
    /// How its newest round stands.
    pub round_status: Option<RoundStatus>,
    /// Seats that were asked to answer in the newest round: the whole panel; 0 before the first.
    #[serde(default)]
    pub asked: u32,
    /// Of these, the ones whose answer is there.
    #[serde(default)]
    pub answered: u32,
    /// Rounds so far.
    pub round_count: u32,
    /// The panel.
    pub seats: Vec<SeatLabel>,
    /// Contested claims of the newest map.
    pub contested: u32,
    /// Claims of the newest map.
    pub claims: u32,
    /// Provider's price of all calls.
    pub cost: MicroUsd,
    /// All seats are rehearsal seats.
    pub rehearsal: bool,
    /// The newest round lacks an answer or a reaction.
    pub degraded: bool,
    /// Seats of the newest round that failed and that nobody stopped, in panel order; empty for a
    /// round that a person cancelled.
    pub failures: Vec<SeatFailure>,
    /// What became of the newest round; none while it runs, and where it was not interrupted and somebody answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub outcome: Option<Outcome>,
    /// Put away.
    pub archived: bool,
    /// The door it came through.
    pub source: SessionSource,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When anything last changed.
    pub updated_at: Timestamp,
}

/// What became of a round that is over, where that is more than how many answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Husting ended while it ran, however much was there; or nobody answered, and each call was cut off.
    Interrupted,
    /// A person ended it before anybody answered.
    Cancelled,
    /// Nobody answered.
    Failed,
}

/// A seat that gave nothing, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SeatFailure {
    /// The model.
    pub model: ModelId,
    /// Whether its answer or its reaction is missing.
    pub purpose: Purpose,
    /// Never `cancelled`.
    pub error_code: SeatErrorCode,
    /// Husting was closed while the call ran.
    #[serde(default)]
    pub closed: bool,
    /// Its reaction came whole and could not be read.
    #[serde(default)]
    pub unreadable: bool,
    /// Its address answered with a page that is not what an API answers: nobody refused the call.
    #[serde(default)]
    pub page: bool,
    /// Its provider refused it because that is used up there.
    #[serde(default)]
    pub spent: Option<Spent>,
}

/// A seat's name for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SeatLabel {
    /// The model.
    pub model: ModelId,
    /// For people.
    pub display_name: String,
    /// `A`, `B`, `C`: what the other seats see.
    pub letter: String,
    /// Its provider's name.
    pub provider: String,
}

/// Names one session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SessionRef {
    /// Which.
    pub session_id: SessionId,
}

/// A whole session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SessionView {
    /// The row.
    pub summary: SessionSummary,
    /// The document, if any.
    pub reference: Option<String>,
    /// Its file name.
    pub reference_name: Option<String>,
    /// Seats see each other as letters.
    pub blind: bool,
    /// Who steers; `None` is the human in the window.
    pub moderator_name: Option<String>,
    /// The client that opened it.
    pub application: Option<String>,
    /// Most tokens of one answer.
    pub max_output_tokens: u64,
    /// Most that all rounds together may cost.
    pub spend_limit: Option<MicroUsd>,
    /// Who opened it where it was not the operator: `key laptop`.
    pub opened_by: Option<String>,
    /// Whether it may serve to improve the platform; nothing is ever sent because of it.
    pub consent: ImprovementConsent,
    /// What its rounds came to.
    pub synthesis: SynthesisView,
    /// All rounds, oldest first.
    pub rounds: Vec<RoundView>,
    /// Present where a score is shown.
    pub confidence_disclaimer: Option<String>,
}

/// Gives a session another title or other tags.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct EditSession {
    /// Which.
    pub session_id: SessionId,
    /// One line of at most 200 characters (`lengths::TITLE`).
    #[serde(default)]
    #[ts(optional)]
    pub title: Option<String>,
    /// At most 12 of at most 40 characters (`lengths::TAGS`, `lengths::TAG`).
    #[serde(default)]
    #[ts(optional)]
    pub tags: Option<Vec<String>>,
    /// Put away or take back.
    #[serde(default)]
    #[ts(optional)]
    pub archived: Option<bool>,
    /// Another limit on what all rounds together may cost; more than zero.
    #[serde(default)]
    #[ts(optional)]
    pub spend_limit: Option<MicroUsd>,
}

/// Writes a session out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ExportSession {
    /// Which.
    pub session_id: SessionId,
    /// How.
    pub format: ExportFormat,
}

/// Formats of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    /// A transcript for people.
    Md,
    /// The same without the answers, for whoever has just read them.
    Outcome,
    /// The session record of the public contract.
    Json,
}

/// An exported text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Exported {
    /// A file name that fits.
    pub file_name: String,
    /// The text.
    pub text: String,
}
