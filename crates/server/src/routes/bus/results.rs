//! What the bus's tools answer: a record for programs, and the text that agents in the field know.

use husting_console::Told;
use husting_wire::errors::{Error, ErrorCode};
use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::Value;

use crate::refusal::agent_body;

/// Text and record.
pub(super) fn told(told: Told<Value>) -> CallToolResult {
    let mut result = CallToolResult::success(vec![ContentBlock::text(told.text)]);
    result.structured_content = Some(told.record);
    result
}

/// An error that an agent can read: code and sentence, the body, and the body as a record.
pub(super) fn refused(error: &Error) -> CallToolResult {
    let body = agent_body(error);
    let code = body["error"].as_str().unwrap_or_default();
    let sentence = error.message.replace('\n', " ");
    let text = match error.code {
        // It begins with its status and code already.
        ErrorCode::InsufficientScope => format!("{sentence}\n{body}"),
        _ => format!("{code}: {sentence}\n{body}"),
    };
    let mut result = CallToolResult::error(vec![ContentBlock::text(text)]);
    result.structured_content = Some(body);
    result
}
