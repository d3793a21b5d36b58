//! Which agent is meant.

use husting_domain::agents::AgentStatus;
use husting_domain::ids::AgentId;
use husting_wire::agents::{AgentRef, AgentView, ListAgents};
use husting_wire::commands::{FindAgents, ReadAgent};
use husting_wire::errors::{Error, ErrorCode};

use crate::door::{Door, ask};
use crate::exit::Failure;

/// Agents asked for at once.
const PAGE: u32 = 500;

/// The agent of this name that is not revoked, or of this id.
///
/// # Errors
/// `agent_not_found`.
pub async fn find(door: &dyn Door, name: &str) -> Result<AgentView, Failure> {
    if let Ok(agent_id) = name.parse::<AgentId>() {
        let page = ask::<ReadAgent>(door, AgentRef { agent_id }).await?;
        return Ok(page.agent);
    }
    let agents = all(door, ListAgents::default()).await?;
    let found = agents.into_iter().find(|agent| agent.agent_name == name);
    found.ok_or_else(|| unknown(name).into())
}

/// The same; where no agent of this name lives, the last one that did.
///
/// # Errors
/// `agent_not_found`.
pub async fn find_any(door: &dyn Door, name: &str) -> Result<AgentView, Failure> {
    let living = find(door, name).await;
    if living.is_ok() || name.parse::<AgentId>().is_ok() {
        return living;
    }
    let revoked = ListAgents {
        status: Some(AgentStatus::Revoked),
        ..ListAgents::default()
    };
    let agents = all(door, revoked).await?;
    let last = agents.into_iter().rfind(|agent| agent.agent_name == name);
    last.map_or(living, Ok)
}

/// All agents of all pages.
///
/// # Errors
/// Whatever hinders it.
pub async fn all(door: &dyn Door, asked: ListAgents) -> Result<Vec<AgentView>, Failure> {
    let mut found = Vec::new();
    let mut cursor = None;
    loop {
        let page = ListAgents {
            limit: Some(PAGE),
            cursor,
            ..asked.clone()
        };
        let page = ask::<FindAgents>(door, page).await?;
        found.extend(page.agents);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(found);
        }
    }
}

fn unknown(name: &str) -> Error {
    Error::new(
        ErrorCode::AgentNotFound,
        format!("No agent is called {name}. `husting agent list` shows them all."),
    )
}
