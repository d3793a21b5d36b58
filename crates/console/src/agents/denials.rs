//! Calls that lacked their scope: told to the agent in words, and asked of the operator.

use std::cmp::Reverse;
use std::sync::Arc;

use husting_domain::addressees::Addressee;
use husting_domain::agents::{Agent, AgentStatus, Decision, Denial};
use husting_domain::audit::{Action, Entry};
use husting_domain::ids::{AgentId, TenantId};
use husting_domain::scopes::{Grant, Scope};
use husting_domain::time::{DAY_MILLIS, Timestamp};
use husting_store::{AgentWrite, Unit, Write};
use husting_wire::agents::{DecideDenial, DenialList, DenialView};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::events::Event;
use serde_json::json;

use super::AgentHolder;
use super::changes::Change;
use super::registry::Standing;
use super::views::denial_view;
use crate::errors::Outward;
use crate::{Inner, chance};

/// How long a grant of one call, or for a while, lasts, in milliseconds.
const WHILE_MILLIS: i64 = 600_000;
/// How long the operator's *Refuse* answers further calls that lack the same scope, in milliseconds: a day.
const REFUSAL_MILLIS: i64 = DAY_MILLIS;
/// Most denials of a list.
const MOST: u32 = 200;

impl Inner {
    /// Asks the operator for a scope, unless they refused it lately, and gives the refusal that the agent reads.
    pub(crate) async fn deny(
        self: &Arc<Self>,
        holder: &AgentHolder,
        scope: Scope,
        tool: &str,
        to: Option<Addressee>,
    ) -> Error {
        // It has called, whatever came of it.
        self.note_call(holder);
        let now = self.now();
        let refused = self.refused_lately(holder, scope, now).await;
        let detail =
            json!({ "scope": scope, "tool": tool, "to": to.as_ref().map(ToString::to_string) });
        let denial = Denial {
            id: chance::denial_id(),
            agent: holder.agent,
            scope,
            tool: tool.to_owned(),
            to,
            calls: 1,
            first_at: now,
            last_at: now,
            decided: None,
        };
        let unit = Unit::of(holder.tenant.clone());
        let unit = match refused {
            Some(_) => unit,
            None => unit.write(Write::Agent(AgentWrite::Deny(denial))),
        };
        let unit = unit.write(Write::Audit(Entry {
            at: now,
            action: Action::Deny,
            actor: format!("agent:{}", holder.name),
            agent: Some(holder.agent),
            subject: None,
            body: None,
            detail: detail.to_string(),
        }));
        // The agent is refused either way; where nothing is asked, there is nothing to tell.
        match self.store.commit(unit).await {
            Ok(_) if refused.is_some() => {}
            Ok(_) => self.tell_denials().await,
            Err(fault) => tracing::warn!(%fault, "a denial was not kept"),
        }
        insufficient(scope, tool, refused.map_or(Lack::Asked, Lack::RefusedAt))
    }

    /// When the operator refused the agent this scope, where that is their last word on it and not long ago.
    async fn refused_lately(
        &self,
        holder: &AgentHolder,
        scope: Scope,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let agent = Some(holder.agent);
        let denials = self.store.denials(&holder.tenant, agent, false, MOST).await;
        let denials = denials.inspect_err(
            |fault| tracing::warn!(%fault, "whether it was refused before could not be read"),
        );
        let of_scope = denials.unwrap_or_default().into_iter();
        let decided = of_scope
            .filter(|denial| denial.scope == scope)
            .filter_map(|denial| denial.decided);
        let (decision, at) = decided.max_by_key(|(_, at)| *at)?;
        let is_over = at.plus_millis(REFUSAL_MILLIS) <= now;
        (decision == Decision::Refuse && !is_over).then_some(at)
    }

    /// Denials that wait for an answer, of the agents of all tenants: it is one operator who is asked.
    pub(crate) async fn open_denials(&self) -> Result<DenialList, Error> {
        let mut denials = Vec::new();
        for tenant in self.agents.tenants() {
            let open = self.store.denials(&tenant.id, None, true, MOST).await;
            denials.extend(open.outward()?);
        }
        denials.sort_by_key(|denial| Reverse(denial.last_at));
        // Nobody can grant anything to an agent that was revoked.
        denials.retain(|denial| !self.is_revoked(denial.agent));
        Ok(DenialList {
            denials: self.shown(&denials),
        })
    }

    /// What an agent was denied, answered or not.
    pub(super) async fn denials_of(
        &self,
        tenant: &TenantId,
        agent: AgentId,
    ) -> Result<Vec<DenialView>, Error> {
        let denials = self.store.denials(tenant, Some(agent), false, MOST).await;
        Ok(self.shown(&denials.outward()?))
    }

    /// Answers in a change what the agent asked for and is given by it; whether there was anything.
    pub(super) async fn settle_denials(
        &self,
        before: &Standing,
        change: &mut Change,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let (tenant, agent) = (&before.tenant, change.agent.id);
        let open = self.store.denials(tenant, Some(agent), true, MOST).await;
        let had = change.writes.len();
        for denial in open.outward()? {
            let given = change.agent.grants.in_force(denial.scope, now);
            let Some(grant) = given.filter(|grant| !grant.once) else {
                continue;
            };
            let decision = match grant.ends_at {
                Some(_) => Decision::TenMinutes,
                None => Decision::Always,
            };
            change.writes.push(Write::Agent(AgentWrite::Decide {
                denial: denial.id,
                decision,
                at: now,
            }));
        }
        Ok(change.writes.len() > had)
    }

    /// Answers a denial.
    pub(crate) async fn decide_denial(
        self: &Arc<Self>,
        asked: DecideDenial,
    ) -> Result<DenialList, Error> {
        let DecideDenial {
            denial_id,
            decision,
        } = asked;
        let turn = self.agents_turn.lock().await;
        let mut open = self.open_denials().await?.denials.into_iter();
        let denial = open.find(|denial| denial.denial_id == denial_id);
        let denial = denial.ok_or_else(|| {
            Error::new(
                ErrorCode::NotFound,
                "This request was answered already, or is gone.",
            )
        })?;
        let manager = self.operator_of(denial.agent_id);
        let before = self.managed(&manager, denial.agent_id)?;
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
        self.commit_change(&manager, &before, change, now).await?;
        drop(turn);
        self.tell_agent(denial.agent_id).await;
        let left = self.open_denials().await?;
        let denials = left.clone();
        self.tell(Event::DenialsChanged { denials });
        Ok(left)
    }

    /// Tells the operator which denials wait.
    pub(super) async fn tell_denials(&self) {
        let _turn = self.telling.denials.lock().await;
        match self.open_denials().await {
            Ok(denials) => self.tell(Event::DenialsChanged { denials }),
            Err(fault) => tracing::warn!(%fault, "denials were not told"),
        }
    }

    fn is_revoked(&self, agent: AgentId) -> bool {
        let standing = self.agents.standing(agent);
        standing.is_some_and(|standing| standing.agent.status == AgentStatus::Revoked)
    }

    fn shown(&self, denials: &[Denial]) -> Vec<DenialView> {
        let view = |denial: &Denial| {
            let standing = self.agents.standing(denial.agent)?;
            Some(denial_view(denial, &standing))
        };
        denials.iter().filter_map(view).collect()
    }
}

fn grant(agent: &mut Agent, scope: Scope, decision: Decision, now: Timestamp) {
    let held = agent.grants.in_force(scope, now);
    if held.is_some_and(|held| held.ends_at.is_none() && !held.once) {
        // Given for good meanwhile: an answer takes nothing away.
        return;
    }
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

/// What an agent is told of a scope that its call lacks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lack {
    /// The operator is asked for it.
    Asked,
    /// The operator said no then, and is not asked again yet.
    RefusedAt(Timestamp),
    /// The call was let in with it; nobody is asked until the next one.
    Ended,
}

/// The refusal, in words that an agent can act on.
pub(crate) fn insufficient(scope: Scope, tool: &str, lack: Lack) -> Error {
    let then = match lack {
        Lack::Asked => {
            "Your operator was asked and can grant it in Husting; go on without it, or try again later."
                .to_owned()
        }
        Lack::RefusedAt(at) => format!(
            "Your operator refused it at {at}, is not asked again for a day, and can grant it in Husting; go on \
             without it."
        ),
        Lack::Ended => "It was taken or ran out before this call was done. Your operator can grant it in Husting; go \
             on without it, or try again later."
            .to_owned(),
    };
    Error::new(
        ErrorCode::InsufficientScope,
        format!(
            "403 insufficient_scope: {tool} needs the scope {scope}, which your token does not have. {then}"
        ),
    )
    .with(json!({ "scope": scope, "tool": tool }))
}
