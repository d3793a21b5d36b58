//! Answers to interactions:
//! <https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-callback>.

use serde_json::{Map, Value, json};

use super::{Call, Reply, content};
use crate::discord::{
    form::Form,
    id::Id,
    interactions::{Interaction, kind},
    mentions::Allowed,
    model::{Author, Message, flags},
    posts::{Change, Draft},
    refusal::Refusal,
    state::State,
};

mod callback_type {
    pub(super) const CHANNEL_MESSAGE_WITH_SOURCE: u64 = 4;
    pub(super) const DEFERRED_CHANNEL_MESSAGE_WITH_SOURCE: u64 = 5;
    pub(super) const DEFERRED_UPDATE_MESSAGE: u64 = 6;
    pub(super) const UPDATE_MESSAGE: u64 = 7;
    pub(super) const AUTOCOMPLETE_RESULT: u64 = 8;
    pub(super) const MODAL: u64 = 9;
}

const SETTABLE: u64 = flags::SUPPRESS_EMBEDS
    | flags::EPHEMERAL
    | flags::IS_COMPONENTS_V2
    | flags::IS_VOICE_MESSAGE
    | flags::SUPPRESS_NOTIFICATIONS;

pub(super) fn callback(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    use callback_type as t;
    let id = call.id("interaction.id")?;
    let found = state.interactions.get(&id).cloned();
    let found = found.filter(|found| found.token == call.text("interaction.token"));
    let found = found.ok_or_else(|| Refusal::of(10062))?;
    if found.answered.is_some() {
        return Err(Refusal::of(40060));
    }
    if !state.is_in_time(&found) {
        return Err(Refusal::of(10062));
    }
    let mut form = call.form();
    if !form.has("type") {
        form.required("type");
    }
    let kind = form
        .integer_of("type", &allowed_types(&found))
        .unwrap_or_default();
    let empty = Map::new();
    let mut data = form.object("data").unwrap_or_else(|| Form::new(&empty));
    data.objects("choices", 25);
    let modal = (kind == t::MODAL).then(|| {
        content::modal(&mut data);
        call.fields.get("data").cloned().unwrap_or_default()
    });
    let content = if modal.is_some() {
        content::Content::nothing()
    } else {
        let default = Allowed::in_webhooks();
        content::read(&mut data, call, &state.settings, SETTABLE, default)?
    };
    form.close("data", data);
    form.finish()?;
    if kind == t::CHANNEL_MESSAGE_WITH_SOURCE && content.is_empty() {
        return Err(Refusal::of(50006));
    }
    let message = match kind {
        t::CHANNEL_MESSAGE_WITH_SOURCE => Some(say(state, &found, content)),
        t::DEFERRED_CHANNEL_MESSAGE_WITH_SOURCE => {
            let mut loading = content;
            loading.flags = (loading.flags & flags::EPHEMERAL) | flags::LOADING;
            loading.text.clear();
            Some(say(state, &found, loading))
        }
        t::UPDATE_MESSAGE => Some(update(state, &found, call, content)?),
        _ => None,
    };
    let original = match kind {
        t::UPDATE_MESSAGE | t::DEFERRED_UPDATE_MESSAGE => found.origin.message,
        _ => message.as_ref().map(|message| message.id),
    };
    if let Some(kept) = state.interactions.get_mut(&id) {
        kept.answered = Some(kind);
        kept.original = original;
        kept.modal = modal;
        let data = call.fields.get("data");
        kept.choices = data.and_then(|data| data.get("choices")).cloned();
    }
    Ok(answered(state, call, &found, kind, message))
}

/// Components have two answers more, forms cannot answer with a form.
fn allowed_types(found: &Interaction) -> Vec<u64> {
    use callback_type as t;
    if found.origin.kind == kind::APPLICATION_COMMAND_AUTOCOMPLETE {
        return vec![t::AUTOCOMPLETE_RESULT];
    }
    let mut types = vec![
        t::CHANNEL_MESSAGE_WITH_SOURCE,
        t::DEFERRED_CHANNEL_MESSAGE_WITH_SOURCE,
    ];
    if found.origin.message.is_some() {
        types.extend([t::DEFERRED_UPDATE_MESSAGE, t::UPDATE_MESSAGE]);
    }
    if found.origin.kind != kind::MODAL_SUBMIT {
        types.push(t::MODAL);
    }
    types
}

/// 204, or 200 with the callback response where `with_response` asks for it.
fn answered(
    state: &State,
    call: &Call,
    found: &Interaction,
    kind: u64,
    message: Option<Message>,
) -> Reply {
    if !call.flag("with_response") {
        return Reply {
            message,
            ..Reply::empty()
        };
    }
    let mut interaction = json!({"id": found.id, "type": found.origin.kind});
    let mut resource = json!({"type": kind});
    if let Some(message) = &message {
        interaction["response_message_id"] = json!(message.id);
        let loading = message.flags & flags::LOADING != 0;
        interaction["response_message_loading"] = loading.into();
        interaction["response_message_ephemeral"] = message.is_ephemeral().into();
        if !loading {
            resource["message"] = state.message_object(message, true);
        }
    }
    let mut reply = Reply::ok(json!({"interaction": interaction, "resource": resource}));
    reply.message = message;
    reply
}

/// Posts an answer or a later message.
fn say(state: &mut State, found: &Interaction, content: content::Content) -> Message {
    let mut draft = Draft::new(found.channel, Author::User(state.bot.id), &content.text);
    draft.kind = found.message_type();
    draft.flags = content.flags;
    draft.tts = content.tts;
    draft.embeds = content.embeds;
    draft.components = content.components;
    draft.uploads = content.uploads;
    draft.allowed = content.allowed;
    draft.interaction = Some(found.origin.clone());
    state.post(draft)
}

/// Changes the message that the component stands in.
fn update(
    state: &mut State,
    found: &Interaction,
    call: &Call,
    content: content::Content,
) -> Result<Message, Refusal> {
    let source = found.origin.message.ok_or_else(|| Refusal::of(10008))?;
    let given = call.fields.get("data").and_then(Value::as_object);
    let has = |name: &str| given.is_some_and(|data| data.contains_key(name));
    let change = Change {
        content: has("content").then_some(content.text),
        embeds: has("embeds").then_some(content.embeds),
        components: has("components").then_some(content.components),
        uploads: content.uploads,
        allowed: Some(content.allowed),
        ..Change::default()
    };
    state.edit(found.channel, source, change)
}

/// The interaction whose token the path has in a webhook's place.
fn by_token(state: &State, call: &Call) -> Result<Interaction, Refusal> {
    let token = call.text("webhook.token");
    let found = state
        .interactions
        .values()
        .find(|found| found.token == token);
    let found = found.filter(|found| state.is_token_good(found));
    let found = found.ok_or_else(|| Refusal::of(50027))?;
    if found.answered.is_none() {
        return Err(Refusal::of(10015));
    }
    Ok(found.clone())
}

/// A message of the path, `@original` among them.
pub(super) fn posted(state: &State, call: &Call) -> Result<(Id, Id), Refusal> {
    let found = by_token(state, call)?;
    let id = match call.text("message.id") {
        "@original" => found.original.ok_or_else(|| Refusal::of(10008))?,
        _ => {
            let id = call.id("message.id")?;
            let own = found.original == Some(id) || found.follow_ups.contains(&id);
            if !own {
                return Err(Refusal::of(10008));
            }
            id
        }
    };
    state.message(found.channel, id)?;
    Ok((found.channel, id))
}

pub(super) fn follow_up(state: &mut State, call: &Call) -> Result<Reply, Refusal> {
    let found = by_token(state, call)?;
    let mut form = call.form();
    let default = Allowed::in_webhooks();
    let content = content::read(&mut form, call, &state.settings, SETTABLE, default)?;
    form.finish()?;
    if content.is_empty() {
        return Err(Refusal::of(50006));
    }
    let loading = found
        .original
        .and_then(|id| state.message(found.channel, id).ok())
        .filter(|message| message.flags & flags::LOADING != 0)
        .map(|message| message.id);
    if let Some(id) = loading {
        // The first one after a deferral still takes the place of the loading message.
        let change = Change {
            content: Some(content.text),
            embeds: Some(content.embeds),
            components: Some(content.components),
            uploads: content.uploads,
            allowed: Some(content.allowed),
            ..Change::default()
        };
        let message = state.edit(found.channel, id, change)?;
        return Ok(Reply::message(state, message));
    }
    let message = say(state, &found, content);
    if let Some(kept) = state.interactions.get_mut(&found.id) {
        kept.follow_ups.push(message.id);
    }
    Ok(Reply::message(state, message))
}
