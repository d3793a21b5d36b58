//! Named gates at which calls stand until a test lets them through: order without a clock.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, watch};

/// Where in a call a gate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GatePoint {
    /// Before the first byte of the response.
    BeforeResponse,
    /// Before the n-th piece of answer text, counted from 0.
    BeforeToken(u32),
    /// After the last piece, before the final marker.
    BeforeEnd,
}

#[derive(Clone, Default)]
pub(crate) struct Gates(Arc<Mutex<HashMap<String, Gate>>>);

#[derive(Clone)]
struct Gate {
    /// A permit is one passage.
    passages: Arc<Semaphore>,
    waiting: watch::Sender<usize>,
}

impl Default for Gate {
    fn default() -> Self {
        Gate {
            passages: Arc::new(Semaphore::new(0)),
            waiting: watch::Sender::new(0),
        }
    }
}

impl Gates {
    /// Lets `count` calls through, now or when they come.
    pub(crate) fn release(&self, name: &str, count: usize) {
        self.gate(name).passages.add_permits(count);
    }

    /// Lets everyone through until it is closed again.
    pub(crate) fn open(&self, name: &str) {
        let gate = self.gate(name);
        gate.passages.close();
    }

    /// Stops everyone from now on.
    pub(crate) fn close(&self, name: &str) {
        let waiting = self.gate(name).waiting;
        self.lock().insert(
            name.to_owned(),
            Gate {
                passages: Arc::new(Semaphore::new(0)),
                waiting,
            },
        );
    }

    /// Returns once at least `count` calls stand at the gate.
    pub(crate) async fn until_waiting(&self, name: &str, count: usize) {
        let mut waiting = self.gate(name).waiting.subscribe();
        // The sender lives in the gate, which is never removed, so this cannot fail.
        drop(waiting.wait_for(|now| *now >= count).await);
    }

    /// Stands at the gate. Dropping the future leaves the queue.
    pub(crate) async fn pass(&self, name: &str) {
        let gate = self.gate(name);
        let _standing = Standing::at(&gate.waiting);
        // A closed semaphore is an open gate.
        if let Ok(passage) = gate.passages.acquire().await {
            passage.forget();
        }
    }

    fn gate(&self, name: &str) -> Gate {
        self.lock().entry(name.to_owned()).or_default().clone()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Gate>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Standing<'a>(&'a watch::Sender<usize>);

impl<'a> Standing<'a> {
    fn at(waiting: &'a watch::Sender<usize>) -> Self {
        waiting.send_modify(|count| *count += 1);
        Standing(waiting)
    }
}

impl Drop for Standing<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}
