//! Reading agents: one, a page of them, a tenant's figures.

use std::sync::Arc;

use husting_domain::agents::AgentStatus;
use husting_domain::ids::{AgentId, TenantId};
use husting_domain::squads::Squad;
use husting_wire::agents::{AgentList, AgentPage, ListAgents, OneAgent};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::tenants::TenantRecord;

use super::managers::Manager;
use super::registry::Standing;
use super::views::agent_view;
use crate::errors::Outward;
use crate::{Console, Inner};

/// Agents of a page where nobody says.
const PAGE: u32 = 100;
/// Most agents of a page.
const MOST: u32 = 500;

impl Console {
    /// A page of agents, in the order they were made.
    ///
    /// # Errors
    /// `invalid_body` for a limit or cursor that cannot be.
    pub async fn agents(&self, manager: &Manager, asked: ListAgents) -> Result<AgentList, Error> {
        self.0.agents_of(&manager.tenant(), &asked).await
    }

    /// One agent.
    ///
    /// # Errors
    /// `agent_not_found`.
    pub async fn agent(&self, manager: &Manager, id: AgentId) -> Result<OneAgent, Error> {
        let standing = self.0.managed(manager, id)?;
        let agent = self.0.agent_view(&standing).await?;
        Ok(OneAgent { agent })
    }

    /// A tenant's tier and how much of it is used.
    #[must_use]
    pub fn tenant(&self, manager: &Manager) -> TenantRecord {
        self.0.tenant_record(&manager.tenant())
    }
}

impl Inner {
    pub(crate) async fn agents_of(
        self: &Arc<Self>,
        tenant: &TenantId,
        asked: &ListAgents,
    ) -> Result<AgentList, Error> {
        let limit = asked.limit.unwrap_or(PAGE);
        if !(1..=MOST).contains(&limit) {
            return Err(invalid_body(
                "limit",
                &format!("a whole number from 1 to {MOST}"),
            ));
        }
        let after = cursor(asked.cursor.as_deref())?;
        let unread = self.unread_of(tenant).await?;
        let now = self.now();
        let is_meant = |standing: &Standing| {
            let agent = &standing.agent;
            after.is_none_or(|after| agent.id > after)
                && asked.kind.is_none_or(|kind| agent.kind == kind)
                && asked.status.map_or_else(
                    || agent.status != AgentStatus::Revoked,
                    |status| agent.status == status,
                )
        };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut found: Vec<Standing> = self.agents.of_tenant(tenant);
        found.retain(is_meant);
        let more = found.len() > limit;
        found.truncate(limit);
        let next_cursor = found
            .last()
            .filter(|_| more)
            .map(|standing| standing.agent.id.to_string());
        Ok(AgentList {
            agents: found
                .iter()
                .map(|standing| agent_view(standing, &unread, now))
                .collect(),
            next_cursor,
        })
    }

    /// An agent with all that its page shows.
    pub(crate) async fn agent_page(
        self: &Arc<Self>,
        manager: &Manager,
        id: AgentId,
    ) -> Result<AgentPage, Error> {
        let standing = self.managed(manager, id)?;
        let squads = self.store.squads(&standing.tenant).await.outward()?;
        let in_it = |squad: &Squad| squad.members.iter().any(|member| member.agent == id);
        Ok(AgentPage {
            agent: self.agent_view(&standing).await?,
            receipt: standing.agent.receipt.clone(),
            denials: self.denials_of(&standing.tenant, id).await?,
            squads: squads
                .into_iter()
                .filter(in_it)
                .map(|squad| squad.name)
                .collect(),
            wired: self.wired_files(&standing).await?,
            wake: self.wake_view(&standing).await?,
            sessions_at_work: self.at_work_of(&standing.tenant, id).await?,
        })
    }

    /// An agent that the manager may see.
    pub(crate) fn managed(&self, manager: &Manager, id: AgentId) -> Result<Standing, Error> {
        let standing = self.agents.standing(id);
        standing
            .filter(|standing| standing.tenant == manager.tenant())
            .ok_or_else(agent_not_found)
    }
}

fn cursor(text: Option<&str>) -> Result<Option<AgentId>, Error> {
    let Some(text) = text else { return Ok(None) };
    let id = text.parse();
    id.map(Some)
        .map_err(|_| invalid_body("cursor", "the `next_cursor` of the page before"))
}

pub(crate) fn agent_not_found() -> Error {
    Error::new(
        ErrorCode::AgentNotFound,
        "There is no agent by that id here.",
    )
}

/// A member of a body breaks its rule.
pub(crate) fn invalid_body(field: &str, rule: &str) -> Error {
    Error::new(ErrorCode::InvalidBody, format!("`{field}` must be {rule}."))
        .with(serde_json::json!({ "field": field, "rule": rule }))
}
