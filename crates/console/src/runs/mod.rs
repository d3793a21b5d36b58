//! Agents' own programs: planned, started, watched, ended, started again when they fail or when mail
//! comes. How a program is run is known by `husting_launch`; here it is joined with who may run what.
//!
//! A run is in the store before its program is started and ends there when the program was seen to end,
//! so that another start of Husting knows what to look for: sessions of tmux go on and are found again,
//! children of a program that died are ended. An agent's program runs once at a time; the store sees to it.

mod ending;
mod finding;
mod following;
mod live;
mod planning;
mod screen;
mod setups;
mod starting;
mod views;
mod waking;
mod watching;

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use husting_domain::ids::{AgentId, RunId};
use husting_domain::time::Timestamp;
use husting_launch::Tmux;
use tokio::sync::watch;

use self::live::LiveRun;
pub(crate) use self::waking::keep_wakes;
use crate::surroundings::Surroundings;

/// Programs that run now, and what follows those that failed.
pub(crate) struct Runs {
    /// Where tmux is; none where it is not installed.
    tmux: Option<Tmux>,
    state: Mutex<State>,
    /// One start at a time.
    turn: tokio::sync::Mutex<()>,
    /// Counts starts, ends and changed rules: whoever waits for one looks again.
    moved: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    live: HashMap<AgentId, Arc<LiveRun>>,
    /// When a program that failed is started again.
    restarts: HashMap<RunId, Timestamp>,
    /// Those that failed too often.
    given_up: HashSet<RunId>,
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
            turn: tokio::sync::Mutex::default(),
            moved: watch::Sender::default(),
        }
    }

    /// An agent's program, while it runs.
    fn of(&self, agent: AgentId) -> Option<Arc<LiveRun>> {
        self.lock().live.get(&agent).cloned()
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
        self.lock().live.remove(&live.agent);
        self.moved();
    }

    fn restarts_at(&self, run: RunId) -> Option<Timestamp> {
        self.lock().restarts.get(&run).copied()
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
