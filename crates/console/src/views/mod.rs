//! What the console shows, made from what is stored.

mod debits;
mod rounds;
mod seats;
mod sessions;
mod standing;
mod summary;

pub(crate) use self::debits::{debit, debits};
pub(crate) use self::rounds::fresh_round;
pub(crate) use self::seats::{end, queue};
pub(crate) use self::sessions::{session, session_row};
pub(crate) use self::standing::Standing;
pub(crate) use self::summary::sum_up;

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
