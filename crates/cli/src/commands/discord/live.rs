//! The bridge at work, until it is asked to end.

use std::sync::Arc;
use std::time::Duration;

use husting_clock::SystemClock;
use husting_discord::alone::{self, Alone, AloneError, Connected};
use husting_discord::bridge::Reports;
use husting_discord::gateway::{GatewayState, Health, Stop};
use husting_discord::sender::SendError;
use husting_discord::settings::Settings;
use husting_home::Logs;
use serde::Serialize;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

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
    let _logs = Logs::start(&invocation.home)
        .inspect_err(|fault| eprintln!("husting: {fault}"))
        .ok();
    let (gateway, seen) = watch::channel(Health::default());
    let (bus, bus_seen) = watch::channel(None);
    let stop = CancellationToken::new();
    let end = asked_to_end();
    let as_json = invocation.json;
    let work = alone::run(
        Alone {
            settings,
            home: invocation.home.path().to_owned(),
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
        AloneError::Discord(SendError::Unauthorized) => Failure::TokenRejected,
        fault => Failure::Bridge(Box::new(fault)),
    }
}

/// What cannot be told is no reason to end: whoever read it has gone.
fn tell_connected(connected: &Connected, as_json: bool) {
    let connector = connected.connector.as_deref();
    let said = if as_json {
        output::json_line(&Told::Connected {
            bot: connected.bot.to_string(),
            bot_name: &connected.bot_name,
            connector,
        })
    } else {
        let agents = connector.map_or_else(
            || "the bus cannot be reached yet: what people write waits".to_owned(),
            |name| format!("agents reply to {name}"),
        );
        output::line(&format!("Connected as {}; {agents}.", connected.bot_name))
    };
    if let Err(fault) = said {
        tracing::debug!(%fault, "nobody reads what is told");
    }
}

/// Tells each change, and ends when there is nothing more to tell.
async fn tell_health(mut seen: watch::Receiver<Health>, as_json: bool) {
    let mut before = None;
    while seen.changed().await.is_ok() {
        let health = seen.borrow_and_update().clone();
        let now = (health.state.clone(), health.without_content);
        if before.as_ref() == Some(&now) {
            continue;
        }
        if let Err(fault) = tell(&health, as_json) {
            tracing::debug!(%fault, "nobody reads what is told");
        }
        before = Some(now);
    }
}

/// The same of the bus.
async fn tell_bus(mut seen: watch::Receiver<Option<String>>, as_json: bool) {
    while seen.changed().await.is_ok() {
        let trouble = seen.borrow_and_update().clone();
        let told = match &trouble {
            Some(why) => Told::BusAway { why },
            None => Told::BusBack,
        };
        let said = match (as_json, &told) {
            (true, told) => output::json_line(told),
            (false, Told::BusAway { why }) => {
                output::line(&format!("What people write waits: {why}."))
            }
            (false, _) => output::line("The bus is back."),
        };
        if let Err(fault) = said {
            tracing::debug!(%fault, "nobody reads what is told");
        }
    }
}

fn tell(health: &Health, as_json: bool) -> Result<(), Failure> {
    let told = match &health.state {
        GatewayState::Live => Told::Live {
            without_content: health.without_content,
        },
        GatewayState::Connecting { after: Some(why) } => Told::Interrupted { why },
        GatewayState::Connecting { after: None } | GatewayState::Stopped(_) => return Ok(()),
    };
    if as_json {
        return output::json_line(&told);
    }
    match told {
        Told::Live {
            without_content: false,
        } => output::line("Live: messages come in."),
        Told::Live {
            without_content: true,
        } => output::line(
            "Live, without the words of messages that do not mention the bot: switch on \"Message \
             Content Intent\" on the Bot page of https://discord.com/developers/applications",
        ),
        Told::Interrupted { why } => output::line(&format!("Not connected: {why}; trying again.")),
        Told::Connected { .. } | Told::BusAway { .. } | Told::BusBack => Ok(()),
    }
}
