//! Frames for a run that is given none.

use husting_domain::discord::Snowflake;
use serde_json::{Value, json};

use crate::settings::{Settings, bot_id};

/// The bot, where neither a token nor `READY` says who it is.
pub(super) const BOT: Snowflake = sample(100_000_000_000_000_001);
/// The channel that the public page maps.
const CHANNEL: Snowflake = sample(123_456_789_012_345_678);

/// One of each kind, a line each: for the bot of these settings, in their first mapped channel.
#[must_use]
pub fn samples(settings: &Settings) -> String {
    let bot = bot_id(&settings.bot_token).unwrap_or(BOT);
    let mapped = settings.agent_map.keys().next().copied().unwrap_or(CHANNEL);
    let frames = [
        event("READY", json!({ "user": { "id": bot } })),
        event("THREAD_CREATE", json!({ "id": "300", "parent_id": mapped })),
        message(
            1,
            "201",
            &format!("<@{bot}> Which of the two plans is cheaper?"),
        ),
        message(2, &mapped.to_string(), "What changed since yesterday?"),
        message(3, "300", "And in this thread?"),
        message(4, "201", "Lunch, anyone?"),
        edit(1, &format!("<@{bot}> Which of the three plans is cheaper?")),
        event(
            "MESSAGE_DELETE",
            json!({ "id": "401", "channel_id": "201", "guild_id": "200" }),
        ),
        direct(),
        by_a_bot(bot),
    ];
    frames.iter().map(|frame| format!("{frame}\n")).collect()
}

fn message(number: u64, channel: &str, content: &str) -> Value {
    event(
        "MESSAGE_CREATE",
        json!({
            "id": (400 + number).to_string(), "channel_id": channel, "guild_id": "200",
            "content": content, "author": { "id": "500", "username": "ana" },
        }),
    )
}

fn edit(number: u64, content: &str) -> Value {
    let data = json!({ "id": (400 + number).to_string(), "channel_id": "201", "content": content });
    event("MESSAGE_UPDATE", data)
}

fn direct() -> Value {
    let author = json!({ "id": "500", "username": "ana" });
    let data = json!({ "id": "405", "channel_id": "202", "content": "Between us: is it done?", "author": author });
    event("MESSAGE_CREATE", data)
}

fn by_a_bot(bot: Snowflake) -> Value {
    let author = json!({ "id": "501", "username": "another bot", "bot": true });
    let data = json!({ "id": "406", "channel_id": "201", "guild_id": "200", "content": format!("<@{bot}> beep"),
        "author": author });
    event("MESSAGE_CREATE", data)
}

fn event(name: &str, data: Value) -> Value {
    json!({ "op": 0, "t": name, "d": data })
}

const fn sample(id: u64) -> Snowflake {
    match Snowflake::new(id) {
        Ok(id) => id,
        Err(_) => panic!("a sample's id is one of Discord's"),
    }
}
