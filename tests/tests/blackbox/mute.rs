//! A deliberation that stays at work: its provider takes calls and never answers.

use std::net::TcpListener;
use std::process::Stdio;

use husting_tests::home::Home;
use husting_tests::instance::signal;
use husting_tests::patience::wait_for;
use husting_tests::program::husting;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout};

use crate::models::NOWHERE;

/// What it is about; nobody else is to hear of it.
pub const QUESTION: &str = "Who is there?";

/// `husting deliberate` at work on a folder.
pub struct Deliberating {
    running: Child,
    /// Its process.
    pub pid: u32,
    _told: Lines<BufReader<ChildStdout>>,
    _silent: tokio::net::TcpListener,
}

impl Deliberating {
    /// Begins, and returns when a seat has been called and the command knows its session: a seat may be called before.
    pub async fn begin(home: &Home) -> Self {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/v1", silent.local_addr().unwrap());
        let add = ["provider", "add", "mute", "--kind", "openai-compatible"];
        home.run(&[&add[..], &["--base-url", NOWHERE]].concat())
            .await
            .done();
        // Only now: whoever is added is called, and this one would keep that call waiting.
        home.run(&["provider", "address", "mute", &address])
            .await
            .done();
        for model in ["mute/a", "mute/b"] {
            home.run(&["models", "price", model, "--in", "1", "--out", "1"])
                .await
                .done();
        }
        let mut command = home.command(husting());
        command.args([
            "deliberate",
            QUESTION,
            "--models",
            "mute/a,mute/b",
            "--follow",
            "--json",
        ]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut running = command.spawn().unwrap();
        silent.set_nonblocking(true).unwrap();
        let silent = tokio::net::TcpListener::from_std(silent).unwrap();
        wait_for("a call", silent.accept()).await.unwrap();
        let mut told = BufReader::new(running.stdout.take().unwrap()).lines();
        let first = wait_for("an event that is told", told.next_line()).await;
        assert!(first.unwrap().is_some(), "it ended before it told anything");
        Self {
            _told: told,
            pid: running.id().unwrap(),
            running,
            _silent: silent,
        }
    }

    /// A person presses Ctrl C; returns what they are told.
    pub async fn stop(self) -> String {
        signal(self.pid, "INT").await;
        self.failed().await
    }

    /// Returns what the command says when it ends by itself.
    pub async fn failed(self) -> String {
        let ended = wait_for("the end of the command", self.running.wait_with_output())
            .await
            .unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(1), "{said}");
        said
    }
}
