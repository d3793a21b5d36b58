//! Agents' own programs: planned, started, watched, ended, started again when they fail or when mail
//! comes. How a program is run is known by `husting_launch`; here it is joined with who may run what.
//!
//! A run is in the store before its program is started and ends there when the program was seen to end,
//! so that another start of Husting knows what to look for: sessions of tmux go on and are found again,
//! children of a program that died are ended. What follows its end is written with the end. An agent's program runs once at a time; the store sees to it.

mod ending;
mod finding;
mod following;
mod live;
mod planning;
mod restarting;
mod screen;
mod setups;
mod starting;
mod views;
mod waking;
mod watching;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use husting_domain::ids::{AgentId, RunId};
use husting_launch::Tmux;
use tokio::sync::watch;

use self::live::LiveRun;
pub(crate) use self::waking::keep_wakes;
use crate::agent_locks::AgentLocks;
use crate::surroundings::Surroundings;

/// Programs that run now.
pub(crate) struct Runs {
    /// Where tmux is; none where it is not installed.
    tmux: Option<Tmux>,
    state: Mutex<State>,
    /// One start of an agent's program at a time, and one change of how it is run. What is read and written
    /// under it is the agent's own, and two starts of one agent are refused by the store in any case; a
    /// tmux that takes its time holds up this agent alone.
    turns: AgentLocks,
    /// Counts starts, ends and changed rules: whoever waits for one looks again.
    moved: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    live: HashMap<AgentId, Arc<LiveRun>>,
    /// Why mail does not start an agent that it should start.
    hindrances: HashMap<AgentId, String>,
}

impl Runs {
    pub fn around(surroundings: &Surroundings) -> Self {
        let tmux = surroundings.variable("PATH").and_then(Tmux::find);
        let folder = surroundings.variable("TMUX_TMPDIR").map(Path::new);
        Self {
            tmux: match folder {
                Some(folder) => tmux.map(|tmux| tmux.with_folder(folder)),
                None => tmux,
            },
            state: Mutex::default(),
            turns: AgentLocks::default(),
            moved: watch::Sender::default(),
        }
    }

    /// An agent's program, while it runs.
    fn of(&self, agent: AgentId) -> Option<Arc<LiveRun>> {
        self.lock().live.get(&agent).cloned()
    }

    /// Whose programs run.
    fn agents(&self) -> Vec<AgentId> {
        self.lock().live.keys().copied().collect()
    }

    /// A run, while it goes on.
    fn by_id(&self, run: RunId) -> Option<Arc<LiveRun>> {
        let state = self.lock();
        let found = state.live.values().find(|live| live.id == run);
        found.cloned()
    }

    fn add(&self, live: Arc<LiveRun>) {
        self.lock().live.insert(live.agent, live);
        self.moved();
    }

    fn remove(&self, live: &LiveRun) {
        {
            let running = &mut self.lock().live;
            // Its end is on disk, so that the next may have begun.
            if running
                .get(&live.agent)
                .is_some_and(|one| one.id == live.id)
            {
                running.remove(&live.agent);
            }
        }
        self.moved();
    }

    /// Says why mail does not start an agent; whether that is news.
    fn set_hindrance(&self, agent: AgentId, why: Option<String>) -> bool {
        let hindrances = &mut self.lock().hindrances;
        match why {
            Some(why) => hindrances.insert(agent, why.clone()) != Some(why),
            None => hindrances.remove(&agent).is_some(),
        }
    }

    fn hindrance(&self, agent: AgentId) -> Option<String> {
        self.lock().hindrances.get(&agent).cloned()
    }

    /// The agent asked the bus who it is.
    pub(crate) fn booted(&self, agent: AgentId) {
        if let Some(live) = self.of(agent) {
            live.booted.notify_one();
        }
    }

    /// Somebody who waits looks again.
    fn moved(&self) {
        self.moved.send_modify(|times| *times += 1);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
