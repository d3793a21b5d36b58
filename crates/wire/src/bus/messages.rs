//! Messages and squads as the operator sees them.

use husting_domain::agents::Name;
use husting_domain::ids::{AgentId, MessageId};
use husting_domain::messages::{AcknowledgedBy, MessageState, Origin, Reach};
use husting_domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A message in one mailbox, with what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MessageView {
    /// Its id; a broadcast has the same in every mailbox.
    pub message_id: MessageId,
    /// Its place among all messages; lists are in this order.
    #[ts(type = "number")]
    pub place: u64,
    /// Whose mail; none for the operator's.
    pub mailbox: Option<AgentId>,
    /// Its number there.
    #[ts(type = "number")]
    pub seq: u64,
    /// `agent:NAME`, `human:operator`, `discord:NAME via connector` or `system`.
    pub from: String,
    /// The agent whose token wrote it.
    pub from_agent: Option<AgentId>,
    /// What the recipient was called.
    pub to: Name,
    /// Where the words come from.
    pub origin: Origin,
    /// What was written.
    pub text: String,
    /// Its text was erased.
    pub erased: bool,
    /// When it was on disk.
    pub sent_at: Timestamp,
    /// What the sender calls it.
    pub request_id: Option<String>,
    /// The message that it answers.
    pub in_reply_to: Option<MessageId>,
    /// It went to many at once: it stands here once for each mailbox it reached, or once in all with its reach.
    pub broadcast: bool,
    /// The squad it was broadcast to.
    pub squad: Option<Name>,
    /// How many agents' messages it came after.
    pub hops: u32,
    /// Where it is.
    pub state: MessageState,
    /// How often it was given.
    pub deliveries: u32,
    /// When it was first given.
    pub fetched_at: Option<Timestamp>,
    /// When it was acknowledged.
    pub acknowledged_at: Option<Timestamp>,
    /// How.
    pub acknowledged_by: Option<AcknowledgedBy>,
    /// When it was answered.
    pub answered_at: Option<Timestamp>,
    /// By which message.
    pub answered_by: Option<MessageId>,
    /// When it was parked, held or withdrawn.
    pub ended_at: Option<Timestamp>,
    /// How far a broadcast came, where it stands once: see [`ListMessages::together`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reach: Option<Reach>,
}

/// Which messages to list, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ListMessages {
    /// From or to this agent.
    #[serde(default)]
    #[ts(optional)]
    pub agent_id: Option<AgentId>,
    /// From or to the operator.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub operator: bool,
    /// Broadcast to this squad.
    #[serde(default)]
    #[ts(optional)]
    pub squad: Option<Name>,
    /// This one, in each mailbox that it is in.
    #[serde(default)]
    #[ts(optional)]
    pub message_id: Option<MessageId>,
    /// From there.
    #[serde(default)]
    #[ts(optional)]
    pub origin: Option<Origin>,
    /// In one of these states; any when left out.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<MessageState>>")]
    pub states: Vec<MessageState>,
    /// Words that all occur in the text as people read it: without what stands around it for agents.
    #[serde(default)]
    #[ts(optional)]
    pub query: Option<String>,
    /// Sent then or later.
    #[serde(default)]
    #[ts(optional)]
    pub since: Option<Timestamp>,
    /// Sent before.
    #[serde(default)]
    #[ts(optional)]
    pub until: Option<Timestamp>,
    /// A broadcast stands once, in the mailbox that it reached last, with its reach. What is asked for by
    /// agent or states is somebody's, and stands as often as it is without this.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub together: bool,
    /// Only messages with a smaller place: the next page.
    #[serde(default)]
    #[ts(optional, type = "number")]
    pub before: Option<u64>,
    /// Most messages; 100 when left out.
    #[serde(default)]
    #[ts(optional)]
    pub limit: Option<u32>,
}

/// A page of messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MessageList {
    /// The messages.
    pub messages: Vec<MessageView>,
    /// Whether there are older ones; in a thread, of which the nearest are told, others.
    pub more: bool,
}

/// Asks how many messages were sent in each part of a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CountMessages {
    /// Where the stretch begins.
    pub since: Timestamp,
    /// Where it ends; what was sent then is not counted.
    pub until: Timestamp,
    /// Into how many parts of equal length it falls.
    pub bins: u32,
}

/// How many messages were sent in each part of a stretch of time, the earliest first. A broadcast
/// counts once, however many mailboxes it reached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MessageHistogram {
    /// One count for each part.
    pub counts: Vec<u32>,
}

/// Names a message in a mailbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct MessageRef {
    /// Whose mail; the operator's when left out.
    #[serde(default)]
    #[ts(optional)]
    pub mailbox: Option<AgentId>,
    /// Which.
    pub message_id: MessageId,
}

/// Erases what a message says, in all mailboxes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct EraseMessage {
    /// Which.
    pub message_id: MessageId,
}

/// Writes as the operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct WriteMessage {
    /// An agent, or a squad, or all.
    pub to: Recipient,
    /// What is written; at most 65,536 characters.
    pub text: String,
    /// The message in the operator's mailbox that this one answers.
    #[serde(default)]
    #[ts(optional)]
    pub in_reply_to: Option<MessageId>,
    /// An answer is asked for.
    #[serde(default)]
    #[ts(optional)]
    pub request_id: Option<String>,
}

/// Who gets what the operator writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", content = "name", rename_all = "snake_case")]
pub enum Recipient {
    /// One agent.
    Agent(String),
    /// A squad's members.
    Squad(String),
    /// Every active agent.
    All,
}

/// What the operator wrote is on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WrittenMessage {
    /// Its id.
    pub message_id: MessageId,
    /// How many mailboxes it is in.
    pub recipients: u32,
    /// Agents whose inbox is full, which it did not reach.
    pub inbox_full: Vec<String>,
}

/// A squad.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SquadView {
    /// Its name.
    pub name: Name,
    /// When the first agent joined.
    pub created_at: Timestamp,
    /// Who is in it, in the order they joined.
    pub members: Vec<MemberView>,
}

/// An agent in a squad.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MemberView {
    /// Which.
    pub agent_id: AgentId,
    /// Its name.
    pub agent_name: Name,
    /// Since when.
    pub joined_at: Timestamp,
    /// What it said it is there for.
    pub summary: Option<String>,
}

/// Squads by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SquadList {
    /// The squads.
    pub squads: Vec<SquadView>,
}

/// Puts an agent into a squad, which is made where there is none: what takes a removal back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct AddMember {
    /// The squad.
    pub squad: Name,
    /// The agent.
    pub agent_id: AgentId,
    /// What it is there for; at most 1,024 characters. In place of what a member said before.
    #[serde(default)]
    #[ts(optional)]
    pub summary: Option<String>,
}

/// Takes an agent out of a squad.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RemoveMember {
    /// The squad.
    pub squad: Name,
    /// The agent.
    pub agent_id: AgentId,
}

/// What is on the bus, and what rests there until the operator looks at it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BusCounts {
    /// All messages; a broadcast is one.
    #[ts(type = "number")]
    pub total: u64,
    /// Requests that were given too often, or whose recipient is gone.
    pub parked: u32,
    /// Messages that agents seemed to answer without end.
    pub held: u32,
    /// Plain messages that nobody acknowledged.
    pub unacknowledged: u32,
    /// Messages that the operator took back.
    pub withdrawn: u32,
    /// Messages to the operator that wait.
    pub unread: u32,
}

/// How many messages wait for an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct UnreadMail {
    /// Which.
    pub agent_id: AgentId,
    /// How many.
    pub unread: u32,
}

/// How the bus stands: whoever shows messages asks for them again when it moves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BusStand {
    /// The newest message's place.
    #[ts(type = "number")]
    pub newest: u64,
    /// What rests.
    pub counts: BusCounts,
    /// Agents for whom messages wait.
    pub unread: Vec<UnreadMail>,
}

/// Names a message, in whatever mailbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct MessageThread {
    /// Which.
    pub message_id: MessageId,
}
