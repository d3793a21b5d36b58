//! What requests, connections and the test share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::{Router, routing::any};
use tokio::sync::watch;

use super::{cdn, control, gateway, rest, state::State};
use crate::{door::Entrance, gates::Gates};

pub(crate) struct House {
    state: Mutex<State>,
    /// Counts the times the state was touched, so that nobody has to ask twice.
    changed: watch::Sender<u64>,
    pub(crate) gates: Gates,
    pub(crate) entrance: Entrance,
}

impl House {
    pub(crate) fn new(state: State, entrance: Entrance) -> Self {
        House {
            state: Mutex::new(state),
            changed: watch::Sender::new(0),
            gates: Gates::default(),
            entrance,
        }
    }

    /// Does something with the state and wakes whoever waits for a change of it.
    pub(crate) fn act<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        let done = act(&mut self.lock());
        self.changed.send_modify(|count| *count += 1);
        done
    }

    pub(crate) fn look<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.lock())
    }

    /// Waits until `find` finds something.
    pub(crate) async fn until<T>(&self, mut find: impl FnMut(&State) -> Option<T>) -> T {
        let mut changed = self.changed.subscribe();
        loop {
            changed.borrow_and_update();
            if let Some(found) = self.look(&mut find) {
                return found;
            }
            // The sender lives in `self`, so this cannot fail.
            drop(changed.changed().await);
        }
    }

    pub(crate) fn version(&self) -> u64 {
        *self.changed.borrow()
    }

    /// Waits until the state was touched more often than so.
    pub(crate) async fn changed_after(&self, version: u64) -> u64 {
        let mut changed = self.changed.subscribe();
        match changed.wait_for(|now| *now > version).await {
            Ok(now) => *now,
            Err(_) => version,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn router(house: &Arc<House>) -> Router {
    Router::new()
        .route("/", any(gateway::connect))
        .route("/resume", any(gateway::connect))
        .route("/resume/", any(gateway::connect))
        .route(
            "/attachments/{channel}/{id}/{filename}",
            axum::routing::get(cdn::download),
        )
        .merge(control::router())
        .fallback(rest::serve)
        .with_state(Arc::clone(house))
}
