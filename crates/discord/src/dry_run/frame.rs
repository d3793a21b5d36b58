//! Gateway frames, as Discord sends them or as a person writes them down with the fields that matter.

use serde::Deserialize;
use serde_json::{Value, json};
use twilight_model::channel::message::Message;

/// A line's frame.
#[derive(Deserialize)]
pub(super) struct Frame {
    pub(super) op: u64,
    pub(super) t: Option<String>,
    #[serde(default)]
    pub(super) d: Value,
}

/// A line that is no frame.
#[derive(Debug, thiserror::Error)]
#[error("{0}; a frame is written as {{\"op\":0,\"t\":\"MESSAGE_CREATE\",\"d\":{{…}}}}")]
pub(super) struct NoFrame(#[from] serde_json::Error);

pub(super) fn frame(line: &[u8]) -> Result<Frame, NoFrame> {
    Ok(serde_json::from_slice(line)?)
}

/// The message of a frame. What Discord always sends, and a person leaves out, is as in a plain message.
pub(super) fn message(data: Value) -> serde_json::Result<Message> {
    let mut whole = json!({
        "type": 0, "content": "", "timestamp": "1970-01-01T00:00:00.000000+00:00",
        "edited_timestamp": null, "tts": false, "mention_everyone": false, "mentions": [],
        "mention_roles": [], "attachments": [], "embeds": [], "pinned": false,
        "author": user(),
    });
    lay(&mut whole, data);
    for mentioned in whole["mentions"].as_array_mut().into_iter().flatten() {
        let mut of = user();
        lay(&mut of, mentioned.take());
        *mentioned = of;
    }
    serde_json::from_value(whole)
}

fn user() -> Value {
    json!({ "username": "", "discriminator": "0", "avatar": null, "public_flags": 0 })
}

/// Lays the fields of an object over those of another.
fn lay(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (key, value) in over {
                match under.get_mut(&key) {
                    Some(below) if value.is_object() => lay(below, value),
                    _ => {
                        under.insert(key, value);
                    }
                }
            }
        }
        (under, over) => *under = over,
    }
}
