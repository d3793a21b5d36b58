//! The data folder: who owns it, and its files' names and permissions.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::errors::OpenError;

/// A waiting process looks this often whether the owner has left.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Stands in a data folder that is being erased, of all its stores.
pub const ERASING_MARKER: &str = "husting.erasing";

/// Which of a data folder's stores: each is a file with a lock of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreFile {
    /// `husting.db`: everything.
    Husting,
    /// `discord.db`: the journal of a Discord bridge that runs alone.
    Discord,
}

impl StoreFile {
    /// What its files' names begin with.
    pub(super) const fn stem(self) -> &'static str {
        match self {
            Self::Husting => "husting",
            Self::Discord => "discord",
        }
    }

    /// What it is called in the data folder.
    #[must_use]
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Husting => "husting.db",
            Self::Discord => "discord.db",
        }
    }

    /// What is locked by the process that works on it, and signed with its number.
    #[must_use]
    pub const fn lock_name(self) -> &'static str {
        match self {
            Self::Husting => "husting.lock",
            Self::Discord => "discord.lock",
        }
    }
}

/// The paths below a data folder, of one of its stores.
#[derive(Clone, Debug)]
pub struct Home {
    folder: PathBuf,
    file: StoreFile,
}

impl Home {
    /// Makes the folder, open to this user alone, where it is not there yet. The permissions of a
    /// folder that was there are the operator's.
    pub fn at(path: &Path, file: StoreFile) -> Result<Self, OpenError> {
        make_folder(path).map_err(|source| OpenError::Folder {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self::of(path, file))
    }

    /// The same, of a folder that somebody else makes.
    pub fn of(path: &Path, file: StoreFile) -> Self {
        Self {
            folder: path.to_owned(),
            file,
        }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn file(&self) -> StoreFile {
        self.file
    }

    pub fn database(&self) -> PathBuf {
        self.folder.join(self.file.file_name())
    }

    pub fn backups(&self) -> PathBuf {
        self.folder.join("backups")
    }

    pub fn marker(&self) -> PathBuf {
        self.folder.join(ERASING_MARKER)
    }

    pub fn lock_file(&self) -> PathBuf {
        self.folder.join(self.file.lock_name())
    }

    /// Makes the file, readable by this user alone, so that the engine never makes it wider;
    /// the log beside it takes its permissions.
    pub fn make_database(&self) -> Result<(), OpenError> {
        let path = self.database();
        match private_file(&path) {
            Ok(_) => sync_folder(&self.folder),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        }
        .map_err(|source| OpenError::File { path, source })
    }

    /// Takes the store for this process.
    pub fn lock(&self) -> Result<Lock, OpenError> {
        let failed = |source: io::Error| {
            let lock = self.lock_file();
            // One that another user's process left: the folder itself is ours.
            if source.kind() == io::ErrorKind::PermissionDenied && lock.exists() {
                return OpenError::File { path: lock, source };
            }
            OpenError::Folder {
                path: self.folder.clone(),
                source,
            }
        };
        let mut file = private(
            OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false),
        )
        .open(self.lock_file())
        .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(OpenError::Owned {
                    home: self.folder.clone(),
                    holder: holder(&mut file),
                });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        sign(&mut file).map_err(failed)?;
        Ok(Lock { file })
    }

    /// Takes the store as soon as its owner leaves it, for `patience` at most.
    pub async fn lock_waiting(&self, patience: Duration) -> Result<Lock, OpenError> {
        let end = tokio::time::Instant::now() + patience;
        loop {
            match self.lock() {
                Err(OpenError::Owned { .. }) if tokio::time::Instant::now() < end => {
                    tokio::time::sleep(LOOK_AGAIN).await;
                }
                outcome => return outcome,
            }
        }
    }
}

/// Ownership of a store, until dropped. The file stays; only its lock means anything.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Drop for Lock {
    /// Closing the file alone would leave the lock, for a moment, to a child process that another thread is
    /// starting: it has a copy of the file until its own program begins.
    fn drop(&mut self) {
        if let Err(error) = self.file.unlock() {
            tracing::debug!(%error, "the store's lock ends with its file");
        }
    }
}

/// Writes this process's id for whoever comes second.
fn sign(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

/// Makes a folder open to this user alone, with those above it, unless it is there.
pub fn make_folder(path: &Path) -> io::Result<()> {
    let mut folder = DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.create(path)
}

/// Makes a new file that only this user reads.
pub fn private_file(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().write(true).create_new(true)).open(path)
}

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Flushes a folder's own entries, so that a new or renamed file survives a power cut.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    // Only Unix opens folders as files.
    if cfg!(unix) {
        fs::File::open(path)?.sync_all()
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_that_was_left_is_free_while_a_child_that_begins_has_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::of(folder.path(), StoreFile::Husting);
        let left = home.lock().unwrap();
        let inherited = left.file.try_clone().unwrap();
        drop(left);
        home.lock().unwrap();
        drop(inherited);
    }
}
