//! Opening a data folder: its lock, its store, its keys, then the console on top.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use husting_clock::SharedClock;
use husting_domain::time::Timestamp;
use husting_store::{BackupError, Held, SqliteStore, StoreFile};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::settings::EditSettings;
use secrecy::SecretString;

use crate::discord::endpoints_of_environment;
use crate::keys::{KeyChoice, Keys};
use crate::providers::known_variables;
use crate::{Console, Setup, Surroundings, erasing};

/// How a data folder is opened.
pub struct Options {
    /// The data folder; made when it is not there.
    pub home: PathBuf,
    /// Where keys are kept.
    pub keys: KeyChoice,
    /// Settings given by file, environment or flag.
    pub overrides: EditSettings,
    /// Time.
    pub clock: SharedClock,
    /// How long to wait for another owner of the folder to leave.
    pub patience: Duration,
    /// Where it is known which bots of this user run; the same for all data folders.
    pub bot_locks: PathBuf,
    /// The user's folders, search path and variables.
    pub surroundings: Surroundings,
}

/// Why a data folder could not be opened. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] husting_store::OpenError),
    /// The console could not start on it.
    #[error("{0}")]
    Console(#[from] Error),
}

impl OpenError {
    /// The system does not let anybody use the folder, as whoever looked there first has found.
    #[must_use]
    pub fn of_folder(path: PathBuf, source: std::io::Error) -> Self {
        Self::Store(husting_store::OpenError::Folder { path, source })
    }

    /// Whether the folder cannot be used, and another could be.
    #[must_use]
    pub const fn is_of_the_folder(&self) -> bool {
        matches!(self, Self::Store(fault) if fault.is_of_the_folder())
    }

    /// Whether somebody else has the folder, in which nothing is wrong.
    #[must_use]
    pub const fn is_owned(&self) -> bool {
        matches!(self, Self::Store(husting_store::OpenError::Owned { .. }))
    }

    /// Whether it is the store that hinders, in a folder that can be used and that nobody else has.
    #[must_use]
    pub fn is_of_the_store(&self) -> bool {
        use husting_store::OpenError::{Erasing, File, Folder, Owned};
        match self {
            Self::Store(fault) => !matches!(
                fault,
                Erasing { .. } | File { .. } | Folder { .. } | Owned { .. }
            ),
            Self::Console(error) => error.code == ErrorCode::StoreUnavailable,
        }
    }
}

impl Console {
    /// Opens the data folder. The environment is looked through for known provider keys, which
    /// are offered and not used.
    ///
    /// # Errors
    /// [`OpenError`]; the folder is left as it was.
    pub async fn open_home(options: Options) -> Result<Self, OpenError> {
        Self::open_with(options, true).await
    }

    /// The same for a program that leaves after one command: mail of agents that Husting runs waits
    /// for one that stays.
    ///
    /// # Errors
    /// As [`Console::open_home`].
    pub async fn open_briefly(options: Options) -> Result<Self, OpenError> {
        Self::open_with(options, false).await
    }

    async fn open_with(options: Options, runs_agents: bool) -> Result<Self, OpenError> {
        let now = options.clock.now();
        let discord = endpoints_of_environment()?;
        let held = Held::wait(&options.home, StoreFile::Husting, options.patience).await?;
        erasing::finish(&options.home, &held, options.patience).await?;
        let store = SqliteStore::open_held(held, now).await?;
        let keys = match runs_agents {
            true => Keys::open(&options.home, options.keys).await,
            false => Keys::open_for_one_command(&options.home, options.keys).await,
        };
        let setup = Setup {
            home: options.home,
            store: Arc::new(store),
            keys,
            clock: options.clock,
            overrides: options.overrides,
            found_keys: found_keys(),
            runs_agents,
            discord,
            bot_locks: options.bot_locks,
            surroundings: options.surroundings,
        };
        Ok(Self::open(setup).await?)
    }
}

/// Puts a backup in the place of the folder's store, which must not be in use. The store that was
/// there is kept in the path that is answered.
///
/// # Errors
/// [`BackupError`]; nothing was changed then.
pub async fn restore(
    home: &Path,
    file: &Path,
    now: Timestamp,
) -> Result<Option<PathBuf>, BackupError> {
    husting_store::restore(home, file, now).await
}

fn found_keys() -> Vec<(String, SecretString)> {
    let known = known_variables().map(|(variable, _)| variable);
    known
        .filter_map(|variable| {
            let value = std::env::var(variable)
                .ok()
                .filter(|value| !value.trim().is_empty())?;
            Some((
                variable.to_owned(),
                SecretString::from(value.trim().to_owned()),
            ))
        })
        .collect()
}
