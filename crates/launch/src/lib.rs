//! Starts, watches and ends an agent's program: in a tmux session that outlives this process, or as
//! a child in a process group of its own.
//!
//! No shell is ever run. A command is a program and its arguments from the first to the last step;
//! [`CommandLine::parse`] splits what a person typed into words and expands nothing. The crate keeps
//! no time of its own: whoever decides about restarts passes the times in.
//!
//! Process groups, tmux and `/proc` are Unix things, so programs are started there alone; elsewhere every
//! start answers [`LaunchError::Unsupported`]. What a process left running after a crash can be told from a stranger's process
//! ([`Identity`]) on Linux only.

mod command;
#[cfg(unix)]
mod decode;
#[cfg(not(unix))]
mod elsewhere;
mod environment;
mod error;
mod exit;
#[cfg(unix)]
mod family;
mod happening;
#[cfg(unix)]
mod identity;
mod likely;
mod order;
mod output;
#[cfg(unix)]
mod owned;
#[cfg(unix)]
mod processes;
mod restarts;
mod runner;
#[cfg(unix)]
mod session;
#[cfg(unix)]
mod tmux;

pub use crate::command::{CommandError, CommandLine};
#[cfg(not(unix))]
pub use crate::elsewhere::{
    Following, Found, Identity, IdentityError, Leftover, Owned, Session, Tmux, start,
};
pub use crate::environment::environment;
pub use crate::error::LaunchError;
pub use crate::exit::Exit;
pub use crate::happening::Happening;
#[cfg(unix)]
pub use crate::identity::{Identity, IdentityError, Leftover};
pub use crate::likely::{Cause, likely_cause};
pub use crate::order::Order;
pub use crate::output::Tail;
#[cfg(unix)]
pub use crate::owned::{Owned, start};
pub use crate::restarts::{Decision, RESTARTS_AN_HOUR, decide};
pub use crate::runner::{Runner, Task, default_prompt, one_string};
#[cfg(unix)]
pub use crate::session::Session;
#[cfg(unix)]
pub use crate::tmux::{Following, Found, Tmux};
