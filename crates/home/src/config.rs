//! What was set, and where: by a flag, by the environment, in `config.toml`, in that order. What
//! none of them sets is as the console remembers it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use config::{Config, File, FileFormat, Value, ValueKind};
use husting_console::{KeyChoice, hindrance};
use husting_wire::settings::EditSettings;
use secrecy::SecretString;

use crate::folder::Home;
use crate::settings::{SETTINGS, Setting};

/// The passphrase of the sealed file. It has no flag and no key: neither arguments nor
/// `config.toml` are places for a secret.
const PASSPHRASE: &str = "HUSTING_PASSPHRASE";

/// Where a value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// `config.toml` in the data folder.
    File,
    /// A variable `HUSTING_…`.
    Environment,
    /// A flag of this command.
    Flag,
}

/// A value somebody set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// As written.
    pub value: String,
    /// Where.
    pub source: Source,
}

/// What was set from outside.
pub struct Configured {
    given: BTreeMap<&'static str, Given>,
    /// For the console: these win over what it remembers.
    pub overrides: EditSettings,
    /// Where keys are kept.
    pub keys: KeyChoice,
}

/// Why what was set cannot be used. Each names the place.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// `config.toml` is there, and cannot be read.
    #[error("{} cannot be read: {}", path.display(), hindrance(source))]
    Unread {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// `config.toml` is no TOML.
    #[error("{} cannot be read: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<config::ConfigError>,
    },
    /// A key that sets nothing, most likely mistyped.
    #[error("{} sets {key}, which is no setting; `husting config` lists them", path.display())]
    Unknown {
        /// Which file.
        path: PathBuf,
        /// The key.
        key: String,
    },
    /// A value that breaks its rule.
    #[error("{place} is {value:?}; it must be {rule}")]
    Value {
        /// Flag, variable or key.
        place: String,
        /// As written.
        value: String,
        /// What may stand there.
        rule: String,
    },
    /// A sealed file that nothing unlocks.
    #[error(
        "secrets = \"file\" needs what unlocks it: a key file named in HUSTING_SECRETS_KEY_FILE, or a passphrase in \
         HUSTING_PASSPHRASE"
    )]
    NoUnlock,
}

impl Configured {
    /// Gathers what `flags` (by name), the environment and `config.toml` set.
    ///
    /// # Errors
    /// [`ConfigError`] for the first thing that cannot be used.
    pub fn gather(
        home: &Home,
        flags: &BTreeMap<String, String>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let no_unlock = || Err(ConfigError::NoUnlock);
        Self::of(&in_file(home)?, flags, &variable, no_unlock)
    }

    /// What counts for whoever looks why `config.toml` cannot be used: what `flags` and the environment set.
    ///
    /// # Errors
    /// [`ConfigError`] where these cannot be used either.
    pub fn without_file(
        flags: &BTreeMap<String, String>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let no_unlock = || Err(ConfigError::NoUnlock);
        Self::of(&BTreeMap::new(), flags, &variable, no_unlock)
    }

    /// What counts where all data is to be erased: a `config.toml` that cannot be used goes with the rest, and so does a
    /// sealed file that nothing unlocks.
    ///
    /// # Errors
    /// [`ConfigError`] for what `flags` and the environment set.
    pub fn to_erase(
        home: &Home,
        flags: &BTreeMap<String, String>,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        // No key is read, and none is kept any more.
        let unopened = || Ok(KeyChoice::Memory);
        let whole = in_file(home).and_then(|file| Self::of(&file, flags, &variable, unopened));
        whole.or_else(|_| Self::of(&BTreeMap::new(), flags, &variable, unopened))
    }

    /// `no_unlock` says what becomes of a sealed file that nothing unlocks.
    fn of(
        file: &BTreeMap<String, String>,
        flags: &BTreeMap<String, String>,
        variable: &impl Fn(&str) -> Option<String>,
        no_unlock: impl FnOnce() -> Result<KeyChoice, ConfigError>,
    ) -> Result<Self, ConfigError> {
        let mut given = BTreeMap::new();
        let mut fields = serde_json::Map::new();
        for setting in SETTINGS {
            let found = flags
                .get(setting.name)
                .map(|value| (value.clone(), Source::Flag))
                .or_else(|| Some((set(variable, &setting.variable())?, Source::Environment)))
                .or_else(|| Some((file.get(setting.name)?.clone(), Source::File)));
            let Some((value, source)) = found else {
                continue;
            };
            let Some(typed) = setting.read(&value) else {
                return Err(refused(setting, value, source));
            };
            fields.insert(setting.field(), typed);
            given.insert(setting.name, Given { value, source });
        }
        let keys = keys(&given, set(variable, PASSPHRASE).map(SecretString::from));
        let keys = keys.map_or_else(no_unlock, Ok)?;
        Ok(Self {
            given,
            overrides: overrides(fields),
            keys,
        })
    }

    /// What was set for a name, if anything.
    #[must_use]
    pub fn given(&self, name: &str) -> Option<&Given> {
        self.given.get(name)
    }

    /// Where it was set: the flag, the variable, or the key in `config.toml`.
    #[must_use]
    pub fn place_of(&self, name: &str) -> Option<String> {
        let setting = SETTINGS.iter().find(|setting| setting.name == name)?;
        Some(place(setting, self.given(name)?.source))
    }
}

/// What `config.toml` sets. It goes with the data that is being erased, and must not be in force afterwards because it
/// was read before.
fn in_file(home: &Home) -> Result<BTreeMap<String, String>, ConfigError> {
    match home.is_being_erased() {
        true => Ok(BTreeMap::new()),
        false => read_file(&home.config_file()),
    }
}

/// An empty variable counts as unset.
fn set(variable: &impl Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    variable(name).filter(|value| !value.is_empty())
}

fn place(setting: &Setting, source: Source) -> String {
    match source {
        Source::Flag => format!("--{}", setting.flag()),
        Source::Environment => setting.variable(),
        Source::File => format!("{} in config.toml", setting.name),
    }
}

fn refused(setting: &Setting, value: String, source: Source) -> ConfigError {
    ConfigError::Value {
        place: place(setting, source),
        value,
        rule: setting.rule(),
    }
}

/// Those that are the console's own.
fn overrides(mut fields: serde_json::Map<String, serde_json::Value>) -> EditSettings {
    let known = serde_json::to_value(EditSettings::default()).unwrap_or_default();
    fields.retain(|field, _| known.get(field).is_some());
    // The table's rules are narrower than the types, so nothing is lost here; a test says so.
    serde_json::from_value(fields.into()).unwrap_or_default()
}

/// None for a sealed file that nothing unlocks.
fn keys(
    given: &BTreeMap<&'static str, Given>,
    passphrase: Option<SecretString>,
) -> Option<KeyChoice> {
    let text = |name| given.get(name).map(|given: &Given| given.value.as_str());
    let unlock = match text("secrets_key_file") {
        Some(path) => Some(KeyChoice::KeyFile(PathBuf::from(path))),
        None => passphrase.map(KeyChoice::Passphrase),
    };
    match text("secrets") {
        Some("keyring") => Some(KeyChoice::Keyring),
        Some("memory") => Some(KeyChoice::Memory),
        Some(_) => unlock,
        None => Some(unlock.unwrap_or(KeyChoice::Found)),
    }
}

/// What the file says; nothing where there is none. A folder into which nobody may look is told by whoever opens it.
fn text_of(path: &Path) -> Result<String, ConfigError> {
    if path.symlink_metadata().is_err() {
        return Ok(String::new());
    }
    match fs::read_to_string(path) {
        // Some editors put a mark before the first line.
        Ok(text) => Ok(text.trim_start_matches('\u{feff}').to_owned()),
        // A link that leads nowhere.
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(source) => Err(ConfigError::Unread {
            path: path.to_owned(),
            source,
        }),
    }
}

/// The file's values by dotted name.
fn read_file(path: &Path) -> Result<BTreeMap<String, String>, ConfigError> {
    let failed = |source| ConfigError::File {
        path: path.to_owned(),
        source: Box::new(source),
    };
    let file = File::from_str(&text_of(path)?, FileFormat::Toml);
    let root = Config::builder()
        .add_source(file)
        .build()
        .map_err(failed)?
        .cache;
    let mut values = BTreeMap::new();
    flatten("", root, &mut values);
    match values
        .keys()
        .find(|key| SETTINGS.iter().all(|setting| setting.name != *key))
    {
        Some(key) => Err(ConfigError::Unknown {
            path: path.to_owned(),
            key: key.clone(),
        }),
        None => Ok(values),
    }
}

fn flatten(prefix: &str, value: Value, into: &mut BTreeMap<String, String>) {
    let ValueKind::Table(table) = value.kind else {
        into.insert(prefix.to_owned(), value.to_string());
        return;
    };
    for (key, value) in table {
        let name = if prefix.is_empty() {
            key
        } else {
            format!("{prefix}.{key}")
        };
        flatten(&name, value, into);
    }
}

#[cfg(test)]
mod tests;
