//! Paths Discord does not have, for the page and for tests in other languages: `GET /__world` shows
//! everything, `GET /__changes` waits for something to happen, `POST /__act` plays a person or makes
//! trouble.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Query, State as Shared},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    GatewayTally, Id, Message,
    acts::{Act, perform},
    house::House,
    model::ChannelKind,
    record,
    state::State,
};

pub(crate) fn router() -> Router<Arc<House>> {
    Router::new()
        .route("/__world", get(world))
        .route("/__record", get(recorded))
        .route("/__changes", get(changes))
        .route("/__act", post(act))
}

#[derive(Serialize)]
struct WorldShown {
    version: u64,
    bot: Id,
    people: Vec<Named>,
    channels: Vec<ChannelShown>,
    commands: Vec<Value>,
    interactions: Vec<FormShown>,
    offers: Vec<OfferShown>,
    gateway: GatewayTally,
}

#[derive(Serialize)]
struct Named {
    id: Id,
    name: String,
    bot: bool,
}

#[derive(Serialize)]
struct ChannelShown {
    id: Id,
    kind: u8,
    guild: Option<String>,
    name: String,
    parent: Option<Id>,
    /// Whom direct messages are with.
    recipient: Option<Id>,
    archived: bool,
    messages: Vec<Message>,
}

/// A form that waits to be sent.
#[derive(Serialize)]
struct FormShown {
    id: Id,
    user: Id,
    channel: Id,
    modal: Value,
}

/// What the bot offers for an option that is being typed.
#[derive(Serialize)]
struct OfferShown {
    id: Id,
    choices: Value,
}

async fn world(Shared(house): Shared<Arc<House>>) -> Json<WorldShown> {
    let version = house.version();
    Json(house.look(|state| shown(state, version)))
}

fn shown(state: &State, version: u64) -> WorldShown {
    let people = state.users.values().map(|user| Named {
        id: user.id,
        name: user.username.clone(),
        bot: user.bot,
    });
    let channels = state.channels.values().map(|channel| {
        let guild = channel.guild.and_then(|guild| state.guilds.get(&guild));
        let recipient = channel.recipients.first().copied();
        let person = recipient.and_then(|id| state.users.get(&id));
        let messages = state.messages.get(&channel.id);
        ChannelShown {
            id: channel.id,
            kind: channel.kind as u8,
            guild: guild.map(|guild| guild.name.clone()),
            name: match person.filter(|_| channel.kind == ChannelKind::Dm) {
                Some(person) => person.username.clone(),
                None => channel.name.clone(),
            },
            parent: channel.parent,
            recipient,
            archived: channel
                .thread
                .as_ref()
                .is_some_and(|thread| thread.archived),
            messages: messages
                .map_or_else(Vec::new, |messages| messages.values().cloned().collect()),
        }
    });
    let commands = state.commands.values();
    let forms = state.interactions.values().filter_map(|interaction| {
        Some(FormShown {
            id: interaction.id,
            user: interaction.origin.user,
            channel: interaction.channel,
            modal: interaction.modal.clone()?,
        })
    });
    // Each keystroke asks for offers: a person sees the newest.
    let mut offers = BTreeMap::new();
    for interaction in state.interactions.values() {
        if let Some(choices) = &interaction.choices {
            offers.insert(interaction.origin.user, (interaction.id, choices));
        }
    }
    let offers = offers.into_values().map(|(id, choices)| OfferShown {
        id,
        choices: choices.clone(),
    });
    WorldShown {
        version,
        bot: state.bot.id,
        people: people.collect(),
        channels: channels.collect(),
        commands: commands
            .map(|command| command.object(state.bot.id))
            .collect(),
        interactions: forms.collect(),
        offers: offers.collect(),
        gateway: state.sessions.tally(),
    }
}

#[derive(Deserialize)]
struct After {
    /// What was seen so far.
    #[serde(default)]
    after: u64,
}

async fn changes(
    Shared(house): Shared<Arc<House>>,
    Query(After { after }): Query<After>,
) -> Json<u64> {
    Json(house.changed_after(after).await)
}

#[derive(Serialize)]
struct RecordShown {
    requests: Vec<record::Request>,
    frames: Vec<record::Frame>,
    closed: Vec<record::Closed>,
    gateway: GatewayTally,
}

/// Requests after this number; the rest is always whole.
async fn recorded(
    Shared(house): Shared<Arc<House>>,
    Query(After { after }): Query<After>,
) -> Json<RecordShown> {
    let after = usize::try_from(after).unwrap_or(usize::MAX);
    Json(house.look(|state| RecordShown {
        requests: state.record.requests.iter().skip(after).cloned().collect(),
        frames: state.record.frames.clone(),
        closed: state.record.closed.clone(),
        gateway: state.sessions.tally(),
    }))
}

async fn act(Shared(house): Shared<Arc<House>>, Json(act): Json<Act>) -> Response {
    match &act {
        Act::Open { gate } => house.gates.open(gate),
        Act::Shut { gate } => house.gates.close(gate),
        Act::Release { gate, count } => house.gates.release(gate, *count),
        _ => {}
    }
    match house.act(|state| perform(state, act)) {
        Ok(done) => Json(done).into_response(),
        Err(cannot) => {
            let body = Json(json!({"error": cannot.to_string()}));
            (StatusCode::UNPROCESSABLE_ENTITY, body).into_response()
        }
    }
}
