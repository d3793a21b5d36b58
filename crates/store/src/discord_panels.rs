//! What can be written and read of panels that people in Discord convened.

use async_trait::async_trait;
use husting_domain::discord::{Author, RequestId, Snowflake};
use husting_domain::discord_panels::{DiscordPanel, KeptSteering, PanelStage};
use husting_domain::ids::{SessionId, TenantId};
use husting_domain::time::Timestamp;
use uuid::Uuid;

use crate::errors::StoreError;

/// One write about a panel in Discord, or about a question that was asked by a command.
#[derive(Clone, Debug, PartialEq)]
pub enum PanelWrite {
    /// The message that shows a question which was asked by a command: replies are posted under it.
    QuestionShown {
        /// Which question.
        request: RequestId,
        /// Discord's id of the message.
        message: Snowflake,
    },
    /// Keeps a panel. One whose command its bot has heard before changes nothing.
    Open(Box<DiscordPanel>),
    /// The message that shows the question stands there.
    Answered {
        /// Which panel.
        panel: Uuid,
        /// Discord's id of the message.
        message: Snowflake,
    },
    /// A thread was made of it.
    Threaded {
        /// Which panel.
        panel: Uuid,
        /// The thread.
        thread: Snowflake,
    },
    /// The message that shows the panel stands there.
    Shown {
        /// Which panel.
        panel: Uuid,
        /// Discord's id of the message.
        message: Snowflake,
    },
    /// How the message that shows the panel shows its session at rest.
    Shows {
        /// Which panel.
        panel: Uuid,
        /// By what that is known again.
        mark: u32,
    },
    /// A `Convening` panel was convened and is `Running`.
    Convened {
        /// Which panel.
        panel: Uuid,
        /// Its session.
        session: SessionId,
    },
    /// Keeps what a person says of a claim. Refused unless the panel is `Resting` after this round, and
    /// ([`Constraint::Range`](crate::Constraint::Range)) where it has [`MOST_STEERING`](husting_domain::discord_panels::MOST_STEERING) already; a form
    /// that was heard before changes nothing.
    Steer {
        /// Which panel.
        panel: Uuid,
        /// The round whose claims were shown.
        round: u32,
        /// What was said.
        steering: Box<KeptSteering>,
    },
    /// Whoever said it takes it back. Refused unless the panel is `Resting` after this round, and has it.
    Unsay {
        /// Which panel.
        panel: Uuid,
        /// The round whose claims were shown.
        round: u32,
        /// The form that it was said by.
        interaction: Snowflake,
    },
    /// A `Resting` panel is to go on: `Advancing`, in the round after this one. Refused where it has.
    Advance {
        /// Which panel.
        panel: Uuid,
        /// The round that it rests after.
        round: u32,
        /// What the next one is to be about.
        prompt: String,
        /// Who asks for it.
        by: Author,
    },
    /// The next round was refused: an `Advancing` panel is `Resting` after the round before, with why.
    TakeBack {
        /// Which panel.
        panel: Uuid,
        /// In words.
        why: String,
    },
    /// A panel's round is to begin now, for the first time or once more: each counts once, on the day of
    /// its newest try. Refused ([`Constraint::Range`](crate::Constraint::Range)) where it was not tried
    /// before and `most` others were since `since`.
    BeginRound {
        /// Which panel.
        panel: Uuid,
        /// Which of its rounds, from one.
        round: u32,
        /// Now.
        at: Timestamp,
        /// The beginning of the day.
        since: Timestamp,
        /// Most rounds of all panels of a day.
        most: u32,
    },
    /// Nothing came of a round: it counts no more.
    RoundNotBegun {
        /// Which panel.
        panel: Uuid,
        /// Which of its rounds, from one.
        round: u32,
    },
    /// A round that ran came to nothing: the panel is moved on, and what the round took along is there for the next.
    /// Refused when no round runs.
    CameToNothing {
        /// Which panel.
        panel: Uuid,
        /// Which round of its session, from one: others may have begun some, which the panel does not count.
        round: u32,
        /// Where to.
        to: PanelStage,
        /// Why, in words.
        fault: Option<String>,
    },
    /// Rounds that came to nothing were tried again and heard after all: of a `Resting` panel what they gave back goes.
    /// Refused when it is not.
    Heard {
        /// Which panel.
        panel: Uuid,
        /// Which rounds of its session, from one.
        rounds: Vec<u32>,
        /// So was its prompt.
        prompt: bool,
    },
    /// Moves a panel on, and says why; its steering goes when a round is over that took it along. Refused when
    /// it is not in the stage it is moved from.
    Move {
        /// Which panel.
        panel: Uuid,
        /// From where.
        from: PanelStage,
        /// Where to.
        to: PanelStage,
        /// Why, in words; none takes it away.
        fault: Option<String>,
    },
}

/// What is read of panels in Discord. Every read fails with [`StoreError`] when the engine cannot answer.
#[async_trait]
pub trait DiscordPanelReads: Send + Sync + 'static {
    /// One panel.
    async fn discord_panel(
        &self,
        tenant: &TenantId,
        panel: Uuid,
    ) -> Result<Option<DiscordPanel>, StoreError>;

    /// A bot's panels that are on their way, oldest first: `Convening`, `Advancing`, `Running`; then those at rest whose
    /// message is [`BEHIND`](husting_domain::discord_panels::BEHIND).
    async fn discord_panels_at_work(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
    ) -> Result<Vec<DiscordPanel>, StoreError>;

    /// A bot's panels that are `Resting`: all of them, or those of one session.
    async fn discord_panels_at_rest(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        session: Option<SessionId>,
    ) -> Result<Vec<DiscordPanel>, StoreError>;

    /// A page of a bot's panels in all stages, newest first: at least `limit` where there are so many, and
    /// all that were asked for in the moment of the last one. `before` is exclusive; none begins with the
    /// newest.
    async fn discord_panels_before(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        before: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<DiscordPanel>, StoreError>;

    /// How many rounds were begun since a moment, as [`PanelWrite::BeginRound`] counts them.
    async fn discord_rounds_since(
        &self,
        tenant: &TenantId,
        since: Timestamp,
    ) -> Result<u32, StoreError>;
}
