//! The connection to the keyring: made at the first question and made again when it broke, since
//! a session bus and its keyring may end and come back while Husting runs.

use std::collections::HashMap;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use keyring_core::{CredentialStore, Entry, Error};

/// What every entry of ours is filed under.
const SERVICE: &str = "husting";

pub type Connected = keyring_core::Result<Arc<CredentialStore>>;

/// Whether a keyring was searched for entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Searched {
    /// From end to end.
    Whole,
    /// It finds an entry by its name alone.
    CannotBe,
}

/// Why the keyring did not do what it was asked.
#[derive(Debug)]
pub enum Fault {
    /// It was given up before it answered at all.
    Silent(Duration),
    /// What it said.
    Said(Error),
}

impl From<Error> for Fault {
    fn from(said: Error) -> Self {
        Self::Said(said)
    }
}

pub struct Line {
    connect: Arc<dyn Fn() -> Connected + Send + Sync>,
    /// The longest that a connection is waited for.
    limit: Duration,
    /// The last connection that was made; it may have broken since.
    held: Mutex<Option<Arc<CredentialStore>>>,
}

impl Line {
    pub fn to(connect: impl Fn() -> Connected + Send + Sync + 'static, limit: Duration) -> Self {
        Self {
            connect: Arc::new(connect),
            limit,
            held: Mutex::new(None),
        }
    }

    /// Asks about the entry of `user`; the question may be put twice.
    pub fn ask_about<T>(
        &self,
        user: &str,
        question: impl Fn(&Entry) -> keyring_core::Result<T>,
    ) -> Result<T, Fault> {
        self.ask(|store| question(&store.build(SERVICE, user, None)?))
    }

    /// Deletes all entries whose user begins so, as far as the keyring finds entries by their service.
    pub fn delete_all(&self, beginning: &str) -> Result<Searched, Fault> {
        self.ask(|store| {
            let found = match store.search(&HashMap::from([("service", SERVICE)])) {
                Err(Error::NotSupportedByStore(_)) => return Ok(Searched::CannotBe),
                found => found?,
            };
            for entry in found {
                if is_of(&entry, beginning)? {
                    absent_is_none(entry.delete_credential())?;
                }
            }
            Ok(Searched::Whole)
        })
    }

    /// A question may be put twice: over the connection at hand and, when that has broken, over a new
    /// one.
    fn ask<T>(
        &self,
        question: impl Fn(&CredentialStore) -> keyring_core::Result<T>,
    ) -> Result<T, Fault> {
        let known = self.held().clone();
        if let Some(store) = known {
            match question(&*store) {
                Err(Error::PlatformFailure(fault)) => {
                    tracing::debug!(%fault, "the keyring is asked over a new connection");
                }
                answer => return Ok(answer?),
            }
        }
        let fresh = self.connected()?;
        *self.held() = Some(fresh.clone());
        Ok(question(&*fresh)?)
    }

    /// A bus starts what is to keep secrets and waits for it for minutes; one that hangs never answers. No person has a
    /// hand in that yet. The thread is nobody's to wait for, so that a program may end before it; whatever it brings
    /// after the limit is closed again, with nothing asked of it.
    fn connected(&self) -> Result<Arc<CredentialStore>, Fault> {
        let (connect, (tell, told)) = (self.connect.clone(), channel());
        thread::Builder::new()
            .name("keyring".to_owned())
            .spawn(move || {
                if tell.send(connect()).is_err() {
                    tracing::info!("the keyring was given up before it answered");
                }
            })
            .map_err(|fault| Error::PlatformFailure(fault.into()))?;
        match told.recv_timeout(self.limit) {
            Ok(connected) => Ok(connected?),
            Err(RecvTimeoutError::Timeout) => Err(Fault::Silent(self.limit)),
            Err(fault @ RecvTimeoutError::Disconnected) => {
                Err(Error::PlatformFailure(fault.into()).into())
            }
        }
    }

    fn held(&self) -> MutexGuard<'_, Option<Arc<CredentialStore>>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether an entry that was found is one of Husting's whose user begins so.
fn is_of(entry: &Entry, beginning: &str) -> keyring_core::Result<bool> {
    match entry.get_specifiers() {
        Some((service, user)) => Ok(service == SERVICE && user.starts_with(beginning)),
        // Ours have a user. Where the system did not tell it, it says here why.
        None => entry.get_attributes().map(|_| false),
    }
}

/// What is not there is no failure.
pub fn absent_is_none<T>(answer: keyring_core::Result<T>) -> keyring_core::Result<Option<T>> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(Error::NoEntry) => Ok(None),
        Err(fault) => Err(fault),
    }
}
