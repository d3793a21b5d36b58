//! What the bus's tools answer, beside their text: clients that show the model only this lose nothing.

use husting_domain::agents::{AgentKind, AgentStatus};
use husting_domain::ids::{MessageId, NoteId};
use husting_domain::messages::Origin;
use husting_domain::scopes::Scope;
use husting_domain::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::agents::Liveness;

/// Who an agent is and how it works here: the first thing it asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BootContext {
    /// Its own name.
    pub agent: String,
    /// Its tenant.
    pub tenant: String,
    /// What it is there for.
    pub charter: Option<String>,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// The squads it is in.
    pub squads: Vec<String>,
    /// Messages that wait for it.
    pub unread: u32,
    /// How to read, answer and acknowledge.
    pub instructions: String,
}

/// A message was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sent {
    /// Its id.
    pub id: MessageId,
    /// Its number in the recipient's mailbox, where all messages are counted from 1, held ones too.
    pub seq: u64,
    /// Who gets it.
    pub to: String,
    /// When it was on disk.
    pub sent_at: Timestamp,
    /// It waits for the operator, because agents seem to answer each other without end.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub held: bool,
}

/// A message in an inbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InboxMessage {
    /// Its id, for `ack` and `in_reply_to`.
    pub id: MessageId,
    /// Its number in your inbox.
    pub seq: u64,
    /// `agent:NAME`, `human:operator`, `discord:NAME via connector` or `system`; proved, not claimed.
    pub from: String,
    /// Your name.
    pub to: String,
    /// What was written.
    pub text: String,
    /// When.
    pub sent_at: Timestamp,
    /// Where the words come from.
    pub origin: Origin,
    /// The sender waits for an answer that names this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The message of yours that this one answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_reply_to: Option<MessageId>,
    /// It was sent to others as well: to all, or to a squad.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub broadcast: bool,
    /// The squad it was broadcast to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub squad: Option<String>,
    /// You said with `ack` that you have it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub acknowledged: bool,
}

/// Mail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mail {
    /// The messages.
    pub messages: Vec<InboxMessage>,
    /// What `ack` takes to acknowledge them all.
    pub ack_ids: Vec<MessageId>,
    /// `after` for what comes next; none where nothing is left.
    pub next_after: Option<u64>,
}

/// Mail was acknowledged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Acknowledged {
    /// How many messages of your inbox are acknowledged by this call.
    pub acknowledged: u32,
    /// Ids that are no message of your inbox.
    pub unknown: Vec<MessageId>,
}

/// What a question came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Asked {
    /// The question's id.
    pub id: MessageId,
    /// The answer; none where it did not come in time, or the question is held.
    pub answer: Option<InboxMessage>,
}

/// A broadcast was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BroadcastSent {
    /// Its id.
    pub id: MessageId,
    /// The squad; none for all agents.
    pub squad: Option<String>,
    /// How many agents it reached.
    pub recipients: u32,
    /// Agents whose inbox is full, which it did not reach.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inbox_full: Vec<String>,
}

/// A squad, as its members see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SquadMembers {
    /// Its name.
    pub squad: String,
    /// Who is in it.
    pub members: Vec<String>,
}

/// An agent, as others see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Peer {
    /// Its name.
    pub name: String,
    /// Who runs it.
    pub kind: AgentKind,
    /// Where it stands.
    pub status: AgentStatus,
    /// How it shows life.
    pub liveness: Liveness,
    /// When it last called.
    pub last_call_at: Option<Timestamp>,
    /// Its squads.
    pub squads: Vec<String>,
}

/// Who is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Peers {
    /// The agents of your tenant that are not revoked, you among them.
    pub agents: Vec<Peer>,
}

/// How the bus is, and you on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Status {
    /// Your name.
    pub agent: String,
    /// What you may do.
    pub scopes: Vec<Scope>,
    /// Messages that wait for you.
    pub unread: u32,
    /// Your squads.
    pub squads: Vec<String>,
    /// Agents that are live now.
    pub live: u32,
    /// When you end by yourself.
    pub expires_at: Option<Timestamp>,
}

/// A note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NoteRecord {
    /// Its id.
    pub id: NoteId,
    /// The note.
    pub text: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// Who stored it.
    pub by: String,
    /// The squad that shares it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub squad: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// Notes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Notes {
    /// The notes, the best or the newest first.
    pub memories: Vec<NoteRecord>,
}

/// A note is forgotten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Forgotten {
    /// Its id.
    pub id: NoteId,
}
