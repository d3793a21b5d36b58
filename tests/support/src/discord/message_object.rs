//! A message as JSON: <https://docs.discord.com/developers/resources/message#message-object>.

use serde_json::{Map, Value, json};

use super::{
    id::iso8601,
    model::{Attachment, Author, InteractionOrigin, Message, flags},
    render::{emoji, user},
    state::State,
};

impl State {
    fn author_object(&self, author: &Author) -> Value {
        match author {
            Author::User(id) => self.users.get(id).map_or(Value::Null, user),
            Author::Webhook { id, username, .. } => json!({
                "id": id,
                "username": username,
                "discriminator": "0000",
                "global_name": null,
                "avatar": null,
                "bot": true,
            }),
        }
    }

    /// The message; without its content for an app that may not read it:
    /// <https://docs.discord.com/developers/events/gateway#message-content-intent>.
    pub(crate) fn message_object(&self, message: &Message, may_read: bool) -> Value {
        let mut object = self.message_without_reference(message, may_read);
        let Some(reference) = message.reference else {
            return object;
        };
        let mut pointer = Map::new();
        pointer.insert("type".into(), 0.into());
        pointer.insert("channel_id".into(), json!(reference.channel_id));
        if let Some(id) = reference.message_id {
            pointer.insert("message_id".into(), json!(id));
            let found = self.message(reference.channel_id, id).ok();
            object["referenced_message"] = found.map_or(Value::Null, |found| {
                self.message_without_reference(found, may_read)
            });
        }
        if let Some(guild) = reference.guild_id {
            pointer.insert("guild_id".into(), json!(guild));
        }
        object["message_reference"] = pointer.into();
        object
    }

    fn message_without_reference(&self, message: &Message, may_read: bool) -> Value {
        let readable = may_read || self.is_open_to_bot(message);
        let attachments: Vec<Value> = message.attachments.iter().map(attachment).collect();
        let mut mentions = message.pings.users.clone();
        mentions.extend(message.pings.replied_user);
        let mentions: Vec<Value> = mentions
            .iter()
            .filter_map(|id| self.users.get(id))
            .map(user)
            .collect();
        let mut object = json!({
            "id": message.id,
            "channel_id": message.channel_id,
            "author": self.author_object(&message.author),
            "content": if readable { message.content.as_str() } else { "" },
            "timestamp": iso8601(message.id.created()),
            "edited_timestamp": message.edited.map(iso8601),
            "tts": message.tts,
            "mention_everyone": message.pings.everyone,
            "mentions": mentions,
            "mention_roles": message.pings.roles,
            "attachments": if readable { attachments } else { Vec::new() },
            "embeds": if readable { message.embeds.as_slice() } else { &[] },
            "components": if readable { message.components.as_slice() } else { &[] },
            "pinned": false,
            "type": message.kind,
            "flags": message.flags,
        });
        if let Author::Webhook { id, .. } = message.author {
            object["webhook_id"] = json!(id);
            if self.webhooks.contains_key(&id) {
                object["application_id"] = json!(self.bot.id);
            }
        }
        if let Some(nonce) = &message.nonce {
            object["nonce"] = nonce.clone();
        }
        if !message.reactions.is_empty() {
            object["reactions"] = self.reactions(message);
        }
        if message.flags & flags::HAS_THREAD != 0
            && let Some(thread) = self.channels.get(&message.id)
        {
            object["thread"] = self.channel_object(thread);
        }
        if let Some(origin) = &message.interaction {
            object["application_id"] = json!(self.bot.id);
            object["webhook_id"] = json!(self.bot.id);
            object["interaction_metadata"] = self.origin_object(message, origin);
        }
        object
    }

    fn origin_object(&self, message: &Message, origin: &InteractionOrigin) -> Value {
        let guild = self
            .channels
            .get(&message.channel_id)
            .and_then(|channel| channel.guild);
        let owner = guild.map_or("0".to_owned(), |guild| guild.to_string());
        let mut object = json!({
            "id": origin.id,
            "type": origin.kind,
            "user": self.users.get(&origin.user).map(user),
            "authorizing_integration_owners": {"0": owner},
        });
        if let Some(pressed) = origin.message {
            object["interacted_message_id"] = json!(pressed);
        }
        object
    }

    fn reactions(&self, message: &Message) -> Value {
        let objects = message.reactions.iter().map(|reaction| {
            json!({
                "count": reaction.users.len(),
                "count_details": {"burst": 0, "normal": reaction.users.len()},
                "me": reaction.users.contains(&self.bot.id),
                "me_burst": false,
                "emoji": emoji(&reaction.emoji),
                "burst_colors": [],
            })
        });
        objects.collect()
    }

    /// What an app may read without the intent: its own, direct messages, and where it is mentioned.
    fn is_open_to_bot(&self, message: &Message) -> bool {
        let own = match &message.author {
            Author::User(id) => *id == self.bot.id,
            Author::Webhook { id, .. } => self.webhooks.contains_key(id),
        };
        let direct = self
            .channels
            .get(&message.channel_id)
            .is_some_and(|channel| channel.guild.is_none());
        let mentioned = message.pings.users.contains(&self.bot.id)
            || message.pings.replied_user == Some(self.bot.id);
        own || direct || mentioned
    }
}

fn attachment(attachment: &Attachment) -> Value {
    let mut object = json!({
        "id": attachment.id,
        "filename": attachment.filename,
        "size": attachment.size,
        "url": attachment.url,
        "proxy_url": attachment.url,
    });
    for (name, value) in [
        ("description", &attachment.description),
        ("content_type", &attachment.content_type),
    ] {
        if let Some(value) = value {
            object[name] = value.as_str().into();
        }
    }
    object
}
