//! What tools answer: a record for programs, and the same for readers.

use husting_wire::contract;
use husting_wire::errors::{Error, ErrorCode};
use rmcp::model::{CallToolResult, ContentBlock};
use serde::Serialize;
use serde_json::Value;

/// A record, and the same JSON as text.
pub(super) fn record(record: &impl Serialize) -> Result<CallToolResult, Error> {
    let text = serde_json::to_string(record).map_err(|fault| unwritten(&fault))?;
    told(record, text)
}

/// A record, and text for readers.
pub(super) fn told(record: &impl Serialize, text: String) -> Result<CallToolResult, Error> {
    let structured = serde_json::to_value(record).map_err(|fault| unwritten(&fault))?;
    let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
    result.structured_content = Some(structured);
    Ok(result)
}

/// An error that an agent can read.
pub(super) fn refused(error: &Error) -> CallToolResult {
    refusal(error, Value::Object(contract::errors::body(error)))
}

/// Code and sentence, the body, and the body as a record.
pub(in super::super) fn refusal(error: &Error, body: Value) -> CallToolResult {
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

fn unwritten(fault: &serde_json::Error) -> Error {
    tracing::error!(%fault, "a record could not be written");
    Error::new(ErrorCode::Internal, "The answer could not be written.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_error_is_two_lines_and_a_record() {
        let error = Error::new(ErrorCode::UnknownModels, "Which?\nThat one.")
            .with(json!({"unknown_models": ["m"]}));
        let result = refused(&error);
        let body = json!({"error": "unknown_models", "message": "Which?\nThat one.", "unknown_models": ["m"]});
        let text = result.content[0].as_text().unwrap().text.clone();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "unknown_models: Which? That one.");
        assert_eq!(serde_json::from_str::<Value>(lines[1]).unwrap(), body);
        assert_eq!(lines.len(), 2);
        assert_eq!(result.structured_content, Some(body));
        assert_eq!(result.is_error, Some(true));
    }

    #[test]
    fn a_missing_scope_is_told_in_the_words_of_the_bus() {
        let said = "403 insufficient_scope: No.";
        let error = Error::new(ErrorCode::InsufficientScope, said);
        let text = refused(&error).content[0].as_text().unwrap().text.clone();
        assert_eq!(text.lines().next(), Some(said));
    }
}
