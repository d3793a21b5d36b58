//! Reads the body of `POST /api/chat`. The server passes over names it does not know; here they are
//! refused, so that no client relies on what nobody reads.

use serde_json::Value;

use crate::{
    asked::{Reading, Role, Turn},
    checks::{Checked, Fields},
    tokens::estimate,
};

const KNOWN: &[&str] = &[
    "model",
    "messages",
    "stream",
    "format",
    "options",
    "keep_alive",
    "think",
    "tools",
    "truncate",
    "shift",
];

const OPTIONS: &[&str] = &[
    "num_ctx",
    "num_predict",
    "num_keep",
    "seed",
    "temperature",
    "top_k",
    "top_p",
    "min_p",
    "stop",
    "repeat_penalty",
];

/// Tokens of context on a machine with little memory, where the request names none.
const WINDOW: u64 = 4_096;

pub(crate) fn read(body: &Value) -> Checked<Reading> {
    let fields = Fields::of(body, "")?;
    fields.only(KNOWN)?;
    let model = fields.required_text("model")?.to_owned();
    let (system, turns) = messages(&fields)?;
    let options = fields.object("options")?;
    if let Some(options) = &options {
        options.only(OPTIONS)?;
    }
    let count = |name| {
        options
            .as_ref()
            .map_or(Ok(None), |options| options.count(name))
    };
    check_window(&fields, count("num_ctx")?, &system, &turns)?;
    Ok(Reading {
        model,
        stream: fields.boolean("stream")?.unwrap_or(true),
        include_usage: true,
        max_tokens: count("num_predict")?,
        system,
        turns,
        schema: schema(&fields)?,
        forced_tool: None,
    })
}

/// The server cuts the beginning of a conversation that does not fit, unless it is told not to. That
/// is never what anybody here wants, so it is refused in either case.
fn check_window(fields: &Fields<'_>, window: Option<u64>, system: &str, turns: &[Turn]) -> Checked {
    fields.boolean("truncate")?;
    fields.boolean("shift")?;
    let bytes = system.len() + turns.iter().map(|turn| turn.text.len()).sum::<usize>();
    if estimate(bytes) > window.unwrap_or(WINDOW) {
        return Err(fields.bad("messages", "the input length exceeds the context length"));
    }
    Ok(())
}

fn messages(fields: &Fields<'_>) -> Checked<(String, Vec<Turn>)> {
    let (mut system, mut turns) = (Vec::new(), Vec::new());
    for (index, message) in fields.required_list("messages")?.iter().enumerate() {
        let message = Fields::of(message, &format!("messages[{index}]"))?;
        message.only(&["role", "content", "thinking", "images", "tool_calls"])?;
        let text = message.text("content")?.unwrap_or_default().to_owned();
        match message.required_text("role")? {
            "system" => system.push(text),
            "user" => turns.push(Turn {
                role: Role::User,
                text,
            }),
            "assistant" => turns.push(Turn {
                role: Role::Assistant,
                text,
            }),
            _ => return Err(message.bad("role", "invalid role")),
        }
    }
    Ok((system.join("\n\n"), turns))
}

fn schema(fields: &Fields<'_>) -> Checked<Option<Value>> {
    match fields.get("format") {
        None => Ok(None),
        Some(Value::String(word)) if word == "json" => Ok(None),
        Some(schema @ Value::Object(_)) => Ok(Some(schema.clone())),
        Some(other) => Err(fields.bad(
            "format",
            &format!("invalid format: {other}; expected \"json\" or a JSON schema"),
        )),
    }
}
