//! A store that fails a commit when it is told to: before anything is kept, or after all of it is.
//! It counts what is asked of it.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use husting_domain::calls::Call;
use husting_domain::ids::{CallId, RoundId, SessionId, TenantId};
use husting_domain::keys::{DeliberationKey, Principal};
use husting_domain::ledger::{Hold, Transaction};
use husting_domain::models::{Model, ModelId};
use husting_domain::money::MicroUsd;
use husting_domain::providers::Provider;
use husting_domain::rounds::Round;
use husting_domain::sessions::{Session, SessionStatus};
use husting_domain::time::Timestamp;
use husting_store::*;
use tokio::sync::watch;

/// Where in a commit it breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// Nothing is kept.
    Before,
    /// All is kept, and only the answer is lost.
    After,
    /// Nothing is kept, because the disk is full.
    Full,
    /// Whoever asked panics.
    Panic,
}

/// Whether a unit is one that breaks.
pub type Strikes = fn(&Unit) -> bool;

/// Which of the units to come fail.
struct Weakness {
    strikes: Strikes,
    at: Break,
    left: usize,
}

/// The store, and its weaknesses; of those that strike a unit the first breaks it.
pub struct Fragile {
    store: SqliteStore,
    weaknesses: Mutex<Vec<Weakness>>,
    broken: watch::Sender<usize>,
    /// Units that would take a round in.
    rounds_tried: AtomicUsize,
    /// Sessions that were read whole.
    sessions_read: AtomicUsize,
}

impl Fragile {
    pub fn around(store: SqliteStore) -> Self {
        Self {
            store,
            weaknesses: Mutex::default(),
            broken: watch::Sender::default(),
            rounds_tried: AtomicUsize::default(),
            sessions_read: AtomicUsize::default(),
        }
    }

    pub fn rounds_tried(&self) -> usize {
        self.rounds_tried.load(Ordering::SeqCst)
    }

    pub fn sessions_read(&self) -> usize {
        self.sessions_read.load(Ordering::SeqCst)
    }

    /// From now on the next `times` units that `strikes` break, and no others.
    pub fn weaken(&self, strikes: Strikes, at: Break, times: usize) {
        self.weaknesses.lock().unwrap().clear();
        self.weaken_also(strikes, at, times);
    }

    /// The next `times` units that `strikes` break as well.
    pub fn weaken_also(&self, strikes: Strikes, at: Break, times: usize) {
        let left = times;
        let mut weaknesses = self.weaknesses.lock().unwrap();
        weaknesses.push(Weakness { strikes, at, left });
    }

    /// Returns once so many units have broken.
    pub async fn until_broken(&self, times: usize) {
        let mut broken = self.broken.subscribe();
        broken.wait_for(|count| *count >= times).await.unwrap();
    }

    pub fn times_broken(&self) -> usize {
        *self.broken.borrow()
    }

    /// Where this unit is to break, if it is.
    fn struck(&self, unit: &Unit) -> Option<Break> {
        let mut weaknesses = self
            .weaknesses
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let weakness = weaknesses
            .iter_mut()
            .find(|weakness| weakness.left > 0 && (weakness.strikes)(unit))?;
        weakness.left -= 1;
        Some(weakness.at)
    }

    async fn commit_or_break(&self, unit: Unit) -> Result<(), CommitError> {
        let takes_in = |write: &Write| matches!(write, Write::InsertRound(_));
        if unit.writes.iter().any(takes_in) {
            self.rounds_tried.fetch_add(1, Ordering::SeqCst);
        }
        let Some(at) = self.struck(&unit) else {
            return self.store.commit(unit).await;
        };
        if at == Break::After {
            self.store.commit(unit).await?;
        }
        self.broken.send_modify(|count| *count += 1);
        assert!(at != Break::Panic, "a fault that the test asked for");
        let source = std::sync::Arc::new(std::io::Error::other("the disk went away"));
        if at == Break::Full {
            return Err(StoreError::DiskFull(source).into());
        }
        Err(StoreError::Disk {
            doing: "committing",
            source,
        }
        .into())
    }
}

/// Reads go through.
macro_rules! through {
    ($($name:ident($($given:ident: $kind:ty),*) -> $answer:ty;)+) => {
        #[async_trait]
        impl Store for Fragile {
            async fn commit(&self, unit: Unit) -> Result<(), CommitError> {
                self.commit_or_break(unit).await
            }

            async fn session(&self, tenant: &TenantId, id: SessionId) -> Result<Option<Session>, StoreError> {
                self.sessions_read.fetch_add(1, Ordering::SeqCst);
                self.store.session(tenant, id).await
            }

            $(async fn $name(&self, $($given: $kind),*) -> $answer {
                self.store.$name($($given),*).await
            })+
        }
    };
}

through! {
    unfinished_recaps() -> Result<Vec<Tenanted<Round>>, StoreError>;
    unfinished_syntheses() -> Result<Vec<Tenanted<SessionId>>, StoreError>;
    keys() -> Result<Vec<Tenanted<DeliberationKey>>, StoreError>;
    replays_by_words(tenant: &TenantId, caller: Principal, session: SessionId) -> Result<Vec<RoundId>, StoreError>;
    tenants() -> Result<Vec<TenantId>, StoreError>;
    replay(tenant: &TenantId, place: &ReplayAt) -> Result<Option<Replay>, StoreError>;
    session_status(tenant: &TenantId, id: SessionId) -> Result<Option<SessionStatus>, StoreError>;
    sessions(tenant: &TenantId, filter: &SessionFilter) -> Result<SessionPage, StoreError>;
    session_row(tenant: &TenantId, id: SessionId) -> Result<Option<SessionRow>, StoreError>;
    rounds(tenant: &TenantId, session: SessionId) -> Result<Vec<Round>, StoreError>;
    call(tenant: &TenantId, id: CallId) -> Result<Option<Call>, StoreError>;
    calls_of_session(tenant: &TenantId, session: SessionId) -> Result<Vec<Call>, StoreError>;
    unfinished_rounds() -> Result<Vec<Tenanted<Round>>, StoreError>;
    past_rounds(tenant: &TenantId, limit: u32) -> Result<Vec<PastRound>, StoreError>;
    wallet(tenant: &TenantId) -> Result<WalletRow, StoreError>;
    open_holds(tenant: &TenantId) -> Result<Vec<Hold>, StoreError>;
    transactions(tenant: &TenantId, filter: &TransactionFilter) -> Result<Vec<Transaction>, StoreError>;
    ledger(tenant: &TenantId, filter: &TransactionFilter) -> Result<Vec<LedgerEntry>, StoreError>;
    transactions_of_rounds(tenant: &TenantId, rounds: &[RoundId]) -> Result<Vec<Transaction>, StoreError>;
    booked_since(tenant: &TenantId, kind: BookingKind, since: Timestamp) -> Result<MicroUsd, StoreError>;
    spend_by(tenant: &TenantId, by: SpendBy, since: Timestamp) -> Result<Vec<Spend>, StoreError>;
    ledger_sums(tenant: &TenantId) -> Result<LedgerSums, StoreError>;
    providers(tenant: &TenantId) -> Result<Vec<Provider>, StoreError>;
    provider(tenant: &TenantId, name: &str) -> Result<Option<Provider>, StoreError>;
    models(tenant: &TenantId) -> Result<Vec<Model>, StoreError>;
    model(tenant: &TenantId, id: &ModelId) -> Result<Option<Model>, StoreError>;
    setting(tenant: &TenantId, key: &str) -> Result<Option<String>, StoreError>;
    draft(tenant: &TenantId, key: &str) -> Result<Option<Draft>, StoreError>;
    backup(to: &Path) -> Result<(), BackupError>;
    daily(now: Timestamp) -> Result<(), BackupError>;
    close() -> ();
}
