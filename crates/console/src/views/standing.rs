//! How the seats of a session's newest round stand, for the session's row.

use husting_deliberation::round::owed;
use husting_domain::calls::{CallState, Purpose, SeatErrorCode};
use husting_domain::models::ModelId;
use husting_store::{CallStanding, NewestRound};
use husting_wire::sessions::SeatFailure;

use super::count;

/// A panel in its newest round.
pub(crate) struct Standing<'a> {
    panel: &'a [ModelId],
    round: &'a NewestRound,
    /// Seats that have not reacted to every answer.
    owing: Vec<ModelId>,
}

impl<'a> Standing<'a> {
    pub fn of(panel: &'a [ModelId], round: &'a NewestRound) -> Self {
        let mut standing = Self {
            panel,
            round,
            owing: Vec::new(),
        };
        let answered: Vec<ModelId> = panel
            .iter()
            .filter(|model| standing.answered(model))
            .cloned()
            .collect();
        let owed = owed(&answered, &round.reactions, &[]);
        standing.owing = owed.into_iter().map(|(model, _)| model).collect();
        standing
    }

    /// Seats that were asked to answer.
    pub fn asked(&self) -> u32 {
        count(self.panel.len())
    }

    /// Seats whose answer is there.
    pub fn answers(&self) -> u32 {
        count(self.panel.iter().filter(|m| self.answered(m)).count())
    }

    /// Seats that failed and that nobody stopped; none of a round that a person ended.
    pub fn failures(&self) -> Vec<SeatFailure> {
        if self.round.cancelled {
            return Vec::new();
        }
        let calls = self.panel.iter().flat_map(|model| {
            let purposes = [Purpose::Respond, Purpose::React];
            purposes
                .into_iter()
                .filter_map(move |purpose| self.call(model, purpose))
        });
        calls.filter_map(|call| self.failure(call)).collect()
    }

    /// Whether the ended round lacks an answer or a reaction.
    pub fn is_degraded(&self) -> bool {
        let count = |has: &dyn Fn(&ModelId) -> bool| self.panel.iter().filter(|m| has(m)).count();
        let answered = count(&|model| self.answered(model));
        let reacted = count(&|model| self.reacted(model));
        self.round.status.is_terminal()
            && (answered < self.panel.len() || (answered > 1 && reacted < answered))
    }

    /// The newest call of a seat for a purpose.
    fn call(&self, model: &ModelId, purpose: Purpose) -> Option<&CallStanding> {
        let mut newest_first = self.round.calls.iter().rev();
        newest_first.find(|call| call.model == *model && call.purpose == purpose)
    }

    fn answered(&self, model: &ModelId) -> bool {
        self.call(model, Purpose::Respond)
            .is_some_and(|call| call.state == CallState::Final)
    }

    fn reacted(&self, model: &ModelId) -> bool {
        self.call(model, Purpose::React)
            .is_some_and(|call| call.state == CallState::Final || self.lost_nothing(model))
    }

    /// A seat that reacted to every answer lost nothing to a later call that failed.
    fn lost_nothing(&self, model: &ModelId) -> bool {
        let reacted = self.round.reactions.iter().any(|set| set.model == *model);
        reacted && !self.owing.contains(model)
    }

    fn failure(&self, call: &CallStanding) -> Option<SeatFailure> {
        let error_code = call.error_code?;
        if error_code == SeatErrorCode::Cancelled
            || (call.purpose == Purpose::React && self.lost_nothing(&call.model))
        {
            return None;
        }
        Some(SeatFailure {
            model: call.model.clone(),
            purpose: call.purpose,
            error_code,
            closed: call.closed,
            unreadable: call.unreadable,
            page: call.page,
        })
    }
}
