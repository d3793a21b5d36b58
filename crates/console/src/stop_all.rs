//! Everything off at once: rounds end with what they have, summaries and turns that are under way ask
//! nobody any more, the Discord bridge is closed, agents are suspended and their programs ended, and it is
//! said what was stopped.

use std::sync::{Arc, Mutex, PoisonError};

use futures::future::join_all;
use husting_domain::agents::AgentStatus;
use husting_domain::audit::{Action, Entry};
use husting_domain::ids::{AgentId, TenantId};
use husting_store::{Unit, Write};
use husting_wire::agents::{StoppedAgent, StoppedAll, StoppedProgram};
use husting_wire::errors::Error;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::Inner;
use crate::agents::Manager;
use crate::errors::Outward;
use crate::live::LiveRound;

/// What is under way ends with the token of the moment at which it began.
pub(crate) struct Stops {
    shutdown: CancellationToken,
    current: Mutex<CancellationToken>,
}

impl Stops {
    /// Everything ends with the program, too.
    pub fn within(shutdown: &CancellationToken) -> Self {
        Self {
            shutdown: shutdown.clone(),
            current: Mutex::new(shutdown.child_token()),
        }
    }

    /// Is cancelled when everything is stopped that is under way now, or the program ends.
    pub fn token(&self) -> CancellationToken {
        self.current
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn stop(&self) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *current, self.shutdown.child_token()).cancel();
    }
}

impl Inner {
    /// Cancels all rounds, summaries and turns, closes the bridge, suspends all active agents, of all tenants, and
    /// waits for the ends of their programs. What fails is told in the log and does not keep the rest from being stopped; the first failure is
    /// given at the end.
    pub(crate) async fn stop_all(self: &Arc<Self>) -> Result<StoppedAll, Error> {
        // Before the rounds end, so that nothing is summed up because they do.
        self.stops.stop();
        let mut rounds = self.cancelled_rounds();
        let mut running = self.running().await;
        let mut agents = Vec::new();
        let mut failed = None;
        // Before its agent is off, so that nobody in Discord is told of a bus that takes nothing.
        let bridge = self.close_bridge().await.unwrap_or_else(|fault| {
            tracing::error!(%fault, "the Discord bridge was not stopped");
            failed = Some(fault);
            false
        });
        for (tenant, id) in self.active_agents() {
            let manager = Manager::Operator(tenant);
            match self.disable_agent(&manager, id).await {
                Ok(one) => agents.push(StoppedAgent {
                    tenant_id: one.agent.tenant_id,
                    agent_name: one.agent.agent_name,
                }),
                Err(fault) => {
                    tracing::error!(%fault, agent = %id, "an agent was not stopped");
                    failed.get_or_insert(fault);
                }
            }
        }
        // Programs, turns and rounds that began before their agent was off.
        for agent in self.running().await {
            if !running.contains(&agent) {
                running.push(agent);
            }
        }
        let programs = join_all(running.into_iter().map(|agent| self.end_program(agent)));
        let programs = programs.await.into_iter().flatten().collect();
        self.stops.stop();
        let known = rounds.len();
        for round in self.cancelled_rounds() {
            if !rounds[..known].iter().any(|one| Arc::ptr_eq(one, &round)) {
                rounds.push(round);
            }
        }
        for round in &rounds {
            // An end of the sender is the end of the round.
            round.over.subscribe().wait_for(|over| *over).await.ok();
        }
        let stopped = StoppedAll {
            rounds: u32::try_from(rounds.len()).unwrap_or(u32::MAX),
            sessions: rounds.iter().map(|round| round.view().session_id).collect(),
            agents,
            programs,
            bridge,
        };
        self.note_stop(&stopped).await?;
        failed.map_or(Ok(stopped), Err)
    }

    /// Those at work, which end now.
    fn cancelled_rounds(&self) -> Vec<Arc<LiveRound>> {
        let rounds = self.live.all();
        for round in &rounds {
            round.control.cancel.cancel();
        }
        rounds
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

    /// Ends an agent's program, which it has just lost the right to run.
    async fn end_program(&self, agent: AgentId) -> Option<StoppedProgram> {
        // It may have ended already, by the suspension.
        let ended = self.stop_run_of(agent).await.unwrap_or(true);
        let standing = self.agents.standing(agent)?;
        Some(StoppedProgram {
            tenant_id: standing.tenant,
            agent_name: standing.agent.name.to_string(),
            ended,
        })
    }

    async fn note_stop(&self, stopped: &StoppedAll) -> Result<(), Error> {
        let entry = Entry {
            at: self.now(),
            action: Action::StopAll,
            actor: "operator".to_owned(),
            agent: None,
            subject: None,
            body: None,
            detail: json!({ "rounds": stopped.rounds, "agents": stopped.agents, "programs": stopped.programs, "bridge": stopped.bridge })
                .to_string(),
        };
        let unit = Unit::of(TenantId::local()).write(Write::Audit(entry));
        self.store.commit(unit).await.outward()?;
        Ok(())
    }
}
