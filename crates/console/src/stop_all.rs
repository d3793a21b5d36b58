//! Everything off at once: rounds end with what they have, agents are suspended, and it is said what
//! was stopped.

use std::sync::Arc;

use husting_domain::agents::AgentStatus;
use husting_domain::audit::{Action, Entry};
use husting_domain::ids::{AgentId, TenantId};
use husting_store::{Unit, Write};
use husting_wire::agents::StoppedAll;
use husting_wire::errors::Error;
use serde_json::json;

use crate::Inner;
use crate::agents::Manager;
use crate::errors::Outward;

impl Inner {
    /// Cancels all rounds and suspends all active agents, of all tenants. What fails is told in the
    /// log and does not keep the rest from being stopped; the first failure is given at the end.
    pub(crate) async fn stop_all(self: &Arc<Self>) -> Result<StoppedAll, Error> {
        let rounds = self.live.all();
        for round in &rounds {
            round.control.cancel.cancel();
        }
        let mut agents = Vec::new();
        let mut failed = None;
        for (tenant, id) in self.active_agents() {
            let manager = Manager::Husting(tenant);
            match self.disable_agent(&manager, id).await {
                Ok(one) => agents.push(one.agent.agent_name),
                Err(fault) => {
                    tracing::error!(%fault, agent = %id, "an agent was not stopped");
                    failed.get_or_insert(fault);
                }
            }
        }
        for round in &rounds {
            // An end of the sender is the end of the round.
            round.over.subscribe().wait_for(|over| *over).await.ok();
        }
        let stopped = StoppedAll {
            rounds: u32::try_from(rounds.len()).unwrap_or(u32::MAX),
            agents,
        };
        self.note_stop(&stopped).await?;
        failed.map_or(Ok(stopped), Err)
    }

    fn active_agents(&self) -> Vec<(TenantId, AgentId)> {
        let tenants = self.agents.tenants();
        let agents = tenants
            .iter()
            .flat_map(|tenant| self.agents.of_tenant(&tenant.id));
        let active = agents.filter(|standing| standing.agent.status == AgentStatus::Active);
        active
            .map(|standing| (standing.tenant.clone(), standing.agent.id))
            .collect()
    }

    async fn note_stop(&self, stopped: &StoppedAll) -> Result<(), Error> {
        let entry = Entry {
            at: self.now(),
            action: Action::StopAll,
            actor: "operator".to_owned(),
            agent: None,
            subject: None,
            body: None,
            detail: json!({ "rounds": stopped.rounds, "agents": stopped.agents }).to_string(),
        };
        let unit = Unit::of(TenantId::local()).write(Write::Audit(entry));
        self.store.commit(unit).await.outward()?;
        Ok(())
    }
}
