//! What must hold, in the unit that accepts a round, for whoever asks for it.

use husting_domain::audit::{Action, Entry};
use husting_domain::ids::AgentId;
use husting_domain::keys::Principal;
use husting_domain::rounds::Round;
use husting_domain::sessions::Session;
use husting_domain::time::Timestamp;
use husting_store::{AgentRequire, Replay, Require, Unit, Write};
use husting_wire::errors::Error;
use serde_json::json;

use super::replays::ReplayPlace;
use crate::caller::Caller;
use crate::{Inner, halt};

/// The conditions on one caller's round.
pub(crate) struct Conditions {
    by: Principal,
    /// That whoever asks may ask; the operator always may.
    standing: Option<Require>,
    /// What the audit log says of it.
    entry: Option<Entry>,
    /// The day, and the first number of its rounds that is too many.
    day: Option<(Timestamp, u32)>,
    replay: Option<ReplayPlace>,
    at: Timestamp,
}

impl Conditions {
    /// Which agent asks, and by which picture of it; none for others.
    const fn asking_agent(&self) -> Option<(AgentId, u64)> {
        match self.standing {
            Some(Require::Agent(AgentRequire::Standing(agent, epoch))) => Some((agent, epoch)),
            _ => None,
        }
    }

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
        let by = self.by;
        if self.asking_agent().is_none() || !halt::trusts_memory() {
            unit.requires.extend(self.standing.clone());
        }
        let entry = self.entry.clone().map(|entry| Entry {
            subject: Some(session.id.0),
            detail: json!({ "round": round.index, "attempt": round.attempt }).to_string(),
            ..entry
        });
        unit = unit.writes(entry.map(Write::Audit));
        match self.day {
            // A round that is tried again was counted when it was asked for.
            // Counted apart from the rounds: deleting their session gives no day back.
            Some((day, limit)) if round.attempt == 0 => unit
                .require(Require::FewerRounds { by, day, limit })
                .write(Write::CountRound { by, day }),
            _ => unit,
        }
    }
}

impl Inner {
    /// Where a test holds what agents are about to write.
    pub(crate) async fn held_before_commit(&self, conditions: &Conditions) {
        if let Some((agent, epoch)) = conditions.asking_agent() {
            halt::held(epoch, || self.agents.changes(agent)).await;
        }
    }

    /// # Errors
    /// Why an agent may not ask any more.
    pub(crate) fn conditions_on(
        &self,
        caller: &Caller,
        replay: Option<ReplayPlace>,
    ) -> Result<Conditions, Error> {
        let at = self.now();
        let (standing, entry) = match caller {
            Caller::Operator { .. } => (None, None),
            Caller::Key(holder) => (Some(Require::LiveKey(holder.key)), None),
            Caller::Agent(asking) => {
                let call = asking.call();
                let agent = self.still_allowed(&call)?;
                let standing = AgentRequire::Standing(agent.id, agent.epoch);
                let entry = call.entry(self, Action::Deliberate, None, json!({}));
                (Some(Require::Agent(standing)), Some(entry))
            }
        };
        let limit = match caller {
            Caller::Operator { .. } => 0,
            Caller::Key(holder) => holder
                .daily_rounds
                .unwrap_or_else(|| self.settings().limits_rounds_per_day),
            Caller::Agent(_) => self.settings().limits_rounds_per_day,
        };
        Ok(Conditions {
            by: caller.principal(),
            standing,
            entry,
            day: (limit > 0).then(|| (at.day_start(), limit)),
            replay,
            at,
        })
    }
}
