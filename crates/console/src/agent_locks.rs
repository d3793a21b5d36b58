//! One lock for each agent: what is done with one waits for nobody else's.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use husting_domain::ids::AgentId;
use tokio::sync::OwnedMutexGuard;

/// Locks that are held or waited for; no others are kept.
#[derive(Default)]
pub(crate) struct AgentLocks(Mutex<HashMap<AgentId, Weak<tokio::sync::Mutex<()>>>>);

impl AgentLocks {
    /// Waits for this agent's turn, which lasts as long as the guard.
    pub async fn turn(&self, agent: AgentId) -> OwnedMutexGuard<()> {
        self.of(agent).lock_owned().await
    }

    fn of(&self, agent: AgentId) -> Arc<tokio::sync::Mutex<()>> {
        let mut locks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lock) = locks.get(&agent).and_then(Weak::upgrade) {
            return lock;
        }
        locks.retain(|_, lock| lock.strong_count() > 0);
        let lock = Arc::default();
        locks.insert(agent, Arc::downgrade(&lock));
        lock
    }
}

#[cfg(test)]
mod tests {
    use husting_domain::ids::AgentId;
    use uuid::Uuid;

    use super::AgentLocks;

    fn agent(n: u128) -> AgentId {
        AgentId(Uuid::from_u128(n))
    }

    #[tokio::test]
    async fn one_agents_turn_waits_for_its_own_and_for_no_others() {
        let locks = AgentLocks::default();
        let first = locks.turn(agent(1)).await;
        let other = locks.turn(agent(2)).await;
        {
            let second = locks.turn(agent(1));
            futures::pin_mut!(second);
            assert!(futures::poll!(second.as_mut()).is_pending());
            drop(first);
            assert!(futures::poll!(second.as_mut()).is_ready());
        }
        drop(other);
        let _third = locks.turn(agent(3)).await;
        assert_eq!(
            locks.0.lock().unwrap().len(),
            1,
            "what nobody holds is gone"
        );
    }
}
