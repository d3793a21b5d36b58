//! What is around the program: the user's folders, the search path, the variables that programs it
//! starts are given. Read once by the shell and passed in, so that tests have surroundings of their own.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use husting_launch::CommandLine;
use husting_wire::errors::Error;

/// The surroundings of this process.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The environment's variables.
    pub variables: Vec<(OsString, OsString)>,
    /// The `husting` program, for clients that can only start one; none where it is on the search path.
    pub program: Option<PathBuf>,
    /// Where Husting will be heard once it runs, such as `http://127.0.0.1:6070`: for a program that leaves
    /// after one command and listens nowhere itself.
    pub usual_url: Option<String>,
}

impl Surroundings {
    /// Those of this process. The command line's program stands beside the one that runs, or is the one.
    #[must_use]
    pub fn own() -> Self {
        let running = std::env::current_exe().ok();
        let name = format!("husting{}", std::env::consts::EXE_SUFFIX);
        let beside = running.map(|path| path.with_file_name(name));
        Self {
            variables: std::env::vars_os().collect(),
            program: beside.filter(|path| path.is_file()),
            usual_url: None,
        }
    }

    /// A variable that is set and not empty.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&OsStr> {
        let found = self.variables.iter().find(|(known, _)| known == name);
        let value = found.map(|(_, value)| value.as_os_str());
        value.filter(|value| !value.is_empty())
    }

    /// The user's home folder.
    #[must_use]
    pub fn home(&self) -> Option<PathBuf> {
        let variable = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
        self.variable(variable).map(PathBuf::from)
    }

    /// Where the user's programs keep what they are told.
    #[must_use]
    pub fn config(&self) -> Option<PathBuf> {
        if cfg!(windows) {
            return self.variable("APPDATA").map(PathBuf::from);
        }
        let home = self.home()?;
        if cfg!(target_os = "macos") {
            return Some(home.join("Library/Application Support"));
        }
        let chosen = self.variable("XDG_CONFIG_HOME").map(PathBuf::from);
        let chosen = chosen.filter(|folder| folder.is_absolute());
        Some(chosen.unwrap_or_else(|| home.join(".config")))
    }

    /// A program on the search path.
    #[must_use]
    pub fn program_called(&self, name: &str) -> Option<PathBuf> {
        let command = CommandLine {
            program: format!("{name}{}", std::env::consts::EXE_SUFFIX),
            arguments: Vec::new(),
        };
        command.on_path(self.variable("PATH")?)
    }

    /// The path that somebody wrote: `~/` is their home. None for one that is not absolute then.
    #[must_use]
    pub fn path(&self, written: &str) -> Option<PathBuf> {
        let written = written.trim();
        let path = match written.strip_prefix("~/") {
            Some(rest) => self.home()?.join(rest),
            None if written == "~" => self.home()?,
            None => PathBuf::from(written),
        };
        path.is_absolute().then_some(path)
    }

    /// The file that somebody named, `what` it is to be and an `example` of its name.
    ///
    /// # Errors
    /// `invalid_request` for a path that is relative. To what? The folder this program was started in is nobody's choice.
    pub(crate) fn file(&self, written: &str, what: &str, example: &str) -> Result<PathBuf, Error> {
        self.path(written).ok_or_else(|| {
            Error::invalid(format!(
                "{what} needs a whole path, such as /home/you/{example} or ~/{example}."
            ))
        })
    }

    /// A path as people write it, which [`Surroundings::path`] reads: `~/` for their home.
    #[must_use]
    pub fn written(&self, path: &Path) -> String {
        let home = self.home();
        match home.and_then(|home| path.strip_prefix(home).ok().map(Path::to_owned)) {
            Some(rest) => Path::new("~").join(rest).display().to_string(),
            None => path.display().to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use rstest::rstest;

    use super::*;

    fn of(variables: &[(&str, &str)]) -> Surroundings {
        let variables = variables
            .iter()
            .map(|(name, value)| (name.into(), value.into()));
        Surroundings {
            variables: variables.collect(),
            program: None,
            usual_url: None,
        }
    }

    #[rstest]
    #[case::at_home("/home/ana/.claude.json", "~/.claude.json")]
    #[case::elsewhere("/srv/agent/.mcp.json", "/srv/agent/.mcp.json")]
    #[case::of_somebody_with_a_longer_name(
        "/home/anabel/.claude.json",
        "/home/anabel/.claude.json"
    )]
    fn a_path_is_written_as_it_is_read(#[case] path: &str, #[case] written: &str) {
        let here = of(&[("HOME", "/home/ana")]);
        assert_eq!(here.written(Path::new(path)), written);
        assert_eq!(here.path(written), Some(path.into()));
        assert_eq!(of(&[]).written(Path::new(path)), path);
    }

    #[test]
    fn a_path_begins_at_the_root_or_at_home() {
        let here = of(&[("HOME", "/home/ana")]);
        let path = |written| here.path(written);
        assert_eq!(path("~/work/"), Some("/home/ana/work/".into()));
        assert_eq!(path(" /srv/agent "), Some("/srv/agent".into()));
        assert_eq!(path("~"), Some("/home/ana".into()));
        assert_eq!(path("work"), None);
        assert_eq!(path("~bruno/work"), None);
        assert_eq!(of(&[]).path("~/work"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn settings_are_where_the_desktop_says_else_below_home() {
        let home = ("HOME", "/home/ana");
        assert_eq!(of(&[home]).config(), Some("/home/ana/.config".into()));
        let chosen = of(&[home, ("XDG_CONFIG_HOME", "/etc/ana")]);
        assert_eq!(chosen.config(), Some("/etc/ana".into()));
        let relative = of(&[home, ("XDG_CONFIG_HOME", "ana")]);
        assert_eq!(relative.config(), Some("/home/ana/.config".into()));
    }
}
