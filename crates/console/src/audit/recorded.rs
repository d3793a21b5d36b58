//! The store, telling when a row of the audit log is on disk.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use husting_store::{CommitError, Kept, Store, Unit, Write};
use tokio::sync::Notify;

/// Who did what nobody asked for.
const HUSTING: &str = "husting";

/// The store as everything in the console uses it.
pub(crate) struct Recorded {
    store: Arc<dyn Store>,
    written: Arc<Notify>,
    /// Somebody else than Husting itself did something, in this run.
    has_acts: AtomicBool,
}

impl Recorded {
    pub fn over(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            written: Arc::default(),
            has_acts: AtomicBool::default(),
        }
    }

    /// The store itself, for a part of the program that writes no row of the log.
    pub fn engine(&self) -> Arc<dyn Store> {
        self.store.clone()
    }

    /// As [`Store::commit`], and wakes whoever seals the log.
    ///
    /// # Errors
    /// The store's own.
    pub async fn commit(&self, unit: Unit) -> Result<Kept, CommitError> {
        let (mut is_audited, mut is_act) = (false, false);
        for write in &unit.writes {
            if let Write::Audit(entry) = write {
                is_audited = true;
                is_act |= entry.actor != HUSTING;
            }
        }
        let outcome = self.store.commit(unit).await;
        // Also after a fault: it may be the answer alone that was lost.
        self.has_acts.fetch_or(is_act, Ordering::Relaxed);
        if is_audited {
            self.written.notify_one();
        }
        outcome
    }

    /// Whether somebody else than Husting itself did something since the program began.
    pub fn has_acts(&self) -> bool {
        self.has_acts.load(Ordering::Relaxed)
    }

    /// There may be something to seal.
    pub fn wake(&self) {
        self.written.notify_one();
    }

    pub fn written(&self) -> Arc<Notify> {
        self.written.clone()
    }
}

impl Deref for Recorded {
    type Target = dyn Store;

    fn deref(&self) -> &Self::Target {
        &*self.store
    }
}

impl AsRef<dyn Store> for Recorded {
    fn as_ref(&self) -> &(dyn Store + 'static) {
        &*self.store
    }
}
