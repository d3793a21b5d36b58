//! Writing what was asked for: a recap, or every recap that is missing and then the synthesis.

use std::sync::Arc;

use husting_deliberation::recaps::Assignment;
use husting_domain::calls::{Call, SeatErrorCode};
use husting_domain::recaps::{FailedWriter, RecapStatus};
use husting_domain::rounds::{Round, RoundStatus};
use husting_wire::errors::Error;

use super::call::Called;
use super::errand::{Errand, Matter, matter_of_round, matter_of_session};
use super::queue::{Edition, Job};
use super::settlement::{Ended, Miss, Why};
use super::standing::{Change, Failure, Place, failed, pending};
use super::{INTERRUPTED, is_usable, lacks_recap};
use crate::Inner;
use crate::catalog::{Catalog, Entry};
use crate::convene::roster_of;
use crate::sessions::SessionFacts;

/// Said of a round that nobody answered.
const NO_ANSWERS: &str = "The round has no answers.";
/// Said where nobody can be asked.
const NOBODY: &str =
    "No model here can write it. Add one, or name others under recap.model in Settings.";
/// Said of a session that has not come far enough.
pub(super) const TOO_FEW_ROUNDS: &str = "A synthesis needs two rounds with answers.";

/// How the writing of a summary ended.
enum End {
    Written,
    /// Nobody has written it.
    Failed(Failure),
    /// The round was taken up again; its recap comes with its end.
    Overtaken,
}

impl Inner {
    pub(super) async fn work_on(self: &Arc<Self>, place: &Place, job: Job) -> Result<(), Error> {
        match job {
            // A cascade before it may have written it already.
            Job::Recap(_) if !self.is_awaited(place, job).await? => Ok(()),
            Job::Recap(edition) => self.recap(place, edition).await.map(drop),
            Job::Synthesis(_) => self.synthesis(place).await,
        }
    }

    /// Writes the recap of a round and keeps how that ended.
    async fn recap(self: &Arc<Self>, place: &Place, edition: Edition) -> Result<End, Error> {
        let facts = self.session_facts(&place.tenant, place.session).await?;
        let Some(round) = facts.rounds.iter().find(|round| edition.is_still(round)) else {
            return Ok(End::Overtaken);
        };
        let end = if round.status == RoundStatus::Failed {
            End::Failed(Failure::of(NO_ANSWERS))
        } else {
            if round.recap.status != RecapStatus::Pending {
                self.stand_recap(place, edition, |round| pending(&round.recap))
                    .await?;
            }
            let catalog = self.catalog(&place.tenant).await?;
            let matter = matter_of_round(&facts, round);
            let errand = errand(place, &catalog, &facts, round, matter);
            self.write(errand).await?
        };
        if let End::Failed(failure) = &end {
            let failure = failure.clone();
            self.stand_recap(place, edition, |round| failed(&round.recap, failure))
                .await?;
        }
        Ok(end)
    }

    /// Writes every recap that is missing, oldest first, and then the synthesis over all of them.
    async fn synthesis(self: &Arc<Self>, place: &Place) -> Result<(), Error> {
        let rounds = self.rounds_of(place).await?;
        if rounds.iter().filter(|round| is_usable(round)).count() < 2 {
            return self.no_synthesis(place, Failure::of(TOO_FEW_ROUNDS)).await;
        }
        for round in rounds.iter().filter(|round| lacks_recap(round)) {
            let number = round.index + 1;
            match self.recap(place, Edition::of(round)).await? {
                End::Written => {}
                End::Failed(_) if place.stop.is_cancelled() => {
                    let why = self.why_stopped();
                    return self.no_synthesis(place, Failure::of(why)).await;
                }
                End::Failed(_) => {
                    let why = format!("Round {number} has no recap, so there is no synthesis.");
                    return self.no_synthesis(place, Failure::of(why)).await;
                }
                End::Overtaken => {
                    let why = format!(
                        "Round {number} is being tried again; its recap comes with its end."
                    );
                    return self.no_synthesis(place, Failure::of(why)).await;
                }
            }
        }
        self.sum_up_session(place).await
    }

    async fn sum_up_session(self: &Arc<Self>, place: &Place) -> Result<(), Error> {
        let facts = self.session_facts(&place.tenant, place.session).await?;
        let usable = || facts.rounds.iter().filter(|round| is_usable(round));
        let Some(newest) = usable().next_back() else {
            return self.no_synthesis(place, Failure::of(TOO_FEW_ROUNDS)).await;
        };
        let catalog = self.catalog(&place.tenant).await?;
        let matter = matter_of_session(&facts, usable());
        let errand = errand(place, &catalog, &facts, newest, matter);
        match self.write(errand).await? {
            End::Written => Ok(()),
            End::Overtaken => self.no_synthesis(place, Failure::of(INTERRUPTED)).await,
            End::Failed(failure) => self.no_synthesis(place, failure).await,
        }
    }

    /// Asks one writer after the other until one has written.
    async fn write(self: &Arc<Self>, mut errand: Errand<'_>) -> Result<End, Error> {
        let writers = self.writers(errand.catalog, &errand.session.models);
        if writers.is_empty() {
            return Ok(End::Failed(Failure::of(NOBODY)));
        }
        for writer in writers {
            let entry = errand.catalog.entry(&writer.model);
            let outcome = match (writer.hindrance, entry) {
                (None, Some(entry)) => self.ask_writer(&errand, entry).await?,
                (hindrance, _) => {
                    let message = hindrance.unwrap_or_else(|| NOBODY.to_owned());
                    Outcome::Failed(Why::new(SeatErrorCode::PreStreamFailure, message))
                }
            };
            match outcome {
                Outcome::Kept => return Ok(End::Written),
                Outcome::Overtaken => return Ok(End::Overtaken),
                Outcome::Failed(_) if errand.place.stop.is_cancelled() => {
                    return Ok(End::Failed(Failure::of(self.why_stopped())));
                }
                Outcome::Failed(Why { code, message }) => errand.failed.push(FailedWriter {
                    model: writer.model,
                    code,
                    message,
                }),
            }
        }
        Ok(End::Failed(Failure::by(errand.failed)))
    }

    /// Asks one writer, and once more where its words are no summary.
    async fn ask_writer(
        self: &Arc<Self>,
        errand: &Errand<'_>,
        entry: &Entry,
    ) -> Result<Outcome, Error> {
        let assignment = errand.assignment(self, &entry.model.id);
        match self.ask_once(errand, entry, &assignment).await? {
            Asked::Unusable { text, why } => {
                let again = assignment.again(&text, &why);
                match self.ask_once(errand, entry, &again).await? {
                    Asked::Unusable { why, .. } => {
                        let message = format!("The summary could not be read, asked twice: {why}.");
                        let code = SeatErrorCode::ProviderError;
                        Ok(Outcome::Failed(Why::new(code, message)))
                    }
                    Asked::Over(outcome) => Ok(outcome),
                }
            }
            Asked::Over(outcome) => Ok(outcome),
        }
    }

    async fn ask_once(
        self: &Arc<Self>,
        errand: &Errand<'_>,
        entry: &Entry,
        assignment: &Assignment,
    ) -> Result<Asked, Error> {
        let heard = match self.call_writer(errand, entry, assignment).await? {
            Called::Heard(heard) => *heard,
            Called::Refused(sentence) => {
                let why = Why::new(SeatErrorCode::PreStreamFailure, sentence);
                return Ok(Asked::Over(Outcome::Failed(why)));
            }
        };
        let ended = Ended::of(heard, errand, assignment, self);
        let kept = self.settle_summary(errand, &ended, entry.price()).await?;
        let paid = Call {
            cost: entry.price().cost(&ended.row.usage),
            ..ended.row.clone()
        };
        self.tell_paid(errand.place, &paid).await;
        // What was paid is booked with a round, which is told with its recap where that is kept.
        if !(kept && matches!(ended.result, Ok(Change::Recap(..)))) {
            self.tell_round(errand.place, paid.round_id).await;
        }
        match ended.result {
            Ok(change) if kept => {
                self.tell_standing(errand.place, &change).await;
                Ok(Asked::Over(Outcome::Kept))
            }
            Ok(_) => Ok(Asked::Over(Outcome::Overtaken)),
            Err(Miss::Unusable { text, why }) => Ok(Asked::Unusable { text, why }),
            Err(Miss::Failed(why)) => Ok(Asked::Over(Outcome::Failed(why))),
        }
    }

    async fn no_synthesis(&self, place: &Place, failure: Failure) -> Result<(), Error> {
        self.stand_synthesis(place, |synthesis| failed(synthesis, failure))
            .await
    }
}

/// What came of one writer.
enum Outcome {
    Kept,
    Overtaken,
    Failed(Why),
}

/// What came of asking it once.
enum Asked {
    Unusable { text: String, why: String },
    Over(Outcome),
}

fn errand<'a>(
    place: &'a Place,
    catalog: &'a Catalog,
    facts: &'a SessionFacts,
    round: &'a Round,
    matter: Matter,
) -> Errand<'a> {
    Errand {
        place,
        catalog,
        session: &facts.session,
        round,
        roster: roster_of(&facts.session, catalog),
        matter,
        failed: Vec::new(),
    }
}
