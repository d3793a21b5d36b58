//! A data folder of a test's own, and commands run on it with nothing else in their environment.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde::de::DeserializeOwned;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::patience::wait_for;
use crate::program;
use crate::search::holders_of_tokens;

/// A folder with the data folder in it and, beside that, the file that unlocks its keys. When it is
/// dropped, nobody's token may be in the data folder.
pub struct Home(TempDir);

/// How a command ended.
#[derive(Debug)]
pub struct Ran {
    /// The whole line, for messages.
    pub line: String,
    /// Its exit code.
    pub code: i32,
    /// What it answered.
    pub stdout: String,
    /// What it said besides.
    pub stderr: String,
}

impl Home {
    /// A new one, with an empty sealed file. The file says what opening it costs, which is next to nothing: deriving the
    /// usual key in each command would take a third of a suite's time. `cargo test -p husting-secrets light -- --ignored`
    /// makes it anew.
    #[allow(clippy::new_without_default, reason = "it makes files")]
    pub fn new() -> Self {
        let home = Self::empty();
        let sealed = home.path().join("secrets.sealed");
        fs::write(&sealed, include_bytes!("../fixtures/light.sealed")).expect("it is ours");
        fs::set_permissions(&sealed, fs::Permissions::from_mode(0o600)).expect("it is ours");
        home
    }

    /// A new one with nothing in it: the first secret makes the sealed file.
    pub fn empty() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("husting-test.")
            .tempdir()
            .expect("a folder can be made");
        let home = Self(folder);
        fs::create_dir(home.path()).expect("a folder can be made");
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700)).expect("it is ours");
        fs::write(home.key_file(), include_bytes!("../fixtures/light.key")).expect("it is ours");
        fs::set_permissions(home.key_file(), fs::Permissions::from_mode(0o600))
            .expect("it is ours");
        home
    }

    /// The data folder.
    pub fn path(&self) -> PathBuf {
        self.0.path().join("data")
    }

    /// A file beside the data folder.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn key_file(&self) -> PathBuf {
        self.beside("key")
    }

    /// A program that is to work on this folder, keys in its sealed file.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = self.bare_command(program);
        command.env("HUSTING_SECRETS_KEY_FILE", self.key_file());
        command
    }

    /// The same, without a place for keys.
    pub fn bare_command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.0.path())
            .env("HUSTING_HOME", self.path())
            .current_dir(self.0.path())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Runs `husting` with these words.
    pub async fn run(&self, words: &[&str]) -> Ran {
        let mut command = self.command(program::husting());
        command.args(words);
        run(command, None).await
    }

    /// The same with something on its standard input.
    pub async fn run_with(&self, words: &[&str], input: &str) -> Ran {
        let mut command = self.command(program::husting());
        command.args(words);
        run(command, Some(input)).await
    }

    /// The JSON that a command must answer.
    pub async fn ask(&self, words: &[&str]) -> Value {
        self.run(&[words, &["--json"]].concat()).await.done().json()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if !std::thread::panicking() && self.path().exists() {
            assert_eq!(holders_of_tokens(&self.path()), Vec::<String>::new());
        }
    }
}

/// Runs a command to its end.
pub async fn run(mut command: Command, input: Option<&str>) -> Ran {
    let line = line_of(&command);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    if input.is_some() {
        command.stdin(Stdio::piped());
    }
    let mut child = command
        .spawn()
        .unwrap_or_else(|error| panic!("{line} cannot be started: {error}"));
    if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input) {
        stdin
            .write_all(input.as_bytes())
            .await
            .expect("it reads its input");
    }
    let ended = wait_for(&format!("the end of {line}"), child.wait_with_output())
        .await
        .expect("it can be waited for");
    Ran {
        line,
        code: ended.status.code().unwrap_or(-1),
        stdout: String::from_utf8(ended.stdout).expect("it answers in UTF-8"),
        stderr: String::from_utf8_lossy(&ended.stderr).into_owned(),
    }
}

fn line_of(command: &Command) -> String {
    let command = command.as_std();
    let name = Path::new(command.get_program())
        .file_name()
        .unwrap_or_default();
    let words = std::iter::once(name)
        .chain(command.get_args())
        .map(OsStr::to_string_lossy);
    words.collect::<Vec<_>>().join(" ")
}

impl Ran {
    /// It must have ended with this code.
    #[track_caller]
    pub fn with(self, code: i32) -> Self {
        let Self {
            line,
            code: got,
            stdout,
            stderr,
        } = &self;
        assert_eq!(*got, code, "exit code of: {line}\n{stdout}{stderr}");
        self
    }

    /// It must have done what it was told.
    #[track_caller]
    pub fn done(self) -> Self {
        self.with(0)
    }

    /// What it answered, as JSON.
    #[track_caller]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        read(&self.stdout, &self.line)
    }

    /// The error that it told as JSON.
    #[track_caller]
    pub fn error<T: DeserializeOwned>(&self) -> T {
        read(&self.stderr, &self.line)
    }
}

#[track_caller]
fn read<T: DeserializeOwned>(text: &str, line: &str) -> T {
    serde_json::from_str(text)
        .unwrap_or_else(|fault| panic!("{line} said no such JSON ({fault}): {text}"))
}
