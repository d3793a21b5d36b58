//! Paths Discord does not have, for the page and for tests in other languages: `GET /__world` shows
//! everything, `GET /__changes` waits for something to happen, `POST /__act` plays a person or makes
//! trouble.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Query, State as Shared},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    Cannot, GatewayTally, Id, Message, Saying, Strike, StrikeId, house::House, model::ChannelKind,
    opcodes::op, record, state::State,
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
        let recipient = channel
            .recipients
            .first()
            .and_then(|id| state.users.get(id));
        let messages = state.messages.get(&channel.id);
        ChannelShown {
            id: channel.id,
            kind: channel.kind as u8,
            guild: guild.map(|guild| guild.name.clone()),
            name: match recipient.filter(|_| channel.kind == ChannelKind::Dm) {
                Some(person) => person.username.clone(),
                None => channel.name.clone(),
            },
            parent: channel.parent,
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
    WorldShown {
        version,
        bot: state.bot.id,
        people: people.collect(),
        channels: channels.collect(),
        commands: commands
            .map(|command| command.object(state.bot.id))
            .collect(),
        interactions: forms.collect(),
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

/// One thing that someone does, or one trouble.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
enum Act {
    Say {
        person: Id,
        channel: Id,
        text: String,
        #[serde(default)]
        reply_to: Option<Id>,
        #[serde(default)]
        files: Vec<FileGiven>,
    },
    Dm {
        person: Id,
        text: String,
    },
    Edit {
        person: Id,
        channel: Id,
        message: Id,
        text: String,
    },
    Delete {
        person: Id,
        channel: Id,
        message: Id,
    },
    React {
        person: Id,
        channel: Id,
        message: Id,
        emoji: String,
    },
    Unreact {
        person: Id,
        channel: Id,
        message: Id,
        emoji: String,
    },
    Thread {
        person: Id,
        channel: Id,
        #[serde(default)]
        message: Option<Id>,
        name: String,
    },
    Archive {
        thread: Id,
        #[serde(default)]
        locked: bool,
    },
    Press {
        person: Id,
        channel: Id,
        message: Id,
        custom_id: String,
        #[serde(default)]
        values: Vec<String>,
    },
    Submit {
        person: Id,
        interaction: Id,
        values: Map<String, Value>,
    },
    Command {
        person: Id,
        channel: Id,
        name: String,
        #[serde(default)]
        options: Map<String, Value>,
    },
    Strike {
        strike: Strike,
    },
    Lift {
        #[serde(default)]
        id: Option<StrikeId>,
    },
    Open {
        gate: String,
    },
    Shut {
        gate: String,
    },
    Release {
        gate: String,
        count: usize,
    },
    Reconnect,
    Invalidate {
        resumable: bool,
    },
    Close {
        code: u16,
    },
    Drop,
    GrantIntents {
        privileged: u64,
    },
    AllowBot {
        guild: Id,
        permissions: u64,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileGiven {
    name: String,
    content_type: String,
    text: String,
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

fn perform(state: &mut State, act: Act) -> Result<Value, Cannot> {
    let done = Value::Null;
    Ok(match act {
        Act::Say {
            person,
            channel,
            text,
            reply_to,
            files,
        } => {
            let files = files
                .into_iter()
                .map(|file| (file.name, file.content_type, file.text.into_bytes()))
                .collect();
            let saying = Saying {
                text,
                reply_to,
                files,
            };
            json!(state.say(person, channel, saying)?.id)
        }
        Act::Dm { person, text } => {
            let channel = state.direct_channel(person);
            json!(state.say(person, channel, Saying::text(&text))?.id)
        }
        Act::Edit {
            person,
            channel,
            message,
            text,
        } => json!(state.edit_as(person, channel, message, &text)?),
        Act::Delete {
            person,
            channel,
            message,
        } => json!(state.delete_as(person, channel, message)?),
        Act::React {
            person,
            channel,
            message,
            emoji,
        } => json!(state.react(channel, message, person, &emoji)?),
        Act::Unreact {
            person,
            channel,
            message,
            emoji,
        } => json!(state.unreact(channel, message, person, &emoji)?),
        Act::Thread {
            person,
            channel,
            message,
            name,
        } => json!(state.begin_thread_as(person, channel, message, &name)?),
        Act::Archive { thread, locked } => json!(state.archive(thread, locked)?),
        Act::Press {
            person,
            channel,
            message,
            custom_id,
            values,
        } => json!(state.use_component(person, channel, message, &custom_id, &values)?),
        Act::Submit {
            person,
            interaction,
            values,
        } => {
            let values: Vec<(String, String)> = values
                .into_iter()
                .map(|(name, value)| match value {
                    Value::String(text) => (name, text),
                    other => (name, other.to_string()),
                })
                .collect();
            json!(state.submit(person, interaction, &values)?)
        }
        Act::Command {
            person,
            channel,
            name,
            options,
        } => json!(state.use_command(person, channel, &name, &options)?),
        trouble => {
            return Ok(make_trouble(state, trouble).unwrap_or(done));
        }
    })
}

fn make_trouble(state: &mut State, act: Act) -> Option<Value> {
    let connections = state.sessions.open_connections();
    match act {
        Act::Strike { strike } => return Some(json!(state.faults.arm(strike))),
        Act::Lift { id: Some(id) } => state.faults.lift(id),
        Act::Lift { id: None } => state.faults.lift_all(),
        Act::Reconnect => {
            for connection in connections {
                let payload = json!({"op": op::RECONNECT, "d": null});
                state.sessions.send(connection, payload);
            }
        }
        Act::Invalidate { resumable } => {
            for connection in connections {
                state.invalid_session(connection, resumable);
            }
            if !resumable {
                state.sessions.list.clear();
            }
        }
        Act::Close { code } => {
            for connection in connections {
                let reason = super::opcodes::close::reason(code);
                state.sessions.close(connection, code, reason);
            }
        }
        Act::Drop => {
            for connection in connections {
                state.sessions.drop_connection(connection);
            }
        }
        Act::GrantIntents { privileged } => {
            state.application.granted = privileged & super::intent::intents::PRIVILEGED;
        }
        Act::AllowBot { guild, permissions } => state.set_bot_permissions(guild, permissions),
        _ => {}
    }
    None
}
