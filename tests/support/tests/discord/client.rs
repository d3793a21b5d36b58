//! The clients of these tests: JSON over HTTP, and frames over a WebSocket.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use husting_test_support::discord::{FakeDiscord, Id, Settings, World, intents};
use reqwest::{Method, RequestBuilder, StatusCode, header::HeaderMap};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, protocol::CloseFrame},
};

pub const AGENT: &str = "DiscordBot (https://example.invalid, 1)";
pub const INTENTS: u64 = intents::GUILDS
    | intents::GUILD_MESSAGES
    | intents::GUILD_MESSAGE_REACTIONS
    | intents::DIRECT_MESSAGES
    | intents::MESSAGE_CONTENT;

/// No answer takes this long; a test that would hang fails instead.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A guild with two people and a channel.
pub struct Scene {
    pub discord: FakeDiscord,
    pub guild: Id,
    pub alice: Id,
    pub bob: Id,
    pub general: Id,
}

impl Scene {
    pub async fn new() -> Self {
        Scene::with(|_, _| {}).await
    }

    /// A scene whose numbers are changed first.
    pub async fn set(change: impl FnOnce(&mut Settings)) -> Self {
        Scene::with(|world, _| change(world.settings())).await
    }

    /// A scene whose world is changed first; it is told the guild and its channel.
    pub async fn with(change: impl FnOnce(&mut World, (Id, Id))) -> Self {
        let mut world = World::new();
        *world.settings() = Settings::unlimited();
        let (alice, bob) = (world.person("alice"), world.person("bob"));
        let guild = world.guild("Workshop");
        world.join(guild, alice);
        world.join(guild, bob);
        let general = world.channel(guild, "general");
        change(&mut world, (guild, general));
        Scene {
            discord: FakeDiscord::start(world).await.unwrap(),
            guild,
            alice,
            bob,
            general,
        }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(Method::POST, path, Some(body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Reply {
        self.send(Method::PATCH, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Option<Value>) -> Reply {
        self.send(Method::PUT, path, body).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, None).await
    }

    /// Posts in the channel.
    pub async fn speak(&self, body: Value) -> Reply {
        self.post(&format!("/channels/{}/messages", self.general), body)
            .await
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Reply {
        let request = self.request(method, path);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        Reply::of(request).await
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        reqwest::Client::new()
            .request(method, format!("{}{path}", self.discord.api_base()))
            .header("user-agent", AGENT)
            .header("authorization", format!("Bot {}", self.discord.token()))
    }

    /// A session, after READY and the guilds.
    pub async fn session(&self) -> Gateway {
        self.session_with(INTENTS).await
    }

    pub async fn session_with(&self, intents: u64) -> Gateway {
        let mut gateway = self.gateway().await;
        gateway.send(self.identify(intents)).await;
        let ready = gateway.event("READY").await;
        gateway.session_id = ready["d"]["session_id"].as_str().unwrap().to_owned();
        gateway.resume_url = ready["d"]["resume_gateway_url"]
            .as_str()
            .unwrap()
            .to_owned();
        if intents & intents::GUILDS != 0 {
            gateway.event("GUILD_CREATE").await;
        }
        gateway
    }

    /// A connection, after HELLO.
    pub async fn gateway(&self) -> Gateway {
        let mut gateway = Gateway::open(&self.discord.gateway_url(), "").await;
        let hello = gateway.frame().await;
        assert_eq!(hello["op"], 10);
        gateway
    }

    pub fn identify(&self, intents: u64) -> Value {
        json!({"op": 2, "d": {
            "token": self.discord.token(),
            "intents": intents,
            "properties": {"os": "linux", "browser": "test", "device": "test"},
        }})
    }

    pub fn resume(&self, session: &str, seq: u64) -> Value {
        json!({"op": 6, "d": {"token": self.discord.token(), "session_id": session, "seq": seq}})
    }
}

/// An HTTP response.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Reply {
    pub async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Reply {
            status,
            headers,
            body,
        }
    }

    /// The status and the error code.
    pub fn refusal(&self) -> (u16, u64) {
        let code = self.body["code"].as_u64();
        (self.status.as_u16(), code.unwrap_or_default())
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The id of what was made.
    #[track_caller]
    pub fn id(&self) -> Id {
        assert!(self.status.is_success(), "{self:?}");
        self.body["id"].as_str().unwrap().parse().unwrap()
    }
}

/// A gateway connection.
pub struct Gateway {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub seq: u64,
    pub session_id: String,
    pub resume_url: String,
}

impl Gateway {
    pub async fn open(url: &str, more: &str) -> Self {
        let url = format!("{url}/?v=10&encoding=json{more}");
        let (socket, _) = connect_async(url).await.unwrap();
        Gateway {
            socket,
            seq: 0,
            session_id: String::new(),
            resume_url: String::new(),
        }
    }

    pub async fn send(&mut self, frame: Value) {
        self.say(&frame.to_string()).await;
    }

    pub async fn say(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    pub async fn heartbeat(&mut self) {
        let seq = self.seq;
        self.send(json!({"op": 1, "d": seq})).await;
    }

    async fn next(&mut self) -> Option<Result<Message, Error>> {
        let next = timeout(PATIENCE, self.socket.next());
        next.await.expect("the gateway said nothing")
    }

    /// The next frame.
    pub async fn frame(&mut self) -> Value {
        match self.next().await {
            Some(Ok(Message::Text(text))) => {
                let frame: Value = serde_json::from_str(text.as_str()).unwrap();
                if let Some(seq) = frame["s"].as_u64() {
                    self.seq = seq;
                }
                frame
            }
            other => panic!("no frame but {other:?}"),
        }
    }

    /// The next event of this name; what comes before it is passed over.
    pub async fn event(&mut self, name: &str) -> Value {
        loop {
            let frame = self.frame().await;
            if frame["t"] == name {
                return frame;
            }
        }
    }

    /// The names of the events up to the answer to a heartbeat sent now: nothing else is on its way.
    pub async fn events_so_far(&mut self) -> Vec<String> {
        self.heartbeat().await;
        let mut names = Vec::new();
        loop {
            let frame = self.frame().await;
            match frame["op"].as_u64() {
                Some(11) => return names,
                _ => names.push(frame["t"].as_str().unwrap_or_default().to_owned()),
            }
        }
    }

    /// The code it is closed with; `None` where the socket just ended.
    pub async fn closed(&mut self) -> Option<u16> {
        loop {
            match self.next().await {
                Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code.into()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }

    pub async fn close(mut self, code: u16) {
        let frame = CloseFrame {
            code: code.into(),
            reason: "".into(),
        };
        self.socket.close(Some(frame)).await.unwrap();
        self.closed().await;
    }

    /// The next binary message.
    pub async fn binary(&mut self) -> Vec<u8> {
        match self.next().await {
            Some(Ok(Message::Binary(bytes))) => bytes.to_vec(),
            other => panic!("no bytes but {other:?}"),
        }
    }
}
