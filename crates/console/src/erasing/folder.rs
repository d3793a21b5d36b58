//! What of a data folder Husting wrote, by its place and name. Anything else stays, and no link is followed: the
//! link itself goes, and what it leads to stays and is named, for it may be Husting's.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use husting_discord::files::is_of_question;
use husting_discord::recorder::{NEWER, OLDER};
use husting_store::{ERASING_MARKER, StoreFile, is_own_backup, is_store_file};

/// What a name means where it stands.
#[derive(Clone, Copy)]
enum Is {
    /// A file of Husting's.
    File,
    /// A folder of Husting's, all of it.
    Tree,
    /// A folder that an agent's program works in: all of it, as far as the program lets go of it.
    Workplace,
    /// A folder in which such things stand.
    Folder(fn(&str) -> Is),
    /// Needed, and nobody's data.
    Kept,
    /// Somebody else's.
    Foreign,
}

/// What erasing does with a folder.
#[derive(Debug, Default)]
pub struct Found {
    /// Files, and links.
    files: Vec<PathBuf>,
    /// Whole folders, and whether one may stay behind.
    trees: Vec<(PathBuf, bool)>,
    /// Folders that go when they are empty.
    folders: Vec<PathBuf>,
    pub stays: Stays,
}

/// What erasing leaves where it is.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Stays {
    /// Somebody else's.
    pub foreign: Vec<PathBuf>,
    /// What may be Husting's: what links lead to, and what the system did not let go.
    pub not_removed: Vec<PathBuf>,
}

/// Looks through a data folder.
///
/// # Errors
/// What the system said of a folder that cannot be read.
pub fn found(home: &Path) -> io::Result<Found> {
    let mut found = Found::default();
    found.look(home, in_home)?;
    found.stays.foreign.sort();
    found.stays.not_removed.sort();
    Ok(found)
}

/// Deletes what is Husting's; what stays is answered.
///
/// # Errors
/// What the system said of the first thing that would not go.
pub fn erase(home: &Path) -> io::Result<Stays> {
    let Found {
        files,
        trees,
        folders,
        mut stays,
    } = found(home)?;
    let open_log = files.iter().filter(|file| is_log(file)).max();
    for file in &files {
        if open_log == Some(file) && !file.is_symlink() {
            // This process may be writing to it already.
            said(
                file,
                fs::OpenOptions::new().write(true).truncate(true).open(file),
            )?;
        } else {
            gone(file, fs::remove_file(file))?;
        }
    }
    for (tree, may_stay) in trees {
        match gone(&tree, fs::remove_dir_all(&tree)) {
            Err(fault) if may_stay => {
                tracing::warn!(%fault, "a folder that an agent worked in could not be removed");
                stays.not_removed.push(tree);
            }
            outcome => outcome?,
        }
    }
    for folder in folders {
        match fs::remove_dir(&folder) {
            Err(fault) if fault.kind() == io::ErrorKind::DirectoryNotEmpty => sync(&folder)?,
            outcome => gone(&folder, outcome)?,
        }
    }
    // A link may have led to what has gone by now.
    stays.not_removed.retain(|path| may_be_there(path));
    Ok(stays)
}

impl Found {
    fn look(&mut self, folder: &Path, meaning: fn(&str) -> Is) -> io::Result<()> {
        for entry in said(folder, fs::read_dir(folder))? {
            let entry = said(folder, entry)?;
            let (path, kind) = (entry.path(), said(folder, entry.file_type())?);
            // What is no text is no name of ours.
            let is = entry.file_name().to_str().map_or(Is::Foreign, meaning);
            match is {
                Is::Kept => {}
                Is::Foreign => self.stays.foreign.push(path),
                _ if kind.is_symlink() => {
                    let target = folder.join(said(&path, fs::read_link(&path))?);
                    if may_be_there(&target) {
                        self.stays.not_removed.push(target);
                    }
                    self.files.push(path);
                }
                Is::File if kind.is_file() => self.files.push(path),
                Is::Tree if kind.is_dir() => self.trees.push((path, false)),
                Is::Workplace if kind.is_dir() => self.trees.push((path, true)),
                Is::Folder(meaning) if kind.is_dir() => {
                    self.look(&path, meaning)?;
                    self.folders.push(path);
                }
                Is::File | Is::Tree | Is::Workplace | Is::Folder(_) => {
                    self.stays.foreign.push(path);
                }
            }
        }
        Ok(())
    }
}

fn in_home(name: &str) -> Is {
    const LOCK: &str = StoreFile::Husting.lock_name();
    const BRIDGES_LOCK: &str = StoreFile::Discord.lock_name();
    match name {
        LOCK | BRIDGES_LOCK | ERASING_MARKER | "bots" => Is::Kept,
        "config.toml" | "secrets.sealed" => Is::File,
        "backups" => Is::Folder(|name| file_if(is_own_backup(name))),
        "logs" => Is::Folder(|name| file_if(is_log(Path::new(name)))),
        "run" => Is::Folder(|name| file_if(["instance.json", "instance.new"].contains(&name))),
        "discord" => Is::Folder(in_discord),
        "agents" => Is::Folder(|name| match is_of_agent(name) {
            true => Is::Workplace,
            false => Is::Foreign,
        }),
        // A sealed file that was being written when the program died.
        _ if name.starts_with(".sealed-") => Is::File,
        _ => file_if(is_store_file(name)),
    }
}

fn in_discord(name: &str) -> Is {
    match name {
        NEWER | OLDER => Is::File,
        _ if is_of_question(OsStr::new(name)) => Is::Tree,
        _ => Is::Foreign,
    }
}

const fn file_if(is_ours: bool) -> Is {
    if is_ours { Is::File } else { Is::Foreign }
}

/// `husting.2026-11-20.log`
fn is_log(path: &Path) -> bool {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    let day = name
        .strip_prefix("husting.")
        .and_then(|rest| rest.strip_suffix(".log"));
    day.is_some_and(|day| {
        day.bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-')
    })
}

/// `bruno-0199d1f0-0000-7000-8000-000000000000`
fn is_of_agent(name: &str) -> bool {
    const ID: usize = 36;
    let id = name.len().checked_sub(ID).and_then(|at| name.get(at..));
    let is_named = name.len() > ID + 1 && name.as_bytes().get(name.len() - ID - 1) == Some(&b'-');
    is_named && id.is_some_and(|id| uuid::Uuid::try_parse(id).is_ok())
}

/// Whether something is known to be there, or nothing is known.
fn may_be_there(path: &Path) -> bool {
    !matches!(path.symlink_metadata(), Err(fault) if fault.kind() == io::ErrorKind::NotFound)
}

/// A rename or a deletion in a folder that stays lasts once it is on the disk.
fn sync(folder: &Path) -> io::Result<()> {
    // Only Unix opens folders as files.
    if cfg!(unix) {
        said(
            folder,
            fs::File::open(folder).and_then(|opened| opened.sync_all()),
        )
    } else {
        Ok(())
    }
}

/// Somebody else may have been first.
fn gone(path: &Path, outcome: io::Result<()>) -> io::Result<()> {
    match outcome {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => said(path, outcome),
    }
}

/// With the path, which the system leaves out.
fn said<T>(path: &Path, outcome: io::Result<T>) -> io::Result<T> {
    outcome.map_err(|fault| io::Error::new(fault.kind(), format!("{}: {fault}", path.display())))
}

#[cfg(test)]
mod tests;
