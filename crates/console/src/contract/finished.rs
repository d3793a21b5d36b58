//! Progress of rounds that are over, kept so that whoever still polls does not make the store read.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use husting_domain::ids::{RoundId, SessionId, TenantId};

use super::progress::Progress;

/// Most sessions whose newest round is kept.
const MOST: usize = 256;

/// The newest round of a session, which is over.
#[derive(Clone)]
pub(crate) struct Finished {
    pub tenant: TenantId,
    pub progress: Progress,
}

/// The newest rounds of sessions lately asked about.
#[derive(Default)]
pub(crate) struct FinishedRounds(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    by_session: HashMap<SessionId, Finished>,
    /// Rises whenever something was forgotten: what was read before that may be old.
    turn: u64,
}

impl FinishedRounds {
    pub fn of(
        &self,
        tenant: &TenantId,
        session: SessionId,
        round: Option<RoundId>,
    ) -> Option<Progress> {
        let kept = self.lock();
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
        if kept.turn != turn {
            return;
        }
        if kept.by_session.len() >= MOST {
            kept.by_session.clear();
        }
        kept.by_session.insert(session, finished);
    }

    pub fn forget(&self, session: SessionId) {
        let mut kept = self.lock();
        kept.turn += 1;
        kept.by_session.remove(&session);
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
