//! What a row says beyond its verb, as people read it. In the log it is a JSON object, which `--json` prints as it is.

use serde_json::Value;

use crate::output::words::{count, plain};

/// Ids of messages, of which a person is told how many.
const IDS: &str = "ids";
/// What each of an agent's grants is for.
const SCOPE: &str = "scope";
/// What an end of a program was, before its number.
const KIND: &str = "kind";

/// `to bruno, hops 1` of `{"to":"bruno","hops":1}`. What is no object, as another version might write it, stays.
pub(super) fn told(detail: &str) -> String {
    let Ok(Value::Object(said)) = serde_json::from_str(detail) else {
        return plain(detail);
    };
    let parts: Vec<String> = said
        .iter()
        .filter_map(|(name, value)| part(name, value))
        .collect();
    plain(&parts.join(", "))
}

/// None of what is left open.
fn part(name: &str, value: &Value) -> Option<String> {
    let name_of = |name: &str| name.replace('_', " ");
    match value {
        Value::Null => None,
        Value::Array(ids) if name == IDS => Some(count(ids.len() as u64, "message")),
        Value::Bool(true) => Some(name_of(name)),
        Value::Bool(false) => Some(format!("not {}", name_of(name))),
        value => Some(format!("{} {}", name_of(name), plainly(value))),
    }
}

fn plainly(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) if values.is_empty() => "none".to_owned(),
        Value::Array(values) => values.iter().map(plainly).collect::<Vec<_>>().join(" "),
        Value::Object(fields) => match (fields.get(SCOPE), fields.get(KIND)) {
            (Some(Value::String(scope)), _) => scope.clone(),
            (None, Some(Value::String(kind))) => {
                let figures = fields.iter().filter(|(name, _)| *name != KIND);
                let figures = figures.map(|(_, value)| format!(" {}", plainly(value)));
                kind.replace('_', " ") + &figures.collect::<String>()
            }
            _ => value.to_string(),
        },
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(detail: &Value) -> String {
        told(&detail.to_string())
    }

    #[test]
    fn names_and_figures_are_told_without_signs_of_json() {
        let cases = [
            (json!({ "to": "bruno", "hops": 1 }), "to bruno, hops 1"),
            (json!({ "squad": null }), ""),
            (json!({ "paused": false }), "not paused"),
            (json!({ "tool": "inbox", "all": true }), "tool inbox, all"),
            (json!({ "tokens_ended": 2 }), "tokens ended 2"),
            (json!({ "ids": ["one", "two"] }), "2 messages"),
            (json!({ "ids": ["one"] }), "1 message"),
            (
                json!({ "grants": [{ "scope": "mcp:send", "ends_at": null }, { "scope": "mcp:inbox" }] }),
                "grants mcp:send mcp:inbox",
            ),
            (json!({ "grants": [] }), "grants none"),
            (
                json!({ "exit": { "kind": "signal", "signal": 9 } }),
                "exit signal 9",
            ),
            (
                json!({ "exit": { "kind": "not_started" } }),
                "exit not started",
            ),
            (json!({ "other": { "a": 3 } }), r#"other {"a":3}"#),
            (json!({}), ""),
        ];
        for (detail, words) in cases {
            assert_eq!(of(&detail), words, "{detail}");
        }
    }

    #[test]
    fn what_is_no_object_stays_and_steers_no_terminal() {
        assert_eq!(told("no \u{1b}[2Jjson"), "no [2Jjson");
        assert_eq!(of(&json!({ "to": "\u{1b}[2Jana" })), "to [2Jana");
    }
}
