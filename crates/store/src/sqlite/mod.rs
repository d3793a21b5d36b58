//! The embedded engine: one SQLite file in the data folder, owned by one process.

mod accounts;
mod agent_reads;
mod agent_tokens;
mod agent_writes;
mod agents;
mod audit;
mod audit_reads;
mod backups;
mod bus_reads;
mod bus_writes;
mod bytes;
mod calls;
mod chains;
mod checkpoints;
mod columns;
mod connections;
mod daily;
mod days;
mod denials;
mod discord;
mod dispatches;
mod drafts;
mod endings;
mod erasing;
mod faults;
mod histogram;
mod holds;
mod home;
mod kept_backups;
mod keys;
mod leases;
mod ledger;
mod lists;
mod mailboxes;
mod messages;
mod mints;
mod models;
mod notes;
mod occasions;
mod pages;
mod places;
#[cfg(test)]
mod plans;
mod posts;
mod providers;
mod replays;
mod retention;
mod rounds;
mod run_setups;
mod run_writes;
mod runs;
mod schema;
mod search;
mod sends;
mod sessions;
mod settings;
mod spend;
mod squads;
mod tails;
mod tenants;
mod turn_reads;
mod turns;
mod units;
mod wallets;
mod wirings;
mod words;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use husting_domain::calls::Call;
use husting_domain::ids::{CallId, RoundId, SessionId, TenantId};
use husting_domain::keys::{DeliberationKey, Principal};
use husting_domain::ledger::{Hold, Transaction};
use husting_domain::models::{Model, ModelId};
use husting_domain::money::MicroUsd;
use husting_domain::providers::Provider;
use husting_domain::rounds::Round;
use husting_domain::sessions::Session;
use husting_domain::storage::StorageUse;
use husting_domain::time::Timestamp;
use sqlx::{Connection, SqliteConnection};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

pub use self::backups::{look_at_backup, may_be_backup, restore, stage};
use self::checkpoints::LogGrowth;
use self::connections::Connections;
use self::daily::Daily;
pub use self::erasing::{Held, begin_erasing, is_own_backup, is_store_file, refuse_owned};
pub use self::home::{ERASING_MARKER, StoreFile};
use self::home::{Home, Lock};
pub use self::kept_backups::kept_backups;
use self::schema::Found;
use self::writer::Queue;
use crate::Store;
use crate::errors::{BackupError, CommitError, OpenError, StoreError};
use crate::kept::Kept;
use crate::unit::Unit;
use crate::views::{
    BookingKind, Draft, LedgerEntry, LedgerSums, Passage, PastRound, Replay, ReplayAt,
    SessionFilter, SessionPage, SessionRow, SessionStanding, Spend, SpendBy, Tenanted,
    TransactionFilter, WalletRow,
};

/// The store in a file, or in memory for tests.
#[derive(Debug)]
pub struct SqliteStore {
    queue: Queue,
    connections: Connections,
    daily: Daily,
    /// Given back by `close`; the writer has its share until it has ended.
    lock: Mutex<Option<Arc<Lock>>>,
    tasks: TaskTracker,
    stop: CancellationToken,
    /// Ends the background work of a store that is dropped without `close`.
    _stop_at_drop: DropGuard,
}

impl SqliteStore {
    /// Opens the store of a data folder, making what is not there. The day's work is done in
    /// the background.
    ///
    /// # Errors
    /// [`OpenError`], each with a sentence for the operator; a file that is refused is left as it was.
    pub async fn open(home: &Path, now: Timestamp) -> Result<Self, OpenError> {
        Self::open_file(home, StoreFile::Husting, now).await
    }

    /// The same, waiting for the present owner to leave for `patience` at most.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub async fn open_waiting(
        home: &Path,
        now: Timestamp,
        patience: Duration,
    ) -> Result<Self, OpenError> {
        Self::open_file_waiting(home, StoreFile::Husting, now, patience).await
    }

    /// Opens one of a data folder's stores as [`SqliteStore::open`] does; others stand beside it,
    /// each with an owner of its own.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub async fn open_file(
        home: &Path,
        file: StoreFile,
        now: Timestamp,
    ) -> Result<Self, OpenError> {
        let home = Home::at(home, file)?;
        let lock = home.lock()?;
        Self::open_locked(home, lock, now).await
    }

    /// The same, waiting for the present owner to leave for `patience` at most.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub async fn open_file_waiting(
        home: &Path,
        file: StoreFile,
        now: Timestamp,
        patience: Duration,
    ) -> Result<Self, OpenError> {
        Self::open_held(Held::wait(home, file, patience).await?, now).await
    }

    /// Opens the store of a folder that was taken before.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub async fn open_held(held: Held, now: Timestamp) -> Result<Self, OpenError> {
        Self::open_locked(held.home, held.lock, now).await
    }

    /// An empty store that is gone when it is dropped.
    ///
    /// # Errors
    /// [`OpenError::Store`] when there is no memory left for it.
    pub async fn open_in_memory() -> Result<Self, OpenError> {
        let connections = Connections::in_memory().await?;
        schema::migrate(&connections.writer, Path::new(":memory:")).await?;
        Ok(Self::start(connections, None, None))
    }

    async fn open_locked(home: Home, lock: Lock, now: Timestamp) -> Result<Self, OpenError> {
        erasing::refuse_marked(&home)?;
        backups::take_staged(&home, now).await?;
        home.make_database()?;
        let (found, connections) = match connected(&home, now, Room::Enough).await {
            Err(OpenError::Store(StoreError::DiskFull(cause))) => {
                tracing::debug!(%cause, "no room for the log's index");
                tracing::warn!(
                    "the disk is full: what is kept can be read, and nothing new can be kept"
                );
                connected(&home, now, Room::None).await?
            }
            outcome => outcome?,
        };
        let store = Self::start(connections, Some(home), Some(Arc::new(lock)));
        if found != Found::Nothing {
            store.do_the_days_work(now);
        }
        Ok(store)
    }

    fn start(connections: Connections, home: Option<Home>, lock: Option<Arc<Lock>>) -> Self {
        let (stop, tasks, growth) = (
            CancellationToken::new(),
            TaskTracker::new(),
            LogGrowth::default(),
        );
        let (queue, writer) =
            writer::writer(connections.writer.clone(), growth.clone(), stop.clone());
        let writers_share = lock.clone();
        tasks.spawn(async move {
            writer.await;
            drop(writers_share);
        });
        if home.is_some() {
            tasks.spawn(checkpoints::checkpoints(
                connections.checkpointer.clone(),
                growth,
                stop.clone(),
            ));
        }
        Self {
            daily: Daily::new(connections.readers.clone(), queue.clone(), home),
            queue,
            connections,
            lock: Mutex::new(lock),
            tasks,
            _stop_at_drop: stop.clone().drop_guard(),
            stop,
        }
    }

    /// In the background.
    fn do_the_days_work(&self, now: Timestamp) {
        let daily = self.daily.clone();
        self.tasks.spawn(async move {
            match daily.run(now).await {
                Ok(()) => {}
                Err(BackupError::Store(StoreError::Closed)) => {
                    tracing::debug!("the store was closed before the day's work was done");
                }
                Err(error) => tracing::warn!(%error, "the day's work on the store was not done"),
            }
        });
    }
}

/// Whether the disk has room for the files that connections share beside the store's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    Enough,
    /// Writes fail until there is some; reads need none.
    None,
}

/// Connections to the file with its tables as they must be, and what it held before.
async fn connected(
    home: &Home,
    now: Timestamp,
    room: Room,
) -> Result<(Found, Connections), OpenError> {
    let path = home.database();
    let found = prepare(home, now, room).await?;
    let connections = match room {
        Room::Enough => Connections::open(&path).await?,
        Room::None => Connections::alone(&path).await?,
    };
    if let Err(error) = schema::migrate(&connections.writer, &path).await {
        connections.close().await;
        return Err(error);
    }
    Ok((found, connections))
}

/// Tells what the file holds; a store that is about to change is copied first.
async fn prepare(home: &Home, now: Timestamp, room: Room) -> Result<Found, OpenError> {
    let path = home.database();
    let mut db = match room {
        Room::Enough => connections::look(&path).await?,
        Room::None => connections::look_alone(&path).await?,
    };
    let found = look_and_copy(&mut db, home, now).await;
    db.close()
        .await
        .map_err(|error| faults::fault("opening the store", error))?;
    found
}

async fn look_and_copy(
    db: &mut SqliteConnection,
    home: &Home,
    now: Timestamp,
) -> Result<Found, OpenError> {
    let found = schema::found(db, &home.database()).await?;
    if let Found::Version(version) = found
        && version < schema::known()
    {
        backups::before_migration(db, home, version, now).await?;
    }
    Ok(found)
}

#[async_trait]
impl Store for SqliteStore {
    async fn commit(&self, unit: Unit) -> Result<Kept, CommitError> {
        self.queue.commit(unit).await
    }

    async fn session(
        &self,
        tenant: &TenantId,
        id: SessionId,
    ) -> Result<Option<Session>, StoreError> {
        sessions::by_id(&self.connections.readers, tenant, id).await
    }

    async fn session_standing(
        &self,
        tenant: &TenantId,
        id: SessionId,
    ) -> Result<Option<SessionStanding>, StoreError> {
        sessions::standing(&self.connections.readers, tenant, id).await
    }

    async fn sessions(
        &self,
        tenant: &TenantId,
        filter: &SessionFilter,
    ) -> Result<SessionPage, StoreError> {
        lists::page(&self.connections.readers, tenant, filter).await
    }

    async fn has_convened(&self, tenant: &TenantId) -> Result<bool, StoreError> {
        lists::has_any(&self.connections.readers, tenant).await
    }

    async fn session_row(
        &self,
        tenant: &TenantId,
        id: SessionId,
    ) -> Result<Option<SessionRow>, StoreError> {
        lists::row(&self.connections.readers, tenant, id).await
    }

    async fn rounds(
        &self,
        tenant: &TenantId,
        session: SessionId,
    ) -> Result<Vec<Round>, StoreError> {
        rounds::of_session(&self.connections.readers, tenant, session).await
    }

    async fn call(&self, tenant: &TenantId, id: CallId) -> Result<Option<Call>, StoreError> {
        calls::by_id(&self.connections.readers, tenant, id).await
    }

    async fn calls_of_session(
        &self,
        tenant: &TenantId,
        session: SessionId,
    ) -> Result<Vec<Call>, StoreError> {
        calls::of_session(&self.connections.readers, tenant, session).await
    }

    async fn unfinished_rounds(&self) -> Result<Vec<Tenanted<Round>>, StoreError> {
        rounds::unfinished(&self.connections.readers).await
    }

    async fn unfinished_recaps(&self) -> Result<Vec<Tenanted<Round>>, StoreError> {
        rounds::unfinished_recaps(&self.connections.readers).await
    }

    async fn unfinished_syntheses(&self) -> Result<Vec<Tenanted<SessionId>>, StoreError> {
        sessions::unfinished_syntheses(&self.connections.readers).await
    }

    async fn past_rounds(
        &self,
        tenant: &TenantId,
        limit: u32,
    ) -> Result<Vec<PastRound>, StoreError> {
        rounds::past(&self.connections.readers, tenant, limit).await
    }

    async fn wallet(&self, tenant: &TenantId) -> Result<WalletRow, StoreError> {
        wallets::by_tenant(&self.connections.readers, tenant).await
    }

    async fn open_holds(&self, tenant: &TenantId) -> Result<Vec<Hold>, StoreError> {
        holds::open(&self.connections.readers, tenant).await
    }

    async fn transactions(
        &self,
        tenant: &TenantId,
        filter: &TransactionFilter,
    ) -> Result<Vec<Transaction>, StoreError> {
        ledger::list(&self.connections.readers, tenant, filter).await
    }

    async fn ledger(
        &self,
        tenant: &TenantId,
        filter: &TransactionFilter,
    ) -> Result<Vec<LedgerEntry>, StoreError> {
        pages::page(&self.connections.readers, tenant, filter).await
    }

    async fn transactions_of_rounds(
        &self,
        tenant: &TenantId,
        rounds: &[RoundId],
    ) -> Result<Vec<Transaction>, StoreError> {
        ledger::of_rounds(&self.connections.readers, tenant, rounds).await
    }

    async fn booked_since(
        &self,
        tenant: &TenantId,
        kind: BookingKind,
        since: Timestamp,
    ) -> Result<MicroUsd, StoreError> {
        ledger::booked_since(&self.connections.readers, tenant, kind, since).await
    }

    async fn spend_by(
        &self,
        tenant: &TenantId,
        by: SpendBy,
        since: Timestamp,
    ) -> Result<Vec<Spend>, StoreError> {
        spend::by(&self.connections.readers, tenant, by, since).await
    }

    async fn ledger_sums(&self, tenant: &TenantId) -> Result<LedgerSums, StoreError> {
        accounts::sums(&self.connections.readers, tenant).await
    }

    async fn providers(&self, tenant: &TenantId) -> Result<Vec<Provider>, StoreError> {
        providers::all(&self.connections.readers, tenant).await
    }

    async fn provider(
        &self,
        tenant: &TenantId,
        name: &str,
    ) -> Result<Option<Provider>, StoreError> {
        providers::by_name(&self.connections.readers, tenant, name).await
    }

    async fn models(&self, tenant: &TenantId) -> Result<Vec<Model>, StoreError> {
        models::all(&self.connections.readers, tenant).await
    }

    async fn removed_models(&self, tenant: &TenantId) -> Result<Vec<Model>, StoreError> {
        models::removed(&self.connections.readers, tenant).await
    }

    async fn model(&self, tenant: &TenantId, id: &ModelId) -> Result<Option<Model>, StoreError> {
        models::by_id(&self.connections.readers, tenant, id).await
    }

    async fn setting(&self, tenant: &TenantId, key: &str) -> Result<Option<String>, StoreError> {
        settings::by_key(&self.connections.readers, tenant, key).await
    }

    async fn keys(&self) -> Result<Vec<Tenanted<DeliberationKey>>, StoreError> {
        keys::all(&self.connections.readers).await
    }

    async fn replay(
        &self,
        tenant: &TenantId,
        place: &ReplayAt,
    ) -> Result<Option<Replay>, StoreError> {
        replays::at(&self.connections.readers, tenant, place).await
    }

    async fn replays_by_words(
        &self,
        tenant: &TenantId,
        caller: Principal,
        session: SessionId,
    ) -> Result<Vec<RoundId>, StoreError> {
        replays::by_words(&self.connections.readers, tenant, caller, session).await
    }

    async fn tenants_with_wallets(&self) -> Result<Vec<TenantId>, StoreError> {
        wallets::tenants(&self.connections.readers).await
    }

    async fn passages(
        &self,
        tenant: &TenantId,
        query: &str,
        limit: u32,
    ) -> Result<Vec<Passage>, StoreError> {
        search::passages(&self.connections.readers, tenant, query, limit).await
    }

    async fn draft(&self, tenant: &TenantId, key: &str) -> Result<Option<Draft>, StoreError> {
        drafts::by_key(&self.connections.readers, tenant, key).await
    }

    async fn bytes(&self) -> Result<Vec<StorageUse>, StoreError> {
        bytes::by_kind(&self.connections.readers).await
    }

    async fn backup(&self, to: &Path) -> Result<(), BackupError> {
        backups::copy(&self.connections.readers, to).await
    }

    async fn daily(&self, now: Timestamp) -> Result<(), BackupError> {
        self.daily.run(now).await
    }

    async fn close(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.connections.close().await;
        drop(
            self.lock
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
    }
}
