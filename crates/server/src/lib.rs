//! HTTP, on this machine alone unless the operator says otherwise: the console's pages for a browser,
//! the commands and events behind them, the command line's door into a running program, the public
//! contract over REST and MCP, the bus of agents over MCP, and the routes that mint and manage them.
//!
//! The server knows no rule of the product. It finds out who calls, decodes, hands the request to
//! its [`Host`], [`Contract`], [`Bus`] or [`Agents`] and encodes what comes back. Every route looks at `Host` and
//! `Origin` first.

pub mod access;
mod agents;
mod bus;
mod connections;
mod contract;
mod guard;
mod holder;
mod host;
mod limits;
mod listener;
mod outside;
mod refusal;
mod routes;
mod schemas;
mod serving;
mod shape;
mod strict;

pub use crate::agents::Agents;
pub use crate::bus::{Bus, Call};
pub use crate::connections::run;
pub use crate::contract::{Allowance, Contract};
pub use crate::holder::{Holder, holder_of};
pub use crate::host::{Door, Host};
pub use crate::listener::{BindError, ListenAddress, Listener, ParseListenError};
pub use crate::outside::{Outside, ParsePublicUrlError, PublicUrl};
pub use crate::routes::Served;
pub use crate::serving::{ServeError, Serving};
