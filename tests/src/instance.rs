//! A running `husting serve`.

use std::path::Path;
use std::process::Stdio;

use husting_wire::commands::Command as WireCommand;
use husting_wire::errors::Error;
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::sync::mpsc;

use crate::events::Events;
use crate::home::Home;
use crate::patience::wait_for;
use crate::program;
use crate::search::{command_lines, tokens_in};

const NO_TOKENS: [&str; 0] = [];

/// An instance; it is killed when dropped. Whatever it said then, and the command lines of what it
/// started, must hold nobody's token.
pub struct Instance {
    child: Child,
    /// Where it listens: `http://127.0.0.1:6070`.
    pub http: String,
    /// Its process.
    pub pid: u32,
    /// The one-time link it printed.
    pub link: String,
    /// Opens the command line's door.
    pub token: String,
    /// A client without any credentials.
    pub client: reqwest::Client,
    said: mpsc::UnboundedReceiver<String>,
    heard: Vec<String>,
    stdout: Lines<BufReader<ChildStdout>>,
}

#[derive(Deserialize)]
struct Announced {
    http: String,
    pid: u32,
    link: String,
}

#[derive(Deserialize)]
struct Run {
    token: String,
}

impl Instance {
    /// Starts `husting serve` on a free port.
    pub async fn start(home: &Home) -> Self {
        Self::of(home, home.command(program::husting())).await
    }

    /// Starts `program` with more in its environment.
    pub async fn start_with(home: &Home, program: &Path, variables: &[(&str, &str)]) -> Self {
        let mut command = home.command(program);
        command.envs(variables.iter().copied());
        Self::of(home, command).await
    }

    /// Starts what `command` is, with the words of a server added.
    pub async fn of(home: &Home, command: Command) -> Self {
        Self::serving(home, command, &["--listen", "127.0.0.1:0"]).await
    }

    /// The same with these words, which say where.
    pub async fn serving(home: &Home, mut command: Command, words: &[&str]) -> Self {
        command
            .args(["serve", "--json"])
            .args(words)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("husting can be started");
        let mut stdout = lines(child.stdout.take());
        let mut said = forwarded(child.stderr.take());
        let first = wait_for("the server's address", stdout.next_line())
            .await
            .expect("its output is text");
        let Some(first) = first else {
            panic!("husting did not start: {}", everything(&mut said).await)
        };
        let Announced { http, pid, link } =
            serde_json::from_str(&first).expect("it says where it is");
        let token = token(home);
        let client = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client can be built");
        Self {
            child,
            http,
            pid,
            link,
            token,
            client,
            said,
            heard: Vec::new(),
            stdout,
        }
    }

    /// Waits until it has begun anew, and knows where it is then.
    pub async fn until_begun_anew(&mut self, home: &Home) {
        let line = wait_for("its address once more", self.stdout.next_line()).await;
        let line = line.expect("its output is text").expect("it begins anew");
        let Announced { http, pid, link } =
            serde_json::from_str(&line).expect("it says where it is");
        assert_eq!(pid, self.pid, "it is the same process");
        (self.http, self.link, self.token) = (http, link, token(home));
    }

    /// Runs a command through its door.
    ///
    /// # Errors
    /// The command's own error.
    pub async fn call<C: WireCommand>(&self, arguments: C::Request) -> Result<C::Response, Error> {
        let request = self
            .client
            .post(format!("{}/console/rpc", self.http))
            .bearer_auth(&self.token);
        let sent = request.json(&C::request(arguments)).send();
        let response = wait_for("an answer", sent)
            .await
            .expect("the instance answers");
        if response.status().is_success() {
            Ok(response
                .json()
                .await
                .expect("the answer is what the command says"))
        } else {
            Err(response
                .json()
                .await
                .expect("a refusal is an error of the wire"))
        }
    }

    /// Sends a command whose answer nobody waits for: the instance will be killed first.
    pub fn send<C: WireCommand>(&self, arguments: C::Request) {
        let request = self
            .client
            .post(format!("{}/console/rpc", self.http))
            .bearer_auth(&self.token);
        let request = request.json(&C::request(arguments));
        tokio::spawn(async move { drop(request.send().await) });
    }

    /// Everything it tells from now on.
    pub async fn watch(&self) -> Events {
        let request = self
            .client
            .get(format!("{}/console/events", self.http))
            .bearer_auth(&self.token);
        Events::of(request.send().await.expect("the instance tells its events")).await
    }

    /// Waits until it says a line on standard error.
    pub async fn until_said(&mut self, words: &str) {
        let coming = async {
            while let Some(line) = self.said.recv().await {
                let found = line.contains(words);
                self.heard.push(line);
                if found {
                    return true;
                }
            }
            false
        };
        assert!(
            wait_for(words, coming).await,
            "husting ended before it said {words:?}"
        );
    }

    /// Kills it as a power cut would, and waits until it is gone.
    pub async fn kill(mut self) {
        wait_for("the end of a killed process", self.child.kill())
            .await
            .expect("our own process can be killed");
    }

    /// Has it answer nobody from now on, as a program that hangs.
    pub async fn hang(&self) {
        signal(self.pid, "STOP").await;
    }

    /// Waits until it was ended by somebody else.
    pub async fn until_ended(mut self) {
        wait_for("its end", self.child.wait())
            .await
            .expect("it can be waited for");
    }

    /// Asks it to end, as the system does; returns its exit code and all it said.
    pub async fn stop(mut self) -> (i32, String) {
        signal(self.pid, "TERM").await;
        let ended = wait_for("the end of husting", self.child.wait())
            .await
            .expect("it can be waited for");
        let mut text = self.heard.join("\n");
        while let Ok(Some(line)) = self.stdout.next_line().await {
            text.push_str(&line);
            text.push('\n');
        }
        text.push_str(&everything(&mut self.said).await);
        assert_eq!(tokens_in(&text), NO_TOKENS, "it said a token");
        (ended.code().unwrap_or(-1), text)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let mut told = std::mem::take(&mut self.heard);
        while let Ok(line) = self.said.try_recv() {
            told.push(line);
        }
        told.extend(command_lines(self.pid));
        assert_eq!(tokens_in(&told.join("\n")), NO_TOKENS, "it told a token");
    }
}

/// What opens the door of the instance that runs there.
fn token(home: &Home) -> String {
    let run =
        std::fs::read(home.path().join("run/instance.json")).expect("the instance has its file");
    let Run { token } = serde_json::from_slice(&run).expect("the instance's file is JSON");
    token
}

/// Sends a signal to one process.
pub async fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill")
        .args([&format!("-{name}"), &pid.to_string()])
        .status()
        .await;
    assert!(
        sent.expect("kill can be started").success(),
        "process {pid} took no {name}"
    );
}

fn lines<R: AsyncRead + Unpin>(pipe: Option<R>) -> Lines<BufReader<R>> {
    BufReader::new(pipe.expect("its output is a pipe")).lines()
}

/// Reads what is said as it is said, so that a full pipe never stops the program.
fn forwarded(pipe: Option<ChildStderr>) -> mpsc::UnboundedReceiver<String> {
    let (sender, receiver) = mpsc::unbounded_channel();
    let mut lines = lines(pipe);
    tokio::spawn(async move {
        while let Ok(Some(line)) = lines.next_line().await {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

async fn everything(said: &mut mpsc::UnboundedReceiver<String>) -> String {
    let mut text = String::new();
    while let Some(line) = said.recv().await {
        text.push_str(&line);
        text.push('\n');
    }
    text
}
