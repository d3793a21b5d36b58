//! Calls that lacked their scope: told to the agent in words, and asked of the operator.

use std::sync::Arc;

use husting_domain::agents::{Agent, AgentStatus, Decision, Denial};
use husting_domain::audit::{Action, Entry};
use husting_domain::ids::{AgentId, TenantId};
use husting_domain::scopes::{Grant, Scope};
use husting_domain::time::Timestamp;
use husting_store::{AgentWrite, Unit, Write};
use husting_wire::agents::{DecideDenial, DenialList, DenialView};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::events::Event;
use serde_json::json;

use super::AgentHolder;
use super::changes::Change;
use super::managers::Manager;
use super::views::denial_view;
use crate::errors::Outward;
use crate::{Inner, chance};

/// How long a grant of one call, or for a while, lasts, in milliseconds.
const WHILE_MILLIS: i64 = 600_000;
/// Most denials of a list.
const MOST: u32 = 200;

impl Inner {
    /// Asks the operator for a scope, and gives the refusal that the agent reads.
    pub(crate) async fn deny(
        self: &Arc<Self>,
        holder: &AgentHolder,
        scope: Scope,
        tool: &str,
    ) -> Error {
        let now = self.now();
        let denial = Denial {
            id: chance::denial_id(),
            agent: holder.agent,
            scope,
            tool: tool.to_owned(),
            calls: 1,
            first_at: now,
            last_at: now,
            decided: None,
        };
        let unit = Unit::of(holder.tenant.clone())
            .write(Write::Agent(AgentWrite::Deny(denial)))
            .write(Write::Audit(Entry {
                at: now,
                action: Action::Deny,
                actor: format!("agent:{}", holder.name),
                agent: Some(holder.agent),
                subject: None,
                body: None,
                detail: json!({ "scope": scope, "tool": tool }).to_string(),
            }));
        // The agent is refused either way.
        match self.store.commit(unit).await {
            Ok(_) => self.tell_denials(&holder.tenant).await,
            Err(fault) => tracing::warn!(%fault, "a denial was not kept"),
        }
        insufficient(scope, tool)
    }

    /// Denials that wait for an answer.
    pub(crate) async fn denials_of(
        &self,
        tenant: &TenantId,
        agent: Option<AgentId>,
    ) -> Result<DenialList, Error> {
        let open = agent.is_none();
        let denials = self
            .store
            .denials(tenant, agent, open, MOST)
            .await
            .outward()?;
        Ok(DenialList {
            denials: denials
                .iter()
                .filter_map(|denial| self.shown_denial(denial))
                .collect(),
        })
    }

    /// Answers a denial.
    pub(crate) async fn decide_denial(
        self: &Arc<Self>,
        manager: &Manager,
        asked: DecideDenial,
    ) -> Result<DenialList, Error> {
        let DecideDenial {
            denial_id,
            decision,
        } = asked;
        let tenant = manager.tenant();
        let turn = self.agents_turn.lock().await;
        let denials = self
            .store
            .denials(&tenant, None, true, MOST)
            .await
            .outward()?;
        let denial = denials.into_iter().find(|denial| denial.id == denial_id);
        let denial = denial.ok_or_else(|| {
            Error::new(
                ErrorCode::NotFound,
                "This request was answered already, or is gone.",
            )
        })?;
        let before = self.managed(manager, denial.agent)?;
        let now = self.now();
        let mut agent = before.agent.as_ref().clone();
        if agent.status != AgentStatus::Revoked {
            grant(&mut agent, denial.scope, decision, now);
        }
        let detail = json!({ "scope": denial.scope, "decision": decision });
        let mut change = Change::of(agent, Action::Decide, detail);
        change.writes.push(Write::Agent(AgentWrite::Decide {
            denial: denial_id,
            decision,
            at: now,
        }));
        self.commit_change(manager, &before, change, now).await?;
        drop(turn);
        self.tell_agent(denial.agent).await;
        self.tell_denials(&tenant).await;
        self.denials_of(&tenant, None).await
    }

    /// Tells the operator which denials wait.
    pub(super) async fn tell_denials(&self, tenant: &TenantId) {
        match self.denials_of(tenant, None).await {
            Ok(denials) => self.tell_of(tenant, Event::DenialsChanged { denials }),
            Err(fault) => tracing::warn!(%fault, "denials were not told"),
        }
    }

    fn shown_denial(&self, denial: &Denial) -> Option<DenialView> {
        let standing = self.agents.standing(denial.agent)?;
        Some(denial_view(denial, &standing))
    }
}

fn grant(agent: &mut Agent, scope: Scope, decision: Decision, now: Timestamp) {
    let until = Some(now.plus_millis(WHILE_MILLIS));
    let (ends_at, once) = match decision {
        Decision::Once => (until, true),
        Decision::TenMinutes => (until, false),
        Decision::Always => (None, false),
        Decision::Refuse => return,
    };
    agent.grants.put(Grant {
        scope,
        ends_at,
        once,
    });
}

/// The refusal, in words that an agent can act on.
pub(crate) fn insufficient(scope: Scope, tool: &str) -> Error {
    Error::new(
        ErrorCode::InsufficientScope,
        format!(
            "403 insufficient_scope: {tool} needs the scope {scope}, which your token does not have. \
             Your operator was asked and can grant it in Husting; go on without it, or try again later."
        ),
    )
    .with(json!({ "scope": scope, "tool": tool }))
}
