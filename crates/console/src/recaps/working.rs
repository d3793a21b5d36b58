//! The writing itself: one thing after the other in each session, whatever becomes of one.

use std::sync::Arc;

use husting_domain::recaps::RecapStatus;
use husting_wire::errors::{Error, ErrorCode};

use super::queue::{Job, Wanted};
use super::standing::{Place, pending};
use crate::Inner;

impl Inner {
    /// Keeps that what the job is about is being written.
    pub(super) async fn await_of(&self, place: &Place, job: Job) -> Result<(), Error> {
        match job {
            Job::Recap(edition) => {
                self.stand_recap(place, edition, |round| pending(&round.recap))
                    .await
            }
            Job::Synthesis(_) => self.stand_synthesis(place, pending).await,
        }
    }

    /// Whether what the job is about stands as being written.
    pub(super) async fn is_awaited(&self, place: &Place, job: Job) -> Result<bool, Error> {
        match job {
            Job::Recap(edition) => {
                let rounds = self.rounds_of(place).await?;
                let mut same = rounds.iter().filter(|round| edition.is_still(round));
                Ok(same.any(|round| round.recap.status == RecapStatus::Pending))
            }
            Job::Synthesis(_) => {
                let synthesis = self.synthesis_of(place).await?;
                Ok(synthesis.status == RecapStatus::Pending)
            }
        }
    }

    /// Queues the job, and begins where nobody is at work in its session.
    pub(super) fn begin(self: &Arc<Self>, place: Place, job: Job) {
        let wanted = Wanted {
            job,
            stop: place.stop.clone(),
        };
        if self.summaries.add(place.session, wanted.clone()) {
            let inner = self.clone();
            self.tasks.spawn(inner.work_through(place, wanted));
        }
    }

    /// Does one job after the other until the session has none left.
    async fn work_through(self: Arc<Self>, place: Place, first: Wanted) {
        let mut next = Some(first);
        while let Some(Wanted { job, stop }) = next {
            let place = Place {
                stop,
                ..place.clone()
            };
            if place.stop.is_cancelled() {
                self.give_up(&place, self.why_stopped()).await;
            } else {
                self.work_in_a_task(&place, job).await;
            }
            next = self.summaries.next(place.session);
        }
    }

    /// In a task of its own: one that panics would otherwise leave the session's others waiting.
    async fn work_in_a_task(self: &Arc<Self>, place: &Place, job: Job) {
        let (inner, at) = (self.clone(), place.clone());
        let why = match tokio::spawn(async move { inner.work_on(&at, job).await }).await {
            Ok(Ok(())) => return,
            // The session was deleted.
            Ok(Err(fault)) if fault.code == ErrorCode::NotFound => return,
            Ok(Err(fault)) => {
                tracing::error!(%fault, session = %place.session, "a summary could not be written");
                fault.message
            }
            Err(fault) => {
                tracing::error!(%fault, session = %place.session, "a summary broke off by a fault of ours");
                "Husting itself failed while it was being written; the log has the cause."
                    .to_owned()
            }
        };
        self.give_up(place, &why).await;
    }

    /// Whether it is worth trying again after this fault: where the store cannot be used, a while
    /// later, as long as the program lives.
    pub(super) async fn may_mend(&self, fault: &Error) -> bool {
        if fault.code != ErrorCode::StoreUnavailable {
            return false;
        }
        tracing::warn!(%fault, "a summary waits for the store");
        self.rest_before_retry().await
    }
}
