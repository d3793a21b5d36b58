//! What can be done over HTTP, as one value each.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Cannot, Id, Overwrite, Saying, Strike, StrikeId, opcodes::op, state::State};

/// One thing that someone does, or one trouble.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Act {
    Say {
        person: Id,
        channel: Id,
        text: String,
        #[serde(default)]
        reply_to: Option<Id>,
        #[serde(default)]
        files: Vec<FileGiven>,
    },
    Webhook {
        channel: Id,
        name: String,
        text: String,
    },
    /// Opens the direct messages with the bot; what is said there is [`Act::Say`].
    Dm {
        person: Id,
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
    /// Types in an option that the bot completes.
    Type {
        person: Id,
        channel: Id,
        name: String,
        option: String,
        typed: String,
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
    AskHeartbeat,
    ExpireSessions,
    Overwrite {
        channel: Id,
        overwrite: Overwrite,
    },
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
pub(crate) struct FileGiven {
    name: String,
    content_type: String,
    text: String,
}

pub(crate) fn perform(state: &mut State, act: Act) -> Result<Value, Cannot> {
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
        Act::Webhook {
            channel,
            name,
            text,
        } => json!(state.say_by_webhook(channel, &name, &text)?),
        Act::Dm { person } => json!(state.open_direct(person)?),
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
        Act::Type {
            person,
            channel,
            name,
            option,
            typed,
        } => json!(state.type_option(person, channel, (&name, &option), &typed)?),
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
        Act::Invalidate { resumable } => state.invalidate(resumable),
        Act::AskHeartbeat => {
            for connection in connections {
                let payload = json!({"op": op::HEARTBEAT, "d": null});
                state.sessions.send(connection, payload);
            }
        }
        Act::ExpireSessions => state.sessions.expire(std::time::Duration::ZERO),
        Act::Overwrite { channel, overwrite } => state.set_overwrite(channel, overwrite),
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
