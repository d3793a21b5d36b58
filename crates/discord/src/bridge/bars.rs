//! What the bot may not do in a channel: learnt once for each, and forgotten when permissions change.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use husting_domain::discord::Snowflake;

/// Channels in which one thing is barred.
#[derive(Debug, Default)]
pub struct Bars(Mutex<HashSet<Snowflake>>);

impl Bars {
    /// Whether it may be tried there.
    pub fn may(&self, channel: Snowflake) -> bool {
        !self.set().contains(&channel)
    }

    /// Discord refused it there.
    pub fn bar(&self, channel: Snowflake) {
        self.set().insert(channel);
    }

    /// Permissions may have changed.
    pub fn forget(&self) {
        self.set().clear();
    }

    fn set(&self) -> MutexGuard<'_, HashSet<Snowflake>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
