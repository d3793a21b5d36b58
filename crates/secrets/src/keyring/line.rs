//! The connection to the keyring: made at the first question and made again when it broke, since
//! a session bus and its keyring may end and come back while Husting runs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keyring_core::{CredentialStore, Entry, Error};

/// What every entry of ours is filed under.
const SERVICE: &str = "husting";

pub type Connected = keyring_core::Result<Arc<CredentialStore>>;

pub struct Line {
    connect: Box<dyn Fn() -> Connected + Send + Sync>,
    /// The last connection that was made; it may have broken since.
    held: Mutex<Option<Arc<CredentialStore>>>,
}

impl Line {
    pub fn to(connect: impl Fn() -> Connected + Send + Sync + 'static) -> Self {
        Self {
            connect: Box::new(connect),
            held: Mutex::new(None),
        }
    }

    /// Asks about the entry of `user`. The question may be put twice: over the connection at hand
    /// and, when that has broken, over a new one.
    pub fn ask<T>(
        &self,
        user: &str,
        question: impl Fn(&Entry) -> keyring_core::Result<T>,
    ) -> keyring_core::Result<T> {
        let known = self.held().clone();
        if let Some(store) = known {
            match store
                .build(SERVICE, user, None)
                .and_then(|entry| question(&entry))
            {
                Err(Error::PlatformFailure(fault)) => {
                    tracing::debug!(%fault, "the keyring is asked over a new connection");
                }
                answer => return answer,
            }
        }
        let fresh = (self.connect)()?;
        *self.held() = Some(fresh.clone());
        question(&fresh.build(SERVICE, user, None)?)
    }

    fn held(&self) -> MutexGuard<'_, Option<Arc<CredentialStore>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
