//! An agent on the bus, as its client writes to `/mcp`: every call is one request.

use husting_wire::agents::MintAgent;
use husting_wire::commands::MakeAgent;
use serde_json::{Value, json};

use crate::instance::Instance;

/// Whoever holds a token. It outlives the instance that minted it.
#[derive(Clone, Debug)]
pub struct Agent {
    /// Its name.
    pub name: String,
    token: String,
}

/// Why a call came to nothing.
#[derive(Debug)]
pub enum Lost {
    /// Nobody answered: whether it was taken in is not known.
    Unanswered,
    /// It was refused, with all that was said.
    Refused(u16, String),
}

impl Agent {
    /// Mints one that may do everything.
    pub async fn mint(instance: &Instance, name: &str) -> Self {
        let asked = MintAgent {
            agent_name: name.to_owned(),
            model: None,
            charter: None,
            scopes: Some(husting_domain::scopes::Scope::ALL.to_vec()),
            expires_at: None,
        };
        let minted = instance
            .call::<MakeAgent>(asked)
            .await
            .expect("an agent can be minted");
        Self {
            name: name.to_owned(),
            token: minted.raw_token.expect("its token is shown"),
        }
    }

    /// Its token.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Calls a tool; returns its structured content.
    ///
    /// # Errors
    /// [`Lost`].
    pub async fn call(
        &self,
        client: &reqwest::Client,
        http: &str,
        tool: &str,
        arguments: Value,
    ) -> Result<Value, Lost> {
        let message = json!({
            "jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {"name": tool, "arguments": arguments},
        });
        let request = client
            .post(format!("{http}/mcp"))
            .bearer_auth(&self.token)
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", "2025-11-25")
            .json(&message);
        let response = request.send().await.map_err(|_| Lost::Unanswered)?;
        let status = response.status().as_u16();
        let text = response.text().await.map_err(|_| Lost::Unanswered)?;
        let result = message_in(&text).map(|mut reply| reply["result"].take());
        let result = result.unwrap_or_default();
        if status != 200 || result["isError"] == true || result.is_null() {
            return Err(Lost::Refused(status, text));
        }
        Ok(result["structuredContent"].clone())
    }
}

/// The message of an answer: the whole of it, or the last event where it came as a stream.
pub fn message_in(text: &str) -> Option<Value> {
    let mut events = text.lines().filter_map(|line| line.strip_prefix("data: "));
    serde_json::from_str(events.next_back().unwrap_or(text)).ok()
}
