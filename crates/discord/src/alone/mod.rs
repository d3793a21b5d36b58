//! The bridge as a program of its own: `husting discord`. Its journal is `discord.db` in the data
//! folder, with a lock of its own.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;

use husting_clock::SharedClock;
use husting_domain::discord::Snowflake;
use husting_domain::ids::TenantId;
use husting_domain::time::DAY_MILLIS;
use husting_store::{OpenError, SqliteStore, Store, StoreFile};
use tokio_util::sync::CancellationToken;

use crate::bridge::{Ids, Manner, Reins, Reports};
use crate::bus::{Bus, BusError, RemoteBus, RemoteOptions};
use crate::gateway::Stop;
use crate::inbound::Routes;
use crate::one_bot::{Holder, OneBot, OneBotError};
use crate::opening::{BeginError, GreetError, Greeted, Opening};
use crate::recorder;
use crate::settings::{Endpoints, Settings};

/// What the program is run with.
pub struct Alone {
    /// Its settings.
    pub settings: Settings,
    /// The data folder.
    pub home: PathBuf,
    /// Where it is known which bots of this user run.
    pub locks: PathBuf,
    /// Time.
    pub clock: SharedClock,
    /// New ids.
    pub ids: Ids,
}

/// Who is connected with what, told once both sides have said who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connected {
    /// The bot's id.
    pub bot: Snowflake,
    /// The bot's name.
    pub bot_name: String,
    /// What the bridge is called on the bus; none while the bus cannot be reached.
    pub connector: Option<String>,
}

/// Why the bridge does not run.
#[derive(Debug, thiserror::Error)]
pub enum AloneError {
    /// The journal cannot be opened; another process may hold it.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// Another program of this machine runs the bot.
    #[error(transparent)]
    OneBot(#[from] OneBotError),
    /// Discord does not know the bot, or cannot be reached.
    #[error(transparent)]
    Greet(#[from] GreetError),
    /// It could not go on to work.
    #[error(transparent)]
    Begin(#[from] BeginError),
    /// TLS could not be set up.
    #[error("no secure connection can be made: {0}")]
    Connection(#[source] reqwest::Error),
    /// The bus does not know the token.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// Replies would go to somebody else.
    #[error(
        "MUMEGA_BUS_TOKEN is the token of \"{found}\", and agents are told to reply to \
         \"{wanted}\": set CONNECTOR_AGENT_NAME to \"{found}\", or use the token of \"{wanted}\""
    )]
    OtherAgent {
        /// Whose token it is.
        found: String,
        /// `CONNECTOR_AGENT_NAME`.
        wanted: String,
    },
}

impl AloneError {
    /// Whether another process has the journal.
    #[must_use]
    pub const fn is_taken(&self) -> bool {
        matches!(
            self,
            Self::Open(OpenError::Owned { .. }) | Self::OneBot(OneBotError::Taken { .. })
        )
    }

    /// Whether the data folder cannot be used, and another could be.
    #[must_use]
    pub const fn is_of_the_folder(&self) -> bool {
        matches!(self, Self::Open(fault) if fault.is_of_the_folder())
    }

    /// Whether other settings would mend it.
    #[must_use]
    pub const fn is_about_the_settings(&self) -> bool {
        matches!(
            self,
            Self::OtherAgent { .. }
                | Self::Greet(GreetError::Sender(_))
                | Self::Bus(BusError::Unauthorized(_))
        )
    }
}

/// Runs the bridge until `stop` is cancelled or Discord ends it for good, and says which. `connected` is
/// called once, before the first event.
///
/// # Errors
/// [`AloneError`] when it cannot begin.
pub async fn run(
    alone: Alone,
    connected: impl FnOnce(&Connected),
    reports: Reports,
    stop: CancellationToken,
) -> Result<Stop, AloneError> {
    let Alone {
        settings,
        home,
        locks,
        clock,
        ids,
    } = alone;
    let store = SqliteStore::open_file(&home, StoreFile::Discord, clock.now()).await?;
    let store: Arc<dyn Store> = Arc::new(store);
    let endpoints = Endpoints {
        api_base: settings.api_base.clone(),
        gateway_url: settings.gateway_url.clone(),
    };
    let greeted = Greeted::by(settings.bot_token.clone(), endpoints, clock.clone()).await?;
    let who = format!("husting discord (process {})", std::process::id());
    let holder = Holder {
        who: &who,
        journal: &home.join("discord.db"),
    };
    let bot = OneBot::take(&locks, &settings.api_base, greeted.bot.id, holder)?;
    let bus = RemoteBus::new(RemoteOptions {
        url: settings.bus_url.clone(),
        token: settings.bus_token.clone(),
        connector: settings.connector.clone(),
    })
    .map_err(AloneError::Connection)?;
    let bus = Arc::new(bus);
    let connector = proved(bus.as_ref(), &settings).await?;
    connected(&Connected {
        bot: greeted.bot.id,
        bot_name: greeted.bot.username.clone(),
        connector,
    });
    let routes = Routes {
        bot_roles: greeted.bot_roles.clone(),
        ..Routes::of(&settings, greeted.bot.id)
    };
    let reins = Arc::new(Reins::new(Manner::of(routes)));
    let opening = Opening {
        tenant: TenantId::local(),
        store: store.clone(),
        bus,
        panels: None,
        folder: home.join("discord"),
        recorded_for: recorder::KEPT,
        connector: settings.connector,
        poll_interval: settings.poll_interval,
        one_bot: bot,
        reply_loop: settings.reply_loop,
        pending_store: settings.pending_store,
        clock: clock.clone(),
        ids,
    };
    let ended = tokio::select! {
        ended = greeted.run(opening, reports, reins, stop) => ended,
        never = keep_tidy(store.as_ref(), clock) => match never {},
    };
    store.close().await;
    Ok(ended?)
}

/// Once a day: a backup, and what has ended goes.
async fn keep_tidy(store: &dyn Store, clock: SharedClock) -> Infallible {
    loop {
        clock.sleep_until(clock.now().plus_millis(DAY_MILLIS)).await;
        if let Err(fault) = store.daily(clock.now()).await {
            tracing::warn!(%fault, "the day's work on the journal was not done");
        }
    }
}

/// Whose token it is. A bus that cannot be reached now is no reason not to begin: what people write is
/// journalled until it can.
async fn proved(bus: &dyn Bus, settings: &Settings) -> Result<Option<String>, AloneError> {
    match bus.whoami().await {
        Ok(identity) if identity.name == settings.connector.as_str() => Ok(Some(identity.name)),
        Ok(identity) => Err(AloneError::OtherAgent {
            found: identity.name,
            wanted: settings.connector.to_string(),
        }),
        Err(
            fault @ (BusError::Unreachable { .. } | BusError::Held { .. } | BusError::Failed(_)),
        ) => {
            tracing::warn!(%fault, "the bus cannot be reached yet");
            Ok(None)
        }
        Err(fault) => Err(fault.into()),
    }
}
