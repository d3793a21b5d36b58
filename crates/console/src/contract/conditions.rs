//! What must hold, in the unit that accepts a round, for whoever asks for it.

use husting_domain::ids::KeyId;
use husting_domain::keys::Principal;
use husting_domain::rounds::Round;
use husting_domain::sessions::Session;
use husting_domain::time::Timestamp;
use husting_store::{Replay, Require, Unit, Write};

use super::replays::ReplayPlace;
use crate::Inner;
use crate::caller::Caller;

/// The conditions on one caller's round.
pub(crate) struct Conditions {
    key: Option<KeyId>,
    /// The day, and the first number of its rounds that is too many.
    day: Option<(Timestamp, u32)>,
    replay: Option<ReplayPlace>,
    at: Timestamp,
}

impl Conditions {
    /// `unit` with the conditions, and the acknowledgement that the same request gets again.
    pub fn put_on(&self, mut unit: Unit, session: &Session, round: &Round) -> Unit {
        if let Some(place) = &self.replay {
            // Looked at first: whoever asked twice is told so, and not that the session is busy.
            unit = unit
                .require(place.require())
                .write(Write::PutReplay(Replay {
                    place: place.at.clone(),
                    fingerprint: place.fingerprint,
                    session_id: session.id,
                    round_id: round.id,
                    round_index: round.index,
                    client_request_id: place.client_request_id.clone(),
                    at: self.at,
                    progress_version: round.progress_version,
                }));
        }
        let Some(key) = self.key else { return unit };
        unit = unit.require(Require::LiveKey(key));
        match self.day {
            // A round that is tried again was counted when it was asked for.
            // Counted apart from the rounds: deleting their session gives no day back.
            Some((day, limit)) if round.attempt == 0 => {
                let by = Principal::Key(key);
                unit.require(Require::FewerRounds { by, day, limit })
                    .write(Write::CountRound { by, day })
            }
            _ => unit,
        }
    }
}

impl Inner {
    pub(crate) fn conditions_on(&self, caller: &Caller, replay: Option<ReplayPlace>) -> Conditions {
        let at = self.now();
        let Caller::Key(holder) = caller else {
            return Conditions {
                key: None,
                day: None,
                replay,
                at,
            };
        };
        let limit = holder
            .daily_rounds
            .unwrap_or_else(|| self.settings().limits_rounds_per_day);
        Conditions {
            key: Some(holder.key),
            day: (limit > 0).then(|| (at.day_start(), limit)),
            replay,
            at,
        }
    }
}
