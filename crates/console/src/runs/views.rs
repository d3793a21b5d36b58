//! Runs as they are shown.

use husting_domain::agents::Name;
use husting_domain::ids::TenantId;
use husting_domain::runs::{Run, RunHow, RunSequel};
use husting_launch::likely_cause;
use husting_wire::errors::Error;
use husting_wire::events::Event;
use husting_wire::runs::{ListRuns, RunList, RunPage, RunRef, RunView};

use super::ending::inward;
use super::live::LiveRun;
use crate::Inner;
use crate::agents::invalid_body;
use crate::errors::Outward;

/// Runs of a list where nobody says.
const PAGE: u32 = 50;
/// Most runs of a list.
const MOST: u32 = 500;

impl Inner {
    pub(super) fn live_view(&self, live: &LiveRun) -> RunView {
        let run = live.run();
        let tmux = self.runs.tmux.as_ref().filter(|_| run.how == RunHow::Tmux);
        let attach = tmux.map(|tmux| tmux.attach_line(live.name.as_str()));
        let goes_on = run.ended_at.is_none();
        let view = self.run_view(&live.tenant, live.name.clone(), run);
        RunView {
            hindrance: if goes_on {
                live.hindrance()
            } else {
                view.hindrance
            },
            attach: attach.filter(|_| goes_on),
            ..view
        }
    }

    /// A run that is over, or is not known in memory.
    pub(super) fn run_view(&self, tenant: &TenantId, agent_name: Name, run: Run) -> RunView {
        let restarts_at = match run.sequel {
            RunSequel::Restart { at } => Some(at),
            RunSequel::Nothing | RunSequel::GivenUp => None,
        };
        RunView {
            hindrance: unbooted(&run),
            run_id: run.id,
            agent_id: run.agent,
            agent_name,
            tenant_id: tenant.clone(),
            how: run.how,
            cause: run.cause,
            command: run.command,
            directory: run.directory,
            started_at: run.started_at,
            booted_at: run.booted_at,
            ended_at: run.ended_at,
            exit: run.exit,
            stopped: run.stopped,
            restarts_at,
            restart_paused: restarts_at.is_some() && self.pause.is_on(),
            gave_up: run.sequel == RunSequel::GivenUp,
            attach: None,
        }
    }

    /// Tells whoever watches how a run stands.
    pub(super) fn tell_run(&self, live: &LiveRun) {
        let run = self.live_view(live);
        self.tell_of(&live.tenant, Event::RunChanged { run });
    }

    /// Runs, those that go on first, then the newest.
    pub(crate) async fn list_runs(
        &self,
        tenant: &TenantId,
        asked: ListRuns,
    ) -> Result<RunList, Error> {
        let limit = asked.limit.unwrap_or(PAGE);
        if !(1..=MOST).contains(&limit) {
            let rule = format!("a whole number from 1 to {MOST}");
            return Err(invalid_body("limit", &rule));
        }
        let tenant = match asked.agent_id {
            Some(agent) => self.operator_of(agent).tenant(),
            None => tenant.clone(),
        };
        let kept = if asked.open {
            let open = self.store.open_runs().await.outward()?.into_iter();
            let mine = open
                .filter(|found| found.tenant == tenant)
                .map(|found| found.row);
            mine.filter(|run| asked.agent_id.is_none_or(|agent| run.agent == agent))
                .collect()
        } else {
            let kept = self.store.runs(&tenant, asked.agent_id, limit).await;
            kept.outward()?
        };
        let mut runs: Vec<RunView> = kept
            .into_iter()
            .filter_map(|run| self.view_of(&tenant, run))
            .collect();
        runs.sort_by_key(|run| run.ended_at.is_some());
        Ok(RunList { runs })
    }

    /// A run with the end of what its program said.
    pub(crate) async fn get_run(&self, asked: RunRef) -> Result<RunPage, Error> {
        if let Some(live) = self.runs.by_id(asked.run_id) {
            let (offset, text) = live.screen().told();
            return Ok(RunPage {
                run: self.live_view(&live),
                text,
                offset,
            });
        }
        for tenant in self.agents.tenants() {
            let Some(run) = self.store.run(&tenant.id, asked.run_id).await.outward()? else {
                continue;
            };
            let text = run.tail.clone();
            if let Some(run) = self.view_of(&tenant.id, run) {
                return Ok(RunPage {
                    run,
                    text,
                    offset: 0,
                });
            }
        }
        Err(Error::not_found("run"))
    }

    fn view_of(&self, tenant: &TenantId, run: Run) -> Option<RunView> {
        if let Some(live) = self.runs.by_id(run.id) {
            return Some(self.live_view(&live));
        }
        let agent = self.agents.standing(run.agent)?.agent;
        Some(self.run_view(tenant, agent.name.clone(), run))
    }
}

/// What was likely in the way of a program that ended without having asked the bus who it is.
fn unbooted(run: &Run) -> Option<String> {
    let exit = run
        .exit
        .filter(|_| run.booted_at.is_none() && !run.stopped)?;
    if let Some(cause) = likely_cause(&run.tail, Some(inward(exit))) {
        return Some(cause.to_string());
    }
    exit.is_success().then(|| {
        "It ended without having asked the bus who it is: its token may be dead, or the bus was not reached. Its \
         output and its client's own list of servers may say more."
            .to_owned()
    })
}
