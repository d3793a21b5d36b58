//! The wallet: buckets, limit, ledger. Amounts are integers of micro-dollars.

use husting_domain::calls::Purpose;
use husting_domain::ids::{RoundId, SessionId, TransactionId};
use husting_domain::ledger::{Account, Entry};
use husting_domain::models::ModelId;
use husting_domain::money::{MicroUsd, Usage};
use husting_domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The wallet in a line, for the status bar and Hall.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WalletSummary {
    /// Sum of the buckets; counts no holds.
    pub balance: MicroUsd,
    /// Held for calls that have not settled.
    pub held: MicroUsd,
    /// The monthly limit; `None` is no limit.
    pub monthly_limit: Option<MicroUsd>,
    /// Whether the operator has chosen the limit.
    pub limit_chosen: bool,
    /// Charged since the day began (UTC).
    pub spent_today: MicroUsd,
    /// Charged since the month began (UTC).
    pub spent_month: MicroUsd,
    /// What of it the monthly limit paid, and no top-up; above the limit where that was lowered since.
    #[serde(default)]
    pub limit_used: MicroUsd,
    /// When the free bucket resets.
    pub resets_at: Option<Timestamp>,
}

/// Everything about the wallet but the ledger's pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WalletView {
    /// In a line.
    pub summary: WalletSummary,
    /// In the order in which they are drained.
    pub buckets: Vec<BucketView>,
    /// Refill switches itself on below a threshold.
    pub auto_refill: Option<AutoRefill>,
    /// What its new terms added at once; zero but in the answer to those.
    #[serde(default)]
    pub refilled_now: MicroUsd,
    /// What of top-ups can be taken back now.
    #[serde(default)]
    pub returnable: MicroUsd,
    /// Charged beyond what the buckets could pay.
    pub overrun: MicroUsd,
    /// Spending this month.
    pub by_model: Vec<SpendRow>,
    /// Spending this month.
    pub by_purpose: Vec<SpendRow>,
    /// Spending this month.
    pub by_session: Vec<SpendRow>,
    /// Spending this month: turns of the agents that Husting runs, and the rounds of sessions that
    /// agents opened.
    pub by_agent: Vec<SpendRow>,
    /// The balance over this month: one point per settled call, oldest first, thinned to 400.
    pub burn_down: Vec<BalancePoint>,
    /// First moment of the month.
    pub month_start: Timestamp,
    /// First moment of the next.
    pub month_end: Timestamp,
    /// Calls settled this month.
    pub calls_month: u32,
    /// Newest check of the books.
    pub check: LedgerCheck,
}

/// One bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BucketView {
    /// `free`, `subscription` or `refill`.
    pub account: Account,
    /// What is in it.
    pub balance: MicroUsd,
    /// Of that, held.
    pub held: MicroUsd,
    /// What it is filled to: grant, cap; `None` for refill or without a limit.
    pub full: Option<MicroUsd>,
    /// Only buckets that are used are shown.
    pub used: bool,
    /// When it changes by itself.
    pub next_change_at: Option<Timestamp>,
}

/// Terms of auto-refill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AutoRefill {
    /// On or off.
    pub enabled: bool,
    /// Below this balance…
    pub threshold: MicroUsd,
    /// …this much is added…
    pub amount: MicroUsd,
    /// …at most this much a month.
    pub monthly_ceiling: MicroUsd,
}

/// One line of a spending table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SpendRow {
    /// Model id, purpose, session id or agent id.
    pub key: String,
    /// For people.
    pub label: String,
    /// Charged.
    pub amount: MicroUsd,
    /// Calls.
    pub calls: u32,
}

/// The balance after a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BalancePoint {
    /// When.
    pub at: Timestamp,
    /// Sum of the buckets.
    pub balance: MicroUsd,
}

/// A proof that the books are right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LedgerCheck {
    /// When it was made.
    pub at: Timestamp,
    /// Every transaction sums to zero and every balance is the sum of its entries.
    pub ok: bool,
    /// Transactions looked at.
    pub transactions: u64,
    /// Sum over all entries; zero when the books are right.
    pub sum: MicroUsd,
    /// What is wrong, in sentences.
    pub faults: Vec<String>,
}

/// A settled call, or money given back for one (negative `amount`, `refund_of`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DebitView {
    /// Its transaction.
    pub transaction_id: TransactionId,
    /// The model.
    pub model: ModelId,
    /// What for.
    pub purpose: Option<Purpose>,
    /// Tokens.
    pub usage: Usage,
    /// Provider's price.
    pub cost: MicroUsd,
    /// Hundredths of a percent on top.
    pub markup_bps: u32,
    /// What the buckets paid.
    pub amount: MicroUsd,
    /// When.
    pub settled_at: Timestamp,
    /// The debit this gives back.
    pub refund_of: Option<TransactionId>,
}

/// Which part of the ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ListLedger {
    /// Words in model, purpose, session title, kind, or an amount.
    #[serde(default)]
    #[ts(optional)]
    pub query: Option<String>,
    /// 1–200; 100 when left out.
    #[serde(default)]
    #[ts(optional)]
    pub limit: Option<u32>,
    /// Older than this transaction.
    #[serde(default)]
    #[ts(optional)]
    pub before: Option<TransactionId>,
}

/// A page of the ledger, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LedgerPage {
    /// The page.
    pub rows: Vec<LedgerRow>,
    /// More are older.
    pub more: bool,
}

/// One transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LedgerRow {
    /// Its id.
    pub transaction_id: TransactionId,
    /// When.
    pub at: Timestamp,
    /// `debit`, `grant`, …; `take_back` is a top-up below zero, `call_cover` what covers a call beyond the limit.
    pub kind: String,
    /// For debits and refunds.
    pub debit: Option<DebitView>,
    /// Its session.
    pub session_id: Option<SessionId>,
    /// Its session's title; `None` when it was deleted.
    pub session_title: Option<String>,
    /// Whose turn it was, by the name of the agent; `None` when it was no turn.
    pub agent: Option<String>,
    /// Its round.
    pub round_id: Option<RoundId>,
    /// 0-based.
    pub round_index: Option<u32>,
    /// Its lines.
    pub entries: Vec<Entry>,
    /// How much the buckets changed.
    pub change: MicroUsd,
    /// Sum of the buckets after it.
    pub balance_after: MicroUsd,
}

/// Chooses the monthly limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SetLimit {
    /// A month; `null` is no limit.
    pub monthly: Option<MicroUsd>,
}

/// Adds money to the refill bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TopUp {
    /// More than zero, at most $10,000.
    pub amount: MicroUsd,
}

/// Takes money out of the refill bucket again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct MoneyBack {
    /// More than zero, at most what of the bucket is neither spent nor held.
    pub amount: MicroUsd,
}
