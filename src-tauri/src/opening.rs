//! The console behind the window: opened in the background once the window stands, waited for by
//! every command, opened anew by whoever asks after a failure, closed when the program ends.

use std::collections::BTreeMap;
use std::error::Error as _;
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
    #[error("the setting listen is wrong: {0}")]
    Listen(#[from] ParseListenError),
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

    async fn reached(&self, wanted: impl FnMut(&Stage) -> bool) -> Option<Stage> {
        let mut stage = self.stage.subscribe();
        let stop = self.drain.stop();
        let reached = stop.run_until_cancelled(stage.wait_for(wanted)).await?;
        reached.ok().map(|stage| stage.clone())
    }
}

/// As `config.toml` and the environment say.
pub(crate) fn as_configured() -> Result<Start, AskError> {
    let home = Home::find(None)?;
    let variable = |name: &str| std::env::var(name).ok();
    let configured = Configured::gather(&home, &BTreeMap::new(), variable)?;
    let listen = configured.given("listen");
    Ok(Start {
        listen: ListenAddress::from_setting(listen.map(|given| given.value.as_str()))?,
        options: Options {
            home: home.path().to_owned(),
            keys: configured.keys,
            overrides: configured.overrides,
            clock: Arc::new(SystemClock),
            patience: PATIENCE,
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
mod tests {
    use std::path::Path;

    use husting_console::{Caller, Door, KeyChoice};
    use husting_home::Instance;
    use husting_server::Listener;
    use husting_wire::commands::Handlers;
    use husting_wire::settings::{EditSettings, Nothing};
    use husting_wire::snapshot::Snapshot;
    use tokio::net::TcpStream;

    use super::*;

    fn opening(home: &Path) -> Opening {
        let home = home.to_owned();
        Opening::new(Drain::default(), move || Ok(start(&home, ANY_PORT)))
    }

    const ANY_PORT: ListenAddress = ListenAddress { port: 0 };

    fn start(home: &Path, listen: ListenAddress) -> Start {
        Start {
            home: Home::find(Some(home)).unwrap(),
            options: options(home),
            listen,
        }
    }

    fn options(home: &Path) -> Options {
        Options {
            home: home.to_owned(),
            keys: KeyChoice::Memory,
            overrides: EditSettings::default(),
            clock: Arc::new(SystemClock),
            patience: Duration::ZERO,
        }
    }

    #[tokio::test]
    async fn who_asks_before_the_console_is_open_gets_it_once_it_is() {
        let home = tempfile::tempdir().unwrap();
        let opening = opening(home.path());
        let early = tokio::spawn({
            let opening = opening.clone();
            async move { opening.console().await.is_ok() }
        });
        opening.begin();
        assert!(early.await.unwrap());
        assert!(opening.opened().await.is_some());
    }

    #[tokio::test]
    async fn a_folder_in_use_is_told_in_a_sentence_and_opens_once_it_is_free() {
        let home = tempfile::tempdir().unwrap();
        let owner = Console::open_home(options(home.path())).await.unwrap();
        let opening = opening(home.path());
        opening.begin();

        let refused = opening.console().await.err().unwrap();
        assert_eq!(refused.code, ErrorCode::StoreUnavailable);
        let told = format!("is in use by process {}", std::process::id());
        assert!(refused.message.contains(&told), "{}", refused.message);
        assert!(refused.message.starts_with("The store") && refused.message.ends_with('.'));

        owner.close().await;
        drop(owner);
        assert!(opening.console().await.is_ok(), "the folder is free now");
    }

    #[tokio::test]
    async fn the_end_of_the_program_frees_the_folder() {
        let home = tempfile::tempdir().unwrap();
        let opening = opening(home.path());
        opening.begin();
        assert!(opening.console().await.is_ok());
        assert!(opening.drain.finish(Duration::from_secs(60)).await);
        assert!(opening.console().await.is_err(), "nothing new is taken");
        assert!(Console::open_home(options(home.path())).await.is_ok());
    }

    #[tokio::test]
    async fn commands_find_the_window_while_it_is_open_and_not_afterwards() {
        let home = tempfile::tempdir().unwrap();
        let folder = Home::find(Some(home.path())).unwrap();
        let opening = opening(home.path());
        opening.begin();
        let console = opening.console().await.unwrap();

        let instance = Instance::read(&folder).unwrap().unwrap();
        let address = instance.http.strip_prefix("http://").unwrap();
        assert_eq!(snapshot(&console).await.address.as_deref(), Some(address));
        assert!(TcpStream::connect(address).await.is_ok());

        assert!(opening.drain.finish(Duration::from_secs(60)).await);
        assert!(Instance::read(&folder).unwrap().is_none());
        assert!(TcpStream::connect(address).await.is_err());
    }

    #[tokio::test]
    async fn a_port_in_use_moves_the_listener_and_the_console_says_whose_it_is() {
        let home = tempfile::tempdir().unwrap();
        let held = Listener::bind(ANY_PORT).await.unwrap();
        let wanted = ListenAddress { port: held.port() };
        let path = home.path().to_owned();
        let opening = Opening::new(Drain::default(), move || Ok(start(&path, wanted)));
        opening.begin();

        let console = opening.console().await.unwrap();
        let snapshot = snapshot(&console).await;
        let address = snapshot.address.unwrap();
        assert_ne!(address, wanted.to_string());
        assert!(TcpStream::connect(address).await.is_ok());
        let note = snapshot.address_note.unwrap();
        assert!(note.contains(&wanted.to_string()), "{note}");
        assert!(opening.drain.finish(Duration::from_secs(60)).await);
    }

    async fn snapshot(console: &Console) -> Snapshot {
        let caller = Caller::Operator { door: Door::Window };
        console.snapshot(&caller, Nothing {}).await.unwrap()
    }

    #[tokio::test]
    async fn a_wrong_setting_is_told_like_a_store_that_is_closed() {
        let opening = Opening::new(Drain::default(), || Err(ConfigError::NoUnlock.into()));
        opening.begin();
        let refused = opening.console().await.err().unwrap();
        assert_eq!(refused.code, ErrorCode::StoreUnavailable);
        assert!(refused.message.starts_with("Secrets = \"file\" needs"));
    }
}
