//! Whether a file would be committed, and how it is left out: a line in the repository's own
//! `info/exclude`, which is nobody else's.

mod repository;

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::file::BACKUP_ENDING;
use repository::Repository;

/// What git says about a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// Every commit carries it already; leaving it out changes nothing.
    Tracked,
    /// It is left out already, and its backup too.
    LeftOut,
    /// The next `git add .` takes it along.
    Open,
    /// Git is not installed or does not answer for this folder.
    Unknown,
}

/// Where a file stands towards git.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// In no work tree.
    Outside,
    /// In a work tree.
    Inside {
        /// The work tree's folder.
        root: PathBuf,
        /// The file that [`leave_out`] appends to.
        exclude: PathBuf,
        /// What [`leave_out`] appends: one line for the file and one for its backups.
        lines: Vec<String>,
        /// What git says.
        said: Said,
    },
}

impl Standing {
    /// Whether the operator is to be warned, and offered to leave the file out.
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        match self {
            Self::Outside => false,
            Self::Inside { said, .. } => *said != Said::LeftOut,
        }
    }
}

/// A repository could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("{} could not be {action}", path.display())]
pub struct GitError {
    path: PathBuf,
    action: &'static str,
    source: io::Error,
}

impl GitError {
    fn new(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self {
            path,
            action,
            source,
        }
    }
}

/// Where `file`, which need not exist, stands.
///
/// # Errors
/// [`GitError`] when the folders above it cannot be looked at.
pub fn standing(file: &Path) -> Result<Standing, GitError> {
    let file = real(file).map_err(GitError::new("found", file))?;
    let repository = Repository::around(&file).map_err(GitError::new("looked at", &file))?;
    let Some(repository) = repository else {
        return Ok(Standing::Outside);
    };
    let inside = file.strip_prefix(&repository.root).unwrap_or(&file);
    Ok(Standing::Inside {
        exclude: repository.common.join("info").join("exclude"),
        lines: lines(inside),
        said: ask(&repository.root, inside),
        root: repository.root,
    })
}

/// Appends those of `lines` that are not there yet. Whether there were any.
///
/// # Errors
/// [`GitError`] when the file cannot be read or written.
pub fn leave_out(exclude: &Path, lines: &[String]) -> Result<bool, GitError> {
    if let Some(info) = exclude.parent() {
        std::fs::create_dir_all(info).map_err(GitError::new("made", info))?;
    }
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;

        // A link would have the lines written somewhere else.
        options.custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed());
    }
    let mut file = options
        .open(exclude)
        .map_err(GitError::new("opened", exclude))?;
    let mut text = String::new();
    file.read_to_string(&mut text)
        .map_err(GitError::new("read", exclude))?;

    let mut missing = String::new();
    for line in lines {
        if !text.lines().any(|there| there == line) {
            missing.push_str(line);
            missing.push('\n');
        }
    }
    if missing.is_empty() {
        return Ok(false);
    }
    if !text.is_empty() && !text.ends_with('\n') {
        missing.insert(0, '\n');
    }
    file.write_all(missing.as_bytes())
        .map_err(GitError::new("written", exclude))?;
    Ok(true)
}

/// The absolute path without links in its folders, of which the last may be missing.
fn real(file: &Path) -> io::Result<PathBuf> {
    let file = std::path::absolute(file)?;
    for above in file.ancestors().skip(1) {
        match above.canonicalize() {
            Ok(folder) => {
                let below = file.strip_prefix(above).unwrap_or(&file);
                return Ok(folder.join(below));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(file)
}

/// Patterns that match this file of the work tree and its backups, and nothing else.
fn lines(inside: &Path) -> Vec<String> {
    let mut pattern = String::new();
    for part in inside.components() {
        pattern.push('/');
        for character in part.as_os_str().to_string_lossy().chars() {
            if matches!(character, '\\' | '*' | '?' | '[' | ' ') {
                pattern.push('\\');
            }
            pattern.push(character);
        }
    }
    let backups = format!("{pattern}{BACKUP_ENDING}*");
    vec![pattern, backups]
}

fn ask(root: &Path, inside: &Path) -> Said {
    // Without the `./` a name that begins with a colon would be a pattern.
    let file = Path::new(".").join(inside).into_os_string();
    let mut backup = file.clone();
    backup.push(BACKUP_ENDING);
    let tracked = ["--literal-pathspecs", "ls-files", "--error-unmatch"];
    match git(root, &tracked, &file) {
        Some(0) => return Said::Tracked,
        Some(1) => {}
        _ => return Said::Unknown,
    }
    let is_left_out = |name: &OsStr| git(root, &["check-ignore", "--quiet"], name);
    match (is_left_out(&file), is_left_out(&backup)) {
        (Some(0), Some(0)) => Said::LeftOut,
        (Some(0 | 1), Some(0 | 1)) => Said::Open,
        _ => Said::Unknown,
    }
}

/// Git's exit code; `None` when it could not be run. It is given no environment that could make
/// it look elsewhere, and no program that the repository names is started.
fn git(root: &Path, arguments: &[&str], name: &OsStr) -> Option<i32> {
    let needed = ["PATH", "HOME", "XDG_CONFIG_HOME", "SystemRoot"];
    let environment = needed.map(|name| (name, std::env::var_os(name)));
    let mut command = Command::new("git");
    command
        .env_clear()
        .envs(
            environment
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .args(["-c", "core.fsmonitor=false"])
        .args(arguments)
        .arg("--")
        .arg(name)
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().ok()?.code()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_matched_by_its_letters_alone() {
        assert_eq!(
            lines(Path::new("a b/[x]*.json")),
            [
                "/a\\ b/\\[x]\\*.json",
                "/a\\ b/\\[x]\\*.json.before-husting*"
            ]
        );
    }

    #[test]
    fn a_file_whose_folder_is_missing_has_a_place_already() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        assert_eq!(
            real(&folder.path().join("a/b/c.json")).unwrap(),
            root.join("a/b/c.json")
        );
    }
}
