//! The way from a bot's token to a bridge at work, the same for whoever runs it.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use husting_clock::SharedClock;
use husting_domain::agents::Name;
use husting_domain::discord::{Cursor, Snowflake};
use husting_domain::ids::TenantId;
use husting_domain::time::DAY_MILLIS;
use husting_store::{DiscordWrite, Store, Unit, Write};
use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::bridge::{self, BridgeOptions, Ids, OpenQuestionsError, Parties, Reins, Reports};
use crate::bus::Bus;
use crate::files::Files;
use crate::gateway::{GatewayOptions, Stop};
use crate::one_bot::{OneBot, OneBotError};
use crate::panels::Panels;
use crate::recorder::Recorder;
use crate::sender::{Bot, Role, SendError, Sender, SenderError};
use crate::settings::Endpoints;

/// Until when Discord has to answer IDENTIFY or RESUME.
const PATIENCE: Duration = Duration::from_secs(30);

/// Discord took the token, and said who the bot is and where it is heard.
pub struct Greeted {
    /// The bot.
    pub bot: Bot,
    /// The roles that Discord made for it, one in each server.
    pub bot_roles: BTreeSet<Snowflake>,
    token: SecretString,
    api_base: String,
    gateway_url: String,
    sender: Sender,
}

/// Discord does not know the bot, or cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum GreetError {
    /// No connection can be made at all.
    #[error(transparent)]
    Sender(#[from] SenderError),
    /// Discord's answer.
    #[error(transparent)]
    Discord(#[from] SendError),
}

/// A bridge that was begun could not go on to work.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// TLS could not be set up.
    #[error("no secure connection can be made: {0}")]
    Connection(#[source] reqwest::Error),
    /// The journal, or the file of open questions, cannot be read.
    #[error(transparent)]
    Journal(#[from] OpenQuestionsError),
    /// The bot's lock could not be signed.
    #[error(transparent)]
    OneBot(#[from] OneBotError),
}

/// With what a bridge works.
pub struct Opening {
    /// Whose journal it is.
    pub tenant: TenantId,
    /// The journal.
    pub store: Arc<dyn Store>,
    /// The bus.
    pub bus: Arc<dyn Bus>,
    /// Panels of models, where there are any.
    pub panels: Option<Arc<dyn Panels>>,
    /// Where files and the flight recorder are kept.
    pub folder: PathBuf,
    /// How long a file of the flight recorder is kept that nobody writes to.
    pub recorded_for: Duration,
    /// What it is called on the bus.
    pub connector: Name,
    /// How long it waits for mail, and between two looks at a bus that does not wait.
    pub poll_interval: Duration,
    /// The bot is this process's.
    pub one_bot: OneBot,
    /// Whether replies are brought back at all.
    pub reply_loop: bool,
    /// The file of open questions, kept beside the journal.
    pub pending_store: Option<PathBuf>,
    /// Time.
    pub clock: SharedClock,
    /// New ids.
    pub ids: Ids,
}

impl Greeted {
    /// Asks Discord who the bot is.
    ///
    /// # Errors
    /// [`GreetError`].
    pub async fn by(
        token: SecretString,
        endpoints: Endpoints,
        clock: SharedClock,
    ) -> Result<Self, GreetError> {
        let Endpoints {
            api_base,
            gateway_url,
        } = endpoints;
        let sender = Sender::new(token.clone(), api_base.clone(), clock)?;
        let bot = sender.me().await?;
        let gateway_url = match gateway_url {
            Some(url) => url,
            None => sender.gateway_bot().await?.url,
        };
        Ok(Self {
            bot_roles: own_roles(&sender, bot.id).await,
            bot,
            token,
            api_base,
            gateway_url,
            sender,
        })
    }

    /// Asks Discord within the limits of the bridge that will run.
    #[must_use]
    pub fn sender(&self) -> Sender {
        self.sender.clone()
    }

    /// Runs the bridge until `stop` is cancelled or Discord ends it for good, and says which.
    ///
    /// # Errors
    /// [`BeginError`] when it cannot begin.
    pub async fn run(
        self,
        opening: Opening,
        reports: Reports,
        reins: Arc<Reins>,
        stop: CancellationToken,
    ) -> Result<Stop, BeginError> {
        let options = BridgeOptions {
            tenant: opening.tenant,
            bot: self.bot.id,
            connector: opening.connector,
            poll_interval: opening.poll_interval,
            reply_loop: opening.reply_loop,
            pending_store: opening.pending_store,
        };
        let (folder, store) = (opening.folder, opening.store);
        if !opening.one_bot.is_resumable() {
            leave_session(&options.tenant, store.as_ref(), self.bot.id).await?;
        }
        opening.one_bot.begin()?;
        let recorded_for = opening.recorded_for;
        let recorder = recorder(&folder, &options, store.as_ref(), recorded_for).await;
        let files = Files::new(folder, &self.api_base).map_err(BeginError::Connection)?;
        let gateway = GatewayOptions {
            token: self.token,
            gateway_url: self.gateway_url,
            patience: PATIENCE,
            sender: self.sender.clone(),
        };
        let daily = forget_old_files(files.clone(), opening.clock.clone());
        let parties = Parties {
            store,
            bus: opening.bus,
            sender: self.sender,
            files,
            panels: opening.panels,
            recorder,
            clock: opening.clock,
            ids: opening.ids,
        };
        tokio::select! {
            ended = bridge::run(options, parties, gateway, reports, reins, stop) => Ok(ended?),
            never = daily => match never {},
        }
    }
}

/// Another bridge, with a journal of its own, ran the bot since: a new session is begun, and what was
/// written meanwhile is read from the channels, where its answers and marks stand.
async fn leave_session(
    tenant: &TenantId,
    store: &dyn Store,
    bot: Snowflake,
) -> Result<(), BeginError> {
    let cursor = store.discord_cursor(tenant, bot).await;
    let Some(cursor) = cursor.map_err(OpenQuestionsError::from)? else {
        return Ok(());
    };
    let left = DiscordWrite::Heard {
        bot,
        cursor: Cursor {
            session: String::new(),
            resume_url: String::new(),
            sequence: 0,
            at: cursor.at,
        },
    };
    let unit = Unit::of(tenant.clone()).write(Write::Discord(left));
    store.commit(unit).await.map_err(OpenQuestionsError::from)?;
    Ok(())
}

/// At the beginning and once a day: files that nobody can be asked about any more go. A computer may never
/// be on for a whole day.
async fn forget_old_files(files: Files, clock: SharedClock) -> Infallible {
    loop {
        files.forget_old().await;
        clock.sleep_until(clock.now().plus_millis(DAY_MILLIS)).await;
    }
}

/// The flight recorder. The bridge runs without it where it cannot write.
async fn recorder(
    folder: &Path,
    bridge: &BridgeOptions,
    store: &dyn Store,
    kept: Duration,
) -> Option<Recorder> {
    let known = store.discord_channels(&bridge.tenant, bridge.bot).await;
    let known = known.unwrap_or_else(|fault| {
        tracing::warn!(%fault, "the flight recorder does not know the threads");
        Vec::new()
    });
    Recorder::begin(folder, bridge.bot, &known, kept)
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

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use husting_clock::ManualClock;
    use husting_domain::time::Timestamp;

    use super::*;

    const OLD: Duration = Duration::from_secs(31 * 24 * 60 * 60);

    /// Files of a question of last month.
    fn old_files(home: &Path) -> PathBuf {
        let folder = home.join(uuid::Uuid::now_v7().to_string());
        std::fs::create_dir(&folder).unwrap();
        let opened = std::fs::File::open(&folder).unwrap();
        opened.set_modified(SystemTime::now() - OLD).unwrap();
        folder
    }

    async fn until_gone(folder: &Path) {
        let looking = async {
            while folder.exists() {
                tokio::task::yield_now().await;
            }
        };
        let looked = tokio::time::timeout(Duration::from_secs(30), looking).await;
        looked.expect("the files are still there");
    }

    #[tokio::test]
    async fn old_files_go_when_a_bridge_begins_and_each_day() {
        let home = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(Timestamp::from_micros(1_000_000));
        let files = Files::new(home.path().to_owned(), "http://127.0.0.1:9/api/v10").unwrap();
        let old = old_files(home.path());
        let daily = forget_old_files(files, Arc::new(clock.clone()));
        let watching = async {
            until_gone(&old).await;
            while clock.waiters() != 1 {
                tokio::task::yield_now().await;
            }
            let next = old_files(home.path());
            clock.advance(Duration::from_secs(24 * 60 * 60));
            until_gone(&next).await;
        };
        tokio::select! {
            () = watching => {}
            never = daily => match never {},
        }
    }
}
