//! Agents and tenants as they are shown.

use std::collections::HashMap;

use husting_domain::addressees::Addressee;
use husting_domain::agents::{Agent, AgentKind, Denial};
use husting_domain::ids::{AgentId, TenantId};
use husting_domain::messages::Mailbox;
use husting_domain::tenants::Tenant;
use husting_domain::time::Timestamp;
use husting_wire::agents::{AgentView, BusAddresses, DenialView, GrantView, Liveness};
use husting_wire::bus::messages::Recipient;
use husting_wire::errors::Error;
use husting_wire::events::Event;
use husting_wire::tenants::{TenantRecord, TenantView};
use husting_wiring::PLACEHOLDER;

use super::registry::Standing;
use crate::Inner;
use crate::errors::Outward;

/// Within this time after its last call an agent counts as live, in milliseconds.
const LIVE_MILLIS: i64 = 120_000;

/// How many messages wait for each agent of a tenant.
pub(crate) type Unread = HashMap<AgentId, u32>;

impl Inner {
    /// Unread counts of a tenant's mailboxes.
    pub(crate) async fn unread_of(&self, tenant: &TenantId) -> Result<Unread, Error> {
        let unread = self.store.unread(tenant).await.outward()?;
        let of_agent = |(mailbox, count)| match mailbox {
            Mailbox::Agent(id) => Some((id, count)),
            Mailbox::Operator => None,
        };
        Ok(unread.into_iter().filter_map(of_agent).collect())
    }

    /// One agent as it is shown.
    pub(crate) async fn agent_view(&self, standing: &Standing) -> Result<AgentView, Error> {
        let unread = self.unread_of(&standing.tenant).await?;
        Ok(agent_view(standing, &unread, self.now()))
    }

    /// Tells the operator how an agent is now.
    pub(crate) async fn tell_agent(&self, id: AgentId) {
        let _turn = self.telling.agents.lock().await;
        let Some(standing) = self.agents.standing(id) else {
            return;
        };
        match self.agent_view(&standing).await {
            Ok(agent) => self.tell_of(&standing.tenant, Event::AgentChanged { agent }),
            Err(fault) => tracing::warn!(%fault, "an agent's change was not told"),
        }
    }

    /// Where the bus is for an agent.
    pub(crate) fn bus_addresses(&self) -> Option<BusAddresses> {
        self.base_url().map(|base| self.bus_addresses_at(&base))
    }

    /// Where agents reach a bus that is heard at `base`.
    pub(crate) fn bus_addresses_at(&self, base: &str) -> BusAddresses {
        BusAddresses {
            http_url: format!("{base}/mcp"),
            sse_url: if self.takes_path_tokens() {
                format!("{base}/sse/{PLACEHOLDER}")
            } else {
                format!("{base}/sse")
            },
        }
    }

    pub(super) fn tenant_record(&self, tenant: &TenantId) -> TenantRecord {
        let tier = self.agents.tier(tenant);
        TenantRecord {
            id: tenant.clone(),
            tier,
            qnft_minting: tier.mints(),
            agent_limit: tier.agent_limit(),
            agents: self.agents.counted(tenant),
        }
    }

    pub(super) fn tenant_view(&self, tenant: &Tenant) -> TenantView {
        TenantView {
            record: self.tenant_record(&tenant.id),
            token_tail: tenant.token.as_ref().map(|token| token.tail.clone()),
            token_created_at: tenant.token.as_ref().map(|token| token.created_at),
            created_at: tenant.created_at,
        }
    }
}

pub(super) fn agent_view(standing: &Standing, unread: &Unread, now: Timestamp) -> AgentView {
    let Agent {
        id,
        name,
        kind,
        model,
        charter,
        status,
        grants,
        created_at,
        expires_at,
        revoked_at,
        ..
    } = standing.agent.as_ref();
    let grants = grants.without_ended(now);
    AgentView {
        id: *id,
        tenant_id: standing.tenant.clone(),
        agent_name: name.to_string(),
        kind: *kind,
        model: model.clone(),
        charter: charter.clone(),
        status: *status,
        scopes: grants.scopes(now).collect(),
        grants: grants
            .iter()
            .map(|grant| GrantView {
                scope: grant.scope,
                ends_at: grant.ends_at,
                once: grant.once,
            })
            .collect(),
        token_tail: standing.token.as_ref().map(|token| token.tail.clone()),
        token_created_at: standing.token.as_ref().map(|token| token.created_at),
        token_called_at: standing.token_called_at,
        created_at: *created_at,
        expires_at: *expires_at,
        revoked_at: *revoked_at,
        liveness: liveness(standing, now),
        last_call_at: standing.last_call_at,
        unread: unread.get(id).copied().unwrap_or_default(),
        connections: standing.connections,
        hindrance: standing.left.as_ref().map(|left| left.why.clone()),
        given_up_run: standing.given_up,
    }
}

/// How an agent shows life.
pub(crate) fn liveness(standing: &Standing, now: Timestamp) -> Liveness {
    // Whoever is switched off is not live, however shortly ago they called.
    let may_be_live = standing.agent.may_call(now);
    // Husting itself listens for those that it runs.
    let listens = standing.connections > 0 || standing.agent.kind == AgentKind::Managed;
    match standing.last_call_at {
        _ if may_be_live && listens => Liveness::Live,
        None => Liveness::NeverCalled,
        Some(_) if standing.stopped => Liveness::Stopped,
        Some(at) if may_be_live && now.millis_since(at) < LIVE_MILLIS => Liveness::Live,
        Some(at) if at.day_start() == now.day_start() => Liveness::Idle,
        Some(_) => Liveness::Quiet,
    }
}

fn recipient(to: &Addressee) -> Recipient {
    match to {
        Addressee::Agent(name) => Recipient::Agent(name.to_string()),
        Addressee::Squad(name) => Recipient::Squad(name.to_string()),
        Addressee::All => Recipient::All,
    }
}

/// A denial, with the name of who called.
pub(super) fn denial_view(denial: &Denial, standing: &Standing) -> DenialView {
    DenialView {
        denial_id: denial.id,
        agent_id: denial.agent,
        agent_name: standing.agent.name.clone(),
        tenant_id: standing.tenant.clone(),
        scope: denial.scope,
        tool: denial.tool.clone(),
        to: denial.to.as_ref().map(recipient),
        calls: denial.calls,
        first_at: denial.first_at,
        last_at: denial.last_at,
        decision: denial.decided.map(|(decision, _)| decision),
        decided_at: denial.decided.map(|(_, at)| at),
    }
}
