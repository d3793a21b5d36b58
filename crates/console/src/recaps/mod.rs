//! Recaps and syntheses: asked for with a round or afterwards, written once their rounds are over by
//! one model, rather one that does not sit on the panel. A round is never changed by them, nor waits
//! for them.

mod call;
mod cascade;
mod errand;
mod estimate;
mod queue;
mod recovery;
mod settlement;
mod standing;
mod working;
mod writers;

use std::sync::Arc;

use husting_domain::ids::{RoundId, SessionId, TenantId};
use husting_domain::recaps::RecapStatus;
use husting_domain::rounds::{Round, RoundStatus};
use husting_wire::errors::Error;
use husting_wire::recaps::WriteRecap;
use tokio_util::sync::CancellationToken;

pub(crate) use self::queue::Summaries;
pub(crate) use self::writers::writers_for;

use self::cascade::TOO_FEW_ROUNDS;
use self::queue::{Edition, Job};
use self::standing::{Failure, Place, failed};
use crate::Inner;

/// Why something that was being written is not there.
const INTERRUPTED: &str = "Husting was closed before it was written. Ask for it again.";
const STOPPED: &str = "Everything was stopped before it was written. Ask for it again.";
const CANCELLED: &str = "Its round was cancelled, so it was not written. Ask for it again.";

impl Inner {
    /// Begins to write what was asked for with a round that has just turned terminal, unless `stop` has
    /// come meanwhile.
    pub(crate) async fn summarise(
        self: &Arc<Self>,
        tenant: &TenantId,
        session: SessionId,
        round: RoundId,
        stop: CancellationToken,
    ) {
        let place = Place {
            tenant: tenant.clone(),
            session,
            stop,
        };
        while let Err(fault) = self.begin_owed(&place, round).await {
            if !self.may_mend(&fault).await {
                tracing::error!(%fault, %session, "what was asked for with a round is not being written");
                return self.give_up(&place, &fault.message).await;
            }
        }
    }

    /// Writes a round's recap, or writes it again; it is being written once this has returned.
    pub(crate) async fn write_recap(
        self: &Arc<Self>,
        tenant: &TenantId,
        asked: WriteRecap,
    ) -> Result<(), Error> {
        let place = self.place(tenant, asked.session_id).await?;
        let rounds = self.rounds_of(&place).await?;
        let is_meant = |round: &&Round| match asked.round_id {
            Some(id) => round.id == id,
            None => round.status.is_terminal(),
        };
        let round = rounds.iter().rev().find(is_meant);
        let round = round.ok_or_else(|| Error::not_found("round"))?;
        if !round.status.is_terminal() && round.recap.status == RecapStatus::Pending {
            // It comes with the round's end.
            return Ok(());
        }
        refuse_unless_usable(round)?;
        self.take_on(place, Job::Recap(Edition::of(round))).await
    }

    /// Writes a session's synthesis and every recap that is missing before it.
    pub(crate) async fn write_synthesis(
        self: &Arc<Self>,
        tenant: &TenantId,
        session: SessionId,
    ) -> Result<(), Error> {
        let place = self.place(tenant, session).await?;
        let rounds = self.rounds_of(&place).await?;
        let usable: Vec<&Round> = rounds.iter().filter(|round| is_usable(round)).collect();
        let [_, .., newest] = &usable[..] else {
            return Err(Error::invalid(TOO_FEW_ROUNDS));
        };
        self.take_on(place, Job::Synthesis(Edition::of(newest)))
            .await
    }

    async fn place(&self, tenant: &TenantId, session: SessionId) -> Result<Place, Error> {
        self.refuse_while_closing()?;
        let place = Place {
            tenant: tenant.clone(),
            session,
            stop: self.stops.token(),
        };
        self.synthesis_of(&place).await?;
        Ok(place)
    }

    /// Takes the job on, and goes on with it when whoever asked goes away: what stands as being
    /// written must not be left without anybody who writes it.
    async fn take_on(self: &Arc<Self>, place: Place, job: Job) -> Result<(), Error> {
        let inner = self.clone();
        let taking = async move {
            let _asking = inner.summaries.asking.lock().await;
            // One that is known and not awaited has just been written, and is asked for anew.
            if inner.summaries.knows(place.session, job) && inner.is_awaited(&place, job).await? {
                return Ok(());
            }
            inner.await_of(&place, job).await?;
            inner.begin(place, job);
            Ok(())
        };
        self.undisturbed("The summary could not be begun.", taking)
            .await
    }

    /// Why nothing more is written where that was stopped.
    fn why_stopped(&self) -> &'static str {
        if self.shutdown.is_cancelled() {
            INTERRUPTED
        } else {
            STOPPED
        }
    }

    async fn begin_owed(self: &Arc<Self>, place: &Place, round: RoundId) -> Result<(), Error> {
        let rounds = self.rounds_of(place).await?;
        let Some(round) = rounds.iter().find(|known| known.id == round) else {
            return Ok(());
        };
        if round.cancelled {
            return self.take_back(place, round).await;
        }
        let edition = Edition::of(round);
        // One that was tried again is another round, whatever was written of it before.
        let is_owed = match round.recap.status {
            RecapStatus::Pending => true,
            RecapStatus::None => false,
            RecapStatus::Complete | RecapStatus::Failed => round.attempt > 0,
        };
        let synthesis = round.wants_synthesis.then_some(Job::Synthesis(edition));
        let recap = is_owed.then_some(Job::Recap(edition));
        // The cascade first: it takes the round's own recap in its turn.
        for job in synthesis.into_iter().chain(recap) {
            self.take_on(place.clone(), job).await?;
        }
        Ok(())
    }

    /// Leaves unwritten what was asked for with a round that was cancelled: whoever cancels wants
    /// nothing more to be spent on it.
    async fn take_back(&self, place: &Place, round: &Round) -> Result<(), Error> {
        let why = if place.stop.is_cancelled() {
            self.why_stopped()
        } else {
            CANCELLED
        };
        if round.recap.status == RecapStatus::Pending {
            let nobody_answered = refuse_unless_usable(round).err().map(|none| none.message);
            let why = nobody_answered.unwrap_or_else(|| why.to_owned());
            self.stand_recap(place, Edition::of(round), |round| {
                failed(&round.recap, Failure::of(why))
            })
            .await?;
        }
        if round.wants_synthesis {
            self.stand_synthesis(place, |synthesis| match synthesis.status {
                RecapStatus::Pending => failed(synthesis, Failure::of(why)),
                _ => synthesis.clone(),
            })
            .await?;
        }
        Ok(())
    }
}

/// Whether somebody answered in the round and it is over.
const fn is_usable(round: &Round) -> bool {
    matches!(
        round.status,
        RoundStatus::Complete | RoundStatus::PartialFailure
    )
}

/// Whether a synthesis has to write its recap first.
const fn lacks_recap(round: &Round) -> bool {
    let is_there =
        matches!(round.recap.status, RecapStatus::Complete) && round.recap.text.is_some();
    is_usable(round) && !is_there
}

fn refuse_unless_usable(round: &Round) -> Result<(), Error> {
    if is_usable(round) {
        return Ok(());
    }
    Err(Error::invalid(if round.status.is_terminal() {
        "Nobody answered in this round, so there is nothing to sum up."
    } else {
        "The round is still running. Its recap can be asked for once it is over."
    }))
}
