//! The agent of the bridge to Discord: what is sent with its token may be from people.

use std::sync::Arc;

use husting_domain::agents::{Agent, AgentKind, AgentStatus, CONNECTOR, Name};
use husting_domain::ids::TenantId;
use husting_domain::scopes::Grants;
use husting_domain::time::Timestamp;
use husting_store::{CommitError, Constraint};
use husting_wire::agents::{ConnectorToken, MintedAgent};
use husting_wire::errors::{Error, ErrorCode};

use super::holder::{AgentHolder, refused};
use super::listing::invalid_body;
use super::managers::Manager;
use super::minting::{fresh_token, inserted};
use crate::errors::commit_fault;
use crate::{Inner, chance};

impl Inner {
    /// Makes the bridge's agent with its token, or gives it a new one; the old one opens nothing from the
    /// commit on. Nothing else makes an agent of this kind, nor one of its reserved name.
    ///
    /// # Errors
    /// `invalid_body` for no name, or another of Husting's own; `agent_name_taken` where an agent that is
    /// no bridge has it.
    pub(crate) async fn connector_token(
        self: &Arc<Self>,
        manager: &Manager,
        asked: ConnectorToken,
    ) -> Result<MintedAgent, Error> {
        self.refuse_while_closing()?;
        let name = connector_name(asked.agent_name.as_deref())?;
        let tenant = manager.tenant();
        if let Some(there) = self.connector_called(&tenant, &name)? {
            return self.rotate_agent(manager, there.id, 0).await;
        }
        let agent = connector(name, self.now());
        let token = fresh_token(agent.id, agent.created_at)?;
        let unit = inserted(manager, &agent, &token);
        match self.insert_agent(unit, &agent, &token).await {
            Ok(()) => self.shown_once(&agent, token.raw).await,
            // Somebody was faster.
            Err(CommitError::Constraint(Constraint::Exists(_))) => {
                // Whoever made it shows it before they give the turn back.
                drop(self.agents_turn.lock().await);
                let there = self.connector_called(&tenant, &agent.name)?;
                let there = there.ok_or_else(|| taken(&agent.name))?;
                self.rotate_agent(manager, there.id, 0).await
            }
            Err(fault) => Err(commit_fault(&fault)),
        }
    }

    /// The agent of the bridge that runs in here, made where there is none. Nobody is shown its token:
    /// the bridge calls from inside.
    ///
    /// # Errors
    /// `agent_name_taken` where an agent that is no bridge has its name.
    pub(crate) async fn ensure_connector(self: &Arc<Self>) -> Result<(), Error> {
        if self.own_connector()?.is_some() {
            return Ok(());
        }
        let manager = Manager::Husting(TenantId::local());
        let agent = connector(Name::connector(), self.now());
        let token = fresh_token(agent.id, agent.created_at)?;
        let unit = inserted(&manager, &agent, &token);
        match self.insert_agent(unit, &agent, &token).await {
            // Somebody was faster.
            Ok(()) | Err(CommitError::Constraint(Constraint::Exists(_))) => {}
            Err(fault) => return Err(commit_fault(&fault)),
        }
        self.tell_agent(agent.id).await;
        Ok(())
    }

    /// Enables it again where it is there and disabled.
    pub(crate) async fn enable_connector(self: &Arc<Self>) -> Result<(), Error> {
        if let Some(agent) = self.suspended_connector() {
            self.enable_agent(&Manager::Husting(TenantId::local()), agent.id)
                .await?;
        }
        Ok(())
    }

    /// Whether it is there and disabled.
    pub(crate) fn is_connector_off(&self) -> bool {
        self.suspended_connector().is_some()
    }

    /// Who has its name and is no bridge is left alone.
    fn suspended_connector(&self) -> Option<Arc<Agent>> {
        let agent = self.own_connector().ok().flatten()?;
        (agent.status == AgentStatus::Suspended).then_some(agent)
    }

    /// The agent of the bridge that runs in here, as it calls.
    ///
    /// # Errors
    /// `invalid_token` where there is none.
    pub(crate) fn connector_inside(&self) -> Result<AgentHolder, Error> {
        let standing = self.agents.by_name(&TenantId::local(), &Name::connector());
        let standing = standing.ok_or_else(|| {
            refused("The bridge's agent was revoked: start the bridge again to make it anew.")
        })?;
        Ok(AgentHolder::inside(&TenantId::local(), &standing.agent))
    }

    /// The bridge has ended: its agent is not live for what it called shortly ago.
    pub(crate) async fn connector_stopped(&self) {
        let standing = self.agents.by_name(&TenantId::local(), &Name::connector());
        let Some(id) = standing.map(|standing| standing.agent.id) else {
            return;
        };
        if self.agents.stopped(id) {
            self.tell_agent(id).await;
        }
    }

    fn own_connector(&self) -> Result<Option<Arc<Agent>>, Error> {
        self.connector_called(&TenantId::local(), &Name::connector())
    }

    fn connector_called(
        &self,
        tenant: &TenantId,
        name: &Name,
    ) -> Result<Option<Arc<Agent>>, Error> {
        match self.agents.by_name(tenant, name) {
            None => Ok(None),
            Some(found) if found.agent.kind == AgentKind::Connector => Ok(Some(found.agent)),
            Some(_) => Err(taken(name)),
        }
    }
}

fn connector_name(asked: Option<&str>) -> Result<Name, Error> {
    let name = Name::parse(asked.unwrap_or(CONNECTOR)).ok();
    name.filter(|name| name.as_str() == CONNECTOR || !name.is_reserved())
        .ok_or_else(|| {
            let rule = format!("{CONNECTOR}, or 1 to 63 of a-z, 0-9 and hyphens beginning with a letter, and none of Husting's own names");
            invalid_body("agent_name", &rule)
        })
}

fn connector(name: Name, now: Timestamp) -> Agent {
    Agent {
        id: chance::agent_id(),
        name,
        kind: AgentKind::Connector,
        model: None,
        charter: None,
        status: AgentStatus::Active,
        // Send, inbox, peers.
        grants: Grants::messenger(),
        epoch: 0,
        created_at: now,
        expires_at: None,
        last_call_at: None,
        revoked_at: None,
        receipt: None,
    }
}

fn taken(name: &Name) -> Error {
    Error::new(
        ErrorCode::AgentNameTaken,
        format!(
            "There is an agent called {name} already, and it is no bridge. Choose another name, or revoke it."
        ),
    )
}
