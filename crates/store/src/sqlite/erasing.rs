//! A data folder that is being erased. A marker stands in it from before the first file goes until the last one
//! has gone, and no store is opened beside it: whenever the program is killed, the next one ends the work, and
//! half a store is never taken for a whole one.

use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use super::backups;
use super::home::{Home, Lock, StoreFile, private_file, sync_folder};
use crate::errors::OpenError;

/// A data folder that is this process's, before a store of it is opened.
#[derive(Debug)]
pub struct Held {
    pub(super) home: Home,
    pub(super) lock: Lock,
}

impl Held {
    /// Takes one of a folder's stores, making the folder where it is not there; waits for its present owner to
    /// leave for `patience` at most.
    ///
    /// # Errors
    /// [`OpenError::Owned`] and [`OpenError::Folder`].
    pub async fn wait(
        folder: &Path,
        file: StoreFile,
        patience: Duration,
    ) -> Result<Self, OpenError> {
        let home = Home::at(folder, file)?;
        let lock = home.lock_waiting(patience).await?;
        Ok(Self { home, lock })
    }

    /// What [`begin_erasing`] wrote; `None` where nothing is being erased.
    ///
    /// # Errors
    /// [`OpenError::File`] when the marker cannot be read.
    pub fn marker(&self) -> Result<Option<String>, OpenError> {
        let path = self.home.marker();
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(OpenError::File { path, source }),
        }
    }

    /// Takes the marker away: everything that was to go is gone.
    ///
    /// # Errors
    /// [`OpenError::File`]; the marker stands then, or goes at the next try.
    pub fn end_erasing(&self) -> Result<(), OpenError> {
        let path = self.home.marker();
        // What went before it must not come back with a power cut that the marker does not outlive.
        let ended = sync_folder(self.home.folder())
            .and_then(|()| fs::remove_file(&path))
            .and_then(|()| sync_folder(self.home.folder()));
        ended.map_err(|source| OpenError::File { path, source })
    }
}

/// Whether a process works on one of a folder's stores; nothing is made to find out.
///
/// # Errors
/// [`OpenError::Owned`] when one does.
pub fn refuse_owned(folder: &Path, file: StoreFile) -> Result<(), OpenError> {
    let home = Home::of(folder, file);
    if home.lock_file().exists() {
        home.lock()?;
    }
    Ok(())
}

/// Lays the marker, with what whoever ends the erasure has to know. From then on no store of the folder can be
/// opened before [`Held::end_erasing`].
///
/// # Errors
/// What the system said; there is no marker then.
pub fn begin_erasing(folder: &Path, text: &str) -> io::Result<()> {
    let marker = Home::of(folder, StoreFile::Husting).marker();
    let new = marker.with_extension("erasing-new");
    match fs::remove_file(&new) {
        Err(fault) if fault.kind() != io::ErrorKind::NotFound => return Err(fault),
        _ => {}
    }
    let mut file = private_file(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, &marker)?;
    sync_folder(folder)
}

/// Refuses a folder that is being erased.
pub fn refuse_marked(home: &Home) -> Result<(), OpenError> {
    match home.marker().symlink_metadata() {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(()),
        _ => Err(OpenError::Erasing {
            home: home.folder().to_owned(),
        }),
    }
}

/// Whether a file of this name, in a data folder itself, is a store's: its tables, what the engine puts beside
/// them, or a backup on its way in. Locks are none: they hold a process's number, and mean something as long as
/// they are there.
#[must_use]
pub fn is_store_file(name: &str) -> bool {
    let name = without_engines_suffix(name);
    [StoreFile::Husting, StoreFile::Discord].iter().any(|file| {
        name.strip_prefix(file.stem()).is_some_and(|rest| {
            [
                ".db",
                ".incoming",
                ".looking",
                ".replaced",
                ".restoring",
                ".erasing-new",
            ]
            .contains(&rest)
        })
    })
}

/// Whether a file of this name, in a data folder's `backups`, is a copy that the store made by itself.
#[must_use]
pub fn is_own_backup(name: &str) -> bool {
    let name = without_engines_suffix(name);
    let stem = name
        .strip_suffix(".db")
        .or_else(|| name.strip_suffix(".unfinished"));
    stem.is_some_and(backups::is_own_stem)
}

fn without_engines_suffix(name: &str) -> &str {
    ["-wal", "-shm", "-journal"]
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix))
        .unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stores_files_are_told_from_all_others() {
        for name in [
            "husting.db",
            "husting.db-wal",
            "husting.db-shm",
            "husting.restoring",
            "husting.incoming-journal",
            "husting.looking",
            "husting.replaced",
            "discord.db",
        ] {
            assert!(is_store_file(name), "{name}");
        }
        for name in [
            "husting.lock",
            "discord.lock",
            "husting.erasing",
            "mine.db",
            "husting.db.bak",
            "husting-2.db",
        ] {
            assert!(!is_store_file(name), "{name}");
        }
    }

    #[test]
    fn own_backups_are_told_from_those_that_the_operator_named() {
        for name in [
            "husting-2026-11-20.db",
            "husting-2026-11-20.unfinished",
            "husting-2026-11-20.unfinished-journal",
            "discord-2026-11-20.db",
            "version-3-2026-11-20T08-04-21.123Z.db",
            "discord-version-3-2026-11-20T08-04-21.123Z.db",
            "replaced-2026-11-20T08-04-21.123Z.db-wal",
        ] {
            assert!(is_own_backup(name), "{name}");
        }
        for name in [
            "husting-mine.db",
            "husting-.db",
            "before-the-move.db",
            "husting-2026-11-20.txt",
            "replaced-by-me.db",
        ] {
            assert!(!is_own_backup(name), "{name}");
        }
    }
}
