//! What a world is made of. Fields bear Discord's names where they have one:
//! <https://docs.discord.com/developers/resources/channel>, `/guild`, `/user`, `/message`, `/webhook`.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{id::Id, mentions::Pings};

#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: Id,
    pub(crate) username: String,
    pub(crate) bot: bool,
    /// Whether others may open a direct message with them.
    pub(crate) takes_dms: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Role {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) permissions: u64,
    pub(crate) mentionable: bool,
    /// Whether it came with the bot's invitation.
    pub(crate) managed: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) roles: Vec<Id>,
    pub(crate) joined_at: Timestamp,
}

#[derive(Clone, Debug)]
pub(crate) struct Guild {
    pub(crate) id: Id,
    pub(crate) name: String,
    pub(crate) owner: Id,
    pub(crate) roles: Vec<Role>,
    pub(crate) members: BTreeMap<Id, Member>,
    /// Whether the bot was invited with the scope `applications.commands`.
    pub(crate) commands_scope: bool,
}

/// A permission overwrite of a channel: for a role, for a member, or (the guild's own id) for everyone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overwrite {
    /// Whose.
    pub id: Id,
    /// Whether `id` is a member; else a role.
    pub member: bool,
    /// Bits given.
    pub allow: u64,
    /// Bits taken.
    pub deny: u64,
}

/// The channel types of the API this fake has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are Discord's")]
pub enum ChannelKind {
    Text = 0,
    Dm = 1,
    Voice = 2,
    Category = 4,
    Announcement = 5,
    AnnouncementThread = 10,
    PublicThread = 11,
    PrivateThread = 12,
    Forum = 15,
}

#[derive(Clone, Debug)]
pub(crate) struct Channel {
    pub(crate) id: Id,
    pub(crate) kind: ChannelKind,
    pub(crate) guild: Option<Id>,
    pub(crate) parent: Option<Id>,
    pub(crate) name: String,
    pub(crate) overwrites: Vec<Overwrite>,
    pub(crate) recipients: Vec<Id>,
    pub(crate) last_message: Option<Id>,
    pub(crate) thread: Option<Thread>,
}

#[derive(Clone, Debug)]
pub(crate) struct Thread {
    pub(crate) owner: Id,
    pub(crate) archived: bool,
    pub(crate) locked: bool,
    pub(crate) auto_archive_duration: u64,
    pub(crate) archive_timestamp: Timestamp,
    pub(crate) members: BTreeMap<Id, Timestamp>,
    pub(crate) message_count: u64,
    pub(crate) total_message_sent: u64,
}

/// Who wrote a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// A person or the bot.
    User(Id),
    /// A webhook, under the name and picture of that one message.
    Webhook {
        /// The webhook.
        id: Id,
        /// The name shown.
        username: String,
        /// The picture shown.
        avatar_url: Option<String>,
    },
}

/// A file in a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attachment {
    /// Its id.
    pub id: Id,
    /// Its name.
    pub filename: String,
    /// Its alternative text.
    pub description: Option<String>,
    /// Its media type, as it was uploaded.
    pub content_type: Option<String>,
    /// Its size in bytes.
    pub size: usize,
    /// Where it is downloaded, signed.
    pub url: String,
}

#[derive(Clone, Debug)]
pub(crate) struct StoredFile {
    pub(crate) bytes: Bytes,
    pub(crate) content_type: Option<String>,
    pub(crate) expires: Timestamp,
    pub(crate) signature: String,
}

/// Where a reply, a thread's first line or a notice points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Reference {
    /// The message, if it is one.
    pub message_id: Option<Id>,
    /// Its channel.
    pub channel_id: Id,
    /// Its guild.
    pub guild_id: Option<Id>,
}

/// One emoji under a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reaction {
    /// A Unicode emoji, or `name:id`.
    pub emoji: String,
    /// Who reacted, in their order.
    pub users: Vec<Id>,
}

/// Message flags: <https://docs.discord.com/developers/resources/message#message-object-message-flags>.
pub(crate) mod flags {
    pub(crate) const SUPPRESS_EMBEDS: u64 = 1 << 2;
    pub(crate) const HAS_THREAD: u64 = 1 << 5;
    pub(crate) const EPHEMERAL: u64 = 1 << 6;
    pub(crate) const LOADING: u64 = 1 << 7;
    pub(crate) const SUPPRESS_NOTIFICATIONS: u64 = 1 << 12;
    pub(crate) const IS_VOICE_MESSAGE: u64 = 1 << 13;
    pub(crate) const IS_COMPONENTS_V2: u64 = 1 << 15;
}

/// Message types: <https://docs.discord.com/developers/resources/message#message-object-message-types>.
pub(crate) mod message_type {
    pub(crate) const DEFAULT: u8 = 0;
    pub(crate) const THREAD_CREATED: u8 = 18;
    pub(crate) const REPLY: u8 = 19;
    pub(crate) const CHAT_INPUT_COMMAND: u8 = 20;
    pub(crate) const THREAD_STARTER_MESSAGE: u8 = 21;

    /// Whether it can be replied to and edited.
    pub(crate) fn is_system(kind: u8) -> bool {
        !matches!(kind, DEFAULT | REPLY | CHAT_INPUT_COMMAND)
    }
}

/// A message as it stands.
#[derive(Clone, Debug, Serialize)]
pub struct Message {
    /// Its id.
    pub id: Id,
    /// Where it stands; a thread is a channel.
    pub channel_id: Id,
    /// Who wrote it.
    pub author: Author,
    /// Its text.
    pub content: String,
    /// Its type: 0 plain, 19 a reply, 20 an answer to a slash command, …
    #[serde(rename = "type")]
    pub kind: u8,
    /// Message flags.
    pub flags: u64,
    /// Read aloud.
    pub tts: bool,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// Embeds as they were sent.
    pub embeds: Vec<Value>,
    /// Components as they were sent.
    pub components: Vec<Value>,
    /// What it answers.
    pub reference: Option<Reference>,
    /// Emoji under it.
    pub reactions: Vec<Reaction>,
    /// The sender's own mark.
    pub nonce: Option<Value>,
    /// Whom it notified.
    pub pings: Pings,
    /// The interaction it answers.
    pub interaction: Option<InteractionOrigin>,
    /// The last edit, if there was one.
    #[serde(skip)]
    pub edited: Option<Timestamp>,
}

/// The interaction that a message answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InteractionOrigin {
    /// The interaction.
    pub id: Id,
    /// 2 a command, 3 a component, 5 a form.
    #[serde(rename = "type")]
    pub kind: u8,
    /// Who acted.
    pub user: Id,
    /// The command's name.
    pub name: Option<String>,
    /// The message whose button was pressed.
    pub message: Option<Id>,
}

impl Message {
    pub(crate) fn is_ephemeral(&self) -> bool {
        self.flags & flags::EPHEMERAL != 0
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Webhook {
    pub(crate) id: Id,
    pub(crate) channel: Id,
    pub(crate) guild: Id,
    pub(crate) creator: Id,
    pub(crate) name: String,
    pub(crate) avatar: Option<String>,
    pub(crate) token: String,
}
