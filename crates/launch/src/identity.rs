//! A process's name that no other process ever has, and the end of one that a crash left running.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::error::LaunchError;
use crate::family;
use crate::processes::process;

/// A process, named so that a later process of ours can tell it from any other: its number, when it
/// started, and the machine's start since which both count.
///
/// Its text (`pid:started:boot`) is for keeping.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    pid: i32,
    /// Ticks since the machine's start.
    started: u64,
    boot: String,
}

/// A text that names no process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("that names no process")]
pub struct IdentityError;

impl Identity {
    /// The process `pid`, which must live or not be reaped yet. Nothing elsewhere than on Linux.
    pub(crate) fn of(pid: i32) -> Option<Self> {
        Some(Self {
            pid,
            started: process(pid)?.started,
            boot: boot()?,
        })
    }

    /// Its number.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.pid.unsigned_abs()
    }

    /// Whether this very process still runs.
    #[must_use]
    pub fn lives(&self) -> bool {
        process(self.pid).is_some_and(|now| now.lives && now.started == self.started)
            && boot().as_ref() == Some(&self.boot)
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.pid, self.started, self.boot)
    }
}

impl FromStr for Identity {
    type Err = IdentityError;

    fn from_str(text: &str) -> Result<Self, IdentityError> {
        let mut parts = text.splitn(3, ':');
        let mut next = || parts.next().ok_or(IdentityError);
        let pid = next()?.parse().map_err(|_| IdentityError)?;
        let started = next()?.parse().map_err(|_| IdentityError)?;
        let boot = next()?.to_owned();
        // 1 is the system's own, and smaller numbers mean groups or everybody.
        match pid > 1 {
            true => Ok(Self { pid, started, boot }),
            false => Err(IdentityError),
        }
    }
}

fn boot() -> Option<String> {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned())
}

/// What an earlier process of ours started and could not end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leftover {
    /// It ran, and it and what it started was ended.
    Ended,
    /// It does not run any more, or another process has its number; nothing was signalled.
    Gone,
}

impl Leftover {
    /// Ends the process that `identity` names and what it started, if it still is that process.
    ///
    /// Blocks up to `grace` and two seconds.
    ///
    /// # Errors
    /// [`LaunchError::NotEnded`] when something of it lives afterwards.
    pub fn end(identity: &Identity, grace: Duration) -> Result<Self, LaunchError> {
        if !identity.lives() {
            return Ok(Self::Gone);
        }
        match family::end(identity.pid, grace) && !identity.lives() {
            true => Ok(Self::Ended),
            false => Err(LaunchError::NotEnded(identity.pid())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[cfg(target_os = "linux")]
    #[test]
    fn an_identity_is_kept_as_text() {
        let own = Identity::of(i32::try_from(std::process::id()).unwrap()).unwrap();
        assert!(own.lives());
        assert_eq!(own.to_string().parse(), Ok(own));
    }

    #[rstest]
    #[case("")]
    #[case("12:3")]
    #[case("0:3:b")]
    #[case("1:3:b")]
    #[case("-7:3:b")]
    #[case("x:3:b")]
    fn what_may_mean_everybody_names_no_process(#[case] text: &str) {
        assert_eq!(text.parse::<Identity>(), Err(IdentityError));
    }
}
