//! Channels: <https://docs.discord.com/developers/resources/channel>; direct messages are opened as on
//! <https://docs.discord.com/developers/resources/user#create-dm>.

use serde_json::json;

use super::{Call, Reply, threads::AUTO_ARCHIVE};
use crate::discord::{
    intent::intents, permissions::bits, refusal::Refusal, sessions::Place, state::State,
    threads::ThreadChange,
};

pub(super) fn get(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let (channel, _) = state.bots_channel(call.id("channel.id")?)?;
    Ok(Reply::ok(state.channel_object(channel)))
}

pub(super) fn create_dm(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let mut form = call.form();
    let recipient = form.id("recipient_id");
    if recipient.is_none() {
        form.required("recipient_id");
    }
    form.finish()?;
    let person = recipient.and_then(|id| state.users.get(&id));
    let Some(person) = person.filter(|person| !person.bot) else {
        return Err(Refusal::of(50033));
    };
    let id = state.direct_channel(person.id);
    let channel = state.channel(id)?;
    Ok(Reply::ok(state.channel_object(channel)))
}

pub(super) fn typing(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let id = call.id("channel.id")?;
    let (channel, held) = state.bots_channel(id)?;
    let needed = match channel.thread {
        Some(_) => bits::SEND_MESSAGES_IN_THREADS,
        None => bits::SEND_MESSAGES,
    };
    if held & needed == 0 {
        return Err(Refusal::of(50013));
    }
    state.typing(id, state.bot.id);
    Ok(Reply::empty())
}

pub(super) fn modify(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let id = call.id("channel.id")?;
    let (channel, held) = state.bots_channel(id)?;
    let Some(thread) = channel.thread.clone() else {
        return modify_channel(state, call);
    };
    let mut form = call.form();
    let change = ThreadChange {
        name: form.string("name", 1..=100),
        archived: form.boolean("archived"),
        locked: form.boolean("locked"),
        auto_archive_duration: form.integer_of("auto_archive_duration", &AUTO_ARCHIVE),
    };
    form.finish()?;
    let moderates = held & bits::MANAGE_THREADS != 0;
    let owns = thread.owner == state.bot.id;
    let only_wakes = change.archived == Some(false)
        && change.name.is_none()
        && change.locked.is_none()
        && change.auto_archive_duration.is_none();
    let allowed = if only_wakes {
        moderates || !thread.locked && held & bits::SEND_MESSAGES_IN_THREADS != 0
    } else if change.locked.is_some() {
        moderates
    } else {
        moderates || owns && !thread.locked
    };
    if !allowed {
        return Err(Refusal::of(50013));
    }
    if thread.archived && change.archived != Some(false) {
        return Err(Refusal::of(50083));
    }
    state.change_thread(id, change)?;
    let channel = state.channel(id)?;
    Ok(Reply::ok(state.channel_object(channel)))
}

fn modify_channel(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let id = call.id("channel.id")?;
    state.bot_needs(id, bits::MANAGE_CHANNELS)?;
    let mut form = call.form();
    let name = form.string("name", 1..=100);
    form.finish()?;
    let channel = state
        .channels
        .get_mut(&id)
        .ok_or_else(|| Refusal::of(10003))?;
    if let Some(name) = name {
        channel.name = name;
    }
    let channel = channel.clone();
    let data = json!(state.channel_object(&channel));
    let place = Place {
        guild: channel.guild,
        channel: Some(id),
        intent: intents::GUILDS,
    };
    state.publish("CHANNEL_UPDATE", place, &data);
    Ok(Reply::ok(data))
}
