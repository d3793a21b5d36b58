//! The system's keyring: the Secret Service on Linux, the keychain on macOS, the credential
//! manager on Windows. Its calls block and may wait for a person who types a password.

mod line;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use keyring_core::{Entry, Error};
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use self::line::{Fault, Line, Searched, absent_is_none};
use crate::threads::blocking;
use crate::{SecretStore, SecretsError, checked};

/// The longest that a keyring has to answer at all. One that is there does in a moment; whoever is then asked for its
/// password has their time.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// Keeps each secret as an entry of its own, service `husting`, user `<namespace>/<name>`.
pub struct KeyringStore {
    namespace: String,
    line: Arc<Line>,
}

impl KeyringStore {
    /// Proves by writing and deleting an entry that a keyring answers and is unlocked. Reading
    /// would prove nothing: a keyring never unlocked says that there is no such entry. A failure
    /// is not remembered; the next call asks the system afresh.
    ///
    /// # Errors
    /// [`SecretsError::NoKeyring`], [`SecretsError::KeyringSilent`] and [`SecretsError::KeyringLocked`] above all.
    pub async fn open(namespace: &str) -> Result<Self, SecretsError> {
        Self::open_on(Line::to(connect, ANSWER_LIMIT), namespace).await
    }

    async fn open_on(line: Line, namespace: &str) -> Result<Self, SecretsError> {
        let line = Arc::new(line);
        let store = Self {
            namespace: namespace.to_owned(),
            line,
        };
        let probe = probe_name()?;
        store
            .ask(&probe, |entry| {
                entry.set_secret(b"probe")?;
                entry.delete_credential()
            })
            .await?;
        Ok(store)
    }

    /// Deletes every secret of the namespace, also those whose names nobody knows any more. False where this
    /// system's keyring cannot be searched; nothing was deleted then.
    ///
    /// # Errors
    /// When the keyring cannot be read or written; some may be deleted then.
    pub async fn delete_all(&self) -> Result<bool, SecretsError> {
        let (line, beginning) = (self.line.clone(), format!("{}/", self.namespace));
        let deleting = blocking(move || line.delete_all(&beginning).map_err(refused));
        Ok(deleting.await? == Searched::Whole)
    }

    async fn ask<T: Send + 'static>(
        &self,
        name: &str,
        question: impl Fn(&Entry) -> keyring_core::Result<T> + Send + 'static,
    ) -> Result<T, SecretsError> {
        checked(name)?;
        let user = format!("{}/{name}", self.namespace);
        let line = self.line.clone();
        blocking(move || line.ask_about(&user, question).map_err(refused)).await
    }
}

#[async_trait]
impl SecretStore for KeyringStore {
    async fn get(&self, name: &str) -> Result<Option<SecretString>, SecretsError> {
        let found = self.ask(name, |entry| {
            absent_is_none(entry.get_secret().map(Zeroizing::new))
        });
        let Some(bytes) = found.await? else {
            return Ok(None);
        };
        let text = str::from_utf8(&bytes).map_err(|_| SecretsError::KeyringRefused {
            system_words: "the entry is not text".to_owned(),
        })?;
        Ok(Some(SecretString::from(text)))
    }

    async fn put(&self, name: &str, secret: &SecretString) -> Result<(), SecretsError> {
        let secret = secret.clone();
        self.ask(name, move |entry| {
            entry.set_secret(secret.expose_secret().as_bytes())
        })
        .await
    }

    async fn delete(&self, name: &str) -> Result<(), SecretsError> {
        self.ask(name, |entry| absent_is_none(entry.delete_credential()))
            .await
            .map(Option::unwrap_or_default)
    }
}

impl fmt::Debug for KeyringStore {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("KeyringStore")
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}

/// The keyring's failures in our words. `BadEncoding` and `BadDataFormat` carry the secret: their
/// own text leaves it out, and nothing else of them is kept.
fn refused(fault: Fault) -> SecretsError {
    let said = match fault {
        Fault::Silent(limit) => return SecretsError::KeyringSilent { limit },
        Fault::Said(said) => said,
    };
    match said {
        Error::PlatformFailure(words) => SecretsError::NoKeyring {
            system_words: words.to_string(),
        },
        Error::NoStorageAccess(words) => SecretsError::KeyringLocked {
            system_words: words.to_string(),
        },
        other => SecretsError::KeyringRefused {
            system_words: other.to_string(),
        },
    }
}

/// A name of its own for each probe: two programs may start at once.
fn probe_name() -> Result<String, SecretsError> {
    let number = getrandom::u64().map_err(|source| SecretsError::Io {
        doing: "draw a random number".to_owned(),
        source: source.into(),
    })?;
    Ok(format!(".probe-{number:016x}"))
}

#[cfg(all(unix, not(target_os = "macos")))]
fn connect() -> line::Connected {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn connect() -> line::Connected {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn connect() -> line::Connected {
    Ok(windows_native_keyring_store::Store::new()?)
}
