//! What is still to be written, session by session: one thing at a time in each, in the order asked.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use husting_domain::ids::{RoundId, SessionId};
use husting_domain::rounds::Round;
use tokio_util::sync::CancellationToken;

/// A round as it was when something was asked of it: tried again, it is another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edition {
    pub round: RoundId,
    attempt: u32,
}

impl Edition {
    pub const fn of(round: &Round) -> Self {
        Self {
            round: round.id,
            attempt: round.attempt,
        }
    }

    /// Whether the round is over and still the same.
    pub fn is_still(self, round: &Round) -> bool {
        round.status.is_terminal() && self == Self::of(round)
    }
}

/// Something to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Job {
    /// The recap of a round.
    Recap(Edition),
    /// The synthesis of a session whose newest round is this one.
    Synthesis(Edition),
}

/// A job, and what ends it.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub job: Job,
    /// Once it is cancelled the job is given up.
    pub stop: CancellationToken,
}

/// The jobs of all sessions.
#[derive(Default)]
pub(crate) struct Summaries {
    /// The first of each session is at work.
    jobs: Mutex<HashMap<SessionId, VecDeque<Wanted>>>,
    /// One change of what stands at a time, so that each has a higher version than the one before.
    pub(super) turn: tokio::sync::Mutex<()>,
    /// One asking at a time, so that what is asked twice is written once. Taken before `turn`.
    pub(super) asking: tokio::sync::Mutex<()>,
}

impl Summaries {
    /// Queues a job; returns whether it is the session's first, so that somebody has to begin.
    pub(super) fn add(&self, session: SessionId, job: Wanted) -> bool {
        let mut all = self.lock();
        let jobs = all.entry(session).or_default();
        jobs.push_back(job);
        jobs.len() == 1
    }

    /// Whether the job waits, is at work or was until a moment ago; one that was stopped is as good as
    /// gone.
    pub(super) fn knows(&self, session: SessionId, job: Job) -> bool {
        let all = self.lock();
        let mut jobs = all.get(&session).into_iter().flatten();
        jobs.any(|wanted| wanted.job == job && !wanted.stop.is_cancelled())
    }

    /// Whether something is being written in the session.
    pub fn is_at_work(&self, session: SessionId) -> bool {
        self.lock().contains_key(&session)
    }

    /// The job at work is done; returns the one that is at work from now on.
    pub(super) fn next(&self, session: SessionId) -> Option<Wanted> {
        let mut all = self.lock();
        let jobs = all.get_mut(&session)?;
        jobs.pop_front();
        let next = jobs.front().cloned();
        if next.is_none() {
            all.remove(&session);
        }
        next
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, VecDeque<Wanted>>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn edition(round: u128, attempt: u32) -> Edition {
        Edition {
            round: RoundId(Uuid::from_u128(round)),
            attempt,
        }
    }

    fn wanted(job: Job) -> Wanted {
        Wanted {
            job,
            stop: CancellationToken::new(),
        }
    }

    #[test]
    fn one_thing_is_at_work_in_a_session_and_a_round_tried_again_is_another() {
        let (queue, session) = (Summaries::default(), SessionId(Uuid::nil()));
        let first = Job::Recap(edition(1, 0));
        let again = Job::Recap(edition(1, 1));
        assert!(queue.add(session, wanted(first)));
        assert!(queue.knows(session, first) && !queue.knows(session, again));
        assert!(!queue.add(session, wanted(again)));
        assert_eq!(queue.next(session).map(|next| next.job), Some(again));
        assert!(queue.is_at_work(session) && !queue.knows(session, first));
        assert!(queue.next(session).is_none());
        assert!(!queue.is_at_work(session));
        assert!(queue.add(session, wanted(first)), "asked for anew");
    }

    #[test]
    fn sessions_do_not_wait_for_each_other() {
        let queue = Summaries::default();
        for session in 0..3 {
            let session = SessionId(Uuid::from_u128(session));
            assert!(queue.add(session, wanted(Job::Synthesis(edition(1, 0)))));
        }
    }
}
