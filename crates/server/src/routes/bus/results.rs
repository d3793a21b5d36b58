//! What the bus's tools answer: a record for programs, and the text that agents in the field know.

use husting_console::Told;
use husting_wire::errors::Error;
use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::Value;

use super::super::mcp::refusal;
use crate::refusal::agent_body;

/// Text and record.
pub(super) fn told(told: Told<Value>) -> CallToolResult {
    let mut result = CallToolResult::success(vec![ContentBlock::text(told.text)]);
    result.structured_content = Some(told.record);
    result
}

/// An error that an agent can read, with the body that agents and tenants know.
pub(super) fn refused(error: &Error) -> CallToolResult {
    refusal(error, agent_body(error))
}
