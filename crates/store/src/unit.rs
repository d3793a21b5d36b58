//! What a use case hands in: preconditions and typed writes, kept together or not at all.

use husting_domain::audit::{Entry, Seal};
use husting_domain::calls::Call;
use husting_domain::claims::ClaimMap;
use husting_domain::ids::{CallId, HoldId, KeyId, RoundId, SessionId, TenantId};
use husting_domain::keys::{DeliberationKey, Principal};
use husting_domain::ledger::{Hold, Transaction};
use husting_domain::models::{Model, ModelId};
use husting_domain::money::MicroUsd;
use husting_domain::providers::{Provider, ProviderTest};
use husting_domain::recaps::{RoundRecap, SessionSynthesis, Summary};
use husting_domain::rounds::{Phase, ReactionSet, Round, RoundStatus, RoundTimings};
use husting_domain::sessions::{Session, SessionStatus};
use husting_domain::time::Timestamp;

use crate::agents::{AgentRequire, AgentWrite};
use crate::bus::{BusRequire, BusWrite};
use crate::discord::DiscordWrite;
use crate::runs::RunWrite;
use crate::turns::TurnWrite;
use crate::views::{Replay, ReplayAt};

/// The writes of one use case. Preconditions are checked first, all of them, before any write.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// Whose rows these are.
    pub tenant: TenantId,
    /// What must hold.
    pub requires: Vec<Require>,
    /// What to write, in order.
    pub writes: Vec<Write>,
}

impl Unit {
    /// An empty unit.
    #[must_use]
    pub fn of(tenant: TenantId) -> Self {
        Self {
            tenant,
            requires: Vec::new(),
            writes: Vec::new(),
        }
    }

    /// An empty unit for writes about the rows of all tenants, as they say of themselves: they look at no unit's tenant.
    #[must_use]
    pub fn of_all() -> Self {
        Self::of(TenantId::local())
    }

    /// The same with one more precondition.
    #[must_use]
    pub fn require(mut self, require: Require) -> Self {
        self.requires.push(require);
        self
    }

    /// The same with one more write.
    #[must_use]
    pub fn write(mut self, write: Write) -> Self {
        self.writes.push(write);
        self
    }

    /// The same with more writes.
    #[must_use]
    pub fn writes(mut self, writes: impl IntoIterator<Item = Write>) -> Self {
        self.writes.extend(writes);
        self
    }
}

/// What must hold for a unit to be kept. A row that is not there holds nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Require {
    /// The session has one of these states.
    SessionStatus(SessionId, Vec<SessionStatus>),
    /// None of the session's rounds is in progress. Holds for a session that is not there.
    NoRoundInProgress(SessionId),
    /// The round is in progress.
    RoundInProgress(RoundId),
    /// No round of the session has a higher index.
    NewestRound(SessionId, RoundId),
    /// The session has exactly this many rounds.
    RoundCount(SessionId, u32),
    /// The call has not ended.
    CallOpen(CallId),
    /// The wallet was not touched since it was read at this version.
    WalletVersion(u64),
    /// There is no provider of this name.
    NoProvider(String),
    /// There is a provider of this name.
    Provider(String),
    /// The key is there and was not revoked.
    LiveKey(KeyId),
    /// The draft of this key was kept at this moment; with `None`, there is none.
    DraftAt(String, Option<Timestamp>),
    /// Exactly this round, or none, stands for the acknowledgements looked for there.
    Replay(ReplayAt, Option<RoundId>),
    /// What stands there is not the same request, or is `round`, which is known not to count.
    NoTwin {
        /// Where; apart, since a refusal carries it.
        place: Box<ReplayAt>,
        /// Of the request that is about to stand there.
        fingerprint: [u8; 32],
        /// The same request's round that may be replaced.
        round: Option<RoundId>,
    },
    /// Fewer than `limit` rounds of `by` were counted on the day.
    FewerRounds {
        /// Who asked.
        by: Principal,
        /// The day's first moment.
        day: Timestamp,
        /// The first number that is too many.
        limit: u32,
    },
    /// Of tenants and agents.
    Agent(AgentRequire),
    /// Of the bus.
    Bus(BusRequire),
}

/// One write. A change of a row that is not there, or that has ended, fails the unit.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// Opens a session.
    InsertSession(Session),
    /// Its state.
    SetSessionStatus {
        /// Which.
        session: SessionId,
        /// The new state.
        status: SessionStatus,
        /// When.
        at: Timestamp,
    },
    /// Its title.
    SetSessionTitle {
        /// Which.
        session: SessionId,
        /// The new title.
        title: String,
        /// When.
        at: Timestamp,
    },
    /// Its tags, all of them.
    SetSessionTags {
        /// Which.
        session: SessionId,
        /// The new tags.
        tags: Vec<String>,
        /// When.
        at: Timestamp,
    },
    /// Who steers from now on.
    SetModeratorName {
        /// Which session.
        session: SessionId,
        /// The name; `None` is the human in the window.
        name: Option<String>,
        /// When.
        at: Timestamp,
    },
    /// The most its rounds together may cost.
    SetSpendLimit {
        /// Which session.
        session: SessionId,
        /// The limit; `None` is the wallet's own.
        limit: Option<MicroUsd>,
        /// When.
        at: Timestamp,
    },
    /// Puts it away or takes it back; when it changed last is as before.
    ArchiveSession {
        /// Which.
        session: SessionId,
        /// Away or back.
        archived: bool,
    },
    /// Deletes it with its rounds and calls; the ledger keeps what they cost. Refused while a hold is open.
    DeleteSession(SessionId),

    /// Opens a round.
    InsertRound(Round),
    /// A running round goes on to its next phase.
    SetRoundPhase {
        /// Which.
        round: RoundId,
        /// What it does now.
        phase: Phase,
        /// When that must have ended.
        deadline_at: Timestamp,
    },
    /// A terminal round runs again; its map is cleared, a recap that was asked for is awaited anew, and
    /// the version of its progress is raised.
    ReopenRound {
        /// Which.
        round: RoundId,
        /// One more than before.
        attempt: u32,
        /// What it does now.
        phase: Phase,
        /// When that must have ended.
        deadline_at: Timestamp,
    },
    /// Ends a running round.
    FinishRound {
        /// Which.
        round: RoundId,
        /// A terminal status.
        status: RoundStatus,
        /// When.
        ended_at: Timestamp,
        /// What the reactions add up to.
        claim_map: Option<ClaimMap>,
        /// All that parsed.
        reactions: Vec<ReactionSet>,
        /// What it took.
        timings: RoundTimings,
        /// A person ended it.
        cancelled: bool,
        /// At least as high as every version of its progress that was told.
        progress_version: u64,
    },
    /// What a round came to, or that it is being written; raises the version of its progress.
    SetRecap {
        /// Which round.
        round: RoundId,
        /// All of it.
        recap: Summary<RoundRecap>,
    },
    /// What a session came to, or that it is being written; raises the version of every round's
    /// progress, which tells it.
    SetSynthesis {
        /// Which session.
        session: SessionId,
        /// All of it.
        synthesis: Summary<SessionSynthesis>,
        /// When.
        at: Timestamp,
    },
    /// A synthesis was asked for: what was written before stays until it is there.
    AwaitSynthesis {
        /// Which session.
        session: SessionId,
        /// When.
        at: Timestamp,
    },

    /// Queues a call.
    InsertCall(Call),
    /// The first words came; the call streams.
    FirstText {
        /// Which.
        call: CallId,
        /// When.
        at: Timestamp,
    },
    /// What an open call wrote so far.
    CheckpointCall {
        /// Which.
        call: CallId,
        /// All its words.
        text: String,
        /// When they were all.
        at: Timestamp,
    },
    /// Ends an open call: its row becomes this one, which is terminal.
    FinishCall(Call),

    /// Drops the words of calls of all tenants that failed before this moment; that they failed, and
    /// why, stays.
    ForgetPartialTexts {
        /// Older ones go.
        before: Timestamp,
    },

    /// Sets money aside.
    OpenHold(Hold),
    /// Releases it.
    CloseHold(HoldId),
    /// Books a transaction and moves the balances. Refused when unbalanced, when a bucket would
    /// fall below zero, when the call was settled before, or the month granted before.
    Post(Transaction),
    /// The wallet's terms as JSON.
    SetWalletTerms(String),

    /// Adds or changes a provider.
    PutProvider(Provider),
    /// What testing it found; nothing is changed where it is called elsewhere or with another key by now, or gone.
    /// `None` forgets what a test found before.
    SetProviderTest {
        /// Which.
        name: String,
        /// Where it was asked.
        base_url: String,
        /// The end of the key with which it was asked.
        key_tail: Option<String>,
        /// What was found.
        test: Option<ProviderTest>,
    },
    /// Removes it; its models stay.
    DeleteProvider(String),
    /// Adds or changes a model; one of its id that is off the list gives way to it.
    PutModel(Model),
    /// Takes it off the list; its terms are kept.
    RemoveModel {
        /// Which.
        model: ModelId,
        /// When.
        at: Timestamp,
    },
    /// Puts one that is off the list back as it was.
    RestoreModel(ModelId),
    /// Deletes it with its terms, on the list or off it.
    DeleteModel(ModelId),

    /// Changes a setting.
    PutSetting {
        /// Its name, such as `panel.max_seats`.
        key: String,
        /// Its value as JSON.
        value: String,
    },
    /// Gives a setting its default back; absent is fine.
    DeleteSetting(String),
    /// Keeps a new key; refused where a live one of the tenant has its name.
    InsertKey(DeliberationKey),
    /// Revokes a key for good.
    RevokeKey {
        /// Which.
        key: KeyId,
        /// When.
        at: Timestamp,
    },
    /// A key opened the door.
    KeyUsed {
        /// Which.
        key: KeyId,
        /// When.
        at: Timestamp,
    },
    /// Keeps an acknowledgement in its place.
    PutReplay(Replay),
    /// Counts one more round of `by` on a day.
    CountRound {
        /// Who asked.
        by: Principal,
        /// The day's first moment.
        day: Timestamp,
    },
    /// Who asked was given the round's end: the same words make a new round. Absent is fine.
    ReleaseReplay {
        /// Who asked.
        caller: Principal,
        /// The round.
        round: RoundId,
    },
    /// Drops acknowledgements, those of sends and mints too, and counts of days of all tenants; of
    /// acknowledgements that stand without a key of the caller's own, those of sessions alone.
    ForgetAcknowledgements {
        /// Older ones go.
        before: Timestamp,
    },
    /// Keeps what a form holds.
    PutDraft(crate::views::Draft),
    /// Drops it; absent is fine.
    DeleteDraft(String),

    /// About tenants and agents.
    Agent(AgentWrite),
    /// To the bus.
    Bus(BusWrite),
    /// One about the turns of agents that Husting runs.
    Turn(TurnWrite),
    /// One about agents' own programs.
    Run(RunWrite),
    /// In the journal of the Discord bridge.
    Discord(DiscordWrite),
    /// A row of the tenant's audit log. Rows of all units of a commit are one link of its chain.
    Audit(Entry),
    /// The newest link of the tenant's audit log, sealed; the newest of a UTC day is kept.
    Seal(Seal),
}
