//! A user's file: read once, shown, and replaced whole or not at all.
//!
//! Everything happens by names inside one open folder, and no last name is followed where it
//! points elsewhere. What was there before is kept beside it.

mod backups;
#[cfg(unix)]
mod folder;
#[cfg(not(unix))]
#[path = "folder_elsewhere.rs"]
mod folder;

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest as _, Sha256};

use backups::Backup;
pub use backups::ENDING as BACKUP_ENDING;
use folder::{Folder, Staged};

/// The longest file that is taken for somebody's settings, in bytes.
pub const LONGEST: u64 = 1024 * 1024;

/// Why a file was neither read nor written. Where it was to be written, nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It would be written somewhere else than it says.
    #[error("{} is a symbolic link; name the file that it points to, {}", path.display(), to.display())]
    Symlink {
        /// The link.
        path: PathBuf,
        /// Where it leads.
        to: PathBuf,
    },
    /// It leads nowhere.
    #[error("{} is a symbolic link to a file that is not there; mend the link, or name another file", .0.display())]
    DeadLink(PathBuf),
    /// A folder, a device, a pipe.
    #[error("{} is not a regular file", .0.display())]
    NotRegular(PathBuf),
    /// The path names no file, or something above it is no folder.
    #[error("{} cannot be a file: what is above it is not a folder", .0.display())]
    NoFolder(PathBuf),
    /// More than the last folder of its path is missing.
    #[error("{} is not there: make that folder first, or mend the path", .0.display())]
    FarFolder(PathBuf),
    /// Nothing is there, and its name has no ending as a client's file has.
    #[error("{} is not there: make that folder first, or name the file in it, such as {}/{}", .0.display(), .0.display(), .1.display())]
    MissingFolder(PathBuf, &'static Path),
    /// The system refuses it.
    #[error("you may not read or write {}, or not in its folder", .0.display())]
    Denied(PathBuf),
    /// The file system takes no changes.
    #[error("{} is on a file system that is mounted read-only", .0.display())]
    ReadOnly(PathBuf),
    /// No room is left.
    #[error("no room is left on the disk of {}; it was not changed", .0.display())]
    Full(PathBuf),
    /// Somebody else wrote it.
    #[error("{} was changed meanwhile; look at it and try again", .0.display())]
    Changed(PathBuf),
    /// It is not UTF-8.
    #[error("{} is not a text in UTF-8", .0.display())]
    NotText(PathBuf),
    /// It is longer than [`LONGEST`].
    #[error("{} is longer than 1 MiB, which Husting does not change", .0.display())]
    TooLong(PathBuf),
    /// It is another user's and would become ours.
    #[error("{} belongs to another user; run this as that user", .0.display())]
    Owner(PathBuf),
    /// Anything else.
    #[error("{} could not be read or written", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl FileError {
    /// Whether nobody reads anything there, a client no more than Husting.
    #[must_use]
    pub const fn is_absence(&self) -> bool {
        match self {
            Self::DeadLink(_)
            | Self::NotRegular(_)
            | Self::NoFolder(_)
            | Self::FarFolder(_)
            | Self::MissingFolder(..)
            | Self::NotText(_) => true,
            Self::Symlink { .. }
            | Self::Denied(_)
            | Self::ReadOnly(_)
            | Self::Full(_)
            | Self::Changed(_)
            | Self::TooLong(_)
            | Self::Owner(_)
            | Self::Io { .. } => false,
        }
    }

    fn from_io(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        if folder::is_link(&source) {
            return match fs::canonicalize(&path) {
                Ok(to) => Self::Symlink { path, to },
                Err(fault) if fault.kind() == io::ErrorKind::NotFound => Self::DeadLink(path),
                Err(fault) if fault.kind() == io::ErrorKind::PermissionDenied => Self::Denied(path),
                Err(source) => Self::Io { path, source },
            };
        }
        match source.kind() {
            io::ErrorKind::PermissionDenied => Self::Denied(path),
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly(path),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full(path),
            io::ErrorKind::NotADirectory => Self::NoFolder(path),
            io::ErrorKind::IsADirectory => Self::NotRegular(path),
            io::ErrorKind::FileTooLarge => Self::TooLong(path),
            io::ErrorKind::InvalidData => Self::NotText(path),
            _ => Self::Io { path, source },
        }
    }
}

/// A file as it was when it was read, or its absence.
#[derive(Clone)]
pub struct Present {
    path: PathBuf,
    text: Option<SecretString>,
}

impl Present {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What stands in it; `None` where there is no file.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.text.as_ref().map(ExposeSecret::expose_secret)
    }
}

impl fmt::Debug for Present {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Present")
            .field("path", &self.path)
            .field("exists", &self.text.is_some())
            .finish()
    }
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The file, now of mode 0600.
    pub path: PathBuf,
    /// Where its earlier text is, if it had another; our own tokens are left out there.
    pub backup: Option<PathBuf>,
    /// Whether its folder was missing and was made.
    pub made_folder: bool,
    /// SHA-256 of its text in lower-case hexadecimal digits.
    pub hash: String,
}

/// Refuses a path of which more than the last folder is missing: a folder of a client's own is made in one that
/// is there, and what is farther away is rather a slip of the pen.
///
/// # Errors
/// [`FileError::FarFolder`] with the first folder that is not there.
pub fn refuse_far(path: &Path) -> Result<(), FileError> {
    let is_missing = |folder: &&Path| {
        let looked = folder.metadata();
        looked.is_err_and(|fault| fault.kind() == io::ErrorKind::NotFound)
    };
    let mut missing = path.ancestors().skip(1).take_while(is_missing);
    match (missing.next(), missing.last()) {
        (Some(_), Some(first)) if !first.as_os_str().is_empty() => {
            Err(FileError::FarFolder(first.to_owned()))
        }
        _ => Ok(()),
    }
}

/// Refuses a path without an ending where nothing is: a folder is meant, which is not there, and no file of that
/// name. `own` is what the client's file is called in it.
///
/// # Errors
/// [`FileError::MissingFolder`].
pub fn refuse_folder_like(path: &Path, own: &'static Path) -> Result<(), FileError> {
    if path.extension().is_none() && !path.exists() {
        return Err(FileError::MissingFolder(path.to_owned(), own));
    }
    Ok(())
}

/// Reads a file of at most [`LONGEST`] bytes; its absence is no error.
///
/// # Errors
/// [`FileError`] for what is no regular file of text, and what cannot be read.
pub fn read(path: &Path) -> Result<Present, FileError> {
    let (above, name) = split(path)?;
    let failed = |source| FileError::from_io(path, source);
    let text = match Folder::open(above) {
        Ok(folder) => folder.read(name).map_err(failed)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(failed(error)),
    };
    Ok(Present {
        path: path.to_owned(),
        text: text.map(SecretString::from),
    })
}

/// A file as its client reads it, also through a symbolic link. It is only looked at: what was read so is not written.
///
/// # Errors
/// As for [`read`].
pub fn follow(path: &Path) -> Result<Present, FileError> {
    match fs::canonicalize(path) {
        Ok(real) => read(&real),
        // What is not there is told of by its own name.
        Err(_) => read(path),
    }
}

/// Puts `text` in the place of what was read, in one step and with mode 0600. The earlier text
/// is kept beside it as `<name>.before-husting`, without tokens and keys of Husting's own. Folders that are missing are made.
///
/// # Errors
/// [`FileError`]; the file is then as it was, and nothing of ours is left beside it.
pub fn write(present: &Present, text: &str) -> Result<Written, FileError> {
    let path = present.path.as_path();
    let failed = |source| FileError::from_io(path, source);
    let (above, name) = split(path)?;
    let (folder, made_folder) = Folder::open_or_make(above).map_err(failed)?;

    // First whatever needs room, so that a full disk is met before anything is replaced.
    let staged = folder.stage(name, text).map_err(failed)?;
    let backup = match present.text() {
        Some(before) if before != text => {
            Some(backups::keep(&folder, name, before).map_err(failed)?)
        }
        _ => None,
    };
    let replaced = replace(&folder, name, present, backup.as_ref(), staged);
    if let (Err(_), Some(backup)) = (&replaced, &backup) {
        backup.undo(&folder).map_err(failed)?;
    }
    replaced?;
    if backup.is_some() {
        // One backup more does no harm, and the file is written.
        backups::forget_oldest(&folder, name).ok();
    }
    Ok(Written {
        path: path.to_owned(),
        backup: backup.map(|backup| path.with_file_name(backup.name)),
        made_folder,
        hash: hash(text),
    })
}

fn replace(
    folder: &Folder,
    name: &OsStr,
    present: &Present,
    backup: Option<&Backup>,
    staged: Staged<'_>,
) -> Result<(), FileError> {
    let path = present.path.as_path();
    let failed = |source| FileError::from_io(path, source);
    // As late as possible: whoever writes between this and the next step is overwritten.
    if folder.read(name).map_err(failed)?.as_deref() != present.text() {
        return Err(FileError::Changed(path.to_owned()));
    }
    if present.text.is_none() {
        return match staged.appear() {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(FileError::Changed(path.to_owned()))
            }
            done => done.map_err(failed),
        };
    }
    let mut is_theirs = staged.take_owner().map_err(failed)?;
    if let Some(backup) = backup {
        is_theirs &= folder.take_owner(&backup.name, name).map_err(failed)?;
    }
    if !is_theirs {
        return Err(FileError::Owner(path.to_owned()));
    }
    staged.replace().map_err(failed)
}

/// The folder of a path and the name in it.
fn split(path: &Path) -> Result<(&Path, &OsStr), FileError> {
    let name = path
        .file_name()
        .ok_or_else(|| FileError::NotRegular(path.to_owned()))?;
    match path.parent() {
        Some(above) if above.as_os_str().is_empty() => Ok((Path::new("."), name)),
        Some(above) => Ok((above, name)),
        None => Err(FileError::NoFolder(path.to_owned())),
    }
}

/// SHA-256 in hexadecimal digits, as [`Written::hash`] has it.
#[must_use]
pub fn hash(text: &str) -> String {
    let mut digits = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        // Writing to a String does not fail.
        if write!(digits, "{byte:02x}").is_err() {
            break;
        }
    }
    digits
}

/// `name` with `ending` put behind it.
fn with_ending(name: &OsStr, ending: &str) -> OsString {
    let mut longer = name.to_owned();
    longer.push(ending);
    longer
}
