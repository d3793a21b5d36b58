//! Which agent is meant.

use clap::Args;
use husting_domain::agents::AgentStatus;
use husting_domain::ids::{AgentId, TenantId};
use husting_wire::agents::{
    AgentList, AgentPage, AgentRef, AgentView, ListAgents, ListTenantAgents,
};
use husting_wire::commands::{FindAgents, FindTenantAgents, FindTenants, ReadAgent};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::settings::Nothing;

use crate::commands::tenant::no_tenant;
use crate::door::{Door, ask};
use crate::exit::Failure;
use crate::output::words::{moment, word};

/// Agents asked for at once.
const PAGE: u32 = 500;

/// One agent.
#[derive(Debug, Args)]
pub struct Which {
    /// Its name or its id
    name: String,
    #[command(flatten)]
    of: Of,
}

/// Whose agents.
#[derive(Debug, Args)]
pub struct Of {
    /// Of this tenant [default: your own]
    #[arg(long, value_name = "ID")]
    tenant: Option<String>,
}

impl Which {
    /// See [`find`].
    pub async fn find(&self, door: &dyn Door) -> Result<AgentView, Failure> {
        living(door, &self.name, &self.of).await
    }

    /// See [`find_any`].
    pub async fn find_any(&self, door: &dyn Door) -> Result<AgentView, Failure> {
        living_or_last(door, &self.name, &self.of).await
    }
}

/// All agents of the operator that are not revoked.
///
/// # Errors
/// Whatever hinders it.
pub async fn all(door: &dyn Door) -> Result<Vec<AgentView>, Failure> {
    Of { tenant: None }.all(door, ListAgents::default()).await
}

/// All agents of every tenant that are not revoked.
///
/// # Errors
/// Whatever hinders it.
pub async fn of_every_tenant(door: &dyn Door) -> Result<Vec<AgentView>, Failure> {
    let mut agents = Vec::new();
    for tenant in ask::<FindTenants>(door, Nothing {}).await?.tenants {
        let of = Of {
            tenant: Some(tenant.record.id.to_string()),
        };
        agents.extend(of.all(door, ListAgents::default()).await?);
    }
    Ok(agents)
}

/// All agents that the operator ever had.
///
/// # Errors
/// Whatever hinders it.
pub async fn all_ever(door: &dyn Door) -> Result<Vec<AgentView>, Failure> {
    let mut agents = all(door).await?;
    agents.extend(Of { tenant: None }.revoked(door).await?);
    Ok(agents)
}

/// The operator's agent of this name that is not revoked, or the one of this id.
///
/// # Errors
/// `agent_not_found`.
pub async fn find(door: &dyn Door, name: &str) -> Result<AgentView, Failure> {
    living(door, name, &Of { tenant: None }).await
}

/// The same; where no agent of this name lives, the last one that did.
///
/// # Errors
/// `agent_not_found`.
pub async fn find_any(door: &dyn Door, name: &str) -> Result<AgentView, Failure> {
    living_or_last(door, name, &Of { tenant: None }).await
}

/// The operator's agent of this id, or the last one of this name that was revoked and has files that were written for
/// it; else the one that [`find_any`] finds.
///
/// # Errors
/// `agent_not_found`.
pub async fn find_unwired(door: &dyn Door, name: &str) -> Result<AgentPage, Failure> {
    let read = async |agent_id| ask::<ReadAgent>(door, AgentRef { agent_id }).await;
    if let Ok(agent_id) = name.parse::<AgentId>() {
        return read(agent_id).await;
    }
    let of = Of { tenant: None };
    let revoked = of.revoked(door).await?.into_iter().rev();
    for agent in revoked.filter(|agent| agent.agent_name == name) {
        let page = read(agent.id).await?;
        if !page.wired.is_empty() {
            return Ok(page);
        }
    }
    read(living_or_last(door, name, &of).await?.id).await
}

/// The operator's other agents that have or had the name of this one, in the order in which they were made.
///
/// # Errors
/// Whatever hinders it.
pub async fn namesakes(door: &dyn Door, agent: &AgentView) -> Result<Vec<AgentView>, Failure> {
    let mut agents = all_ever(door).await?;
    agents.retain(|other| other.agent_name == agent.agent_name && other.id != agent.id);
    // Ids are in the order of their making.
    agents.sort_by_key(|other| other.id);
    Ok(agents)
}

/// Of several agents of one name, which it is.
#[must_use]
pub fn which(agent: &AgentView) -> String {
    let standing = match agent.revoked_at {
        Some(at) => format!("revoked {}", moment(at)),
        None => word(&agent.status),
    };
    format!("{} ({standing}, {})", agent.agent_name, agent.id)
}

async fn living(door: &dyn Door, name: &str, of: &Of) -> Result<AgentView, Failure> {
    if let Ok(agent_id) = name.parse::<AgentId>() {
        let page = ask::<ReadAgent>(door, AgentRef { agent_id }).await?;
        return Ok(page.agent);
    }
    let agents = of.all(door, ListAgents::default()).await?;
    let found = agents.into_iter().find(|agent| agent.agent_name == name);
    found.ok_or_else(|| unknown(name, of).into())
}

async fn living_or_last(door: &dyn Door, name: &str, of: &Of) -> Result<AgentView, Failure> {
    let living = living(door, name, of).await;
    if living.is_ok() || name.parse::<AgentId>().is_ok() {
        return living;
    }
    let agents = of.revoked(door).await?;
    let last = agents.into_iter().rfind(|agent| agent.agent_name == name);
    last.map_or(living, Ok)
}

impl Of {
    /// All agents of all pages.
    ///
    /// # Errors
    /// Whatever hinders it.
    pub async fn all(&self, door: &dyn Door, asked: ListAgents) -> Result<Vec<AgentView>, Failure> {
        let mut found = Vec::new();
        let mut cursor = None;
        loop {
            let page = ListAgents {
                limit: Some(PAGE),
                cursor,
                ..asked.clone()
            };
            let page = self.page(door, page).await?;
            found.extend(page.agents);
            cursor = page.next_cursor;
            if cursor.is_none() {
                return Ok(found);
            }
        }
    }

    /// Those that are revoked.
    async fn revoked(&self, door: &dyn Door) -> Result<Vec<AgentView>, Failure> {
        let revoked = ListAgents {
            status: Some(AgentStatus::Revoked),
            ..ListAgents::default()
        };
        self.all(door, revoked).await
    }

    async fn page(&self, door: &dyn Door, list: ListAgents) -> Result<AgentList, Failure> {
        let Some(tenant) = &self.tenant else {
            return ask::<FindAgents>(door, list).await;
        };
        let tenant_id = TenantId::parse(tenant).ok_or_else(|| no_tenant(tenant))?;
        ask::<FindTenantAgents>(door, ListTenantAgents { tenant_id, list }).await
    }
}

fn unknown(name: &str, of: &Of) -> Error {
    let theirs = of.tenant.as_ref();
    let theirs = theirs.map(|tenant| format!(" --tenant {tenant}"));
    Error::new(
        ErrorCode::AgentNotFound,
        format!(
            "No agent is called {name}. `husting agent list{0}` shows those there are, and with `--status revoked` those \
             that were.",
            theirs.unwrap_or_default()
        ),
    )
}
