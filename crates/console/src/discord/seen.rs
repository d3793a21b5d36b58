//! What Discord said of channels when it was asked last: lost when the program ends.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use husting_discord::examination::Lacking;
use husting_domain::discord::Snowflake;

/// Channels and threads that Discord told of.
#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<BTreeMap<Snowflake, Lacking>>);

impl Seen {
    /// This is how they are now. One that is no longer shown to the bot keeps its name.
    pub fn learn(&self, channels: impl IntoIterator<Item = (Snowflake, Lacking)>) {
        let mut map = self.map();
        for (channel, mut now) in channels {
            let before = map.get(&channel);
            now.name = now.name.or_else(|| before?.name.clone());
            map.insert(channel, now);
        }
    }

    /// Another bot sees other channels.
    pub fn forget(&self) {
        self.map().clear();
    }

    /// What they are called.
    pub fn names(&self) -> BTreeMap<Snowflake, String> {
        let named = |(id, seen): (&Snowflake, &Lacking)| Some((*id, seen.name.clone()?));
        self.map().iter().filter_map(named).collect()
    }

    /// What the bot may not do there of what it needs; none where Discord was not asked.
    pub fn lacking(&self, channel: Snowflake) -> Option<Vec<String>> {
        self.map().get(&channel).map(|seen| words(&seen.needed))
    }

    /// Discord was asked and does not show it to the bot.
    pub fn is_unseen(&self, channel: Snowflake) -> bool {
        self.map().get(&channel).is_some_and(|seen| seen.is_unseen)
    }

    /// Discord was asked and does not let the bot do all that it needs there.
    pub fn is_closed(&self, channel: Snowflake) -> bool {
        let map = self.map();
        map.get(&channel)
            .is_some_and(|seen| seen.is_unseen || !seen.needed.is_empty())
    }

    fn map(&self) -> MutexGuard<'_, BTreeMap<Snowflake, Lacking>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Permissions in Discord's words.
pub(super) fn words(permissions: &[&str]) -> Vec<String> {
    permissions.iter().map(|name| (*name).to_owned()).collect()
}
