//! Starts, watches and ends an agent's program: in a tmux session that outlives this process, or as
//! a child in a process group of its own.
//!
//! No shell is ever run. A command is a program and its arguments from the first to the last step;
//! [`CommandLine::parse`] splits what a person typed into words and expands nothing. The crate keeps
//! no time of its own: whoever decides about restarts passes the times in.
//!
//! Process groups, tmux and `/proc` are Unix things, so [`Session`] and what is below it exist
//! there alone. What a process left running after a crash can be told from a stranger's process
//! ([`Identity`]) on Linux only.

mod command;
mod decode;
mod environment;
mod error;
mod exit;
#[cfg(unix)]
mod family;
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
pub use crate::environment::environment;
pub use crate::error::LaunchError;
pub use crate::exit::Exit;
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
pub use crate::session::{Happening, Session};
#[cfg(unix)]
pub use crate::tmux::{Following, Found, Tmux};
