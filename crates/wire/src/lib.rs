//! What crosses a boundary: commands with their requests and responses, events, error codes.
//!
//! Every command is declared once, in [`commands`]; the window, the browser console and the
//! command line are one-line adapters over it, and the TypeScript in `ui/src/generated` comes
//! from the types here (`UPDATE_BINDINGS=1 cargo test -p husting-wire`).

pub mod agents;
pub mod answers;
pub mod audit;
pub mod bus;
pub mod claims;
pub mod commands;
pub mod confidence;
pub mod contract;
pub mod deliveries;
pub mod desktop;
pub mod discord;
pub mod drafts;
pub mod errors;
pub mod estimates;
pub mod events;
pub mod keys;
pub mod lengths;
pub mod models;
pub mod names;
pub mod providers;
pub mod ranges;
pub mod recaps;
pub mod rounds;
pub mod runs;
pub mod search;
pub mod secrets;
pub mod sessions;
pub mod settings;
pub mod snapshot;
pub mod storage;
pub mod tenants;
pub mod wallet;
pub mod wiring;
