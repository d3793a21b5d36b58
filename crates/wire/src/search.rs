//! What was said in deliberations, found by its words.

use husting_domain::ids::SessionId;
use husting_domain::models::ModelId;
use husting_domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Looks for words in questions and answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SearchPassages {
    /// Words that must all occur in one question or one answer; of the last its beginning is enough. Case
    /// and accents do not matter.
    pub query: String,
    /// Most passages, 1–50; 20 when left out.
    #[serde(default)]
    #[ts(optional)]
    pub limit: Option<u32>,
}

/// Passages that were found, the best first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FoundPassages {
    /// The passages.
    pub passages: Vec<FoundPassage>,
}

/// A question or an answer, with the first place in it that was looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FoundPassage {
    /// Where it was said.
    pub session_id: SessionId,
    /// That session's title.
    pub title: String,
    /// In which round, from 0.
    pub round_index: u32,
    /// Whose answer it is; none for the question.
    pub model: Option<ModelId>,
    /// What stands before, on one line.
    pub before: String,
    /// What was found, as it stands there; empty where it cannot be shown alone.
    pub hit: String,
    /// What stands behind, on one line.
    pub after: String,
    /// When it was asked, or the answer was whole.
    pub at: Timestamp,
}
