//! A round: respond, react, map. The state machine and what it needs of its host.

mod call;
mod plan;
mod run;

use async_trait::async_trait;
use husting_clock::SharedClock;
use husting_domain::calls::{ClaimConfidence, Purpose, SeatErrorCode};
use husting_domain::claims::ClaimMap;
use husting_domain::exchange::{Prompt, SeatEvent, SeatOutcome};
use husting_domain::ids::CallId;
use husting_domain::models::ModelId;
use husting_domain::money::Usage;
use husting_domain::rounds::{Phase, ReactionSet, RoundStatus, RoundTimings};
use husting_domain::time::Timestamp;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub use plan::{Control, Kept, PastRound, RoundPlan, SeatPlan, joined, owed};
pub use run::run;

/// One call that the round makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallPlan {
    /// Its id, made by the host.
    pub id: CallId,
    /// The model.
    pub model: ModelId,
    /// What for.
    pub purpose: Purpose,
    /// When it was queued.
    pub started_at: Timestamp,
    /// When it must have ended.
    pub deadline_at: Timestamp,
}

/// A call that has ended, ready to be kept and paid in one unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedCall {
    /// Which.
    pub call: CallPlan,
    /// When the first words came.
    pub first_text_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Timestamp,
    /// How.
    pub end: CallEnd,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallEnd {
    /// With words, as served.
    Answer {
        /// Control characters and confidence tags removed.
        text: String,
        /// What the tags said.
        claim_confidence: Vec<ClaimConfidence>,
        /// Tokens.
        usage: Usage,
        /// In the provider's vocabulary.
        finish_reason: String,
        /// The output cap or the provider's filter cut it.
        is_partial: bool,
    },
    /// Without.
    Failure {
        /// The contract's code.
        code: SeatErrorCode,
        /// The outside party's own words, secrets removed.
        message: String,
        /// What it managed to write, cleaned.
        partial_text: String,
        /// Tokens it used all the same.
        usage: Usage,
        /// Why the model stopped, where it did, in its provider's word.
        finish_reason: Option<String>,
    },
    /// With a reaction that came whole and cannot be read; nobody broke it off.
    Unreadable {
        /// Why, in a sentence.
        message: String,
        /// What came, cleaned.
        text: String,
        /// Tokens.
        usage: Usage,
    },
}

/// What a finished round amounts to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoundResult {
    /// By its answers alone.
    pub status: RoundStatus,
    /// When it turned terminal.
    pub ended_at: Timestamp,
    /// The map; empty where nobody could react.
    pub claim_map: ClaimMap,
    /// Reactions that parsed, in panel order.
    pub reactions: Vec<ReactionSet>,
    /// Where the time went.
    pub timings: RoundTimings,
    /// A person ended it.
    pub cancelled: bool,
}

/// Why the host could not keep something. The round cannot go on without it.
#[derive(Debug, thiserror::Error)]
#[error("the round's host could not {doing}")]
pub struct HostFault {
    /// What it was doing.
    pub doing: &'static str,
    /// Why not.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// What a round needs of the program around it.
#[async_trait]
pub trait RoundHost: Send + Sync {
    /// Time, for deadlines and checkpoints.
    fn clock(&self) -> &SharedClock;

    /// The nonce of a seat's fences in one block of its conversation: unguessable, and the same
    /// for the same arguments within a session.
    fn nonce(&self, seat: &ModelId, block: &str) -> String;

    /// Asks the model. Ends early when `cancel` fires.
    async fn ask(
        &self,
        call: &CallPlan,
        prompt: &Prompt,
        cancel: CancellationToken,
        events: mpsc::Sender<SeatEvent>,
    ) -> SeatOutcome;

    /// The round goes on to `phase` with these seats to be called; returns their calls, kept.
    async fn enter(&self, phase: Phase, seats: &[ModelId]) -> Result<Vec<CallPlan>, HostFault>;

    /// One more reaction call for a seat whose reaction could not be read; `None` when the wallet
    /// does not cover it.
    async fn open_repair(&self, seat: &ModelId) -> Result<Option<CallPlan>, HostFault>;

    /// The first words of a call came. Keeps that.
    async fn first_text(&self, call: &CallPlan, at: Timestamp) -> Result<(), HostFault>;

    /// Keeps what a call wrote so far; at most once a second.
    async fn checkpoint(&self, call: &CallPlan, text: &str) -> Result<(), HostFault>;

    /// Keeps and pays an ended call, in one unit. Afterwards it can neither be lost nor paid twice.
    async fn settle(&self, ended: EndedCall) -> Result<(), HostFault>;

    /// Keeps the finished round.
    async fn finish(&self, result: RoundResult) -> Result<(), HostFault>;

    /// Tells whoever watches; never waits.
    fn show(&self, call: &CallPlan, event: &SeatEvent);
}
