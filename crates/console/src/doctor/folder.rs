//! Whether the data folder, and what in it holds words or secrets, is its owner's alone. Logs and `config.toml` are
//! kept by the folder that they are in.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use husting_store::{OpenError, is_own_backup, is_store_file};
use husting_wire::settings::Finding;

use super::finding;

const HOME: &str = "home";
/// Folders that are made for their owner alone.
const FOLDERS: [&str; 3] = ["backups", "logs", "run"];
/// Files beside the stores that are made so.
const FILES: [&str; 2] = ["secrets.sealed", "run/instance.json"];

/// What the engine puts beside a store while that is open, with the store's mode.
const BESIDE: [&str; 3] = ["-journal", "-shm", "-wal"];

/// What others may get at.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wider {
    folders: Vec<Open>,
    files: Vec<Open>,
}

/// A folder or file with more than its owner's bits.
#[derive(Debug, PartialEq, Eq)]
struct Open {
    path: PathBuf,
    mode: u32,
    /// It, as a shell takes it.
    words: String,
}

/// Looks at the modes; nothing is changed.
pub(crate) async fn examined(home: &Path) -> Finding {
    let folder = home.to_owned();
    let wider = tokio::task::spawn_blocking(move || Wider::in_home(&folder));
    let place = home.display();
    match wider.await {
        Ok(Ok(wider)) if wider == Wider::default() => finding(HOME, true, place.to_string()),
        Ok(Ok(wider)) => finding(HOME, false, wider.told()),
        Ok(Err(fault)) => finding(HOME, false, fault.to_string()),
        Err(fault) => finding(HOME, false, format!("{place} was not looked at: {fault}")),
    }
}

impl Wider {
    fn in_home(home: &Path) -> Result<Self, OpenError> {
        let mut wider = Self::default();
        let folders = FOLDERS.map(|name| home.join(name));
        for path in [home.to_owned()].into_iter().chain(folders) {
            wider.folders.extend(others_bits(path)?);
        }
        let stores = named(home, is_store_file)?;
        let backups = named(&home.join("backups"), is_own_backup)?;
        let beside = FILES.map(|name| home.join(name));
        for path in stores.into_iter().chain(backups).chain(beside) {
            wider
                .files
                .extend(others_bits(path)?.map(Open::with_those_beside));
        }
        // What stands beside a store is named with it.
        wider
            .files
            .dedup_by(|later, first| later.words == first.words);
        Ok(wider)
    }

    /// What is wrong, and the line that mends it.
    fn told(&self) -> String {
        let all = self.folders.iter().chain(&self.files);
        let modes: Vec<_> = all
            .map(|Open { path, mode, .. }| format!("{} has mode {mode:04o}", path.display()))
            .collect();
        let mended = [("chmod 700", &self.folders), ("chmod 600", &self.files)];
        let lines: Vec<_> = mended
            .iter()
            .filter(|(_, open)| !open.is_empty())
            .map(|(command, open)| {
                let words: Vec<_> = open.iter().map(|open| open.words.as_str()).collect();
                format!("{command} {}", words.join(" "))
            })
            .collect();
        format!(
            "{}: others may get at what is kept here. `{}` mends it",
            modes.join(", "),
            lines.join(" && ")
        )
    }
}

impl Open {
    /// A store with what the engine puts beside it, which comes and goes: the line must do with and without.
    fn with_those_beside(self) -> Self {
        let name = self.path.to_string_lossy();
        let stem = BESIDE.iter().find_map(|suffix| name.strip_suffix(suffix));
        let stem = stem.unwrap_or(&name);
        let words = match Path::new(stem).extension() {
            Some(kind) if kind == "db" => format!("{}*", quoted(stem)),
            _ => self.words,
        };
        Self { words, ..self }
    }
}

/// Files of a folder whose names are of this kind; none where there is no folder.
fn named(folder: &Path, is_one: fn(&str) -> bool) -> Result<Vec<PathBuf>, OpenError> {
    let unread = |source| OpenError::File {
        path: folder.to_owned(),
        source,
    };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(fault) => return Err(unread(fault)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(unread)?;
        if entry.file_name().to_str().is_some_and(is_one) {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// What stands there, where others may do something with it.
#[cfg(unix)]
fn others_bits(path: PathBuf) -> Result<Option<Open>, OpenError> {
    use std::os::unix::fs::PermissionsExt;

    match fs::metadata(&path) {
        Ok(found) => {
            let mode = found.permissions().mode() & 0o7777;
            let words = quoted(&path.to_string_lossy());
            Ok((mode & 0o077 != 0).then_some(Open { path, mode, words }))
        }
        // The engine's files come and go beside their store.
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(OpenError::File { path, source }),
    }
}

// Elsewhere the folders of a person are closed to others by their access lists.
#[cfg(not(unix))]
fn others_bits(_: PathBuf) -> Result<Option<Open>, OpenError> {
    Ok(None)
}

/// As a shell takes it literally.
fn quoted(path: &str) -> String {
    format!("'{}'", path.replace('\'', r"'\''"))
}
