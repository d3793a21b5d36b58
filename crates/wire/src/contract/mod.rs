//! The public contract: what agents over MCP and scripts over REST send and read. Field names are
//! the contract's; money is a JSON number of US dollars with at most six places, time RFC 3339.

pub mod credit;
pub mod errors;
pub mod events;
pub mod models;
pub mod numbers;
pub mod progress;
pub mod requests;
pub mod sessions;
pub mod waiting;
