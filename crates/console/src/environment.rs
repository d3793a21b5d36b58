//! What the environment says before anything is open: where the data is, and where keys are kept.
//! Window and command line ask here, so that both find the same folder.

use std::ffi::OsString;
use std::path::PathBuf;

use directories::ProjectDirs;
use secrecy::SecretString;

use crate::keys::KeyChoice;

/// Names the data folder.
pub const HOME: &str = "HUSTING_HOME";
/// `keyring`, `file` or `memory`.
pub const SECRETS: &str = "HUSTING_SECRETS";
/// Names the file that unlocks the sealed one.
pub const KEY_FILE: &str = "HUSTING_SECRETS_KEY_FILE";
/// Unlocks the sealed file.
pub const PASSPHRASE: &str = "HUSTING_PASSPHRASE";

/// Why the environment cannot be followed. Each says what to set.
#[derive(Debug, thiserror::Error)]
pub enum EnvironmentError {
    /// The platform names no folder for data.
    #[error("this user has no home folder: name one for Husting's data in {HOME}")]
    NoHome,
    /// The current folder is needed to read a relative path, and is gone.
    #[error("{} is relative, and the folder it starts from cannot be read: {source}", path.display())]
    Relative {
        /// What was set.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// An unknown place for keys.
    #[error("{SECRETS} is `{0}`; it can be keyring, file or memory")]
    UnknownSecrets(String),
    /// The sealed file was chosen with nothing to open it.
    #[error("{SECRETS}=file needs {KEY_FILE} (a file of mode 0600) or {PASSPHRASE}")]
    NothingUnlocks,
}

/// The data folder: `HUSTING_HOME`, else the platform's own place.
///
/// # Errors
/// When there is neither.
pub fn home() -> Result<PathBuf, EnvironmentError> {
    let Some(named) = variable(HOME) else {
        let folders = ProjectDirs::from("", "", "husting").ok_or(EnvironmentError::NoHome)?;
        return Ok(folders.data_dir().to_owned());
    };
    let path = PathBuf::from(named);
    std::path::absolute(&path).map_err(|source| EnvironmentError::Relative { path, source })
}

/// Where keys are kept: as `HUSTING_SECRETS` says; a key file or passphrase alone chooses the sealed file.
///
/// # Errors
/// When the variables contradict each other.
pub fn key_choice() -> Result<KeyChoice, EnvironmentError> {
    key_choice_of(variable)
}

fn key_choice_of(
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<KeyChoice, EnvironmentError> {
    let unlock = || {
        let passphrase = || variable(PASSPHRASE)?.into_string().ok();
        variable(KEY_FILE)
            .map(|path| KeyChoice::KeyFile(PathBuf::from(path)))
            .or_else(|| Some(KeyChoice::Passphrase(SecretString::from(passphrase()?))))
    };
    let asked = variable(SECRETS).map(|asked| asked.to_string_lossy().into_owned());
    match asked.as_deref() {
        None => Ok(unlock().unwrap_or(KeyChoice::Found)),
        Some("keyring") => Ok(KeyChoice::Keyring),
        Some("memory") => Ok(KeyChoice::Memory),
        Some("file") => unlock().ok_or(EnvironmentError::NothingUnlocks),
        Some(other) => Err(EnvironmentError::UnknownSecrets(other.to_owned())),
    }
}

/// An empty variable counts as unset.
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(pairs: &[(&str, &str)]) -> Result<KeyChoice, EnvironmentError> {
        key_choice_of(|name| {
            let found = pairs.iter().find(|(key, _)| *key == name)?;
            Some(OsString::from(found.1))
        })
    }

    #[test]
    fn what_unlocks_the_sealed_file_also_chooses_it() {
        assert!(matches!(chosen(&[]), Ok(KeyChoice::Found)));
        assert!(matches!(
            chosen(&[(PASSPHRASE, "correct horse battery")]),
            Ok(KeyChoice::Passphrase(_))
        ));
        let file = chosen(&[(SECRETS, "file"), (KEY_FILE, "k"), (PASSPHRASE, "p")]);
        assert!(matches!(file, Ok(KeyChoice::KeyFile(path)) if path == PathBuf::from("k")));
    }

    #[test]
    fn a_named_place_wins_over_what_unlocks_another() {
        let keyring = chosen(&[(SECRETS, "keyring"), (PASSPHRASE, "p")]);
        assert!(matches!(keyring, Ok(KeyChoice::Keyring)));
        let memory = chosen(&[(SECRETS, "memory")]);
        assert!(matches!(memory, Ok(KeyChoice::Memory)));
    }

    #[test]
    fn a_choice_that_cannot_be_followed_is_refused_and_says_what_to_set() {
        let locked = chosen(&[(SECRETS, "file")]).err().unwrap().to_string();
        assert!(locked.contains(KEY_FILE) && locked.contains(PASSPHRASE));
        let unknown = chosen(&[(SECRETS, "plain")]).err().unwrap().to_string();
        assert!(unknown.contains("`plain`") && unknown.contains("keyring"));
    }
}
