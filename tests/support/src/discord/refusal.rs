//! Error bodies: <https://docs.discord.com/developers/topics/opcodes-and-status-codes#json> and
//! <https://docs.discord.com/developers/reference#error-messages>.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

/// A refusal in the API's own shape.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: u32,
    message: String,
    errors: Option<Map<String, Value>>,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: u32, message: &str) -> Self {
        Refusal {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            code,
            message: message.to_owned(),
            errors: None,
        }
    }

    /// The code with its status and the sentence of the table.
    pub(crate) fn of(code: u32) -> Self {
        let (status, message) = match code {
            10002 => (404, "Unknown Application"),
            10003 => (404, "Unknown Channel"),
            10004 => (404, "Unknown Guild"),
            10007 => (404, "Unknown Member"),
            10008 => (404, "Unknown Message"),
            10013 => (404, "Unknown User"),
            10014 => (400, "Unknown Emoji"),
            10015 => (404, "Unknown Webhook"),
            10062 => (404, "Unknown interaction"),
            10063 => (404, "Unknown application command"),
            20012 => (
                403,
                "You are not authorized to perform this action on this application",
            ),
            30007 => (400, "Maximum number of webhooks reached (15)"),
            30010 => (400, "Maximum number of reactions reached (20)"),
            30015 => (
                400,
                "Maximum number of attachments in a message reached (10)",
            ),
            40005 => (413, "Request entity too large"),
            40058 => (400, "Cannot send a message in a forum channel"),
            40060 => (400, "Interaction has already been acknowledged."),
            40333 => (403, "internal network error"),
            50001 => (403, "Missing Access"),
            50003 => (403, "Cannot execute action on a DM channel"),
            50005 => (403, "Cannot edit a message authored by another user"),
            50006 => (400, "Cannot send an empty message"),
            50007 => (403, "Cannot send messages to this user"),
            50008 => (400, "Cannot send messages in a non-text channel"),
            50013 => (403, "Missing Permissions"),
            50021 => (403, "Cannot execute action on a system message"),
            50024 => (400, "Cannot execute action on this channel type"),
            50027 => (401, "Invalid Webhook Token"),
            50033 => (400, "Invalid Recipient(s)"),
            50041 => (400, "Invalid API version provided"),
            50046 => (400, "Invalid file uploaded"),
            50045 => (400, "File uploaded exceeds the maximum size"),
            50083 => (400, "Thread is archived"),
            50109 => (400, "The request body contains invalid JSON."),
            160002 => (
                400,
                "Cannot reply without permission to read message history",
            ),
            160004 => (400, "A thread has already been created for this message"),
            160005 => (400, "Thread is locked"),
            _ => (400, "Invalid request"),
        };
        Refusal::new(status, code, message)
    }

    pub(crate) fn unauthorized() -> Self {
        Refusal::new(401, 0, "401: Unauthorized")
    }

    /// 50035 with the tree of what is wrong where.
    pub(crate) fn invalid_form(errors: Map<String, Value>) -> Self {
        Refusal {
            errors: Some(errors),
            ..Refusal::new(400, 50035, "Invalid Form Body")
        }
    }

    /// 50035 for one field.
    pub(crate) fn field(path: &[&str], code: &str, message: &str) -> Self {
        let mut errors = Map::new();
        add_error(&mut errors, path, code, message);
        Refusal::invalid_form(errors)
    }

    pub(crate) fn body(&self) -> Value {
        match &self.errors {
            None => json!({"message": self.message, "code": self.code}),
            Some(errors) => {
                json!({"message": self.message, "code": self.code, "errors": errors})
            }
        }
    }
}

/// Puts one error at its place in the tree.
pub(crate) fn add_error(tree: &mut Map<String, Value>, path: &[&str], code: &str, message: &str) {
    let error = json!({"code": code, "message": message});
    match path {
        [] => {
            let list = tree.entry("_errors").or_insert_with(|| json!([]));
            if let Value::Array(list) = list {
                list.push(error);
            }
        }
        [first, rest @ ..] => {
            let child = tree.entry(*first).or_insert_with(|| json!({}));
            if let Value::Object(child) = child {
                add_error(child, rest, code, message);
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(self.body())).into_response()
    }
}
