//! What Discord said of channels when it was asked last: lost when the program ends.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use husting_discord::examination::Lacking;
use husting_domain::discord::Snowflake;
use tokio::sync::watch;

/// Channels and threads that Discord told of.
#[derive(Debug, Default)]
pub(super) struct Seen {
    channels: Mutex<BTreeMap<Snowflake, Lacking>>,
    learnt: watch::Sender<()>,
}

impl Seen {
    /// This is how they are now. One that is no longer shown to the bot keeps its name.
    pub fn learn(&self, channels: impl IntoIterator<Item = (Snowflake, Lacking)>) {
        let mut map = self.map();
        for (channel, mut now) in channels {
            let before = map.get(&channel);
            now.name = now.name.or_else(|| before?.name.clone());
            map.insert(channel, now);
        }
        drop(map);
        self.learnt.send_replace(());
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

    /// Returns once it `is_so`, of what is looked at here and whenever something was learnt.
    pub fn until(&self, is_so: impl Fn() -> bool) -> impl Future<Output = ()> {
        let mut learnt = self.learnt.subscribe();
        async move {
            // The sender lives as long as this.
            learnt.wait_for(|()| is_so()).await.ok();
        }
    }

    fn map(&self) -> MutexGuard<'_, BTreeMap<Snowflake, Lacking>> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Permissions in Discord's words.
pub(super) fn words(permissions: &[&str]) -> Vec<String> {
    permissions.iter().map(|name| (*name).to_owned()).collect()
}
