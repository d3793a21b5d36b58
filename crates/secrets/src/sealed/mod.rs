//! A file in which all secrets are sealed together, for machines without a keyring. Nothing of it
//! stays open in memory but the key, or what unlocks a file that is yet to be made: each call reads
//! the file, so two handles agree.

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
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
    sealing: Mutex<Sealing>,
}

enum Sealing {
    By(Arc<Seal>),
    /// Nothing stands at the path yet: the first secret makes the seal and the file.
    Later(Unlock),
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
            Ok(Self::at(path, Sealing::By(Arc::new(seal))))
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
            Ok(Self::at(path, Sealing::Later(unlock)))
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
            Ok(Self::at(path, Sealing::By(Arc::new(seal))))
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
        let sealing = Mutex::new(sealing);
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
            let mut entries = opened.entries()?;
            if !change(&mut entries) {
                return Ok(());
            }
            match opened.seal()? {
                Some(seal) => disk::stage(&opened.path, &seal.close(&entries)?)?.replace(),
                None => opened.make(&entries),
            }
        })
        .await
    }
}

impl Opened {
    fn sealing(&self) -> MutexGuard<'_, Sealing> {
        self.sealing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The seal; `None` where the file is yet to be made.
    fn seal(&self) -> Result<Option<Arc<Seal>>, SecretsError> {
        let mut sealing = self.sealing();
        let unlock = match &*sealing {
            Sealing::By(seal) => return Ok(Some(seal.clone())),
            Sealing::Later(unlock) => unlock,
        };
        if !SealedFile::exists(&self.path) {
            return Ok(None);
        }
        // Another handle made it.
        let seal = Seal::unlock(&self.path, &disk::read(&self.path)?, unlock)?;
        let seal = Arc::new(seal);
        *sealing = Sealing::By(seal.clone());
        Ok(Some(seal))
    }

    /// The file with the first secrets in it. Where that fails, the next one makes it.
    fn make(&self, entries: &Entries) -> Result<(), SecretsError> {
        let mut sealing = self.sealing();
        let seal = match &*sealing {
            Sealing::By(seal) => seal.clone(),
            Sealing::Later(unlock) => Arc::new(Seal::new(unlock, Cost::USUAL)?),
        };
        disk::stage(&self.path, &seal.close(entries)?)?.create()?;
        *sealing = Sealing::By(seal);
        Ok(())
    }

    fn entries(&self) -> Result<Entries, SecretsError> {
        match self.seal()? {
            Some(seal) => seal.open(&self.path, &disk::read(&self.path)?),
            None => Ok(Entries::default()),
        }
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
