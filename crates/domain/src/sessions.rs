//! A deliberation: its question, its panel, its terms.

use serde::{Deserialize, Serialize};

use crate::consent::ImprovementConsent;
use crate::ids::{SessionId, TenantId};
use crate::keys::Principal;
use crate::models::ModelId;
use crate::money::MicroUsd;
use crate::recaps::{SessionSynthesis, Summary};
use crate::time::Timestamp;

/// Where a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum SessionStatus {
    /// Accepted, no token yet; or the map is being made.
    Processing,
    /// A seat answers or reacts.
    Streaming,
    /// Awaits the next round.
    Ready,
    /// Its first round ended in a way that trying again will not mend.
    Failed,
}

/// Which door a session came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum SessionSource {
    /// The window or the browser console.
    Console,
    /// The command line.
    Cli,
    /// The REST API.
    Rest,
    /// The MCP server.
    Mcp,
    /// A slash command.
    Discord,
}

/// A deliberation as stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// First line of the question until the operator edits it.
    pub title: String,
    /// For the operator's own order.
    pub tags: Vec<String>,
    /// Where it is.
    pub status: SessionStatus,
    /// The document every seat reads.
    pub reference: Option<String>,
    /// The document's file name, for people.
    pub reference_name: Option<String>,
    /// The panel, in order; its letters A, B, C are fixed by this order and `seed`.
    pub models: Vec<ModelId>,
    /// Seats see each other as letters.
    pub blind: bool,
    /// Who steers, for transcripts; `None` is the human in the window.
    pub moderator_name: Option<String>,
    /// The client that opened it.
    pub application: Option<String>,
    /// The door it came through.
    pub source: SessionSource,
    /// Most tokens of one answer.
    pub max_output_tokens: u64,
    /// Deadline of each phase in seconds, where the operator set one.
    pub deadline_seconds: Option<u32>,
    /// Most that all rounds together may cost; `None` is the wallet's own limit.
    pub spend_limit: Option<MicroUsd>,
    /// All seats are rehearsal seats.
    pub rehearsal: bool,
    /// Makes shuffles and nonces of this session repeatable for the same input.
    pub seed: u64,
    /// Who opened it.
    pub opened_by: Principal,
    /// Whether it may serve to improve the platform.
    pub consent: ImprovementConsent,
    /// What its rounds came to.
    pub synthesis: Summary<SessionSynthesis>,
    /// Put away by the operator.
    pub archived: bool,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When anything in it last changed.
    pub updated_at: Timestamp,
}

/// The title a question gives: its first line, at most 120 characters.
#[must_use]
pub fn title_of(question: &str) -> String {
    let line = question
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    if line.chars().count() <= 120 {
        return line.to_owned();
    }
    let cut: String = line.chars().take(119).collect();
    format!("{}…", cut.trim_end())
}
