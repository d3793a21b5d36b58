//! Summaries: of one round, and of a session's rounds. Written by one model, rather one that is
//! no seat of the panel.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a round came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RoundRecap {
    /// A few words.
    pub title: String,
    /// One or two sentences.
    pub tldr: String,
    /// What was talked about, in order.
    pub agenda: Vec<String>,
    /// The discussion by topic.
    pub sections: Vec<RecapSection>,
}

/// One topic of a round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RecapSection {
    /// The topic.
    pub heading: String,
    /// Markdown.
    pub body: String,
    /// Claims of that round's map it speaks of; each exists there.
    pub claim_ids: Vec<String>,
}

/// What a session came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SessionSynthesis {
    /// A few words.
    pub title: String,
    /// One or two sentences.
    pub tldr: String,
    /// Where the deliberation set out from.
    pub origin: String,
    /// What developed over the rounds.
    pub arcs: Vec<SynthesisArc>,
}

/// One development over rounds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SynthesisArc {
    /// A few words.
    pub title: String,
    /// Markdown.
    pub body: String,
    /// 0-based rounds it runs through, rising; each exists.
    pub round_indexes: Vec<u32>,
}

/// Where a recap or a synthesis stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum RecapStatus {
    /// Nobody asked for one.
    #[default]
    None,
    /// Asked for; it comes once the round is over.
    Pending,
    /// There.
    Complete,
    /// Every model that was asked for it failed.
    Failed,
}

impl RecapStatus {
    /// The word on the wire and in the store.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Pending => "pending",
            Self::Complete => "complete",
            Self::Failed => "failed",
        }
    }
}

/// A recap or synthesis (`T`) with where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary<T> {
    /// Where it stands.
    pub status: RecapStatus,
    /// What was written; of an earlier writing where a newer one failed.
    pub text: Option<T>,
    /// Who wrote it.
    pub model: Option<crate::models::ModelId>,
    /// Why the newest writing failed: one line a model, secrets removed.
    pub failure: Option<String>,
    /// Who was to write it before and did not, in the order asked: of the newest writing.
    #[serde(default)]
    pub failed: Vec<FailedWriter>,
}

/// A model that was to write a summary and did not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct FailedWriter {
    /// The model.
    pub model: crate::models::ModelId,
    /// What happened, as of a seat.
    pub code: crate::calls::SeatErrorCode,
    /// The same in a sentence, secrets removed.
    pub message: String,
}

impl<T> Default for Summary<T> {
    fn default() -> Self {
        Self {
            status: RecapStatus::None,
            text: None,
            model: None,
            failure: None,
            failed: Vec::new(),
        }
    }
}

/// The JSON schema of a [`RoundRecap`].
pub(crate) fn recap_schema() -> Value {
    object(json!({
        "title": {"type": "string"},
        "tldr": {"type": "string"},
        "agenda": strings(),
        "sections": {"type": "array", "items": object(json!({
            "heading": {"type": "string"},
            "body": {"type": "string"},
            "claim_ids": strings()
        }))}
    }))
}

/// The JSON schema of a [`SessionSynthesis`].
pub(crate) fn synthesis_schema() -> Value {
    object(json!({
        "title": {"type": "string"},
        "tldr": {"type": "string"},
        "origin": {"type": "string"},
        "arcs": {"type": "array", "items": object(json!({
            "title": {"type": "string"},
            "body": {"type": "string"},
            "round_indexes": {"type": "array", "items": {"type": "integer"}}
        }))}
    }))
}

fn strings() -> Value {
    json!({"type": "array", "items": {"type": "string"}})
}

/// An object all of whose members are required, as strict schemas want it.
fn object(properties: Value) -> Value {
    let required: Vec<&String> = properties
        .as_object()
        .map(|members| members.keys().collect())
        .unwrap_or_default();
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": required,
        "properties": properties
    })
}
