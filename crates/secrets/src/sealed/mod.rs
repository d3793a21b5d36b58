//! A file in which all secrets are sealed together, for machines without a keyring. Nothing of it
//! stays open in memory but the key: each call reads the file, so two handles agree.

mod disk;
mod entries;
mod kdf;
mod seal;
mod text;
mod unlock;

// They set modes and make links.
#[cfg(test)]
#[cfg(unix)]
mod tests;

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use async_trait::async_trait;
use secrecy::SecretString;

pub use self::unlock::Unlock;

use self::entries::Entries;
use self::kdf::Cost;
use self::seal::Seal;
use crate::threads::blocking;
use crate::{SecretStore, SecretsError, checked};

/// Held from reading the file to replacing it, so that two writers of this process do not undo
/// each other, whichever handles they hold. Other processes are kept off by the store's lock.
static WRITING: Mutex<()> = Mutex::new(());

/// An unlocked sealed file. XChaCha20-Poly1305 under an Argon2id key; each `put` and `delete`
/// replaces the whole file at once.
#[derive(Clone)]
pub struct SealedFile(Arc<Opened>);

struct Opened {
    path: PathBuf,
    sealing: Sealing,
}

enum Sealing {
    By(Seal),
    /// Where nothing stands at the path, the first secret makes the seal and the file.
    Later(Unlock, OnceLock<Seal>),
}

impl SealedFile {
    /// Makes an empty sealed file, of mode 0600.
    ///
    /// # Errors
    /// [`SecretsError::Exists`] where there is one; what is wrong with the key file; the disk's.
    pub async fn create(path: &Path, unlock: Unlock) -> Result<Self, SecretsError> {
        Self::create_at(path, unlock, Cost::USUAL).await
    }

    async fn create_at(path: &Path, unlock: Unlock, cost: Cost) -> Result<Self, SecretsError> {
        let path = path.to_owned();
        blocking(move || {
            if Self::exists(&path) {
                return Err(SecretsError::Exists);
            }
            let seal = Seal::new(&unlock, cost)?;
            disk::stage(&path, &seal.close(&Entries::default())?)?.create()?;
            Ok(Self::at(path, Sealing::By(seal)))
        })
        .await
    }

    /// One that is made, as by [`create`](Self::create), once it has something to keep: a command
    /// that keeps nothing derives no key.
    ///
    /// # Errors
    /// [`SecretsError::Exists`] where there is one; what is wrong with the key file.
    pub async fn create_later(path: &Path, unlock: Unlock) -> Result<Self, SecretsError> {
        let path = path.to_owned();
        blocking(move || {
            if Self::exists(&path) {
                return Err(SecretsError::Exists);
            }
            // What is wrong with it shows now.
            unlock.material()?;
            Ok(Self::at(path, Sealing::Later(unlock, OnceLock::new())))
        })
        .await
    }

    /// Unlocks a sealed file and reads it once, so that damage shows now.
    ///
    /// # Errors
    /// [`SecretsError::WiderPermissions`], [`SecretsError::WrongPassphrase`],
    /// [`SecretsError::WrongKeyFile`], [`SecretsError::OtherUnlock`] and
    /// [`SecretsError::Damaged`] above all.
    pub async fn open(path: &Path, unlock: Unlock) -> Result<Self, SecretsError> {
        let path = path.to_owned();
        blocking(move || {
            // Replacing a link would leave the file it points to behind.
            let path = fs::canonicalize(&path).map_err(SecretsError::io("find", &path))?;
            let bytes = disk::read(&path)?;
            let seal = Seal::unlock(&path, &bytes, &unlock)?;
            seal.open(&path, &bytes)?;
            Ok(Self::at(path, Sealing::By(seal)))
        })
        .await
    }

    /// Whether something stands at `path`; what it is, [`open`](Self::open) says.
    #[must_use]
    pub fn exists(path: &Path) -> bool {
        let found = fs::symlink_metadata(path);
        !found.is_err_and(|fault| fault.kind() == io::ErrorKind::NotFound)
    }

    fn at(path: PathBuf, sealing: Sealing) -> Self {
        Self(Arc::new(Opened { path, sealing }))
    }

    /// Replaces the file when `change` says that it changed something.
    async fn rewrite(
        &self,
        change: impl FnOnce(&mut Entries) -> bool + Send + 'static,
    ) -> Result<(), SecretsError> {
        let opened = self.0.clone();
        blocking(move || {
            let _turn = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
            let is_new = opened.is_unmade();
            let mut entries = opened.entries()?;
            if !change(&mut entries) {
                return Ok(());
            }
            let staged = disk::stage(&opened.path, &opened.seal()?.close(&entries)?)?;
            if is_new {
                staged.create()
            } else {
                staged.replace()
            }
        })
        .await
    }
}

impl Opened {
    fn is_unmade(&self) -> bool {
        matches!(self.sealing, Sealing::Later(..)) && !SealedFile::exists(&self.path)
    }

    fn seal(&self) -> Result<&Seal, SecretsError> {
        let (unlock, made) = match &self.sealing {
            Sealing::By(seal) => return Ok(seal),
            Sealing::Later(unlock, made) => (unlock, made),
        };
        if let Some(seal) = made.get() {
            return Ok(seal);
        }
        let seal = Seal::new(unlock, Cost::USUAL)?;
        Ok(made.get_or_init(|| seal))
    }

    fn entries(&self) -> Result<Entries, SecretsError> {
        if self.is_unmade() {
            return Ok(Entries::default());
        }
        self.seal()?.open(&self.path, &disk::read(&self.path)?)
    }
}

#[async_trait]
impl SecretStore for SealedFile {
    async fn get(&self, name: &str) -> Result<Option<SecretString>, SecretsError> {
        checked(name)?;
        let (opened, name) = (self.0.clone(), name.to_owned());
        blocking(move || Ok(opened.entries()?.remove(&name))).await
    }

    async fn put(&self, name: &str, secret: &SecretString) -> Result<(), SecretsError> {
        checked(name)?;
        let (name, secret) = (name.to_owned(), secret.clone());
        self.rewrite(move |entries| {
            entries.insert(name, secret);
            true
        })
        .await
    }

    async fn delete(&self, name: &str) -> Result<(), SecretsError> {
        checked(name)?;
        let name = name.to_owned();
        self.rewrite(move |entries| entries.remove(&name).is_some())
            .await
    }
}

impl fmt::Debug for SealedFile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SealedFile")
            .field("path", &self.0.path)
            .finish_non_exhaustive()
    }
}
