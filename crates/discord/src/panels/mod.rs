//! Panels of models as the bridge needs them: `/deliberate` convenes one, its message shows how it does,
//! and its buttons take it on. Whoever hosts the bridge implements [`Panels`].

mod brief;

use async_trait::async_trait;
use futures::stream::BoxStream;
use husting_domain::discord::Author;
use husting_domain::ids::SessionId;
use husting_domain::models::ModelId;
use husting_domain::money::MicroUsd;
use husting_domain::snippets::SnippetType;
use sha2::{Digest, Sha256};
use uuid::Uuid;

pub use self::brief::{UNCHANGED, brief, heading, is_of_message, mark};
pub use husting_domain::discord_panels::{KeptSteering, Steering};

/// How far a round is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PanelPhase {
    /// The seats answer.
    Respond,
    /// They react to each other.
    React,
    /// The claim map is drawn.
    Map,
    /// It is over, well or in part.
    Complete,
    /// It is over, and nothing came of it.
    Failed,
}

/// One seat as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanelSeat {
    /// The model, as people call it.
    pub name: String,
    /// Where it is, in a word or two: `answering`, `done`, `failed`.
    pub standing: String,
    /// Tokens that it said so far.
    pub tokens: u64,
}

/// A seat whose answer or reaction a round went without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanelLack {
    /// The model, as people call it.
    pub name: String,
    /// What did not come of it, in Husting's own words: `did not answer (took too long)`.
    pub what: String,
}

/// A claim in brief.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanelClaim {
    /// Its number in the session's claim map, for buttons.
    pub key: String,
    /// The words, as quoted.
    pub quote: String,
    /// Whose they are.
    pub by: String,
    /// The same by the model's id.
    pub model: ModelId,
    /// What the others think of it: who, and which stance.
    pub stances: Vec<(String, SnippetType)>,
    /// They do not agree.
    pub is_contested: bool,
}

/// What broke a round off, where that was not its seats alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrokenOff {
    /// Husting's own end broke off a seat at least; or nobody answered, as Husting or the connections were gone.
    Interrupted,
    /// A person, before anybody had answered.
    Cancelled,
}

/// A session as its message in Discord shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanelState {
    /// Grows with each change.
    pub version: u64,
    /// What was asked first.
    pub question: String,
    /// The newest round, from one.
    pub round: u32,
    /// How far that is.
    pub phase: PanelPhase,
    /// What broke it off, where it is over and came to less than was asked for other reasons than its seats' own.
    pub broken_off: Option<BrokenOff>,
    /// Its seats, in their order.
    pub seats: Vec<PanelSeat>,
    /// Whom it went without, where it is over and something came of it.
    pub lacks: Vec<PanelLack>,
    /// Why, in a sentence, where it is the same for all of them.
    pub lacks_because: Option<String>,
    /// Its claims, contested ones first; empty before the map is drawn.
    pub claims: Vec<PanelClaim>,
    /// The round that they are of, from one: an earlier one, where the newest has come to no map.
    pub claims_of: u32,
    /// Why there are none, in a sentence; without it nobody took a stand.
    pub no_claims_because: Option<String>,
    /// What the newest round was asked.
    pub asked: String,
    /// The session's rounds that came to something, from one, whoever began them.
    pub heard: Vec<u32>,
    /// What the session cost so far.
    pub cost: MicroUsd,
    /// Why it failed, in words.
    pub fault: Option<String>,
}

/// By what it is known again which claims a message shows, and in which order: people name them by their numbers.
#[must_use]
pub fn shown(claims: &[PanelClaim]) -> u32 {
    let mut digest = Sha256::new();
    for claim in claims {
        for part in [&claim.key, &claim.quote] {
            digest.update(part.len().to_be_bytes());
            digest.update(part);
        }
        digest.update(claim.model.as_str());
    }
    number(digest)
}

fn number(digest: Sha256) -> u32 {
    let digest = digest.finalize();
    let first = digest.iter().take(4);
    first.fold(0, |sum, byte| sum << 8 | u32::from(*byte))
}

impl PanelState {
    /// Whether the round of this number, from one, has ended.
    #[must_use]
    pub const fn is_over(&self, round: u32) -> bool {
        self.round >= round && !self.is_at_work()
    }

    /// Whether its first round came to nothing: it goes on only where that is tried again in the app.
    #[must_use]
    pub fn came_to_nothing(&self) -> bool {
        let is_without = self.heard.is_empty() && self.claims.is_empty();
        is_without && matches!(self.phase, PanelPhase::Failed)
    }

    /// Whether its newest round runs.
    #[must_use]
    pub const fn is_at_work(&self) -> bool {
        !matches!(self.phase, PanelPhase::Complete | PanelPhase::Failed)
    }
}

/// Why there is no panel, no next round, or nothing to show.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PanelRefusal {
    /// It stays so: in a sentence for people in Discord.
    #[error("{0}")]
    Final(String),
    /// It may go well when it is tried again: in words for the log alone.
    #[error("{0}")]
    Later(String),
}

/// Panels of models.
#[async_trait]
pub trait Panels: Send + Sync {
    /// Why people in Discord can begin no round now, in a sentence for them; none where they can. Nothing is
    /// counted by asking: whoever is quicker may take the last round of a day.
    async fn why_no_round(&self) -> Option<String>;

    /// Whether a panel of this question would be convened now, so that nothing is put in its place in vain. Nothing is kept
    /// or set aside by asking: what is convened a moment later may still be refused.
    ///
    /// # Errors
    /// [`PanelRefusal`], as convening it would give.
    async fn may_convene(&self, question: &str, by: &Author) -> Result<(), PanelRefusal>;

    /// Convenes the default panel on a question of a person in Discord. The same panel is convened once,
    /// however often this is called.
    ///
    /// # Errors
    /// [`PanelRefusal`].
    async fn convene(
        &self,
        panel: Uuid,
        question: &str,
        by: &Author,
    ) -> Result<SessionId, PanelRefusal>;

    /// Begins the round of this number, from two, of a panel and its session. The same round is begun once, however often
    /// this is called.
    ///
    /// # Errors
    /// [`PanelRefusal`].
    async fn next_round(
        &self,
        of: (Uuid, SessionId),
        round: u32,
        prompt: &str,
        steering: &[KeptSteering],
        by: &Author,
    ) -> Result<(), PanelRefusal>;

    /// How a session stands.
    ///
    /// # Errors
    /// [`PanelRefusal`], also for one that was deleted.
    async fn state(&self, session: SessionId) -> Result<PanelState, PanelRefusal>;

    /// Waits until a session may stand otherwise than at `version`.
    async fn changed(&self, session: SessionId, version: u64);

    /// Sessions, whoever moved them, from now on: one of which a round begins or is over, that changes while none runs, or
    /// that is gone. It ends where more moved than could be told: whoever listens looks at all, and listens anew.
    fn moved(&self) -> BoxStream<'static, SessionId>;
}
