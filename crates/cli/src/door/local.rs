//! The data folder, opened in this process.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::stream::BoxStream;
use husting_clock::SystemClock;
use husting_console::{Caller, Console, Options};
use husting_domain::system_words::without_os_numbers;
use husting_home::{LogError, Logs};
use husting_wire::commands::{Request, route};
use husting_wire::events::Envelope;
use serde_json::value::RawValue;

use super::Door;
use crate::exit::Failure;
use crate::invocation::Invocation;

/// How long another command may hold the folder.
const PATIENCE: Duration = Duration::from_secs(5);

/// A console of our own.
pub struct LocalDoor {
    console: Console,
    _logs: Option<Logs>,
}

impl LocalDoor {
    /// Opens the folder, waiting for another command to leave it.
    pub async fn open(invocation: &Invocation) -> Result<Self, Failure> {
        let logs = Logs::start(&invocation.home);
        let console = Console::open_briefly(options(invocation)).await?;
        Ok(Self {
            console,
            _logs: begun(logs, invocation),
        })
    }
}

/// The console of the invocation's folder, and its log.
///
/// # Errors
/// When the folder is owned by another process, or cannot be opened.
pub async fn opened(invocation: &Invocation) -> Result<(Console, Option<Logs>), Failure> {
    let logs = Logs::start(&invocation.home);
    let console = Console::open_home(options(invocation)).await?;
    Ok((console, begun(logs, invocation)))
}

/// The log; a person is told why there is none. Where the folder could not be opened either, that says all.
pub fn begun(logs: Result<Logs, LogError>, invocation: &Invocation) -> Option<Logs> {
    logs.inspect_err(|fault| {
        if !invocation.json {
            eprintln!("husting: {}", without_os_numbers(&fault.to_string()));
        }
    })
    .ok()
}

fn options(invocation: &Invocation) -> Options {
    Options {
        home: invocation.home.path().to_owned(),
        keys: invocation.configured.keys.clone(),
        overrides: invocation.configured.overrides.clone(),
        clock: Arc::new(SystemClock),
        patience: PATIENCE,
        bot_locks: invocation.home.bot_locks(),
        surroundings: husting_console::Surroundings {
            usual_url: listens_at(invocation).map(|address| format!("http://{address}")),
            ..husting_console::Surroundings::own()
        },
    }
}

/// Where an instance listens on this folder, once one does; none where the system is to choose a port then.
fn listens_at(invocation: &Invocation) -> Option<String> {
    let given = invocation.configured.given("listen");
    let given = given.map(|given| given.value.as_str());
    let address = husting_server::ListenAddress::from_setting(given).unwrap_or_default();
    (address.port != 0).then(|| address.to_string())
}

#[async_trait]
impl Door for LocalDoor {
    async fn call(&self, request: Request) -> Result<Box<RawValue>, Failure> {
        let caller = Caller::Operator {
            door: husting_console::Door::Cli,
        };
        Ok(route(&self.console, &caller, request).await?)
    }

    async fn watch(&self) -> Result<BoxStream<'static, Envelope>, Failure> {
        Ok(self.console.watch())
    }

    fn outlives_us(&self) -> bool {
        false
    }

    async fn close(&self) {
        self.console.close().await;
    }
}
