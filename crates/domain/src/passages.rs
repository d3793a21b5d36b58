//! What was said in deliberations, as it is found by its words.

use serde::{Deserialize, Serialize};

/// What a passage is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum PassageKind {
    /// A round's question.
    Question,
    /// A seat's whole answer.
    Answer,
    /// What a seat said of another's words.
    Reaction,
    /// What a round came to.
    Recap,
    /// What a session came to.
    Synthesis,
}
