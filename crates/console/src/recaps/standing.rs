//! Where recaps and syntheses stand: kept with a higher version of their rounds' progress, then told.

use husting_domain::calls::Call;
use husting_domain::ids::{RoundId, SessionId, TenantId};
use husting_domain::recaps::{FailedWriter, RecapStatus, RoundRecap, SessionSynthesis, Summary};
use husting_domain::rounds::Round;
use husting_domain::time::Timestamp;
use husting_store::Write;
use husting_wire::contract::events::SessionEvent;
use husting_wire::contract::numbers::Usd;
use husting_wire::errors::Error;
use husting_wire::events::Event;

use tokio::sync::MutexGuard;
use tokio_util::sync::CancellationToken;

use super::queue::Edition;
use crate::Inner;
use crate::errors::Outward;

/// Whose summaries.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub tenant: TenantId,
    pub session: SessionId,
    /// Once it is cancelled nothing is written there any more.
    pub stop: CancellationToken,
}

/// A change of what stands.
#[derive(Clone, Debug)]
pub(super) enum Change {
    Recap(RoundId, Summary<RoundRecap>),
    Synthesis(Summary<SessionSynthesis>),
}

impl Change {
    /// The writes; each raises the versions of the progress that tells it. `rounds` are the session's
    /// as they stand now: a synthesis that the one at work was asked for with is still to come.
    pub fn writes(&self, session: SessionId, rounds: &[Round], at: Timestamp) -> Vec<Write> {
        match self {
            Self::Recap(round, recap) => vec![Write::SetRecap {
                round: *round,
                recap: recap.clone(),
            }],
            Self::Synthesis(synthesis) => {
                let is_owed = |round: &Round| round.wants_synthesis && !round.status.is_terminal();
                let synthesis = if rounds.last().is_some_and(is_owed) {
                    pending(synthesis)
                } else {
                    synthesis.clone()
                };
                vec![Write::SetSynthesis {
                    session,
                    synthesis,
                    at,
                }]
            }
        }
    }
}

/// The same, being written anew.
pub(super) fn pending<T: Clone>(summary: &Summary<T>) -> Summary<T> {
    Summary {
        status: RecapStatus::Pending,
        failure: None,
        failed: Vec::new(),
        ..summary.clone()
    }
}

/// Why nothing was written.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    /// For people.
    pub why: String,
    /// Who was to write it, in the order asked.
    pub writers: Vec<FailedWriter>,
}

impl Failure {
    /// One that is no writer's.
    pub fn of(why: impl Into<String>) -> Self {
        Self {
            why: why.into(),
            writers: Vec::new(),
        }
    }

    /// A line for each of the writers.
    pub fn by(writers: Vec<FailedWriter>) -> Self {
        let lines = writers.iter();
        let lines = lines.map(|writer| format!("{}: {}", writer.model, writer.message));
        Self {
            why: lines.collect::<Vec<_>>().join("\n"),
            writers,
        }
    }
}

/// The same, with why it could not be written; what was written before stays.
pub(super) fn failed<T: Clone>(summary: &Summary<T>, failure: Failure) -> Summary<T> {
    Summary {
        status: RecapStatus::Failed,
        failure: Some(failure.why),
        failed: failure.writers,
        ..summary.clone()
    }
}

impl Inner {
    /// The version that a round about to be tried again begins with. No summary raises it as long as
    /// the guard is held.
    pub(crate) async fn version_of_retry(
        &self,
        tenant: &TenantId,
        round: &Round,
    ) -> Result<(u64, MutexGuard<'_, ()>), Error> {
        let turn = self.summaries.turn.lock().await;
        let rounds = self.store.rounds(tenant, round.session_id).await;
        let rounds = rounds.outward()?;
        let stored = rounds.iter().find(|stored| stored.id == round.id);
        let stored = stored.ok_or_else(|| Error::not_found("round"))?;
        // Reopening and awaiting a synthesis raise what is stored by one each.
        Ok((stored.progress_version + 2, turn))
    }

    /// Keeps and tells what `change` makes of the rounds as they stand; nothing for `None`.
    pub(super) async fn stand(
        &self,
        place: &Place,
        change: impl FnOnce(&[Round]) -> Option<Change>,
    ) -> Result<(), Error> {
        let changed = {
            let _turn = self.summaries.turn.lock().await;
            let rounds = self.rounds_of(place).await?;
            let Some(changed) = change(&rounds) else {
                return Ok(());
            };
            self.keep_standing(place, &changed).await?;
            changed
        };
        self.tell_standing(place, &changed).await;
        Ok(())
    }

    /// Keeps another recap for the round, if it is still the same.
    pub(super) async fn stand_recap(
        &self,
        place: &Place,
        edition: Edition,
        change: impl FnOnce(&Round) -> Summary<RoundRecap>,
    ) -> Result<(), Error> {
        self.stand(place, |rounds| {
            let round = rounds.iter().find(|round| edition.is_still(round))?;
            Some(Change::Recap(round.id, change(round)))
        })
        .await
    }

    pub(super) async fn stand_synthesis(
        &self,
        place: &Place,
        change: impl FnOnce(&Summary<SessionSynthesis>) -> Summary<SessionSynthesis>,
    ) -> Result<(), Error> {
        let changed = {
            let _turn = self.summaries.turn.lock().await;
            let changed = Change::Synthesis(change(&self.synthesis_of(place).await?));
            self.keep_standing(place, &changed).await?;
            changed
        };
        self.tell_standing(place, &changed).await;
        Ok(())
    }

    /// To be called in one's turn.
    async fn keep_standing(&self, place: &Place, changed: &Change) -> Result<(), Error> {
        let rounds = self.rounds_of(place).await?;
        let writes = changed.writes(place.session, &rounds, self.now());
        self.keep(&place.tenant, writes).await
    }

    pub(super) async fn synthesis_of(
        &self,
        place: &Place,
    ) -> Result<Summary<SessionSynthesis>, Error> {
        let session = self.store.session(&place.tenant, place.session).await;
        let session = session.outward()?;
        let session = session.ok_or_else(|| Error::not_found("session"))?;
        Ok(session.synthesis)
    }

    pub(super) async fn rounds_of(&self, place: &Place) -> Result<Vec<Round>, Error> {
        self.store
            .rounds(&place.tenant, place.session)
            .await
            .outward()
    }

    /// Tells whoever watches, polls or follows. A failed read is logged: the next change tells it again.
    pub(super) async fn tell_standing(&self, place: &Place, change: &Change) {
        let (tenant, session) = (&place.tenant, place.session);
        match change {
            Change::Recap(round, _) => self.tell_round(place, *round).await,
            Change::Synthesis(synthesis) => {
                let synthesis = synthesis.clone().into();
                let told = Event::SynthesisChanged {
                    session_id: session,
                    synthesis,
                };
                self.tell_of(tenant, told);
            }
        }
        self.changed_outside(tenant, session).await;
    }

    /// Tells a round without its words.
    pub(super) async fn tell_round(&self, place: &Place, round: RoundId) {
        match self.round_view(&place.tenant, place.session, round).await {
            Ok(Some(mut round)) => {
                for seat in round.answers.iter_mut().chain(&mut round.reactions) {
                    seat.text = String::new();
                }
                self.tell_of(&place.tenant, Event::RoundChanged { round });
            }
            Ok(None) => {}
            Err(fault) => tracing::warn!(%fault, "a round's state could not be told"),
        }
    }

    /// Tells what a summary cost.
    pub(super) async fn tell_paid(&self, place: &Place, call: &Call) {
        self.tell_cost(place, call).await;
        self.tell_session(&place.tenant, place.session).await;
        self.tell_wallet(&place.tenant).await;
        if let Err(fault) = self.tell_models(&place.tenant).await {
            tracing::warn!(%fault, "the models' state could not be told");
        }
    }

    /// Tells who follows the session.
    async fn tell_cost(&self, place: &Place, call: &Call) {
        let Some(journal) = self.journals.known(place.session) else {
            return;
        };
        match self.debits_of(&place.tenant, call.round_id).await {
            Ok(debits) => journal.write(&SessionEvent::Cost {
                round_id: call.round_id,
                model: call.model.clone(),
                purpose: call.purpose,
                cost_usd: Usd(call.cost),
                round_cost_usd: Usd(debits.iter().map(|debit| debit.cost).sum()),
            }),
            Err(fault) => tracing::warn!(%fault, "what a summary cost could not be told"),
        }
    }
}
