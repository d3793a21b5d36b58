//! A message, and a bridge that hears it: bot 9, its role 90, channel 41 of `loom`, thread 51 of `river`.

use husting_domain::agents::Name;
use husting_domain::discord::{Inbound, RequestId, Snowflake};
use husting_domain::time::Timestamp;
use serde_json::{Value, json};
use twilight_model::channel::message::Message;
use uuid::Uuid;

use super::{Decision, Hearing, Routes, decide};

pub fn snowflake(id: u64) -> Snowflake {
    Snowflake::new(id).unwrap()
}

pub fn routes() -> Routes {
    let name = |name| Name::parse(name).unwrap();
    Routes {
        bot: snowflake(9),
        bot_roles: [snowflake(90)].into(),
        map: [
            (snowflake(41), name("loom")),
            (snowflake(51), name("river")),
        ]
        .into(),
        default_agent: name("kasra"),
    }
}

pub fn hearing() -> Hearing {
    Hearing {
        request: RequestId(Uuid::from_u128(0xa)),
        parent: None,
        at: Timestamp::from_micros(1_000_000),
    }
}

/// What a person wrote in channel 40 of server 30, with these fields laid over it.
pub fn message(changes: Value) -> Message {
    let mut message = json!({
        "id": "60", "channel_id": "40", "guild_id": "30", "type": 0, "content": "<@9> hello",
        "author": { "id": "20", "username": "ana", "discriminator": "0", "avatar": null,
            "global_name": null, "public_flags": 0 },
        "timestamp": "2026-11-20T08:00:00.000000+00:00", "edited_timestamp": null, "tts": false,
        "mention_everyone": false, "mentions": [], "mention_roles": [], "attachments": [],
        "embeds": [], "pinned": false,
    });
    lay(&mut message, changes);
    serde_json::from_value(message).unwrap()
}

fn lay(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (key, value) in over {
                lay(under.entry(key).or_insert(Value::Null), value);
            }
        }
        (under, over) => *under = over,
    }
}

/// The question that is made of such a message.
pub fn question(text: &str) -> Inbound {
    let message = message(json!({ "content": format!("<@9> {text}") }));
    match decide(&routes(), &message, hearing()) {
        Decision::Ask(inbound) => *inbound,
        Decision::Stop(_) => panic!("nobody said STOP"),
        Decision::Discard(reason) => panic!("{reason}"),
    }
}
