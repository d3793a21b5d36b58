//! Where there are no process groups: the same names, by which nothing is started. Whoever asks is told so,
//! and no value of a session, or of what goes on, ever exists.

use std::convert::Infallible;
use std::ffi::OsStr;
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use crate::error::LaunchError;
use crate::exit::Exit;
use crate::happening::Happening;
use crate::order::Order;

/// A process that a later start of Husting could tell from others; there is none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity(Infallible);

/// A text that names no process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("that names no process")]
pub struct IdentityError;

/// What an earlier process of ours started and could not end; there is nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leftover {
    /// It ran, and it and what it started was ended.
    Ended,
    /// It does not run any more.
    Gone,
}

/// A child of ours; there is none.
#[derive(Debug)]
pub struct Owned(Infallible);

/// A session that is followed; there is none.
#[derive(Debug)]
pub struct Following(Infallible);

/// A program that runs, or ran; there is none.
#[derive(Debug)]
pub struct Session(Infallible);

/// tmux, which is not here.
#[derive(Clone, Debug)]
pub struct Tmux(Infallible);

/// A session that Husting started; there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its name, which is the agent's.
    pub name: String,
    /// The agent's id.
    pub agent: String,
    /// How the program ended, where it did.
    pub dead: Option<Exit>,
    /// When it was started, in Unix seconds.
    pub started: u64,
    /// The program's number.
    pub pid: u32,
}

/// Starts nothing.
///
/// # Errors
/// [`LaunchError::Unsupported`]; others when the order is not sound.
pub fn start(order: &Order) -> Result<Owned, LaunchError> {
    order.checked()?;
    Err(LaunchError::Unsupported)
}

impl Identity {
    /// Its number.
    #[must_use]
    pub fn pid(&self) -> u32 {
        match self.0 {}
    }

    /// Whether this very process still runs.
    #[must_use]
    pub fn lives(&self) -> bool {
        match self.0 {}
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {}
    }
}

impl FromStr for Identity {
    type Err = IdentityError;

    fn from_str(_: &str) -> Result<Self, IdentityError> {
        Err(IdentityError)
    }
}

impl Leftover {
    /// Ends nothing.
    ///
    /// # Errors
    /// None: there is no such process.
    pub fn end(identity: &Identity, _grace: Duration) -> Result<Self, LaunchError> {
        match identity.0 {}
    }
}

impl From<Owned> for Session {
    fn from(owned: Owned) -> Self {
        match owned.0 {}
    }
}

impl From<Following> for Session {
    fn from(following: Following) -> Self {
        match following.0 {}
    }
}

impl Session {
    /// What the program does next.
    #[allow(clippy::unused_async, reason = "as where programs are started")]
    pub async fn next(&mut self) -> Option<Happening> {
        match self.0 {}
    }

    /// Ends the program.
    ///
    /// # Errors
    /// None: there is no such program.
    #[allow(clippy::unused_async, reason = "as where programs are started")]
    pub async fn stop(&mut self, _grace: Duration) -> Result<Exit, LaunchError> {
        match self.0 {}
    }

    /// Who runs.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        match self.0 {}
    }
}

impl Tmux {
    /// Never there.
    #[must_use]
    pub fn find(_path: &OsStr) -> Option<Self> {
        None
    }

    /// Another server.
    #[must_use]
    pub fn with_socket(self, _socket: &str) -> Self {
        match self.0 {}
    }

    /// Another folder for sockets.
    #[must_use]
    pub fn with_folder(self, _folder: &Path) -> Self {
        match self.0 {}
    }

    /// What a person types to see the session.
    #[must_use]
    pub fn attach_line(&self, _name: &str) -> String {
        match self.0 {}
    }

    /// The sessions that Husting started.
    ///
    /// # Errors
    /// None: there is no tmux.
    #[allow(clippy::unused_async, reason = "as where programs are started")]
    pub async fn list(&self) -> Result<Vec<Found>, LaunchError> {
        match self.0 {}
    }

    /// Follows a session.
    ///
    /// # Errors
    /// None: there is no tmux.
    #[allow(clippy::unused_async, reason = "as where programs are started")]
    pub async fn follow(&self, _name: &str) -> Result<Following, LaunchError> {
        match self.0 {}
    }

    /// Starts a program in a session.
    ///
    /// # Errors
    /// None: there is no tmux.
    #[allow(clippy::unused_async, reason = "as where programs are started")]
    pub async fn start(&self, _order: &Order) -> Result<Following, LaunchError> {
        match self.0 {}
    }

    /// Ends a session.
    ///
    /// # Errors
    /// None: there is no tmux.
    #[allow(clippy::unused_async, reason = "as where programs are started")]
    pub async fn stop(&self, _name: &str, _grace: Duration) -> Result<Exit, LaunchError> {
        match self.0 {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::CommandLine;

    #[test]
    fn nothing_is_started_and_what_to_do_instead_is_said() {
        let program = std::env::current_exe().unwrap();
        let order = Order {
            name: "bruno".to_owned(),
            agent: "id".to_owned(),
            command: CommandLine {
                program: program.to_str().unwrap().to_owned(),
                arguments: Vec::new(),
            },
            directory: std::env::temp_dir(),
            environment: Vec::new(),
        };
        let refused = start(&order).map(|_| ()).unwrap_err().to_string();
        assert!(refused.contains("husting wire"), "{refused}");
        assert!(Tmux::find(OsStr::new("/usr/bin")).is_none());
        assert!("7:1:boot".parse::<Identity>().is_err());
    }
}
