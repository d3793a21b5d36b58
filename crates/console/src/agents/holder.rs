//! Whoever holds an agent's token, as they were let in.

use std::sync::Arc;

use husting_domain::agents::{AGENT_PREFIX, Agent, AgentStatus, Name};
use husting_domain::ids::{AgentId, TenantId, TokenId};
use husting_domain::scopes::Scope;
use husting_domain::time::Timestamp;
use husting_store::{AgentWrite, Write};
use husting_wire::errors::{Error, ErrorCode};
use tokio_util::sync::CancellationToken;

use super::connections::{Connection, Kept};
use super::registry::{Found, Lookup};
use crate::{Console, Inner};

/// How often the store is told that an agent calls, in milliseconds.
const CALLED_MILLIS: i64 = 60_000;

/// Which door of the bus a call came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BusDoor {
    /// MCP over Streamable HTTP.
    Http,
    /// MCP over server-sent events.
    Sse,
    /// Husting itself: a managed agent, or the bridge.
    Inside,
}

/// An agent that was let in. What it may do is looked up anew with each call.
#[derive(Clone, Debug)]
pub struct AgentHolder {
    /// Which.
    pub agent: AgentId,
    /// Whose.
    pub tenant: TenantId,
    /// What it is called.
    pub name: Name,
    /// By which token; none from inside.
    pub token: Option<TokenId>,
    /// How it came in.
    pub door: BusDoor,
    /// Cancelled when the token opens nothing any more, for now or for good: what it holds open ends.
    pub ended: CancellationToken,
}

impl AgentHolder {
    /// An agent as it calls from inside.
    pub(crate) fn inside(tenant: &TenantId, agent: &Agent) -> Self {
        Self {
            agent: agent.id,
            tenant: tenant.clone(),
            name: agent.name.clone(),
            token: None,
            door: BusDoor::Inside,
            ended: CancellationToken::new(),
        }
    }
}

impl Console {
    /// The agent that holds this token; looked up by its hash, in memory.
    ///
    /// # Errors
    /// `invalid_token` for a token that is malformed or unknown; for a known one that opens nothing the
    /// sentence says why.
    pub fn agent_holder(&self, token: &str, door: BusDoor) -> Result<AgentHolder, Error> {
        self.0.agent_holder(token, door)
    }

    /// Counts a stream that an agent holds open; it must end when the connection says so.
    ///
    /// # Errors
    /// `invalid_token` when it may hold none open any more.
    pub fn hold_open(
        &self,
        holder: &AgentHolder,
        needs: Option<Scope>,
    ) -> Result<Connection, Error> {
        self.0.connect(holder, Kept::Stream, needs)
    }
}

impl Inner {
    pub(crate) fn agent_holder(&self, token: &str, door: BusDoor) -> Result<AgentHolder, Error> {
        if !husting_tokens::is_well_formed(token, AGENT_PREFIX) {
            return Err(refused(
                "This is no agent's token: they begin with hst_a_ and are copied whole.",
            ));
        }
        let now = self.now();
        match self.agents.by_token(&husting_tokens::hash(token), now) {
            Lookup::Unknown => Err(refused(
                "This token is not one of Husting's. `husting agent rotate` makes a new one.",
            )),
            Lookup::Shut(agent) => Err(refused(&why_shut(&agent, now))),
            Lookup::Open(found) => Ok(holder(found, door)),
        }
    }

    /// Notes that the agent called, at most once a minute in the store, beside the request.
    pub(crate) fn note_call(self: &Arc<Self>, holder: &AgentHolder) {
        let at = self.now();
        self.agents.touched.add(holder.agent);
        let called = self
            .agents
            .called(holder.agent, holder.token, at, CALLED_MILLIS);
        if !called {
            return;
        }
        let (inner, tenant, agent) = (self.clone(), holder.tenant.clone(), holder.agent);
        self.tasks.spawn(async move {
            let called = Write::Agent(AgentWrite::Called { agent, at });
            if let Err(fault) = inner.keep(&tenant, [called]).await {
                tracing::warn!(%fault, "an agent's call was not noted");
            }
        });
    }
}

impl Inner {
    /// Counts something that an agent holds open.
    ///
    /// # Errors
    /// `invalid_token`, or `insufficient_scope`, when it may not any more.
    pub(crate) fn connect(
        &self,
        holder: &AgentHolder,
        kept: Kept,
        needs: Option<Scope>,
    ) -> Result<Connection, Error> {
        let (agent, token) = (holder.agent, holder.token);
        let connection = self.agents.connect(agent, token, kept, needs, self.now());
        connection.ok_or_else(|| {
            refused(&format!(
                "{} may not do this any more; this call was not taken in.",
                holder.name
            ))
        })
    }
}

fn holder(found: Found, door: BusDoor) -> AgentHolder {
    AgentHolder {
        agent: found.agent.id,
        tenant: found.tenant,
        name: found.agent.name.clone(),
        token: Some(found.token),
        door,
        ended: found.ended,
    }
}

/// Why a known token opens nothing.
pub(super) fn why_shut(agent: &Agent, now: Timestamp) -> String {
    let name = &agent.name;
    match agent.status {
        AgentStatus::Revoked => format!("{name} was revoked. Its operator can mint it anew."),
        AgentStatus::Suspended if agent.has_expired(now) => {
            format!("{name} has expired. Its operator can set a later end and enable it.")
        }
        AgentStatus::Suspended => format!("{name} is disabled. Its operator can enable it."),
        AgentStatus::Inactive => format!("{name} is not active. Its operator can activate it."),
        AgentStatus::Active if agent.has_expired(now) => {
            format!("{name} has expired. Its operator can set a later end and enable it.")
        }
        AgentStatus::Active => format!(
            "This token of {name} was replaced by a newer one. Start the client again with the file that has the \
             newer one; `husting agent rotate {name}` makes another."
        ),
    }
}

pub(super) fn refused(message: &str) -> Error {
    Error::new(ErrorCode::InvalidToken, message)
}
