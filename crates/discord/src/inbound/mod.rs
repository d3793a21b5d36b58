//! What people write: whether it is for an agent, for which, and the words that the agent is given.
//!
//! A message is for an agent when it mentions the bot, is sent to the bot directly, or stands in a mapped
//! channel; what bots write never is. [`decide`] says so, [`worded`] makes the letter.

mod amended;
mod context;
mod decision;
mod inert;
mod mention;
mod request;
mod routes;
mod stop;
mod worded;

pub use self::amended::{Amendment, amended, amends};
pub use self::context::Context;
pub use self::decision::{Decision, Hearing, Reason, decide};
pub use self::inert::inert;
pub use self::mention::mentions;
pub use self::request::request_of;
pub use self::routes::{Routes, Trigger};
pub use self::worded::worded;

#[cfg(test)]
pub(crate) mod samples;
