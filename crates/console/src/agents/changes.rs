//! Changing an agent while it works: charter, model, end, scopes; off and on again.

use std::sync::Arc;

use husting_domain::agents::{Agent, AgentKind, AgentStatus, MOST_CHARTER, MOST_MODEL};
use husting_domain::audit::{Action, Entry};
use husting_domain::ids::{AgentId, TenantId};
use husting_domain::scopes::{Grant, Grants};
use husting_domain::time::Timestamp;
use husting_store::{AgentRequire, AgentWrite, Kept as Outcome, Require, Write};
use husting_wire::agents::{ChangeAgent, OneAgent, SetScope};
use husting_wire::errors::{Error, ErrorCode};
use serde_json::{Value, json};

use super::connections::Ending;
use super::listing::invalid_body;
use super::managers::Manager;
use super::minting::{checked_end, checked_text};
use super::registry::Standing;
use crate::errors::commit_fault;
use crate::{Console, Inner};

/// The longest that a scope is given for, in seconds: thirty days.
const MOST_SECONDS: u32 = 30 * 86_400;

/// An agent as it is to be, and what is written beside it.
pub(super) struct Change {
    /// Its epoch is raised by whoever commits it.
    pub agent: Agent,
    pub writes: Vec<Write>,
    pub action: Action,
    /// Figures and names for the log.
    pub detail: Value,
}

/// A change that is on disk.
pub(super) struct Committed {
    pub outcome: Outcome,
    /// What was held open and must end by it.
    pub ending: Ending,
}

impl Change {
    pub fn of(agent: Agent, action: Action, detail: Value) -> Self {
        Self {
            agent,
            writes: Vec::new(),
            action,
            detail,
        }
    }
}

impl Console {
    /// Changes an agent; in force on its next call.
    ///
    /// # Errors
    /// `agent_not_found`, `invalid_body`; `invalid_state` for a revoked one.
    pub async fn change_agent(
        &self,
        manager: &Manager,
        id: AgentId,
        change: ChangeAgent,
    ) -> Result<OneAgent, Error> {
        self.0.change_agent(manager, id, change).await
    }

    /// Suspends an agent: its calls are refused from the commit on, and what it holds open ends.
    /// Doing it again changes nothing.
    ///
    /// # Errors
    /// `agent_not_found`; `invalid_state` for a revoked one.
    pub async fn disable_agent(&self, manager: &Manager, id: AgentId) -> Result<OneAgent, Error> {
        self.0.disable_agent(manager, id).await
    }

    /// Takes a suspension back. Doing it again changes nothing.
    ///
    /// # Errors
    /// `agent_not_found`; `invalid_state` for one that is revoked, or whose end has passed.
    pub async fn enable_agent(&self, manager: &Manager, id: AgentId) -> Result<OneAgent, Error> {
        self.0.enable_agent(manager, id).await
    }
}

impl Inner {
    pub(crate) async fn change_agent(
        self: &Arc<Self>,
        manager: &Manager,
        id: AgentId,
        asked: ChangeAgent,
    ) -> Result<OneAgent, Error> {
        if let Some(model) = &asked.model
            && self.managed(manager, id)?.agent.kind == AgentKind::Managed
        {
            self.known_seat(&manager.tenant(), model).await?;
        }
        self.change(manager, id, |agent, now| changed(agent, asked, now))
            .await
    }

    /// Gives one scope or takes it.
    pub(crate) async fn set_scope(
        self: &Arc<Self>,
        manager: &Manager,
        asked: SetScope,
    ) -> Result<OneAgent, Error> {
        let SetScope {
            agent_id,
            scope,
            held,
            for_seconds,
        } = asked;
        if for_seconds.is_some_and(|seconds| !(1..=MOST_SECONDS).contains(&seconds)) {
            let rule = format!("a whole number from 1 to {MOST_SECONDS}");
            return Err(invalid_body("for_seconds", &rule));
        }
        self.change(manager, agent_id, |mut agent, now| {
            if agent.status == AgentStatus::Revoked {
                return Err(is_revoked(&agent));
            }
            let detail = if held {
                let ends_at =
                    for_seconds.map(|seconds| now.plus_millis(i64::from(seconds) * 1_000));
                agent.grants.put(Grant {
                    scope,
                    ends_at,
                    once: false,
                });
                json!({ "given": scope, "ends_at": ends_at, "grants": agent.grants })
            } else {
                agent.grants.take(scope);
                json!({ "taken": scope, "grants": agent.grants })
            };
            Ok(Some(Change::of(agent, Action::Change, detail)))
        })
        .await
    }

    pub(crate) async fn disable_agent(
        self: &Arc<Self>,
        manager: &Manager,
        id: AgentId,
    ) -> Result<OneAgent, Error> {
        self.change(manager, id, |mut agent, _| match agent.status {
            AgentStatus::Active => {
                agent.status = switched_off(agent.kind);
                Ok(Some(Change::of(agent, Action::Disable, json!({}))))
            }
            AgentStatus::Suspended | AgentStatus::Inactive => Ok(None),
            AgentStatus::Revoked => Err(is_revoked(&agent)),
        })
        .await
    }

    pub(crate) async fn enable_agent(
        self: &Arc<Self>,
        manager: &Manager,
        id: AgentId,
    ) -> Result<OneAgent, Error> {
        self.change(manager, id, |mut agent, now| match agent.status {
            AgentStatus::Active => Ok(None),
            AgentStatus::Revoked => Err(is_revoked(&agent)),
            _ if agent.has_expired(now) => Err(Error::new(
                ErrorCode::InvalidState,
                format!("{} has expired. Set a later end first.", agent.name),
            )),
            AgentStatus::Suspended | AgentStatus::Inactive => {
                agent.status = AgentStatus::Active;
                Ok(Some(Change::of(agent, Action::Enable, json!({}))))
            }
        })
        .await
        .inspect(|_| self.managed_changed.notify_one())
    }

    /// Switches on an agent that Husting runs, on a seat where one is named.
    pub(crate) async fn switch_on(
        self: &Arc<Self>,
        manager: &Manager,
        id: AgentId,
        model: Option<String>,
    ) -> Result<OneAgent, Error> {
        let one = self
            .change(manager, id, |mut agent, _| {
                let is_on = agent.status == AgentStatus::Active;
                if is_on && (model.is_none() || agent.model == model) {
                    return Ok(None);
                }
                agent.status = AgentStatus::Active;
                agent.model = model.or(agent.model);
                let detail = json!({ "model": agent.model });
                Ok(Some(Change::of(agent, Action::Activate, detail)))
            })
            .await?;
        self.managed_changed.notify_one();
        Ok(one)
    }

    /// Makes of an agent what `change` says; `None` leaves it as it is.
    async fn change(
        self: &Arc<Self>,
        manager: &Manager,
        id: AgentId,
        change: impl FnOnce(Agent, Timestamp) -> Result<Option<Change>, Error>,
    ) -> Result<OneAgent, Error> {
        let turn = self.agents_turn.lock().await;
        let before = self.managed(manager, id)?;
        let now = self.now();
        let mut settles = false;
        if let Some(mut change) = change(before.agent.as_ref().clone(), now)? {
            settles = self.settle_denials(&before, &mut change, now).await?;
            self.commit_change(manager, &before, change, now).await?;
        }
        drop(turn);
        self.tell_agent(id).await;
        if settles {
            self.tell_denials().await;
        }
        self.one_agent(id).await
    }

    /// Keeps a change and shows it to the doors; what the agent holds open and may not any more ends.
    /// Whoever calls has the turn.
    pub(super) async fn commit_change(
        &self,
        manager: &Manager,
        before: &Standing,
        change: Change,
        now: Timestamp,
    ) -> Result<Committed, Error> {
        let Change {
            mut agent,
            writes,
            action,
            detail,
        } = change;
        agent.epoch = before.agent.epoch + 1;
        let unit = manager
            .unit()
            .require(Require::Agent(AgentRequire::Epoch(
                agent.id,
                before.agent.epoch,
            )))
            .write(Write::Agent(AgentWrite::Set(agent.clone())))
            .writes(writes)
            .write(Write::Audit(entry(manager, &agent, action, now, detail)));
        let outcome = match self.store.commit(unit).await {
            Ok(kept) => kept,
            Err(fault) => {
                self.look_again(&before.tenant, agent.id).await;
                return Err(commit_fault(&fault));
            }
        };
        self.agents.show(&before.tenant, agent.clone());
        self.ends_changed.notify_one();
        let ending = self.end_held_open(&agent, now);
        Ok(Committed { outcome, ending })
    }

    /// Ends what an agent holds open and may not any more; sessions too, once it may call nothing.
    fn end_held_open(&self, agent: &Agent, now: Timestamp) -> Ending {
        let connections = self.agents.connections(agent.id).unwrap_or_default();
        if agent.may_call(now) {
            return connections.end_without(|scope| agent.grants.in_force(scope, now).is_some());
        }
        // Before their tokens: what left by itself would not be counted.
        let ending = connections.end_all();
        if agent.status == AgentStatus::Revoked {
            self.agents.add_closed(agent.id, ending.counts());
        }
        self.agents.end_opened(agent.id);
        ending
    }

    /// Shows the doors what the store says of an agent and its tokens, after a commit whose outcome nobody knows or
    /// that another picture than the store's led to. Whoever calls has the turn.
    pub(crate) async fn look_again(&self, tenant: &TenantId, id: AgentId) {
        let read = tokio::try_join!(self.store.agent(tenant, id), self.store.all_agent_tokens());
        match read {
            Ok((Some(agent), tokens)) => {
                let now = self.now();
                let tokens = tokens.into_iter().map(|found| found.row);
                self.agents.show(tenant, agent.clone());
                self.end_held_open(&agent, now);
                self.agents
                    .show_tokens(tokens.filter(|token| token.agent == id), now);
                self.ends_changed.notify_one();
            }
            Ok((None, _)) => {}
            // Its epoch is not the store's then: what its tokens ask for is refused until it can be looked at.
            Err(fault) => {
                tracing::warn!(%fault, agent = %id, "an agent could not be looked at again")
            }
        }
    }

    pub(crate) async fn one_agent(&self, id: AgentId) -> Result<OneAgent, Error> {
        let standing = self.agents.standing(id);
        let standing = standing.ok_or_else(super::listing::agent_not_found)?;
        let agent = self.agent_view(&standing).await?;
        Ok(OneAgent { agent })
    }
}

fn changed(mut agent: Agent, asked: ChangeAgent, now: Timestamp) -> Result<Option<Change>, Error> {
    if agent.status == AgentStatus::Revoked {
        return Err(is_revoked(&agent));
    }
    let mut detail = serde_json::Map::new();
    if let Some(scopes) = asked.scopes {
        agent.grants = Grants::lasting(scopes);
        detail.insert("grants".to_owned(), json!(agent.grants));
    }
    if let Some(model) = asked.model {
        agent.model = checked_text("model", Some(model), MOST_MODEL)?;
        detail.insert("model".to_owned(), json!(agent.model));
    }
    if let Some(charter) = asked.charter {
        agent.charter = checked_text("charter", Some(charter), MOST_CHARTER)?;
        // Its words are not for the log.
        detail.insert("charter".to_owned(), json!("changed"));
    }
    if let Some(expires_at) = asked.expires_at {
        checked_end(expires_at, now)?;
        agent.expires_at = expires_at;
        detail.insert("expires_at".to_owned(), json!(expires_at));
    }
    if detail.is_empty() {
        return Ok(None);
    }
    let detail = Value::Object(detail);
    Ok(Some(Change::of(agent, Action::Change, detail)))
}

/// What an agent is once it is switched off.
const fn switched_off(kind: AgentKind) -> AgentStatus {
    match kind {
        AgentKind::Managed => AgentStatus::Inactive,
        AgentKind::Custom | AgentKind::Connector => AgentStatus::Suspended,
    }
}

pub(super) fn is_revoked(agent: &Agent) -> Error {
    Error::new(
        ErrorCode::InvalidState,
        format!("{} was revoked, for good. Mint it anew.", agent.name),
    )
}

/// A row of the log about an agent.
pub(super) fn entry(
    manager: &Manager,
    agent: &Agent,
    action: Action,
    at: Timestamp,
    detail: Value,
) -> Entry {
    Entry {
        at,
        action,
        actor: manager.word().to_owned(),
        agent: Some(agent.id),
        subject: None,
        body: None,
        detail: detail.to_string(),
    }
}
