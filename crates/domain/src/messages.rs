//! Messages on the bus: who wrote, what became of them, and what their text says about others.

use serde::{Deserialize, Serialize};

use crate::agents::Name;
use crate::ids::{AgentId, MessageId};
use crate::time::Timestamp;

/// Most characters of one message.
pub const MOST_TEXT: usize = 65_536;
/// Most unread messages of one mailbox.
pub const MOST_UNREAD: u32 = 10_000;
/// A message with this many hops is held and shown instead of delivered.
pub const MOST_HOPS: u32 = 8;
/// How often a request is delivered at the most.
pub const MOST_DELIVERIES: u32 = 5;
/// How often a plain message is delivered at the most: it returns once.
pub const MOST_PLAIN_DELIVERIES: u32 = 2;
/// Most bytes of text in one answer to a fetch.
pub const MOST_FETCHED_BYTES: usize = 256 * 1024;

/// Whose mail it is. The operator has a mailbox in each tenant, whose id is all zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mailbox {
    /// An agent's.
    Agent(AgentId),
    /// The operator's.
    Operator,
}

impl Mailbox {
    /// Its id in the store.
    #[must_use]
    pub const fn id(self) -> AgentId {
        match self {
            Self::Agent(id) => id,
            Self::Operator => AgentId(uuid::Uuid::nil()),
        }
    }

    /// From its id in the store.
    #[must_use]
    pub const fn of(id: AgentId) -> Self {
        if id.0.is_nil() {
            Self::Operator
        } else {
            Self::Agent(id)
        }
    }
}

/// Where words come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Origin {
    /// An agent.
    Agent,
    /// The operator.
    Human,
    /// A person in Discord, through the bridge.
    Discord,
    /// Husting itself.
    System,
}

/// Who wrote a message; proved, never claimed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Sender {
    /// An agent, by its token.
    Agent {
        /// Which.
        id: AgentId,
        /// What it was called then.
        name: Name,
    },
    /// The operator.
    Operator,
    /// A person in Discord.
    Discord {
        /// As the bridge knows them; no control characters, no line breaks.
        name: String,
        /// The bridge's agent.
        via: AgentId,
    },
    /// Husting itself.
    System,
}

impl Sender {
    /// Where the words come from.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        match self {
            Self::Agent { .. } => Origin::Agent,
            Self::Operator => Origin::Human,
            Self::Discord { .. } => Origin::Discord,
            Self::System => Origin::System,
        }
    }

    /// The agent whose token wrote it.
    #[must_use]
    pub const fn agent(&self) -> Option<AgentId> {
        match self {
            Self::Agent { id, .. } | Self::Discord { via: id, .. } => Some(*id),
            Self::Operator | Self::System => None,
        }
    }
}

impl std::fmt::Display for Sender {
    /// `agent:kasra`, `human:operator`, `discord:Ana via connector`, `system`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Agent { name, .. } => write!(f, "agent:{name}"),
            Self::Operator => f.write_str("human:operator"),
            Self::Discord { name, .. } => write!(f, "discord:{name} via connector"),
            Self::System => f.write_str("system"),
        }
    }
}

/// Where a message is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum MessageState {
    /// Unread.
    Waiting,
    /// Given to its recipient, who has not said that it arrived.
    Leased,
    /// Acknowledged or answered.
    Done,
    /// A plain message that was given twice and never acknowledged.
    Unacknowledged,
    /// A request that was given five times, or whose recipient is gone.
    Parked,
    /// Taken back by the operator.
    Withdrawn,
    /// Not delivered, because agents seem to answer each other without end.
    Held,
}

impl MessageState {
    /// Whether nothing more happens to it by itself.
    #[must_use]
    pub const fn is_end(self) -> bool {
        !matches!(self, Self::Waiting | Self::Leased)
    }
}

/// Why a message is parked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parking {
    /// Its reader had it as often as any request is given, and never said that it arrived.
    Tries,
    /// Its reader was revoked.
    Reader,
}

impl Parking {
    /// Why one is parked that is a request or none, and was delivered so often. That is not kept, and follows: only a
    /// request runs out of tries, and any other is parked with its reader's end.
    #[must_use]
    pub const fn of(is_request: bool, deliveries: u32) -> Self {
        if is_request && deliveries >= MOST_DELIVERIES {
            Self::Tries
        } else {
            Self::Reader
        }
    }
}

/// How a message came to be acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum AcknowledgedBy {
    /// `ack`.
    Ack,
    /// A reply.
    Reply,
    /// The recipient fetched again.
    NextFetch,
}

/// A message in one mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its id; a broadcast has the same in every mailbox.
    pub id: MessageId,
    /// Whose mail.
    pub mailbox: Mailbox,
    /// Its number in the mailbox, from 1.
    pub seq: u64,
    /// Its place among all messages of the store.
    pub place: u64,
    /// Who wrote.
    pub from: Sender,
    /// What the recipient was called then.
    pub to: Name,
    /// What was written, as written. Empty once erased.
    pub text: String,
    /// When it was on disk.
    pub sent_at: Timestamp,
    /// What the sender calls it; it asks for an answer then.
    pub request_id: Option<String>,
    /// The message that this one answers, in the sender's own mailbox.
    pub in_reply_to: Option<MessageId>,
    /// It went to many at once.
    pub is_broadcast: bool,
    /// The squad it was broadcast to.
    pub squad: Option<Name>,
    /// How many agents' messages it came after; 0 from a human.
    pub hops: u32,
    /// Where it is.
    pub state: MessageState,
    /// How often it was given.
    pub deliveries: u32,
    /// When it was first given.
    pub fetched_at: Option<Timestamp>,
    /// Until when it is thought to be in work.
    pub leased_until: Option<Timestamp>,
    /// When it was acknowledged, and how.
    pub acknowledged: Option<(Timestamp, AcknowledgedBy)>,
    /// When it was answered, and by which message.
    pub answered: Option<(Timestamp, MessageId)>,
    /// When it was parked, held or withdrawn.
    pub ended_at: Option<Timestamp>,
    /// When its text was erased.
    pub erased_at: Option<Timestamp>,
}

/// How far a broadcast came: in how many mailboxes it is, and in how many of them it got that far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Reach {
    /// Mailboxes that it is in.
    pub mailboxes: u32,
    /// Where it was given, acknowledged or answered.
    pub fetched: u32,
    /// Where it was acknowledged or answered.
    pub acknowledged: u32,
    /// Where it was answered.
    pub answered: u32,
    /// Where it was taken back.
    pub withdrawn: u32,
    /// Where it is parked.
    pub parked: u32,
}

/// What a text says about itself and others, read leniently; the text stays as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Markers {
    /// `[request_id:<id>]`.
    pub request_id: Option<String>,
    /// `{ack_for:<id>[, ok:true]}`.
    pub ack_for: Option<String>,
    /// The `ok` beside it; `true` where nothing is said.
    pub ok: bool,
}

impl Markers {
    /// Reads the first marker of each kind; brackets, spaces, quotes and case are taken as they come.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let request_id = value_after(text, "request_id").map(|(id, _)| id.to_owned());
        let ack = value_after(text, "ack_for");
        Self {
            request_id,
            ok: ack.is_none_or(|(_, rest)| !denies(rest)),
            ack_for: ack.map(|(id, _)| id.to_owned()),
        }
    }
}

/// Whether an id of a request has the form that markers can carry: `[A-Za-z0-9_.:-]{1,128}`.
#[must_use]
pub fn is_request_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(is_id_byte)
}

const fn is_id_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'-')
}

/// The value of the first `[name: value` or `{name: value`, and what stands behind it up to the
/// closing bracket.
fn value_after<'t>(text: &'t str, name: &str) -> Option<(&'t str, &'t str)> {
    let mut from = 0;
    while let Some(found) = text[from..].find(['[', '{']) {
        let open = from + found;
        from = open + 1;
        if let Some(value) = marker(&text[open..], name) {
            return Some(value);
        }
    }
    None
}

fn marker<'t>(text: &'t str, name: &str) -> Option<(&'t str, &'t str)> {
    let close = if text.starts_with('[') { ']' } else { '}' };
    let inside = &text[1..];
    let inside = &inside[..inside.find(close)?];
    let after = strip_word(inside.trim_start(), name)?;
    let after = after.trim_start().strip_prefix([':', '='])?;
    let value = after.trim_start().trim_start_matches(['"', '\'']);
    let end = value
        .bytes()
        .position(|byte| !is_id_byte(byte))
        .unwrap_or(value.len());
    let (id, rest) = value.split_at(end);
    is_request_id(id).then_some((id, rest))
}

/// `text` behind `word`, whatever its case and quotes.
fn strip_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let text = text.trim_start_matches(['"', '\'']);
    let (head, rest) = text.split_at_checked(word.len())?;
    head.eq_ignore_ascii_case(word)
        .then(|| rest.trim_start_matches(['"', '\'']))
}

/// Whether `, ok:false` stands there.
fn denies(rest: &str) -> bool {
    rest.split(',').any(|part| {
        let part = part.trim().trim_start_matches(['"', '\'']);
        let value = strip_word(part, "ok").map(str::trim_start);
        let value = value.and_then(|value| value.strip_prefix([':', '=']));
        value.is_some_and(|value| {
            let value = value.trim().trim_matches(['"', '\'']);
            value.eq_ignore_ascii_case("false")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<String>, Option<String>, bool) {
        let Markers {
            request_id,
            ack_for,
            ok,
        } = Markers::read(text);
        (request_id, ack_for, ok)
    }

    #[test]
    fn markers_are_read_as_the_public_page_writes_them() {
        assert_eq!(
            read("deploy it [request_id:abc-1]"),
            (Some("abc-1".into()), None, true)
        );
        assert_eq!(
            read("done {ack_for:abc-1, ok:true}"),
            (None, Some("abc-1".into()), true)
        );
        assert_eq!(
            read("{ack_for:abc-1, ok:false} it broke"),
            (None, Some("abc-1".into()), false)
        );
    }

    #[test]
    fn they_are_read_leniently() {
        for text in [
            "{ack_for: r.1:x_Y}",
            "{ ack_for :r.1:x_Y }",
            "{\"ack_for\": \"r.1:x_Y\", \"ok\": true}",
            "[ACK_FOR:r.1:x_Y]",
            "{other} {ack_for=r.1:x_Y}",
        ] {
            assert_eq!(read(text).1.as_deref(), Some("r.1:x_Y"), "{text}");
        }
    }

    #[test]
    fn what_is_no_marker_is_none() {
        let long = format!("[request_id:{}]", "x".repeat(129));
        for text in [
            "request_id:abc",
            "[request_id:]",
            "[request_id abc]",
            "[request_id:abc",
            "[request_identity:abc]",
            "{ack_for:ü}",
            "[[[[{{{{",
            long.as_str(),
        ] {
            let Markers {
                request_id,
                ack_for,
                ..
            } = Markers::read(text);
            assert_eq!((request_id, ack_for), (None, None), "{text}");
        }
    }

    #[test]
    fn senders_are_written_as_they_are_proved() {
        let name = Name::parse("kasra").unwrap();
        let id = AgentId(uuid::Uuid::from_u128(7));
        assert_eq!(Sender::Agent { id, name }.to_string(), "agent:kasra");
        assert_eq!(Sender::Operator.to_string(), "human:operator");
        let person = Sender::Discord {
            name: "Ana".into(),
            via: id,
        };
        assert_eq!(person.to_string(), "discord:Ana via connector");
    }

    #[test]
    fn a_mailbox_is_found_by_its_id() {
        let agent = Mailbox::Agent(AgentId(uuid::Uuid::from_u128(7)));
        assert_eq!(Mailbox::of(agent.id()), agent);
        assert_eq!(Mailbox::of(Mailbox::Operator.id()), Mailbox::Operator);
    }
}
