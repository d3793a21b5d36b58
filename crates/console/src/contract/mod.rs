//! The public contract's use cases: what an agent over MCP or a script over REST may ask with a key.
//! Both doors call these; what rounds are and do stands with the nouns around this folder.

pub(crate) mod admission;
pub(crate) mod finished;
pub(crate) mod journal;
pub(crate) mod keys;
pub(crate) mod progress;
mod reading;
pub(crate) mod replays;
mod requests;
mod streams;
mod waiting;

pub use self::progress::Progress;
pub use self::replays::Again;
pub use self::streams::SessionStream;
pub use self::waiting::Waited;
