//! Everything stored of one session.

use husting_deliberation::prompts::RoundWords;
use husting_deliberation::round::{Kept, PastRound};
use husting_domain::calls::{Call, CallState, Purpose};
use husting_domain::ids::{RoundId, SessionId, TenantId};
use husting_domain::ledger::{Hold, Transaction};
use husting_domain::models::ModelId;
use husting_domain::money::MicroUsd;
use husting_domain::rounds::{Round, RoundStatus};
use husting_domain::sessions::Session;
use husting_wire::errors::Error;

use crate::Inner;
use crate::errors::Outward;
use crate::names::Names;

/// Everything stored of one session.
pub(crate) struct SessionFacts {
    pub session: Session,
    pub rounds: Vec<Round>,
    pub calls: Vec<Call>,
    pub transactions: Vec<Transaction>,
    pub holds: Vec<Hold>,
    /// What the keys are called that asked for something here.
    pub names: Names,
}

impl SessionFacts {
    /// The newest call of a seat in a round for a purpose.
    pub fn call(&self, round: RoundId, model: &ModelId, purpose: Purpose) -> Option<&Call> {
        let calls = self
            .calls
            .iter()
            .filter(|call| call.round_id == round && call.purpose == purpose);
        // Queued later stands later; a repair follows the reaction it repairs.
        calls
            .filter(|call| call.model == *model)
            .max_by_key(|call| (call.attempt, call.started_at, call.id))
    }

    /// Finished answers of a round, in panel order.
    pub fn answers(&self, round: RoundId) -> Vec<(ModelId, String)> {
        let models = self.session.models.iter();
        models
            .filter_map(|model| {
                let call = self.call(round, model, Purpose::Respond)?;
                (call.state == CallState::Final).then(|| (model.clone(), call.text.clone()))
            })
            .collect()
    }

    /// Earlier rounds that gave something, for prompts and maps. A failed round enters no context.
    pub fn past_rounds(&self) -> Vec<PastRound> {
        self.past_rounds_before(u32::MAX)
    }

    pub fn past_rounds_before(&self, index: u32) -> Vec<PastRound> {
        let gave = |round: &&Round| {
            round.index < index
                && matches!(
                    round.status,
                    RoundStatus::Complete | RoundStatus::PartialFailure
                )
        };
        self.rounds
            .iter()
            .filter(gave)
            .map(|round| PastRound {
                words: RoundWords {
                    index: round.index,
                    prompt: round.prompt.clone(),
                    snippets: round.snippets.clone(),
                    answers: self.answers(round.id),
                    reactions: round.reactions.clone(),
                },
                claim_map: round.claim_map.clone(),
            })
            .collect()
    }

    /// What an earlier attempt of a round left standing.
    pub fn kept(&self, round: &Round) -> Kept {
        Kept {
            answers: self.answers(round.id),
            reactions: round.reactions.clone(),
        }
    }

    pub fn held_for(&self, round: RoundId) -> MicroUsd {
        self.holds
            .iter()
            .filter(|hold| hold.occasion.is_round(round))
            .map(|hold| hold.amount)
            .sum()
    }
}

impl Inner {
    /// Everything stored of a session.
    ///
    /// # Errors
    /// `not_found` when there is none.
    pub(crate) async fn session_facts(
        &self,
        tenant: &TenantId,
        id: SessionId,
    ) -> Result<SessionFacts, Error> {
        let session = self
            .store
            .session(tenant, id)
            .await
            .outward()?
            .ok_or_else(|| Error::not_found("session"))?;
        let rounds = self.store.rounds(tenant, id).await.outward()?;
        let calls = self.store.calls_of_session(tenant, id).await.outward()?;
        let ids: Vec<RoundId> = rounds.iter().map(|round| round.id).collect();
        let transactions = self
            .store
            .transactions_of_rounds(tenant, &ids)
            .await
            .outward()?;
        let holds = self.store.open_holds(tenant).await.outward()?;
        let holds = holds
            .into_iter()
            .filter(|hold| hold.occasion.session() == Some(id))
            .collect();
        let askers = rounds.iter().map(|round| round.asked_by);
        let names = self.askers_names(askers.chain([session.opened_by]));
        Ok(SessionFacts {
            session,
            rounds,
            calls,
            transactions,
            holds,
            names,
        })
    }
}
