//! A store that fails a commit when it is told to: before anything is kept, or after all of it is.
//! It counts what is asked of it, and reads slowly for whoever is to be overtaken.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use husting_domain::agents::{Agent, AgentToken, Denial, Name};
use husting_domain::audit::{Head, Link, Row, Seal};
use husting_domain::calls::Call;
use husting_domain::discord::{
    Cursor, Inbound, InboundState, KnownChannel, ReplyState, RequestId, Snowflake, Stop,
};
use husting_domain::discord_panels::DiscordPanel;
use husting_domain::ids::{
    AgentId, CallId, MessageId, NoteId, RoundId, RunId, SessionId, TenantId,
};
use husting_domain::keys::{DeliberationKey, Principal};
use husting_domain::ledger::{Hold, Transaction};
use husting_domain::memory::Note;
use husting_domain::messages::{Mailbox, Message, MessageState, Reach};
use husting_domain::models::{Model, ModelId};
use husting_domain::money::MicroUsd;
use husting_domain::providers::Provider;
use husting_domain::rounds::Round;
use husting_domain::runs::{Run, RunSetup, Wiring};
use husting_domain::sessions::Session;
use husting_domain::squads::Squad;
use husting_domain::storage::StorageUse;
use husting_domain::tenants::Tenant;
use husting_domain::time::Timestamp;
use husting_domain::turns::Turn;
use husting_store::*;
use tokio::sync::{OnceCell, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::desk::PATIENCE;

/// Where in a commit it breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Break {
    /// Nothing is kept.
    Before,
    /// All is kept, and only the answer is lost.
    After,
    /// Nothing is kept, because the disk is full.
    Full,
    /// All is kept and told, once it is let go.
    Held,
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

tokio::task_local! {
    static SLOW: Arc<SlowReader>;
}

/// Whoever reads rounds so slowly that what it is told is old by then: its first read is answered once it
/// is let go, and so are all others, with what was there at the first.
#[derive(Default)]
pub struct SlowReader {
    found: OnceCell<Vec<Round>>,
    held: HeldRead,
}

impl SlowReader {
    /// What `asking` comes to with such reads.
    pub fn reading<F: Future>(self: &Arc<Self>, asking: F) -> impl Future<Output = F::Output> {
        SLOW.scope(self.clone(), asking)
    }

    /// Returns once it has read.
    pub async fn until_read(&self) {
        self.held.until_read().await;
    }

    pub fn let_go(&self) {
        self.held.let_go();
    }

    async fn told(&self, rounds: Vec<Round>) -> Vec<Round> {
        let found = self.found.get_or_init(async || rounds).await.clone();
        self.held.until_let_go().await;
        found
    }
}

/// The store, and its weaknesses; of those that strike a unit the first breaks it.
pub struct Fragile {
    store: SqliteStore,
    weaknesses: Mutex<Vec<Weakness>>,
    broken: watch::Sender<usize>,
    may_go: CancellationToken,
    /// Units that would take a round in.
    rounds_tried: AtomicUsize,
    /// Sessions that were read whole.
    sessions_read: AtomicUsize,
    /// Heads of the audit log that were looked at.
    heads_read: AtomicUsize,
    /// Whoever counts unread mail next waits for it.
    counting: Mutex<Option<HeldRead>>,
}

/// A read whose answer comes late: with what was there when it was asked for.
#[derive(Clone, Default)]
pub struct HeldRead {
    has_read: CancellationToken,
    may_go: CancellationToken,
}

impl HeldRead {
    /// Returns once it has read.
    pub async fn until_read(&self) {
        self.has_read.cancelled().await;
    }

    pub fn let_go(&self) {
        self.may_go.cancel();
    }

    /// It has read, and its answer waits.
    async fn until_let_go(&self) {
        self.has_read.cancel();
        self.may_go.cancelled().await;
    }
}

impl Fragile {
    pub fn around(store: SqliteStore) -> Self {
        Self {
            store,
            weaknesses: Mutex::default(),
            broken: watch::Sender::default(),
            may_go: CancellationToken::new(),
            rounds_tried: AtomicUsize::default(),
            sessions_read: AtomicUsize::default(),
            heads_read: AtomicUsize::default(),
            counting: Mutex::default(),
        }
    }

    /// The next count of unread mail is answered once it is let go.
    pub fn hold_the_next_count(&self) -> HeldRead {
        let held = HeldRead::default();
        *self.counting.lock().unwrap() = Some(held.clone());
        held
    }

    pub fn rounds_tried(&self) -> usize {
        self.rounds_tried.load(Ordering::SeqCst)
    }

    pub fn sessions_read(&self) -> usize {
        self.sessions_read.load(Ordering::SeqCst)
    }

    pub fn heads_read(&self) -> usize {
        self.heads_read.load(Ordering::SeqCst)
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
        let breaking = broken.wait_for(|count| *count >= times);
        tokio::time::timeout(PATIENCE, breaking)
            .await
            .unwrap_or_else(|_| panic!("it did not break {times} times"))
            .unwrap();
    }

    /// What is held goes on, and nothing is held any more.
    pub fn let_go(&self) {
        self.may_go.cancel();
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

    async fn commit_or_break(&self, unit: Unit) -> Result<Kept, CommitError> {
        let takes_in = |write: &Write| matches!(write, Write::InsertRound(_));
        if unit.writes.iter().any(takes_in) {
            self.rounds_tried.fetch_add(1, Ordering::SeqCst);
        }
        let Some(at) = self.struck(&unit) else {
            return self.store.commit(unit).await;
        };
        if at == Break::Held {
            self.broken.send_modify(|count| *count += 1);
            self.may_go.cancelled().await;
            return self.store.commit(unit).await;
        }
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

/// Reads go through, but for what a trait's block says.
macro_rules! through {
    ($reads:ident { $($own:tt)* } $($name:ident($($given:ident: $kind:ty),* $(,)?) -> $answer:ty;)+) => {
        #[async_trait]
        impl $reads for Fragile {
            $($own)*

            $(async fn $name(&self, $($given: $kind),*) -> $answer {
                self.store.$name($($given),*).await
            })+
        }
    };
}

through! { AgentReads {}
    all_tenants() -> Result<Vec<Tenant>, StoreError>;
    all_agents() -> Result<Vec<Tenanted<Agent>>, StoreError>;
    all_agent_tokens() -> Result<Vec<Tenanted<AgentToken>>, StoreError>;
    agent(tenant: &TenantId, id: AgentId) -> Result<Option<Agent>, StoreError>;
    mint(tenant: &TenantId, key: &str) -> Result<Option<MintReplay>, StoreError>;
    denials(tenant: &TenantId, agent: Option<AgentId>, open: bool, limit: u32) -> Result<Vec<Denial>, StoreError>;
}

through! { BusReads {
    async fn unread(&self, tenant: &TenantId) -> Result<Vec<(Mailbox, u32)>, StoreError> {
        let found = self.store.unread(tenant).await;
        let held = self.counting.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(held) = held {
            held.until_let_go().await;
        }
        found
    }
}
    message(tenant: &TenantId, mailbox: Mailbox, id: MessageId) -> Result<Option<Message>, StoreError>;
    request(tenant: &TenantId, mailbox: Mailbox, request_id: &str) -> Result<Option<Message>, StoreError>;
    mail(tenant: &TenantId, mailbox: Mailbox, after: Option<u64>, limit: u32) -> Result<Vec<Message>, StoreError>;
    messages(tenant: &TenantId, filter: &MessageFilter) -> Result<Vec<Message>, StoreError>;
    reach(tenant: &TenantId, broadcasts: &[MessageId]) -> Result<Vec<(MessageId, Reach)>, StoreError>;
    histogram(tenant: &TenantId, since: Timestamp, until: Timestamp, bins: u32) -> Result<Vec<u32>, StoreError>;
    thread(tenant: &TenantId, message: MessageId, limit: u32) -> Result<Vec<Message>, StoreError>;
    sent(tenant: &TenantId, id: MessageId) -> Result<Option<Message>, StoreError>;
    next_mail(tenant: &TenantId, mailbox: Mailbox) -> Result<Option<Message>, StoreError>;
    message_total(tenant: &TenantId) -> Result<u64, StoreError>;
    resting(tenant: &TenantId) -> Result<Vec<(MessageState, u32)>, StoreError>;
    hops_given(tenant: &TenantId, mailbox: Mailbox, since: Timestamp) -> Result<Vec<HopsGiven>, StoreError>;
    next_lease_end() -> Result<Option<Timestamp>, StoreError>;
    send_replay(tenant: &TenantId, agent: AgentId, key: &str) -> Result<Option<SendReplay>, StoreError>;
    squads(tenant: &TenantId) -> Result<Vec<Squad>, StoreError>;
    recall(
        tenant: &TenantId,
        agent: AgentId,
        squad: Option<&Name>,
        query: &str,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Note>, StoreError>;
    notes(tenant: &TenantId, agent: AgentId, squad: Option<&Name>, limit: u32) -> Result<Vec<Note>, StoreError>;
    note(tenant: &TenantId, id: NoteId) -> Result<Option<Note>, StoreError>;
}

through! { RunReads {}
    wirings(tenant: &TenantId, agent: AgentId) -> Result<Vec<Wiring>, StoreError>;
    wirings_at(path: &str) -> Result<Vec<Wiring>, StoreError>;
    run_setups() -> Result<Vec<Tenanted<RunSetup>>, StoreError>;
    run_setup(tenant: &TenantId, agent: AgentId) -> Result<Option<RunSetup>, StoreError>;
    open_runs() -> Result<Vec<Tenanted<Run>>, StoreError>;
    restarting_runs() -> Result<Vec<Tenanted<Run>>, StoreError>;
    given_up_runs() -> Result<Vec<Tenanted<Run>>, StoreError>;
    run(tenant: &TenantId, id: RunId) -> Result<Option<Run>, StoreError>;
    runs(tenant: &TenantId, agent: Option<AgentId>, limit: u32) -> Result<Vec<Run>, StoreError>;
    wakes_since(tenant: &TenantId, agent: AgentId, since: Timestamp) -> Result<u32, StoreError>;
}

through! { TurnReads {}
    unfinished_turns() -> Result<Vec<Tenanted<Turn>>, StoreError>;
    turns_since(tenant: &TenantId, agent: AgentId, since: Timestamp) -> Result<TurnsSince, StoreError>;
    turns(tenant: &TenantId, agent: AgentId, limit: u32) -> Result<Vec<Turn>, StoreError>;
}

through! { DiscordPanelReads {}
    discord_panel(tenant: &TenantId, panel: Uuid) -> Result<Option<DiscordPanel>, StoreError>;
    discord_panels_at_work(tenant: &TenantId, bot: Snowflake) -> Result<Vec<DiscordPanel>, StoreError>;
    discord_panels_at_rest(
        tenant: &TenantId,
        bot: Snowflake,
        session: Option<SessionId>,
    ) -> Result<Vec<DiscordPanel>, StoreError>;
    discord_panels_before(
        tenant: &TenantId,
        bot: Snowflake,
        before: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<DiscordPanel>, StoreError>;
    discord_rounds_since(tenant: &TenantId, since: Timestamp) -> Result<u32, StoreError>;
}

through! { DiscordReads {}
    discord_cursor(tenant: &TenantId, bot: Snowflake) -> Result<Option<Cursor>, StoreError>;
    discord_question(tenant: &TenantId, request: RequestId) -> Result<Option<Inbound>, StoreError>;
    discord_question_of(tenant: &TenantId, bot: Snowflake, message: Snowflake) -> Result<Option<Inbound>, StoreError>;
    discord_warned_in_vain(tenant: &TenantId, bot: Snowflake) -> Result<Vec<Inbound>, StoreError>;
    discord_question_on_bus(tenant: &TenantId, bot: Snowflake, bus_id: &str) -> Result<Option<Inbound>, StoreError>;
    discord_questions_in(
        tenant: &TenantId,
        bot: Snowflake,
        state: InboundState,
        limit: u32,
    ) -> Result<Vec<Inbound>, StoreError>;
    discord_questions_to_ask(tenant: &TenantId, bot: Snowflake, without: &[Name], limit: u32) -> Result<Vec<Inbound>, StoreError>;
    discord_asked_since(
        tenant: &TenantId,
        bot: Snowflake,
        channel: Snowflake,
        since: Timestamp,
    ) -> Result<bool, StoreError>;
    discord_questions(tenant: &TenantId, bot: Snowflake, limit: u32) -> Result<Vec<Inbound>, StoreError>;
    discord_has_reply(tenant: &TenantId, bot: Snowflake, bus_id: &str) -> Result<bool, StoreError>;
    discord_keeps_mail(tenant: &TenantId, bus_id: &str) -> Result<bool, StoreError>;
    discord_replies_to(tenant: &TenantId, request: RequestId) -> Result<u32, StoreError>;
    discord_replies_in(
        tenant: &TenantId,
        bot: Snowflake,
        state: ReplyState,
        limit: u32,
    ) -> Result<Vec<ReplyWithPosts>, StoreError>;
    discord_next_reply(tenant: &TenantId, bot: Snowflake, channel: Snowflake) -> Result<Option<ReplyWithPosts>, StoreError>;
    discord_places_to_post(tenant: &TenantId, bot: Snowflake) -> Result<Vec<Snowflake>, StoreError>;
    discord_is_noted(tenant: &TenantId, message: Snowflake) -> Result<bool, StoreError>;
    discord_newest_questions_in(
        tenant: &TenantId,
        bot: Snowflake,
        state: InboundState,
        limit: u32,
    ) -> Result<Vec<Inbound>, StoreError>;
    discord_channels(tenant: &TenantId, bot: Snowflake) -> Result<Vec<KnownChannel>, StoreError>;
    discord_questions_before(
        tenant: &TenantId,
        bot: Snowflake,
        before: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<Inbound>, StoreError>;
    discord_replies_before(
        tenant: &TenantId,
        bot: Snowflake,
        before: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<ReplyWithPosts>, StoreError>;
    discord_stops_before(
        tenant: &TenantId,
        bot: Snowflake,
        before: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<Stop>, StoreError>;
    discord_last_stop(tenant: &TenantId, bot: Snowflake, channel: Snowflake) -> Result<Option<Stop>, StoreError>;
    discord_questions_of(tenant: &TenantId, bot: Snowflake, message: Snowflake) -> Result<Vec<Inbound>, StoreError>;
    discord_reply(tenant: &TenantId, reply: Uuid) -> Result<Option<ReplyWithPosts>, StoreError>;
    discord_replies_of(tenant: &TenantId, request: RequestId) -> Result<Vec<ReplyWithPosts>, StoreError>;
    discord_open(tenant: &TenantId, bot: Snowflake) -> Result<DiscordOpen, StoreError>;
    discord_figures(tenant: &TenantId, bot: Snowflake, since: Timestamp) -> Result<DiscordFigures, StoreError>;
    discord_unnamed(tenant: &TenantId, bot: Snowflake, since: Timestamp) -> Result<Vec<UnnamedReplies>, StoreError>;
}

through! { AuditReads {
        async fn audit_head(&self, tenant: &TenantId) -> Result<Head, StoreError> {
            self.heads_read.fetch_add(1, Ordering::SeqCst);
            self.store.audit_head(tenant).await
        }
    }
    audit_rows(tenant: &TenantId, filter: &AuditFilter) -> Result<Vec<Row>, StoreError>;
    audit_links(tenant: &TenantId, from: u64, limit: u32) -> Result<Vec<(Link, Vec<Row>)>, StoreError>;
    audit_seals(tenant: &TenantId) -> Result<Vec<Seal>, StoreError>;
    calls_after(tenant: &TenantId, agent: AgentId, row: u64) -> Result<(Option<Row>, u64), StoreError>;
}

through! { Store {
        async fn commit(&self, unit: Unit) -> Result<Kept, CommitError> {
            self.commit_or_break(unit).await
        }

        async fn session(&self, tenant: &TenantId, id: SessionId) -> Result<Option<Session>, StoreError> {
            self.sessions_read.fetch_add(1, Ordering::SeqCst);
            self.store.session(tenant, id).await
        }

        async fn rounds(&self, tenant: &TenantId, session: SessionId) -> Result<Vec<Round>, StoreError> {
            let rounds = self.store.rounds(tenant, session).await?;
            match SLOW.try_with(Arc::clone) {
                Ok(reader) => Ok(reader.told(rounds).await),
                Err(_) => Ok(rounds),
            }
        }
    }
    unfinished_recaps() -> Result<Vec<Tenanted<Round>>, StoreError>;
    unfinished_syntheses() -> Result<Vec<Tenanted<SessionId>>, StoreError>;
    keys() -> Result<Vec<Tenanted<DeliberationKey>>, StoreError>;
    replays_by_words(tenant: &TenantId, caller: Principal, session: SessionId) -> Result<Vec<RoundId>, StoreError>;
    tenants_with_wallets() -> Result<Vec<TenantId>, StoreError>;
    replay(tenant: &TenantId, place: &ReplayAt) -> Result<Option<Replay>, StoreError>;
    session_standing(tenant: &TenantId, id: SessionId) -> Result<Option<SessionStanding>, StoreError>;
    sessions(tenant: &TenantId, filter: &SessionFilter) -> Result<SessionPage, StoreError>;
    has_convened(tenant: &TenantId) -> Result<bool, StoreError>;
    session_row(tenant: &TenantId, id: SessionId) -> Result<Option<SessionRow>, StoreError>;
    call(tenant: &TenantId, id: CallId) -> Result<Option<Call>, StoreError>;
    calls_of_session(tenant: &TenantId, session: SessionId) -> Result<Vec<Call>, StoreError>;
    passages(tenant: &TenantId, query: &str, limit: u32) -> Result<Vec<Passage>, StoreError>;
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
    removed_models(tenant: &TenantId) -> Result<Vec<Model>, StoreError>;
    model(tenant: &TenantId, id: &ModelId) -> Result<Option<Model>, StoreError>;
    setting(tenant: &TenantId, key: &str) -> Result<Option<String>, StoreError>;
    draft(tenant: &TenantId, key: &str) -> Result<Option<Draft>, StoreError>;
    bytes() -> Result<Vec<StorageUse>, StoreError>;
    backup(to: &Path) -> Result<(), BackupError>;
    daily(now: Timestamp) -> Result<(), BackupError>;
    close() -> ();
}
