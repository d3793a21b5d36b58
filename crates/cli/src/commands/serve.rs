//! The program without a window.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use husting_console::Console;
use husting_home::InstanceFile;
use husting_server::{ListenAddress, ServeError, Serving};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::door::{RemoteDoor, opened};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::signals::asked_to_end;

/// How long the end may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Run without a window: the browser console and the door for other commands
#[derive(Debug, Args)]
pub struct Serve {
    /// Write {"http":…, "pid":…} here once ready
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
    /// Print no link to the browser console
    #[arg(long)]
    no_link: bool,
}

impl Serve {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        let address = address(invocation)?;
        if let Some(running) = RemoteDoor::find(&invocation.home).await? {
            return Err(Failure::Running(running.pid()));
        }
        self.not_ready()?;
        let (console, _logs) = opened(invocation).await?;
        let outcome = self.serve(invocation, address, &console).await;
        if outcome.is_err() {
            console.close().await;
        }
        outcome
    }

    async fn serve(
        self,
        invocation: &Invocation,
        address: ListenAddress,
        console: &Console,
    ) -> Result<Exit, Failure> {
        let serving = Serving::start(console, address).await.map_err(unserved)?;
        let instance = InstanceFile::write(&invocation.home, serving.http(), serving.token())
            .map_err(|source| Failure::File {
                path: invocation.home.path().to_owned(),
                doing: "written",
                source,
            })?;
        // Whoever is told that we are ready may ask us to end at once.
        let end = asked_to_end();
        self.announce(&serving, invocation.json)?;
        end.await;
        tracing::info!("asked to end");
        // While the folder is still ours: the next instance's file must not be taken for this one's.
        drop(instance);
        let ended = async { tokio::join!(serving.end(), console.close()) };
        if tokio::time::timeout(PATIENCE, ended).await.is_err() {
            tracing::warn!("something was still at work after five seconds and was left");
        }
        Ok(Exit::Done)
    }

    /// What an earlier run left would be read as ours.
    fn not_ready(&self) -> Result<(), Failure> {
        let Some(path) = &self.ready_file else {
            return Ok(());
        };
        match std::fs::remove_file(path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(Failure::File {
                path: path.clone(),
                doing: "written",
                source,
            }),
            _ => Ok(()),
        }
    }

    /// Says where to go. The file comes last: whoever waits for it finds everything in place.
    fn announce(&self, serving: &Serving, json: bool) -> Result<(), Failure> {
        let http = serving.http();
        let link = if self.no_link {
            None
        } else {
            Some(serving.console_link()?)
        };
        let link = link.as_ref().map(ExposeSecret::expose_secret);
        match (json, link) {
            (true, link) => output::json_line(
                &json!({ "http": http, "pid": std::process::id(), "link": link }),
            )?,
            (false, Some(link)) => {
                output::line(&format!(
                    "Husting is at {http}\nOpen its console, once, within ten minutes:\n{link}"
                ))?;
            }
            (false, None) => output::line(&format!("Husting is at {http}"))?,
        }
        self.ready_file
            .as_deref()
            .map_or(Ok(()), |path| ready(path, http))
    }
}

fn address(invocation: &Invocation) -> Result<ListenAddress, Failure> {
    let given = invocation.configured.given("listen");
    let given = given.map(|given| given.value.as_str());
    ListenAddress::from_setting(given)
        .map_err(|fault| Failure::Usage(format!("{}: {fault}", given.unwrap_or_default())))
}

fn unserved(fault: ServeError) -> Failure {
    match fault {
        ServeError::Bind(fault) => fault.into(),
        ServeError::Randomness(fault) => fault.into(),
    }
}

/// Written beside and renamed, so that a reader never sees half of it.
fn ready(path: &Path, http: &str) -> Result<(), Failure> {
    let text = json!({ "http": http, "pid": std::process::id() }).to_string();
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    std::fs::write(&beside, text)
        .and_then(|()| std::fs::rename(&beside, path))
        .map_err(|source| Failure::File {
            path: path.to_owned(),
            doing: "written",
            source,
        })
}
