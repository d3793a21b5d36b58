//! What this run of the command was told, apart from what to do.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use husting_console::OpenError;
use husting_home::{ConfigError, Configured, Home};

use crate::arguments::Arguments;
use crate::commands::Command;
use crate::exit::Failure;
use crate::output::words::inert;

/// Folder, settings, form of the answer.
pub struct Invocation {
    /// The data folder.
    pub home: Home,
    /// It was named by `--home`, where a typing error is likely.
    home_is_named: bool,
    /// What flags, environment and `config.toml` set.
    pub configured: Configured,
    /// Why `config.toml` does not count, for a command that does without it.
    pub misconfigured: Option<ConfigError>,
    /// Names of the settings given as flags.
    pub flags: Vec<String>,
    /// Answers are JSON.
    pub json: bool,
}

impl Invocation {
    /// From the arguments and the process's environment.
    ///
    /// # Errors
    /// When there is no data folder, or a setting is wrong.
    pub fn of(arguments: &Arguments, flags: &BTreeMap<String, String>) -> Result<Self, Failure> {
        let home = Home::find(arguments.home.as_deref())?;
        refuse_unusable(home.path(), &arguments.command)?;
        let (configured, misconfigured) = configured(&arguments.command, &home, flags)?;
        let flags = flags.keys().cloned().collect();
        Ok(Self {
            home,
            home_is_named: arguments.home.is_some(),
            configured,
            misconfigured,
            flags,
            json: arguments.json,
        })
    }

    /// Refuses a folder that was named and is not there, before it is made by whoever looks into it, finds nothing, and
    /// says so.
    ///
    /// # Errors
    /// [`Failure::NoFolder`].
    pub fn require_named_home(&self) -> Result<(), Failure> {
        if self.home_is_named && self.is_new() {
            return Err(Failure::NoFolder(self.home.path().to_owned()));
        }
        Ok(())
    }

    /// Before the folder is made by whoever opens it.
    pub fn beginning(&self) -> Beginning<'_> {
        Beginning {
            invocation: self,
            is_new: self.is_new(),
        }
    }

    /// The folder is not there yet.
    fn is_new(&self) -> bool {
        !self.home.path().exists()
    }
}

/// What counts for a command, and why `config.toml` does not where it can do without.
fn configured(
    command: &Command,
    home: &Home,
    flags: &BTreeMap<String, String>,
) -> Result<(Configured, Option<ConfigError>), ConfigError> {
    let variable = |name: &str| std::env::var(name).ok();
    match command {
        Command::Erase(_) => Ok((Configured::to_erase(home, flags, variable)?, None)),
        Command::Doctor(_) => match Configured::gather(home, flags, variable) {
            Ok(configured) => Ok((configured, None)),
            Err(fault) => Ok((Configured::without_file(flags, variable)?, Some(fault))),
        },
        _ => Ok((Configured::gather(home, flags, variable)?, None)),
    }
}

/// A command that may make the data folder, where a typing error would be found late.
#[must_use]
pub struct Beginning<'a> {
    invocation: &'a Invocation,
    is_new: bool,
}

impl Beginning<'_> {
    /// Says where a new folder was begun, if one was. With `--json` standard error carries one document, or nothing.
    pub fn tell(self) {
        if !self.is_new || self.invocation.json || self.invocation.is_new() {
            return;
        }
        let home = self.invocation.home.path().display().to_string();
        eprintln!("husting: began a new data folder, {}", inert(&home));
    }
}

/// A data folder that is a file or lies below one, or into which the system does not let this user look: that one
/// `husting doctor` looks at all the same, and tells what else is wrong.
fn refuse_unusable(home: &Path, command: &Command) -> Result<(), Failure> {
    let Err(fault) = std::fs::read_dir(home) else {
        return Ok(());
    };
    let is_unusable = match fault.kind() {
        io::ErrorKind::NotADirectory => true,
        io::ErrorKind::PermissionDenied => !matches!(command, Command::Doctor(_)),
        // What is not there is made; what else is wrong is told by whoever opens it.
        _ => false,
    };
    if is_unusable {
        return Err(OpenError::of_folder(home.to_owned(), fault).into());
    }
    Ok(())
}
