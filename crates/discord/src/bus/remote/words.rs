//! What a tool answered: a record where it gave one, and words.

use rmcp::model::{CallToolResult, ContentBlock, JsonObject};
use serde_json::Value;

/// The record of an answer; some put it into the text.
pub(super) fn record(result: &CallToolResult) -> Option<JsonObject> {
    match &result.structured_content {
        Some(Value::Object(record)) => Some(record.clone()),
        _ => serde_json::from_str(&text(result)).ok(),
    }
}

/// All text of an answer.
pub(super) fn text(result: &CallToolResult) -> String {
    let texts = result.content.iter().filter_map(|block| match block {
        ContentBlock::Text(text) => Some(text.text.as_str()),
        _ => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}

/// The first of these that a record has, a number as its digits.
pub(super) fn named(record: &JsonObject, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| match record.get(*name)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}
