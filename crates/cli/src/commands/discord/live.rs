//! The bridge at work, until it is asked to end.

use std::sync::Arc;
use std::time::Duration;

use husting_clock::SystemClock;
use husting_discord::alone::{self, Alone, AloneError, Connected};
use husting_discord::bridge::Reports;
use husting_discord::bus::BusError;
use husting_discord::gateway::{GatewayState, Health, Stop};
use husting_discord::opening::GreetError;
use husting_discord::sender::SendError;
use husting_discord::settings::Settings;
use husting_home::Logs;
use serde::Serialize;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::door::begun;
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::signals::asked_to_end;

/// How long the end may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is told while it runs; with `--json` a line each.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Told<'a> {
    /// Both sides have said who they are.
    Connected {
        bot: String,
        bot_name: &'a str,
        connector: Option<&'a str>,
    },
    /// Events come.
    Live { without_content: bool },
    /// They do not come now.
    Interrupted { why: &'a str },
    /// The bus takes nothing now: what people write waits in the journal.
    BusAway { why: &'a str },
    /// It does again.
    BusBack,
}

/// Runs the bridge.
///
/// # Errors
/// [`Failure::Bridge`] when it cannot begin, or Discord ends it for good.
pub async fn run(settings: Settings, invocation: &Invocation) -> Result<Exit, Failure> {
    let beginning = invocation.beginning();
    let _logs = begun(Logs::start(&invocation.home), invocation);
    beginning.tell();
    let (gateway, seen) = watch::channel(Health::default());
    let (bus, bus_seen) = watch::channel(None);
    let stop = CancellationToken::new();
    let end = asked_to_end();
    let as_json = invocation.json;
    let work = alone::run(
        Alone {
            settings,
            home: invocation.home.path().to_owned(),
            locks: invocation.home.bot_locks(),
            clock: Arc::new(SystemClock),
            ids: Arc::new(Uuid::now_v7),
        },
        move |connected| tell_connected(connected, as_json),
        Reports { gateway, bus },
        stop.clone(),
    );
    let telling = async {
        tokio::join!(tell_health(seen, as_json), tell_bus(bus_seen, as_json));
    };
    tokio::pin!(work, telling, end);
    let ended = tokio::select! {
        ended = &mut work => ended,
        () = telling => work.await,
        () = end => {
            stop.cancel();
            match tokio::time::timeout(PATIENCE, work).await {
                Ok(ended) => ended,
                Err(_) => {
                    tracing::warn!("something was still at work after five seconds and was left");
                    return Ok(Exit::Done);
                }
            }
        }
    };
    match ended.map_err(refused)? {
        Stop::Asked => Ok(Exit::Done),
        Stop::TokenRejected => Err(Failure::TokenRejected),
        Stop::Refused { code, why } => Err(Failure::GatewayRefused { code, why }),
    }
}

/// Why the bridge does not begin.
fn refused(fault: AloneError) -> Failure {
    match fault {
        AloneError::Greet(GreetError::Discord(SendError::Unauthorized)) => Failure::TokenRejected,
        fault => Failure::Bridge(Box::new(fault)),
    }
}

impl Told<'_> {
    /// For people.
    fn line(&self) -> String {
        match self {
            Self::Connected {
                bot_name,
                connector: Some(name),
                ..
            } => format!("Connected as {bot_name}; agents reply to {name}."),
            Self::Connected { bot_name, .. } => format!(
                "Connected as {bot_name}; the bus cannot be reached yet: what people write waits."
            ),
            Self::Live {
                without_content: false,
            } => "Live: messages come in.".to_owned(),
            Self::Live {
                without_content: true,
            } => "Live, without the words of messages that do not mention the bot: switch on \"Message \
                  Content Intent\" on the Bot page of https://discord.com/developers/applications"
                .to_owned(),
            Self::Interrupted { why } => format!("Not connected: {why}; trying again."),
            Self::BusAway { why } => format!("What people write waits: {why}."),
            Self::BusBack => "The bus is back.".to_owned(),
        }
    }
}

/// What cannot be told is no reason to end: whoever read it has gone.
fn tell(told: &Told<'_>, as_json: bool) {
    let said = if as_json {
        output::json_line(told)
    } else {
        output::line(&told.line())
    };
    if let Err(fault) = said {
        tracing::debug!(%fault, "nobody reads what is told");
    }
}

fn tell_connected(connected: &Connected, as_json: bool) {
    let told = Told::Connected {
        bot: connected.bot.to_string(),
        bot_name: &connected.bot_name,
        connector: connected.connector.as_deref(),
    };
    tell(&told, as_json);
}

/// Tells each change, and ends when there is nothing more to tell.
async fn tell_health(mut seen: watch::Receiver<Health>, as_json: bool) {
    let mut before = None;
    while seen.changed().await.is_ok() {
        let health = seen.borrow_and_update().clone();
        let now = (health.state, health.without_content);
        if before.as_ref() == Some(&now) {
            continue;
        }
        match &now.0 {
            GatewayState::Live => tell(
                &Told::Live {
                    without_content: now.1,
                },
                as_json,
            ),
            GatewayState::Connecting { after: Some(why) } => {
                tell(&Told::Interrupted { why }, as_json);
            }
            GatewayState::Connecting { after: None } | GatewayState::Stopped(_) => {}
        }
        before = Some(now);
    }
}

/// The same of the bus.
async fn tell_bus(mut seen: watch::Receiver<Option<BusError>>, as_json: bool) {
    while seen.changed().await.is_ok() {
        let trouble = seen.borrow_and_update().as_ref().map(BusError::to_string);
        let told = match &trouble {
            Some(why) => Told::BusAway { why },
            None => Told::BusBack,
        };
        tell(&told, as_json);
    }
}
