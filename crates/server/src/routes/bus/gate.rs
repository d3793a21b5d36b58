//! Which scope a message needs, decided before the SDK sees it: only here can a refusal still have a
//! status of its own.

use axum::Json;
use axum::response::{IntoResponse, Response};
use husting_domain::scopes::Scope;
use husting_wire::errors::Error;
use serde_json::{Value, json};

use super::super::mcp::peek::Peek;
use super::tools::Called;
use crate::refusal::{Refusal, agent_body};

/// Our own codes among those of <https://www.jsonrpc.org/specification#error_object>.
pub(super) const REFUSED: rmcp::model::ErrorCode = rmcp::model::ErrorCode(-32_001);
/// <https://modelcontextprotocol.io/specification/2025-11-25/server/resources#error-handling>
const RESOURCE_NOT_FOUND: i32 = -32_002;
const INVALID_REQUEST: i32 = -32_600;

/// What a message needs, and what it is called for the operator; `None` where anybody let in may send
/// it.
pub(super) fn needs(peek: &Peek) -> Option<(Option<Scope>, &'static str)> {
    match peek.method() {
        "tools/call" => {
            let tool = peek.tool().and_then(Called::named)?;
            Some((tool.scope(), tool.name()))
        }
        "resources/read" => Some((Some(Scope::Inbox), "resources/read")),
        "resources/subscribe" => Some((Some(Scope::Inbox), "resources/subscribe")),
        "subscriptions/listen" if !peek.resources().is_empty() => {
            Some((Some(Scope::Inbox), "subscriptions/listen"))
        }
        _ => None,
    }
}

/// A refusal with the status of its code, as an answer to a message.
pub(super) fn refused(id: &Value, error: Error) -> Response {
    let refusal = Refusal::from(error);
    let body = message(
        id,
        REFUSED.0,
        &refusal.error().message,
        agent_body(refusal.error()),
    );
    let mut response = (refusal.status(), Json(body)).into_response();
    refusal.say_more(response.headers_mut());
    response
}

/// The same without a status.
pub(super) fn refused_message(id: &Value, error: &Error) -> Value {
    message(id, REFUSED.0, &error.message, agent_body(error))
}

/// No resource of this agent.
pub(super) fn no_resource(id: &Value, uri: &str) -> Response {
    let said = "There is no such resource. An agent has its own inbox alone.";
    Json(message(id, RESOURCE_NOT_FOUND, said, json!({ "uri": uri }))).into_response()
}

/// A request that belongs into a session and came without one.
pub(super) fn no_session(id: &Value) -> Response {
    let said =
        "Subscribe in a session that initialize opened; newer clients use subscriptions/listen.";
    Json(message(id, INVALID_REQUEST, said, json!({}))).into_response()
}

/// An empty result.
pub(super) fn done(id: &Value) -> Response {
    Json(json!({"jsonrpc": "2.0", "id": id, "result": {}})).into_response()
}

fn message(id: &Value, code: i32, message: &str, data: Value) -> Value {
    json!({
        "jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message, "data": data},
    })
}
