//! The store, telling when a row of the audit log is on disk.

use std::ops::Deref;
use std::sync::Arc;

use husting_store::{CommitError, Kept, Store, Unit, Write};
use tokio::sync::Notify;

/// The store as everything in the console uses it.
pub(crate) struct Recorded {
    store: Arc<dyn Store>,
    written: Arc<Notify>,
}

impl Recorded {
    pub fn over(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            written: Arc::default(),
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
        let is_audited = unit
            .writes
            .iter()
            .any(|write| matches!(write, Write::Audit(_)));
        let outcome = self.store.commit(unit).await;
        // Also after a fault: it may be the answer alone that was lost.
        if is_audited {
            self.written.notify_one();
        }
        outcome
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
