//! A program that runs now.

use std::sync::{Mutex, MutexGuard, PoisonError};

use husting_domain::agents::Name;
use husting_domain::ids::{AgentId, RunId, TenantId};
use husting_domain::runs::Run;
use tokio::sync::{Notify, watch};

use super::screen::Screen;

/// A run with what is known of it in memory alone.
pub(super) struct LiveRun {
    pub id: RunId,
    pub agent: AgentId,
    pub tenant: TenantId,
    pub name: Name,
    run: Mutex<Run>,
    screen: Mutex<Screen>,
    hindrance: Mutex<Option<String>>,
    /// Somebody wants it to end.
    pub stop: Notify,
    /// How often that was tried in vain.
    pub unstopped: watch::Sender<u32>,
    /// The agent asked the bus who it is.
    pub booted: Notify,
    /// Its end is on disk.
    pub over: watch::Sender<bool>,
}

impl LiveRun {
    pub fn new(tenant: TenantId, name: Name, run: Run) -> Self {
        Self {
            id: run.id,
            agent: run.agent,
            tenant,
            name,
            run: Mutex::new(run),
            screen: Mutex::default(),
            hindrance: Mutex::default(),
            stop: Notify::new(),
            unstopped: watch::Sender::new(0),
            booted: Notify::new(),
            over: watch::Sender::new(false),
        }
    }

    /// As it is kept.
    pub fn run(&self) -> Run {
        lock(&self.run).clone()
    }

    pub fn change(&self, change: impl FnOnce(&mut Run)) {
        change(&mut lock(&self.run));
    }

    pub fn screen(&self) -> MutexGuard<'_, Screen> {
        lock(&self.screen)
    }

    /// What is likely in its way.
    pub fn hindrance(&self) -> Option<String> {
        lock(&self.hindrance).clone()
    }

    /// Says what is likely in its way; whether that is news.
    pub fn set_hindrance(&self, why: Option<String>) -> bool {
        let mut hindrance = lock(&self.hindrance);
        let news = *hindrance != why;
        *hindrance = why;
        news
    }

    /// Returns once its end is on disk.
    pub async fn until_over(&self) {
        // An end of the sender is the end of the run.
        self.over.subscribe().wait_for(|over| *over).await.ok();
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
