//! Waiting by the console's clock for a store that may be usable again, or for a moment to come,
//! no longer than the program lives.

use std::sync::{Arc, Weak};

use husting_clock::SharedClock;
use husting_domain::time::Timestamp;

use crate::Inner;

/// Between two attempts to use a store that fails, in milliseconds.
const STORE_MILLIS: i64 = 2_000;
/// Between two looks for space on a full disk, in milliseconds.
const SPACE_MILLIS: i64 = 5_000;

impl Inner {
    /// Rests before the store is tried again; false where the program ends instead.
    pub(crate) async fn rest_before_retry(&self) -> bool {
        tokio::select! {
            () = self.clock.sleep_until(self.now().plus_millis(STORE_MILLIS)) => true,
            () = self.shutdown.cancelled() => false,
        }
    }
}

/// Returns at a moment of the clock; never where there is none.
pub(crate) async fn due(clock: &SharedClock, moment: Option<Timestamp>) {
    match moment {
        Some(moment) => clock.sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// The console a while later, to look for space again; `None` once it is closed.
pub(crate) async fn until_space_may_be(inner: &Weak<Inner>) -> Option<Arc<Inner>> {
    until(inner, |console| console.now().plus_millis(SPACE_MILLIS)).await
}

/// The console at a moment of its clock; `None` once it is closed. Nothing is held meanwhile, so
/// that a console which is dropped unclosed is gone.
pub(crate) async fn until(
    inner: &Weak<Inner>,
    moment: impl FnOnce(&Inner) -> Timestamp,
) -> Option<Arc<Inner>> {
    let (clock, shutdown, moment) = {
        let console = inner.upgrade()?;
        (
            console.clock.clone(),
            console.shutdown.clone(),
            moment(&console),
        )
    };
    tokio::select! {
        () = clock.sleep_until(moment) => inner.upgrade(),
        () = shutdown.cancelled() => None,
    }
}
