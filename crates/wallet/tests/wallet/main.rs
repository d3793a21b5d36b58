//! What a wallet does, through its public boundary.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod calls;
mod estimates;
mod fixtures;
mod funding;
mod ledger;
mod months;
mod refunds;
mod rounds;
mod schedules;
mod settings;
mod summaries;
mod turns;
