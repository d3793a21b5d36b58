//! What a channel is of which no event told: Discord is asked. Where that keeps failing, what is
//! written there is heard all the same, and Discord is asked again later.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use husting_domain::discord::{KnownChannel, Snowflake};
use husting_domain::time::Timestamp;

use super::Shared;
use super::faults::DiscordStepError;
use super::intake::{ChannelShown, known};
use crate::sender::SendError;

/// Failures in a row after which a channel is heard unseen. All events wait meanwhile, and the sender
/// tries for half a minute before it calls anything a failure.
const MOST_FAILED: u32 = 3;
/// When a channel that was not shown is asked for again, in milliseconds: ten minutes.
const AGAIN_MILLIS: i64 = 10 * 60 * 1_000;

/// Channels that Discord did not show.
#[derive(Debug, Default)]
pub struct Looks(Mutex<HashMap<Snowflake, Look>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Look {
    failed: u32,
    next: Timestamp,
}

impl Looks {
    /// For what the journal has no name of Discord is asked once more: an earlier process may have heard
    /// it unseen.
    pub fn of(known: &[KnownChannel]) -> Self {
        let unseen = known.iter().filter(|channel| is_unseen(channel));
        let due = Look {
            failed: MOST_FAILED - 1,
            next: Timestamp::from_micros(0),
        };
        let looks = unseen.map(|channel| (channel.id, due));
        Self(Mutex::new(looks.collect()))
    }

    /// Whether Discord is to be asked for a channel now.
    fn is_due(&self, id: Snowflake, is_known: bool, now: Timestamp) -> bool {
        match self.map().get(&id) {
            Some(look) => look.next <= now,
            None => !is_known,
        }
    }

    fn shown(&self, id: Snowflake) {
        self.map().remove(&id);
    }

    /// It is not to be seen for now.
    fn hidden(&self, id: Snowflake, now: Timestamp) {
        let hidden = Look {
            failed: MOST_FAILED,
            next: now.plus_millis(AGAIN_MILLIS),
        };
        self.map().insert(id, hidden);
    }

    /// There was no answer. True once that is so for too long.
    fn failed(&self, id: Snowflake, now: Timestamp) -> bool {
        let failed = self.map().get(&id).map_or(0, |look| look.failed) + 1;
        if failed >= MOST_FAILED {
            self.hidden(id, now);
            return true;
        }
        self.map().insert(id, Look { failed, next: now });
        false
    }

    fn map(&self) -> MutexGuard<'_, HashMap<Snowflake, Look>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    /// What is known of a channel; one that was never heard of is asked for.
    pub(super) async fn channel(&self, id: Snowflake) -> Result<KnownChannel, DiscordStepError> {
        let heard_of = self.channels.get(id);
        let now = self.parties.clock.now();
        let unseen = match heard_of {
            Some(heard_of) if !is_unseen(&heard_of) => return Ok(heard_of),
            Some(heard_of) if !self.looks.is_due(id, true, now) => return Ok(heard_of),
            None if !self.looks.is_due(id, false, now) => return Ok(unseen(id)),
            Some(heard_of) => heard_of,
            None => unseen(id),
        };
        let fault = match self.parties.sender.channel(id).await {
            Ok(channel) => {
                self.looks.shown(id);
                let known = known(ChannelShown::of(id, channel), None);
                self.channels.learn(known.clone());
                // With where it was read to, and the last STOP.
                return Ok(self.channels.get(id).unwrap_or(known));
            }
            Err(fault) => fault,
        };
        let now = self.parties.clock.now();
        match fault {
            // What the bot may not look at is a channel all the same: its messages do come.
            SendError::Refused { code, .. } => {
                tracing::info!(channel = %id, code, "nothing is told of a channel");
                self.looks.hidden(id, now);
            }
            SendError::Unauthorized => return Err(fault.into()),
            SendError::Unreachable(_) | SendError::Blocked { .. } => {
                if !self.looks.failed(id, now) {
                    return Err(fault.into());
                }
                tracing::warn!(channel = %id, %fault, "a channel is heard unseen; asked for again later");
            }
        }
        Ok(unseen)
    }
}

/// Whatever Discord shows has a name, except direct messages.
const fn is_unseen(channel: &KnownChannel) -> bool {
    channel.name.is_none()
}

const fn unseen(id: Snowflake) -> KnownChannel {
    KnownChannel {
        id,
        guild: None,
        parent: None,
        name: None,
        last_message: None,
        stopped_at: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_000_000_000);

    fn id(id: u64) -> Snowflake {
        Snowflake::new(id).unwrap()
    }

    #[test]
    fn a_channel_that_is_not_shown_is_asked_for_again_at_its_time() {
        let looks = Looks::default();
        assert!(looks.is_due(id(7), false, NOW));
        assert!(!looks.failed(id(7), NOW));
        assert!(looks.is_due(id(7), false, NOW));
        assert!(!looks.failed(id(7), NOW));
        assert!(looks.failed(id(7), NOW));
        let later = NOW.plus_millis(AGAIN_MILLIS);
        assert!(!looks.is_due(id(7), false, later.plus_millis(-1)));
        assert!(looks.is_due(id(7), true, later));
        // It had its tries: one more is enough.
        assert!(looks.failed(id(7), later));
        looks.shown(id(7));
        assert!(!looks.is_due(id(7), true, later));
    }

    #[test]
    fn what_an_earlier_process_heard_unseen_is_asked_for_once_more() {
        let seen = KnownChannel {
            name: Some("plans".to_owned()),
            ..unseen(id(8))
        };
        let looks = Looks::of(&[unseen(id(7)), seen]);
        assert!(looks.is_due(id(7), true, NOW));
        assert!(!looks.is_due(id(8), true, NOW));
        assert!(looks.failed(id(7), NOW));
    }
}
