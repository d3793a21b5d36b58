//! Reads the body of `POST /v1/messages` as strictly as Anthropic does.

use serde_json::Value;

use crate::{
    asked::{Reading, Role, Turn},
    checks::{Checked, Fields, wrong},
};

const KNOWN: &[&str] = &[
    "model",
    "messages",
    "max_tokens",
    "system",
    "stream",
    "temperature",
    "top_p",
    "top_k",
    "stop_sequences",
    "metadata",
    "thinking",
    "tools",
    "tool_choice",
    "service_tier",
    "output_config",
    "cache_control",
];

/// The least budget the page on extended thinking allows, in tokens.
const LEAST_BUDGET: u64 = 1024;

pub(crate) fn read(body: &Value) -> Checked<Reading> {
    let fields = Fields::of(body, "")?;
    fields.only(KNOWN)?;
    let model = fields.required_text("model")?.to_owned();
    fields.required("max_tokens")?;
    let max_tokens = fields.count("max_tokens")?;
    let thinking = thinking(&fields, max_tokens)?;
    sampling(&fields, thinking)?;
    let tools = tools(&fields)?;
    let forced_tool = forced(&fields, &tools, thinking)?;
    let schema = match &forced_tool {
        Some(name) => tools
            .into_iter()
            .find(|tool| tool.name == *name)
            .map(|tool| tool.schema),
        None => output_schema(&fields)?,
    };
    Ok(Reading {
        model,
        stream: fields.boolean("stream")?.unwrap_or(false),
        include_usage: true,
        max_tokens,
        system: system(&fields)?,
        turns: messages(&fields)?,
        schema,
        forced_tool,
    })
}

struct Tool {
    name: String,
    schema: Value,
}

fn thinking(fields: &Fields<'_>, max_tokens: Option<u64>) -> Checked<bool> {
    let Some(thinking) = fields.object("thinking")? else {
        return Ok(false);
    };
    match thinking.required_text("type")? {
        "disabled" => Ok(false),
        "adaptive" => Ok(true),
        "enabled" => {
            thinking.required("budget_tokens")?;
            match thinking.count("budget_tokens")? {
                Some(budget) if budget < LEAST_BUDGET => Err(thinking.bad("budget_tokens", "Input should be greater than or equal to 1024")),
                budget if budget >= max_tokens => Err(fields.bad("max_tokens", "must be greater than `thinking.budget_tokens`")),
                _ => Ok(true),
            }
        }
        other => Err(thinking.bad("type", &format!("Input tag '{other}' does not match any of the expected tags: 'enabled', 'disabled', 'adaptive'"))),
    }
}

fn sampling(fields: &Fields<'_>, thinking: bool) -> Checked {
    let temperature = fields.number("temperature", 0.0, 1.0)?;
    if thinking && temperature.is_some_and(|temperature| temperature < 1.0) {
        return Err(fields.bad(
            "temperature",
            "may only be set to 1 when thinking is enabled",
        ));
    }
    fields.number("top_p", 0.0, 1.0)?;
    fields.count("top_k")?;
    fields.list("stop_sequences")?;
    fields.object("metadata")?;
    Ok(())
}

fn system(fields: &Fields<'_>) -> Checked<String> {
    match fields.get("system") {
        None => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(Value::Array(blocks)) => blocks_text(blocks, "system"),
        Some(other) => Err(wrong("system", "a string or a list of text blocks", other)),
    }
}

fn messages(fields: &Fields<'_>) -> Checked<Vec<Turn>> {
    let mut turns = Vec::new();
    for (index, message) in fields.required_list("messages")?.iter().enumerate() {
        let message = Fields::of(message, &format!("messages.{index}"))?;
        message.only(&["role", "content"])?;
        let role = match message.required_text("role")? {
            "user" => Role::User,
            "assistant" => Role::Assistant,
            "system" => return Err(fields.bad("messages", "Unexpected role \"system\". The Messages API accepts a top-level `system` parameter, not \"system\" as an input message role.")),
            _ => return Err(message.bad("role", "Input should be 'user' or 'assistant'")),
        };
        turns.push(Turn {
            role,
            text: content(&message)?,
        });
    }
    match turns.first() {
        Some(Turn {
            role: Role::Assistant,
            ..
        }) => Err(fields.bad("messages", "first message must use the \"user\" role")),
        _ => Ok(turns),
    }
}

fn content(message: &Fields<'_>) -> Checked<String> {
    let empty = || message.bad("content", "text content blocks must be non-empty");
    let text = match message.required("content")? {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => blocks_text(blocks, &message.path("content"))?,
        other => {
            return Err(wrong(
                &message.path("content"),
                "a valid string or list",
                other,
            ));
        }
    };
    Some(text)
        .filter(|text| !text.trim().is_empty())
        .ok_or_else(empty)
}

fn blocks_text(blocks: &[Value], at: &str) -> Checked<String> {
    let mut texts = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        let block = Fields::of(block, &format!("{at}.{index}"))?;
        block.only(&["type", "text", "cache_control"])?;
        match block.required_text("type")? {
            "text" => texts.push(block.required_text("text")?),
            other => {
                return Err(block.bad(
                    "type",
                    &format!("Input tag '{other}' is not served here; only 'text' is"),
                ));
            }
        }
        cache_control(&block)?;
    }
    Ok(texts.join("\n\n"))
}

fn cache_control(block: &Fields<'_>) -> Checked {
    let Some(control) = block.object("cache_control")? else {
        return Ok(());
    };
    control.only(&["type", "ttl"])?;
    match (control.required_text("type")?, control.text("ttl")?) {
        ("ephemeral", None | Some("5m" | "1h")) => Ok(()),
        ("ephemeral", Some(_)) => Err(control.bad("ttl", "Input should be '5m' or '1h'")),
        _ => Err(control.bad("type", "Input should be 'ephemeral'")),
    }
}

fn tools(fields: &Fields<'_>) -> Checked<Vec<Tool>> {
    let mut tools = Vec::new();
    for (index, tool) in fields.list("tools")?.into_iter().flatten().enumerate() {
        let tool = Fields::of(tool, &format!("tools.{index}"))?;
        tool.only(&[
            "type",
            "name",
            "description",
            "input_schema",
            "strict",
            "cache_control",
        ])?;
        let schema = tool.required_object("input_schema")?;
        if schema.required_text("type")? != "object" {
            return Err(schema.bad("type", "Input should be 'object'"));
        }
        tools.push(Tool {
            name: tool.required_text("name")?.to_owned(),
            schema: schema.value(),
        });
    }
    Ok(tools)
}

/// The tool the model has to use, where `tool_choice` leaves it no other.
fn forced(fields: &Fields<'_>, tools: &[Tool], thinking: bool) -> Checked<Option<String>> {
    let Some(choice) = fields.object("tool_choice")? else {
        return Ok(None);
    };
    if tools.is_empty() {
        return Err(fields.bad("tool_choice", "may only be specified while providing tools"));
    }
    choice.only(&["type", "name", "disable_parallel_tool_use"])?;
    let name = match choice.required_text("type")? {
        "auto" | "none" => return Ok(None),
        "any" => tools[0].name.clone(),
        "tool" => choice.required_text("name")?.to_owned(),
        other => return Err(choice.bad("type", &format!("Input tag '{other}' does not match any of the expected tags: 'auto', 'any', 'tool', 'none'"))),
    };
    if thinking {
        return Err(fields.bad(
            "thinking",
            "Thinking may not be enabled when tool_choice forces tool use.",
        ));
    }
    if !tools.iter().any(|tool| tool.name == name) {
        return Err(fields.bad(
            "tool_choice",
            &format!("Tool '{name}' not found in provided tools"),
        ));
    }
    Ok(Some(name))
}

fn output_schema(fields: &Fields<'_>) -> Checked<Option<Value>> {
    let Some(config) = fields.object("output_config")? else {
        return Ok(None);
    };
    config.only(&["format", "effort"])?;
    let Some(format) = config.object("format")? else {
        return Ok(None);
    };
    format.only(&["type", "schema"])?;
    match format.required_text("type")? {
        "json_schema" => Ok(Some(format.required_object("schema")?.value())),
        _ => Err(format.bad("type", "Input should be 'json_schema'")),
    }
}
