//! The store: what Husting remembers, behind one trait, and the embedded engine on SQLite.
//!
//! A use case hands in one [`Unit`] of typed writes with its preconditions; it is kept whole or
//! not at all, and [`Store::commit`] answers after it is on disk. Readers stand beside the writer
//! and see whole units only. Nothing in the trait belongs to one engine.

mod agents;
mod audit;
mod bus;
mod discord;
mod discord_panels;
mod errors;
mod kept;
mod runs;
mod sqlite;
mod turns;
mod unit;
mod views;

use std::path::Path;

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

pub use crate::agents::{AgentReads, AgentRequire, AgentWrite, MintReplay};
pub use crate::audit::{AuditFilter, AuditReads};
pub use crate::bus::{
    Arrival, BusReads, BusRequire, BusWrite, Cast, Dispatch, Earlier, Fetched, HopsGiven,
    MessageFilter, SendReplay, TakenBack,
};
pub use crate::discord::{
    DiscordFigures, DiscordOpen, DiscordReads, DiscordWrite, ReplyWithPosts, UnnamedReplies,
};
pub use crate::discord_panels::{DiscordPanelReads, PanelWrite};
pub use crate::errors::{
    BackupError, Cause, CommitError, Constraint, OpenError, StoreError, hindrance,
};
pub use crate::kept::{Kept, Sent, Told};
pub use crate::runs::{RunReads, RunWrite};
pub use crate::sqlite::{
    ERASING_MARKER, Held, SqliteStore, StoreFile, begin_erasing, is_own_backup, is_store_file,
    kept_backups, look_at_backup, may_be_backup, refuse_owned, restore, stage,
};
pub use crate::turns::{TurnReads, TurnWrite, TurnsSince};
pub use crate::unit::{Require, Unit, Write};
pub use crate::views::{
    BackupContent, BookingKind, CallStanding, Draft, KeptBackup, LedgerEntry, LedgerSums,
    NewestRound, Passage, PastRound, Replay, ReplayAt, SessionFilter, SessionPage, SessionRow,
    SessionStanding, Spend, SpendBy, Tenanted, TransactionFilter, WalletRow,
};

/// What every engine does. All reads are of one tenant unless they say otherwise.
///
/// Every read fails with [`StoreError`] when the engine cannot answer; absence is `None` or empty.
#[async_trait]
pub trait Store:
    AgentReads + BusReads + AuditReads + TurnReads + RunReads + DiscordReads + DiscordPanelReads
{
    /// Keeps the unit whole or not at all. `Ok` means that it is on disk, and tells what it came to.
    ///
    /// # Errors
    /// [`CommitError::Refused`] names the precondition that did not hold, [`CommitError::Constraint`]
    /// what the writes would have broken; nothing was kept then.
    async fn commit(&self, unit: Unit) -> Result<Kept, CommitError>;

    /// One session.
    async fn session(
        &self,
        tenant: &TenantId,
        id: SessionId,
    ) -> Result<Option<Session>, StoreError>;

    /// How one session stands, for who need not read all of it.
    async fn session_standing(
        &self,
        tenant: &TenantId,
        id: SessionId,
    ) -> Result<Option<SessionStanding>, StoreError>;

    /// A page of sessions, the most recently changed first, with how many there are in all.
    async fn sessions(
        &self,
        tenant: &TenantId,
        filter: &SessionFilter,
    ) -> Result<SessionPage, StoreError>;

    /// Whether a session was ever opened, whatever became of it.
    async fn has_convened(&self, tenant: &TenantId) -> Result<bool, StoreError>;

    /// One session as a list shows it.
    async fn session_row(
        &self,
        tenant: &TenantId,
        id: SessionId,
    ) -> Result<Option<SessionRow>, StoreError>;

    /// A session's rounds by index.
    async fn rounds(&self, tenant: &TenantId, session: SessionId)
    -> Result<Vec<Round>, StoreError>;

    /// One call.
    async fn call(&self, tenant: &TenantId, id: CallId) -> Result<Option<Call>, StoreError>;

    /// All calls of a session, every attempt, in the order they were queued.
    async fn calls_of_session(
        &self,
        tenant: &TenantId,
        session: SessionId,
    ) -> Result<Vec<Call>, StoreError>;

    /// Questions, whole answers, comments of reactions, recaps and syntheses, each that holds all words of
    /// the query, of the last word at least its beginning, in any case and with or without accents: the
    /// best first, of equals the one that was kept last.
    async fn passages(
        &self,
        tenant: &TenantId,
        query: &str,
        limit: u32,
    ) -> Result<Vec<Passage>, StoreError>;

    /// Rounds of all tenants that are in progress: what a restart has to end.
    async fn unfinished_rounds(&self) -> Result<Vec<Tenanted<Round>>, StoreError>;

    /// Rounds of all tenants whose recap is being written: what a restart has to end.
    async fn unfinished_recaps(&self) -> Result<Vec<Tenanted<Round>>, StoreError>;

    /// Sessions of all tenants whose synthesis is being written.
    async fn unfinished_syntheses(&self) -> Result<Vec<Tenanted<SessionId>>, StoreError>;

    /// The newest whole rounds that cost something, for estimates: all seats answered and reacted at
    /// the first attempt, and nobody cancelled.
    async fn past_rounds(
        &self,
        tenant: &TenantId,
        limit: u32,
    ) -> Result<Vec<PastRound>, StoreError>;

    /// Balances, terms and holds as of one moment. A tenant without a wallet has version 0 and nothing.
    async fn wallet(&self, tenant: &TenantId) -> Result<WalletRow, StoreError>;

    /// Holds that are open, oldest first.
    async fn open_holds(&self, tenant: &TenantId) -> Result<Vec<Hold>, StoreError>;

    /// Transactions, newest first.
    async fn transactions(
        &self,
        tenant: &TenantId,
        filter: &TransactionFilter,
    ) -> Result<Vec<Transaction>, StoreError>;

    /// A page of the ledger, newest first: the same transactions with what they led to.
    async fn ledger(
        &self,
        tenant: &TenantId,
        filter: &TransactionFilter,
    ) -> Result<Vec<LedgerEntry>, StoreError>;

    /// Debits and refunds that name these rounds, oldest first. The rounds may be gone.
    async fn transactions_of_rounds(
        &self,
        tenant: &TenantId,
        rounds: &[RoundId],
    ) -> Result<Vec<Transaction>, StoreError>;

    /// What the buckets were given by bookings of `kind` at or after `since`.
    async fn booked_since(
        &self,
        tenant: &TenantId,
        kind: BookingKind,
        since: Timestamp,
    ) -> Result<MicroUsd, StoreError>;

    /// Debits at or after `since`, summed by one dimension, the dearest first.
    async fn spend_by(
        &self,
        tenant: &TenantId,
        by: SpendBy,
        since: Timestamp,
    ) -> Result<Vec<Spend>, StoreError>;

    /// What the whole ledger adds up to, for the check that the balances follow from the entries.
    async fn ledger_sums(&self, tenant: &TenantId) -> Result<LedgerSums, StoreError>;

    /// Providers by name.
    async fn providers(&self, tenant: &TenantId) -> Result<Vec<Provider>, StoreError>;

    /// One provider.
    async fn provider(&self, tenant: &TenantId, name: &str)
    -> Result<Option<Provider>, StoreError>;

    /// Models on the list by id, enabled or not.
    async fn models(&self, tenant: &TenantId) -> Result<Vec<Model>, StoreError>;

    /// Models that were taken off the list, the last one first.
    async fn removed_models(&self, tenant: &TenantId) -> Result<Vec<Model>, StoreError>;

    /// One model of the list.
    async fn model(&self, tenant: &TenantId, id: &ModelId) -> Result<Option<Model>, StoreError>;

    /// One setting's JSON.
    async fn setting(&self, tenant: &TenantId, key: &str) -> Result<Option<String>, StoreError>;

    /// Keys of all tenants, revoked ones too, in the order they were made.
    async fn keys(&self) -> Result<Vec<Tenanted<DeliberationKey>>, StoreError>;

    /// The acknowledgement that stands there, however old.
    async fn replay(
        &self,
        tenant: &TenantId,
        place: &ReplayAt,
    ) -> Result<Option<Replay>, StoreError>;

    /// Rounds of a session whose acknowledgements stand for `caller` without a key of their own.
    async fn replays_by_words(
        &self,
        tenant: &TenantId,
        caller: Principal,
        session: SessionId,
    ) -> Result<Vec<RoundId>, StoreError>;

    /// Those who ever asked for a deliberation; who only uses the bus has no wallet.
    async fn tenants_with_wallets(&self) -> Result<Vec<TenantId>, StoreError>;

    /// One draft.
    async fn draft(&self, tenant: &TenantId, key: &str) -> Result<Option<Draft>, StoreError>;

    /// How much each kind of what is kept takes, of all tenants together; kinds that take nothing are
    /// left out. Reads all of the store once, so it is asked by a person and not by a clock.
    async fn bytes(&self) -> Result<Vec<StorageUse>, StoreError>;

    /// Writes a whole copy to a new file, readable by this user alone. Secrets are not in it.
    ///
    /// # Errors
    /// [`BackupError::Exists`] when there is a file already; the others say what the disk said.
    async fn backup(&self, to: &Path) -> Result<(), BackupError>;

    /// What the engine does once a day of use: SQLite keeps a backup of each of the last seven, and
    /// what ended in Discord is forgotten after thirty days. Called again on the same UTC day it makes
    /// no second backup.
    ///
    /// # Errors
    /// [`BackupError`]; the store itself is unharmed.
    async fn daily(&self, now: Timestamp) -> Result<(), BackupError>;

    /// Answers what is queued, ends the background work and lets go of the files. Later calls fail
    /// with [`StoreError::Closed`].
    async fn close(&self);
}
