//! Threads: <https://docs.discord.com/developers/resources/channel#start-thread-from-message> and
//! <https://docs.discord.com/developers/topics/threads>.

use serde_json::{Value, json};

use super::{Call, Reply, messages::refuse_archived};
use crate::discord::{
    id::Id,
    model::{Channel, ChannelKind},
    permissions::bits,
    refusal::Refusal,
    state::State,
    threads::Start,
};

/// Minutes after which a thread may hide itself.
pub(super) const AUTO_ARCHIVE: [u64; 4] = [60, 1_440, 4_320, 10_080];

pub(super) fn start_from_message(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let (parent, message) = (call.id("channel.id")?, call.id("message.id")?);
    state.bot_needs(parent, bits::CREATE_PUBLIC_THREADS)?;
    state.message(parent, message)?;
    let kind = match state.channel(parent)?.kind {
        ChannelKind::Text => ChannelKind::PublicThread,
        ChannelKind::Announcement => ChannelKind::AnnouncementThread,
        _ => return Err(Refusal::of(50024)),
    };
    start_one(state, call, parent, Some(message), |_| Ok(kind))
}

pub(super) fn start(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let parent = call.id("channel.id")?;
    let (channel, held) = state.bots_channel(parent)?;
    let announcement = match channel.kind {
        ChannelKind::Text => false,
        ChannelKind::Announcement => true,
        _ => return Err(Refusal::of(50024)),
    };
    start_one(state, call, parent, None, |asked| {
        let kind = match (asked, announcement) {
            (10, true) => ChannelKind::AnnouncementThread,
            (11, false) => ChannelKind::PublicThread,
            (12, false) => ChannelKind::PrivateThread,
            _ => return Err(Refusal::of(50024)),
        };
        let needed = match kind {
            ChannelKind::PrivateThread => bits::CREATE_PRIVATE_THREADS,
            _ => bits::CREATE_PUBLIC_THREADS,
        };
        if held & needed == 0 {
            return Err(Refusal::of(50013));
        }
        Ok(kind)
    })
}

fn start_one(
    state: &mut State,
    call: &Call,
    parent: Id,
    message: Option<Id>,
    kind: impl Fn(u64) -> Result<ChannelKind, Refusal>,
) -> Result<Reply, Refusal> {
    let mut form = call.form();
    let name = form.required_string("name", 1..=100);
    let minutes = form.integer_of("auto_archive_duration", &AUTO_ARCHIVE);
    // Private is the default the page keeps for the time being.
    let asked = form.integer_of("type", &[10, 11, 12]).unwrap_or(12);
    form.boolean("invitable");
    form.integer("rate_limit_per_user");
    form.finish()?;
    let start = Start {
        parent,
        owner: state.bot.id,
        name,
        kind: kind(asked)?,
        message,
        auto_archive_duration: minutes.unwrap_or(4_320),
    };
    let id = state.start_thread(start)?;
    let thread = state.channel(id)?;
    Ok(Reply::created(state.channel_object(thread)))
}

pub(super) fn join(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let id = thread_id(state, call)?;
    state.join(id, state.bot.id);
    Ok(Reply::empty())
}

pub(super) fn leave(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let id = thread_id(state, call)?;
    state.leave(id, state.bot.id);
    Ok(Reply::empty())
}

/// The thread of the path, if it is awake.
fn thread_id(state: &State, call: &Call) -> Result<Id, Refusal> {
    let id = call.id("channel.id")?;
    let (channel, _) = state.bots_channel(id)?;
    if channel.thread.is_none() {
        return Err(Refusal::of(50024));
    }
    refuse_archived(state, id)?;
    Ok(id)
}

/// <https://docs.discord.com/developers/resources/guild#list-active-guild-threads>.
pub(super) fn active(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let guild = call.id("guild.id")?;
    let found = state.guild(guild)?;
    if !found.members.contains_key(&state.bot.id) {
        return Err(Refusal::of(50001));
    }
    let active = listed(state, |channel, archived| {
        channel.guild == Some(guild) && !archived
    });
    Ok(Reply::ok(active))
}

pub(super) fn archived(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let parent = call.id("channel.id")?;
    state.bot_needs(parent, bits::READ_MESSAGE_HISTORY)?;
    let mut found = listed(state, |channel, archived| {
        let public = channel.kind != ChannelKind::PrivateThread;
        channel.parent == Some(parent) && archived && public
    });
    found["has_more"] = false.into();
    Ok(Reply::ok(found))
}

/// Threads the bot may see, the newest first.
fn listed(state: &State, wanted: impl Fn(&Channel, bool) -> bool) -> Value {
    let threads: Vec<&Channel> = state
        .channels
        .values()
        .rev()
        .filter(|channel| {
            let thread = channel.thread.as_ref();
            thread.is_some_and(|thread| wanted(channel, thread.archived))
                && state.permissions(state.bot.id, channel.id) != 0
        })
        .collect();
    let members: Vec<Value> = threads
        .iter()
        .filter_map(|channel| state.thread_member_object(channel.id, state.bot.id))
        .collect();
    let threads: Vec<Value> = threads
        .iter()
        .map(|channel| state.channel_object(channel))
        .collect();
    json!({"threads": threads, "members": members})
}
