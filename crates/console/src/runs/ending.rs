//! The end of a program: kept with what follows it, and told.

use std::sync::Arc;

use husting_domain::audit::{Action, Entry};
use husting_domain::ids::{AgentId, RunId, TenantId};
use husting_domain::runs::{Run, RunCause, RunExit, RunSequel};
use husting_domain::time::Timestamp;
use husting_launch::{Decision, Exit, decide};
use husting_store::{CommitError, Constraint, RunWrite, Unit, Write};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::events::Event;
use husting_wire::runs::{RunRef, RunView};
use serde_json::json;

use super::following::{GRACE, outward};
use super::live::LiveRun;
use crate::Inner;
use crate::errors::Outward;

/// Before the first restart, in milliseconds; each further one of the hour waits four times as long.
const FIRST_REST_MILLIS: i64 = 2_000;
/// Milliseconds of an hour.
const HOUR_MILLIS: u64 = 3_600_000;
/// Runs of an agent among which its restarts of the last hour are.
const LOOKED_AT: u32 = 16;
/// How long somebody who stops a program waits for its end, in milliseconds.
const STOP_MILLIS: i64 = 10_000;

impl Inner {
    /// Ends a program and all that it started; one that waits to be started again is not, and one that
    /// failed too often for that waits for nobody any more.
    ///
    /// # Errors
    /// `not_found`; `invalid_state` for one that has ended; `program_failed` where it does not end.
    pub(crate) async fn stop_run(self: &Arc<Self>, asked: RunRef) -> Result<RunView, Error> {
        let run_id = asked.run_id;
        let live = self.runs.by_id(run_id);
        if let Some(live) = &live
            && !self.stop_and_wait(live).await
        {
            return Err(not_ended(live.name.as_str()));
        }
        // One that was watched may have failed by itself just then.
        let page = self.get_run(asked).await?.run;
        if page.restarts_at.is_some() && self.call_off(&page.tenant_id, run_id).await? {
            let run = self.get_run(asked).await?.run;
            self.tell_of(&run.tenant_id, Event::RunChanged { run: run.clone() });
            return Ok(run);
        }
        if live.is_some() {
            return Ok(page);
        }
        if page.ended_at.is_some() {
            if let Some(run_id) = self.leave_given_up(&page.tenant_id, page.agent_id).await? {
                let run = self.get_run(RunRef { run_id }).await?.run;
                self.tell_of(&run.tenant_id, Event::RunChanged { run: run.clone() });
                return Ok(run);
            }
            let words = format!("This run of {} has ended.", page.agent_name);
            return Err(Error::new(ErrorCode::InvalidState, words));
        }
        match self.end_unwatched(page.agent_id).await? {
            Some(false) => Err(not_ended(page.agent_name.as_str())),
            Some(true) | None => Ok(self.get_run(asked).await?.run),
        }
    }

    /// An agent whose program failed too often waits for nobody any more: the run by which it did.
    async fn leave_given_up(
        self: &Arc<Self>,
        tenant: &TenantId,
        agent: AgentId,
    ) -> Result<Option<RunId>, Error> {
        let standing = self.agents.standing(agent);
        let Some(run) = standing.and_then(|standing| standing.given_up) else {
            return Ok(None);
        };
        let unit = Unit::of(tenant.clone()).write(Write::Run(RunWrite::LeaveGivenUp(agent)));
        match self.store.commit(unit).await {
            // Where the store has it no more, only what is known here is behind.
            Ok(_) | Err(CommitError::Constraint(Constraint::Absent(_))) => {}
            Err(fault) => return Err(fault).outward(),
        }
        if self.agents.give_up(agent, None) {
            self.tell_agent(agent).await;
        }
        Ok(Some(run))
    }

    /// Ends an agent's program, if one runs: whether it was seen to end.
    pub(crate) async fn stop_run_of(&self, agent: AgentId) -> Option<bool> {
        if let Some(live) = self.runs.of(agent) {
            return Some(self.stop_and_wait(&live).await);
        }
        self.end_unwatched(agent).await.unwrap_or_else(|fault| {
            tracing::warn!(%fault, %agent, "it is not known whether a program of it runs");
            Some(false)
        })
    }

    /// Agents whose programs run, also those that nobody watches here.
    pub(crate) async fn running(&self) -> Vec<AgentId> {
        match self.store.open_runs().await {
            Ok(open) => open.iter().map(|found| found.row.agent).collect(),
            Err(fault) => {
                tracing::warn!(%fault, "only programs that are watched are known");
                self.runs.agents()
            }
        }
    }

    /// Ends what goes on of an agent and is watched by nobody here: a session of tmux, when this program
    /// is a command that leaves, or tmux did not answer at the start. None where nothing goes on.
    async fn end_unwatched(&self, agent: AgentId) -> Result<Option<bool>, Error> {
        let open = self.store.open_runs().await.outward()?;
        let Some(found) = open.into_iter().find(|found| found.row.agent == agent) else {
            return Ok(None);
        };
        let Some(standing) = self.agents.standing(agent) else {
            return Ok(None);
        };
        let name = standing.agent.name.clone();
        let live = LiveRun::new(found.tenant, name, found.row);
        let exit = match self.left(&live).await {
            Ok(None) => RunExit::Unseen,
            Ok(Some(mut session)) => match session.stop(GRACE).await {
                Ok(exit) => outward(exit),
                Err(fault) => {
                    tracing::error!(%fault, run = %live.id, "a program was not ended");
                    return Ok(Some(false));
                }
            },
            Err(fault) => {
                tracing::error!(%fault, run = %live.id, "what goes on of a run is not known");
                return Ok(Some(false));
            }
        };
        live.change(|run| run.stopped = true);
        self.keep_end(&live, Some(exit)).await?;
        Ok(Some(true))
    }

    async fn stop_and_wait(&self, live: &LiveRun) -> bool {
        let mut unstopped = live.unstopped.subscribe();
        live.stop.notify_one();
        tokio::select! {
            () = live.until_over() => true,
            _ = unstopped.changed() => false,
            () = self.clock.sleep_until(self.now().plus_millis(STOP_MILLIS)) => false,
        }
    }

    /// A program was seen to end.
    pub(super) async fn finish(self: &Arc<Self>, live: &Arc<LiveRun>, exit: RunExit) {
        self.keep_end_surely(live, Some(exit)).await;
        self.runs.remove(live);
        let run = live.run();
        let given_up = match run.sequel {
            // Not where somebody has started it anew meanwhile.
            RunSequel::GivenUp if self.runs.of(live.agent).is_none() => Some(Some(run.id)),
            _ => exit.is_success().then_some(None),
        };
        if let Some(given_up) = given_up
            && self.agents.give_up(live.agent, given_up)
        {
            self.tell_agent(live.agent).await;
        }
        self.await_restart(live.tenant.clone(), &run);
        self.tell_run(live);
        live.over.send_replace(true);
        self.agents.touched.add(live.agent);
    }

    /// Keeps an end, however often it takes: an open row keeps the agent from being started again.
    pub(super) async fn keep_end_surely(&self, live: &LiveRun, exit: Option<RunExit>) {
        while let Err(fault) = self.keep_end(live, exit).await {
            tracing::warn!(%fault, run = %live.id, "a run's end was not kept");
            if !self.rest_before_retry().await {
                break;
            }
        }
    }

    /// Keeps an end and what follows it; none is one that nobody saw. Whether that was a failure is not
    /// known, so nothing follows it.
    async fn keep_end(&self, live: &LiveRun, exit: Option<RunExit>) -> Result<(), Error> {
        let at = self.now();
        let sequel = match exit {
            Some(exit) => self.sequel(live, exit).await?,
            None => RunSequel::Nothing,
        };
        let exit = exit.unwrap_or(RunExit::Unseen);
        let run = Run {
            ended_at: Some(at),
            exit: Some(exit),
            sequel,
            tail: live.screen().end(),
            ..live.run()
        };
        let entry = Entry {
            at,
            action: Action::Ended,
            actor: "husting".to_owned(),
            agent: Some(run.agent),
            subject: Some(run.id.0),
            body: None,
            detail: json!({ "exit": exit, "stopped": run.stopped }).to_string(),
        };
        let unit = Unit::of(live.tenant.clone())
            .write(Write::Run(RunWrite::End(run.clone())))
            .write(Write::Audit(entry));
        match self.store.commit(unit).await {
            // It was kept, and only the answer was lost.
            Err(CommitError::Constraint(Constraint::Absent(_))) => {}
            kept => drop(kept.outward()?),
        }
        // Not before: who sees that it ended may start another.
        live.change(|kept| *kept = run);
        Ok(())
    }

    /// What follows an end: another start of a program that failed, if it may be, and not of one that
    /// somebody stopped.
    async fn sequel(&self, live: &LiveRun, exit: RunExit) -> Result<RunSequel, Error> {
        let run = live.run();
        // Who asked for a start is told that it was not made; only a restart has nobody.
        let is_told = exit == RunExit::NotStarted && run.cause != RunCause::Restart;
        if run.stopped || !run.restarts || is_told {
            return Ok(RunSequel::Nothing);
        }
        let earlier = self.store.runs(&live.tenant, Some(live.agent), LOOKED_AT);
        let earlier = earlier.await.outward()?;
        let restarts = earlier.iter().filter(|run| run.cause == RunCause::Restart);
        let restarts: Vec<u64> = restarts.map(|run| millis(run.started_at)).collect();
        let now = self.now();
        Ok(match decide(inward(exit), &restarts, millis(now)) {
            Decision::End => RunSequel::Nothing,
            Decision::GiveUp => RunSequel::GivenUp,
            Decision::Restart => {
                let hour_ago = millis(now).saturating_sub(HOUR_MILLIS);
                let lately = restarts.iter().filter(|at| **at > hour_ago).count();
                let times = u32::try_from(lately).unwrap_or(u32::MAX).min(4);
                let at = now.plus_millis(FIRST_REST_MILLIS << (2 * times));
                RunSequel::Restart { at }
            }
        })
    }
}

fn not_ended(agent: &str) -> Error {
    Error::new(
        ErrorCode::ProgramFailed,
        format!("The program of {agent} was asked to end and did not; the log has the cause."),
    )
}

pub(super) fn inward(exit: RunExit) -> Exit {
    match exit {
        RunExit::Code { code } => Exit::Code(code),
        RunExit::Signal { signal } => Exit::Signal(signal),
        RunExit::Unseen | RunExit::NotStarted => Exit::Unknown,
    }
}

fn millis(at: Timestamp) -> u64 {
    u64::try_from(at.as_micros() / 1_000).unwrap_or_default()
}
