//! A server on a free port, in front of a host that answers what the test told it to.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::stream::{self, BoxStream, StreamExt};
use husting_clock::ManualClock;
use husting_domain::time::Timestamp;
use husting_server::access::Access;
use husting_server::{Door, Host, ListenAddress, Listener, Served, run};
use husting_wire::commands::Request;
use husting_wire::errors::Error;
use husting_wire::events::{EVENT_VERSION, Envelope, Event};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::value::{RawValue, to_raw_value};
use tokio::sync::{Notify, broadcast};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::nobody::Nobody;
use crate::stand_in::{KEY, OneKey};

/// Longer than anything here takes; only a hanging test meets it.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A host whose answers are set by the test.
pub struct StandIn {
    /// What every call answers; `null` until set.
    pub answer: Mutex<Result<serde_json::Value, Error>>,
    /// What was asked, and through which door.
    pub asked: Mutex<Vec<(Door, &'static str)>>,
    /// While set, calls wait for it before they answer.
    pub gate: Mutex<Option<Arc<Notify>>>,
    /// Told when a call has begun to wait.
    pub waiting: Notify,
    events: broadcast::Sender<Envelope>,
    newest: Mutex<u64>,
    /// Instead of `events`, for tests of slow clients.
    pub stream: Mutex<Option<BoxStream<'static, Envelope>>>,
}

impl Default for StandIn {
    fn default() -> Self {
        Self {
            answer: Mutex::new(Ok(serde_json::Value::Null)),
            asked: Mutex::default(),
            gate: Mutex::default(),
            waiting: Notify::new(),
            events: broadcast::Sender::new(64),
            newest: Mutex::new(0),
            stream: Mutex::default(),
        }
    }
}

impl StandIn {
    /// Tells an event; gives its number.
    pub fn tell(&self) -> u64 {
        let mut newest = self.newest.lock().unwrap();
        *newest += 1;
        self.events
            .send(envelope(
                *newest,
                Event::SettingsChanged {
                    settings: Default::default(),
                },
            ))
            .ok();
        *newest
    }

    pub fn watchers(&self) -> usize {
        self.events.receiver_count()
    }
}

pub fn envelope(seq: u64, event: Event) -> Envelope {
    Envelope {
        version: EVENT_VERSION,
        seq,
        event,
    }
}

#[async_trait]
impl Host for StandIn {
    async fn call(&self, door: Door, request: Request) -> Result<Box<RawValue>, Error> {
        let gate = self.gate.lock().unwrap().clone();
        if let Some(gate) = gate {
            self.waiting.notify_one();
            gate.notified().await;
        }
        self.asked.lock().unwrap().push((door, request.name()));
        self.answer
            .lock()
            .unwrap()
            .clone()
            .map(|value| to_raw_value(&value).unwrap())
    }

    fn watch(&self) -> BoxStream<'static, Envelope> {
        if let Some(stream) = self.stream.lock().unwrap().take() {
            return stream;
        }
        let newest = self.newest.lock().unwrap();
        let receiver = self.events.subscribe();
        let hello = stream::iter([envelope(*newest, Event::Hello {})]);
        let rest = stream::unfold(receiver, async |mut receiver| {
            Some((receiver.recv().await.ok()?, receiver))
        });
        hello.chain(rest).boxed()
    }
}

/// A running server and a client of it.
pub struct Fixture {
    pub http: String,
    pub port: u16,
    pub host: Arc<StandIn>,
    pub contract: Arc<OneKey>,
    pub access: Arc<Access>,
    pub clock: ManualClock,
    pub token: SecretString,
    pub client: Client,
    pub shutdown: CancellationToken,
    pub running: JoinHandle<()>,
}

pub async fn started() -> Fixture {
    let clock = ManualClock::at(Timestamp::from_micros(1_800_000_000_000_000));
    let (access, token) = Access::new(Arc::new(clock.clone())).unwrap();
    let (host, access) = (Arc::new(StandIn::default()), Arc::new(access));
    let contract = Arc::new(OneKey::default());
    let listener = Listener::bind(ListenAddress { port: 0 }).await.unwrap();
    let (http, port, shutdown) = (listener.http(), listener.port(), CancellationToken::new());
    let served = Served {
        host: host.clone(),
        contract: contract.clone(),
        bus: Arc::new(Nobody),
        agents: Arc::new(Nobody),
        access: access.clone(),
    };
    let running = tokio::spawn(run(listener, served, shutdown.clone()));
    let client = Client::builder()
        .no_proxy()
        .timeout(PATIENCE)
        .build()
        .unwrap();
    Fixture {
        http,
        port,
        host,
        contract,
        access,
        clock,
        token,
        client,
        shutdown,
        running,
    }
}

impl Fixture {
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.http))
    }

    /// With the operator token.
    pub fn as_operator(&self, method: Method, path: &str) -> RequestBuilder {
        self.request(method, path)
            .bearer_auth(self.token.expose_secret())
    }

    /// With the one key to the contract.
    pub fn with_key(&self, method: Method, path: &str) -> RequestBuilder {
        self.request(method, path).bearer_auth(KEY)
    }

    pub async fn log_in(&self, code: &str) -> reqwest::Response {
        self.request(Method::POST, "/console/login")
            .json(&serde_json::json!({ "code": code }))
            .send()
            .await
            .unwrap()
    }

    /// A logged-in browser's cookie, as it sends it.
    pub async fn cookie(&self) -> String {
        let code = self.access.login_code().unwrap();
        let response = self.log_in(code.expose_secret()).await;
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        let cookie = response.headers()["set-cookie"].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }
}

/// The status and the code of an error's body.
pub async fn refusal(response: reqwest::Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: serde_json::Value = response.json().await.unwrap();
    assert!(
        body["message"]
            .as_str()
            .is_some_and(|message| !message.is_empty()),
        "{body}"
    );
    // The contract's routes name the code as the contract does.
    let code = body.get("code").or_else(|| body.get("error"));
    (status, code.unwrap().as_str().unwrap().to_owned())
}
