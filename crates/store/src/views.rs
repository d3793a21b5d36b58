//! What reads return beyond the domain's own values.

use std::collections::BTreeMap;
use std::path::PathBuf;

use husting_domain::calls::{CallState, Purpose, SeatErrorCode, Spent};
use husting_domain::ids::{RoundId, SessionId, TenantId, TransactionId};
use husting_domain::keys::Principal;
use husting_domain::ledger::{Account, Hold, Transaction};
use husting_domain::models::ModelId;
use husting_domain::money::MicroUsd;
use husting_domain::passages::PassageKind;
use husting_domain::rounds::{ReactionSet, RoundStatus};
use husting_domain::sessions::{Session, SessionStatus};
use husting_domain::storage::BackupOccasion;
use husting_domain::time::Timestamp;

/// A row and whose it is, for reads over all tenants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenanted<T> {
    /// Whose.
    pub tenant: TenantId,
    /// The row.
    pub row: T,
}

/// What a backup holds, of all tenants together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupContent {
    /// The version of its tables.
    pub version: i64,
    /// The newest version known here; an older backup is brought up to it when it is opened.
    pub known: i64,
    /// When the file was written last; a copy that does not keep times has its own.
    pub written_at: Timestamp,
    /// When the newest session changed or the newest message was sent.
    pub newest_at: Option<Timestamp>,
    /// Sessions.
    pub sessions: u64,
    /// Messages; a broadcast is one.
    pub messages: u64,
    /// Agents that are not revoked.
    pub agents: u64,
}

/// A copy of the store in the data folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptBackup {
    /// The file.
    pub path: PathBuf,
    /// Why it was made.
    pub made: BackupOccasion,
    /// Its size.
    pub bytes: u64,
    /// When it was written last.
    pub written_at: Timestamp,
}

/// Which sessions to list: those that changed last come first, ties by id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionFilter {
    /// Words that must all occur in the title, the tags or a prompt, in any case.
    pub query: Option<String>,
    /// One of these states; empty for any.
    pub statuses: Vec<SessionStatus>,
    /// Put away or not; `None` for both.
    pub archived: Option<bool>,
    /// Opened by this one; `None` for anybody.
    pub opened_by: Option<Principal>,
    /// Most rows.
    pub limit: u32,
    /// Rows to skip.
    pub offset: u32,
}

impl Default for SessionFilter {
    fn default() -> Self {
        Self {
            query: None,
            statuses: Vec::new(),
            archived: None,
            opened_by: None,
            limit: 100,
            offset: 0,
        }
    }
}

/// How a session stands, and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionStanding {
    /// Its state.
    pub status: SessionStatus,
    /// Who opened it.
    pub opened_by: Principal,
}

/// A session in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// The session; its reference is left out (`None`) to keep lists light.
    pub session: Session,
    /// Rounds, failed ones too.
    pub round_count: u32,
    /// Contested claims of the newest round that has a map; `None` before the first.
    pub contested: Option<u32>,
    /// All claims of that map.
    pub claims: Option<u32>,
    /// How the newest round stands.
    pub newest_round: Option<NewestRound>,
    /// What providers were paid, all purposes, markup-exclusive.
    pub cost: MicroUsd,
}

/// What a list needs of a session's newest round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewestRound {
    /// How it stands.
    pub status: RoundStatus,
    /// A person ended it.
    pub cancelled: bool,
    /// Reactions that parsed.
    pub reactions: Vec<ReactionSet>,
    /// All its calls, the ones queued later behind.
    pub calls: Vec<CallStanding>,
}

/// Where one call stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallStanding {
    /// The model.
    pub model: ModelId,
    /// What for.
    pub purpose: Purpose,
    /// Where it is.
    pub state: CallState,
    /// Why it failed.
    pub error_code: Option<SeatErrorCode>,
    /// Husting was closed while it ran.
    pub closed: bool,
    /// A reaction that came whole and could not be read.
    pub unreadable: bool,
    /// Its address answered with a page that no API answers.
    pub page: bool,
    /// What is used up at its provider.
    pub spent: Option<Spent>,
}

/// One page of a list of sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionPage {
    /// The page.
    pub rows: Vec<SessionRow>,
    /// How many match in all.
    pub total: u64,
}

/// What was said in a deliberation and found by its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Where it was said.
    pub session: SessionId,
    /// That session's title.
    pub title: String,
    /// In which round, from 0; of a synthesis the last one that there was.
    pub round_index: u32,
    /// What it is.
    pub kind: PassageKind,
    /// Who said or wrote it; none for the question, and where that is not known.
    pub model: Option<ModelId>,
    /// All of it.
    pub text: String,
    /// When it was asked, or the answer was whole; of anything else when its round ended.
    pub at: Timestamp,
}

/// A wallet as of one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WalletRow {
    /// Rises with every booking and every hold taken or released; see [`crate::Require::WalletVersion`].
    pub version: u64,
    /// Accounts that were ever booked.
    pub balances: BTreeMap<Account, MicroUsd>,
    /// The terms as JSON; `None` until they were first set.
    pub terms: Option<String>,
    /// Open holds, oldest first.
    pub holds: Vec<Hold>,
    /// The newest month that was granted.
    pub last_grant_month: Option<Timestamp>,
    /// The newest month a subscription was credited.
    pub last_subscription_month: Option<Timestamp>,
}

/// The kinds of transaction, without their content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BookingKind {
    /// A settled call.
    Debit,
    /// Money back.
    Refund,
    /// The month's grant.
    Grant,
    /// What lapsed.
    Expiry,
    /// A plan's monthly credit.
    SubscriptionCredit,
    /// Added by the operator; below zero what was taken back.
    TopUp,
    /// Added below the threshold.
    AutoRefill,
    /// A changed limit.
    LimitChange,
}

/// Which transactions to list, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionFilter {
    /// Of this session.
    pub session: Option<SessionId>,
    /// Of these kinds; empty for any.
    pub kinds: Vec<BookingKind>,
    /// Words that must all occur in the kind, model, purpose, amount or the session's title, in any
    /// case; one of eight characters or more may be the beginning or end of the id, too.
    pub query: Option<String>,
    /// Only older than this one, the last row of the page before; nothing where it is not there.
    pub before: Option<TransactionId>,
    /// Most rows.
    pub limit: u32,
}

impl Default for TransactionFilter {
    fn default() -> Self {
        Self {
            session: None,
            kinds: Vec::new(),
            query: None,
            before: None,
            limit: 100,
        }
    }
}

/// A transaction with what a page of the ledger shows beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEntry {
    /// What was booked.
    pub booking: Transaction,
    /// The session of a debit or refund.
    pub session: Option<SessionId>,
    /// Its title, unless it was deleted.
    pub session_title: Option<String>,
    /// The place of the round, unless it was deleted.
    pub round_index: Option<u32>,
    /// What the buckets held together after it.
    pub balance_after: MicroUsd,
    /// It was booked with the debit of a call, to cover what the limit leaves too little for.
    pub covers_call: bool,
}

/// By what debits are summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SpendBy {
    /// The model.
    Model,
    /// The purpose.
    Purpose,
    /// The session; what was paid for no session is left out.
    Session,
    /// The agent whose turn it was, or who opened the session, deleted ones too; what was paid for
    /// no agent is left out.
    Agent,
}

/// One sum of debits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spend {
    /// The model id, the purpose's word, the session's or the agent's id.
    pub key: String,
    /// Debits.
    pub calls: u64,
    /// Tokens read, cached or not.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// What providers were paid.
    pub cost: MicroUsd,
    /// What the buckets paid, refunds taken off.
    pub amount: MicroUsd,
}

/// What a ledger adds up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerSums {
    /// How many transactions there are.
    pub transactions: u64,
    /// Those whose entries do not sum to zero; none in a sound ledger.
    pub unbalanced: Vec<TransactionId>,
    /// Entries summed by account.
    pub entries: BTreeMap<Account, MicroUsd>,
    /// Balances as kept.
    pub balances: BTreeMap<Account, MicroUsd>,
}

/// A whole round as history for estimates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastRound {
    /// The round.
    pub round_id: RoundId,
    /// Its place in its session.
    pub index: u32,
    /// The panel.
    pub models: Vec<ModelId>,
    /// UTF-8 bytes of its prompt.
    pub prompt_bytes: u64,
    /// UTF-8 bytes of its session's reference.
    pub reference_bytes: u64,
    /// UTF-8 bytes of the prompts and answers of its session's rounds before it, failed ones left out.
    pub earlier_bytes: u64,
    /// The output cap of an answer, in tokens.
    pub max_output_tokens: u64,
    /// What providers were paid.
    pub cost: MicroUsd,
    /// What it took, in milliseconds.
    pub millis: i64,
    /// When it ended.
    pub ended_at: Timestamp,
}

/// Where an acknowledgement is looked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReplayAt {
    /// Who asked.
    pub caller: Principal,
    /// For what, such as `mcp/create` or `rest/append/<session>`.
    pub endpoint: String,
    /// The caller's own key; empty where the newest round asked for there stands.
    pub key: String,
}

/// An acknowledgement that the same request gets again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// Where it is looked for.
    pub place: ReplayAt,
    /// SHA-256 of the request.
    pub fingerprint: [u8; 32],
    /// The session.
    pub session_id: SessionId,
    /// The round.
    pub round_id: RoundId,
    /// Its place.
    pub round_index: u32,
    /// What the caller calls its request.
    pub client_request_id: Option<String>,
    /// When it was given first.
    pub at: Timestamp,
    /// The version of the round's progress that it told.
    pub progress_version: u64,
}

/// What a form held when it was last left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Which form, such as `new` or `steer/<session>`.
    pub key: String,
    /// Its content as JSON.
    pub body: String,
    /// When.
    pub at: Timestamp,
}
