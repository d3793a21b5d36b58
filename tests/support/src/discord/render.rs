//! The objects of the API as JSON. The pages: `/developers/resources/user`, `/guild`, `/channel`,
//! `/message`, `/webhook`, `/application` and `/developers/topics/permissions#role-object`, all under
//! <https://docs.discord.com>.

use serde_json::{Value, json};

use super::{
    id::{Id, iso8601},
    intent::application_flags,
    model::{Channel, ChannelKind, Guild, Role, User, Webhook},
    state::State,
};

pub(crate) fn user(user: &User) -> Value {
    let mut object = json!({
        "id": user.id,
        "username": user.username,
        "discriminator": if user.bot { "0001" } else { "0" },
        "global_name": null,
        "avatar": null,
        "public_flags": 0,
    });
    if user.bot {
        object["bot"] = true.into();
    }
    object
}

pub(crate) fn role(role: &Role, position: usize, bot: Id) -> Value {
    let mut object = json!({
        "id": role.id,
        "name": role.name,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": null, "tertiary_color": null},
        "hoist": false,
        "icon": null,
        "unicode_emoji": null,
        "position": position,
        "permissions": role.permissions.to_string(),
        "managed": role.managed,
        "mentionable": role.mentionable,
        "flags": 0,
    });
    if role.managed {
        object["tags"] = json!({"bot_id": bot});
    }
    object
}

pub(crate) fn webhook(webhook: &Webhook, application: Id, creator: Option<&User>) -> Value {
    let mut object = json!({
        "id": webhook.id,
        "type": 1,
        "guild_id": webhook.guild,
        "channel_id": webhook.channel,
        "name": webhook.name,
        "avatar": webhook.avatar,
        "token": webhook.token,
        "application_id": application,
    });
    if let Some(creator) = creator {
        object["user"] = user(creator);
    }
    object
}

/// A Unicode emoji, or `name:id`.
pub(crate) fn emoji(emoji: &str) -> Value {
    match emoji.split_once(':') {
        Some((name, id)) => json!({"id": id, "name": name}),
        None => json!({"id": null, "name": emoji}),
    }
}

impl State {
    /// With `user`, except where Discord leaves it out.
    pub(crate) fn member_object(&self, guild: &Guild, id: Id, with_user: bool) -> Option<Value> {
        let member = guild.members.get(&id)?;
        let mut object = json!({
            "nick": null,
            "avatar": null,
            "banner": null,
            "roles": member.roles,
            "joined_at": iso8601(member.joined_at),
            "premium_since": null,
            "deaf": false,
            "mute": false,
            "flags": 0,
            "pending": false,
            "communication_disabled_until": null,
        });
        if with_user {
            object["user"] = user(self.users.get(&id)?);
        }
        Some(object)
    }

    pub(crate) fn guild_object(&self, guild: &Guild) -> Value {
        let roles = guild.roles.iter().enumerate();
        let roles: Vec<Value> = roles
            .map(|(position, held)| role(held, position, self.bot.id))
            .collect();
        json!({
            "id": guild.id,
            "name": guild.name,
            "icon": null,
            "splash": null,
            "discovery_splash": null,
            "owner_id": guild.owner,
            "afk_channel_id": null,
            "afk_timeout": 300,
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "roles": roles,
            "emojis": [],
            "stickers": [],
            "features": [],
            "mfa_level": 0,
            "application_id": null,
            "system_channel_id": null,
            "system_channel_flags": 0,
            "rules_channel_id": null,
            "max_presences": null,
            "max_members": 500_000,
            "vanity_url_code": null,
            "description": null,
            "banner": null,
            "premium_tier": 0,
            "premium_subscription_count": 0,
            "preferred_locale": "en-US",
            "public_updates_channel_id": null,
            "nsfw_level": 0,
            "premium_progress_bar_enabled": false,
            "safety_alerts_channel_id": null,
            "incidents_data": null,
        })
    }

    /// The guild object with what GUILD_CREATE adds:
    /// <https://docs.discord.com/developers/events/gateway-events#guild-create>.
    pub(crate) fn guild_create(&self, guild: &Guild) -> Value {
        let mut object = self.guild_object(guild);
        let seen = |channel: &&Channel| {
            channel.guild == Some(guild.id) && self.permissions(self.bot.id, channel.id) != 0
        };
        let mine = || {
            self.channels
                .values()
                .filter(|channel| channel.guild == Some(guild.id))
        };
        let channels: Vec<Value> = mine()
            .filter(|channel| channel.thread.is_none())
            .map(|channel| self.channel_object(channel))
            .collect();
        let threads: Vec<Value> = mine()
            .filter(|channel| {
                channel
                    .thread
                    .as_ref()
                    .is_some_and(|thread| !thread.archived)
            })
            .filter(seen)
            .map(|channel| self.channel_object(channel))
            .collect();
        let joined_at = guild.members.get(&self.bot.id);
        let extra = json!({
            "joined_at": joined_at.map(|member| iso8601(member.joined_at)),
            "large": false,
            "unavailable": false,
            "member_count": guild.members.len(),
            "voice_states": [],
            // Without the presence intent only the bot itself is here.
            "members": [self.member_object(guild, self.bot.id, true)],
            "channels": channels,
            "threads": threads,
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        });
        merge(&mut object, extra);
        object
    }

    pub(crate) fn channel_object(&self, channel: &Channel) -> Value {
        let mut object = json!({
            "id": channel.id,
            "type": channel.kind as u8,
            "last_message_id": channel.last_message,
            "flags": 0,
        });
        if channel.kind == ChannelKind::Dm {
            let recipients = channel
                .recipients
                .iter()
                .filter_map(|id| self.users.get(id));
            object["recipients"] = recipients.map(user).collect();
            return object;
        }
        merge(
            &mut object,
            json!({
                "guild_id": channel.guild,
                "name": channel.name,
                "parent_id": channel.parent,
                "rate_limit_per_user": 0,
            }),
        );
        let Some(thread) = &channel.thread else {
            let overwrites: Vec<Value> = channel
                .overwrites
                .iter()
                .map(|overwrite| {
                    json!({
                        "id": overwrite.id,
                        "type": u8::from(overwrite.member),
                        "allow": overwrite.allow.to_string(),
                        "deny": overwrite.deny.to_string(),
                    })
                })
                .collect();
            let extra = json!({"position": 0, "permission_overwrites": overwrites, "nsfw": false, "topic": null});
            merge(&mut object, extra);
            return object;
        };
        let mut metadata = json!({
            "archived": thread.archived,
            "auto_archive_duration": thread.auto_archive_duration,
            "archive_timestamp": iso8601(thread.archive_timestamp),
            "locked": thread.locked,
            "create_timestamp": iso8601(channel.id.created()),
        });
        if channel.kind == ChannelKind::PrivateThread {
            metadata["invitable"] = true.into();
        }
        merge(
            &mut object,
            json!({
                "owner_id": thread.owner,
                "message_count": thread.message_count,
                "member_count": thread.members.len().min(50),
                "total_message_sent": thread.total_message_sent,
                "thread_metadata": metadata,
            }),
        );
        if let Some(joined) = thread.members.get(&self.bot.id) {
            object["member"] = json!({
                "id": channel.id,
                "user_id": self.bot.id,
                "join_timestamp": iso8601(*joined),
                "flags": 0,
            });
        }
        object
    }

    pub(crate) fn application_object(&self) -> Value {
        json!({
            "id": self.bot.id,
            "name": self.application.name,
            "icon": null,
            "description": "",
            "bot_public": false,
            "bot_require_code_grant": false,
            "bot": user(&self.bot),
            "verify_key": "0".repeat(64),
            "team": null,
            "flags": application_flags(self.application.granted),
            "flags_new": application_flags(self.application.granted).to_string(),
            "approximate_guild_count": self.guilds.len(),
            "redirect_uris": [],
            "interactions_endpoint_url": self.application.interactions_endpoint_url,
        })
    }
}

/// Puts the fields of one object into another.
pub(crate) fn merge(object: &mut Value, extra: Value) {
    if let (Value::Object(object), Value::Object(extra)) = (object, extra) {
        object.extend(extra);
    }
}
