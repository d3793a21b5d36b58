//! The bot itself, its guilds and the people in them:
//! <https://docs.discord.com/developers/resources/guild>, `/user`, `/application`, and
//! <https://docs.discord.com/developers/events/gateway#get-gateway-bot>.

use std::time::Instant;

use serde_json::{Value, json};

use super::{Call, Reply};
use crate::discord::{id::Id, model::Guild, refusal::Refusal, render, state::State};

pub(super) fn gateway(state: &mut State, _: &Call) -> Result<Reply, Refusal> {
    Ok(Reply::ok(json!({"url": format!("ws://{}", state.host)})))
}

pub(super) fn gateway_bot(state: &mut State, _: &Call) -> Result<Reply, Refusal> {
    let limit = state.settings.session_starts;
    let now = Instant::now();
    let starts = &state.sessions.starts;
    let reset_after = starts.reset_after(limit, now).as_millis();
    Ok(Reply::ok(json!({
        "url": format!("ws://{}", state.host),
        "shards": state.guilds.len().div_ceil(state.settings.guilds_per_shard.max(1)).max(1),
        "session_start_limit": {
            "total": limit.requests,
            "remaining": starts.remaining(limit, now),
            "reset_after": u64::try_from(reset_after).unwrap_or(u64::MAX),
            "max_concurrency": state.settings.identifies.requests,
        },
    })))
}

pub(super) fn me(state: &mut State, _: &Call) -> Result<Reply, Refusal> {
    let mut object = render::user(&state.bot);
    render::merge(
        &mut object,
        json!({"verified": true, "mfa_enabled": true, "email": null, "flags": 0, "locale": "en-US"}),
    );
    Ok(Reply::ok(object))
}

pub(super) fn user(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let found = state.users.get(&call.id("user.id")?);
    let found = found.ok_or_else(|| Refusal::of(10013))?;
    Ok(Reply::ok(render::user(found)))
}

pub(super) fn application(state: &mut State, _: &Call) -> Result<Reply, Refusal> {
    Ok(Reply::ok(state.application_object()))
}

pub(super) fn my_guilds(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let counted = call.flag("with_counts");
    let mine = state.guilds.values().map(|guild| {
        let permissions = state.base_permissions(state.bot.id, guild.id);
        let mut object = json!({
            "id": guild.id,
            "name": guild.name,
            "icon": null,
            "banner": null,
            "owner": guild.owner == state.bot.id,
            "permissions": permissions.to_string(),
            "features": [],
        });
        if counted {
            render::merge(&mut object, counts(guild));
        }
        object
    });
    Ok(Reply::ok(mine.collect()))
}

fn counts(guild: &Guild) -> Value {
    let count = guild.members.len();
    json!({"approximate_member_count": count, "approximate_presence_count": count})
}

/// The guild of the path, if the bot is in it.
fn own(state: &State, call: &Call) -> Result<Id, Refusal> {
    let guild = state.guild(call.id("guild.id")?)?;
    if guild.members.contains_key(&state.bot.id) {
        Ok(guild.id)
    } else {
        Err(Refusal::of(50001))
    }
}

pub(super) fn guild(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let found = state.guild(own(state, call)?)?;
    let mut object = state.guild_object(found);
    if call.flag("with_counts") {
        render::merge(&mut object, counts(found));
    }
    Ok(Reply::ok(object))
}

/// Every channel, also those the bot may not look into, but no threads.
pub(super) fn channels(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let guild = own(state, call)?;
    let channels = state
        .channels
        .values()
        .filter(|channel| channel.guild == Some(guild) && channel.thread.is_none())
        .map(|channel| state.channel_object(channel));
    Ok(Reply::ok(channels.collect()))
}

pub(super) fn roles(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let found = state.guild(own(state, call)?)?;
    let object = state.guild_object(found);
    Ok(Reply::ok(object["roles"].clone()))
}

/// `@me` stands for the bot, as bots may write it.
pub(super) fn member(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let guild = state.guild(own(state, call)?)?;
    let user = match call.text("user.id") {
        "@me" => state.bot.id,
        _ => call.id("user.id")?,
    };
    let object = state.member_object(guild, user, true);
    object.map(Reply::ok).ok_or_else(|| Refusal::of(10007))
}
