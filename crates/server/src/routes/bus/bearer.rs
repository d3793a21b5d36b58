//! Whoever holds an agent's token.

use axum::body::Bytes;
use axum::http::request::Parts;
use husting_console::{AgentHolder, BusDoor};
use husting_domain::ids::TokenId;
use husting_domain::scopes::Scope;
use husting_wire::errors::{Error, ErrorCode};

use super::super::credentials::{Kind, bearer, refuse_in_address};
use super::super::mcp::peek::Peek;
use super::super::{Shared, body};
use super::tools::Called;
use crate::limits::{Counted, OpenPlace};
use crate::refusal::Refusal;

/// An agent that was let in by its token.
#[derive(Clone)]
pub(super) struct AgentBearer {
    pub holder: AgentHolder,
    pub token: TokenId,
}

impl AgentBearer {
    /// By the request's header, with a call counted.
    ///
    /// # Errors
    /// `unauthorized`, `invalid_token`, `rate_limited`.
    pub(super) fn of(parts: &Parts, shared: &Shared, door: BusDoor) -> Result<Self, Error> {
        refuse_in_address(parts)?;
        let token = bearer(&parts.headers).ok_or_else(no_token)?;
        Kind::Agent.expect(token, "an agent's token, hst_a_…,")?;
        Self::by(token, shared, door)
    }

    /// By the token itself.
    ///
    /// # Errors
    /// `invalid_token`, `rate_limited`.
    pub(super) fn by(token: &str, shared: &Shared, door: BusDoor) -> Result<Self, Error> {
        let holder = shared.bus.agent_holder(token, door)?;
        let token = holder.token.ok_or_else(no_token)?;
        let found = Self { holder, token };
        found.count(shared)?;
        Ok(found)
    }

    /// Counts a call.
    ///
    /// # Errors
    /// `rate_limited`.
    pub(super) fn count(&self, shared: &Shared) -> Result<(), Error> {
        let allowance = shared.contract.allowance();
        shared.limits.call(&Counted::Agent(self.token), allowance)
    }

    /// Takes a place for something that stays open.
    ///
    /// # Errors
    /// `rate_limited`.
    pub(super) fn place(&self, shared: &Shared) -> Result<OpenPlace, Error> {
        let allowance = shared.contract.allowance();
        shared.limits.open(Counted::Agent(self.token), allowance)
    }

    /// Most bytes of a message that is not read yet: more for those who may hand in documents.
    pub(super) fn most_bytes(&self, shared: &Shared) -> usize {
        if shared
            .bus
            .scopes_of(&self.holder)
            .contains(&Scope::Deliberate)
        {
            body::WITH_DOCUMENT
        } else {
            body::SMALL
        }
    }

    /// The agent's own inbox as a resource.
    pub(super) fn inbox(&self) -> String {
        inbox_of(&self.holder)
    }
}

/// Refuses a message that is longer than what it calls may take.
///
/// # Errors
/// 413.
pub(super) fn refuse_large(peek: &Peek, bytes: &Bytes) -> Result<(), Refusal> {
    let tool = peek.tool().filter(|_| peek.method() == "tools/call");
    let takes_document = tool
        .and_then(Called::named)
        .is_some_and(Called::takes_document);
    if takes_document || bytes.len() <= body::SMALL {
        return Ok(());
    }
    Err(body::too_large(body::SMALL))
}

/// An agent's inbox as a resource.
pub(super) fn inbox_of(holder: &AgentHolder) -> String {
    format!("inbox://{}", holder.name)
}

fn no_token() -> Error {
    Error::new(
        ErrorCode::Unauthorized,
        "Send the agent's token as `Authorization: Bearer hst_a_…`.",
    )
}
