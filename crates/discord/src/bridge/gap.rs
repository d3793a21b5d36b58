//! What was not heard between a lost session and the one in its place, until it is read.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use husting_domain::discord::Snowflake;

/// The gap before the session that is heard now, if there is one.
#[derive(Debug, Default)]
pub struct Gap(Mutex<Option<Open>>);

#[derive(Debug)]
struct Open {
    /// The last moment that was heard, as an id.
    since: Snowflake,
    /// Servers whose threads are still to be read; none before the new session has named them.
    unread: Option<BTreeSet<Snowflake>>,
}

impl Gap {
    /// A session was lost, in which this was the last moment that was heard.
    pub fn open(&self, since: Option<Snowflake>) {
        *self.lock() = since.map(|since| Open {
            since,
            unread: None,
        });
    }

    /// The new session has these servers, each of which it will tell of once.
    pub fn of_servers(&self, servers: impl IntoIterator<Item = Snowflake>) {
        let mut gap = self.lock();
        let Some(open) = gap.as_mut() else { return };
        let servers: BTreeSet<_> = servers.into_iter().collect();
        if servers.is_empty() {
            *gap = None;
        } else {
            open.unread = Some(servers);
        }
    }

    /// From where the threads of a server are to be read; none where that was done, and for one that
    /// the bot came to later.
    pub fn before(&self, server: Snowflake) -> Option<Snowflake> {
        let gap = self.lock();
        let open = gap.as_ref()?;
        let is_unread = open
            .unread
            .as_ref()
            .is_none_or(|servers| servers.contains(&server));
        is_unread.then_some(open.since)
    }

    /// The threads of a server are read. With the last server the gap is closed.
    pub fn read(&self, server: Snowflake) {
        let mut gap = self.lock();
        let unread = gap.as_mut().and_then(|open| open.unread.as_mut());
        let Some(unread) = unread else { return };
        unread.remove(&server);
        if unread.is_empty() {
            *gap = None;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Open>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(id: u64) -> Snowflake {
        Snowflake::new(id).unwrap()
    }

    #[test]
    fn each_server_of_the_new_session_is_read_once_and_none_that_comes_later() {
        let gap = Gap::default();
        gap.open(Some(id(90)));
        gap.of_servers([id(1), id(2)]);
        assert_eq!(gap.before(id(1)), Some(id(90)));
        assert_eq!(gap.before(id(3)), None, "the bot came to it later");
        gap.read(id(1));
        assert_eq!(gap.before(id(1)), None, "it was read");
        assert_eq!(gap.before(id(2)), Some(id(90)));
        gap.read(id(2));
        assert!(gap.lock().is_none(), "nothing is left");
    }

    #[test]
    fn before_the_session_names_its_servers_any_may_be_one_of_them() {
        let gap = Gap::default();
        assert_eq!(gap.before(id(1)), None, "nothing was lost");
        gap.open(Some(id(90)));
        assert_eq!(gap.before(id(1)), Some(id(90)));
        gap.read(id(1));
        assert_eq!(gap.before(id(1)), Some(id(90)));
        gap.of_servers([]);
        assert_eq!(gap.before(id(1)), None);
    }

    #[test]
    fn a_session_lost_anew_begins_a_new_gap() {
        let gap = Gap::default();
        gap.open(Some(id(90)));
        gap.of_servers([id(1)]);
        gap.open(Some(id(95)));
        assert_eq!(gap.before(id(1)), Some(id(95)));
        gap.open(None);
        assert_eq!(gap.before(id(1)), None);
    }
}
