//! What can go wrong, one variant for each thing a person would do differently about it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use husting_domain::ids::TransactionId;
use husting_domain::ledger::Account;
use husting_domain::messages::Mailbox;
use husting_domain::system_words::without_os_numbers;

use crate::unit::Require;

/// What the engine said.
///
/// Shared, because one failed commit is told to every unit that was in it.
pub type Cause = Arc<dyn std::error::Error + Send + Sync>;

/// The engine could not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// No space is left.
    #[error("the disk is full: free some space and try again; nothing of this change was kept")]
    DiskFull(#[source] Cause),
    /// The files may not be written.
    #[error(
        "the store may not be written: check that the data folder belongs to you and its disk is not read-only"
    )]
    ReadOnly(#[source] Cause),
    /// The file's content makes no sense.
    #[error(
        "the store's file is damaged: restore a backup with `husting restore FILE`; backups are in its folder `backups`"
    )]
    Corrupt(#[source] Cause),
    /// Another program holds the file's lock.
    #[error("another program holds the store: close it and try again")]
    Locked(#[source] Cause),
    /// A read or a write of the disk failed.
    #[error("the disk answered with an error while {doing}")]
    Disk {
        /// What was under way.
        doing: &'static str,
        /// What the engine said.
        source: Cause,
    },
    /// A row does not read back as what was written.
    #[error("a stored {what} could not be read back")]
    Unreadable {
        /// Which column or table.
        what: &'static str,
        /// Why.
        source: Cause,
    },
    /// The engine refused for another reason.
    #[error("the store failed while {doing}")]
    Failed {
        /// What was under way.
        doing: &'static str,
        /// What the engine said.
        source: Cause,
    },
    /// [`crate::Store::close`] was called.
    #[error("the store is closed")]
    Closed,
}

/// Why a unit was not kept.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// A precondition did not hold.
    #[error("the change came too late: {0:?} does not hold any more")]
    Refused(Require),
    /// The writes break a rule of the data.
    #[error(transparent)]
    Constraint(#[from] Constraint),
    /// The engine failed; nothing was kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A rule of the data that a write would have broken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Constraint {
    /// Something with this key is there already.
    #[error("this {0} exists already")]
    Exists(&'static str),
    /// The row to change is not there, or has ended.
    #[error("this {0} is not there or has ended")]
    Absent(&'static str),
    /// The row to delete is still needed by another.
    #[error("this {0} names something that is not there, or is still in use")]
    Reference(&'static str),
    /// A value is out of its range.
    #[error("a value of this {0} is out of range")]
    Range(&'static str),
    /// A bucket would fall below zero.
    #[error("the bucket {} would fall below zero", .0.word())]
    BelowZero(Account),
    /// The entries do not sum to zero.
    #[error("the entries of transaction {0} do not sum to zero")]
    Unbalanced(TransactionId),
    /// A row of another tenant than the unit's.
    #[error("this {0} belongs to another tenant")]
    OtherTenant(&'static str),
    /// A mailbox holds as many unread messages as it may.
    #[error("this mailbox is full")]
    Full(Mailbox),
}

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data folder cannot be made or used.
    #[error("the data folder {} cannot be used: {}", path.display(), hindrance_of_folder(source))]
    Folder {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file in the data folder cannot be made or used.
    #[error("{} cannot be opened: {}", path.display(), hindrance(source))]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process owns the store.
    #[error("the store in {} is in use by {}: quit it first, or open its console with `husting console link`", home.display(), process(*.holder))]
    Owned {
        /// The data folder.
        home: PathBuf,
        /// The owner's process id, when it could be read.
        holder: Option<u32>,
    },
    /// Written by a newer Husting.
    #[error("the store in {} was written by a newer Husting (its version {found}, known here {known}): install that one, or restore an older backup", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The store's version.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// Not a file of Husting's.
    #[error("{} is not a Husting store: move it away, or restore a backup with `husting restore FILE`", path.display())]
    NotAStore {
        /// The file.
        path: PathBuf,
    },
    /// Bringing the tables up to date failed; the file is as it was.
    #[error("the store in {} could not be brought up to date; it is as it was: free some space if there is none, or install the Husting that wrote it", path.display())]
    Migrate {
        /// The file.
        path: PathBuf,
        /// What the engine said.
        source: Cause,
    },
    /// The copy that precedes every change of tables could not be made.
    #[error("the store was not brought up to date, because no backup of it could be made before")]
    Backup(#[from] BackupError),
    /// The backup that was to replace the store could not be put in its place, where both still are.
    #[error(
        "the backup that waits to be restored could not be put in the store's place ({source}): mend that and start again, or delete {} to go on with the store that is there",
        staged.display()
    )]
    Restore {
        /// The backup.
        staged: PathBuf,
        /// Why.
        source: BackupError,
    },
    /// All data of the folder is being erased.
    #[error("all data in {} is being erased, and that has not ended: start Husting on it, which ends it", home.display())]
    Erasing {
        /// The data folder.
        home: PathBuf,
    },
    /// The engine failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OpenError {
    /// Whether the data folder cannot be used, and another could be.
    #[must_use]
    pub const fn is_of_the_folder(&self) -> bool {
        matches!(self, Self::Folder { .. })
    }
}

/// What is wrong with a file or folder, and what mends it. The system's own words and number are the fault's source.
#[must_use]
pub fn hindrance(fault: &io::Error) -> String {
    match fault.kind() {
        io::ErrorKind::PermissionDenied => "the system does not let you; make it yours".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => {
            "its disk is read-only; make the disk writable".to_owned()
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "no space is left on its disk; free some".to_owned()
        }
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            "a file stands where a folder is to be; move it away".to_owned()
        }
        io::ErrorKind::NotFound => {
            "the folder around it is not there and cannot be made; make that one".to_owned()
        }
        _ => {
            let words = without_os_numbers(&fault.to_string());
            format!("the system says “{words}”; mend that")
        }
    }
}

/// The same of the data folder, which somebody may have named.
fn hindrance_of_folder(fault: &io::Error) -> String {
    match fault.kind() {
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            "it is a file or lies below one; move that file away".to_owned()
        }
        _ => hindrance(fault),
    }
}

/// Why a backup was not made or not restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file is there already.
    #[error("{} exists already: choose another name", path.display())]
    Exists {
        /// Which.
        path: PathBuf,
    },
    /// The system refused.
    #[error("{} cannot be written: {source}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// The system refused.
    #[error("{}", why_unread(path, source))]
    Read {
        /// Which.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// The file is something else.
    #[error("{} is not a Husting backup", path.display())]
    NotABackup {
        /// Which.
        path: PathBuf,
    },
    /// The file was a backup once.
    #[error("{} is damaged: try another backup", path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What the engine said.
        source: Cause,
    },
    /// The folder or the backup cannot be opened.
    #[error(transparent)]
    Open(#[from] Box<OpenError>),
    /// The engine failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a file or a folder was not read: the usual reasons in words, the others in the system's.
fn why_unread(path: &Path, source: &io::Error) -> String {
    let path = path.display();
    match source.kind() {
        io::ErrorKind::NotFound => format!("{path} is not there"),
        io::ErrorKind::IsADirectory => format!("{path} is a folder"),
        io::ErrorKind::PermissionDenied => {
            format!("{path} cannot be read: the system does not let you")
        }
        _ => format!("{path} cannot be read: {source}"),
    }
}

fn process(holder: Option<u32>) -> String {
    holder.map_or_else(
        || "another process".to_owned(),
        |pid| format!("process {pid}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_used_is_told_with_what_mends_it_and_without_the_systems_numbers() {
        for (number, wrong) in [
            (13, "the system does not let you; make it yours"),
            (30, "its disk is read-only; make the disk writable"),
            (28, "no space is left on its disk; free some"),
            (
                2,
                "the folder around it is not there and cannot be made; make that one",
            ),
            (5, "the system says “Input/output error”; mend that"),
        ] {
            let source = || io::Error::from_raw_os_error(number);
            let path = || "data".into();
            let folder = OpenError::Folder {
                path: path(),
                source: source(),
            };
            assert_eq!(
                folder.to_string(),
                format!("the data folder data cannot be used: {wrong}")
            );
            let file = OpenError::File {
                path: path(),
                source: source(),
            };
            assert_eq!(file.to_string(), format!("data cannot be opened: {wrong}"));
        }
    }

    #[test]
    fn a_file_in_a_folders_place_is_told_of_the_data_folder_and_of_what_is_in_it() {
        for number in [17, 20] {
            let source = || io::Error::from_raw_os_error(number);
            let folder = OpenError::Folder {
                path: "data".into(),
                source: source(),
            };
            assert_eq!(
                folder.to_string(),
                "the data folder data cannot be used: it is a file or lies below one; move that file away"
            );
            let backups = OpenError::File {
                path: "data/backups".into(),
                source: source(),
            };
            assert_eq!(
                backups.to_string(),
                "data/backups cannot be opened: a file stands where a folder is to be; move it away"
            );
        }
    }
}
