//! One task for each active managed agent: it takes a message, makes its turn, and waits for the next.

use std::collections::HashSet;
use std::sync::{Arc, Weak};

use husting_domain::agents::{Agent, AgentKind, AgentStatus};
use husting_domain::ids::{AgentId, TenantId};
use husting_domain::messages::{Mailbox, Markers, Message, Origin};
use husting_domain::money::MicroUsd;
use husting_domain::scopes::Scope;
use husting_domain::time::Timestamp;
use husting_wire::errors::{Error, ErrorCode};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::Inner;
use crate::agents::{AgentHolder, BusDoor};
use crate::errors::Outward;
use crate::pauses::due;

/// Keeps a task for each of them, as long as the console lives.
pub(crate) async fn keep_managed(inner: Weak<Inner>) {
    let mut at_work: HashSet<AgentId> = HashSet::new();
    let mut tasks = JoinSet::new();
    loop {
        let Some(console) = inner.upgrade() else {
            break;
        };
        let (changed, shutdown) = (console.managed_changed.clone(), console.shutdown.clone());
        for (tenant, agent) in console.to_run() {
            if at_work.insert(agent) {
                tasks.spawn(run(inner.clone(), tenant, agent));
            }
        }
        drop(console);
        tokio::select! {
            () = changed.notified() => {}
            Some(ended) = tasks.join_next() => match ended {
                Ok(agent) => { at_work.remove(&agent); }
                Err(fault) => tracing::error!(%fault, "a managed agent's task ended badly"),
            },
            () = shutdown.cancelled() => break,
        }
    }
    while tasks.join_next().await.is_some() {}
}

/// What comes next for one of them.
enum Next {
    /// Look again at once.
    Again,
    /// Wait for mail or a change, or until this moment.
    Wait(Option<Timestamp>),
    /// It is not run any more.
    End,
}

async fn run(inner: Weak<Inner>, tenant: TenantId, agent: AgentId) -> AgentId {
    loop {
        let Some(console) = inner.upgrade() else {
            return agent;
        };
        let Some(mut changes) = console.agents.changes(agent) else {
            return agent;
        };
        // Heard before it is looked, so that nothing falls between.
        let mut bell = console.bells.listen(Mailbox::Agent(agent));
        let mut pause = console.pause.watch();
        let (clock, shutdown) = (console.clock.clone(), console.shutdown.clone());
        let next = match console.step_in_a_task(&tenant, agent).await {
            Ok(next) => next,
            Err(_) if shutdown.is_cancelled() => return agent,
            Err(fault) => {
                tracing::warn!(%fault, %agent, "a managed agent's step came to nothing");
                if !console.may_go_on(agent).await {
                    return agent;
                }
                Next::Again
            }
        };
        drop(console);
        let until = match next {
            Next::Again => continue,
            Next::End => return agent,
            Next::Wait(until) => until,
        };
        tokio::select! {
            _ = bell.changed() => {}
            _ = changes.changed() => {}
            _ = pause.changed() => {}
            () = due(&clock, until) => {}
            () = shutdown.cancelled() => return agent,
        }
    }
}

impl Inner {
    /// Managed agents that are switched on.
    fn to_run(&self) -> Vec<(TenantId, AgentId)> {
        let tenants = self.agents.tenants();
        let agents = tenants
            .iter()
            .flat_map(|tenant| self.agents.of_tenant(&tenant.id));
        let on = agents.filter(|standing| is_run(&standing.agent));
        on.map(|standing| (standing.tenant.clone(), standing.agent.id))
            .collect()
    }

    /// In a task of its own: one that panics would otherwise leave the agent deaf until the next start.
    async fn step_in_a_task(
        self: &Arc<Self>,
        tenant: &TenantId,
        agent: AgentId,
    ) -> Result<Next, Error> {
        let (inner, tenant) = (self.clone(), tenant.clone());
        let step = tokio::spawn(async move { inner.step(&tenant, agent).await });
        step.await.map_err(|fault| {
            tracing::error!(%fault, %agent, "a managed agent broke off by a fault of ours");
            Error::new(ErrorCode::Internal, "The agent's step broke off.")
        })?
    }

    /// Rests after a fault, and ends what it left open; false where the program ends instead.
    async fn may_go_on(self: &Arc<Self>, agent: AgentId) -> bool {
        while self.rest_before_retry().await {
            match self.end_turns_of(agent).await {
                Ok(()) => return true,
                Err(fault) => {
                    tracing::warn!(%fault, %agent, "an agent's open turn waits to be ended")
                }
            }
        }
        false
    }

    /// Takes one message, if there is one and the day allows a turn.
    async fn step(self: &Arc<Self>, tenant: &TenantId, id: AgentId) -> Result<Next, Error> {
        let standing = self.agents.standing(id);
        let Some(agent) = standing
            .map(|standing| standing.agent)
            .filter(|agent| is_run(agent))
        else {
            return Ok(Next::End);
        };
        if self.pause.is_on() || agent.grants.in_force(Scope::Inbox, self.now()).is_none() {
            return Ok(Next::Wait(None));
        }
        if let Some(tomorrow) = self.day_is_used_up(tenant, id).await? {
            return Ok(Next::Wait(Some(tomorrow)));
        }
        // A look at an empty mailbox is nothing for the log.
        if !self.unread_of(tenant).await?.contains_key(&id) {
            return Ok(Next::Wait(None));
        }
        let holder = inside(tenant, &agent);
        let call = self.let_in(&holder, Some(Scope::Inbox), "inbox").await?;
        let Some(message) = self.take_one(&call).await? else {
            return Ok(Next::Wait(None));
        };
        if wants_answer(&message) {
            self.take_turn(&holder, message).await?;
        } else {
            self.put_aside(&call, &message).await?;
        }
        Ok(Next::Again)
    }

    /// When the next day begins, where the agent has had all its turns of this one.
    async fn day_is_used_up(
        &self,
        tenant: &TenantId,
        agent: AgentId,
    ) -> Result<Option<Timestamp>, Error> {
        let today = self.now().day_start();
        let done = self
            .store
            .turns_since(tenant, agent, today)
            .await
            .outward()?;
        let settings = self.settings();
        let is_used_up = done.turns >= settings.agents_turns_per_day
            || done.charged >= daily_limit(settings.agents_cents_per_day);
        Ok(is_used_up.then(|| today.plus_millis(DAY_MILLIS)))
    }
}

const DAY_MILLIS: i64 = 86_400_000;

/// What an agent's turns may be charged in a day.
pub(super) fn daily_limit(cents: u32) -> MicroUsd {
    MicroUsd(i64::from(cents) * 10_000)
}

fn is_run(agent: &Agent) -> bool {
    agent.kind == AgentKind::Managed && agent.status == AgentStatus::Active
}

/// The agent as it calls from inside.
fn inside(tenant: &TenantId, agent: &Agent) -> AgentHolder {
    AgentHolder {
        agent: agent.id,
        tenant: tenant.clone(),
        name: agent.name.clone(),
        token: None,
        door: BusDoor::Inside,
        ended: CancellationToken::new(),
    }
}

/// Requests and plain mail are answered, and what a person replies, who goes on with the thread; replies
/// of agents, acknowledgements, broadcasts and Husting's own words never are.
fn wants_answer(message: &Message) -> bool {
    let goes_on = match message.from.origin() {
        Origin::Human | Origin::Discord => true,
        Origin::Agent => message.in_reply_to.is_none(),
        Origin::System => false,
    };
    goes_on
        && message.squad.is_none()
        && !message.is_broadcast
        && Markers::read(&message.text).ack_for.is_none()
}
