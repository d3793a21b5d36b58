//! Plain values and rules of Husting: no I/O, no clock, no async.
//!
//! Everything here can be built in a test by hand. What needs time, randomness or an id
//! takes it as an argument.

pub mod addressees;
pub mod agents;
pub mod audit;
pub mod calls;
pub mod claims;
pub mod clients;
pub mod consent;
pub mod discord;
pub mod discord_panels;
pub mod exchange;
pub mod ids;
pub mod keys;
pub mod ledger;
pub mod memory;
pub mod messages;
pub mod models;
pub mod money;
pub mod passages;
pub mod providers;
pub mod quotes;
pub mod recaps;
pub mod rounds;
pub mod runs;
pub mod scopes;
pub mod secrets;
pub mod sessions;
pub mod snippets;
pub mod squads;
pub mod storage;
pub mod system_words;
pub mod tenants;
pub mod time;
pub mod turns;
pub mod worded;
