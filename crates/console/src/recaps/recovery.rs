//! Summaries that nobody writes any more: after a crash, at the program's end, after a fault.
//!
//! Their calls are settled from what is stored, as a round's are, and they stand as failed with a
//! sentence: whoever wants them can ask again. Nobody is called.

use std::collections::BTreeSet;
use std::sync::{Arc, Weak};

use husting_domain::calls::{CLOSED_MIDWAY, Call, CallState, SeatErrorCode};
use husting_domain::recaps::RecapStatus;
use husting_domain::rounds::Round;
use husting_wire::errors::{Error, ErrorCode};

use super::standing::{Change, Failure, Place, failed};
use super::{INTERRUPTED, queue::Edition};
use crate::Inner;
use crate::catalog::{Catalog, Entry};
use crate::errors::{Outward, is_out_of_space};
use crate::pauses::until_space_may_be;
use crate::recovery::{last_sign, used_so_far};
use crate::running::settled;
use crate::sessions::SessionFacts;

impl Inner {
    /// Ends what a crash left half-written. On a full disk that waits for space.
    pub(crate) async fn end_unfinished_summaries(self: &Arc<Self>) -> Result<(), Error> {
        let places = self.unfinished_places().await?;
        let is_over = match self.end_all(&places).await {
            Err(fault) if is_out_of_space(&fault) => false,
            ended => ended?,
        };
        if !is_over {
            let inner = Arc::downgrade(self);
            self.tasks.spawn(end_with_space(inner, places));
        }
        Ok(())
    }

    async fn unfinished_places(&self) -> Result<Vec<Place>, Error> {
        let recaps = self.store.unfinished_recaps().await.outward()?;
        let recaps = recaps.into_iter();
        let recaps = recaps.map(|found| (found.tenant, found.row.session_id));
        let syntheses = self.store.unfinished_syntheses().await.outward()?;
        let syntheses = syntheses.into_iter().map(|found| (found.tenant, found.row));
        let all: BTreeSet<_> = recaps.chain(syntheses).collect();
        let all = all.into_iter();
        Ok(all
            .map(|(tenant, session)| Place {
                tenant,
                session,
                stop: self.stops.token(),
            })
            .collect())
    }

    /// Whether all of it is over: not while a round that waits for the disk is still in flight.
    async fn end_all(&self, places: &[Place]) -> Result<bool, Error> {
        let mut is_over = true;
        for place in places {
            // What was asked for since the start is being written.
            if self.live.of(place.session).is_some() || self.summaries.is_at_work(place.session) {
                continue;
            }
            self.end_summaries(place, INTERRUPTED).await?;
            let rounds = self.rounds_of(place).await?;
            is_over &= rounds
                .iter()
                .all(|round| round.recap.status != RecapStatus::Pending);
        }
        Ok(is_over)
    }

    /// The same for one session whose writing broke off; what cannot be kept now is ended at the
    /// next start.
    pub(super) async fn give_up(&self, place: &Place, why: &str) {
        while let Err(fault) = self.end_summaries(place, why).await {
            if fault.code == ErrorCode::NotFound {
                // The session was deleted.
                return;
            }
            if !self.may_mend(&fault).await {
                tracing::error!(%fault, session = %place.session, "a summary stays half-written until the next start");
                return;
            }
        }
    }

    async fn end_summaries(&self, place: &Place, why: &str) -> Result<(), Error> {
        let facts = self.session_facts(&place.tenant, place.session).await?;
        let catalog = self.catalog(&place.tenant).await?;
        let open = facts
            .calls
            .iter()
            .filter(|call| !call.purpose.is_of_panel() && !call.state.is_terminal());
        for call in open {
            self.end_writer(place, &facts, &catalog, call).await?;
        }
        let is_left = |round: &&Round| {
            round.status.is_terminal() && round.recap.status == RecapStatus::Pending
        };
        for round in facts.rounds.iter().filter(is_left) {
            let edition = Edition::of(round);
            self.stand_recap(place, edition, |round| {
                failed(&round.recap, Failure::of(why))
            })
            .await?;
        }
        let synthesis = facts.session.synthesis;
        if synthesis.status == RecapStatus::Pending {
            let change = Change::Synthesis(failed(&synthesis, Failure::of(why)));
            self.stand(place, |_| Some(change)).await?;
        }
        Ok(())
    }

    async fn end_writer(
        &self,
        place: &Place,
        facts: &SessionFacts,
        catalog: &Catalog,
        call: &Call,
    ) -> Result<(), Error> {
        let now = self.now();
        let price = catalog
            .entry(&call.model)
            .map(Entry::price)
            .unwrap_or_default();
        let row = interrupted(call);
        let row = Call {
            cost: price.cost(&row.usage),
            ended_at: Some(last_sign(call)),
            ..row
        };
        let mut holds = facts.holds.iter();
        let hold = holds.find(|hold| {
            hold.occasion.is_round(row.round_id)
                && hold.model == row.model
                && hold.purpose == row.purpose
        });
        let hold = hold.map(|hold| hold.id);
        self.change_wallet(&place.tenant, |wallet| {
            let unit = settled(&place.tenant, wallet, &row, price, hold, now)?;
            Ok((unit, ()))
        })
        .await
    }
}

/// An open call as it ended with the program.
fn interrupted(call: &Call) -> Call {
    Call {
        state: CallState::Error,
        usage: used_so_far(call),
        error_code: Some(SeatErrorCode::StreamInterrupted),
        error_message: Some(CLOSED_MIDWAY.to_owned()),
        closed: true,
        ..call.clone()
    }
}

/// Tries again until there is space.
async fn end_with_space(inner: Weak<Inner>, places: Vec<Place>) {
    while let Some(console) = until_space_may_be(&inner).await {
        match console.end_all(&places).await {
            Ok(true) => return,
            Ok(false) => {}
            Err(fault) if is_out_of_space(&fault) => {}
            Err(fault) => {
                tracing::error!(%fault, "what the last run left half-written is ended at the next start");
                return;
            }
        }
    }
}
