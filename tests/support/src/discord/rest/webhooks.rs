//! Webhooks, and the ways an interaction's token is used like one's:
//! <https://docs.discord.com/developers/resources/webhook>.

use serde_json::{Value, json};

use super::{Call, Reply, content, interactions, messages};
use crate::discord::{
    form::Form,
    id::Id,
    intent::intents,
    mentions::Allowed,
    model::{Author, Webhook, flags},
    permissions::bits,
    posts::Draft,
    refusal::Refusal,
    render,
    sessions::Place,
    state::State,
};

/// Webhooks of one channel.
const MOST: usize = 15;

pub(super) fn create(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let channel = call.id("channel.id")?;
    state.bot_needs(channel, bits::MANAGE_WEBHOOKS)?;
    let found = state.channel(channel)?;
    let guild = found.guild.ok_or_else(|| Refusal::of(50003))?;
    if found.thread.is_some() {
        return Err(Refusal::of(50024));
    }
    let mut form = call.form();
    let name = form.required_string("name", 1..=80);
    refuse_name(&mut form, "name", &name);
    let avatar = form.string("avatar", 0..=usize::MAX);
    form.finish()?;
    let held = state
        .webhooks
        .values()
        .filter(|webhook| webhook.channel == channel);
    if held.count() >= MOST {
        return Err(Refusal::of(30007));
    }
    let webhook = Webhook {
        id: state.mint.next(),
        channel,
        guild,
        creator: state.bot.id,
        name,
        avatar: avatar.map(|_| "0".repeat(32)),
        token: uuid::Uuid::new_v4().simple().to_string(),
    };
    let object = own_object(state, &webhook);
    state.webhooks.insert(webhook.id, webhook);
    announce(state, guild, channel);
    Ok(Reply::ok(object))
}

/// No webhook is called like Discord or its old helper.
fn refuse_name(form: &mut Form<'_>, field: &str, name: &str) {
    let lower = name.to_lowercase();
    for word in ["clyde", "discord"] {
        if lower.contains(word) {
            let message = format!("Username cannot contain \"{word}\"");
            form.fault(field, "USERNAME_INVALID_CONTAINS", &message);
        }
    }
}

fn own_object(state: &State, webhook: &Webhook) -> Value {
    render::webhook(webhook, state.bot.id, state.users.get(&webhook.creator))
}

/// WEBHOOKS_UPDATE: <https://docs.discord.com/developers/events/gateway-events#webhooks-update>.
fn announce(state: &mut State, guild: Id, channel: Id) {
    let place = Place {
        guild: Some(guild),
        channel: Some(channel),
        intent: intents::GUILD_WEBHOOKS,
    };
    let data = json!({"guild_id": guild, "channel_id": channel});
    state.publish("WEBHOOKS_UPDATE", place, &data);
}

pub(super) fn of_channel(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let channel = call.id("channel.id")?;
    state.bot_needs(channel, bits::MANAGE_WEBHOOKS)?;
    let held = state
        .webhooks
        .values()
        .filter(|webhook| webhook.channel == channel);
    let objects = held.map(|webhook| own_object(state, webhook)).collect();
    Ok(Reply::ok(objects))
}

pub(super) fn of_guild(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let guild = call.id("guild.id")?;
    state.guild(guild)?;
    if state.base_permissions(state.bot.id, guild) & bits::MANAGE_WEBHOOKS == 0 {
        return Err(Refusal::of(50013));
    }
    let held = state
        .webhooks
        .values()
        .filter(|webhook| webhook.guild == guild);
    let objects = held.map(|webhook| own_object(state, webhook)).collect();
    Ok(Reply::ok(objects))
}

fn by_id(state: &State, call: &Call) -> Result<Webhook, Refusal> {
    let found = state.webhooks.get(&call.id("webhook.id")?);
    found.cloned().ok_or_else(|| Refusal::of(10015))
}

fn by_token(state: &State, call: &Call) -> Result<Webhook, Refusal> {
    let found = by_id(state, call)?;
    if found.token == call.text("webhook.token") {
        Ok(found)
    } else {
        Err(Refusal::of(50027))
    }
}

/// The app owns every webhook it made, so it needs no permission to look at one.
pub(super) fn get(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let webhook = by_id(state, call)?;
    Ok(Reply::ok(own_object(state, &webhook)))
}

pub(super) fn get_with_token(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let webhook = by_token(state, call)?;
    Ok(Reply::ok(render::webhook(&webhook, state.bot.id, None)))
}

pub(super) fn modify(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let mut webhook = by_id(state, call)?;
    state.bot_needs(webhook.channel, bits::MANAGE_WEBHOOKS)?;
    let mut form = call.form();
    if let Some(name) = form.string("name", 1..=80) {
        refuse_name(&mut form, "name", &name);
        webhook.name = name;
    }
    if form.has("avatar") {
        let avatar = form.string("avatar", 0..=usize::MAX);
        webhook.avatar = avatar.map(|_| "0".repeat(32));
    }
    let moved = form.id("channel_id");
    form.finish()?;
    if let Some(channel) = moved {
        state.bot_needs(channel, bits::MANAGE_WEBHOOKS)?;
        webhook.channel = channel;
    }
    let object = own_object(state, &webhook);
    let (guild, channel) = (webhook.guild, webhook.channel);
    state.webhooks.insert(webhook.id, webhook);
    announce(state, guild, channel);
    Ok(Reply::ok(object))
}

pub(super) fn delete(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let webhook = by_id(state, call)?;
    state.bot_needs(webhook.channel, bits::MANAGE_WEBHOOKS)?;
    remove(state, &webhook)
}

pub(super) fn delete_with_token(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let webhook = by_token(state, call)?;
    remove(state, &webhook)
}

fn remove(state: &mut State, webhook: &Webhook) -> Result<Reply, Refusal> {
    state.webhooks.remove(&webhook.id);
    announce(state, webhook.guild, webhook.channel);
    Ok(Reply::empty())
}

/// Whether the path names the application, and so an interaction's token.
fn is_interaction(state: &State, call: &Call) -> bool {
    call.id("webhook.id").is_ok_and(|id| id == state.bot.id)
}

pub(super) fn execute(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    if is_interaction(state, call) {
        return interactions::follow_up(state, call);
    }
    let webhook = by_token(state, call)?;
    let channel = target(state, call, &webhook)?;
    let mut form = call.form();
    let content = content::read(
        &mut form,
        call,
        &state.settings,
        flags::SUPPRESS_EMBEDS | flags::SUPPRESS_NOTIFICATIONS | flags::IS_COMPONENTS_V2,
        Allowed::in_webhooks(),
    )?;
    let username = form.string("username", 1..=80);
    if let Some(username) = &username {
        refuse_name(&mut form, "username", username);
    }
    let avatar_url = form.string("avatar_url", 0..=2_048);
    form.finish()?;
    if content.is_empty() {
        return Err(Refusal::of(50006));
    }
    let locked = state
        .channel(channel)?
        .thread
        .as_ref()
        .is_some_and(|thread| thread.locked);
    if locked {
        return Err(Refusal::of(160005));
    }
    state.unarchive(channel);
    let author = Author::Webhook {
        id: webhook.id,
        username: username.unwrap_or(webhook.name),
        avatar_url,
    };
    let mut draft = Draft::new(channel, author, &content.text);
    draft.flags = content.flags;
    draft.tts = content.tts;
    draft.embeds = content.embeds;
    draft.components = content.components;
    draft.uploads = content.uploads;
    draft.allowed = content.allowed;
    let message = state.post(draft);
    let reply = Reply::message(state, message);
    if call.flag("wait") {
        return Ok(reply);
    }
    Ok(Reply {
        message: reply.message,
        ..Reply::empty()
    })
}

/// The webhook's channel, or the thread of it that the query names.
fn target(state: &State, call: &Call, webhook: &Webhook) -> Result<Id, Refusal> {
    let Some(text) = call.asked("thread_id") else {
        return Ok(webhook.channel);
    };
    let thread: Id = text.parse().map_err(|_| {
        let message = format!("Value \"{text}\" is not snowflake.");
        Refusal::field(&["thread_id"], "NUMBER_TYPE_COERCE", &message)
    })?;
    if state.channel(thread)?.parent == Some(webhook.channel) {
        Ok(thread)
    } else {
        Err(Refusal::of(10003))
    }
}

/// The message of the path, if this webhook or token posted it.
fn posted(state: &State, call: &Call) -> Result<(Id, Id), Refusal> {
    if is_interaction(state, call) {
        return interactions::posted(state, call);
    }
    let webhook = by_token(state, call)?;
    let channel = target(state, call, &webhook)?;
    let message = state.message(channel, call.id("message.id")?)?;
    match message.author {
        Author::Webhook { id, .. } if id == webhook.id => Ok((channel, message.id)),
        _ => Err(Refusal::of(10008)),
    }
}

pub(super) fn get_message(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let (channel, id) = posted(state, call)?;
    let message = state.message(channel, id)?.clone();
    Ok(Reply::message(state, message))
}

pub(super) fn edit_message(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let (channel, id) = posted(state, call)?;
    messages::refuse_archived(state, channel)?;
    let change = content::change(call, &state.settings, Allowed::in_webhooks())?;
    messages::refuse_emptied(state, channel, id, &change)?;
    let message = state.edit(channel, id, change)?;
    Ok(Reply::message(state, message))
}

pub(super) fn delete_message(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let (channel, id) = posted(state, call)?;
    state.delete(channel, id)?;
    Ok(Reply::empty())
}
