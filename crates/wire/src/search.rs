//! What was said in deliberations, found by its words.

use husting_domain::ids::SessionId;
use husting_domain::models::ModelId;
use husting_domain::passages::PassageKind;
use husting_domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Looks for words in questions, answers, comments of reactions, recaps and syntheses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SearchPassages {
    /// Words that must all occur in one of these; of the last its beginning is enough. Case and accents do
    /// not matter.
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

/// Something that was said or written, with the first place in it that was looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FoundPassage {
    /// Where it was said.
    pub session_id: SessionId,
    /// That session's title.
    pub title: String,
    /// In which round, from 0; of a synthesis the last one that there was when it was written.
    pub round_index: u32,
    /// What it is.
    pub kind: PassageKind,
    /// Whose answer or reaction it is, or who wrote the recap or synthesis; none for the question.
    pub model: Option<ModelId>,
    /// What stands before, on one line.
    pub before: String,
    /// What was found, as it stands there; empty where it cannot be shown alone.
    pub hit: String,
    /// What stands behind, on one line.
    pub after: String,
    /// The whole sentence that it stands in, on one line: whoever says the same says it in these words. Empty where
    /// `hit` is, and where the sentence is longer than 1,000 letters.
    pub sentence: String,
    /// When it was asked, or the answer was whole; of anything else when its round ended.
    pub at: Timestamp,
}
