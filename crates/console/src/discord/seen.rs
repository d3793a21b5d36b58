//! What Discord said of channels when it was asked last: lost when the program ends.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use husting_discord::examination::Lacking;
use husting_domain::discord::Snowflake;
use tokio::sync::watch;

/// Channels and threads that Discord told of.
#[derive(Debug, Default)]
pub(super) struct Seen {
    channels: Mutex<BTreeMap<Snowflake, Channel>>,
    learnt: watch::Sender<()>,
}

/// One of them.
#[derive(Debug, Default)]
struct Channel {
    /// As it is called, or was when it was shown to the bot last.
    name: Option<String>,
    /// What the bot may not do there; none once that may be another thing.
    lacking: Option<Lacking>,
}

impl Seen {
    /// This is how they are now. One that is no longer shown to the bot keeps its name.
    pub fn learn(&self, channels: impl IntoIterator<Item = (Snowflake, Lacking)>) {
        let mut map = self.map();
        for (id, now) in channels {
            let channel = map.entry(id).or_default();
            channel.name = now.name.clone().or(channel.name.take());
            channel.lacking = Some(now);
        }
        drop(map);
        self.learnt.send_replace(());
    }

    /// What the bot may do may be another thing by now; they are called what they were.
    pub fn doubt(&self) {
        for channel in self.map().values_mut() {
            channel.lacking = None;
        }
    }

    /// Another bot sees other channels.
    pub fn forget(&self) {
        self.map().clear();
    }

    /// What they are called.
    pub fn names(&self) -> BTreeMap<Snowflake, String> {
        let named = |(id, seen): (&Snowflake, &Channel)| Some((*id, seen.name.clone()?));
        self.map().iter().filter_map(named).collect()
    }

    /// What the bot may not do there of what it needs; none where Discord was not asked.
    pub fn lacking(&self, channel: Snowflake) -> Option<Vec<String>> {
        let map = self.map();
        let lacking = map.get(&channel)?.lacking.as_ref()?;
        Some(words(&lacking.needed))
    }

    /// Discord was asked and does not show it to the bot.
    pub fn is_unseen(&self, channel: Snowflake) -> bool {
        let map = self.map();
        let seen = map.get(&channel).and_then(|seen| seen.lacking.as_ref());
        seen.is_some_and(|lacking| lacking.is_unseen)
    }

    /// Returns once it `is_so`, of what is looked at here and whenever something was learnt.
    pub fn until(&self, is_so: impl Fn() -> bool) -> impl Future<Output = ()> {
        let mut learnt = self.learnt.subscribe();
        async move {
            // The sender lives as long as this.
            learnt.wait_for(|()| is_so()).await.ok();
        }
    }

    fn map(&self) -> MutexGuard<'_, BTreeMap<Snowflake, Channel>> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Permissions in Discord's words.
pub(super) fn words(permissions: &[&str]) -> Vec<String> {
    permissions.iter().map(|name| (*name).to_owned()).collect()
}
