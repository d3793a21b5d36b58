//! What was set, and where: by a flag, by the environment, in `config.toml`, in that order. What
//! none of them sets is as the console remembers it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use config::{Config, File, FileFormat, Value, ValueKind};
use husting_console::KeyChoice;
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
    /// `config.toml` is no TOML, or cannot be read.
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
    #[error("secrets = \"file\" needs HUSTING_SECRETS_KEY_FILE or HUSTING_PASSPHRASE to unlock it")]
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
        let file = read_file(&home.config_file())?;
        let mut given = BTreeMap::new();
        let mut fields = serde_json::Map::new();
        for setting in SETTINGS {
            let found = flags
                .get(setting.name)
                .map(|value| (value.clone(), Source::Flag))
                .or_else(|| Some((set(&variable, &setting.variable())?, Source::Environment)))
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
        let keys = keys(&given, set(&variable, PASSPHRASE).map(SecretString::from))?;
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
}

/// An empty variable counts as unset.
fn set(variable: &impl Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    variable(name).filter(|value| !value.is_empty())
}

fn refused(setting: &Setting, value: String, source: Source) -> ConfigError {
    let place = match source {
        Source::Flag => format!("--{}", setting.flag()),
        Source::Environment => setting.variable(),
        Source::File => format!("{} in config.toml", setting.name),
    };
    ConfigError::Value {
        place,
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

fn keys(
    given: &BTreeMap<&'static str, Given>,
    passphrase: Option<SecretString>,
) -> Result<KeyChoice, ConfigError> {
    let text = |name| given.get(name).map(|given: &Given| given.value.as_str());
    let unlock = match text("secrets_key_file") {
        Some(path) => Some(KeyChoice::KeyFile(PathBuf::from(path))),
        None => passphrase.map(KeyChoice::Passphrase),
    };
    match text("secrets") {
        Some("keyring") => Ok(KeyChoice::Keyring),
        Some("memory") => Ok(KeyChoice::Memory),
        Some(_) => unlock.ok_or(ConfigError::NoUnlock),
        None => Ok(unlock.unwrap_or(KeyChoice::Found)),
    }
}

/// The file's values by dotted name; none when there is no file.
fn read_file(path: &Path) -> Result<BTreeMap<String, String>, ConfigError> {
    let failed = |source| ConfigError::File {
        path: path.to_owned(),
        source: Box::new(source),
    };
    let file = File::from(path).format(FileFormat::Toml).required(false);
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
mod tests {
    use super::*;

    struct Case {
        file: &'static str,
        environment: &'static [(&'static str, &'static str)],
        flags: &'static [(&'static str, &'static str)],
    }

    fn gather(case: &Case) -> Result<Configured, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::find(Some(folder.path())).unwrap();
        std::fs::write(home.config_file(), case.file).unwrap();
        let flags = case
            .flags
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let variable = |name: &str| {
            case.environment
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        Configured::gather(&home, &flags, variable)
    }

    #[test]
    fn a_flag_beats_the_environment_and_the_environment_beats_the_file() {
        const FILE: &str = "[panel]\nmax_seats = 4\n";
        const ENVIRONMENT: &[(&str, &str)] = &[("HUSTING_PANEL_MAX_SEATS", "5")];
        const FLAGS: &[(&str, &str)] = &[("panel.max_seats", "6")];
        let table = [
            (FILE, ENVIRONMENT, FLAGS, 6, Source::Flag),
            ("", ENVIRONMENT, FLAGS, 6, Source::Flag),
            (FILE, &[], FLAGS, 6, Source::Flag),
            (FILE, ENVIRONMENT, &[], 5, Source::Environment),
            (
                FILE,
                &[("HUSTING_PANEL_MAX_SEATS", "")],
                &[],
                4,
                Source::File,
            ),
            (FILE, &[], &[], 4, Source::File),
        ];
        for (file, environment, flags, seats, source) in table {
            let configured = gather(&Case {
                file,
                environment,
                flags,
            })
            .unwrap();
            assert_eq!(configured.overrides.panel_max_seats, Some(seats));
            assert_eq!(configured.given("panel.max_seats").unwrap().source, source);
        }
    }

    #[test]
    fn what_nobody_sets_is_left_to_the_console() {
        let configured = gather(&Case {
            file: "",
            environment: &[],
            flags: &[],
        })
        .unwrap();
        assert_eq!(configured.overrides, EditSettings::default());
        assert!(
            SETTINGS
                .iter()
                .all(|setting| configured.given(setting.name).is_none())
        );
        assert!(matches!(configured.keys, KeyChoice::Found));
    }

    #[test]
    fn every_kind_of_value_reaches_the_console() {
        let file = "theme = \"dark\"\nsingle_keys = false\nzoom = 125\ndensity = \"comfortable\"\n\
                    [rehearsal]\ntokens_per_second = 0\n[panel]\nmax_output_tokens = 4096\ndeadline_seconds = 60\nmax_seats = 3\n";
        let overrides = gather(&Case {
            file,
            environment: &[],
            flags: &[],
        })
        .unwrap()
        .overrides;
        let said = serde_json::to_value(&overrides).unwrap();
        assert!(
            said.as_object()
                .unwrap()
                .values()
                .all(|value| !value.is_null()),
            "{said}"
        );
        assert_eq!(
            (
                overrides.single_keys,
                overrides.zoom,
                overrides.rehearsal_tokens_per_second
            ),
            (Some(false), Some(125), Some(0))
        );
    }

    #[test]
    fn a_wrong_value_is_refused_with_its_place() {
        let refusal = |file, environment, flags| {
            gather(&Case {
                file,
                environment,
                flags,
            })
            .err()
            .unwrap()
            .to_string()
        };
        assert_eq!(
            refusal("", &[("HUSTING_PANEL_MAX_SEATS", "9")], &[]),
            "HUSTING_PANEL_MAX_SEATS is \"9\"; it must be a number from 3 to 8"
        );
        assert_eq!(
            refusal("", &[], &[("panel.deadline_seconds", "soon")]),
            "--panel-deadline-seconds is \"soon\"; it must be a number from 30 to 1800"
        );
        assert_eq!(
            refusal("theme = 3", &[], &[]),
            "theme in config.toml is \"3\"; it must be system, dark, light"
        );
        assert!(
            refusal("[panel]\nseats = 3", &[], &[])
                .contains("sets panel.seats, which is no setting")
        );
        assert!(refusal("panel = [", &[], &[]).contains("config.toml cannot be read"));
    }

    #[test]
    fn keys_are_kept_where_the_operator_said() {
        let keys = |environment| {
            gather(&Case {
                file: "",
                environment,
                flags: &[],
            })
            .map(|configured| configured.keys)
        };
        assert!(matches!(
            keys(&[("HUSTING_SECRETS", "keyring")]),
            Ok(KeyChoice::Keyring)
        ));
        assert!(matches!(
            keys(&[("HUSTING_SECRETS", "memory")]),
            Ok(KeyChoice::Memory)
        ));
        assert!(matches!(
            keys(&[("HUSTING_SECRETS", "file")]),
            Err(ConfigError::NoUnlock)
        ));
        assert!(matches!(
            keys(&[("HUSTING_PASSPHRASE", "long enough words")]),
            Ok(KeyChoice::Passphrase(_))
        ));
        let both = keys(&[
            ("HUSTING_SECRETS_KEY_FILE", "/k"),
            ("HUSTING_PASSPHRASE", "long enough words"),
        ]);
        assert!(matches!(both, Ok(KeyChoice::KeyFile(path)) if path == Path::new("/k")));
        assert!(matches!(
            keys(&[("HUSTING_SECRETS", "vault")]),
            Err(ConfigError::Value { .. })
        ));
    }

    #[test]
    fn a_passphrase_has_no_place_in_the_file() {
        let refused = gather(&Case {
            file: "passphrase = \"x\"",
            environment: &[],
            flags: &[],
        });
        assert!(matches!(refused, Err(ConfigError::Unknown { .. })));
    }
}
