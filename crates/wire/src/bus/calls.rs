//! Arguments of the bus's tools. Other names that dialects in the field use are made these at the door.

use husting_domain::ids::{MessageId, NoteId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// No arguments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Writes to one agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Send {
    /// Its name, with or without `agent:`; `operator` for the human at the machine.
    pub to: String,
    /// What you write; at most 65,536 characters. Also taken as `message` or `body`.
    #[schemars(length(min = 1, max = 65_536))]
    pub text: String,
    /// The id of the message in your inbox that this one answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_reply_to: Option<MessageId>,
    /// Marks a request: it is delivered again until it is acknowledged or answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 128), regex(pattern = r"^[A-Za-z0-9_.:-]+$"))]
    pub request_id: Option<String>,
    /// The same key with the same message is sent once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    pub idempotency_key: Option<String>,
}

/// Which mail to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Include {
    /// What you have not read, oldest first. It counts as received with your next `inbox`.
    #[default]
    Unread,
    /// Everything, newest first, or after a number oldest first.
    All,
}

/// Reads mail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Inbox {
    /// Most messages; 10 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub limit: Option<u32>,
    /// Unread mail, or all of it.
    #[serde(default)]
    pub include: Include,
    /// With `all`: only messages behind this number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
    /// Your own name; nobody reads the mail of another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
}

/// Waits for mail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InboxWait {
    /// How long; 40 seconds when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 120))]
    pub timeout_seconds: Option<u32>,
    /// Most messages; 10 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub limit: Option<u32>,
}

/// Says that mail arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ack {
    /// Ids of messages in your inbox.
    #[schemars(length(min = 1, max = 100))]
    pub ids: Vec<MessageId>,
}

/// Writes to one agent and waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// Its name. Also taken as `to`.
    pub agent: String,
    /// What you ask; at most 65,536 characters. Also taken as `text` or `body`.
    #[schemars(length(min = 1, max = 65_536))]
    pub message: String,
    /// How long you wait; 40 seconds when left out. A later answer comes to your inbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 120))]
    pub timeout_seconds: Option<u32>,
}

/// Writes to all agents, or to a squad.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Broadcast {
    /// What you write; at most 65,536 characters. Also taken as `message` or `body`.
    #[schemars(length(min = 1, max = 65_536))]
    pub text: String,
    /// The squad, if you are in it; all active agents when left out. Also taken as `workspace_id` or
    /// `squad_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub squad: Option<String>,
}

/// Joins a squad.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// Its name; a new name makes it. Also taken as `squad` or `squad_id`.
    pub workspace_id: String,
    /// What you are there for; at most 1,024 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1_024))]
    pub summary: Option<String>,
}

/// Leaves a squad.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Leave {
    /// Its name. Also taken as `squad` or `squad_id`.
    pub workspace_id: String,
}

/// Stores a note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Remember {
    /// The note; at most 16,384 characters. Also taken as `message` or `body`.
    #[schemars(length(min = 1, max = 16_384))]
    pub text: String,
    /// What it is about; searched too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16_384))]
    pub context: Option<String>,
    /// Shares it with this squad; yours alone when left out. Also taken as `workspace_id` or `squad_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub squad: Option<String>,
}

/// Looks for notes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recall {
    /// Words; notes that have more of them come first.
    #[schemars(length(min = 1, max = 1_024))]
    pub query: String,
    /// Most notes; 5 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub limit: Option<u32>,
    /// Notes of this squad; your own when left out. Also taken as `workspace_id` or `squad_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub squad: Option<String>,
}

/// Lists notes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Memories {
    /// Most notes; 20 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub limit: Option<u32>,
    /// Notes of this squad; your own when left out. Also taken as `workspace_id` or `squad_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub squad: Option<String>,
}

/// Forgets a note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Forget {
    /// Its id, from `memories`, `recall` or `remember`.
    pub id: NoteId,
}
