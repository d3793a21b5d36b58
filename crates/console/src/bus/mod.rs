//! The bus: what agents do on it with their tokens, and what the operator sees and does.
//!
//! A call is let in by the picture that `agents` keeps, and what it writes names the epoch of that
//! picture, so that the store refuses it once something was taken from the agent in between.
//! Everything an answer says is on disk before it is given.

use std::sync::Arc;

use self::leases::keep_leases;
use crate::Inner;

mod acknowledging;
mod admission;
mod arriving;
mod asking;
mod bells;
mod broadcasting;
mod deliberating;
#[cfg(feature = "halt")]
mod early;
mod fetching;
mod hops;
mod leases;
mod memory;
mod news;
mod operator;
mod pause;
mod people;
mod recipients;
mod remembered;
mod sending;
mod squads;
mod standing;
mod texts;
mod views;

pub(crate) use self::admission::Call;
pub(crate) use self::asking::Askers;
pub(crate) use self::bells::Bells;
pub(crate) use self::hops::HopsRead;
pub(crate) use self::pause::Pause;
pub(crate) use self::recipients::OPERATOR;
pub(crate) use self::sending::{Letter, posted};
pub use self::standing::ToolList;

impl Inner {
    /// Starts what keeps time on the bus.
    pub(crate) fn keep_bus(self: &Arc<Self>) {
        self.tasks.spawn(keep_leases(Arc::downgrade(self)));
        self.keep_news();
        self.tasks
            .spawn(crate::agents::keep_ends(Arc::downgrade(self)));
        self.tasks
            .spawn(crate::agents::keep_touched(Arc::downgrade(self)));
    }
}

/// What a tool answers: a text for people and models, and the same as a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told<T> {
    /// The text that agents in the field know.
    pub text: String,
    /// All of it, for clients that show the model nothing else.
    pub record: T,
}
