//! The program without a window.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use husting_console::Console;
use husting_home::{InstanceFile, begin_anew};
use husting_server::{
    BindError, ListenAddress, Listener, Outside, ParseListenError, PublicUrl, Serving,
};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::door::{RemoteDoor, opened};
use crate::exit::{Exit, Failure};
use crate::invocation::{Beginning, Invocation};
use crate::output;
use crate::output::words::inert;
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
    /// Where other machines reach it; --listen may then name any address of this one
    #[arg(long, value_name = "URL")]
    public_url: Option<PublicUrl>,
    /// Take a public URL without https: tokens can be read on their way
    #[arg(long, requires = "public_url")]
    insecure: bool,
    /// With a public URL, take tokens in the path of /sse too: proxies write them to their logs
    #[arg(long, requires = "public_url")]
    allow_path_tokens: bool,
}

/// What it was asked to do at last.
#[derive(Clone, Copy, Debug)]
enum Asked {
    ToEnd,
    ToBeginAnew,
}

/// Where to listen, and for whom.
struct Place {
    at: ListenAddress,
    outside: Option<Outside>,
}

impl Place {
    async fn listener(self) -> Result<Listener, BindError> {
        match self.outside {
            None => Listener::bind(self.at).await,
            Some(outside) => Listener::bind_outside(self.at, outside).await,
        }
    }
}

impl Serve {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        let place = self.place(invocation)?;
        if let Some(running) = RemoteDoor::find(&invocation.home).await? {
            return Err(Failure::Running(running.pid()));
        }
        self.not_ready()?;
        let beginning = invocation.beginning();
        // Before anything is made or opened: an address that is held leaves no folder behind.
        let listener = place.listener().await?;
        let (console, logs) = opened(invocation).await?;
        let outcome = self.serve(invocation, listener, &console, beginning).await;
        if outcome.is_err() {
            console.close().await;
        }
        match outcome? {
            Asked::ToEnd => {
                // With --json standard error carries one document, or nothing.
                if !invocation.json {
                    eprintln!("husting: stopped");
                }
                Ok(Exit::Done)
            }
            Asked::ToBeginAnew => {
                drop(logs);
                let arguments = std::env::args_os().skip(1);
                Err(Failure::NotBegunAnew(begin_anew(arguments)))
            }
        }
    }

    async fn serve(
        self,
        invocation: &Invocation,
        listener: Listener,
        console: &Console,
        beginning: Beginning<'_>,
    ) -> Result<Asked, Failure> {
        let serving = Serving::on(console, listener)?;
        let instance = InstanceFile::write(&invocation.home, serving.http(), serving.token())
            .map_err(|source| Failure::File {
                path: invocation.home.path().to_owned(),
                doing: "written",
                source,
            })?;
        // Whoever is told that we are ready may ask us to end at once.
        let end = asked_to_end();
        self.announce(&serving, invocation.json)?;
        beginning.tell();
        // What others may read is no reason to leave, and is not closed to them unasked.
        let found = [console.locked_keys(), console.open_to_others().await];
        for told in found.into_iter().flatten() {
            eprintln!("husting: {}", inert(&told));
        }
        let asked = tokio::select! {
            () = end => Asked::ToEnd,
            () = console.asks_to_begin_anew() => Asked::ToBeginAnew,
        };
        tracing::info!(?asked, "the end");
        // While the folder is still ours: the next instance's file must not be taken for this one's.
        drop(instance);
        let ended = async { tokio::join!(serving.end(), console.close()) };
        if tokio::time::timeout(PATIENCE, ended).await.is_err() {
            tracing::warn!("something was still at work after five seconds and was left");
        }
        Ok(asked)
    }

    fn place(&self, invocation: &Invocation) -> Result<Place, Failure> {
        let given = invocation.configured.given("listen");
        let given = given.map(|given| given.value.as_str());
        let asked = ListenAddress::from_setting(given);
        let wrong = |fault| {
            let place = invocation.configured.place_of("listen");
            Failure::Usage(format!("{}: {fault}", place.unwrap_or_default()))
        };
        let Some(url) = &self.public_url else {
            let at = asked.map_err(wrong)?;
            return Ok(Place { at, outside: None });
        };
        if !url.is_https() && !self.insecure {
            return Err(Failure::Usage(format!(
                "{url} has no https, and Husting speaks no TLS itself: put a proxy before it that does, or say --insecure"
            )));
        }
        let (at, listen) = match asked {
            Ok(at) => (at, None),
            Err(ParseListenError::NotLoopback(address)) => {
                let port = address.port();
                (ListenAddress { port }, Some(address))
            }
            Err(fault) => return Err(wrong(fault)),
        };
        let outside = Outside {
            url: url.clone(),
            listen,
            allow_path_tokens: self.allow_path_tokens,
        };
        Ok(Place {
            at,
            outside: Some(outside),
        })
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
