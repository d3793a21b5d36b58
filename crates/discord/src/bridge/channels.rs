//! Channels, threads and direct messages that the bridge has heard of.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use husting_domain::discord::{KnownChannel, Snowflake};

/// What is known, by id.
#[derive(Debug, Default)]
pub struct Channels(Mutex<HashMap<Snowflake, KnownChannel>>);

impl Channels {
    /// Those that the journal knows.
    pub fn of(known: impl IntoIterator<Item = KnownChannel>) -> Self {
        let known = known.into_iter().map(|channel| (channel.id, channel));
        Self(Mutex::new(known.collect()))
    }

    /// One of them.
    pub fn get(&self, id: Snowflake) -> Option<KnownChannel> {
        self.map().get(&id).cloned()
    }

    /// All of them.
    pub fn all(&self) -> Vec<KnownChannel> {
        self.map().values().cloned().collect()
    }

    /// Whether this says anything new.
    pub fn would_learn(&self, channel: &KnownChannel) -> bool {
        let Some(known) = self.get(channel.id) else {
            return true;
        };
        let mut after = known.clone();
        lay_over(&mut after, channel.clone());
        after != known
    }

    /// Puts what is known now over what was known.
    pub fn learn(&self, channel: KnownChannel) {
        let mut map = self.map();
        let known = map.entry(channel.id).or_insert_with(|| channel.clone());
        lay_over(known, channel);
    }

    fn map(&self) -> MutexGuard<'_, HashMap<Snowflake, KnownChannel>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is not said anew stays, and the newest message never goes back.
fn lay_over(known: &mut KnownChannel, channel: KnownChannel) {
    known.guild = channel.guild.or(known.guild);
    known.parent = channel.parent.or(known.parent);
    known.name = channel.name.or(known.name.take());
    known.last_message = channel.last_message.max(known.last_message);
    known.stopped_at = channel.stopped_at.max(known.stopped_at);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(id: u64) -> Snowflake {
        Snowflake::new(id).unwrap()
    }

    #[test]
    fn what_is_not_said_anew_stays_known_and_the_newest_message_never_goes_back() {
        let thread = KnownChannel {
            id: id(7),
            guild: Some(id(1)),
            parent: Some(id(2)),
            name: Some("plans".to_owned()),
            last_message: Some(id(90)),
            stopped_at: None,
        };
        let channels = Channels::of([thread.clone()]);
        channels.learn(KnownChannel {
            id: id(7),
            guild: None,
            parent: None,
            name: None,
            last_message: Some(id(80)),
            stopped_at: None,
        });
        assert_eq!(channels.get(id(7)), Some(thread));
        assert_eq!(channels.get(id(8)), None);
    }
}
