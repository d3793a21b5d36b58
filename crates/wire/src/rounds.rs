//! Rounds: asking for one, steering it, and how one looks.

use husting_domain::claims::ClaimMap;
use husting_domain::ids::{RoundId, SessionId};
use husting_domain::models::ModelId;
use husting_domain::money::MicroUsd;
pub use husting_domain::rounds::RoundEstimate;
use husting_domain::rounds::{ClientAction, ModeratorSnippet, Phase, RoundStatus, RoundTimings};
use husting_domain::snippets::Snippet;
use husting_domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::answers::SeatCallView;
use crate::recaps::RecapView;
use crate::sessions::SessionAck;
use crate::wallet::DebitView;

/// Asks for the next round of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AppendRound {
    /// Whose next round.
    pub session_id: SessionId,
    /// What steers it; at most 64,000 characters. Empty lets Husting build the prompt from the
    /// claim map: the most contested claims as CHALLENGE, the most agreed one as KEEP.
    pub prompt: String,
    /// What the moderator forwards; at most 50.
    #[serde(default)]
    pub snippets: Vec<Snippet>,
    /// Only when whoever steers has changed.
    #[serde(default)]
    #[ts(optional)]
    pub moderator_name: Option<String>,
    /// Writes a summary of the round once it is over.
    #[serde(default)]
    pub recap_round: bool,
    /// Writes a synthesis of the session once the round is over, and every recap that is missing.
    #[serde(default)]
    pub recap_session: bool,
}

/// Names one round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RoundRef {
    /// The session.
    pub session_id: SessionId,
    /// The round; the newest when left out.
    #[serde(default)]
    #[ts(optional)]
    pub round_id: Option<RoundId>,
}

/// Ends one seat of the running round; its partial text is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct StopSeat {
    /// The session.
    pub session_id: SessionId,
    /// The seat.
    pub model: ModelId,
}

/// What an accepted round answers.
pub type RoundAck = SessionAck;

/// A round, live or ended, as the console shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RoundView {
    /// Its id.
    pub round_id: RoundId,
    /// Its session.
    pub session_id: SessionId,
    /// 0-based place; shown as `index + 1`.
    pub index: u32,
    /// What was asked.
    pub prompt: String,
    /// What was forwarded, with how its quotes were found.
    pub snippets: Vec<ModeratorSnippet>,
    /// Who steered; `None` is the human in the window.
    pub moderator_name: Option<String>,
    /// Who asked for it where it was not the operator: `key laptop`.
    pub asked_by: Option<String>,
    /// How it stands.
    pub status: RoundStatus,
    /// What it is doing.
    pub phase: Phase,
    /// Rises with every change that is shown.
    pub progress_version: u64,
    /// What to do next.
    pub action: ClientAction,
    /// A person ended it.
    pub cancelled: bool,
    /// When it was accepted.
    pub started_at: Timestamp,
    /// When each try of it began, the first one first.
    pub tries: Vec<Timestamp>,
    /// When the running phase began.
    pub phase_started_at: Timestamp,
    /// When the running phase must have ended.
    pub deadline_at: Timestamp,
    /// When it turned terminal.
    pub ended_at: Option<Timestamp>,
    /// One per seat, in panel order.
    pub answers: Vec<SeatCallView>,
    /// One per seat, in panel order; `absent` for seats without a reaction call.
    pub reactions: Vec<SeatCallView>,
    /// Once terminal.
    pub claim_map: Option<ClaimMap>,
    /// What it came to.
    pub recap: RecapView,
    /// The one line above the result.
    pub summary: RoundSummary,
    /// Settled calls of this round.
    pub debits: Vec<DebitView>,
    /// What was estimated when the round was first accepted; `None` of rounds older than that record.
    pub estimate: Option<RoundEstimate>,
    /// Held for calls that have not settled.
    pub held: MicroUsd,
    /// Whether *retry* can re-run something: newest round, terminal, something failed.
    pub can_retry: bool,
}

/// "3 of 3 answered, 2 of 3 reacted, 14 quotes, 2 unverified, $0.31, 51 s".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RoundSummary {
    /// Seats on the panel.
    pub seats: u32,
    /// Seats that answered.
    pub answered: u32,
    /// Seats that were asked to react.
    pub asked_to_react: u32,
    /// Seats that reacted.
    pub reacted: u32,
    /// Quotes given.
    pub quotes: u32,
    /// Of these, carrying no stance.
    pub unverified: u32,
    /// Claims in the map.
    pub claims: u32,
    /// Claims without a CHALLENGE.
    pub uncontested: u32,
    /// Seats that moved.
    pub moved: u32,
    /// Provider's price of all calls.
    pub cost: MicroUsd,
    /// Charged to the wallet.
    pub charged: MicroUsd,
    /// Where the time went.
    pub timings: RoundTimings,
    /// Something is missing: a seat did not answer or react.
    pub degraded: bool,
    /// Why there are no claims, when there are none.
    pub no_claims_because: Option<NoClaims>,
}

/// Why a map is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum NoClaims {
    /// Nobody answered.
    NobodyAnswered,
    /// Only one seat answered, so there was nobody to react.
    OneAnswer,
    /// Every reaction failed.
    NoReactions,
    /// No quote could be verified.
    NothingVerified,
    /// The round was cancelled before the reactions.
    Cancelled,
}
