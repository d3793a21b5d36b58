//! The repository whose work tree a file is in.

use std::io;
use std::path::{Path, PathBuf};

/// A repository with a work tree.
pub struct Repository {
    /// The work tree's folder.
    pub root: PathBuf,
    /// Where it keeps what all of its work trees share, `info/exclude` among it.
    pub common: PathBuf,
}

impl Repository {
    /// The innermost one around `file`.
    pub fn around(file: &Path) -> io::Result<Option<Self>> {
        for root in file.ancestors().skip(1) {
            if let Some(own) = git_folder(root)? {
                return Ok(Some(Self {
                    common: common(&own)?,
                    root: root.to_owned(),
                }));
            }
        }
        Ok(None)
    }
}

/// The folder behind `.git`, which is it or, in further work trees and submodules, names it.
fn git_folder(root: &Path) -> io::Result<Option<PathBuf>> {
    let dot_git = root.join(".git");
    let folder = if dot_git.is_dir() {
        dot_git
    } else {
        match named(&dot_git, "gitdir: ")? {
            Some(named) => root.join(named),
            None => return Ok(None),
        }
    };
    // An empty `.git` is no repository, to git neither.
    Ok(folder
        .join("HEAD")
        .symlink_metadata()
        .is_ok()
        .then_some(folder))
}

fn common(own: &Path) -> io::Result<PathBuf> {
    Ok(match named(&own.join("commondir"), "")? {
        Some(named) => own.join(named),
        None => own.to_owned(),
    })
}

/// The path that a file of one line names behind `prefix`; `None` where there is no such file.
fn named(file: &Path, prefix: &str) -> io::Result<Option<PathBuf>> {
    match std::fs::read_to_string(file) {
        Ok(text) => Ok(text
            .strip_prefix(prefix)
            .map(|path| PathBuf::from(path.trim_end_matches(['\n', '\r'])))),
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Ok(None),
            _ => Err(error),
        },
    }
}
