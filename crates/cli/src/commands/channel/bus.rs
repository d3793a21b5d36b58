//! Requests to the bus. Each stands for itself, so that one that comes after a restart of the bus knows
//! nothing of it.
//!
//! Not the SDK's client: of a refusal by status it keeps no words, and they are what a model acts on.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::StreamExt;
use futures::stream::BoxStream;
use reqwest::header::{ACCEPT, HeaderMap};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, Url};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::fault::Fault;
use super::place::Place;
use super::stream;

/// The newest version in which mail is told in a session.
pub(super) const VERSION: &str = "2025-11-25";
const SESSION_ID: &str = "mcp-session-id";
const ACCEPTED: &str = "application/json, text/event-stream";
/// Asks for a missing scope in a result: no status reaches a client on standard output.
const DENIALS: (&str, &str) = ("x-husting-denials", "result");

const CONNECT: Duration = Duration::from_secs(5);
/// Longer than a living bus is silent on a stream.
const SILENCE: Duration = Duration::from_secs(60);
/// Until when a message must be answered that waits for nothing.
const PATIENCE: Duration = Duration::from_secs(30);

/// The bus, and the token to it.
pub(super) struct Bus {
    http: Client,
    token: SecretString,
    place: Place,
    /// Where it was found last.
    url: Mutex<Option<Url>>,
}

/// A request that is being answered.
pub(super) struct Answering(BoxStream<'static, Result<Value, Fault>>);

/// A message on the way to an answer.
pub(super) enum Said {
    /// Something else, before it.
    Before(Value),
    /// The answer.
    Result(Value),
}

/// What a session of the bus is called.
pub(super) struct Session(String);

impl Bus {
    /// # Errors
    /// Where the system's certificates cannot be read.
    pub(super) fn new(place: Place, token: SecretString) -> reqwest::Result<Self> {
        let http = Client::builder()
            .user_agent(concat!("husting/", env!("CARGO_PKG_VERSION")))
            // The token would go along.
            .redirect(Policy::none())
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .tcp_nodelay(true)
            .http1_only();
        // A system's proxy would read a token that is sent over plain http.
        let http = match &place {
            Place::At(url) if url.scheme() == "https" => http,
            _ => http.no_proxy(),
        };
        Ok(Self {
            http: http.build()?,
            token,
            place,
            url: Mutex::default(),
        })
    }

    /// Looks anew where it is.
    pub(super) async fn look(&self) {
        let found = self.place.find().await;
        *self.url.lock().unwrap_or_else(PoisonError::into_inner) = found;
    }

    /// Begins a request; its messages follow.
    ///
    /// # Errors
    /// [`Fault`].
    pub(super) async fn ask(&self, method: &str, params: Value) -> Result<Answering, Fault> {
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let response = match self.post(&message, None).await {
            // Another instance of the folder may listen somewhere else.
            Err(Fault::Away(_)) => {
                self.look().await;
                self.post(&message, None).await?
            }
            posted => posted?,
        };
        Ok(Answering(stream::messages(response).await?))
    }

    /// The result of a request that waits for nothing.
    ///
    /// # Errors
    /// [`Fault`].
    pub(super) async fn ask_soon(&self, method: &str, params: Value) -> Result<Value, Fault> {
        let asking = async { self.ask(method, params).await?.result().await };
        let answer = tokio::time::timeout(PATIENCE, asking).await;
        answer.unwrap_or(Err(Fault::Lost(None)))
    }

    /// Opens a session for a client that calls itself so.
    ///
    /// # Errors
    /// [`Fault`].
    pub(super) async fn open(&self, client: Value) -> Result<Session, Fault> {
        let params = json!({"protocolVersion": VERSION, "capabilities": {}, "clientInfo": client});
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params});
        let opened = self.post(&message, None).await?;
        let session = session_of(opened.headers()).ok_or(Fault::Odd)?;
        let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        self.post(&ready, Some(&session)).await?;
        Ok(session)
    }

    /// Subscribes to a resource in a session.
    ///
    /// # Errors
    /// [`Fault`].
    pub(super) async fn subscribe(&self, session: &Session, uri: &str) -> Result<(), Fault> {
        let params = json!({ "uri": uri });
        let message =
            json!({"jsonrpc": "2.0", "id": 1, "method": "resources/subscribe", "params": params});
        let response = self.post(&message, Some(session)).await?;
        let answering = Answering(stream::messages(response).await?);
        answering.result().await.map(drop)
    }

    /// What a session is told without asking.
    ///
    /// # Errors
    /// [`Fault`].
    pub(super) async fn listen(
        &self,
        session: &Session,
    ) -> Result<BoxStream<'static, Result<Value, Fault>>, Fault> {
        let request = self.http.get(self.url().await?);
        stream::messages(self.send(request, Some(session)).await?).await
    }

    async fn post(&self, message: &Value, session: Option<&Session>) -> Result<Response, Fault> {
        let request = self.http.post(self.url().await?).json(message);
        self.send(request, session).await
    }

    async fn send(
        &self,
        request: RequestBuilder,
        session: Option<&Session>,
    ) -> Result<Response, Fault> {
        let mut request = request
            .bearer_auth(self.token.expose_secret())
            .header(ACCEPT, ACCEPTED)
            .header("mcp-protocol-version", VERSION)
            .header(DENIALS.0, DENIALS.1);
        if let Some(Session(id)) = session {
            request = request.header(SESSION_ID, id);
        }
        let response = request.send().await?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        Err(Fault::refused(status, &response.bytes().await?))
    }

    async fn url(&self) -> Result<Url, Fault> {
        let known = || {
            self.url
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone()
        };
        if known().is_none() {
            self.look().await;
        }
        known().ok_or(Fault::Away(None))
    }
}

fn session_of(headers: &HeaderMap) -> Option<Session> {
    let id = headers.get(SESSION_ID)?.to_str().ok()?;
    Some(Session(id.to_owned()))
}

impl Answering {
    /// What comes next.
    ///
    /// # Errors
    /// [`Fault`], with which nothing more comes.
    pub(super) async fn next(&mut self) -> Result<Said, Fault> {
        let mut message = self.0.next().await.ok_or(Fault::Lost(None))??;
        if message["id"] != 1 {
            return Ok(Said::Before(message));
        }
        if message.get("result").is_some() {
            return Ok(Said::Result(message["result"].take()));
        }
        let error = serde_json::from_value(message["error"].take());
        Err(error.map_or(Fault::Odd, Fault::Rpc))
    }

    async fn result(mut self) -> Result<Value, Fault> {
        loop {
            if let Said::Result(result) = self.next().await? {
                return Ok(result);
            }
        }
    }
}
