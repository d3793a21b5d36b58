//! Reads the body of `POST /v1/chat/completions` as strictly as OpenAI does; names that only
//! DeepSeek and OpenRouter document are let through unread.

use serde_json::Value;

use crate::{
    asked::{Reading, Role, Turn},
    checks::{Checked, Fields, Invalid, wrong},
};

const KNOWN: &[&str] = &[
    "model",
    "messages",
    "stream",
    "stream_options",
    "max_tokens",
    "max_completion_tokens",
    "temperature",
    "top_p",
    "n",
    "stop",
    "seed",
    "user",
    "metadata",
    "store",
    "logprobs",
    "top_logprobs",
    "logit_bias",
    "presence_penalty",
    "frequency_penalty",
    "response_format",
    "reasoning_effort",
    "verbosity",
    "service_tier",
    "parallel_tool_calls",
    "prompt_cache_key",
    "prompt_cache_retention",
    "safety_identifier",
    "modalities",
    "thinking",
    "reasoning",
    "include_reasoning",
    "provider",
    "usage",
    "transforms",
    "models",
];

pub(crate) fn read(body: &Value) -> Checked<Reading> {
    let fields = Fields::of(body, "")?;
    fields.only(KNOWN)?;
    let model = fields.required_text("model")?.to_owned();
    let stream = fields.boolean("stream")?.unwrap_or(false);
    sampling(&fields)?;
    let (system, turns) = messages(&fields)?;
    Ok(Reading {
        model,
        stream,
        include_usage: include_usage(&fields, stream)?,
        max_tokens: limit(&fields)?,
        system,
        turns,
        schema: schema(&fields)?,
        forced_tool: None,
    })
}

fn sampling(fields: &Fields<'_>) -> Checked {
    fields.number("temperature", 0.0, 2.0)?;
    fields.number("top_p", 0.0, 1.0)?;
    fields.number("presence_penalty", -2.0, 2.0)?;
    fields.number("frequency_penalty", -2.0, 2.0)?;
    fields.text("user")?;
    fields.text("reasoning_effort")?;
    if fields.count("n")?.is_some_and(|n| n != 1) {
        return Err(fields.bad("n", "only one choice is served here"));
    }
    Ok(())
}

fn include_usage(fields: &Fields<'_>, stream: bool) -> Checked<bool> {
    let Some(options) = fields.object("stream_options")? else {
        return Ok(false);
    };
    if !stream {
        return Err(fields.bad(
            "stream_options",
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
        ));
    }
    options.only(&["include_usage", "include_obfuscation"])?;
    Ok(options.boolean("include_usage")?.unwrap_or(false))
}

fn limit(fields: &Fields<'_>) -> Checked<Option<u64>> {
    match (
        fields.count("max_tokens")?,
        fields.count("max_completion_tokens")?,
    ) {
        (Some(_), Some(_)) => Err(fields.bad(
            "max_tokens",
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
        )),
        (old, new) => Ok(new.or(old)),
    }
}

fn messages(fields: &Fields<'_>) -> Checked<(String, Vec<Turn>)> {
    let (mut system, mut turns) = (Vec::new(), Vec::new());
    for (index, message) in fields.required_list("messages")?.iter().enumerate() {
        let message = Fields::of(message, &format!("messages[{index}]"))?;
        message.only(&["role", "content", "name", "reasoning_content", "refusal"])?;
        let role = message.required_text("role")?;
        let text = content(&message)?;
        match role {
            "system" | "developer" => system.push(text),
            "user" => turns.push(Turn { role: Role::User, text }),
            "assistant" => turns.push(Turn { role: Role::Assistant, text }),
            other => return Err(message.bad("role", &format!("Invalid value: '{other}'. Supported values are: 'system', 'developer', 'assistant', and 'user'."))),
        }
    }
    Ok((system.join("\n\n"), turns))
}

fn content(message: &Fields<'_>) -> Checked<String> {
    match message.required("content")? {
        Value::String(text) => Ok(text.clone()),
        Value::Array(parts) => {
            let at = message.path("content");
            let texts: Checked<Vec<&str>> = parts
                .iter()
                .enumerate()
                .map(|(index, part)| text_part(part, &format!("{at}[{index}]")))
                .collect();
            Ok(texts?.join(""))
        }
        other => Err(wrong(
            &message.path("content"),
            "a string or an array of parts",
            other,
        )),
    }
}

fn text_part<'a>(part: &'a Value, at: &str) -> Checked<&'a str> {
    let part = Fields::of(part, at)?;
    // `cache_control` is OpenRouter's, for the Anthropic models behind it.
    part.only(&["type", "text", "cache_control"])?;
    match part.required_text("type")? {
        "text" => part.required_text("text"),
        other => Err(part.bad(
            "type",
            &format!("Invalid value: '{other}'. Only 'text' is served here."),
        )),
    }
}

fn schema(fields: &Fields<'_>) -> Checked<Option<Value>> {
    let Some(format) = fields.object("response_format")? else {
        return Ok(None);
    };
    format.only(&["type", "json_schema"])?;
    match format.required_text("type")? {
        "text" | "json_object" => Ok(None),
        "json_schema" => {
            let given = format.required_object("json_schema")?;
            given.only(&["name", "description", "schema", "strict"])?;
            strict_schema(&given).map(Some)
        }
        other => Err(format.bad("type", &format!("Invalid value: '{other}'. Supported values are: 'json_object', 'json_schema', and 'text'."))),
    }
}

/// The schema that `given` names, checked as strict mode wants it where that is asked for.
pub(crate) fn strict_schema(given: &Fields<'_>) -> Checked<Value> {
    let name = given.required_text("name")?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if name.len() > 64 || !name.chars().all(plain) {
        return Err(given.bad("name", "Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$' of at most 64 characters."));
    }
    let schema = given.required_object("schema")?.value();
    if given.boolean("strict")?.unwrap_or(false) {
        strict(&schema, &mut Vec::new(), name)?;
    }
    Ok(schema)
}

/// Strict mode wants every object closed and every property required.
fn strict(schema: &Value, context: &mut Vec<String>, name: &str) -> Checked {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        if schema.get("additionalProperties") != Some(&Value::Bool(false)) {
            return Err(unfit(
                name,
                context,
                "'additionalProperties' is required to be supplied and to be false.",
            ));
        }
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        if let Some(missing) = properties
            .keys()
            .find(|key| !required.contains(&key.as_str()))
        {
            return Err(unfit(
                name,
                context,
                &format!(
                    "'required' is required to be supplied and to be an array including every key in properties. Missing '{missing}'."
                ),
            ));
        }
    }
    let children: Vec<(String, &Value)> = match schema {
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.clone(), value))
            .collect(),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .map(|(index, value)| (index.to_string(), value))
            .collect(),
        _ => Vec::new(),
    };
    for (key, child) in children {
        context.push(key);
        strict(child, context, name)?;
        context.pop();
    }
    Ok(())
}

fn unfit(name: &str, context: &[String], says: &str) -> Invalid {
    let context: Vec<String> = context.iter().map(|key| format!("'{key}'")).collect();
    Invalid::Value {
        at: "response_format".to_owned(),
        says: format!(
            "Invalid schema for response_format '{name}': In context=({}), {says}",
            context.join(", ")
        ),
    }
}
