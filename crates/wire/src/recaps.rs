//! Summaries of rounds and sessions.

use husting_domain::ids::{RoundId, SessionId};
use husting_domain::models::ModelId;
use husting_domain::money::MicroUsd;
use husting_domain::recaps::{FailedWriter, RecapStatus, RoundRecap, SessionSynthesis, Summary};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A round's summary with where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RecapView {
    /// Where it stands.
    pub status: RecapStatus,
    /// What was written; of an earlier writing where a newer one failed.
    pub recap: Option<RoundRecap>,
    /// Who wrote it.
    pub model: Option<ModelId>,
    /// Why the newest writing failed, secrets removed.
    pub failure: Option<String>,
    /// Who was to write it before and did not, in the order asked: of the newest writing.
    #[serde(default)]
    pub failed: Vec<FailedWriter>,
}

/// A session's summary with where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SynthesisView {
    /// Where it stands.
    pub status: RecapStatus,
    /// What was written; of an earlier writing where a newer one failed.
    pub synthesis: Option<SessionSynthesis>,
    /// Who wrote it.
    pub model: Option<ModelId>,
    /// Why the newest writing failed, secrets removed.
    pub failure: Option<String>,
    /// Who was to write it before and did not, in the order asked: of the newest writing.
    #[serde(default)]
    pub failed: Vec<FailedWriter>,
}

impl From<Summary<RoundRecap>> for RecapView {
    fn from(summary: Summary<RoundRecap>) -> Self {
        Self {
            status: summary.status,
            recap: summary.text,
            model: summary.model,
            failure: summary.failure,
            failed: summary.failed,
        }
    }
}

impl From<Summary<SessionSynthesis>> for SynthesisView {
    fn from(summary: Summary<SessionSynthesis>) -> Self {
        Self {
            status: summary.status,
            synthesis: summary.text,
            model: summary.model,
            failure: summary.failure,
            failed: summary.failed,
        }
    }
}

/// Asks for a round's recap, or for it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WriteRecap {
    /// The session.
    pub session_id: SessionId,
    /// The round; the newest that is over when left out.
    #[serde(default)]
    #[ts(optional)]
    pub round_id: Option<RoundId>,
}

/// What writing a session's synthesis would take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CascadeView {
    /// Rounds whose recaps are missing and would be written first, 0-based.
    pub missing_rounds: Vec<u32>,
    /// The model that would be asked first; `None` where none can be.
    pub model: Option<ModelId>,
    /// The models that would be asked after it, one after the other until one has written.
    #[serde(default)]
    pub fallbacks: Vec<ModelId>,
    /// Probably at least: by the cheapest of them.
    pub low: MicroUsd,
    /// Probably at most: by the dearest of them, one writing each; a second try comes on top.
    pub high: MicroUsd,
}

/// What a summary that is still to come would take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WritingEstimate {
    /// The model that would be asked first.
    pub model: ModelId,
    /// The models that would be asked after it, one after the other until one has written.
    pub fallbacks: Vec<ModelId>,
    /// Probably at least: by the cheapest of them.
    pub low: MicroUsd,
    /// Probably at most: by the dearest of them; a second try comes on top.
    pub high: MicroUsd,
}
