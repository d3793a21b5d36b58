//! A question as the tool `send` takes it, and the id it answers.

use rmcp::model::{CallToolResult, JsonObject};
use serde_json::json;

use super::super::Letter;
use super::tools::Tools;
use super::words::{named, record, text};

/// The arguments for a letter.
pub(super) fn arguments(tools: &Tools, letter: &Letter) -> JsonObject {
    // Some dialects call it otherwise, and have no `text` then.
    let others = ["message", "body"].into_iter();
    let mut others = others.filter(|name| tools.takes("send", name));
    let text = match others.next() {
        Some(other) if !tools.takes("send", "text") => other,
        _ => "text",
    };
    let mut arguments = JsonObject::new();
    arguments.insert("to".to_owned(), json!(letter.to));
    arguments.insert(text.to_owned(), json!(letter.text));
    if tools.takes("send", "idempotency_key") {
        arguments.insert("idempotency_key".to_owned(), json!(letter.key));
    }
    arguments
}

/// The bus's id of what was sent.
pub(super) fn id(result: &CallToolResult) -> Option<String> {
    let recorded = record(result).and_then(|record| named(&record, &["id", "message_id"]));
    recorded.or_else(|| id_in(&text(result)))
}

/// From `Sent to kasra (id: 0199…)`.
fn id_in(text: &str) -> Option<String> {
    let (_, rest) = text.rsplit_once("id:")?;
    let is_of_ids = |c: char| c.is_ascii_alphanumeric() || "_.:-".contains(c);
    let id: String = rest
        .trim_start()
        .chars()
        .take_while(|c| is_of_ids(*c))
        .collect();
    (!id.is_empty()).then_some(id)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("Sent to kasra (id: 0199-ab)", Some("0199-ab"))]
    #[case("Sent to kasra (id:1763-0)", Some("1763-0"))]
    #[case("Message sent. id: 17", Some("17"))]
    #[case("Sent to kasra (id: )", None)]
    #[case("Sent.", None)]
    fn an_id_is_read_from_words(#[case] text: &str, #[case] id: Option<&str>) {
        assert_eq!(id_in(text).as_deref(), id);
    }
}
