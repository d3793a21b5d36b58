//! The files that put an MCP client on the bus: what stands in them, and how they are changed.
//!
//! [`entry`] says what a client wants to read, [`merge`] puts that into the text of a file that
//! is somebody's own, [`mod@file`] reads and replaces files, [`git`] looks whether a secret would
//! be committed, and [`Plan`] joins them: first shown, then written. [`Removal`] takes it out again. A secret is in what is
//! written and nowhere else: no `Debug`, no error text, nothing that is shown.

mod client;
mod endpoint;
mod entry;
pub mod file;
mod format;
pub mod git;
pub mod merge;
mod places;
mod plan;
mod removal;

pub use client::ClientFiles;
pub use endpoint::{Endpoint, PLACEHOLDER, Server, Transport};
pub use entry::{Command, Entry, EntryError, Table, entry};
pub use format::Format;
pub use husting_domain::clients::Client;
pub use places::{Os, Places};
pub use plan::{Plan, PlanError, snippet};
pub use removal::{Removal, Removed, Tokens, tokens_in};
