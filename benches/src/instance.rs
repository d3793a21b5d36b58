//! A `husting serve` of our own, and its command line's door.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command as Program, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use husting_wire::commands::Command;
use husting_wire::errors::Error;
use serde::Deserialize;

use crate::processes::Tree;

/// How often the ready file is looked for: the resolution of a start.
const LOOK: Duration = Duration::from_millis(1);
const PATIENCE: Duration = Duration::from_secs(30);
/// Keys are allowed more than a benchmark can ask, and rehearsal seats speak without a pause.
const SETTINGS: [(&str, &str); 4] = [
    ("HUSTING_SECRETS", "memory"),
    ("HUSTING_LIMITS_CALLS_PER_MINUTE", "10000000"),
    ("HUSTING_LIMITS_BURST", "1000000"),
    ("HUSTING_REHEARSAL_TOKENS_PER_SECOND", "0"),
];

/// A running server. It is killed when dropped.
pub struct Instance {
    child: Child,
    address: SocketAddr,
    token: String,
    http: reqwest::Client,
    /// From the spawn to the ready file.
    pub ready_after: Duration,
    /// From the spawn to the first answer of `/health`.
    pub answered_after: Duration,
}

#[derive(Deserialize)]
struct Ready {
    http: String,
}

#[derive(Deserialize)]
struct Run {
    token: String,
}

impl Instance {
    /// Starts the server on a data folder and a free port.
    pub async fn start(husting: &Path, home: &Path) -> anyhow::Result<Self> {
        Self::start_with(husting, home, &[]).await
    }

    /// The same with more in its environment.
    pub async fn start_with(
        husting: &Path,
        home: &Path,
        variables: &[(&str, String)],
    ) -> anyhow::Result<Self> {
        let ready_file = home.join("bench-ready.json");
        if ready_file.exists() {
            fs::remove_file(&ready_file)?;
        }
        let begun = Instant::now();
        let mut child = spawn(husting, home, &ready_file, variables)?;
        let ready = wait_for(&ready_file, &mut child, begun)?;
        let ready_after = begun.elapsed();
        let address = ready
            .http
            .trim_start_matches("http://")
            .trim_end_matches('/')
            .parse()
            .context("the ready file names no address")?;
        let http = reqwest::Client::builder().no_proxy().build()?;
        http.get(format!("http://{address}/health"))
            .send()
            .await?
            .error_for_status()?;
        let answered_after = begun.elapsed();
        let run: Run = serde_json::from_slice(&fs::read(home.join("run/instance.json"))?)?;
        Ok(Self {
            child,
            address,
            token: run.token,
            http,
            ready_after,
            answered_after,
        })
    }

    /// Runs a command.
    pub async fn call<C: Command>(&self, arguments: C::Request) -> anyhow::Result<C::Response> {
        let request = C::request(arguments);
        let call = self
            .http
            .post(self.url("/console/rpc"))
            .bearer_auth(&self.token)
            .json(&request);
        let reply = call.send().await?;
        if reply.status().is_success() {
            return Ok(reply.json().await?);
        }
        let refusal: Error = reply.json().await?;
        bail!("{} was refused: {refusal}", request.name())
    }

    /// The open stream of events.
    pub async fn events(&self) -> anyhow::Result<reqwest::Response> {
        let stream = self
            .http
            .get(self.url("/console/events"))
            .bearer_auth(&self.token)
            .send()
            .await?;
        Ok(stream.error_for_status()?)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it takes now.
    pub fn tree(&self) -> anyhow::Result<Tree> {
        Tree::below(self.child.id())
    }

    /// Ends it as a service manager would.
    pub fn stop(mut self) -> anyhow::Result<()> {
        let status = Program::new("kill")
            .arg(self.child.id().to_string())
            .status()?;
        ensure!(status.success(), "the server could not be told to end");
        self.child.wait()?;
        Ok(())
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // It may have ended already.
        self.child.kill().and_then(|()| self.child.wait()).ok();
    }
}

fn spawn(
    husting: &Path,
    home: &Path,
    ready_file: &Path,
    variables: &[(&str, String)],
) -> anyhow::Result<Child> {
    Program::new(husting)
        .args(["serve", "--no-link", "--listen", "127.0.0.1:0"])
        .arg("--home")
        .arg(home)
        .arg("--ready-file")
        .arg(ready_file)
        .envs(SETTINGS)
        .envs(variables.iter().map(|(name, value)| (*name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .with_context(|| format!("{} does not start", husting.display()))
}

fn wait_for(ready_file: &Path, child: &mut Child, begun: Instant) -> anyhow::Result<Ready> {
    loop {
        if let Ok(text) = fs::read(ready_file)
            && let Ok(ready) = serde_json::from_slice(&text)
        {
            return Ok(ready);
        }
        if let Some(status) = child.try_wait()? {
            bail!("husting serve ended with {status}");
        }
        ensure!(
            begun.elapsed() < PATIENCE,
            "husting serve is not ready after {PATIENCE:?}"
        );
        std::thread::sleep(LOOK);
    }
}
