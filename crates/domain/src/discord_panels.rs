//! Panels that people in Discord convened, as the bridge keeps them.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::discord::{Author, Place, Snowflake};
use crate::ids::SessionId;
use crate::models::ModelId;
use crate::snippets::SnippetType;
use crate::time::Timestamp;

/// A panel's messages in Discord, and how far it is with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscordPanel {
    /// Ours; buttons carry it.
    pub id: Uuid,
    /// Which bot shows it.
    pub bot: Snowflake,
    /// The command by which it was asked for; a bot hears each once.
    pub interaction: Snowflake,
    /// Where it was asked for.
    pub place: Place,
    /// What is asked.
    pub question: String,
    /// Who asked.
    pub by: Author,
    /// When the bridge heard it.
    pub asked_at: Timestamp,
    /// The message in that place that shows the question, once it stands there.
    pub answer: Option<Snowflake>,
    /// The thread that was made of it; none where it stays in its place.
    pub thread: Option<Snowflake>,
    /// The one message that shows the panel, once it stands there.
    pub message: Option<Snowflake>,
    /// The session, once it is convened.
    pub session: Option<SessionId>,
    /// The newest round that was asked for, from one.
    pub round: u32,
    /// Where it is on its way.
    pub stage: PanelStage,
    /// Why it failed, in words.
    pub fault: Option<String>,
    /// What the next round takes along, in the order in which it was said.
    pub steering: Vec<KeptSteering>,
    /// What the next round is to be about; empty, Husting builds it.
    pub prompt: String,
    /// Who asked for the newest round.
    pub round_by: Author,
    /// By what it is known again how its message shows its session at rest; none where that is not known.
    pub shows: Option<u32>,
}

impl DiscordPanel {
    /// A panel that `by` asked for at `asked_at` by the command `interaction`, of which nothing is shown yet: it is to be
    /// convened.
    #[must_use]
    pub fn asked(
        (id, interaction): (Uuid, Snowflake),
        bot: Snowflake,
        place: Place,
        by: Author,
        question: String,
        asked_at: Timestamp,
    ) -> Self {
        Self {
            id,
            bot,
            interaction,
            place,
            question,
            round_by: by.clone(),
            by,
            asked_at,
            answer: None,
            thread: None,
            message: None,
            session: None,
            round: 1,
            stage: PanelStage::Convening,
            fault: None,
            steering: Vec::new(),
            prompt: String::new(),
            shows: None,
        }
    }

    /// The channel or thread in which its one message stands.
    #[must_use]
    pub fn shown_in(&self) -> Snowflake {
        self.thread.unwrap_or_else(|| self.place.posted_to())
    }
}

/// Where a panel is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum PanelStage {
    /// It is to be convened.
    Convening,
    /// Its next round is to be begun.
    Advancing,
    /// A round runs.
    Running,
    /// It waits for people.
    Resting,
    /// It was never convened.
    Refused,
    /// Nothing more comes of it here.
    Ended,
}

/// The fault of a panel at rest whose message shows what stands no more: it is to be written anew.
/// Discord never shows it; the operator sees it in the traffic for as long as nothing writes.
pub const BEHIND: &str = "Its message shows what stands no more.";

/// Most steering that a panel's next round takes along.
pub const MOST_STEERING: usize = 50;

/// What a person says of a claim, for the next round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Steering {
    /// The claim's number.
    pub claim: String,
    /// `Challenge` or `Keep`.
    pub kind: SnippetType,
    /// Their words; may be empty.
    pub comment: String,
    /// The claim as it was when they said it; none of what was kept without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quoted: Option<Quoted>,
    /// The session's round, from one, that took it along and came to nothing; none of what no round took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_back_by: Option<u32>,
}

/// A claim's words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quoted {
    /// Word for word.
    pub quote: String,
    /// Whose they are.
    pub model: ModelId,
}

/// The same with who said it, and by what it is known again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptSteering {
    /// The form it came by: each counts once.
    pub interaction: Snowflake,
    /// Who.
    pub by: Author,
    /// What.
    #[serde(flatten)]
    pub steering: Steering,
}
