//! What passes between Discord and the bus: places, what people wrote, what agents replied.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::agents::Name;
use crate::time::Timestamp;

/// How long after a question its agent may reply, in seconds: seven days.
pub const ANSWERABLE_SECONDS: i64 = 7 * 24 * 60 * 60;
/// Most replies to one question.
pub const MOST_REPLIES: u32 = 20;

/// The least number of 17 digits: of the first days of 2015, before Discord had anybody in it.
const LEAST_GIVEN: u64 = 10_000_000_000_000_000;
/// Milliseconds from 1970 to 2015, when Discord's ids begin.
const DISCORD_EPOCH_MILLIS: i64 = 1_420_070_400_000;

/// An id of Discord's, whose upper 42 bits are milliseconds since 2015:
/// <https://docs.discord.com/developers/reference#snowflakes>. Never zero; JSON has it as a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
pub struct Snowflake(u64);

/// A text is no id of Discord's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id of Discord's is a number of at most 19 digits, as \"Copy ID\" gives it")]
pub struct NoSnowflake;

impl Snowflake {
    /// From its number, which is not zero and fits 63 bits.
    ///
    /// # Errors
    /// [`NoSnowflake`] otherwise.
    pub const fn new(id: u64) -> Result<Self, NoSnowflake> {
        if id == 0 || id > i64::MAX as u64 {
            return Err(NoSnowflake);
        }
        Ok(Self(id))
    }

    /// The least id that a message of a moment can have; none for a moment before Discord's ids begin.
    #[must_use]
    pub fn at(moment: Timestamp) -> Option<Self> {
        let millis = moment.as_micros() / 1_000 - DISCORD_EPOCH_MILLIS;
        let millis = u64::try_from(millis).ok()?;
        Self::new(millis.checked_shl(22)?).ok()
    }

    /// When Discord gave it, in milliseconds since 1970.
    #[must_use]
    pub fn given_at_millis(self) -> i64 {
        let millis = i64::try_from(self.0 >> 22).unwrap_or(i64::MAX);
        millis.saturating_add(DISCORD_EPOCH_MILLIS)
    }

    /// Its number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Whether Discord can have given it: since Discord opened in 2015 its ids have 17 digits or more.
    #[must_use]
    pub const fn may_be_discords(self) -> bool {
        self.0 >= LEAST_GIVEN
    }
}

impl fmt::Display for Snowflake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Snowflake {
    type Err = NoSnowflake;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let id = is_number.then(|| text.parse().ok()).flatten();
        Self::new(id.ok_or(NoSnowflake)?)
    }
}

impl Serialize for Snowflake {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Snowflake {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The id by which a question is answered: `[request_id:<uuid>]`, `{ack_for:<uuid>}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
pub struct RequestId(pub Uuid);

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where something was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The server; none for a direct message.
    pub guild: Option<Snowflake>,
    /// The channel; of a thread its parent.
    pub channel: Snowflake,
    /// The thread in it.
    pub thread: Option<Snowflake>,
}

impl Place {
    /// The channel that is posted to: the thread where there is one.
    #[must_use]
    pub fn posted_to(self) -> Snowflake {
        self.thread.unwrap_or(self.channel)
    }
}

/// Who wrote in Discord.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// Their id.
    pub id: Snowflake,
    /// As the server shows them.
    pub name: String,
}

/// A file beside a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its id.
    pub id: Snowflake,
    /// As it was called.
    pub filename: String,
    /// As Discord says, in bytes.
    pub bytes: u64,
    /// As Discord says, for example `image/png`.
    pub content_type: Option<String>,
    /// Where Discord gives it out, for a day.
    pub url: String,
    /// What became of it.
    pub state: AttachmentState,
}

/// What became of a file beside a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum AttachmentState {
    /// Not fetched yet.
    Named,
    /// Kept on this machine.
    Fetched {
        /// Where.
        path: String,
        /// SHA-256 of what is there, in hexadecimal.
        sha256: String,
    },
    /// Not fetched, and the agent is told why.
    Skipped {
        /// In words.
        why: String,
    },
}

/// What a person wrote to an agent: a line of the bridge's journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inbound {
    /// Ours, made when it was heard.
    pub request: RequestId,
    /// Of a note that its author edited a question: which question. The note asks nothing new.
    pub amends: Option<RequestId>,
    /// Which bot heard it.
    pub bot: Snowflake,
    /// Discord's id of it; a bot hears each once.
    pub message: Snowflake,
    /// Where.
    pub place: Place,
    /// Who.
    pub author: Author,
    /// Their words, without the mention of the bot, our markers made inert.
    pub text: String,
    /// Their files.
    pub attachments: Vec<Attachment>,
    /// When the bridge heard it.
    pub received_at: Timestamp,
    /// Who is asked.
    pub agent: Name,
    /// Where it is on its way.
    pub state: InboundState,
    /// The bus's id of it, once it is there.
    pub bus_id: Option<String>,
    /// When the bus had it.
    pub sent_at: Option<Timestamp>,
    /// When the agent took it, as far as the bus tells.
    pub read_at: Option<Timestamp>,
    /// When the first reply was taken in.
    pub answered_at: Option<Timestamp>,
    /// When its author deleted its message.
    pub deleted_at: Option<Timestamp>,
    /// Since when it is `Parked` or `Held`; none in any other state, and where that was not kept.
    pub rested_at: Option<Timestamp>,
    /// Why it is parked or held, in words.
    pub fault: Option<String>,
}

/// Where a question is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum InboundState {
    /// In the journal, not on the bus yet.
    Journalled,
    /// On the bus.
    Sent,
    /// A reply was taken in.
    Answered,
    /// It cannot be sent; the operator sees why.
    Parked,
    /// Nobody is asked any more: its author deleted it before it was read, or it was not answered as
    /// long as it could be.
    Withdrawn,
    /// It was written long before it was heard: the operator says whether it is sent.
    Held,
}

/// What an agent wrote to the bridge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Ours, made when it was taken from the bus.
    pub id: Uuid,
    /// For which bot.
    pub bot: Snowflake,
    /// The bus's id of it: each is taken in once.
    pub bus_id: String,
    /// Who wrote, as the bus proves.
    pub agent: String,
    /// Its words, without token and context block.
    pub text: String,
    /// Whether it says that the work was done; `ok:false` is posted with a warning sign.
    pub ok: bool,
    /// What it answers; none when that cannot be told.
    pub request: Option<RequestId>,
    /// Where it is posted; none until that is known.
    pub place: Option<Place>,
    /// The message it is shown as a reply to.
    pub reply_to: Option<Snowflake>,
    /// When it was taken in.
    pub arrived_at: Timestamp,
    /// Where it is on its way.
    pub state: ReplyState,
    /// Since when it is `Unplaced`, `Barred` or `Parked`; none in any other state, and where that was not
    /// kept.
    pub rested_at: Option<Timestamp>,
    /// Why it is unplaced or parked, in words.
    pub fault: Option<String>,
}

/// Where a reply is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum ReplyState {
    /// Nobody knows where it belongs.
    Unplaced,
    /// It has a place and is not posted whole.
    Waiting,
    /// All of it stands in Discord.
    Posted,
    /// Discord does not let the bot post there: tried again when permissions change.
    Barred,
    /// Discord does not take it; the operator sees why.
    Parked,
    /// The operator put it away.
    Dismissed,
}

/// One message to Discord: a part of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// Which reply.
    pub reply: Uuid,
    /// From zero.
    pub part: u32,
    /// At most 2,000 characters.
    pub content: String,
    /// A file beside it: its name and words.
    pub file: Option<(String, String)>,
    /// By which Discord knows a second try: at most 25 characters.
    pub nonce: String,
    /// Discord's id of it, once it stands there.
    pub message: Option<Snowflake>,
}

/// A person's STOP: replies to what was asked before in its place are not posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Which bot heard it.
    pub bot: Snowflake,
    /// Discord's id of it; a bot hears each once.
    pub message: Snowflake,
    /// Where.
    pub place: Place,
    /// Who said it.
    pub author: Author,
    /// When the bridge heard it.
    pub at: Timestamp,
}

/// How far the gateway was heard: what a new process resumes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The gateway session's id.
    pub session: String,
    /// Where it is resumed.
    pub resume_url: String,
    /// The last event that was taken in.
    pub sequence: u64,
    /// When.
    pub at: Timestamp,
}

/// A channel, thread or direct message that the bridge knows, for catching up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownChannel {
    /// Its id.
    pub id: Snowflake,
    /// Its server.
    pub guild: Option<Snowflake>,
    /// Of a thread the channel it is in.
    pub parent: Option<Snowflake>,
    /// As it is called.
    pub name: Option<String>,
    /// The newest message that was taken in.
    pub last_message: Option<Snowflake>,
    /// When a person said STOP there last: replies to what was asked before are not posted.
    pub stopped_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("1", Some(1))]
    #[case("123456789012345678", Some(123_456_789_012_345_678))]
    #[case("9223372036854775807", Some(i64::MAX as u64))]
    #[case("9223372036854775808", None)]
    #[case("0", None)]
    #[case("", None)]
    #[case("+5", None)]
    #[case(" 5", None)]
    #[case("general", None)]
    fn an_id_is_read_as_discord_writes_it(#[case] text: &str, #[case] id: Option<u64>) {
        assert_eq!(text.parse().ok().map(Snowflake::get), id);
    }

    #[rstest]
    #[case(12, false)]
    #[case(9_999_999_999_999_999, false)]
    // The example of Discord's own reference, of 2015.
    #[case(175_928_847_299_117_063, true)]
    #[case(i64::MAX as u64, true)]
    fn a_short_number_was_never_given_by_discord(#[case] id: u64, #[case] may_be: bool) {
        assert_eq!(Snowflake::new(id).unwrap().may_be_discords(), may_be);
    }

    #[test]
    fn a_thread_is_posted_to_before_its_channel() {
        let [channel, thread] = [4, 5].map(|id| Snowflake::new(id).unwrap());
        let place = |thread| Place {
            guild: None,
            channel,
            thread,
        };
        assert_eq!(place(None).posted_to(), channel);
        assert_eq!(place(Some(thread)).posted_to(), thread);
    }
}
