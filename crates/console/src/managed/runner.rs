//! One task for each active managed agent: it takes a message, makes its turn, and waits for the next.

use std::collections::HashSet;
use std::sync::{Arc, Weak};

use husting_domain::agents::{Agent, AgentKind, AgentStatus};
use husting_domain::ids::{AgentId, TenantId};
use husting_domain::messages::{Mailbox, Message};
use husting_domain::scopes::Scope;
use husting_domain::time::Timestamp;
use husting_wire::errors::{Error, ErrorCode};
use tokio::task::JoinSet;

use super::preparation::Way;
use super::turn::Outcome;
use crate::Inner;
use crate::agents::AgentHolder;
use crate::bus::Call;
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
    /// Wait for mail or a change.
    Wait,
    /// The same while mail is left; also until money, settings or models move, or this moment.
    Left(Timestamp),
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
        let mut means = console.means.subscribe();
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
            Next::Wait => None,
            Next::Left(until) => Some(until),
        };
        tokio::select! {
            _ = bell.changed() => {}
            _ = changes.changed() => {}
            _ = pause.changed() => {}
            _ = means.changed(), if until.is_some() => {}
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

    /// Deals with the oldest message, if there is one and nothing stands in its way.
    async fn step(self: &Arc<Self>, tenant: &TenantId, id: AgentId) -> Result<Next, Error> {
        let standing = self.agents.standing(id);
        let Some(agent) = standing
            .map(|standing| standing.agent)
            .filter(|agent| is_run(agent))
        else {
            self.leave_nothing(id).await;
            return Ok(Next::End);
        };
        if self.pause.is_on() {
            return Ok(Next::Wait);
        }
        if agent.grants.in_force(Scope::Inbox, self.now()).is_none() {
            self.leave_nothing(id).await;
            return Ok(Next::Wait);
        }
        // A look at an empty mailbox is nothing for the log.
        let next = self.store.next_mail(tenant, Mailbox::Agent(id)).await;
        let Some(next) = next.outward()? else {
            self.leave_nothing(id).await;
            return Ok(Next::Wait);
        };
        let holder = AgentHolder::inside(tenant, &agent);
        // Of the day that is looked at, which may be over by the time it was told.
        let tomorrow = self.now().next_day_start();
        let way = self.way_of(&holder, &agent, &next).await?;
        if let Way::Left(hindrance) = &way {
            self.leave(&holder, &agent, &next, hindrance).await;
            return Ok(Next::Left(tomorrow));
        }
        self.leave_nothing(id).await;
        let call = self.let_in(&holder, Some(Scope::Inbox), "inbox").await?;
        let Some(message) = self.take_one(&call).await? else {
            return Ok(Next::Wait);
        };
        if message.id != next.id {
            // An older one has come back meanwhile, and was not looked at.
            self.put_back(&holder, &[message]).await;
        } else if matches!(way, Way::Aside) {
            self.put_aside(&call, &message).await?;
        } else {
            self.write_back(&call, &message, way).await?;
        }
        Ok(Next::Again)
    }

    /// Answers a message that was taken, as far as the agent may send.
    async fn write_back(
        self: &Arc<Self>,
        call: &Call<'_>,
        message: &Message,
        way: Way,
    ) -> Result<(), Error> {
        let holder = call.holder;
        let taken = std::slice::from_ref(message);
        let send = match self.let_in(holder, Some(Scope::Send), "send").await {
            Ok(send) => send,
            Err(refused) => {
                self.put_back(holder, taken).await;
                return Err(refused);
            }
        };
        let outcome = match way {
            Way::TooLong(why) => self.tell_too_long(&send, message, &why).await?,
            Way::Turn(_) | Way::Aside | Way::Left(_) => self.take_turn(&send, message).await?,
        };
        match outcome {
            Outcome::Answered => {}
            Outcome::Left => self.put_back(holder, taken).await,
            // Nobody is there to be answered when it comes again.
            Outcome::Nothing if self.is_writer_gone(message) => {
                self.put_aside(call, message).await?;
            }
            Outcome::Nothing => {}
        }
        Ok(())
    }
}

fn is_run(agent: &Agent) -> bool {
    agent.kind == AgentKind::Managed && agent.status == AgentStatus::Active
}
