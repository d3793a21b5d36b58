//! Recaps: what a round came to, and a session's rounds together, written by one model that speaks for
//! none of the panel. What it is sent is made here, and what it wrote is read here; nobody is called.

mod briefing;
mod instructions;
mod reading;

pub use self::briefing::{Assignment, Briefing, EarlierRecap};
pub use self::reading::{SummaryError, read_recap, read_synthesis};

/// Most tokens of one recap or synthesis.
pub const SUMMARY_TOKENS: u64 = 4_096;
