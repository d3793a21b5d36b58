//! What can be asked. Unknown members are refused, so that a misspelt option is not lost.

use husting_domain::ids::{RoundId, SessionId};
use husting_domain::models::ModelId;
use husting_domain::snippets::SnippetType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::lengths;
use crate::ranges::{LIST_LIMIT, WAIT_SECONDS};

/// Opens a deliberation and starts its first round.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateDeliberation {
    /// The question or topic; at most 64,000 characters.
    #[schemars(length(min = 1, max = lengths::PROMPT))]
    pub prompt: String,
    /// A document, specification or design that every model reads; at most 4 MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Ids of the panel's models, as `list_models` gives them, each once; the default panel when
    /// left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub models: Option<Vec<ModelId>>,
    /// Who steers, such as your agent's name; shown in transcripts. The default panel asks your own
    /// family of models last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = lengths::NAME))]
    pub moderator_name: Option<String>,
    /// The client you are, such as "Claude Code"; shown with the session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = lengths::NAME))]
    pub application: Option<String>,
    /// Whether the session may serve to improve the platform; the account's default when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub improvement_consent: Option<bool>,
    /// Writes a summary of round 0 once it is over; billed at cost.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schemars(extend("default" = false))]
    pub recap_round: bool,
}

/// Starts the next round of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AppendToSession {
    /// The session, from the acknowledgement of `create_deliberation`.
    pub session_id: SessionId,
    /// What steers this round; at most 64,000 characters.
    #[schemars(length(min = 1, max = lengths::PROMPT))]
    pub prompt: String,
    /// What you forward of earlier rounds, in order; at most 50.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = lengths::SNIPPETS))]
    pub snippets: Vec<SteeringSnippet>,
    /// Only when whoever steers has changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = lengths::NAME))]
    pub moderator_name: Option<String>,
    /// Taken for clients that name themselves each time; the name given with the session stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = lengths::NAME))]
    pub application: Option<String>,
    /// Writes a summary of this round once it is over; billed at cost.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schemars(extend("default" = false))]
    pub recap_round: bool,
    /// Writes a synthesis of the session once this round is over, and every round summary that is
    /// missing before; billed at cost.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schemars(extend("default" = false))]
    pub recap_session: bool,
}

/// A typed quote that is forwarded to the panel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SteeringSnippet {
    /// KEEP "This resonates with me.", EXPLORE "Let's go deeper on this.", CHALLENGE "I'm not sold
    /// on this.", CORE "This is what it comes down to.", SHIFT "This shifted my perspective."
    #[serde(rename = "type")]
    pub kind: SnippetType,
    /// Words of an earlier answer, exactly as they stand there.
    #[schemars(length(min = 1, max = lengths::QUOTE))]
    pub quote: String,
    /// The model that said them.
    pub quoted_model: ModelId,
    /// Why you forward them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = lengths::COMMENT))]
    pub comment: Option<String>,
}

/// Waits until a round is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WaitForRound {
    /// The session.
    pub session_id: SessionId,
    /// The round, from the acknowledgement; the one that runs when left out, else the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round_id: Option<RoundId>,
    /// The round's 0-based place, where its id is not at hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 4_294_967_295_u32))]
    pub round_index: Option<u32>,
    /// How long to wait; 40 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = WAIT_SECONDS.least, max = WAIT_SECONDS.most), extend("default" = 40))]
    pub timeout_seconds: Option<u64>,
    /// Taken for clients that poll; waiting here is by signal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = 1_000))]
    pub poll_after_ms: Option<u64>,
}

/// Names one session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetSession {
    /// The session.
    pub session_id: SessionId,
}

/// Which sessions to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListSessions {
    /// `ready` for those that await your next round, `streaming` for those at work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ListedStatus>,
    /// Most rows; 7 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = LIST_LIMIT.least, max = LIST_LIMIT.most), extend("default" = 7))]
    pub limit: Option<u64>,
    /// How many to pass over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 4_294_967_295_u32))]
    pub offset: Option<u32>,
}

/// States by which sessions are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ListedStatus {
    /// Awaits the next round.
    Ready,
    /// A round is at work, or being taken in.
    Streaming,
}

/// A request without arguments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoArguments {}
