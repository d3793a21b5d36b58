//! Progress of rounds that are over, kept so that whoever still polls does not make the store read.

use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use husting_domain::ids::{RoundId, SessionId, TenantId};

use lru::LruCache;

use super::progress::Progress;

/// Most sessions whose newest round is kept.
const MOST: NonZeroUsize = NonZeroUsize::new(256).unwrap();

/// The newest round of a session, which is over.
#[derive(Clone)]
pub(crate) struct Finished {
    pub tenant: TenantId,
    pub progress: Progress,
}

/// The newest rounds of sessions lately asked about.
pub(crate) struct FinishedRounds(Mutex<Kept>);

struct Kept {
    /// Whoever was asked about last stays longest.
    by_session: LruCache<SessionId, Finished>,
    /// Rises whenever something was forgotten: what was read before that may be old.
    turn: u64,
}

impl Default for FinishedRounds {
    fn default() -> Self {
        Self(Mutex::new(Kept {
            by_session: LruCache::new(MOST),
            turn: 0,
        }))
    }
}

impl FinishedRounds {
    pub fn of(
        &self,
        tenant: &TenantId,
        session: SessionId,
        round: Option<RoundId>,
    ) -> Option<Progress> {
        let mut kept = self.lock();
        let found = kept.by_session.get(&session)?;
        let fits = found.tenant == *tenant && round.is_none_or(|id| id == found.progress.round_id);
        fits.then(|| found.progress.clone())
    }

    /// To be taken before the store is read.
    pub fn turn(&self) -> u64 {
        self.lock().turn
    }

    /// Keeps what was read since `turn`, unless something changed meanwhile.
    pub fn keep(&self, session: SessionId, finished: Finished, turn: u64) {
        let mut kept = self.lock();
        if kept.turn == turn {
            kept.by_session.put(session, finished);
        }
    }

    pub fn forget(&self, session: SessionId) {
        let mut kept = self.lock();
        kept.turn += 1;
        kept.by_session.pop(&session);
    }

    /// After a change to rounds that nobody names.
    pub fn forget_all(&self) {
        let mut kept = self.lock();
        kept.turn += 1;
        kept.by_session.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use uuid::Uuid;

    fn progress(version: u64) -> Finished {
        Finished {
            tenant: TenantId::local(),
            progress: Progress {
                round_id: RoundId(Uuid::from_u128(1)),
                version,
                body: Arc::from("{}"),
            },
        }
    }

    #[test]
    fn what_was_read_before_a_change_is_not_kept_as_what_is_so_now() {
        let (session, other) = (SessionId(Uuid::from_u128(2)), SessionId(Uuid::from_u128(3)));
        let kept = |finished: &FinishedRounds| {
            finished
                .of(&TenantId::local(), session, None)
                .map(|progress| progress.version)
        };
        let changes: [fn(&FinishedRounds, SessionId); 2] = [
            |finished, session| finished.forget(session),
            |finished, _| finished.forget_all(),
        ];
        for change in changes {
            let finished = FinishedRounds::default();
            let before = finished.turn();
            change(&finished, session);
            finished.keep(session, progress(7), before);
            assert_eq!(kept(&finished), None);
            let now = finished.turn();
            finished.keep(session, progress(8), now);
            assert_eq!(kept(&finished), Some(8));
            finished.keep(other, progress(7), before);
            assert!(finished.of(&TenantId::local(), other, None).is_none());
        }
    }
}
