//! Agents that Husting runs itself: mail comes, a seat is asked, the answer is sent and paid.
//!
//! Each active one has a task that takes one message after the other. A turn is kept with the money
//! set aside for it before anybody is called; its end, its debit and the answer it sends are one unit.
//! Mail whose turn cannot begin, for want of a scope, money or a seat, is not taken: it waits, and the
//! operator sees why. What a turn does not answer stays leased, and comes back by the rules of delivery.

mod activation;
mod hindrances;
mod preparation;
mod prompt;
mod recovery;
mod runner;
mod settlement;
mod turn;

pub(crate) use self::runner::keep_managed;
