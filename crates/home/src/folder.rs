//! Where the data folder is and what its files are called.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use husting_console::{ERASING_MARKER, StoreFile};

/// The variable that names another data folder.
const VARIABLE: &str = "HUSTING_HOME";

/// The data folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home(PathBuf);

/// There is no data folder to use.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// The system names no home folder of this user.
    #[error("this user has no home folder; name a data folder with --home or HUSTING_HOME")]
    NoUserFolder,
    /// The path cannot be made absolute.
    #[error("{} cannot be a data folder: {source}", path.display())]
    Path {
        /// As given.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Home {
    /// The folder that was named, else `HUSTING_HOME`, else the platform's own place for data
    /// (`~/.local/share/husting` on Linux). Nothing is made yet.
    ///
    /// # Errors
    /// [`HomeError`] when none of them is there.
    pub fn find(named: Option<&Path>) -> Result<Self, HomeError> {
        let by_variable = std::env::var_os(VARIABLE)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from);
        let path = match named.map(Path::to_owned).or(by_variable) {
            Some(path) => path,
            None => of_this_user()?,
        };
        // Absolute, because what is stored and shown must mean the same from every folder.
        std::path::absolute(&path)
            .map(Self)
            .map_err(|source| HomeError::Path { path, source })
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Settings of the operator's own hand.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.0.join("config.toml")
    }

    /// Everything that is remembered. The store makes it and names it so.
    #[must_use]
    pub fn store_file(&self) -> PathBuf {
        self.0.join(StoreFile::Husting.file_name())
    }

    /// Where it is known which bots of this user run: the same for all data folders, where the system has
    /// a place for that.
    #[must_use]
    pub fn bot_locks(&self) -> PathBuf {
        let folders = directories::ProjectDirs::from("", "", "husting");
        // Only some systems have a place for state; all have one for what stays on this machine.
        let state = folders.as_ref().map(|folders| {
            let state = folders.state_dir();
            state.unwrap_or_else(|| folders.data_local_dir())
        });
        state.unwrap_or(&self.0).join("bots")
    }

    /// Whether all data here is being erased; the console's marker says so until it has ended.
    pub(crate) fn is_being_erased(&self) -> bool {
        self.0.join(ERASING_MARKER).symlink_metadata().is_ok()
    }

    pub(crate) fn logs(&self) -> PathBuf {
        self.0.join("logs")
    }

    /// Locked by the process that works on the folder; the store locks and signs it.
    pub(crate) fn lock_file(&self) -> PathBuf {
        self.0.join(StoreFile::Husting.lock_name())
    }

    pub(crate) fn instance_file(&self) -> PathBuf {
        self.0.join("run").join("instance.json")
    }
}

fn of_this_user() -> Result<PathBuf, HomeError> {
    let folders =
        directories::ProjectDirs::from("", "", "husting").ok_or(HomeError::NoUserFolder)?;
    Ok(folders.data_dir().to_owned())
}

/// Makes a folder open to this user alone, unless it is there.
pub(crate) fn make_private_folder(path: &Path) -> io::Result<()> {
    let mut folder = DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.create(path)
}

/// Puts a file that only this user reads in the place of whatever was there: whole or not at all.
pub(crate) fn replace_private_file(path: &Path, text: &str) -> io::Result<()> {
    let new = path.with_extension("new");
    match std::fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = make_private_file(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&new, path)
}

fn make_private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_folder_wins_and_is_absolute() {
        let home = Home::find(Some(Path::new("some/where"))).unwrap();
        assert!(home.path().is_absolute());
        assert!(home.path().ends_with("some/where"));
    }
}
