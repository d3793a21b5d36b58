//! One error for every door: a code to switch on, a sentence for people, details where they help.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Every code that can leave Husting. A variant exists only if a caller can act on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The request's form or a value in it is wrong; the message names field and rule.
    InvalidRequest,
    /// A model id is not on this machine; `details.unknown_models`.
    UnknownModels,
    /// A model is switched off or cannot be called now; `details.ineligible_models`.
    IneligibleModels,
    /// The default panel found fewer than two models; `details.collapsed_buckets`.
    InsufficientActiveModels,
    /// The wallet does not cover the round; nothing was called. Details as in the contract.
    CreditExhausted,
    /// A round of this session is in flight.
    SessionBusy,
    /// The session's first round failed for good; retry it after mending the cause.
    SessionFailed,
    /// Nothing by that id that the caller may see.
    NotFound,
    /// The idempotency key came with another request before.
    IdempotencyConflict,
    /// The day's rounds of this key are used up; `details.resets_at`.
    DailyLimitReached,
    /// Too many calls in too little time; `details.retry_after_seconds`.
    RateLimited,
    /// A name is taken already.
    AlreadyExists,
    /// No credentials.
    Unauthorized,
    /// Wrong, used or expired credentials.
    InvalidToken,
    /// The caller may not do this.
    Forbidden,
    /// These credentials are for something else than this route.
    InvalidScope,
    /// A tenant's token on the routes of another tenant.
    TenantIdMismatch,
    /// The tenant's tier mints no agents.
    MintingNotAllowed,
    /// The tenant has as many agents as its tier allows; `details.limit`, `details.count`.
    AgentLimitReached,
    /// No agent by that id or name that the caller may see.
    AgentNotFound,
    /// A live agent has the name.
    AgentNameTaken,
    /// What is there cannot be changed so any more.
    InvalidState,
    /// A body breaks a rule; `details.field`, `details.rule`.
    InvalidBody,
    /// The token lacks a scope; `details.scope`.
    InsufficientScope,
    /// The agent is not in the squad.
    NotAMember,
    /// The recipient's inbox is full.
    InboxFull,
    /// The operator paused all agents; `details.retry_after_seconds`.
    Paused,
    /// No key store is ready; the message says what to choose or unlock.
    SecretsUnavailable,
    /// An outside party refused or did not answer; its own words are in `details.message`.
    ProviderError,
    /// A client's file cannot be written as it stands; nothing was changed. `details.path`.
    ClientFile,
    /// A program could not be started or ended; the system's own words are in `details.message`.
    ProgramFailed,
    /// The store could not be read or written; nothing was half-written.
    StoreUnavailable,
    /// The program is shutting down and takes nothing new.
    ShuttingDown,
    /// A fault of Husting; the log has the causes.
    Internal,
}

/// An error as it leaves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// What to switch on.
    pub code: ErrorCode,
    /// What happened, what was kept, what to do.
    pub message: String,
    /// Figures and names belonging to the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(type = "Record<string, unknown>", optional)]
    pub details: Option<serde_json::Value>,
}

impl Error {
    /// An error without details.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            details: None,
        }
    }

    /// The same with details.
    #[must_use]
    pub fn with(mut self, details: serde_json::Value) -> Self {
        self.details = Some(details);
        self
    }

    /// The request is wrong.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidRequest, message)
    }

    /// There is no such thing, or not for this caller.
    pub fn not_found(what: &str) -> Self {
        Self::new(
            ErrorCode::NotFound,
            format!("There is no {what} by that id here."),
        )
    }

    /// There is nothing that a person named so; `line` lists what there is.
    pub fn none_named(what: &str, name: &str, line: &str) -> Self {
        Self::new(
            ErrorCode::NotFound,
            format!("There is no {what} “{name}” here: `{line}` names them."),
        )
    }
}
