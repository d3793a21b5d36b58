//! The use cases of Husting, joined: every door calls the same ones.
//!
//! [`Console`] owns the store, the keys, the rounds at work and the events. The crates below know
//! nothing of each other; where one needs another (a round needs seats and the wallet), it is
//! joined here, and what they want written becomes one unit of the store.

mod access_keys;
mod agent_locks;
mod agents;
pub mod audit;
mod backup;
mod books;
mod bus;
pub mod caller;
mod catalog;
mod chance;
mod contract;
mod convene;
mod daily;
mod diagnostics;
mod discord;
mod doctor;
mod drafts;
mod erasing;
mod errors;
mod estimate;
mod halt;
mod handlers;
mod http;
mod hub;
mod keys;
mod ledger;
mod live;
mod managed;
mod names;
pub mod needs;
mod news;
mod open;
mod panel;
mod pauses;
mod providers;
mod recaps;
mod records;
mod recovery;
mod rounds;
mod running;
mod runs;
mod search;
mod seating;
mod sessions;
mod settings;
mod snapshot;
mod stop_all;
mod storage;
mod surroundings;
mod telling;
mod transcript;
mod undisturbed;
mod views;
mod wallet;
mod wiring;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use futures::stream::BoxStream;
use husting_clock::SharedClock;
use husting_domain::ids::TenantId;
use husting_domain::time::Timestamp;
use husting_store::{Store, Unit, Write};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::events::{Envelope, Event};
use husting_wire::providers::KeptIn;
use husting_wire::settings::Settings;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use crate::agents::{AgentHolder, BusDoor, Connection, Kept, Manager, TenantHolder};
pub use crate::backup::{kept_backups, look_at_backup, restore_code};
pub use crate::bus::{Told, ToolList};
pub use crate::caller::{Caller, ContractDoor, Deliberator, Door, KeyHolder};
pub use crate::contract::{Again, Progress, SessionStream, Waited};
pub use crate::convene::check_prompt;
pub use crate::discord::DiscordEndpoints;
pub use crate::doctor::{Unopened, finding};
pub use crate::erasing::{Erased, erase_unopened, finish_erasing};
pub use crate::keys::{GIVEN_TO_ONE_COMMAND, KeyChoice, Keys, LEAST_PASSPHRASE, has_sealed_file};
pub use crate::open::{OpenError, Options, restore};
pub use crate::surroundings::Surroundings;
pub use husting_deliberation::confidence::untag;
pub use husting_store::{BackupError, ERASING_MARKER, StoreFile, hindrance, may_be_backup};

use crate::access_keys::LiveKeys;
use crate::contract::finished::FinishedRounds;
use crate::contract::journal::Journals;
use crate::errors::Outward;
use crate::hub::Hub;
use crate::live::LiveRounds;
use crate::recaps::Summaries;
use crate::seating::Servers;

/// What a console is opened with.
pub struct Setup {
    /// The data folder, for people.
    pub home: PathBuf,
    /// The store, open and locked.
    pub store: Arc<dyn Store>,
    /// Where keys are kept.
    pub keys: Keys,
    /// Time.
    pub clock: SharedClock,
    /// Settings given by file, environment or flag; they win over stored ones.
    pub overrides: husting_wire::settings::EditSettings,
    /// Keys found in the environment, to be offered: variable and value.
    pub found_keys: Vec<(String, secrecy::SecretString)>,
    /// Whether agents that Husting runs take up their mail: not where the program leaves after one
    /// command, and would leave them in mid-turn.
    pub runs_agents: bool,
    /// Where Discord is.
    pub discord: DiscordEndpoints,
    /// Where it is known which bots of this user run; the same for all data folders.
    pub bot_locks: PathBuf,
    /// The user's folders, search path and variables.
    pub surroundings: Surroundings,
}

/// A handle on the running program's state; clones share it.
#[derive(Clone)]
pub struct Console(Arc<Inner>);

pub(crate) struct Inner {
    home: PathBuf,
    started_at: Timestamp,
    store: audit::Recorded,
    keys: Keys,
    clock: SharedClock,
    http: http::Http,
    servers: Servers,
    hub: Arc<Hub>,
    live: LiveRounds,
    /// Recaps and syntheses that are being written.
    summaries: Summaries,
    /// Keys to the contract, looked up without the store.
    live_keys: LiveKeys,
    /// What happened in sessions lately, for streams that are taken up again.
    journals: Journals,
    /// Progress of rounds that are over.
    finished: FinishedRounds,
    /// Settings in force.
    settings: RwLock<Settings>,
    overrides: husting_wire::settings::EditSettings,
    found_keys: Vec<(String, secrecy::SecretString)>,
    /// Where the listener is, once there is one.
    listening: Mutex<Listening>,
    /// Makes fences' nonces unguessable; kept in the store so that providers' caches outlive a restart.
    fence_secret: String,
    /// One change of the wallet at a time, so that a loaded wallet is still the wallet at its commit.
    wallet_turn: tokio::sync::Mutex<()>,
    /// One change of the providers at a time, so that a name is still free when its key is kept, and nothing that was read
    /// before is written over what changed since.
    provider_turn: tokio::sync::Mutex<()>,
    /// Tenants and agents, looked up without the store.
    agents: agents::registry::LiveAgents,
    /// One change of agents at a time, shown before the turn is given back.
    agents_turn: tokio::sync::Mutex<()>,
    /// How things stand is read and told in one turn.
    telling: telling::Telling,
    /// One rewiring at a time: each ends the tokens that were made before its own.
    rewiring: tokio::sync::Mutex<()>,
    /// An agent, a scope or a token will end by itself.
    ends_changed: Arc<Notify>,
    /// An agent that Husting runs was switched on.
    managed_changed: Arc<Notify>,
    /// Counts changes of what its turns are made of: money, settings, models.
    means: watch::Sender<u64>,
    /// Whether all agents are held.
    pause: bus::Pause,
    /// Rung when mail comes.
    bells: bus::Bells,
    /// Calls that wait for an answer.
    askers: bus::Askers,
    /// What agents read of each other lately.
    hops: bus::HopsRead,
    /// Mail was given.
    leases_changed: Arc<Notify>,
    /// The operator's bus moved.
    bus_moved: Arc<Notify>,
    /// The Discord bridge.
    bridge: discord::Bridge,
    /// Where Discord is.
    discord: DiscordEndpoints,
    /// Where it is known which bots of this user run.
    bot_locks: PathBuf,
    /// The user's folders, search path and variables.
    surroundings: Surroundings,
    /// Agents' own programs.
    runs: runs::Runs,
    /// One end of an agent at a time, to its receipt.
    revocations: agent_locks::AgentLocks,
    /// What is sealed of the audit log.
    seals: audit::Seals,
    shutdown: CancellationToken,
    /// Cancelled once the program is to end and begin anew.
    begin_anew: CancellationToken,
    /// One restoration or erasure at a time, until it is asked to begin anew with it: what it lays into the
    /// data folder has one name.
    begin_anew_turn: tokio::sync::Mutex<()>,
    stops: stop_all::Stops,
    tasks: TaskTracker,
}

/// Where this program is heard; nowhere until its shell says so.
#[derive(Clone, Default)]
struct Listening {
    address: Option<String>,
    note: Option<String>,
    /// The next start has another address.
    is_passing: bool,
    public: Option<PublicAddress>,
}

/// Where others reach this program.
#[derive(Clone)]
struct PublicAddress {
    /// `https://husting.example.org`
    url: String,
    /// A token may stand in a path there.
    takes_path_tokens: bool,
}

impl Console {
    /// Opens the console and ends what a crash left in flight; on a full disk that waits for space.
    ///
    /// # Errors
    /// When the store cannot be read, or not be written for another reason than a full disk.
    pub async fn open(setup: Setup) -> Result<Self, Error> {
        let stored = settings::stored(setup.store.as_ref()).await?;
        let fence_secret = fence_secret(setup.store.as_ref()).await?;
        let live_keys = LiveKeys::load(setup.store.keys().await.outward()?);
        let hub: Arc<Hub> = Arc::default();
        let agents = agents::registry::LiveAgents::load(
            agents::Touched::told_to(hub.clone()),
            setup.store.all_tenants().await.outward()?,
            setup.store.all_agents().await.outward()?,
            setup.store.all_agent_tokens().await.outward()?,
            setup.clock.now(),
        );
        let pause = bus::Pause::stored(setup.store.as_ref()).await?;
        let bridge = discord::Bridge::stored(setup.store.as_ref()).await?;
        let shutdown = CancellationToken::new();
        let console = Self(Arc::new(Inner {
            home: setup.home,
            started_at: setup.clock.now(),
            store: audit::Recorded::over(setup.store),
            keys: setup.keys,
            clock: setup.clock,
            http: http::Http::default(),
            servers: Servers::default(),
            hub,
            live: LiveRounds::default(),
            summaries: Summaries::default(),
            live_keys,
            journals: Journals::default(),
            finished: FinishedRounds::default(),
            settings: RwLock::new(settings::overlaid(stored, &setup.overrides)),
            overrides: setup.overrides,
            found_keys: setup.found_keys,
            listening: Mutex::default(),
            fence_secret,
            wallet_turn: tokio::sync::Mutex::new(()),
            provider_turn: tokio::sync::Mutex::new(()),
            agents,
            agents_turn: tokio::sync::Mutex::new(()),
            telling: telling::Telling::default(),
            rewiring: tokio::sync::Mutex::new(()),
            ends_changed: Arc::default(),
            managed_changed: Arc::default(),
            means: watch::Sender::default(),
            pause,
            bells: bus::Bells::default(),
            askers: bus::Askers::default(),
            hops: bus::HopsRead::default(),
            leases_changed: Arc::default(),
            bus_moved: Arc::default(),
            bridge,
            discord: setup.discord,
            bot_locks: setup.bot_locks,
            runs: runs::Runs::around(&setup.surroundings),
            revocations: agent_locks::AgentLocks::default(),
            surroundings: setup.surroundings,
            seals: audit::Seals::default(),
            stops: stop_all::Stops::within(&shutdown),
            begin_anew: CancellationToken::new(),
            begin_anew_turn: tokio::sync::Mutex::new(()),
            shutdown,
            tasks: TaskTracker::new(),
        }));
        console.0.end_unfinished_turns().await?;
        console.0.ensure_first_managed().await?;
        console.0.keep_bus();
        console
            .0
            .tasks
            .spawn(audit::keep_seals(Arc::downgrade(&console.0)));
        if setup.runs_agents {
            console.0.find_runs().await?;
            let wakes = runs::keep_wakes(Arc::downgrade(&console.0));
            console.0.tasks.spawn(wakes);
        }
        recovery::catch_up(&console.0).await?;
        console.0.end_unfinished_summaries().await?;
        if setup.runs_agents {
            let bridge = discord::keep_bridge(Arc::downgrade(&console.0));
            console.0.tasks.spawn(bridge);
        }
        let days = daily::keep_days(Arc::downgrade(&console.0));
        console.0.tasks.spawn(days);
        let is_known = console.0.keys.kept_in() == Some(KeptIn::Memory);
        if is_known {
            console.0.look_for_keys().await?;
        }
        let inner = Arc::downgrade(&console.0);
        console.0.tasks.spawn(async move {
            // A keyring takes its time to answer. The first screen does not wait for it; agents do, or they would
            // take mail for a seat that has no key.
            if !is_known
                && let Some(console) = inner.upgrade()
                && let Err(fault) = console.look_for_keys().await
            {
                tracing::warn!(%fault, "it is not known which keys are kept");
            }
            if setup.runs_agents {
                managed::keep_managed(inner).await;
            }
        });
        Ok(console)
    }

    /// Events from now on; the first says where they start. Take a snapshot after it.
    #[must_use]
    pub fn watch(&self) -> BoxStream<'static, Envelope> {
        self.0.hub.watch()
    }

    /// Says where the listener is, and why not where it was asked to be.
    pub fn set_address(&self, address: String, note: Option<String>) {
        *self
            .0
            .listening
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Listening {
            address: Some(address),
            note,
            is_passing: false,
            public: None,
        };
    }

    /// Says that the listener is elsewhere after the next start: a file that is written for a client leads nowhere then.
    pub fn expect_another_address(&self) {
        let mut listening = self
            .0
            .listening
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        listening.is_passing = true;
    }

    /// Says under which URL others reach the listener, and whether it takes a token in a path: what is
    /// handed out for clients names it.
    pub fn set_public_address(&self, url: String, takes_path_tokens: bool) {
        let mut listening = self
            .0
            .listening
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        listening.public = Some(PublicAddress {
            url,
            takes_path_tokens,
        });
    }

    /// Ends: rounds in flight are interrupted with what they have, everything is kept, the store closed.
    pub async fn close(&self) {
        self.0.shutdown.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
        self.0.seal_for_good().await;
        self.0.store.close().await;
    }

    /// Why keys cannot be read although they are kept, and how they are unlocked; none where they can.
    #[must_use]
    pub fn locked_keys(&self) -> Option<String> {
        self.0.keys.locked()
    }

    /// What others on this machine may get at of the data folder, with the line that mends it, as a sentence; none where
    /// it is its owner's alone.
    pub async fn open_to_others(&self) -> Option<String> {
        let found = doctor::examined_folder(&self.0.home).await;
        (!found.ok).then(|| format!("{}.", found.message))
    }

    /// Returns once the program is to end and begin anew, as after a backup was taken in, or when all data is to be erased; whoever runs it
    /// closes the console and starts it again.
    pub async fn asks_to_begin_anew(&self) {
        self.0.begin_anew.cancelled().await;
    }

    /// The time this console goes by.
    #[must_use]
    pub fn clock(&self) -> SharedClock {
        self.0.clock.clone()
    }
}

impl Inner {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What turns of agents are made of is another now: those that wait for it look again.
    fn means_moved(&self) {
        self.means.send_modify(|times| *times += 1);
    }

    fn tell(&self, event: Event) {
        self.hub.tell(event);
    }

    /// Tells what happened to a tenant's own: the operator watches the tenant `local` alone.
    fn tell_of(&self, tenant: &TenantId, event: Event) {
        if *tenant == TenantId::local() {
            self.tell(event);
        }
    }

    fn settings(&self) -> Settings {
        self.settings
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Keeps writes that nothing else depends on.
    async fn keep(
        &self,
        tenant: &TenantId,
        writes: impl IntoIterator<Item = Write>,
    ) -> Result<(), Error> {
        self.store
            .commit(Unit::of(tenant.clone()).writes(writes))
            .await
            .outward()?;
        Ok(())
    }

    /// Where clients reach the listener: `http://127.0.0.1:6070`, or its public URL.
    fn base_url(&self) -> Option<String> {
        let listening = self.listening();
        let local = listening.address.map(|address| format!("http://{address}"));
        listening.public.map(|public| public.url).or(local)
    }

    /// Whether clients reach the listener there only until this program ends.
    fn has_passing_url(&self) -> bool {
        let listening = self.listening();
        listening.is_passing && listening.public.is_none()
    }

    /// Whether the listener takes a token in a path.
    fn takes_path_tokens(&self) -> bool {
        let public = self.listening().public;
        public.is_none_or(|public| public.takes_path_tokens)
    }

    fn listening(&self) -> Listening {
        self.listening
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn refuse_while_closing(&self) -> Result<(), Error> {
        if self.shutdown.is_cancelled() {
            return Err(Error::new(
                ErrorCode::ShuttingDown,
                "Husting is closing and takes nothing new.",
            ));
        }
        Ok(())
    }

    /// The turn of whoever may ask to begin anew; from when that was asked, nobody's.
    async fn turn_to_begin_anew(&self) -> Result<tokio::sync::MutexGuard<'_, ()>, Error> {
        self.refuse_while_closing()?;
        let turn = self.begin_anew_turn.lock().await;
        if self.begin_anew.is_cancelled() {
            return Err(Error::new(
                ErrorCode::ShuttingDown,
                "Husting is about to begin anew. Nothing was changed; try again once it has.",
            ));
        }
        Ok(turn)
    }
}

/// The secret behind fences, made at the first start.
async fn fence_secret(store: &dyn Store) -> Result<String, Error> {
    const KEY: &str = "fence.secret";
    let tenant = TenantId::local();
    if let Some(known) = store.setting(&tenant, KEY).await.outward()? {
        return Ok(known);
    }
    // Kept as JSON like every setting; the quotes are part of the secret and do no harm.
    let secret = chance::secret();
    let write = Write::PutSetting {
        key: KEY.to_owned(),
        value: format!("\"{secret}\""),
    };
    store
        .commit(Unit::of(tenant).write(write))
        .await
        .outward()?;
    Ok(format!("\"{secret}\""))
}
