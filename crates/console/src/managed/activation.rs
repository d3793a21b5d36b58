//! Switching an agent on that Husting runs.

use std::sync::Arc;

use husting_domain::agents::{Agent, AgentKind, AgentStatus, MANAGED, Name};
use husting_domain::audit::{Action, Entry};
use husting_domain::ids::TenantId;
use husting_domain::models::{ModelId, REHEARSAL_MODELS};
use husting_domain::scopes::Grants;
use husting_store::{AgentWrite, CommitError, Constraint, Unit, Write};
use husting_wire::agents::{ActivateAgent, OneAgent};
use husting_wire::errors::{Error, ErrorCode};
use serde_json::json;

use crate::agents::{Manager, agent_not_found, invalid_body};
use crate::errors::Outward;
use crate::{Console, Inner, chance};

/// Who is there from the first start.
const FIRST: &str = MANAGED[0];

impl Console {
    /// Switches on one of the agents that Husting runs. Doing it again changes nothing but the seat.
    ///
    /// # Errors
    /// `invalid_body` for another name, or a seat that is not on this machine.
    pub async fn activate_agent(
        &self,
        manager: &Manager,
        asked: ActivateAgent,
    ) -> Result<OneAgent, Error> {
        self.0.activate_agent(manager, asked).await
    }
}

impl Inner {
    pub(crate) async fn activate_agent(
        self: &Arc<Self>,
        manager: &Manager,
        asked: ActivateAgent,
    ) -> Result<OneAgent, Error> {
        let name = Name::parse(&asked.agent_name).ok().filter(Name::is_managed);
        let name = name
            .ok_or_else(|| invalid_body("agent_name", &format!("one of {}", MANAGED.join(", "))))?;
        let tenant = manager.tenant();
        let model = match asked.model {
            Some(model) => Some(self.known_seat(&tenant, &model).await?),
            None => None,
        };
        if self.agents.by_name(&tenant, &name).is_none() {
            self.insert_managed(manager, name.clone(), model.clone())
                .await?;
        }
        let standing = self.agents.by_name(&tenant, &name);
        let standing = standing.ok_or_else(agent_not_found)?;
        self.switch_on(manager, standing.agent.id, model).await
    }

    /// The agent that is there from the first start, where it never was.
    pub(crate) async fn ensure_first_managed(self: &Arc<Self>) -> Result<(), Error> {
        let tenant = TenantId::local();
        let known = self.agents.of_tenant(&tenant);
        if known
            .iter()
            .any(|standing| standing.agent.name.as_str() == FIRST)
        {
            return Ok(());
        }
        let name = Name::parse(FIRST)
            .map_err(|fault| Error::new(ErrorCode::Internal, fault.to_string()))?;
        self.insert_managed(&Manager::Husting(tenant), name, None)
            .await
    }

    /// A seat on this machine.
    ///
    /// # Errors
    /// `invalid_body` for one that is not.
    pub(crate) async fn known_seat(&self, tenant: &TenantId, model: &str) -> Result<String, Error> {
        let known = match ModelId::parse(model) {
            Some(id) => self.catalog(tenant).await?.entry(&id).is_some(),
            None => false,
        };
        if known {
            return Ok(model.to_owned());
        }
        Err(invalid_body(
            "model",
            "a model of this machine, as `husting models list` gives them",
        ))
    }

    async fn insert_managed(
        self: &Arc<Self>,
        manager: &Manager,
        name: Name,
        model: Option<String>,
    ) -> Result<(), Error> {
        let now = self.now();
        let agent = Agent {
            id: chance::agent_id(),
            charter: Some(charter(&name)),
            name,
            kind: AgentKind::Managed,
            model: Some(model.unwrap_or_else(|| REHEARSAL_MODELS[0].to_owned())),
            status: AgentStatus::Active,
            grants: Grants::messenger(),
            epoch: 0,
            created_at: now,
            expires_at: None,
            last_call_at: None,
            revoked_at: None,
            receipt: None,
        };
        let entry = Entry {
            at: now,
            action: Action::Activate,
            actor: manager.word().to_owned(),
            agent: Some(agent.id),
            subject: None,
            body: None,
            detail: json!({ "name": agent.name, "model": agent.model }).to_string(),
        };
        let tenant = manager.tenant();
        let unit = Unit::of(tenant.clone())
            .write(Write::Agent(AgentWrite::Insert(agent.clone())))
            .write(Write::Audit(entry));
        let turn = self.agents_turn.lock().await;
        match self.store.commit(unit).await {
            Ok(_) => self.agents.show(&tenant, agent),
            // Somebody was faster.
            Err(CommitError::Constraint(Constraint::Exists(_))) => {}
            Err(fault) => return Err(fault).outward(),
        }
        drop(turn);
        self.managed_changed.notify_one();
        Ok(())
    }
}

fn charter(name: &Name) -> String {
    let part = match name.as_str() {
        "athena" => {
            "You weigh options: you name what speaks for and against each, and say which you would take."
        }
        "calliope" => {
            "You write: you turn rough notes into clear and short text, and keep every fact."
        }
        _ => {
            "You keep an overview: you answer what you know, ask what you must know, and say who else could help."
        }
    };
    format!("You are {name}, an agent of this desk. {part}")
}
