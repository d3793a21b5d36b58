//! One call of tmux.

use std::ffi::{OsStr, OsString};
use std::time::Duration;

use tokio::process::Command;

use super::Tmux;
use crate::error::LaunchError;

/// tmux is asked over a socket of this machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// What is shown of tmux's complaints, in characters.
const LONGEST_COMPLAINT: usize = 300;

/// What separates two commands of one call.
pub(super) const THEN: &str = ";";

impl Tmux {
    /// A call that never starts a server.
    pub(super) fn client(&self) -> Command {
        let mut command = self.any_client();
        command.arg("-N");
        command
    }

    /// The call that may start the server, which then keeps this environment.
    pub(super) fn any_client(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .env_clear()
            .args(["-u", "-L", &self.socket, "-f", "/dev/null"])
            .kill_on_drop(true);
        if let Some(folder) = &self.folder {
            command.env("TMUX_TMPDIR", folder);
        }
        command
    }
}

/// Runs the call to its end: what it printed.
pub(super) async fn run(mut command: Command) -> Result<String, LaunchError> {
    command.stdin(std::process::Stdio::null());
    let output = tokio::time::timeout(PATIENCE, command.output())
        .await
        .map_err(|_| LaunchError::Silent(PATIENCE.as_secs()))?
        .map_err(LaunchError::Tmux)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    let complaint = complaint.trim().chars().take(LONGEST_COMPLAINT).collect();
    Err(LaunchError::Refused(complaint))
}

/// `word` as tmux has to be given it to mean itself: a `;` at its end would end the command.
pub(super) fn word(word: &OsStr) -> OsString {
    let Some(text) = word.to_str().and_then(|text| text.strip_suffix(';')) else {
        return word.to_owned();
    };
    format!("{text}\\;").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(";", "\\;")]
    #[case("a;", "a\\;")]
    #[case("a\\;", "a\\\\;")]
    #[case("a;b", "a;b")]
    #[case("", "")]
    fn a_semicolon_at_the_end_is_escaped(#[case] plain: &str, #[case] given: &str) {
        assert_eq!(word(OsStr::new(plain)), given);
    }
}
