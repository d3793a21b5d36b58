//! Lanes: work beside other work, at most one task for each key. A task's id says whose it was, also when
//! it panicked, so no key stays busy for ever.

use std::collections::HashMap;
use std::time::Duration;

use husting_clock::SharedClock;
use tokio::task::{Id, JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::pauses::wait;

/// How long a key rests whose task panicked.
const AFTER_A_BAD_END: Duration = Duration::from_secs(60);

/// The tasks under way, by what each is for. Dropped, it ends them where they are.
#[derive(Debug)]
pub struct Lanes<K> {
    tasks: JoinSet<()>,
    keys: HashMap<Id, K>,
}

impl<K: Copy + Eq> Lanes<K> {
    /// None is under way.
    pub fn new() -> Self {
        Self {
            tasks: JoinSet::new(),
            keys: HashMap::new(),
        }
    }

    /// Begins the work of a key, unless it is under way.
    pub fn begin(&mut self, key: K, work: impl Future<Output = ()> + Send + 'static) {
        if self.keys.values().all(|busy| *busy != key) {
            let task = self.tasks.spawn(work);
            self.keys.insert(task.id(), key);
        }
    }

    /// Waits until the work of a key has ended, well or not. None where none is under way.
    pub async fn ended(&mut self) -> Option<(K, Result<(), JoinError>)> {
        let (id, ended) = match self.tasks.join_next_with_id().await? {
            Ok((id, ())) => (id, Ok(())),
            Err(fault) => (fault.id(), Err(fault)),
        };
        let key = self.keys.remove(&id)?;
        Some((key, ended))
    }
}

/// What ended badly may do so again: its key rests before it is tried once more.
pub async fn rest(clock: SharedClock, stop: CancellationToken) {
    wait(&clock, AFTER_A_BAD_END, &stop).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_key_is_busy_until_its_work_ends_also_badly() {
        let mut lanes = Lanes::new();
        lanes.begin(1, async { panic!("on purpose") });
        // It is under way, so this is left out.
        lanes.begin(1, async {});
        let (key, ended) = lanes.ended().await.unwrap();
        assert!(key == 1 && ended.unwrap_err().is_panic());
        assert!(lanes.ended().await.is_none());
        lanes.begin(1, async {});
        lanes.begin(2, async {});
        let mut keys = Vec::new();
        while let Some((key, ended)) = lanes.ended().await {
            ended.unwrap();
            keys.push(key);
        }
        keys.sort_unstable();
        assert_eq!(keys, [1, 2]);
    }
}
