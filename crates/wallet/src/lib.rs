//! The wallet: three buckets, a double-entry ledger and the rules between them.
//!
//! Nothing here reads a clock, makes an id or writes: the present moment, ids and the loaded
//! [`wallet::Wallet`] come in, and transactions, holds and the ids of closed holds go out as
//! values for the caller to commit as one unit. All money is in integer micro-dollars.
//!
//! A call's life: [`holds::plan`] admits a round and sets money aside ([`summaries::plan`] for a
//! single recap, [`turns::plan`] for an agent's answer), [`settle::settle`]
//! turns real usage into a debit and releases the hold, [`refund::refund`] gives back.
//! [`calendar::due`] comes first whenever a wallet is loaded.

pub mod calendar;
pub mod check;
mod entries;
pub mod estimate;
pub mod funding;
pub mod holds;
pub mod preflight;
pub mod refund;
pub mod settle;
pub mod summaries;
pub mod terms;
pub mod turns;
pub mod wallet;
