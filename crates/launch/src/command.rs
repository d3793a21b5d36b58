//! A command: a program and its arguments, as words and as text.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

/// What is run: never a shell's line, always words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    /// A name that is looked for in `PATH`, or a path.
    pub program: String,
    /// As the program gets them.
    pub arguments: Vec<String>,
}

/// Why a text is no command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// Nothing stands there, or the program's name is empty.
    #[error("no program is named")]
    Empty,
    /// A quote has no end.
    #[error("a quotation mark is not closed")]
    Unclosed,
    /// A line break, NUL or another control character: it would hide what is run.
    #[error("a line break or another control character cannot stand in a command")]
    Control,
}

impl CommandLine {
    /// Splits `text` into words by the quoting rules of a shell. Nothing is expanded: `$HOME`, `*`
    /// and `;` reach the program as they stand.
    ///
    /// # Errors
    /// [`CommandError`] when the text is empty, holds a control character or an open quote.
    pub fn parse(text: &str) -> Result<Self, CommandError> {
        if text.chars().any(char::is_control) {
            return Err(CommandError::Control);
        }
        let mut words = shell_words::split(text)
            .map_err(|_| CommandError::Unclosed)?
            .into_iter();
        let program = words.next().filter(|program| !program.is_empty());
        Ok(Self {
            program: program.ok_or(CommandError::Empty)?,
            arguments: words.collect(),
        })
    }

    /// The whole command, quoted so that [`CommandLine::parse`] and a shell read the same words.
    #[must_use]
    pub fn text(&self) -> String {
        shell_words::join(self.words())
    }

    /// The program and its arguments.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.program)
            .chain(&self.arguments)
            .map(String::as_str)
    }

    /// Where the program is by the folders of `path`. A program that is given as a path is itself.
    /// Folders of `path` that are not absolute are left out: they would mean another place in the
    /// agent's folder than here.
    #[must_use]
    pub fn on_path(&self, path: &OsStr) -> Option<PathBuf> {
        let program = Path::new(&self.program);
        if self.program.contains('/') {
            return is_program(program).then(|| program.to_owned());
        }
        std::env::split_paths(path)
            .filter(|folder| folder.is_absolute())
            .map(|folder| folder.join(program))
            .find(|candidate| is_program(candidate))
    }
}

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata()
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("claude -p 'You are alice.'", &["claude", "-p", "You are alice."])]
    #[case(r#"codex -c 'a="b"' "c d""#, &["codex", "-c", r#"a="b""#, "c d"])]
    #[case("echo $HOME * ; `id` $(id) > f", &["echo", "$HOME", "*", ";", "`id`", "$(id)", ">", "f"])]
    #[case("a '' ü→", &["a", "", "ü→"])]
    fn words_are_split_and_nothing_is_expanded(#[case] text: &str, #[case] words: &[&str]) {
        let command = CommandLine::parse(text).unwrap();
        assert_eq!(command.words().collect::<Vec<_>>(), words);
    }

    #[rstest]
    #[case("", CommandError::Empty)]
    #[case("   ", CommandError::Empty)]
    #[case("'' x", CommandError::Empty)]
    #[case("claude 'You", CommandError::Unclosed)]
    #[case("claude\nrm x", CommandError::Control)]
    #[case("claude \0", CommandError::Control)]
    #[case("claude \u{1b}[2K", CommandError::Control)]
    fn what_is_no_command_is_refused(#[case] text: &str, #[case] error: CommandError) {
        assert_eq!(CommandLine::parse(text), Err(error));
    }

    proptest! {
        #[test]
        fn the_text_of_a_command_reads_back_as_the_same_words(
            words in prop::collection::vec("\\PC{0,12}", 0..6),
            program in "\\PC{1,12}",
        ) {
            let command = CommandLine { program, arguments: words };
            prop_assert_eq!(CommandLine::parse(&command.text()).unwrap(), command);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_program_is_found_where_it_can_be_run_and_not_in_a_relative_folder() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, mode| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "").unwrap();
            std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
            path
        };
        put("first/agent", 0o644);
        let second = put("second/agent", 0o755);
        let path = std::env::join_paths([
            PathBuf::from("."),
            folder.path().join("first"),
            folder.path().join("second"),
        ])
        .unwrap();
        let named = |name: &str| CommandLine::parse(name).unwrap();
        assert_eq!(named("agent").on_path(&path), Some(second.clone()));
        // The same folder, from here.
        let here = std::env::current_dir().unwrap();
        let up = "../".repeat(here.components().count());
        let relative = PathBuf::from(up).join(second.parent().unwrap().strip_prefix("/").unwrap());
        assert!(is_program(&relative.join("agent")));
        assert_eq!(named("agent").on_path(relative.as_os_str()), None);
        let direct = named(second.to_str().unwrap());
        assert_eq!(direct.on_path(OsStr::new("")), Some(second));
    }
}
