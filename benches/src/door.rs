//! The door of the deliberation contract, as whoever holds a key writes to it.

use std::net::SocketAddr;

use anyhow::{Context, ensure};
use husting_domain::ids::AgentId;
use husting_domain::scopes::Scope;
use husting_wire::agents::MintAgent;
use husting_wire::commands::{MakeAgent, MakeKey};
use husting_wire::keys::CreateKey;
use serde_json::{Value, json};

use crate::instance::Instance;
use crate::loader::{Answer, Connection};

/// The protocol version that requests name.
const VERSION: &str = "2025-11-25";

/// What clients of MCP must take.
const BOTH: &str = "application/json, text/event-stream";

/// Where requests go, and what opens there.
#[derive(Clone, Debug)]
pub struct Door {
    address: SocketAddr,
    /// Path of the MCP server.
    mcp: &'static str,
    /// Nobody asks a peer's callers for a key.
    key: Option<String>,
}

impl Door {
    /// Husting's, with a new key of this name.
    pub async fn of(husting: &Instance, name: &str) -> anyhow::Result<Self> {
        let asked = CreateKey {
            name: name.to_owned(),
            daily_rounds: None,
            tenant_id: None,
        };
        Ok(Self {
            address: husting.address(),
            mcp: "/api/mcp",
            key: Some(husting.call::<MakeKey>(asked).await?.raw_key),
        })
    }

    /// The bus, with a new agent of this name that may send and read, and the agent's id.
    pub async fn of_agent(husting: &Instance, name: &str) -> anyhow::Result<(Self, AgentId)> {
        let asked = MintAgent {
            agent_name: name.to_owned(),
            model: None,
            charter: None,
            // What it must not do by default is measured too.
            scopes: Some(Scope::ALL.to_vec()),
            expires_at: None,
        };
        let minted = husting.call::<MakeAgent>(asked).await?;
        let door = Self {
            address: husting.address(),
            mcp: "/mcp",
            key: Some(minted.raw_token.context("a mint gave no token")?),
        };
        Ok((door, minted.agent.id))
    }

    /// That of another MCP server.
    pub fn of_peer(address: SocketAddr) -> Self {
        Self {
            address,
            mcp: "/mcp",
            key: None,
        }
    }

    /// The same where its server listens now.
    pub fn at(&self, address: SocketAddr) -> Self {
        Self {
            address,
            ..self.clone()
        }
    }

    /// A connection to it.
    pub async fn connect(&self) -> anyhow::Result<Connection> {
        Connection::open(self.address).await
    }

    /// A request that reads; `tag` is what the caller has.
    pub fn get(&self, path: &str, tag: Option<&str>) -> Vec<u8> {
        let condition = tag
            .map(|tag| format!("if-none-match: {tag}\r\n"))
            .unwrap_or_default();
        format!("{}{condition}\r\n", self.head("GET", path)).into_bytes()
    }

    /// A request with a body.
    pub fn post(&self, path: &str, body: &Value) -> Vec<u8> {
        self.posted(path, BOTH, body)
    }

    /// A tool's call.
    pub fn tool(&self, name: &str, arguments: &Value) -> Vec<u8> {
        self.posted(self.mcp, BOTH, &call(name, arguments))
    }

    /// The call of a tool that waits, answered as one piece and not as a stream.
    pub fn waiting_tool(&self, name: &str, arguments: &Value) -> Vec<u8> {
        self.posted(self.mcp, "application/json", &call(name, arguments))
    }

    fn posted(&self, path: &str, accept: &str, body: &Value) -> Vec<u8> {
        let (head, body) = (self.head("POST", path), body.to_string());
        format!(
            "{head}content-type: application/json\r\naccept: {accept}\r\n\
             mcp-protocol-version: {VERSION}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }

    fn head(&self, method: &str, path: &str) -> String {
        let key = self
            .key
            .as_ref()
            .map(|key| format!("authorization: Bearer {key}\r\n"))
            .unwrap_or_default();
        format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\n{key}",
            self.address
        )
    }
}

fn call(tool: &str, arguments: &Value) -> Value {
    json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": tool, "arguments": arguments},
    })
}

/// What a tool returned as structured content.
pub fn returned(answer: &Answer) -> anyhow::Result<Value> {
    let mut reply = answer.json()?;
    let is_error = reply["result"]["isError"] == Value::Bool(true);
    ensure!(!is_error && reply["error"].is_null(), "a tool said {reply}");
    let content = reply["result"]["structuredContent"].take();
    ensure!(content.is_object(), "a tool returned nothing: {reply}");
    Ok(content)
}

/// A text member of an answer.
pub fn text(record: &Value, member: &str) -> anyhow::Result<String> {
    let found = record[member].as_str().map(str::to_owned);
    found.with_context(|| format!("{member} is missing in {record}"))
}
