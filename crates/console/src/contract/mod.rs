//! The public contract's use cases: what an agent over MCP or a script over REST may ask with a key.
//! Both doors call these; what rounds are and do stands with the nouns around this folder.

pub(crate) mod conditions;
mod credit;
pub(crate) mod finished;
pub(crate) mod journal;
mod models;
pub(crate) mod progress;
pub(crate) mod replays;
mod requests;
mod sessions;
mod streams;
mod waiting;

pub use self::progress::Progress;
pub use self::replays::Again;
pub use self::streams::SessionStream;
pub use self::waiting::Waited;
