//! What is started, where and with what.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use crate::command::CommandLine;
use crate::environment::is_name;
use crate::error::LaunchError;

const LONGEST_NAME: usize = 64;

/// What is started, where and with what.
#[derive(Clone, Debug)]
pub struct Order {
    /// The session's name, which is the agent's.
    pub name: String,
    /// The agent's id, by which its session is found again.
    pub agent: String,
    /// The program and its arguments.
    pub command: CommandLine,
    /// Where it works.
    pub directory: PathBuf,
    /// All that it gets; see [`crate::environment()`].
    pub environment: Vec<(OsString, OsString)>,
}

impl Order {
    /// The program by the child's own `PATH`, once everything is found right.
    pub(crate) fn checked(&self) -> Result<PathBuf, LaunchError> {
        check_name(&self.name)?;
        if !self.directory.is_dir() {
            return Err(LaunchError::Directory(self.directory.clone()));
        }
        for (name, value) in &self.environment {
            match name.to_str() {
                Some(text) if is_name(text) => {}
                _ => return Err(LaunchError::Variable(name.to_string_lossy().into_owned())),
            }
            if value.as_encoded_bytes().contains(&0) {
                return Err(LaunchError::Nul);
            }
        }
        if self.command.words().any(|word| word.contains('\0')) {
            return Err(LaunchError::Nul);
        }
        self.program().ok_or_else(|| LaunchError::NotFound {
            program: self.command.program.clone(),
        })
    }

    /// Absolute: a path that is not is meant from the working directory.
    fn program(&self) -> Option<PathBuf> {
        let mut command = self.command.clone();
        if command.program.contains('/') {
            let from = self.directory.join(&command.program);
            command.program = from.into_os_string().into_string().ok()?;
        }
        let found = command.on_path(self.variable("PATH").unwrap_or_default())?;
        std::path::absolute(found).ok()
    }

    fn variable(&self, name: &str) -> Option<&OsStr> {
        let mut all = self.environment.iter();
        all.find(|(own, _)| own == name)
            .map(|(_, value)| value.as_os_str())
    }
}

/// tmux would change other characters silently, or read them as a pattern or a place.
pub(crate) fn check_name(name: &str) -> Result<(), LaunchError> {
    let known = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_');
    let begins = name.chars().next().is_some_and(|char| char != '-');
    match begins && name.len() <= LONGEST_NAME && name.chars().all(known) {
        true => Ok(()),
        false => Err(LaunchError::Name(name.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn order(name: &str, command: &str) -> Order {
        Order {
            name: name.to_owned(),
            agent: "id".to_owned(),
            command: CommandLine::parse(command).unwrap(),
            directory: std::env::temp_dir(),
            environment: Vec::new(),
        }
    }

    #[rstest]
    #[case("")]
    #[case("-a")]
    #[case("a.b")]
    #[case("a:b")]
    #[case("a b")]
    #[case("#{x}")]
    #[case("=a")]
    #[case("ä")]
    fn a_name_that_tmux_would_read_otherwise_is_refused(#[case] name: &str) {
        let refused = order(name, "/bin/sh").checked();
        assert!(matches!(refused, Err(LaunchError::Name(_))), "{refused:?}");
    }

    #[test]
    fn a_name_may_have_64_letters() {
        let longest = "a-_9".repeat(16);
        assert!(order(&longest, "/bin/sh").checked().is_ok());
        let longer = order(&format!("{longest}x"), "/bin/sh").checked();
        assert!(matches!(longer, Err(LaunchError::Name(_))), "{longer:?}");
    }

    #[test]
    fn a_program_is_looked_for_in_the_childs_own_path() {
        let refused = order("a", "env").checked();
        assert!(matches!(refused, Err(LaunchError::NotFound { .. })));
        let mut found = order("a", "env");
        found.environment = vec![("PATH".into(), "/nowhere:/usr/bin:/bin".into())];
        assert!(found.checked().unwrap().ends_with("env"));
    }

    #[test]
    fn what_cannot_be_passed_on_and_a_missing_folder_are_refused() {
        let mut nul = order("a", "/usr/bin/env");
        nul.command.arguments.push("a\0b".to_owned());
        assert!(matches!(nul.checked(), Err(LaunchError::Nul)));
        let mut value = order("a", "/usr/bin/env");
        value.environment = vec![("A".into(), "x\0y".into())];
        assert!(matches!(value.checked(), Err(LaunchError::Nul)));
        let mut variable = order("a", "/usr/bin/env");
        variable.environment = vec![("*".into(), "x".into())];
        assert!(matches!(variable.checked(), Err(LaunchError::Variable(_))));
        let mut folder = order("a", "/usr/bin/env");
        folder.directory = "/nowhere/at/all".into();
        assert!(matches!(folder.checked(), Err(LaunchError::Directory(_))));
    }
}
