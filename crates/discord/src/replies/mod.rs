//! What agents reply: what of it is posted, and where.

mod echo;
mod placing;
mod read;
mod tokens;
mod without;

pub use self::placing::{Placing, place};
pub use self::read::{ReadReply, posted, read};
