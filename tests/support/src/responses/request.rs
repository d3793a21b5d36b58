//! Reads the body of `POST /v1/responses` as strictly as OpenAI does.

use serde_json::Value;

use crate::{
    asked::{Reading, Role, Turn},
    checks::{Checked, Fields, wrong},
    openai::strict_schema,
};

const KNOWN: &[&str] = &[
    "model",
    "input",
    "instructions",
    "stream",
    "stream_options",
    "store",
    "max_output_tokens",
    "text",
    "temperature",
    "top_p",
    "reasoning",
    "include",
    "metadata",
    "truncation",
    "service_tier",
    "user",
    "safety_identifier",
    "prompt_cache_key",
    "prompt_cache_retention",
    "parallel_tool_calls",
    "background",
];

const LEAST_OUTPUT: u64 = 16;

pub(crate) fn read(body: &Value) -> Checked<Reading> {
    let fields = Fields::of(body, "")?;
    fields.only(KNOWN)?;
    let model = fields.required_text("model")?.to_owned();
    fields.number("temperature", 0.0, 2.0)?;
    fields.number("top_p", 0.0, 1.0)?;
    fields.boolean("store")?;
    fields.text("prompt_cache_key")?;
    let (mut system, turns) = input(&fields)?;
    if let Some(instructions) = fields.text("instructions")? {
        system.insert(0, instructions.to_owned());
    }
    Ok(Reading {
        model,
        stream: fields.boolean("stream")?.unwrap_or(false),
        include_usage: true,
        max_tokens: limit(&fields)?,
        system: system.join("\n\n"),
        turns,
        schema: schema(&fields)?,
        forced_tool: None,
    })
}

fn limit(fields: &Fields<'_>) -> Checked<Option<u64>> {
    match fields.count("max_output_tokens")? {
        Some(least) if least < LEAST_OUTPUT => Err(fields.bad(
            "max_output_tokens",
            &format!("Invalid 'max_output_tokens': integer below minimum value. Expected a value >= {LEAST_OUTPUT}, but got {least} instead."),
        )),
        limit => Ok(limit),
    }
}

fn input(fields: &Fields<'_>) -> Checked<(Vec<String>, Vec<Turn>)> {
    let (mut system, mut turns) = (Vec::new(), Vec::new());
    let items = match fields.required("input")? {
        Value::String(text) => {
            let (role, text) = (Role::User, text.clone());
            return Ok((system, vec![Turn { role, text }]));
        }
        _ => fields.required_list("input")?,
    };
    for (index, item) in items.iter().enumerate() {
        let item = Fields::of(item, &format!("input[{index}]"))?;
        item.only(&["type", "role", "content", "id", "status"])?;
        if item.text("type")?.is_some_and(|kind| kind != "message") {
            return Err(item.bad("type", "Only items of the type 'message' are served here."));
        }
        let role = item.required_text("role")?;
        let text = content(&item, role)?;
        match role {
            "system" | "developer" => system.push(text),
            "user" => turns.push(Turn { role: Role::User, text }),
            "assistant" => turns.push(Turn { role: Role::Assistant, text }),
            other => return Err(item.bad("role", &format!("Invalid value: '{other}'. Supported values are: 'assistant', 'system', 'developer', and 'user'."))),
        }
    }
    Ok((system, turns))
}

fn content(item: &Fields<'_>, role: &str) -> Checked<String> {
    let at = item.path("content");
    match item.required("content")? {
        Value::String(text) => Ok(text.clone()),
        Value::Array(parts) => {
            let texts: Checked<Vec<&str>> = parts
                .iter()
                .enumerate()
                .map(|(index, part)| part_text(part, &format!("{at}[{index}]"), role))
                .collect();
            Ok(texts?.join(""))
        }
        other => Err(wrong(&at, "a string or an array of parts", other)),
    }
}

fn part_text<'a>(part: &'a Value, at: &str, role: &str) -> Checked<&'a str> {
    let part = Fields::of(part, at)?;
    part.only(&["type", "text", "annotations"])?;
    let fitting = if role == "assistant" {
        "output_text"
    } else {
        "input_text"
    };
    match part.required_text("type")? {
        kind if kind == fitting => part.required_text("text"),
        other => Err(part.bad(
            "type",
            &format!("Invalid value: '{other}'. Supported values are: '{fitting}'."),
        )),
    }
}

fn schema(fields: &Fields<'_>) -> Checked<Option<Value>> {
    let Some(text) = fields.object("text")? else {
        return Ok(None);
    };
    text.only(&["format", "verbosity"])?;
    let Some(format) = text.object("format")? else {
        return Ok(None);
    };
    match format.required_text("type")? {
        "text" | "json_object" => Ok(None),
        "json_schema" => {
            format.only(&["type", "name", "description", "schema", "strict"])?;
            strict_schema(&format).map(Some)
        }
        other => Err(format.bad("type", &format!("Invalid value: '{other}'. Supported values are: 'json_object', 'json_schema', and 'text'."))),
    }
}
