//! The `husting` binary as a person starts it: a data folder of its own, no key, nothing of this
//! user's environment.

// Each test binary uses its own part of this.
#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// Longer than anything here takes; only a hanging program meets it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A data folder and commands on it.
pub struct Program {
    folder: TempDir,
}

/// How a command ended.
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ended {
    fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("what is printed is UTF-8");
        Self {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// The one JSON document that was printed.
    pub fn json(&self) -> Value {
        assert_eq!(self.code, Some(0), "{}", self.err);
        serde_json::from_str(&self.out).unwrap_or_else(|fault| panic!("{fault}: {}", self.out))
    }
}

impl Program {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// A path beside the data folder.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        self.prepared(Command::new(binary()), arguments)
    }

    fn prepared(&self, mut command: Command, arguments: &[&str]) -> Command {
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("HUSTING_HOME", self.home())
            .env("HUSTING_SECRETS", "memory")
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.command(arguments).output().unwrap())
    }

    /// In a network namespace of its own, which has no way out.
    pub fn run_without_network(&self, arguments: &[&str]) -> Ended {
        let probe = Command::new("unshare").args(["-rn", "true"]).status();
        assert!(
            probe.is_ok_and(|status| status.success()),
            "this test needs `unshare -rn`, which this system refuses"
        );
        let mut command = Command::new("unshare");
        command.arg("-rn").arg(binary());
        Ended::of(self.prepared(command, arguments).output().unwrap())
    }

    /// Starts `husting serve` on a free port and waits until it is ready.
    pub fn serve(&self) -> Served {
        let ready = self.beside("ready.json");
        // An earlier instance's file would be taken for this one's.
        std::fs::remove_file(&ready).ok();
        let path = ready.to_str().unwrap();
        let arguments = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--ready-file",
            path,
            "--json",
        ];
        let mut process = self
            .command(&arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let at = until(|| std::fs::read_to_string(&ready).ok(), &mut process);
        Served {
            process,
            at: serde_json::from_str(&at).unwrap(),
        }
    }
}

/// A running `husting serve`, killed when dropped.
pub struct Served {
    pub process: Child,
    /// What the ready file says.
    pub at: Value,
}

impl Served {
    pub fn http(&self) -> &str {
        self.at["http"].as_str().unwrap()
    }

    /// Asks it to end and waits; gives its exit code and what it printed.
    pub fn terminate(mut self) -> (Option<i32>, String) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").arg(&pid).status().unwrap().success());
        let mut out = String::new();
        if let Some(mut pipe) = self.process.stdout.take() {
            std::io::Read::read_to_string(&mut pipe, &mut out).unwrap();
        }
        (self.process.wait().unwrap().code(), out)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Looks again until there is something; a process that ended first is a failure.
fn until<T>(look: impl Fn() -> Option<T>, process: &mut Child) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        let ended = process.try_wait().unwrap();
        assert!(ended.is_none(), "the process ended with {ended:?}");
        assert!(Instant::now() < end, "the process was not ready in time");
        // A file is all that tells; it is looked for, not waited for.
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A text of `tests/fixtures`.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

/// The binary, built from what is here now.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let output = Command::new(env!("CARGO"))
            .args([
                "build",
                "--quiet",
                "--package",
                "husting",
                "--message-format",
                "json",
            ])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        assert!(output.status.success(), "the binary does not build");
        let messages = String::from_utf8(output.stdout).unwrap();
        let built = messages
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .filter(|message| message["target"]["name"] == "husting")
            .find_map(|message| message["executable"].as_str().map(PathBuf::from));
        built.expect("cargo names the binary that it built")
    })
}
