//! What a message is about, read before anything acts on it.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::tools::Tool;
use crate::strict::{self, Unreadable};

/// Methods that are answered to anybody on this machine: they tell what is here, and nothing of it.
const OPEN: [&str; 5] = [
    "initialize",
    "notifications/initialized",
    "ping",
    "server/discover",
    "tools/list",
];

/// A message's name, and the tool it calls.
#[derive(Debug, Deserialize)]
pub(in crate::routes) struct Peek {
    /// To be echoed.
    #[serde(default)]
    pub id: Value,
    jsonrpc: String,
    #[serde(default)]
    method: Option<String>,
    #[serde(default)]
    params: Option<Called>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Called {
    #[serde(default)]
    name: Option<Value>,
    #[serde(default)]
    uri: Option<Value>,
    #[serde(default)]
    request_id: Option<Value>,
    #[serde(default)]
    notifications: Option<Value>,
}

/// A message that cannot be told from another one, or from none.
#[derive(Debug)]
pub(in crate::routes) struct Unread {
    code: i32,
    id: Value,
    message: String,
}

/// "Parse error" and "Invalid Request" of <https://www.jsonrpc.org/specification#error_object>.
const PARSE_ERROR: i32 = -32_700;
const INVALID_REQUEST: i32 = -32_600;
const NO_MESSAGE: &str =
    "A message has jsonrpc \"2.0\", its method as text and its params as an object.";

impl Peek {
    pub(in crate::routes) fn at(bytes: &[u8]) -> Result<Self, Unread> {
        strict::check(bytes)?;
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        if first == Some(&b'[') {
            return Err(Unread::request(
                "Send one message at a time: batches are not taken.",
            ));
        }
        let peek: Option<Self> = serde_json::from_slice(bytes).ok();
        peek.filter(|peek| peek.jsonrpc == "2.0")
            .ok_or_else(|| Unread::request(NO_MESSAGE))
    }

    /// What it asks for; nothing where it is an answer.
    pub(in crate::routes) fn method(&self) -> &str {
        self.method.as_deref().unwrap_or_default()
    }

    /// The tool it calls.
    pub(in crate::routes) fn tool(&self) -> Option<&str> {
        let called = self.params.as_ref()?;
        called.name.as_ref()?.as_str()
    }

    /// The resource it is about.
    pub(in crate::routes) fn uri(&self) -> Option<&str> {
        let called = self.params.as_ref()?;
        called.uri.as_ref()?.as_str()
    }

    /// The request that it takes back.
    pub(in crate::routes) fn request_id(&self) -> Option<&Value> {
        self.params.as_ref()?.request_id.as_ref()
    }

    /// The resources that it wants to hear of.
    pub(in crate::routes) fn resources(&self) -> Vec<&str> {
        let wanted = self
            .params
            .as_ref()
            .and_then(|called| called.notifications.as_ref());
        let wanted = wanted.and_then(|wanted| wanted["resourceSubscriptions"].as_array());
        wanted
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }

    /// Whether it needs no key.
    pub(super) fn is_open(&self) -> bool {
        let method = self.method.as_deref();
        method.is_some_and(|method| OPEN.contains(&method))
    }

    /// Whether its answer may be long in coming.
    pub(super) fn waits(&self) -> bool {
        let tool = self.tool().and_then(Tool::named);
        self.method() == "tools/call" && tool == Some(Tool::WaitForRound)
    }
}

impl From<Unreadable> for Unread {
    fn from(fault: Unreadable) -> Self {
        Self {
            code: match fault {
                Unreadable::NotJson(_) => PARSE_ERROR,
                Unreadable::NotPlain(_) => INVALID_REQUEST,
            },
            id: Value::Null,
            message: fault.to_string(),
        }
    }
}

impl Unread {
    fn request(message: &str) -> Self {
        Self {
            code: INVALID_REQUEST,
            id: Value::Null,
            message: message.to_owned(),
        }
    }

    pub(in crate::routes) fn not_a_message(id: Value) -> Self {
        Self {
            code: INVALID_REQUEST,
            id: if id.is_string() || id.is_number() {
                id
            } else {
                Value::Null
            },
            message: "This is no message of the Model Context Protocol.".to_owned(),
        }
    }
}

impl IntoResponse for Unread {
    fn into_response(self) -> Response {
        let body = json!({
            "jsonrpc": "2.0", "id": self.id, "error": {"code": self.code, "message": self.message},
        });
        (StatusCode::BAD_REQUEST, Json(body)).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_open_by_its_whole_name_alone() {
        let is_open = |text: &str| Peek::at(text.as_bytes()).is_ok_and(|peek| peek.is_open());
        for method in OPEN {
            assert!(is_open(&format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"{method}"}}"#
            )));
        }
        for text in [
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ping"}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"Ping"}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/list "}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call"}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","\u006dethod":"tools/call"}"#,
            r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#,
            r#"{"jsonrpc":"2.0","id":1}"#,
            r#"{"id":1,"method":"ping"}"#,
            r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"ping"} {}"#,
            "",
        ] {
            assert!(!is_open(text), "{text}");
        }
    }

    #[test]
    fn only_a_call_of_the_waiting_tool_waits() {
        let waits = |text: &str| Peek::at(text.as_bytes()).unwrap().waits();
        assert!(waits(
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wait_for_round"}}"#
        ));
        for text in [
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_session"}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":7}}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":{"name":"wait_for_round"}}"#,
        ] {
            assert!(!waits(text), "{text}");
        }
    }
}
