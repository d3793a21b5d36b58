//! Telling the operator that agents called, or opened or closed something: how they stand then, at
//! most once a second, so that a busy agent is not a storm of events.

use std::collections::BTreeSet;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use husting_domain::ids::AgentId;
use tokio::sync::Notify;

use crate::Inner;
use crate::hub::Hub;

/// Between two tellings, in milliseconds.
const BETWEEN_MILLIS: i64 = 1_000;

/// Agents of whom there is something to tell; none as long as nobody watches.
#[derive(Clone)]
pub(crate) struct Touched(Arc<Moved>);

struct Moved {
    hub: Arc<Hub>,
    agents: Mutex<BTreeSet<AgentId>>,
    news: Notify,
}

impl Touched {
    pub fn told_to(hub: Arc<Hub>) -> Self {
        Self(Arc::new(Moved {
            hub,
            agents: Mutex::default(),
            news: Notify::default(),
        }))
    }

    pub fn add(&self, agent: AgentId) {
        if self.0.hub.is_watched() {
            self.lock().insert(agent);
            self.0.news.notify_one();
        } else {
            self.0.hub.miss();
        }
    }

    fn take(&self) -> BTreeSet<AgentId> {
        mem::take(&mut *self.lock())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeSet<AgentId>> {
        self.0.agents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells of the agents that were touched, as long as the console lives.
pub(crate) async fn keep_touched(inner: Weak<Inner>) {
    let parts = inner.upgrade().map(|console| {
        let touched = console.agents.touched.clone();
        (console.clock.clone(), console.shutdown.clone(), touched)
    });
    let Some((clock, shutdown, touched)) = parts else {
        return;
    };
    loop {
        tokio::select! {
            () = touched.0.news.notified() => {}
            () = shutdown.cancelled() => return,
        }
        let Some(console) = inner.upgrade() else {
            return;
        };
        for agent in touched.take() {
            console.tell_agent(agent).await;
        }
        let next = console.now().plus_millis(BETWEEN_MILLIS);
        drop(console);
        tokio::select! {
            () = clock.sleep_until(next) => {}
            () = shutdown.cancelled() => return,
        }
    }
}
