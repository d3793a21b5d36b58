//! Environment variables over an env file.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use super::env_file::{self, EnvFileError};
use super::names::{SETTINGS, is_like_ours, is_ours};

/// The env file that is read where none is named, in the working folder.
const ENV_FILE: &str = ".env";

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The process's environment.
    Environment,
    /// The env file.
    File {
        /// Which.
        path: PathBuf,
        /// From 1.
        line: usize,
    },
}

impl std::fmt::Display for Source {
    /// `environment`, or the file with the line.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Environment => f.write_str("environment"),
            Self::File { path, line } => write!(f, "{}, line {line}", path.display()),
        }
    }
}

/// The variables cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum VariablesError {
    /// The env file cannot be read.
    #[error(transparent)]
    File(#[from] EnvFileError),
    /// A variable of the environment is no text.
    #[error("{0}: its value is no text in UTF-8; set it anew")]
    NoText(&'static str),
}

/// What is set, and where. `Debug` shows no value.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    values: BTreeMap<String, (SecretString, Source)>,
    pub(super) file: Option<PathBuf>,
    /// Names in the file that look like ours and are not.
    pub(super) unknown: Vec<(String, usize)>,
    /// Names that the file assigns again.
    pub(super) repeated: Vec<(String, usize)>,
    /// Others than the owner can read the file: its permission bits.
    pub(super) wide: Option<u32>,
}

impl Variables {
    /// From the environment, and the file that is named or `.env` in `folder`; the environment wins.
    ///
    /// # Errors
    /// [`VariablesError`]. A `.env` that is not there is none; a file that is named must be there.
    pub fn gather(
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        named: Option<&Path>,
        folder: &Path,
    ) -> Result<Self, VariablesError> {
        let mut variables = Self::default();
        let usual = folder.join(ENV_FILE);
        let file = named.or_else(|| usual.exists().then_some(usual.as_path()));
        if let Some(file) = file {
            variables.read_file(file)?;
        }
        for (name, value) in environment {
            variables.set(&name, value)?;
        }
        Ok(variables)
    }

    /// From variables alone, without a file.
    ///
    /// # Errors
    /// [`VariablesError::NoText`].
    pub fn of(
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, VariablesError> {
        let mut all = Self::default();
        for (name, value) in variables {
            all.set(&name, value)?;
        }
        Ok(all)
    }

    /// The text of a variable; one that is empty is not set.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let (value, _) = self.values.get(name)?;
        Some(value.expose_secret().trim()).filter(|value| !value.is_empty())
    }

    /// Where the text of a variable comes from.
    #[must_use]
    pub fn source(&self, name: &str) -> Option<&Source> {
        self.get(name)?;
        self.values.get(name).map(|(_, source)| source)
    }

    /// The env file that was read.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    fn read_file(&mut self, path: &Path) -> Result<(), EnvFileError> {
        let mut lines = BTreeMap::new();
        for assigned in env_file::read(path)? {
            let (name, line) = (assigned.name, assigned.line);
            if is_like_ours(&name) {
                self.unknown.push((name.clone(), line));
            }
            if !is_ours(&name) {
                continue;
            }
            if lines.insert(name.clone(), line).is_some() {
                self.repeated.push((name.clone(), line));
            }
            let path = path.to_owned();
            let value = SecretString::from(assigned.value);
            self.values
                .insert(name, (value, Source::File { path, line }));
        }
        self.wide = wider_than_its_owner(path);
        self.file = Some(path.to_owned());
        Ok(())
    }

    fn set(&mut self, name: &OsString, value: OsString) -> Result<(), VariablesError> {
        let Some(setting) = SETTINGS.iter().find(|setting| name == setting.variable) else {
            return Ok(());
        };
        let name = setting.variable;
        let value = value
            .into_string()
            .map_err(|_| VariablesError::NoText(name))?;
        let value = (SecretString::from(value), Source::Environment);
        self.values.insert(name.to_owned(), value);
        Ok(())
    }
}

/// The permission bits of a file that others than its owner may use.
#[cfg(unix)]
fn wider_than_its_owner(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & !0o600 != 0).then_some(mode)
}

/// Elsewhere a profile's files are its owner's.
#[cfg(not(unix))]
const fn wider_than_its_owner(_: &Path) -> Option<u32> {
    None
}
