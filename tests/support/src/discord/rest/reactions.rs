//! Reactions: <https://docs.discord.com/developers/resources/message#create-reaction>.

use serde_json::Value;

use super::{Call, Reply, messages::refuse_archived};
use crate::discord::{permissions::bits, refusal::Refusal, render, state::State};

pub(super) fn create(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let (channel, id) = (call.id("channel.id")?, call.id("message.id")?);
    let emoji = emoji(call)?;
    state.bot_needs(channel, bits::READ_MESSAGE_HISTORY)?;
    refuse_archived(state, channel)?;
    let message = state.message(channel, id)?;
    let fresh = !message
        .reactions
        .iter()
        .any(|reaction| reaction.emoji == emoji);
    if fresh {
        state.bot_needs(channel, bits::ADD_REACTIONS)?;
    }
    state.react(channel, id, state.bot.id, &emoji)?;
    Ok(Reply::empty())
}

pub(super) fn delete_own(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let (channel, id) = (call.id("channel.id")?, call.id("message.id")?);
    let emoji = emoji(call)?;
    state.bots_channel(channel)?;
    refuse_archived(state, channel)?;
    state.unreact(channel, id, state.bot.id, &emoji)?;
    Ok(Reply::empty())
}

pub(super) fn list(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let (channel, id) = (call.id("channel.id")?, call.id("message.id")?);
    let emoji = emoji(call)?;
    state.bot_needs(channel, bits::READ_MESSAGE_HISTORY)?;
    let message = state.message(channel, id)?;
    let reaction = message
        .reactions
        .iter()
        .find(|reaction| reaction.emoji == emoji);
    let users = reaction.map_or(&[][..], |reaction| &reaction.users);
    let objects: Value = users
        .iter()
        .filter_map(|user| state.users.get(user))
        .map(render::user)
        .collect();
    Ok(Reply::ok(objects))
}

/// A Unicode emoji or `name:id`; nothing that could be a word.
fn emoji(call: &Call) -> Result<String, Refusal> {
    let text = call.text("emoji.id");
    let custom = text
        .split_once(':')
        .is_some_and(|(name, id)| !name.is_empty() && id.parse::<u64>().is_ok());
    if custom || !text.is_ascii() {
        Ok(text.to_owned())
    } else {
        Err(Refusal::of(10014))
    }
}
