//! Reads `POST /v1beta/models/MODEL:streamGenerateContent` as strictly as Google does.

use axum::http::Uri;
use serde_json::Value;

use super::MODELS;
use crate::{
    asked::{Reading, Role, Turn},
    checks::{Checked, Fields, Invalid},
};

const KNOWN: &[&str] = &[
    "model",
    "contents",
    "systemInstruction",
    "generationConfig",
    "safetySettings",
    "tools",
    "toolConfig",
    "cachedContent",
];

const CONFIG: &[&str] = &[
    "maxOutputTokens",
    "responseMimeType",
    "responseJsonSchema",
    "responseSchema",
    "temperature",
    "topP",
    "topK",
    "seed",
    "candidateCount",
    "stopSequences",
    "thinkingConfig",
    "presencePenalty",
    "frequencyPenalty",
];

pub(crate) fn read(body: &Value, uri: &Uri) -> Checked<Reading> {
    let (model, stream) = called(uri)?;
    let fields = Fields::of(body, "")?;
    fields.only(KNOWN)?;
    let config = fields.object("generationConfig")?;
    Ok(Reading {
        model,
        stream,
        include_usage: true,
        max_tokens: config.as_ref().map_or(Ok(None), limit)?,
        system: system(&fields)?,
        turns: contents(&fields)?,
        schema: config.as_ref().map_or(Ok(None), schema)?,
        forced_tool: None,
    })
}

/// The model and whether a stream is asked for, both from the address.
fn called(uri: &Uri) -> Checked<(String, bool)> {
    let last = uri.path().rsplit('/').next().unwrap_or_default();
    let streams = match last.rsplit_once(':') {
        Some((model, "generateContent")) => Some((model, false)),
        Some((model, "streamGenerateContent")) => Some((model, true)),
        _ => None,
    };
    let at = |name: &str, says: &str| Invalid::Value {
        at: name.to_owned(),
        says: says.to_owned(),
    };
    let (model, stream) = streams.ok_or_else(|| at("method", "no such method is served here"))?;
    let is_events = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .any(|pair| pair == "alt=sse");
    if stream && !is_events {
        return Err(at(
            "alt",
            "the array that comes without alt=sse is not served here",
        ));
    }
    Ok((model.to_owned(), stream))
}

fn limit(config: &Fields<'_>) -> Checked<Option<u64>> {
    config.only(CONFIG)?;
    config.number("temperature", 0.0, 2.0)?;
    config.number("topP", 0.0, 1.0)?;
    if config
        .count("candidateCount")?
        .is_some_and(|count| count != 1)
    {
        return Err(config.bad("candidateCount", "only one candidate is served here"));
    }
    config.count("maxOutputTokens")
}

fn schema(config: &Fields<'_>) -> Checked<Option<Value>> {
    let schemas = [
        config.object("responseJsonSchema")?,
        config.object("responseSchema")?,
    ];
    let kind = config.text("responseMimeType")?;
    let [Some(_), Some(_)] = schemas else {
        let schema = schemas.into_iter().flatten().next();
        if schema.is_some() && kind != Some("application/json") {
            return Err(config.bad(
                "responseMimeType",
                "a response schema is only supported with the mime type application/json",
            ));
        }
        return Ok(schema.map(|schema| schema.value()));
    };
    Err(config.bad("responseSchema", "only one of both schemas may be set"))
}

fn system(fields: &Fields<'_>) -> Checked<String> {
    match fields.object("systemInstruction")? {
        Some(content) => parts(&content),
        None => Ok(String::new()),
    }
}

fn contents(fields: &Fields<'_>) -> Checked<Vec<Turn>> {
    let mut turns = Vec::new();
    for (index, content) in fields.required_list("contents")?.iter().enumerate() {
        let content = Fields::of(content, &format!("contents[{index}]"))?;
        let role = match content.text("role")? {
            None | Some("user") => Role::User,
            Some("model") => Role::Assistant,
            Some(_) => return Err(content.bad("role", "Please use a valid role: user, model.")),
        };
        let text = parts(&content)?;
        turns.push(Turn { role, text });
    }
    Ok(turns)
}

fn parts(content: &Fields<'_>) -> Checked<String> {
    content.only(&["role", "parts"])?;
    let mut text = String::new();
    for (index, part) in content.required_list("parts")?.iter().enumerate() {
        let part = Fields::of(part, &format!("{}[{index}]", content.path("parts")))?;
        part.only(&["text", "thought", "thoughtSignature"])?;
        if part.text("text")?.is_none_or(str::is_empty) {
            return Err(part.bad(
                "data",
                "required oneof field 'data' must have one initialized field",
            ));
        }
        text.push_str(part.required_text("text")?);
    }
    Ok(text)
}

/// A model's name as it stands in the address, without what every name begins with.
pub(super) fn full_name(model: &str) -> String {
    format!("{MODELS}{model}")
}
