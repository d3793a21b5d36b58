//! The console behind the window: opened in the background while the window is built, waited for by
//! every command, opened anew by whoever asks after a failure, closed when the program ends.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use husting_clock::SystemClock;
use husting_console::{Console, OpenError, Options};
use husting_home::{ConfigError, Configured, Home, HomeError};
use husting_server::{ListenAddress, ParseListenError};
use husting_wire::errors::{Error, ErrorCode};
use tokio::sync::watch;

use crate::Drain;
use crate::hosting::Hosting;
use crate::window::QUIT_LIMIT;

/// How long an attempt waits for another program to leave the data folder: a window that is
/// closing has gone by then.
const PATIENCE: Duration = QUIT_LIMIT;

/// How far the opening has come.
#[derive(Clone)]
enum Stage {
    UnderWay,
    Open(Console),
    Failed(Error),
}

/// Why it is not known with what the console is to be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    /// There is no data folder.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The environment or `config.toml` asks for something that cannot be.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The address to listen on is none.
    #[error("{place}: {fault}")]
    Listen {
        /// Flag, variable or key.
        place: String,
        /// What is wrong with it.
        fault: ParseListenError,
    },
}

/// With what the console is opened and where it is heard.
pub(crate) struct Start {
    home: Home,
    options: Options,
    listen: ListenAddress,
}

/// Says with what the console is opened; asked at each attempt.
type Asked = dyn Fn() -> Result<Start, AskError> + Send + Sync;

/// The way to the console. Clones share it.
#[derive(Clone)]
pub(crate) struct Opening {
    stage: Arc<watch::Sender<Stage>>,
    asked: Arc<Asked>,
    drain: Drain,
}

impl Opening {
    /// Nothing is opened before [`Opening::begin`]; who asks earlier waits.
    pub(crate) fn new(
        drain: Drain,
        asked: impl Fn() -> Result<Start, AskError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            stage: Arc::new(watch::Sender::new(Stage::UnderWay)),
            asked: Arc::new(asked),
            drain,
        }
    }

    /// Starts an attempt in the background.
    pub(crate) fn begin(&self) {
        let attempt = attempt(self.asked.clone(), self.stage.clone(), self.drain.clone());
        tauri::async_runtime::spawn(self.drain.track(attempt));
    }

    /// The console. Whoever asks after a failed attempt starts another one.
    ///
    /// # Errors
    /// Why this attempt failed, in a sentence for people.
    pub(crate) async fn console(&self) -> Result<Console, Error> {
        if self.stage.send_if_modified(again) {
            self.begin();
        }
        let ended = |stage: &Stage| !matches!(stage, Stage::UnderWay);
        match self.reached(ended).await {
            Some(Stage::Open(console)) => Ok(console),
            Some(Stage::Failed(error)) => Err(error),
            Some(Stage::UnderWay) | None => Err(ending()),
        }
    }

    /// The console, however many attempts it takes; `None` when the program ends before.
    pub(crate) async fn opened(&self) -> Option<Console> {
        match self
            .reached(|stage| matches!(stage, Stage::Open(_)))
            .await?
        {
            Stage::Open(console) => Some(console),
            Stage::UnderWay | Stage::Failed(_) => None,
        }
    }

    /// Returns once an attempt has failed, never where none does; `None` when the program ends before.
    pub(crate) async fn failed(&self) -> Option<()> {
        let failed = |stage: &Stage| matches!(stage, Stage::Failed(_));
        self.reached(failed).await.map(|_| ())
    }

    async fn reached(&self, wanted: impl FnMut(&Stage) -> bool) -> Option<Stage> {
        let mut stage = self.stage.subscribe();
        let stop = self.drain.stop();
        let reached = stop.run_until_cancelled(stage.wait_for(wanted)).await?;
        reached.ok().map(|stage| stage.clone())
    }
}

/// As `config.toml` and the environment say, in the folder and at the address that were named, if they were.
pub(crate) fn as_configured(home: Option<&Path>, listen: Option<&str>) -> Result<Start, AskError> {
    let home = Home::find(home)?;
    let variable = |name: &str| std::env::var(name).ok();
    let flags = listen.map(|address| ("listen".to_owned(), address.to_owned()));
    let flags: BTreeMap<_, _> = flags.into_iter().collect();
    let configured = Configured::gather(&home, &flags, variable)?;
    let listen = configured.given("listen");
    let listen = ListenAddress::from_setting(listen.map(|given| given.value.as_str()));
    let wrong = |fault| AskError::Listen {
        place: configured.place_of("listen").unwrap_or_default(),
        fault,
    };
    Ok(Start {
        listen: listen.map_err(wrong)?,
        options: Options {
            home: home.path().to_owned(),
            keys: configured.keys,
            overrides: configured.overrides,
            clock: Arc::new(SystemClock),
            patience: PATIENCE,
            bot_locks: home.bot_locks(),
            surroundings: husting_console::Surroundings::own(),
        },
        home,
    })
}

/// Opens the console and stays with it until the program ends.
async fn attempt(asked: Arc<Asked>, stage: Arc<watch::Sender<Stage>>, drain: Drain) {
    match open(asked.as_ref()).await {
        Ok((console, hosting)) => {
            stage.send_replace(Stage::Open(console.clone()));
            drain.stop().cancelled().await;
            let unheard = async {
                if let Some(hosting) = hosting {
                    hosting.end().await;
                }
            };
            tokio::join!(unheard, console.close());
        }
        Err(error) => {
            stage.send_replace(Stage::Failed(error));
        }
    }
}

async fn open(asked: &Asked) -> Result<(Console, Option<Hosting>), Error> {
    let start = asked().map_err(|refused| closed(&refused))?;
    let opened = Console::open_home(start.options).await;
    let console = opened.map_err(|fault| {
        tracing::error!(%fault, cause = ?fault.source(), "the console could not be opened");
        match fault {
            OpenError::Console(error) => error,
            OpenError::Store(refused) => closed(&refused),
        }
    })?;
    // Before the page is told anything, so that the first snapshot says where we are heard.
    let hosting = Hosting::start(&console, &start.home, start.listen).await;
    Ok((console, hosting))
}

/// A failed attempt begins again with the first who asks; true for that one.
fn again(stage: &mut Stage) -> bool {
    let failed = matches!(stage, Stage::Failed(_));
    if failed {
        *stage = Stage::UnderWay;
    }
    failed
}

fn closed(reason: &dyn std::error::Error) -> Error {
    Error::new(ErrorCode::StoreUnavailable, sentence(&reason.to_string()))
}

fn ending() -> Error {
    Error::new(
        ErrorCode::ShuttingDown,
        "Husting is closing and takes nothing new.",
    )
}

/// `the disk is full` as it stands on a page of its own: *The disk is full.*
fn sentence(words: &str) -> String {
    let mut rest = words.chars();
    let first = rest.next().map(char::to_uppercase);
    let first: String = first.into_iter().flatten().collect();
    format!("{first}{}.", rest.as_str())
}

#[cfg(test)]
pub(crate) mod tests;
