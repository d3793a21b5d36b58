//! The Discord bridge. What a person writes is journalled, asked of an agent over the bus, and the
//! agent's reply is posted where the question stands.
//!
//! ```text
//!  gateway ──▶ inbound ──▶ journal (store) ──▶ bus ──▶ agent
//!  Discord ◀── sender ◀── parts ◀── journal ◀── replies ◀── bus
//! ```
//!
//! `settings`, `inbound`, `replies` and `parts` are rules without any I/O; `gateway`, `sender` and `bus`
//! each speak to one outside party; `bridge` joins them, and keeps every step in the journal before the
//! next one is taken, so that a process that dies anywhere loses nothing and says nothing twice.

pub mod alone;
pub mod bridge;
pub mod bus;
pub mod dry_run;
pub mod examination;
pub mod files;
pub mod gateway;
pub mod inbound;
pub mod interactions;
pub mod one_bot;
pub mod opening;
pub mod panels;
pub mod parts;
pub mod pending;
pub mod portrait;
pub mod recorder;
pub mod replies;
pub mod sender;
pub mod settings;
