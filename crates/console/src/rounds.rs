//! Steering a round at work, and trying again what failed in one.

use std::sync::Arc;

use husting_deliberation::round::{RoundPlan, owed};
use husting_domain::calls::{CallState, Purpose};
use husting_domain::ids::SessionId;
use husting_domain::models::ModelId;
use husting_domain::rounds::Round;
use husting_wire::answers::SeatState;
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::rounds::{RoundRef, StopSeat};
use husting_wire::sessions::SessionAck;

use crate::Inner;
use crate::caller::Caller;
use crate::contract::replays::ReplayPlace;
use crate::convene::{Proposal, plan_of, reopened, roster_of};
use crate::sessions::SessionFacts;

/// Seats of a round whose answer or reaction is missing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Missing {
    pub answers: Vec<ModelId>,
    pub reactions: Vec<ModelId>,
}

impl Missing {
    /// What is missing in a terminal round.
    pub fn of(facts: &SessionFacts, round: &Round) -> Self {
        let (answered, silent): (Vec<ModelId>, Vec<ModelId>) =
            facts.session.models.iter().cloned().partition(|model| {
                let call = facts.call(round.id, model, Purpose::Respond);
                call.is_some_and(|call| call.state == CallState::Final)
            });
        let reactions = owed(&answered, &round.reactions, &[]);
        Self {
            answers: silent,
            reactions: reactions.into_iter().map(|(model, _)| model).collect(),
        }
    }

    pub fn is_nothing(&self) -> bool {
        self.answers.is_empty() && self.reactions.is_empty()
    }
}

impl Inner {
    /// Runs again what failed in the newest round.
    pub(crate) async fn retry_round(
        self: &Arc<Self>,
        caller: &Caller,
        asked: RoundRef,
        replay: Option<ReplayPlace>,
    ) -> Result<SessionAck, Error> {
        self.refuse_while_closing()?;
        let tenant = caller.tenant();
        let facts = self.session_facts(&tenant, asked.session_id).await?;
        if self.live.of(asked.session_id).is_some() {
            return Err(Error::new(
                ErrorCode::SessionBusy,
                "A round of this session is running. Wait for it, or cancel it.",
            ));
        }
        let newest = facts
            .rounds
            .last()
            .ok_or_else(|| Error::not_found("round"))?;
        if asked.round_id.is_some_and(|id| id != newest.id) {
            return Err(Error::invalid("Only the newest round can be tried again."));
        }
        let missing = Missing::of(&facts, newest);
        if missing.is_nothing() {
            return Err(Error::invalid(
                "Every seat answered and reacted in this round; there is nothing to try again.",
            ));
        }
        let catalog = self.catalog(&tenant).await?;
        let now = self.now();
        let round = reopened(newest, now);
        let roster = roster_of(&facts.session, &catalog);
        let past = facts.past_rounds_before(round.index);
        let plan = RoundPlan {
            kept: facts.kept(newest),
            started_at: now,
            ..plan_of(&facts.session, &round, roster, past)
        };
        let session = facts.session;
        self.accept(
            &tenant,
            catalog,
            Proposal {
                session,
                round,
                plan,
                is_new_session: false,
                asked: missing.answers,
                lost: missing.reactions,
                conditions: self.conditions_on(caller, replay)?,
            },
        )
        .await
    }

    /// Ends one seat's call; what it wrote is kept.
    pub(crate) async fn stop_seat(&self, caller: &Caller, asked: StopSeat) -> Result<(), Error> {
        self.seen_by(caller, asked.session_id).await?;
        let live = self.live.running(asked.session_id)?;
        let view = live.view();
        let answer = view.answers.iter().find(|seat| seat.model == asked.model);
        let answer = answer.ok_or_else(|| {
            Error::invalid(format!(
                "{} is not on the panel of this session.",
                asked.model
            ))
        })?;
        let reaction = view.reactions.iter().find(|seat| seat.model == asked.model);
        let is_over = answer.state == SeatState::Error
            || reaction.is_some_and(|reaction| {
                matches!(reaction.state, SeatState::Final | SeatState::Error)
            });
        if is_over {
            return Err(Error::invalid(format!(
                "{} has ended already; there is nothing to stop.",
                asked.model
            )));
        }
        live.control.seat(&asked.model).cancel();
        Ok(())
    }

    /// Ends the round at work; returns once it is terminal and kept.
    pub(crate) async fn cancel_round(
        &self,
        caller: &Caller,
        session: SessionId,
    ) -> Result<(), Error> {
        self.seen_by(caller, session).await?;
        let live = self.live.running(session)?;
        live.control.cancel.cancel();
        let mut over = live.over.subscribe();
        // The sender lives as long as `live`; an end of it is the end of the round.
        over.wait_for(|over| *over).await.ok();
        Ok(())
    }
}
