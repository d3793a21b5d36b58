//! What becomes of a message, whoever wrote it: posted, edited, deleted. The events are
//! those of <https://docs.discord.com/developers/events/gateway-events#messages>.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    id::{Id, iso8601},
    intent::{for_place, intents},
    mentions::{Allowed, texts_of},
    model::{
        Attachment, Author, ChannelKind, InteractionOrigin, Message, Reference, StoredFile, flags,
        message_type,
    },
    refusal::Refusal,
    sessions::Place,
    state::State,
};

/// A file on its way in.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) filename: String,
    pub(crate) description: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) bytes: bytes::Bytes,
}

/// A message before it has an id.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) channel: Id,
    pub(crate) author: Author,
    pub(crate) content: String,
    pub(crate) kind: u8,
    pub(crate) flags: u64,
    pub(crate) tts: bool,
    pub(crate) embeds: Vec<Value>,
    pub(crate) components: Vec<Value>,
    pub(crate) uploads: Vec<Upload>,
    pub(crate) reference: Option<Reference>,
    pub(crate) nonce: Option<Value>,
    pub(crate) allowed: Allowed,
    pub(crate) interaction: Option<InteractionOrigin>,
}

impl Draft {
    pub(crate) fn new(channel: Id, author: Author, content: &str) -> Self {
        Draft {
            channel,
            author,
            content: content.to_owned(),
            kind: message_type::DEFAULT,
            flags: 0,
            tts: false,
            embeds: Vec::new(),
            components: Vec::new(),
            uploads: Vec::new(),
            reference: None,
            nonce: None,
            allowed: Allowed::in_messages(),
            interaction: None,
        }
    }
}

/// What an edit changes; `None` leaves it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Change {
    pub(crate) content: Option<String>,
    pub(crate) embeds: Option<Vec<Value>>,
    pub(crate) components: Option<Vec<Value>>,
    pub(crate) flags: Option<u64>,
    /// Those to keep; without, all of them.
    pub(crate) keep: Option<Vec<Id>>,
    pub(crate) uploads: Vec<Upload>,
    pub(crate) allowed: Option<Allowed>,
}

impl State {
    pub(crate) fn place_of(&self, channel: Id, guild: u64, direct: u64) -> Place {
        let of = self
            .channels
            .get(&channel)
            .and_then(|channel| channel.guild);
        Place {
            guild: of,
            channel: Some(channel),
            intent: for_place(of.is_some(), guild, direct),
        }
    }

    fn message_place(&self, message: &Message) -> Place {
        if message.is_ephemeral() {
            return Place {
                guild: None,
                channel: None,
                intent: intents::DIRECT_MESSAGES,
            };
        }
        self.place_of(
            message.channel_id,
            intents::GUILD_MESSAGES,
            intents::DIRECT_MESSAGES,
        )
    }

    /// Posts a message that was found right. An archived thread wakes up, its writer joins it.
    pub(crate) fn post(&mut self, draft: Draft) -> Message {
        if let Author::User(author) = draft.author {
            self.rouse(draft.channel, author);
        }
        let id = self.mint.next();
        let replied = draft.reference.and_then(|reference| {
            let found = self
                .message(reference.channel_id, reference.message_id?)
                .ok()?;
            match (draft.kind, &found.author) {
                (message_type::REPLY, Author::User(author)) => Some(*author),
                _ => None,
            }
        });
        let sender = match draft.author {
            Author::User(id) => Some(id),
            Author::Webhook { .. } => None,
        };
        let mut texts = texts_of(&draft.components);
        texts.push(draft.content.clone());
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let pings = self.pings(sender, draft.channel, &texts, &draft.allowed, replied);
        let attachments = self.store(draft.channel, draft.uploads);
        let message = Message {
            id,
            channel_id: draft.channel,
            author: draft.author,
            content: draft.content,
            kind: draft.kind,
            flags: draft.flags,
            tts: draft.tts,
            attachments,
            embeds: as_rich(draft.embeds),
            components: draft.components,
            reference: draft.reference,
            reactions: Vec::new(),
            nonce: draft.nonce,
            pings,
            interaction: draft.interaction,
            edited: None,
        };
        let messages = self.messages.entry(draft.channel).or_default();
        messages.insert(id, message.clone());
        self.count_post(draft.channel, id);
        let place = self.message_place(&message);
        self.publish_message("MESSAGE_CREATE", place, &message);
        message
    }

    fn count_post(&mut self, channel: Id, id: Id) {
        if let Some(channel) = self.channels.get_mut(&channel) {
            channel.last_message = Some(id);
            if let Some(thread) = &mut channel.thread {
                thread.message_count += 1;
                thread.total_message_sent += 1;
            }
        }
    }

    /// Puts files where they can be downloaded, behind signed links:
    /// <https://docs.discord.com/developers/reference#signed-attachment-cdn-urls>.
    fn store(&mut self, channel: Id, uploads: Vec<Upload>) -> Vec<Attachment> {
        let mut stored = Vec::new();
        for upload in uploads {
            let id = self.mint.next();
            let now = Timestamp::now();
            let lasts = i64::try_from(self.settings.attachment_link_ms).unwrap_or(i64::MAX);
            let until = now.as_millisecond().saturating_add(lasts);
            let expires = Timestamp::from_millisecond(until).unwrap_or(Timestamp::MAX);
            let signature = uuid::Uuid::new_v4().simple().to_string();
            let filename: String = upload
                .filename
                .chars()
                .map(|letter| match letter {
                    'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' => letter,
                    _ => '_',
                })
                .collect();
            let url = format!(
                "http://{}/attachments/{channel}/{id}/{filename}?ex={:x}&is={:x}&hm={signature}",
                self.host,
                expires.as_second(),
                now.as_second(),
            );
            stored.push(Attachment {
                id,
                filename,
                description: upload.description,
                content_type: upload.content_type.clone(),
                size: upload.bytes.len(),
                url,
            });
            let file = StoredFile {
                bytes: upload.bytes,
                content_type: upload.content_type,
                expires,
                signature,
            };
            self.files.insert(id, file);
        }
        stored
    }

    /// Edits a message. Mentions are read again from the new text.
    pub(crate) fn edit(&mut self, channel: Id, id: Id, change: Change) -> Result<Message, Refusal> {
        let mut message = self.message(channel, id)?.clone();
        if let Some(flags) = change.flags {
            const SETTABLE: u64 = flags::SUPPRESS_EMBEDS;
            message.flags = (message.flags & !SETTABLE)
                | (flags & SETTABLE)
                | (flags & flags::IS_COMPONENTS_V2);
        }
        message.flags &= !flags::LOADING;
        if let Some(embeds) = change.embeds {
            message.embeds = as_rich(embeds);
        }
        if let Some(components) = change.components {
            message.components = components;
        }
        if let Some(content) = change.content {
            let default = match message.author {
                Author::User(_) if message.interaction.is_none() => Allowed::in_messages(),
                _ => Allowed::in_webhooks(),
            };
            let allowed = change.allowed.unwrap_or(default);
            let sender = match message.author {
                Author::User(id) => Some(id),
                Author::Webhook { .. } => None,
            };
            let mut texts = texts_of(&message.components);
            texts.push(content.clone());
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let replied = message.pings.replied_user;
            message.pings = self.pings(sender, channel, &texts, &allowed, replied);
            message.content = content;
        }
        if let Some(keep) = change.keep {
            message
                .attachments
                .retain(|attachment| keep.contains(&attachment.id));
        }
        message
            .attachments
            .extend(self.store(channel, change.uploads));
        message.edited = Some(Timestamp::now());
        *self.message_mut(channel, id)? = message.clone();
        self.announce_update(&message);
        Ok(message)
    }

    pub(crate) fn announce_update(&mut self, message: &Message) {
        let place = self.message_place(message);
        self.publish_message("MESSAGE_UPDATE", place, message);
    }

    pub(crate) fn delete(&mut self, channel: Id, id: Id) -> Result<(), Refusal> {
        let message = self.message(channel, id)?.clone();
        if let Some(messages) = self.messages.get_mut(&channel) {
            messages.remove(&id);
        }
        if let Some(channel) = self.channels.get_mut(&channel)
            && let Some(thread) = &mut channel.thread
        {
            thread.message_count = thread.message_count.saturating_sub(1);
        }
        let place = self.message_place(&message);
        let mut data = json!({"id": id, "channel_id": channel});
        if let Some(guild) = place.guild {
            data["guild_id"] = json!(guild);
        }
        self.publish("MESSAGE_DELETE", place, &data);
        Ok(())
    }

    /// The direct-message channel of the bot with someone, opened when it is the first time.
    pub(crate) fn direct_channel(&mut self, person: Id) -> Id {
        let open = self.channels.values().find(|channel| {
            channel.kind == ChannelKind::Dm && channel.recipients.contains(&person)
        });
        if let Some(channel) = open {
            return channel.id;
        }
        let id = self.mint.next();
        self.channels.insert(
            id,
            super::model::Channel {
                id,
                kind: ChannelKind::Dm,
                guild: None,
                parent: None,
                name: String::new(),
                overwrites: Vec::new(),
                recipients: vec![person],
                last_message: None,
                thread: None,
            },
        );
        id
    }

    /// TYPING_START: <https://docs.discord.com/developers/events/gateway-events#typing-start>.
    pub(crate) fn typing(&mut self, channel: Id, user: Id) {
        let place = self.place_of(
            channel,
            intents::GUILD_MESSAGE_TYPING,
            intents::DIRECT_MESSAGE_TYPING,
        );
        let mut data = json!({
            "channel_id": channel,
            "user_id": user,
            "timestamp": Timestamp::now().as_second(),
        });
        if let Some(guild) = place.guild.and_then(|guild| self.guilds.get(&guild)) {
            data["guild_id"] = json!(guild.id);
            data["member"] = json!(self.member_object(guild, user, true));
        }
        self.publish("TYPING_START", place, &data);
    }

    pub(crate) fn thread_member_object(&self, thread: Id, user: Id) -> Option<Value> {
        let joined = self
            .channels
            .get(&thread)?
            .thread
            .as_ref()?
            .members
            .get(&user)?;
        Some(json!({
            "id": thread,
            "user_id": user,
            "join_timestamp": iso8601(*joined),
            "flags": 0,
        }))
    }
}

/// An embed's type is `rich`, whatever was sent.
fn as_rich(mut embeds: Vec<Value>) -> Vec<Value> {
    for embed in &mut embeds {
        embed["type"] = "rich".into();
    }
    embeds
}
