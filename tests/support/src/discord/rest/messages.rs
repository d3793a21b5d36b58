//! Messages: <https://docs.discord.com/developers/resources/message>.

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use serde_json::Value;

use super::{Call, Reply, content};
use crate::discord::{
    form::Form,
    id::Id,
    mentions::Allowed,
    model::{Author, Channel, ChannelKind, Reference, flags, message_type},
    permissions::bits,
    posts::Draft,
    refusal::Refusal,
    state::State,
};

pub(super) fn list(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let channel = call.id("channel.id")?;
    let (_, held) = state.bots_channel(channel)?;
    let limit = match call.asked("limit") {
        None => 50,
        Some(text) => match text.parse::<usize>() {
            Ok(limit @ 1..=100) => limit,
            _ => {
                let message = "int value should be less than or equal to 100.";
                return Err(Refusal::field(&["limit"], "NUMBER_TYPE_MAX", message));
            }
        },
    };
    let mut marks = Vec::new();
    for name in ["around", "before", "after"] {
        if let Some(text) = call.asked(name) {
            let id: Id = text.parse().map_err(|_| {
                let message = format!("Value \"{text}\" is not snowflake.");
                Refusal::field(&[name], "NUMBER_TYPE_COERCE", &message)
            })?;
            marks.push((name, id));
        }
    }
    if marks.len() > 1 {
        let message = "around, before and after are mutually exclusive";
        return Err(Refusal::field(&[], "BASE_TYPE_CHOICES", message));
    }
    if held & bits::READ_MESSAGE_HISTORY == 0 {
        return Ok(Reply::ok(Value::Array(Vec::new())));
    }
    let all: Vec<Id> = state
        .messages
        .get(&channel)
        .map(|messages| {
            let kept = messages.values().filter(|message| !message.is_ephemeral());
            kept.map(|message| message.id).collect()
        })
        .unwrap_or_default();
    let mut page: Vec<Id> = match marks.first() {
        None => last(&all, limit),
        Some(("before", mark)) => last(&older(&all, *mark), limit),
        Some(("after", mark)) => {
            let newer = all.iter().copied().filter(|id| id > mark);
            newer.take(limit).collect()
        }
        Some((_, mark)) => {
            let before = last(&older(&all, *mark), limit / 2);
            let room = limit - before.len();
            let rest = all.iter().copied().filter(|id| id >= mark);
            before.into_iter().chain(rest.take(room)).collect()
        }
    };
    page.reverse();
    let may_read = state.may_read_content();
    let objects = page
        .iter()
        .filter_map(|id| state.message(channel, *id).ok())
        .map(|message| state.message_object(message, may_read))
        .collect();
    Ok(Reply::ok(objects))
}

fn older(all: &[Id], mark: Id) -> Vec<Id> {
    all.iter().copied().filter(|id| *id < mark).collect()
}

fn last(all: &[Id], count: usize) -> Vec<Id> {
    all[all.len().saturating_sub(count)..].to_vec()
}

pub(super) fn get(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let channel = call.id("channel.id")?;
    state.bot_needs(channel, bits::READ_MESSAGE_HISTORY)?;
    let message = state.message(channel, call.id("message.id")?)?.clone();
    Ok(Reply::message(state, message))
}

pub(super) fn create(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let id = call.id("channel.id")?;
    may_speak(state, id)?;
    let mut form = call.form();
    let content = content::read(
        &mut form,
        call,
        &state.settings,
        flags::SUPPRESS_EMBEDS
            | flags::SUPPRESS_NOTIFICATIONS
            | flags::IS_VOICE_MESSAGE
            | flags::IS_COMPONENTS_V2,
        Allowed::in_messages(),
    )?;
    let nonce = nonce(&mut form);
    let enforce = form.boolean("enforce_nonce").unwrap_or(false);
    let reference = reference(state, &mut form, id);
    form.finish()?;
    let reference = reference?;
    if content.is_empty() {
        return Err(Refusal::of(50006));
    }
    let needed = [
        (!content.uploads.is_empty(), bits::ATTACH_FILES),
        (!content.embeds.is_empty(), bits::EMBED_LINKS),
        (content.tts, bits::SEND_TTS_MESSAGES),
    ];
    for (used, bit) in needed {
        if used {
            state.bot_needs(id, bit)?;
        }
    }
    let remembered = nonce.as_ref().filter(|_| enforce).map(text_of);
    if let Some(nonce) = &remembered
        && let Some(reply) = posted_already(state, nonce)
    {
        return Ok(reply);
    }
    let mut draft = Draft::new(id, Author::User(state.bot.id), &content.text);
    draft.kind = if reference.is_some() {
        message_type::REPLY
    } else {
        message_type::DEFAULT
    };
    draft.flags = content.flags;
    draft.tts = content.tts;
    draft.embeds = content.embeds;
    draft.components = content.components;
    draft.uploads = content.uploads;
    draft.allowed = content.allowed;
    draft.reference = reference;
    draft.nonce = nonce;
    let message = state.post(draft);
    // Whoever enforces, every nonce is remembered.
    if let Some(nonce) = &message.nonce {
        let key = (state.bot.id, text_of(nonce));
        state.nonces.insert(key, (Instant::now(), id, message.id));
    }
    Ok(Reply::message(state, message))
}

/// The rules about who may post where.
fn may_speak(state: &State, id: Id) -> Result<(), Refusal> {
    let (channel, held) = state.bots_channel(id)?;
    match channel.kind {
        ChannelKind::Forum => return Err(Refusal::of(40058)),
        ChannelKind::Category => return Err(Refusal::of(50008)),
        _ => {}
    }
    if let Some(person) = unreachable(state, channel) {
        return Err(person);
    }
    let needed = match channel.thread {
        Some(_) => bits::SEND_MESSAGES_IN_THREADS,
        None => bits::SEND_MESSAGES,
    };
    if held & needed == 0 {
        return Err(Refusal::of(50013));
    }
    let locked = channel.thread.as_ref().is_some_and(|thread| thread.locked);
    if locked && held & bits::MANAGE_THREADS == 0 {
        return Err(Refusal::of(160005));
    }
    Ok(())
}

/// Someone who takes no direct messages.
fn unreachable(state: &State, channel: &Channel) -> Option<Refusal> {
    let person = channel.recipients.first()?;
    let takes = state.users.get(person).is_some_and(|user| user.takes_dms);
    (!takes).then(|| Refusal::of(50007))
}

/// Up to 25 characters, or a number.
fn nonce(form: &mut Form<'_>) -> Option<Value> {
    match form.number("nonce") {
        Some(number) => Some(number),
        None => form.string("nonce", 0..=25).map(Value::String),
    }
}

fn text_of(nonce: &Value) -> String {
    nonce
        .as_str()
        .map_or_else(|| nonce.to_string(), str::to_owned)
}

/// The message that this nonce has made within the past few minutes.
fn posted_already(state: &mut State, nonce: &str) -> Option<Reply> {
    let window = Duration::from_millis(state.settings.nonce_window_ms);
    state.nonces.retain(|_, (at, ..)| at.elapsed() < window);
    let (_, channel, id) = state.nonces.get(&(state.bot.id, nonce.to_owned()))?;
    let message = state.message(*channel, *id).ok()?.clone();
    let mut reply = Reply::message(state, message);
    reply.status = StatusCode::OK;
    reply.message = None; // nobody is notified a second time
    Some(reply)
}

/// Whom the message answers: <https://docs.discord.com/developers/resources/message#message-reference-structure>.
fn reference(
    state: &State,
    form: &mut Form<'_>,
    channel: Id,
) -> Result<Option<Reference>, Refusal> {
    let Some(mut given) = form.object("message_reference") else {
        return Ok(None);
    };
    let id = given.id("message_id");
    if id.is_none() {
        given.required("message_id");
    }
    given.integer_of("type", &[0]);
    let of = given.id("channel_id").unwrap_or(channel);
    given.id("guild_id");
    let must_exist = given.boolean("fail_if_not_exists").unwrap_or(true);
    let found = id.and_then(|id| state.message(of, id).ok());
    let missing = id.is_some() && (found.is_none() || of != channel);
    if missing && must_exist {
        given.fault(
            "message_id",
            "MESSAGE_REFERENCE_UNKNOWN_MESSAGE",
            "Unknown message",
        );
    }
    if found.is_some_and(|found| message_type::is_system(found.kind)) {
        let message = "Cannot reply to a system message";
        given.fault(
            "message_id",
            "REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE",
            message,
        );
    }
    form.close("message_reference", given);
    if missing {
        return Ok(None);
    }
    if state.permissions(state.bot.id, channel) & bits::READ_MESSAGE_HISTORY == 0 {
        return Err(Refusal::of(160002));
    }
    Ok(id.map(|id| Reference {
        message_id: Some(id),
        channel_id: channel,
        guild_id: state
            .channels
            .get(&channel)
            .and_then(|channel| channel.guild),
    }))
}

pub(super) fn edit(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let (channel, id) = (call.id("channel.id")?, call.id("message.id")?);
    state.bots_channel(channel)?;
    let message = state.message(channel, id)?;
    let own = message.author == Author::User(state.bot.id);
    if !own {
        return Err(Refusal::of(50005));
    }
    if message_type::is_system(message.kind) {
        return Err(Refusal::of(50021));
    }
    refuse_archived(state, channel)?;
    let change = content::change(call, &state.settings, Allowed::in_messages())?;
    refuse_emptied(state, channel, id, &change)?;
    let message = state.edit(channel, id, change)?;
    Ok(Reply::message(state, message))
}

/// An edit must leave something.
pub(super) fn refuse_emptied(
    state: &State,
    channel: Id,
    id: Id,
    change: &crate::discord::posts::Change,
) -> Result<(), Refusal> {
    let message = state.message(channel, id)?;
    let text = change.content.as_deref().unwrap_or(&message.content);
    let kept = match &change.keep {
        Some(keep) => keep.len(),
        None => message.attachments.len(),
    };
    let embeds = change.embeds.as_ref().unwrap_or(&message.embeds);
    let components = change.components.as_ref().unwrap_or(&message.components);
    let empty = text.trim().is_empty()
        && embeds.is_empty()
        && components.is_empty()
        && kept + change.uploads.len() == 0;
    if empty {
        return Err(Refusal::of(50006));
    }
    Ok(())
}

pub(super) fn refuse_archived(state: &State, channel: Id) -> Result<(), Refusal> {
    let thread = state.channel(channel)?.thread.as_ref();
    if thread.is_some_and(|thread| thread.archived) {
        return Err(Refusal::of(50083));
    }
    Ok(())
}

pub(super) fn delete(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let (channel, id) = (call.id("channel.id")?, call.id("message.id")?);
    let (of, held) = state.bots_channel(channel)?;
    let in_guild = of.guild.is_some();
    let message = state.message(channel, id)?;
    if message.kind == message_type::THREAD_STARTER_MESSAGE {
        return Err(Refusal::of(50021));
    }
    let own = message.author == Author::User(state.bot.id);
    if !own && !in_guild {
        return Err(Refusal::of(50003));
    }
    if !own && held & bits::MANAGE_MESSAGES == 0 {
        return Err(Refusal::of(50013));
    }
    state.delete(channel, id)?;
    Ok(Reply::empty())
}
