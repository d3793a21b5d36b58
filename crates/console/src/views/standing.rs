//! How the seats of a session's newest round stand, for the session's row.

use husting_deliberation::round::owed;
use husting_domain::calls::{CallState, Purpose, SeatErrorCode};
use husting_domain::models::ModelId;
use husting_store::{CallStanding, NewestRound};
use husting_wire::sessions::{Outcome, SeatFailure};

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

    /// What became of the ended round, where that is more than how many answered.
    pub fn outcome(&self) -> Option<Outcome> {
        if !self.round.status.is_terminal() {
            return None;
        }
        let failures = self.failures();
        if failures.iter().any(|failure| failure.closed) {
            return Some(Outcome::Interrupted);
        }
        if self.answers() > 0 {
            return None;
        }
        Some(if failures.is_empty() {
            Outcome::Cancelled
        } else if failures.iter().all(is_cut) {
            Outcome::Interrupted
        } else {
            Outcome::Failed
        })
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
            spent: call.spent,
        })
    }
}

/// What a connection that is gone leaves of a call, and a restart where nobody could mark it.
const fn is_cut(failure: &SeatFailure) -> bool {
    matches!(
        failure.error_code,
        SeatErrorCode::StreamInterrupted | SeatErrorCode::DeadlineExpired
    )
}

#[cfg(test)]
mod tests {
    use husting_domain::rounds::RoundStatus;

    use super::*;

    use Purpose::{React, Respond};
    use SeatErrorCode::{Cancelled, DeadlineExpired, RateLimit, StreamInterrupted};

    const SEATS: [&str; 3] = ["alpha", "beta", "gamma"];

    fn call(seat: usize, purpose: Purpose, failed: Option<(SeatErrorCode, bool)>) -> CallStanding {
        CallStanding {
            model: ModelId::parse(SEATS[seat]).unwrap(),
            purpose,
            state: failed.map_or(CallState::Final, |_| CallState::Error),
            error_code: failed.map(|(code, _)| code),
            closed: failed.is_some_and(|(_, closed)| closed),
            unreadable: false,
            page: false,
            spent: None,
        }
    }

    /// What became of a round in which the first `answered` seats answered and the others failed like that.
    fn became(answered: usize, purpose: Purpose, failed: (SeatErrorCode, bool)) -> Option<Outcome> {
        let lost = if purpose == React { 0 } else { answered };
        let answers = (0..answered).map(|seat| call(seat, Respond, None));
        let lost = (lost..SEATS.len()).map(|seat| call(seat, purpose, Some(failed)));
        let round = NewestRound {
            status: match answered {
                0 => RoundStatus::Failed,
                3 => RoundStatus::Complete,
                _ => RoundStatus::PartialFailure,
            },
            cancelled: failed.0 == Cancelled,
            reactions: Vec::new(),
            calls: answers.chain(lost).collect(),
        };
        let panel = SEATS.map(|seat| ModelId::parse(seat).unwrap());
        Standing::of(&panel, &round).outcome()
    }

    #[test]
    fn a_round_is_interrupted_by_hustings_end_however_much_was_there_and_else_only_where_nobody_answered()
     {
        for (answered, purpose, failed, expected) in [
            (
                0,
                Respond,
                (StreamInterrupted, true),
                Some(Outcome::Interrupted),
            ),
            (
                2,
                Respond,
                (StreamInterrupted, true),
                Some(Outcome::Interrupted),
            ),
            (
                3,
                React,
                (DeadlineExpired, true),
                Some(Outcome::Interrupted),
            ),
            (
                0,
                Respond,
                (StreamInterrupted, false),
                Some(Outcome::Interrupted),
            ),
            (
                0,
                Respond,
                (DeadlineExpired, false),
                Some(Outcome::Interrupted),
            ),
            (2, Respond, (StreamInterrupted, false), None),
            (3, React, (StreamInterrupted, false), None),
            (0, Respond, (RateLimit, false), Some(Outcome::Failed)),
            (0, Respond, (Cancelled, false), Some(Outcome::Cancelled)),
            (2, Respond, (Cancelled, false), None),
        ] {
            let told = became(answered, purpose, failed);
            assert_eq!(
                told, expected,
                "{answered} answered, {purpose:?} {failed:?}"
            );
        }
    }
}
