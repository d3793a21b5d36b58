//! The ledger's values: accounts, balanced transactions, holds. The rules are in the wallet crate.

use serde::{Deserialize, Serialize};

use crate::calls::Purpose;
use crate::ids::{AgentId, CallId, HoldId, MessageId, RoundId, SessionId, TransactionId};
use crate::models::ModelId;
use crate::money::{MicroUsd, Usage};
use crate::time::Timestamp;

/// An account of the double-entry ledger. Each transaction's entries sum to zero over these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Account {
    /// Bucket: the monthly grant; on a desktop the operator's spending limit.
    Free,
    /// Bucket: monthly credit of a plan.
    Subscription,
    /// Bucket: top-ups.
    Refill,
    /// What providers were paid.
    ProviderSpend,
    /// What was charged on top.
    Markup,
    /// Where grants, credits and top-ups come from.
    Grants,
    /// What lapsed at a month's end.
    Expired,
    /// What was given back.
    Refunds,
    /// Real usage beyond what the buckets could pay.
    Overrun,
}

impl Account {
    /// All accounts.
    pub const ALL: [Self; 9] = [
        Self::Free,
        Self::Subscription,
        Self::Refill,
        Self::ProviderSpend,
        Self::Markup,
        Self::Grants,
        Self::Expired,
        Self::Refunds,
        Self::Overrun,
    ];

    /// The buckets in the order in which they are drained.
    pub const DEBIT_ORDER: [Self; 3] = [Self::Free, Self::Subscription, Self::Refill];

    /// Whether this account is a bucket, which never falls below zero.
    #[must_use]
    pub const fn is_bucket(self) -> bool {
        matches!(self, Self::Free | Self::Subscription | Self::Refill)
    }

    /// The word on the wire and in the store.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Subscription => "subscription",
            Self::Refill => "refill",
            Self::ProviderSpend => "provider_spend",
            Self::Markup => "markup",
            Self::Grants => "grants",
            Self::Expired => "expired",
            Self::Refunds => "refunds",
            Self::Overrun => "overrun",
        }
    }
}

/// One line of a transaction: `amount` is added to `account`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Entry {
    /// Which account.
    pub account: Account,
    /// How much it changes.
    pub amount: MicroUsd,
}

/// What a call is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// A round of a session.
    Round {
        /// The session.
        session_id: SessionId,
        /// The round.
        round_id: RoundId,
    },
    /// The turn of an agent that Husting runs.
    Turn {
        /// The agent.
        agent_id: AgentId,
        /// The message it answers.
        message_id: MessageId,
    },
}

impl Occasion {
    /// The session, of a round.
    #[must_use]
    pub const fn session(self) -> Option<SessionId> {
        match self {
            Self::Round { session_id, .. } => Some(session_id),
            Self::Turn { .. } => None,
        }
    }

    /// The round.
    #[must_use]
    pub const fn round(self) -> Option<RoundId> {
        match self {
            Self::Round { round_id, .. } => Some(round_id),
            Self::Turn { .. } => None,
        }
    }

    /// The agent, of a turn.
    #[must_use]
    pub const fn agent(self) -> Option<AgentId> {
        match self {
            Self::Round { .. } => None,
            Self::Turn { agent_id, .. } => Some(agent_id),
        }
    }

    /// Whether it is this round.
    #[must_use]
    pub fn is_round(self, id: RoundId) -> bool {
        self.round() == Some(id)
    }
}

/// What a transaction is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TransactionKind {
    /// A settled call.
    Debit(Debit),
    /// Money back for an earlier debit.
    Refund {
        /// The debit.
        of: TransactionId,
        /// What both are part of.
        occasion: Occasion,
        /// The model of the debit.
        model: ModelId,
    },
    /// The month's grant, for the month that begins at `month`.
    Grant {
        /// First moment of the month.
        month: Timestamp,
    },
    /// What was left of the last grant at the month's end.
    Expiry {
        /// First moment of the month that begins.
        month: Timestamp,
    },
    /// A plan's monthly credit.
    SubscriptionCredit {
        /// First moment of the month.
        month: Timestamp,
    },
    /// Money added by the operator; below zero what the operator took back.
    TopUp,
    /// Money added because the balance fell below the threshold.
    AutoRefill,
    /// The operator changed the monthly limit within a month.
    LimitChange,
}

impl TransactionKind {
    /// The word in the store and on the wire.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Debit(_) => "debit",
            Self::Refund { .. } => "refund",
            Self::Grant { .. } => "grant",
            Self::Expiry { .. } => "expiry",
            Self::SubscriptionCredit { .. } => "subscription_credit",
            Self::TopUp => "top_up",
            Self::AutoRefill => "auto_refill",
            Self::LimitChange => "limit_change",
        }
    }
}

/// A settled call as the ledger tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Debit {
    /// The call.
    pub call_id: CallId,
    /// What it was part of.
    pub occasion: Occasion,
    /// Its model.
    pub model: ModelId,
    /// What for.
    pub purpose: Purpose,
    /// Tokens.
    pub usage: Usage,
    /// The provider's price, markup-exclusive.
    pub cost: MicroUsd,
    /// Hundredths of a percent on top; 0 on a desktop.
    pub markup_bps: u32,
    /// What the buckets paid.
    pub amount: MicroUsd,
}

/// A balanced booking. Append-only: a correction is a new one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// Its id.
    pub id: TransactionId,
    /// When it was booked.
    pub at: Timestamp,
    /// What it is about.
    pub kind: TransactionKind,
    /// Its lines; they sum to zero.
    pub entries: Vec<Entry>,
}

impl Transaction {
    /// Whether the lines sum to zero, computed in `i128`.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        self.entries
            .iter()
            .map(|entry| i128::from(entry.amount.0))
            .sum::<i128>()
            == 0
    }

    /// How much the buckets together changed.
    #[must_use]
    pub fn bucket_change(&self) -> MicroUsd {
        self.entries
            .iter()
            .filter(|entry| entry.account.is_bucket())
            .map(|entry| entry.amount)
            .sum()
    }
}

/// Money set aside for a call that has not settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Its id.
    pub id: HoldId,
    /// What it is part of.
    pub occasion: Occasion,
    /// Its model.
    pub model: ModelId,
    /// What for.
    pub purpose: Purpose,
    /// How much.
    pub amount: MicroUsd,
    /// The output cap this hold pays for, in tokens.
    pub max_output_tokens: u64,
    /// When it was taken.
    pub at: Timestamp,
}
