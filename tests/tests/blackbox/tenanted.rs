//! A tenant's script and the agents it mints, as they come in from outside.

use futures::StreamExt;
use futures::stream::BoxStream;
use husting_domain::tenants::Tier;
use husting_tests::instance::Instance;
use husting_tests::patience::wait_for;
use husting_wire::commands::{KeepTenant, MakeTenantToken};
use husting_wire::tenants::{PutTenant, TenantRef};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use sse_stream::{Sse, SseByteStream};

use crate::keyed::{Answer, answered, result_of};

/// Every scope that opens tools of the bus.
pub const ALL_SCOPES: [&str; 7] = [
    "mcp:send",
    "mcp:inbox",
    "mcp:broadcast",
    "mcp:workspace_join",
    "mcp:recall",
    "mcp:remember",
    "mcp:peers",
];

/// Whoever holds a tenant's token.
#[derive(Clone)]
pub struct Tenant {
    pub id: String,
    pub token: String,
    http: String,
    client: reqwest::Client,
}

/// Whoever holds an agent's token.
#[derive(Clone)]
pub struct Agent {
    pub id: String,
    pub token: String,
    http: String,
    client: reqwest::Client,
}

impl Tenant {
    /// The operator's own tenant.
    pub async fn local(instance: &Instance) -> Self {
        Self::of(instance, "local", Tier::Scale).await
    }

    pub async fn of(instance: &Instance, id: &str, tier: Tier) -> Self {
        let put = PutTenant {
            tenant_id: id.to_owned(),
            tier,
        };
        let tenants = instance.call::<KeepTenant>(put).await.unwrap().tenants;
        let mut ids = tenants.into_iter().map(|tenant| tenant.record.id);
        let tenant_id = ids.find(|made| made.as_str() == id).unwrap();
        let made = instance
            .call::<MakeTenantToken>(TenantRef { tenant_id })
            .await;
        Self {
            id: id.to_owned(),
            token: made.unwrap().raw_token,
            http: instance.http.clone(),
            client: instance.client.clone(),
        }
    }

    /// A request below the tenant's own path.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/api/tenants/{}{path}", self.http, self.id);
        self.client.request(method, url).bearer_auth(&self.token)
    }

    pub async fn get(&self, path: &str) -> Answer {
        answered(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        answered(self.request(Method::POST, path).json(body)).await
    }

    pub async fn patch(&self, agent: &Agent, body: &Value) -> Answer {
        let path = format!("/agents/{}", agent.id);
        answered(self.request(Method::PATCH, &path).json(body)).await
    }

    /// What an agent may do from now on.
    pub async fn grant(&self, agent: &Agent, scopes: &[&str]) {
        self.patch(agent, &json!({ "scopes": scopes }))
            .await
            .with(200);
    }

    pub async fn mint(&self, name: &str, scopes: &[&str]) -> Agent {
        let body = json!({"agent_name": name, "scopes": scopes});
        let minted = self.post("/agents/mint", &body).await.with(201);
        self.agent(&minted)
    }

    /// Whoever was minted or has a new token.
    pub fn agent(&self, minted: &Value) -> Agent {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Agent {
            id: text(&minted["agent"]["id"]),
            token: text(&minted["raw_token"]),
            http: self.http.clone(),
            client: self.client.clone(),
        }
    }

    pub async fn disable(&self, agent: &Agent) -> Value {
        let path = format!("/agents/{}/disable", agent.id);
        answered(self.request(Method::POST, &path)).await.with(200)
    }

    pub async fn enable(&self, agent: &Agent) -> Value {
        let path = format!("/agents/{}/enable", agent.id);
        answered(self.request(Method::POST, &path)).await.with(200)
    }

    pub async fn rotate(&self, agent: &Agent, overlap_seconds: u32) -> Agent {
        let path = format!("/agents/{}/rotate", agent.id);
        let body = json!({ "overlap_seconds": overlap_seconds });
        self.agent(&self.post(&path, &body).await.with(200))
    }

    /// The receipt of an agent's end.
    pub async fn revoke(&self, agent: &Agent) -> Value {
        let path = format!("/agents/{}", agent.id);
        let mut revoked = answered(self.request(Method::DELETE, &path))
            .await
            .with(200);
        assert_eq!(revoked["agent"]["status"], "revoked");
        revoked["receipt"].take()
    }
}

impl Agent {
    /// A request with its token.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.http);
        self.client.request(method, url).bearer_auth(&self.token)
    }

    /// A request that brings one message.
    pub fn bringing(&self, message: &Value) -> RequestBuilder {
        self.bringing_to(&self.http, message)
    }

    /// The same to another address of the program.
    pub fn bringing_to(&self, http: &str, message: &Value) -> RequestBuilder {
        self.client
            .post(format!("{http}/mcp"))
            .bearer_auth(&self.token)
            .header("accept", "application/json, text/event-stream")
            .json(message)
    }

    /// A request that calls a tool.
    pub fn calling(&self, tool: &str, arguments: Value) -> RequestBuilder {
        self.bringing(&called(1, tool, arguments))
    }

    /// What a call is answered, refused or not.
    pub async fn answer(&self, tool: &str, arguments: Value) -> Answer {
        answered(self.calling(tool, arguments)).await
    }

    /// What a tool returns, an error or not.
    pub async fn result(&self, tool: &str, arguments: Value) -> Value {
        let answer = self.answer(tool, arguments).await;
        assert_eq!(answer.status, 200, "{tool}: {}", answer.text);
        result_of(&answer.text)
    }

    /// What a tool returns as a record.
    pub async fn told(&self, tool: &str, arguments: Value) -> Value {
        let mut result = self.result(tool, arguments).await;
        assert_ne!(result["isError"], true, "{tool}: {result}");
        result["structuredContent"].take()
    }

    /// The code with which a tool refuses.
    pub async fn refused(&self, tool: &str, arguments: Value) -> String {
        let result = self.result(tool, arguments).await;
        assert_eq!(result["isError"], true, "{tool}: {result}");
        let code = result["structuredContent"]["error"].as_str();
        code.unwrap_or_default().to_owned()
    }

    /// Sends a message; its id.
    pub async fn send(&self, to: &str, text: &str) -> Value {
        self.told("send", json!({"to": to, "text": text})).await["id"].take()
    }

    /// The texts of its unread mail.
    pub async fn inbox(&self) -> Vec<String> {
        texts(&self.told("inbox", json!({"limit": 100})).await)
    }

    /// The names of the tools that it is listed.
    pub async fn tools(&self) -> Vec<String> {
        let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
        let list = answered(self.bringing(&list)).await.with(200);
        names(&list["result"])
    }

    /// Opens a session; its id.
    pub async fn session(&self) -> String {
        let answer = answered(self.bringing(&opening("2025-06-18"))).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.header("mcp-session-id").to_owned()
    }

    /// The server's stream of a session.
    pub async fn listen(&self, session: &str) -> Events {
        let request = self
            .request(Method::GET, "/mcp")
            .header("accept", "text/event-stream")
            .header("mcp-session-id", session);
        Events::of(wait_for("a stream", request.send()).await.unwrap())
    }

    /// A legacy stream and the path that its messages go to.
    pub async fn sse(&self) -> (Events, String) {
        let url = format!("{}/sse/{}", self.http, self.token);
        let opened = wait_for("a stream", self.client.get(url).send()).await;
        let mut events = Events::of(opened.unwrap());
        let first = events.next().await.unwrap();
        assert_eq!(first.event.as_deref(), Some("endpoint"));
        (events, first.data.unwrap())
    }

    /// Brings one message to a legacy stream.
    pub async fn post(&self, endpoint: &str, message: &Value) -> Answer {
        let url = format!("{}{endpoint}", self.http);
        answered(self.client.post(url).json(message)).await
    }
}

/// Events of a stream as they come.
pub struct Events(BoxStream<'static, Sse>);

impl Events {
    /// Of a response that must be a stream.
    pub fn of(response: Response) -> Self {
        assert_eq!(response.status().as_u16(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let blocks = SseByteStream::new(response.bytes_stream());
        let whole = blocks.take_while(|block| std::future::ready(block.is_ok()));
        Self(whole.filter_map(async |block| block.ok()).boxed())
    }

    /// The next event with something in it; `None` when the stream has ended.
    pub async fn next(&mut self) -> Option<Sse> {
        loop {
            let event = wait_for("an event, or the end", self.0.next()).await?;
            if event.data.is_some() {
                return Some(event);
            }
        }
    }

    /// The next message.
    pub async fn message(&mut self) -> Value {
        let event = self.next().await.expect("the stream goes on");
        serde_json::from_str(&event.data.unwrap()).unwrap()
    }

    /// It must end without another event.
    pub async fn ends(mut self) {
        let more = self.next().await;
        assert!(more.is_none(), "it went on: {more:?}");
    }
}

/// A message that calls a tool.
pub fn called(id: u64, tool: &str, arguments: Value) -> Value {
    json!({
        "jsonrpc": "2.0", "id": id, "method": "tools/call",
        "params": {"name": tool, "arguments": arguments},
    })
}

/// A message that opens a connection.
pub fn opening(version: &str) -> Value {
    json!({
        "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "a", "version": "1"},
        },
    })
}

/// The texts of mail.
pub fn texts(mail: &Value) -> Vec<String> {
    let messages = mail["messages"].as_array().unwrap().iter();
    let texts = messages.map(|message| message["text"].as_str().unwrap());
    texts.map(str::to_owned).collect()
}

/// The names of listed tools.
pub fn names(list: &Value) -> Vec<String> {
    let tools = list["tools"].as_array().unwrap().iter();
    let names = tools.map(|tool| tool["name"].as_str().unwrap());
    names.map(str::to_owned).collect()
}
