//! The two tools, in the words that agents in the field know.

use std::sync::Arc;

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, JsonObject,
        ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
    },
    service::RequestContext,
};
use serde_json::{Value, json};

use super::Shared;

#[derive(Clone)]
pub(super) struct Server(pub Arc<Shared>);

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let text = json!({"type": "string"});
        let send = schema(json!({"to": text, "text": text}), &["to", "text"]);
        let inbox = schema(json!({"agent": text}), &["agent"]);
        Ok(ListToolsResult::with_all_items(vec![
            Tool::new("send", "Send a message", send),
            Tool::new("inbox", "Read messages", inbox),
        ]))
    }

    async fn call_tool(
        &self,
        call: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let arguments = call.arguments.unwrap_or_default();
        let argument = |name: &str| arguments.get(name).and_then(Value::as_str);
        match (&*call.name, argument("to"), argument("agent")) {
            ("send", Some("nobody"), _) => {
                let words = format!("No agent called nobody, says {}", self.0.token);
                let refused = CallToolResult::error(vec![ContentBlock::text(words)]);
                Ok(refused.into())
            }
            ("send", Some(to), _) if arguments.len() == 2 => {
                let text = argument("text").unwrap_or_default();
                Ok(said(self.send(to, text)))
            }
            ("inbox", _, Some(agent)) if arguments.len() == 1 => Ok(said(self.inbox(agent))),
            _ => Err(ErrorData::invalid_params("no such call", None)),
        }
    }
}

impl Server {
    fn send(&self, to: &str, text: &str) -> String {
        let mut desk = self.0.lock();
        desk.sent.push((to.to_owned(), text.to_owned()));
        format!("Sent to {to} (id: 1763-{})", desk.sent.len())
    }

    fn inbox(&self, agent: &str) -> String {
        let unread = std::mem::take(&mut self.0.lock().unread);
        if unread.is_empty() {
            return format!("No messages for {agent}.");
        }
        unread.join("\n")
    }
}

fn said(words: String) -> CallToolResponse {
    CallToolResult::success(vec![ContentBlock::text(words)]).into()
}

fn schema(properties: Value, required: &[&str]) -> JsonObject {
    let whole = json!({"type": "object", "properties": properties, "required": required});
    match whole {
        Value::Object(schema) => schema,
        _ => JsonObject::new(),
    }
}
