//! The words that stand for enums in the tables. Fixed here, so that a renamed variant or a new
//! wire word never changes what is stored; a new variant does not compile without its word.

use husting_domain::agents::{AgentKind, AgentStatus, Decision};
use husting_domain::audit::Action;
use husting_domain::calls::{CallState, Purpose, SeatErrorCode};
use husting_domain::discord::{InboundState, ReplyState};
use husting_domain::discord_panels::PanelStage;
use husting_domain::ledger::Account;
use husting_domain::messages::{AcknowledgedBy, MessageState, Origin};
use husting_domain::models::SeatKind;
use husting_domain::passages::PassageKind;
use husting_domain::providers::ProviderKind;
use husting_domain::recaps::RecapStatus;
use husting_domain::rounds::{Phase, RoundStatus};
use husting_domain::runs::{RunCause, RunHow};
use husting_domain::scopes::Scope;
use husting_domain::sessions::{SessionSource, SessionStatus};
use husting_domain::tenants::Tier;

use crate::views::BookingKind;

/// An enum that is stored as a word.
pub trait Word: Sized {
    /// The stored word.
    fn stored(self) -> &'static str;
    /// The value of a stored word.
    fn of_stored(word: &str) -> Option<Self>;
}

macro_rules! words {
    ($($name:ident { $($variant:ident = $word:literal),+ $(,)? })+) => {$(
        impl Word for $name {
            fn stored(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
            fn of_stored(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    )+};
}

words! {
    SessionStatus { Processing = "processing", Streaming = "streaming", Ready = "ready", Failed = "failed" }
    SessionSource { Console = "console", Cli = "cli", Rest = "rest", Mcp = "mcp", Discord = "discord" }
    RoundStatus {
        InProgress = "in_progress", Complete = "complete", PartialFailure = "partial_failure", Failed = "failed",
    }
    PassageKind {
        Question = "question", Answer = "answer", Reaction = "reaction", Recap = "recap", Synthesis = "synthesis",
    }
    RunHow { Tmux = "tmux", Once = "once" }
    RunCause { Operator = "operator", Restart = "restart", Mail = "mail" }
    Phase { Respond = "respond", React = "react", Map = "map", Done = "done" }
    Purpose { Respond = "respond", React = "react", Recap = "recap", Synthesis = "synthesis", ManagedAgent = "managed_agent" }
    CallState { Queued = "queued", Streaming = "streaming", Final = "final", Error = "error" }
    SeatErrorCode {
        RateLimit = "rate_limit",
        ProviderError = "provider_error",
        StreamInterrupted = "stream_interrupted",
        StreamEndedWithoutFinalMarker = "stream_ended_without_final_marker",
        InternalDeadlineReached = "internal_deadline_reached",
        DeadlineExpired = "deadline_expired",
        ProviderAuthFailure = "provider_auth_failure",
        PreStreamProviderError = "pre_stream_provider_error",
        MaxRetriesExceeded = "max_retries_exceeded",
        PreStreamFailure = "pre_stream_failure",
        Cancelled = "cancelled",
    }
    Account {
        Free = "free",
        Subscription = "subscription",
        Refill = "refill",
        ProviderSpend = "provider_spend",
        Markup = "markup",
        Grants = "grants",
        Expired = "expired",
        Refunds = "refunds",
        Overrun = "overrun",
    }
    BookingKind {
        Debit = "debit",
        Refund = "refund",
        Grant = "grant",
        Expiry = "expiry",
        SubscriptionCredit = "subscription_credit",
        TopUp = "top_up",
        AutoRefill = "auto_refill",
        LimitChange = "limit_change",
    }
    ProviderKind {
        Openai = "openai", Anthropic = "anthropic", OpenaiCompatible = "openai-compatible", Ollama = "ollama",
        OpenaiLocal = "openai-local", Gemini = "gemini",
    }
    RecapStatus { None = "none", Pending = "pending", Complete = "complete", Failed = "failed" }
    SeatKind { Api = "api", Local = "local", Rehearsal = "rehearsal" }
    Tier { Free = "free", Starter = "starter", Growth = "growth", Scale = "scale" }
    AgentKind { Custom = "custom", Managed = "managed", Connector = "connector" }
    AgentStatus { Active = "active", Suspended = "suspended", Revoked = "revoked", Inactive = "inactive" }
    Decision { Once = "once", TenMinutes = "ten_minutes", Always = "always", Refuse = "refuse" }
    Scope {
        Send = "mcp:send",
        Inbox = "mcp:inbox",
        Broadcast = "mcp:broadcast",
        WorkspaceJoin = "mcp:workspace_join",
        Recall = "mcp:recall",
        Remember = "mcp:remember",
        Peers = "mcp:peers",
        Deliberate = "mcp:deliberate",
    }
    Origin { Agent = "agent", Human = "human", Discord = "discord", System = "system" }
    MessageState {
        Waiting = "waiting",
        Leased = "leased",
        Done = "done",
        Unacknowledged = "unacknowledged",
        Parked = "parked",
        Withdrawn = "withdrawn",
        Held = "held",
    }
    AcknowledgedBy { Ack = "ack", Reply = "reply", NextFetch = "next_fetch" }
    InboundState {
        Journalled = "journalled",
        Sent = "sent",
        Answered = "answered",
        Parked = "parked",
        Withdrawn = "withdrawn",
        Held = "held",
    }
    PanelStage {
        Convening = "convening",
        Advancing = "advancing",
        Running = "running",
        Resting = "resting",
        Refused = "refused",
        Ended = "ended",
    }
    ReplyState {
        Unplaced = "unplaced",
        Waiting = "waiting",
        Posted = "posted",
        Barred = "barred",
        Parked = "parked",
        Dismissed = "dismissed",
    }
}

/// The chain's hashes cover these words: the domain has fixed them.
impl Word for Action {
    fn stored(self) -> &'static str {
        self.word()
    }

    fn of_stored(word: &str) -> Option<Self> {
        Self::parse(word)
    }
}
