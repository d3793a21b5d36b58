//! The Discord bridge as the operator sees and sets it.

use husting_domain::agents::Name;
use husting_domain::discord::{InboundState, ReplyState, RequestId, Snowflake};
use husting_domain::discord_panels::PanelStage;
use husting_domain::ids::SessionId;
use husting_domain::models::ModelId;
use husting_domain::snippets::SnippetType;
use husting_domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use crate::sessions::Outcome;

/// Whether the bridge carries messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum BridgeState {
    /// No bot's token is kept.
    NotSetUp {},
    /// It is set up, and the operator does not let it run.
    Off {},
    /// It has begun, and Discord has not greeted it yet.
    Connecting {
        /// What ended the connection before, or keeps it from being made, in words.
        #[serde(default)]
        after: Option<String>,
    },
    /// It carries messages.
    Delivering {},
    /// It hears and keeps what people write, and asks and posts nothing.
    Paused {},
    /// Another program on this machine runs the same bot.
    Elsewhere {
        /// Who, in words.
        holder: String,
    },
    /// It ended by itself, and does not begin again before the operator does something.
    Stopped {
        /// Why, and what to do.
        why: String,
    },
}

/// The bridge in a line, for the frame and the tray.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BridgeStand {
    /// Whether it carries messages.
    pub bridge: BridgeState,
    /// The bot's name, once Discord said it.
    pub bot_name: Option<String>,
    /// Replies that nobody knows a place for.
    pub unplaced: u32,
    /// Questions and replies that rest until the operator does something.
    pub parked: u32,
    /// Questions that were heard late and wait for a word of the operator.
    pub held: u32,
    /// Questions, notes to them among them, that are not on the bus yet: the bridge is paused, or their agent's inbox is
    /// full, or they are on their way.
    #[serde(default)]
    pub to_ask: u32,
    /// Replies with a place that do not stand in Discord whole yet.
    #[serde(default)]
    pub to_post: u32,
    /// Rounds of panels that people in Discord asked for and that have not begun yet.
    #[serde(default)]
    pub to_convene: u32,
    /// Why the bus takes and gives nothing now; none while it does, and while the agents are paused.
    pub bus_trouble: Option<String>,
    /// The operator paused all agents: the bus takes and gives nothing until they go on.
    #[serde(default)]
    pub agents_paused: bool,
    /// The bot is set up, and its token is not where keys are kept.
    #[serde(default)]
    pub token_lost: bool,
    /// The bridge stopped because Discord did not take its token, which may be lost since (`token_lost`).
    #[serde(default)]
    pub token_refused: bool,
    /// The bridge stopped because the keys, its token among them, cannot be read before they are unlocked; it begins by
    /// itself once they can.
    #[serde(default)]
    pub waits_for_keys: bool,
}

/// The whole screen but its traffic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DiscordView {
    /// In a line.
    pub stand: BridgeStand,
    /// What the operator chose.
    pub setup: DiscordSetup,
    /// How the connection does; none while the bridge does not run.
    pub health: Option<BridgeHealth>,
    /// Replies without a place, oldest first, at most 100.
    pub unplaced: Vec<UnplacedReply>,
    /// Questions and replies that rest, oldest first, at most 100 of each.
    pub resting: Vec<Traffic>,
    /// Questions on the bus that have no reply yet, oldest first, at most 100.
    pub waiting: Vec<OpenQuestion>,
    /// Where a person said STOP and nobody asked anything since, the latest first.
    #[serde(default)]
    pub stops: Vec<StoppedPlace>,
    /// The last 24 hours.
    pub day: DiscordDay,
    /// How often each agent wrote without saying what it answers, in seven days; those that did.
    pub without_ack: Vec<WithoutAck>,
}

/// What the operator chose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DiscordSetup {
    /// The application's id, of which the invitation is made.
    pub application_id: Option<Snowflake>,
    /// The bot, once Discord took its token.
    pub bot: Option<BotView>,
    /// Who is asked in which channel or thread.
    pub routes: Vec<RouteView>,
    /// Who is asked elsewhere: by mentions and direct messages.
    pub default_agent: Name,
    /// The bridge's own agent on the bus.
    pub connector: Name,
    /// Marks on what people wrote.
    pub marks: Marks,
    /// Agents speak under their own name where the bot may manage webhooks.
    pub own_names: bool,
    /// Rounds of panels that people in Discord may begin in a UTC day, first and next alike; none at 0.
    pub panels_per_day: u32,
    /// The bridge runs whenever Husting does.
    pub runs: bool,
    /// Whose unplaceable replies go where.
    pub standing_places: Vec<StandingPlace>,
    /// Invites the bot with the four permissions that are needed; none without an application's id.
    pub invitation: Option<String>,
    /// Who plays Discord on this machine, such as `127.0.0.1:8321`; none where Discord itself is asked.
    #[serde(default)]
    pub sandbox: Option<String>,
}

/// A bot whose token is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BotView {
    /// Its id.
    pub id: Snowflake,
    /// As Discord calls it.
    pub name: String,
    /// The last four characters of its token.
    pub token_tail: String,
    /// When Discord took the token last.
    pub tested_at: Timestamp,
}

/// Who is asked in a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RouteView {
    /// The channel or thread.
    pub channel_id: Snowflake,
    /// As it is called, where the bot was told.
    #[serde(default)]
    pub name: Option<String>,
    /// Who is asked.
    pub agent: Name,
    /// What the bot may not do there of what it needs, in words; none while Discord was not asked since
    /// Husting began.
    #[serde(default)]
    pub lacking: Option<Vec<String>>,
    /// Discord was asked and does not show it to the bot: it may be gone, or have another id.
    #[serde(default)]
    pub unseen: bool,
}

/// Which marks are put on what people wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Marks {
    /// None.
    Off,
    /// ⚠️ where something rests.
    Trouble,
    /// 👀 as well, when the agent has read it.
    #[default]
    On,
}

/// A channel, thread or direct message in which a person said STOP: what agents reply to what was asked
/// there before is not posted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StoppedPlace {
    /// The channel or thread.
    pub channel_id: Snowflake,
    /// For people: `#hq`, `#hq, Hamburg Friday` or `Direct message`.
    pub place: String,
    /// Who said it; none where that is not known any more.
    pub by: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// An agent's replies that name no question go to one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct StandingPlace {
    /// Whose.
    pub agent: Name,
    /// The channel or thread.
    pub channel_id: Snowflake,
    /// As it is called, where the bot was told.
    #[serde(default)]
    pub channel_name: Option<String>,
}

/// How the connection does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BridgeHealth {
    /// Since when it is connected without a break.
    pub connected_since: Option<Timestamp>,
    /// When an event came last.
    pub last_event: Option<Timestamp>,
    /// When a heartbeat was acknowledged last.
    pub last_heartbeat: Option<Timestamp>,
    /// When the oldest question that is not on the bus was heard.
    pub oldest_question: Option<Timestamp>,
    /// When the oldest reply that is not in Discord arrived.
    pub oldest_reply: Option<Timestamp>,
    /// How often a lost connection was resumed since the bridge began.
    pub resumed: u32,
    /// How many sessions may still be started today, once Discord said so: a session that is resumed
    /// asks nothing.
    pub identifies_left: Option<u32>,
    /// Discord gives the words of all messages: the Message Content intent is granted.
    pub content_granted: bool,
    /// Where the intent is granted.
    pub portal_url: Option<String>,
}

/// A reply that nobody knows a place for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UnplacedReply {
    /// Which.
    pub reply_id: Uuid,
    /// Who wrote it, as the bus proves.
    pub agent: String,
    /// Its words.
    pub text: String,
    /// When it arrived.
    pub arrived_at: Timestamp,
    /// Why it has no place, in words.
    pub why: Option<String>,
    /// What it may answer, the likeliest first, at most five. Those whose message was deleted come after
    /// all others, those that a person stopped last.
    pub origins: Vec<Origin>,
}

/// A question that an unplaced reply may answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
// A message of the bus has an `Origin` too, and the console knows both.
#[ts(rename = "ReplyOrigin")]
pub struct Origin {
    /// Which.
    pub request_id: RequestId,
    /// Where it was asked, for people: `#hq`, `#hq, Hamburg Friday` or `Direct message`.
    pub place: String,
    /// The channel or thread.
    pub channel_id: Snowflake,
    /// Who asked.
    pub author: String,
    /// What, as its author has it now.
    pub text: String,
    /// When.
    pub asked_at: Timestamp,
    /// Who was asked.
    pub agent: Name,
    /// When it was answered first.
    pub answered_at: Option<Timestamp>,
    /// When its author deleted its message: a reply stands there without it.
    #[serde(default)]
    pub deleted_at: Option<Timestamp>,
    /// A person said STOP after it was asked: nothing is posted there.
    #[serde(default)]
    pub stopped: bool,
    /// Words that stand in both, at most three.
    pub shared_words: Vec<String>,
}

/// A question that waits for its agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OpenQuestion {
    /// Which.
    pub request_id: RequestId,
    /// Who was asked.
    pub agent: Name,
    /// Who asked.
    pub author: String,
    /// Where, for people.
    pub place: String,
    /// When it was heard.
    pub asked_at: Timestamp,
    /// When the agent took it, as far as the bus tells.
    pub read_at: Option<Timestamp>,
    /// A person said STOP after it was asked: its reply will not be posted.
    #[serde(default)]
    pub stopped: bool,
}

/// What passed in 24 hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DiscordDay {
    /// Questions heard.
    pub questions: u32,
    /// Replies that stand in Discord.
    pub delivered: u32,
    /// From question to first reply taken in, the median in milliseconds; none without a reply.
    #[ts(type = "number | null")]
    pub median_answer_millis: Option<i64>,
    /// Messages of bots and webhooks, since the bridge began.
    pub ignored: u32,
    /// Questions and replies that rest now.
    pub parked: u32,
}

/// How often an agent wrote without saying what it answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WithoutAck {
    /// Who.
    pub agent: String,
    /// How often.
    pub count: u32,
}

/// One message on its way, in either direction, or what a person said to the bridge itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "direction", rename_all = "snake_case")]
pub enum Traffic {
    /// From a person to an agent.
    In {
        /// Which.
        request_id: RequestId,
        /// Where, for people.
        place: String,
        /// Who wrote.
        author: String,
        /// Who is asked.
        agent: Name,
        /// What.
        text: String,
        /// It tells an agent that a question was edited.
        is_note: bool,
        /// When it was heard.
        at: Timestamp,
        /// Where it is on its way.
        state: InboundState,
        /// When the bus had it.
        sent_at: Option<Timestamp>,
        /// When the agent took it, as far as the bus tells.
        read_at: Option<Timestamp>,
        /// When the first reply was taken in.
        answered_at: Option<Timestamp>,
        /// When its author deleted its message.
        #[serde(default)]
        deleted_at: Option<Timestamp>,
        /// A person said STOP after it was asked, and before a reply came: none is posted.
        #[serde(default)]
        stopped: bool,
        /// Since when it is `parked` or `held`; none in any other state, and where that was not kept.
        #[serde(default)]
        rested_at: Option<Timestamp>,
        /// Why it rests, in words.
        fault: Option<String>,
    },
    /// A person said STOP: what agents reply to what was asked there before is not posted.
    Stop {
        /// Discord's id of the message.
        message_id: Snowflake,
        /// Where, for people.
        place: String,
        /// Who said it.
        author: String,
        /// When it was heard.
        at: Timestamp,
    },
    /// A person asked for a panel, which is paid by the operator.
    Panel {
        /// Which.
        panel_id: Uuid,
        /// The session that it was convened as; none while it was not.
        session_id: Option<SessionId>,
        /// Where, for people.
        place: String,
        /// Who asked.
        author: String,
        /// What.
        question: String,
        /// The newest round that was asked for, from one; at rest the session's newest that is over, whoever began it.
        round: u32,
        /// When it was heard.
        at: Timestamp,
        /// Where it is on its way.
        stage: PanelStage,
        /// Of one that ended, or rests after a round that came to nothing, what became of that round, as the session's row has
        /// it; none once another round followed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        outcome: Option<Outcome>,
        /// Why it is not convened, failed or ended, in words.
        fault: Option<String>,
    },
    /// From an agent to people.
    Out {
        /// Which.
        reply_id: Uuid,
        /// What it answers, where that is known.
        request_id: Option<RequestId>,
        /// Where, for people; none while it has no place.
        place: Option<String>,
        /// Who wrote.
        agent: String,
        /// Whom it answers, where that is known.
        author: Option<String>,
        /// What.
        text: String,
        /// When it arrived from the bus.
        at: Timestamp,
        /// Where it is on its way.
        state: ReplyState,
        /// Messages that it is posted as.
        parts: u32,
        /// How many of them stand in Discord.
        posted: u32,
        /// A person said STOP after it was asked or written: what does not stand in Discord yet never will.
        #[serde(default)]
        stopped: bool,
        /// Since when it is `unplaced`, `barred` or `parked`; none in any other state, and where that was not
        /// kept.
        #[serde(default)]
        rested_at: Option<Timestamp>,
        /// Why it rests, in words.
        fault: Option<String>,
    },
}

/// Asks for a page of traffic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ListTraffic {
    /// What is older than this; left out, the newest.
    #[serde(default)]
    #[ts(optional)]
    pub before: Option<Timestamp>,
    /// At most so many, 1–200; 50 where it is left out.
    #[serde(default)]
    #[ts(optional)]
    pub limit: Option<u32>,
}

/// A page of traffic, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TrafficPage {
    /// The messages.
    pub traffic: Vec<Traffic>,
    /// Give it as `before` for the next page; none behind the last.
    pub next: Option<Timestamp>,
}

/// Asks for the life of one question, or of a reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TraceQuestion {
    /// Ours of the question or of a reply to it, or Discord's id of the message.
    pub id: String,
}

/// The life of one question, or of a reply that answers none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct QuestionTrace {
    /// The question; the reply itself where it answers none.
    pub question: Traffic,
    /// Notes to it and replies, oldest first.
    pub followed_by: Vec<Traffic>,
}

/// What people have said in Discord for a session's next round.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SaidList {
    /// In the order in which it was said; nothing of a session that was not convened there by the bot that is set up, nor
    /// while a round that was asked for there is on its way and takes it along.
    pub said: Vec<SaidInDiscord>,
}

/// What a person in Discord said of a claim. It goes with the next round that is begun there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SaidInDiscord {
    /// Who.
    pub author: String,
    /// How they stand to it.
    pub stance: SnippetType,
    /// The claim, word for word.
    pub quote: String,
    /// Whose it is.
    pub quoted_model: ModelId,
    /// Their words; may be empty.
    pub comment: String,
}

/// Changes the set-up; what is left out stays. In force at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct EditDiscord {
    /// See [`DiscordSetup`].
    #[serde(default)]
    #[ts(optional)]
    pub application_id: Option<Snowflake>,
    /// Who is asked in these channels; none takes a channel out of the map.
    #[serde(default)]
    #[ts(optional)]
    pub routes: Option<Vec<SetRoute>>,
    /// See [`DiscordSetup`].
    #[serde(default)]
    #[ts(optional)]
    pub default_agent: Option<Name>,
    /// See [`DiscordSetup`].
    #[serde(default)]
    #[ts(optional)]
    pub marks: Option<Marks>,
    /// See [`DiscordSetup`].
    #[serde(default)]
    #[ts(optional)]
    pub own_names: Option<bool>,
    /// See [`DiscordSetup`]; at most 1,000.
    #[serde(default)]
    #[ts(optional)]
    pub panels_per_day: Option<u32>,
}

/// Says who is asked in a channel or thread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SetRoute {
    /// Where.
    pub channel_id: Snowflake,
    /// Who; none asks nobody there.
    #[serde(default)]
    #[ts(optional)]
    pub agent: Option<Name>,
}

/// Asks Discord whether it takes a token, and keeps it where it does.
#[derive(Clone, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TestBotToken {
    /// The token; left out, the one that is kept.
    #[serde(default)]
    #[ts(optional)]
    pub token: Option<String>,
}

impl std::fmt::Debug for TestBotToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TestBotToken").finish_non_exhaustive()
    }
}

/// How something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FindingVerdict {
    /// As it should be.
    Well,
    /// The bridge runs, and something does not work.
    Warning,
    /// The bridge does not run, or not here.
    Fault,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DiscordFinding {
    /// What, in words: for example `bot token` or `channel 41`.
    pub subject: String,
    /// Which channel, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub channel_id: Option<Snowflake>,
    /// Which agent, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub agent: Option<Name>,
    /// How it was found.
    pub verdict: FindingVerdict,
    /// What that means, and what to do.
    pub words: String,
}

/// What Discord and the bus say of the set-up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DiscordFindings {
    /// In the order in which it was looked at.
    pub findings: Vec<DiscordFinding>,
    /// Whether Discord takes the bot's token; none where it did not say.
    pub token_taken: Option<bool>,
    /// How long it took, in milliseconds.
    pub took_millis: u32,
    /// The screen after it: a token that was taken is kept.
    pub view: DiscordView,
}

/// Servers that the bot is in, with their channels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DiscordServers {
    /// By name.
    pub servers: Vec<ServerView>,
}

/// A server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ServerView {
    /// Its id.
    pub id: Snowflake,
    /// As it is called.
    pub name: String,
    /// Its channels, by category and place, threads behind their channel.
    pub channels: Vec<ChannelView>,
}

/// A channel or thread in which the bot could be written to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChannelView {
    /// Its id.
    pub id: Snowflake,
    /// As it is called.
    pub name: String,
    /// The category that it stands under.
    pub category: Option<String>,
    /// Of a thread the channel it is in.
    pub parent_id: Option<Snowflake>,
    /// What the bot may not do there of what it needs, in words.
    pub lacking: Vec<String>,
    /// What it may not do there of what each adds one thing, in words.
    pub extras_lacking: Vec<String>,
    /// Invites the bot with what is lacking; none where nothing is.
    pub invitation: Option<String>,
}

/// Names a reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ReplyRef {
    /// Which.
    pub reply_id: Uuid,
}

/// Names a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct QuestionRef {
    /// Which.
    pub request_id: RequestId,
}

/// Gives an unplaced reply its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PlaceReply {
    /// Which.
    pub reply_id: Uuid,
    /// The question that it answers.
    pub request_id: RequestId,
    /// Whatever this agent writes without a place goes to the same channel from now on.
    #[serde(default)]
    pub always: bool,
}

/// Answers for a question that was heard late, or is parked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ReleaseQuestion {
    /// Which.
    pub request_id: RequestId,
    /// It is asked now, where it was heard late; else it is let go.
    pub ask: bool,
}

/// Names an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AgentNamed {
    /// As the bus calls it.
    pub agent: Name,
}

/// Holds the bridge, or lets it go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PauseBridge {
    /// Hold.
    pub paused: bool,
}
