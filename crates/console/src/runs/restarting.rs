//! A program that failed is started again in its time: not while everything is paused, and not once its
//! agent may not call any more. What is to be started again stands in the store alone, so that a stop
//! and another start take it away in the units that they are, and another start of Husting knows it.

use std::sync::{Arc, Weak};

use futures::future::BoxFuture;
use husting_domain::ids::{AgentId, RunId, TenantId};
use husting_domain::runs::{ConfirmedCommand, Run, RunCause, RunSequel};
use husting_domain::time::Timestamp;
use husting_store::{CommitError, Constraint, RunWrite, Unit, Write};
use husting_wire::errors::Error;
use husting_wire::events::Event;

use super::following::changed;
use super::starting::Start;
use crate::Inner;
use crate::agents::registry::Standing;
use crate::errors::Outward;
use crate::pauses::due;

/// Before a start that could not be made for now is tried again, in milliseconds.
const AGAIN_MILLIS: i64 = 2_000;

/// A run that is followed by another start.
struct Pending {
    tenant: TenantId,
    agent: AgentId,
    run: RunId,
}

/// What is to be waited for before the next look.
enum Next {
    /// Nothing: it was started, or is not started again.
    Done,
    /// The end of the pause.
    GoingOn,
    /// The moment.
    Until(Timestamp),
}

impl Inner {
    /// Takes up all restarts that were pending when Husting ended.
    pub(super) async fn await_restarts(self: &Arc<Self>) -> Result<(), Error> {
        for found in self.store.restarting_runs().await.outward()? {
            self.await_restart(found.tenant, &found.row);
        }
        Ok(())
    }

    /// Starts again what followed an end, when it is time.
    pub(super) fn await_restart(self: &Arc<Self>, tenant: TenantId, run: &Run) {
        if !matches!(run.sequel, RunSequel::Restart { .. }) {
            return;
        }
        let pending = Pending {
            tenant,
            agent: run.agent,
            run: run.id,
        };
        self.tasks
            .spawn(until_restarted(Arc::downgrade(self), pending));
    }

    /// A run is not followed by another start; whether it was to be.
    pub(super) async fn call_off(&self, tenant: &TenantId, run: RunId) -> Result<bool, Error> {
        let unit = Unit::of(tenant.clone()).write(Write::Run(RunWrite::ClearRestart(run)));
        match self.store.commit(unit).await {
            Ok(_) => {
                self.runs.moved();
                Ok(true)
            }
            Err(CommitError::Constraint(Constraint::Absent(_))) => Ok(false),
            fault => fault.outward().map(|_| false),
        }
    }

    /// The agent's run that is followed by another start, if one is.
    pub(super) async fn restarting(&self, agent: AgentId) -> Result<Option<Run>, Error> {
        let all = self.store.restarting_runs().await.outward()?.into_iter();
        let mut runs = all.map(|found| found.row);
        Ok(runs.find(|run| run.agent == agent))
    }

    /// Tells whoever watches that a run is not followed by another start any more.
    pub(super) fn tell_overtaken(&self, standing: &Standing, run: Run) {
        let run = Run {
            sequel: RunSequel::Nothing,
            ..run
        };
        self.tell_kept(standing, run);
    }

    fn tell_kept(&self, standing: &Standing, run: Run) {
        let run = self.run_view(&standing.tenant, standing.agent.name.clone(), run);
        self.tell_of(&standing.tenant, Event::RunChanged { run });
    }

    /// Starts a program again if it is time and it may be, and says what is waited for.
    async fn look_at_restart(
        self: &Arc<Self>,
        pending: &Pending,
        was_paused: &mut bool,
    ) -> Result<Next, Error> {
        let run = self.store.run(&pending.tenant, pending.run).await;
        let Some(run) = run.outward()? else {
            return Ok(Next::Done);
        };
        let RunSequel::Restart { at } = run.sequel else {
            return Ok(Next::Done);
        };
        let standing = match self.runnable(pending.agent) {
            Ok(standing) => standing,
            Err(fault) => {
                tracing::info!(%fault, run = %run.id, "a program is not started again");
                if self.call_off(&pending.tenant, run.id).await?
                    && let Some(standing) = self.agents.standing(pending.agent)
                {
                    self.tell_overtaken(&standing, run);
                }
                return Ok(Next::Done);
            }
        };
        let is_paused = self.pause.is_on();
        if *was_paused != is_paused {
            *was_paused = is_paused;
            self.tell_kept(&standing, run.clone());
        }
        if self.now() < at {
            return Ok(Next::Until(at));
        }
        if is_paused {
            return Ok(Next::GoingOn);
        }
        let start = Start {
            how: run.how,
            cause: RunCause::Restart,
            restarts: true,
            keep: false,
            after: Some(run.id),
        };
        let confirmed = ConfirmedCommand {
            command: run.command,
            directory: run.directory,
        };
        // One that was begun and failed has its own sequel; the next look sees that this one has none.
        self.launch(&standing, start, confirmed).await?;
        Ok(Next::Done)
    }
}

/// Boxed, as a start leads to a watch, a watch to an end, and an end to here.
fn until_restarted(inner: Weak<Inner>, pending: Pending) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        let Some(console) = inner.upgrade() else {
            return;
        };
        let (clock, shutdown) = (console.clock.clone(), console.shutdown.clone());
        let mut changes = console.agents.changes(pending.agent);
        let mut moved = console.runs.moved.subscribe();
        let mut pause = console.pause.watch();
        drop(console);
        let mut was_paused = *pause.borrow();
        loop {
            moved.borrow_and_update();
            pause.borrow_and_update();
            let Some(console) = inner.upgrade() else {
                return;
            };
            let until = match console.look_at_restart(&pending, &mut was_paused).await {
                Ok(Next::Done) => return,
                Ok(Next::GoingOn) => None,
                Ok(Next::Until(moment)) => Some(moment),
                Err(fault) => {
                    tracing::warn!(%fault, run = %pending.run, "a program was not started again");
                    Some(console.now().plus_millis(AGAIN_MILLIS))
                }
            };
            drop(console);
            tokio::select! {
                () = due(&clock, until) => {}
                () = changed(&mut changes) => {}
                heard = moved.changed() => if heard.is_err() { return },
                heard = pause.changed() => if heard.is_err() { return },
                () = shutdown.cancelled() => return,
            }
        }
    })
}
