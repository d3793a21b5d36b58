//! What agents hold open: streams and waits, counted, and ended when their token or scope is.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use husting_domain::ids::AgentId;
use husting_domain::scopes::Scope;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::Touched;

/// What is held open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// A stream of a client.
    Stream,
    /// A call that waits.
    Wait,
}

/// What one agent holds open.
#[derive(Clone, Default)]
pub(super) struct Connections(Arc<Table>);

#[derive(Default)]
struct Table {
    open: Mutex<Open>,
    left: Notify,
}

#[derive(Default)]
struct Open {
    next: u64,
    all: HashMap<u64, One>,
}

struct One {
    kept: Kept,
    needs: Option<Scope>,
    ended: CancellationToken,
}

/// How many of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub streams: u32,
    pub waits: u32,
}

/// Something that counts as open until this is dropped.
pub struct Connection {
    number: u64,
    table: Arc<Table>,
    ended: CancellationToken,
    owner: Owner,
}

/// Whose it is, and who is told that it opened and closed.
#[derive(Clone)]
pub(super) struct Owner {
    pub agent: AgentId,
    pub touched: Touched,
}

impl Owner {
    fn touch(&self) {
        self.touched.add(self.agent);
    }
}

impl Connection {
    /// Cancelled when it must end.
    #[must_use]
    pub const fn ended(&self) -> &CancellationToken {
        &self.ended
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.table.lock().all.remove(&self.number);
        self.table.left.notify_waiters();
        self.owner.touch();
    }
}

impl Connections {
    pub fn open(
        &self,
        owner: Owner,
        kept: Kept,
        needs: Option<Scope>,
        ended: CancellationToken,
    ) -> Connection {
        owner.touch();
        let mut open = self.0.lock();
        let number = open.next;
        open.next += 1;
        let one = One {
            kept,
            needs,
            ended: ended.clone(),
        };
        open.all.insert(number, one);
        Connection {
            number,
            table: self.0.clone(),
            ended,
            owner,
        }
    }

    pub fn count(&self) -> u32 {
        u32::try_from(self.0.lock().all.len()).unwrap_or(u32::MAX)
    }

    /// Ends all.
    pub fn end_all(&self) -> Ending {
        self.end(|_| true)
    }

    /// Ends those that need a scope which is not in force.
    pub fn end_without(&self, in_force: impl Fn(Scope) -> bool) -> Ending {
        self.end(|one| one.needs.is_some_and(|scope| !in_force(scope)))
    }

    fn end(&self, is_meant: impl Fn(&One) -> bool) -> Ending {
        let mut counts = Counts::default();
        let mut numbers = Vec::new();
        for (number, one) in &self.0.lock().all {
            if is_meant(one) {
                one.ended.cancel();
                numbers.push(*number);
                match one.kept {
                    Kept::Stream => counts.streams += 1,
                    Kept::Wait => counts.waits += 1,
                }
            }
        }
        Ending {
            table: self.0.clone(),
            numbers,
            counts,
        }
    }
}

/// Connections that were told to end.
pub(super) struct Ending {
    table: Arc<Table>,
    numbers: Vec<u64>,
    counts: Counts,
}

impl Ending {
    /// How many there were.
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// Returns once all of them have.
    pub async fn done(&self) {
        loop {
            let left = self.table.left.notified();
            tokio::pin!(left);
            // Registered before the look, so that one who leaves in between is not missed.
            left.as_mut().enable();
            if !self.table.lock().holds_any(&self.numbers) {
                return;
            }
            left.await;
        }
    }
}

impl Open {
    fn holds_any(&self, numbers: &[u64]) -> bool {
        numbers.iter().any(|number| self.all.contains_key(number))
    }
}

impl Table {
    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_what_is_meant_is_ended_and_it_is_counted_until_it_left() {
        let connections = Connections::default();
        let owner = Owner {
            agent: AgentId(uuid::Uuid::nil()),
            touched: Touched::told_to(std::sync::Arc::default()),
        };
        let open = |ended| connections.open(owner.clone(), Kept::Stream, None, ended);
        let token = CancellationToken::new();
        let old = open(token.child_token());
        let new = open(CancellationToken::new());
        let wait = connections.open(
            owner.clone(),
            Kept::Wait,
            Some(Scope::Inbox),
            CancellationToken::new(),
        );
        assert_eq!(connections.count(), 3);

        let ending = connections.end_without(|scope| scope != Scope::Inbox);
        assert_eq!(
            ending.counts(),
            Counts {
                streams: 0,
                waits: 1
            }
        );
        assert!(wait.ended().is_cancelled() && !new.ended().is_cancelled());
        token.cancel();
        assert!(old.ended().is_cancelled() && !new.ended().is_cancelled());
        drop(wait);
        ending.done().await;
        let all = connections.end_all();
        let counted = Counts {
            streams: 2,
            waits: 0,
        };
        assert_eq!(all.counts(), counted);
        let leaves = tokio::spawn(async move { all.done().await });
        drop((old, new));
        leaves.await.unwrap();
        assert_eq!(connections.count(), 0);
    }
}
