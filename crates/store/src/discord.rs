//! What can be written and read of the Discord bridge: its journal.

use async_trait::async_trait;
use husting_domain::agents::Name;
use husting_domain::discord::{
    Attachment, Cursor, Inbound, InboundState, KnownChannel, Post, Reply, ReplyState, RequestId,
    Snowflake, Stop,
};
use husting_domain::ids::TenantId;
use husting_domain::time::Timestamp;
use uuid::Uuid;

use crate::discord_panels::PanelWrite;
use crate::errors::StoreError;

/// One write about the bridge.
#[derive(Clone, Debug, PartialEq)]
pub enum DiscordWrite {
    /// How far a bot's gateway session was heard.
    Heard {
        /// Which bot.
        bot: Snowflake,
        /// How far.
        cursor: Cursor,
    },
    /// A bot's gateway session cannot be resumed any more; absent is fine.
    ForgetSession(Snowflake),
    /// Keeps what a person wrote. A message that its bot has heard before changes nothing.
    Journal(Box<Inbound>),
    /// Puts other words and files in the place of those of a question that is `Journalled` or `Held`;
    /// in any other state it is refused.
    Amend(Box<Inbound>),
    /// What became of the files of a question that is `Journalled` or `Held`; in any other state it is
    /// refused.
    Files {
        /// Which.
        request: RequestId,
        /// All of its files.
        attachments: Vec<Attachment>,
    },
    /// Moves a question on. Refused when it is not in the state it is moved from.
    Move {
        /// Which.
        request: RequestId,
        /// From where.
        from: InboundState,
        /// Where to.
        to: InboundState,
        /// When: since then it rests, where it comes to rest by this.
        at: Timestamp,
        /// Why it is parked or held, in words; none takes it away.
        fault: Option<String>,
    },
    /// A question is on the bus: `Journalled` becomes `Sent`.
    Sent {
        /// Which.
        request: RequestId,
        /// The bus's id of it.
        bus_id: String,
        /// When.
        at: Timestamp,
    },
    /// Its agent has taken a question; the first time counts.
    Read {
        /// Which.
        request: RequestId,
        /// When.
        at: Timestamp,
    },
    /// The bridge's warning sign stands on a question's message, or stands there no longer.
    Warn {
        /// Which.
        request: RequestId,
        /// Whether it does.
        stands: bool,
    },
    /// The message that questions and notes were made of was deleted; the first time counts, and absent
    /// is fine.
    Deleted {
        /// Whose journal it is.
        bot: Snowflake,
        /// Which message.
        message: Snowflake,
        /// When.
        at: Timestamp,
    },
    /// Keeps that a person said STOP. A message that its bot has heard before changes nothing.
    Stop(Box<Stop>),
    /// Keeps a reply with its messages. One that was taken from the bus before changes nothing, nor do
    /// its messages. A reply that names its question makes that `Answered`, the first time with the time.
    Reply {
        /// The reply.
        reply: Box<Reply>,
        /// What it is posted as; empty while it has no place.
        posts: Vec<Post>,
    },
    /// Gives an `Unplaced` reply its place, which becomes `Waiting`.
    Place {
        /// The reply as it is from now on.
        reply: Box<Reply>,
        /// What it is posted as.
        posts: Vec<Post>,
    },
    /// A message stands in Discord; the reply is `Posted` with its last one.
    Posted {
        /// Which reply.
        reply: Uuid,
        /// Which of its messages.
        part: u32,
        /// Discord's id of it.
        message: Snowflake,
    },
    /// Moves a reply on. Refused when it is not in the state it is moved from.
    MoveReply {
        /// Which.
        reply: Uuid,
        /// From where.
        from: ReplyState,
        /// Where to.
        to: ReplyState,
        /// When: since then it rests, where it comes to rest by this.
        at: Timestamp,
        /// Why it is parked, in words; none takes it away.
        fault: Option<String>,
    },
    /// What Discord barred waits again, in one server or everywhere.
    Unbar {
        /// Whose replies.
        bot: Snowflake,
        /// In which server; none for all of them, and direct messages.
        guild: Option<Snowflake>,
    },
    /// Keeps what is known of a channel, in place of what was. Its newest message never goes back, and
    /// a name or parent that is not known now stays.
    Channel {
        /// Which bot knows it.
        bot: Snowflake,
        /// The channel.
        channel: KnownChannel,
    },
    /// Of panels, and of questions asked by a command.
    Panel(PanelWrite),
    /// Of all tenants, questions on the bus that were not answered as long as they could be become
    /// `Withdrawn`.
    Expire {
        /// What was asked earlier.
        before: Timestamp,
        /// Said of each, in words.
        why: String,
    },
    /// Drops of all tenants what has ended: replies that are `Posted` or `Dismissed`, with their
    /// messages, questions that are `Answered` or `Withdrawn` and have no reply left, STOPs, and panels
    /// that are not on their way and of which no round was begun since.
    ForgetEnded {
        /// What arrived earlier goes.
        before: Timestamp,
    },
}

/// A reply with its messages, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyWithPosts {
    /// The reply.
    pub reply: Reply,
    /// Its messages.
    pub posts: Vec<Post>,
}

/// What passed through the bridge in a span.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiscordFigures {
    /// Questions heard, notes left out.
    pub questions: u32,
    /// Replies of which all stands in Discord.
    pub delivered: u32,
    /// From question to first reply, the median in microseconds; none without a reply.
    pub median_answer_micros: Option<i64>,
}

/// What has not come to its end, counted: what rests until the operator does something, and what a bridge that is not
/// paused takes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiscordOpen {
    /// Questions that are not on the bus yet, with notes that one was edited.
    pub to_ask: u32,
    /// Replies with a place that are not posted whole.
    pub to_post: u32,
    /// Rounds of panels that have not begun.
    pub to_convene: u32,
    /// Replies without a place.
    pub unplaced: u32,
    /// Replies that Discord does not take, for now or for good, and questions that cannot be asked.
    pub parked: u32,
    /// Questions that were heard late.
    pub held: u32,
}

/// How often an agent named no question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnnamedReplies {
    /// As the bus proves.
    pub agent: String,
    /// How often.
    pub replies: u32,
}

/// What is read of the bridge. Every read fails with [`StoreError`] when the engine cannot answer.
#[async_trait]
pub trait DiscordReads: Send + Sync + 'static {
    /// How far a bot's gateway session was heard; none when there is none to resume.
    async fn discord_cursor(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
    ) -> Result<Option<Cursor>, StoreError>;

    /// One question.
    async fn discord_question(
        &self,
        tenant: &TenantId,
        request: RequestId,
    ) -> Result<Option<Inbound>, StoreError>;

    /// The question that was made of a message of Discord's.
    async fn discord_question_of(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        message: Snowflake,
    ) -> Result<Option<Inbound>, StoreError>;

    /// A bot's questions on whose message the warning sign stands although they go on, or were answered, and
    /// neither a reply to them nor anything else of the message rests; the oldest first.
    async fn discord_warned_in_vain(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
    ) -> Result<Vec<Inbound>, StoreError>;

    /// The question that is this message on the bus; none for a note that a question was edited.
    async fn discord_question_on_bus(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        bus_id: &str,
    ) -> Result<Option<Inbound>, StoreError>;

    /// A bot's questions in one state, in the order in which they were heard.
    async fn discord_questions_in(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        state: InboundState,
        limit: u32,
    ) -> Result<Vec<Inbound>, StoreError>;

    /// A bot's questions that are `Journalled`, in the order in which they were heard, without those to
    /// some agents.
    async fn discord_questions_to_ask(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        without: &[Name],
        limit: u32,
    ) -> Result<Vec<Inbound>, StoreError>;

    /// Whether anybody asked something in a channel or thread after a moment.
    async fn discord_asked_since(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        channel: Snowflake,
        since: Timestamp,
    ) -> Result<bool, StoreError>;

    /// A bot's questions in all states, newest first.
    async fn discord_questions(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        limit: u32,
    ) -> Result<Vec<Inbound>, StoreError>;

    /// Whether mail of the bus was taken in for a bot.
    async fn discord_has_reply(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        bus_id: &str,
    ) -> Result<bool, StoreError>;

    /// Whether mail of the bus was taken in for any bot.
    async fn discord_keeps_mail(&self, tenant: &TenantId, bus_id: &str)
    -> Result<bool, StoreError>;

    /// How many replies a question has.
    async fn discord_replies_to(
        &self,
        tenant: &TenantId,
        request: RequestId,
    ) -> Result<u32, StoreError>;

    /// A bot's replies in one state, in the order in which they arrived.
    async fn discord_replies_in(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        state: ReplyState,
        limit: u32,
    ) -> Result<Vec<ReplyWithPosts>, StoreError>;

    /// Of a bot's replies that wait to be posted in a channel or thread, the one that arrived first.
    async fn discord_next_reply(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        channel: Snowflake,
    ) -> Result<Option<ReplyWithPosts>, StoreError>;

    /// The channels and threads in which a bot's replies wait to be posted, in no order.
    async fn discord_places_to_post(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
    ) -> Result<Vec<Snowflake>, StoreError>;

    /// Whether a message of Discord's is known to be part of a reply.
    async fn discord_is_noted(
        &self,
        tenant: &TenantId,
        message: Snowflake,
    ) -> Result<bool, StoreError>;

    /// The newest of a bot's questions in one state, newest first.
    async fn discord_newest_questions_in(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        state: InboundState,
        limit: u32,
    ) -> Result<Vec<Inbound>, StoreError>;

    /// What a bot knows of channels, by their ids.
    async fn discord_channels(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
    ) -> Result<Vec<KnownChannel>, StoreError>;

    /// A page of a bot's questions, newest first: at least `limit` where there are so many, and all that
    /// were heard in the moment of the last one. `before` is exclusive; none begins with the newest.
    async fn discord_questions_before(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        before: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<Inbound>, StoreError>;

    /// The same of its replies.
    async fn discord_replies_before(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        before: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<ReplyWithPosts>, StoreError>;

    /// The same of what people stopped.
    async fn discord_stops_before(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        before: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<Stop>, StoreError>;

    /// The last STOP in a channel or thread; none where it was long ago.
    async fn discord_last_stop(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        channel: Snowflake,
    ) -> Result<Option<Stop>, StoreError>;

    /// What was made of a message of Discord's: the question, then the notes that it was edited.
    async fn discord_questions_of(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        message: Snowflake,
    ) -> Result<Vec<Inbound>, StoreError>;

    /// One reply.
    async fn discord_reply(
        &self,
        tenant: &TenantId,
        reply: Uuid,
    ) -> Result<Option<ReplyWithPosts>, StoreError>;

    /// The replies to a question, in the order in which they arrived.
    async fn discord_replies_of(
        &self,
        tenant: &TenantId,
        request: RequestId,
    ) -> Result<Vec<ReplyWithPosts>, StoreError>;

    /// What rests, and what is still to be asked, posted or convened, counted.
    async fn discord_open(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
    ) -> Result<DiscordOpen, StoreError>;

    /// What passed since a moment.
    async fn discord_figures(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        since: Timestamp,
    ) -> Result<DiscordFigures, StoreError>;

    /// How often agents wrote since a moment without naming a question that they were asked; most often
    /// first, at most 100.
    async fn discord_unnamed(
        &self,
        tenant: &TenantId,
        bot: Snowflake,
        since: Timestamp,
    ) -> Result<Vec<UnnamedReplies>, StoreError>;
}
