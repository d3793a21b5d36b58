//! The bridge as a program of its own: `husting discord`. Its journal is `discord.db` in the data
//! folder, with a lock of its own.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use husting_clock::SharedClock;
use husting_domain::discord::Snowflake;
use husting_domain::ids::TenantId;
use husting_store::{OpenError, SqliteStore, Store, StoreFile};

use tokio_util::sync::CancellationToken;

use crate::bridge::{
    self, BridgeOptions, Ids, Manner, OpenQuestionsError, Parties, Reins, Reports,
};
use crate::bus::{Bus, BusError, RemoteBus, RemoteOptions};
use crate::files::Files;
use crate::gateway::{GatewayOptions, Stop};
use crate::inbound::Routes;
use crate::recorder::Recorder;
use crate::sender::{Role, SendError, Sender, SenderError};
use crate::settings::Settings;

/// Until when Discord has to answer IDENTIFY or RESUME.
const PATIENCE: Duration = Duration::from_secs(30);

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1_000;

/// What the program is run with.
pub struct Alone {
    /// Its settings.
    pub settings: Settings,
    /// The data folder.
    pub home: PathBuf,
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
    /// The journal, or the file of open questions, cannot be read.
    #[error(transparent)]
    Journal(#[from] OpenQuestionsError),
    /// No connection to Discord can be made.
    #[error(transparent)]
    Sender(#[from] SenderError),
    /// Discord does not know the bot, or cannot be reached.
    #[error(transparent)]
    Discord(#[from] SendError),
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
        matches!(self, Self::Open(OpenError::Owned { .. }))
    }

    /// Whether other settings would mend it.
    #[must_use]
    pub const fn is_about_the_settings(&self) -> bool {
        matches!(
            self,
            Self::OtherAgent { .. } | Self::Sender(_) | Self::Bus(BusError::Unauthorized(_))
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
        clock,
        ids,
    } = alone;
    let store = SqliteStore::open_file(&home, StoreFile::Discord, clock.now()).await?;
    let store: Arc<dyn Store> = Arc::new(store);
    let (token, base) = (settings.bot_token.clone(), settings.api_base.clone());
    let sender = Sender::new(token.clone(), base, clock.clone())?;
    let me = sender.me().await?;
    let gateway_url = match &settings.gateway_url {
        Some(url) => url.clone(),
        None => sender.gateway_bot().await?.url,
    };
    let bus = RemoteBus::new(RemoteOptions {
        url: settings.bus_url.clone(),
        token: settings.bus_token.clone(),
        connector: settings.connector.clone(),
    })
    .map_err(AloneError::Connection)?;
    let bus = Arc::new(bus);
    let connector = proved(bus.as_ref(), &settings).await?;
    connected(&Connected {
        bot: me.id,
        bot_name: me.username,
        connector,
    });
    let routes = Routes {
        bot_roles: own_roles(&sender, me.id).await,
        ..Routes::of(&settings, me.id)
    };
    let reins = Arc::new(Reins::new(Manner::of(routes)));
    let options = BridgeOptions {
        tenant: TenantId::local(),
        bot: me.id,
        connector: settings.connector,
        poll_interval: settings.poll_interval,
        reply_loop: settings.reply_loop,
        pending_store: settings.pending_store,
    };
    let folder = home.join("discord");
    let recorder = recorder(&folder, store.as_ref(), me.id).await;
    let files = Files::new(folder, &settings.api_base).map_err(AloneError::Connection)?;
    let gateway = GatewayOptions {
        token,
        gateway_url,
        patience: PATIENCE,
        sender: sender.clone(),
    };
    let (kept_files, daily) = (files.clone(), clock.clone());
    let parties = Parties {
        store: store.clone(),
        bus,
        sender,
        files,
        panels: None,
        recorder,
        clock,
        ids,
    };
    let ended = tokio::select! {
        ended = bridge::run(options, parties, gateway, reports, reins, stop) => ended,
        never = keep_tidy(store.as_ref(), kept_files, daily) => match never {},
    };
    store.close().await;
    Ok(ended?)
}

/// Once a day: a backup, and what has ended goes, with files that nobody can be asked about any more.
async fn keep_tidy(store: &dyn Store, files: Files, clock: SharedClock) -> Infallible {
    loop {
        clock.sleep_until(clock.now().plus_millis(DAY_MILLIS)).await;
        if let Err(fault) = store.daily(clock.now()).await {
            tracing::warn!(%fault, "the day's work on the journal was not done");
        }
        files.forget_old().await;
    }
}

/// The flight recorder. The bridge runs without it where it cannot write.
async fn recorder(folder: &Path, store: &dyn Store, bot: Snowflake) -> Option<Recorder> {
    let known = store.discord_channels(&TenantId::local(), bot).await;
    let known = known.unwrap_or_else(|fault| {
        tracing::warn!(%fault, "the flight recorder does not know the threads");
        Vec::new()
    });
    Recorder::begin(folder, bot, &known)
        .inspect_err(|fault| tracing::warn!(%fault, "nothing is recorded of the flight"))
        .ok()
}

/// The roles that Discord made for the bot: people mention one where they mean the bot, for both are
/// called the same. Where they cannot be asked for, such a mention is not understood.
async fn own_roles(sender: &Sender, bot: Snowflake) -> BTreeSet<Snowflake> {
    let asked = async {
        let mut own = BTreeSet::new();
        for guild in sender.guilds().await? {
            let roles = sender.roles_of(guild.id).await?;
            let is_own = |role: &&Role| {
                role.tags
                    .as_ref()
                    .is_some_and(|tags| tags.bot_id == Some(bot))
            };
            own.extend(roles.iter().filter(is_own).map(|role| role.id));
        }
        Ok::<_, SendError>(own)
    };
    asked.await.unwrap_or_else(|fault| {
        tracing::warn!(%fault, "the bot's own roles are not known");
        BTreeSet::new()
    })
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
        Err(fault @ BusError::Unreachable { .. }) => {
            tracing::warn!(%fault, "the bus cannot be reached yet");
            Ok(None)
        }
        Err(fault) => Err(fault.into()),
    }
}
