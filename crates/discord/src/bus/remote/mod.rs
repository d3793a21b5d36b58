//! A bus over MCP, this machine's or another, through the official SDK.
//!
//! A bus says what it can in its list of tools: ours answers with records, waits for mail and takes
//! acknowledgements; one in the field may have `send` and `inbox` alone and answer in words. What a bus
//! cannot do is left out, and what it says in words is read as far as it can be read.

mod address;
mod connection;
mod faults;
mod http;
mod identity;
mod mail;
mod peers;
mod sending;
mod sse;
mod tools;
mod words;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use husting_domain::agents::Name;
use reqwest::Url;
use rmcp::model::{CallToolResult, JsonObject};
use secrecy::SecretString;
use serde_json::json;

use self::address::Address;
use self::connection::Connection;
use self::faults::Faults;
use self::tools::Tools;
use super::{Bus, BusError, Identity, Letter, Mail, Peer, Recent, page_before};

/// Until when an answer to a call must be there that does not wait for anything.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest wait that our bus grants.
const LONGEST_WAIT: Duration = Duration::from_secs(120);
/// Most messages of one answer, and most ids of one acknowledgement.
const MOST: u32 = 100;

/// How a bus is reached.
#[derive(Clone)]
pub struct RemoteOptions {
    /// Its address. One that ends in `/sse` is spoken to over server-sent events, any other over
    /// Streamable HTTP.
    pub url: Url,
    /// The bridge's token.
    pub token: SecretString,
    /// What the bridge is called where the bus does not tell.
    pub connector: Name,
}

impl fmt::Debug for RemoteOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The whole URL may hold a token.
        f.debug_struct("RemoteOptions")
            .field("address", &Address::of(&self.url).shown())
            .field("connector", &self.connector)
            .finish_non_exhaustive()
    }
}

/// A bus over MCP. It connects with the first call; a connection that is lost fails the calls on it, and
/// the next call opens another.
#[derive(Debug)]
pub struct RemoteBus {
    options: RemoteOptions,
    http: reqwest::Client,
    faults: Faults,
    /// Held while it is opened, so that calls beside each other open one.
    connection: tokio::sync::Mutex<Option<Arc<Connection>>>,
    /// Mail that was given and not acknowledged: a bus may think that it was received with the next call.
    unacknowledged: Mutex<Vec<Mail>>,
}

impl RemoteBus {
    /// A bus that nothing was asked of yet.
    ///
    /// # Errors
    /// Where the system's certificates cannot be read.
    pub fn new(options: RemoteOptions) -> reqwest::Result<Self> {
        let address = Address::of(&options.url);
        Ok(Self {
            http: http::client(&options.url)?,
            faults: Faults::of(address.shown(), options.token.clone()),
            options,
            connection: tokio::sync::Mutex::default(),
            unacknowledged: Mutex::default(),
        })
    }

    async fn connection(&self) -> Result<Arc<Connection>, BusError> {
        let mut slot = self.connection.lock().await;
        if let Some(open) = slot.as_ref().filter(|open| open.is_open()) {
            return Ok(open.clone());
        }
        let opened = Connection::open(&self.http, &self.options, &self.faults).await?;
        Ok(slot.insert(Arc::new(opened)).clone())
    }

    async fn tools(&self) -> Result<Arc<Tools>, BusError> {
        let connection = self.connection().await?;
        let listed = connection.tools(&self.faults).await;
        self.heard(&connection, listed).await
    }

    async fn call(
        &self,
        tool: &'static str,
        arguments: JsonObject,
        patience: Duration,
    ) -> Result<CallToolResult, BusError> {
        let connection = self.connection().await?;
        let called = connection
            .call(tool, arguments, patience, &self.faults)
            .await;
        self.heard(&connection, called).await
    }

    /// Leaves a connection behind that does not carry any more.
    async fn heard<T>(
        &self,
        connection: &Arc<Connection>,
        answer: Result<T, BusError>,
    ) -> Result<T, BusError> {
        if matches!(
            answer,
            Err(BusError::Unreachable { .. } | BusError::Failed(_) | BusError::Unauthorized(_))
        ) {
            let mut slot = self.connection.lock().await;
            if slot
                .as_ref()
                .is_some_and(|open| Arc::ptr_eq(open, connection))
            {
                *slot = None;
            }
        }
        answer
    }

    async fn fetched(&self, patience: Duration) -> Result<Vec<Mail>, BusError> {
        let tools = self.tools().await?;
        let seconds = patience.min(LONGEST_WAIT).as_secs();
        let limit = ("limit", json!(MOST));
        let result = if seconds > 0 && tools.has("inbox_wait") {
            let offered = [
                limit,
                ("timeout_seconds", json!(seconds)),
                ("timeout", json!(seconds)),
            ];
            let arguments = tools.arguments("inbox_wait", offered);
            self.call("inbox_wait", arguments, patience + PATIENCE)
                .await?
        } else {
            let mut offered = vec![limit];
            if tools.requires("inbox", "agent") {
                offered.push(("agent", json!(self.options.connector)));
            }
            self.call("inbox", tools.arguments("inbox", offered), PATIENCE)
                .await?
        };
        Ok(mail::read(&result))
    }

    fn unacknowledged(&self) -> std::sync::MutexGuard<'_, Vec<Mail>> {
        self.unacknowledged
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Bus for RemoteBus {
    async fn whoami(&self) -> Result<Identity, BusError> {
        let unproved = || Identity {
            name: self.options.connector.to_string(),
            is_proved: false,
        };
        if !self.tools().await?.has("boot_context") {
            return Ok(unproved());
        }
        let result = self
            .call("boot_context", JsonObject::new(), PATIENCE)
            .await?;
        Ok(
            identity::read(&result).map_or_else(unproved, |name| Identity {
                name,
                is_proved: true,
            }),
        )
    }

    async fn send(&self, letter: &Letter) -> Result<String, BusError> {
        let arguments = sending::arguments(&*self.tools().await?, letter);
        let result = self.call("send", arguments, PATIENCE).await?;
        // A bus that names no id took it nevertheless.
        Ok(sending::id(&result).unwrap_or_else(|| letter.key.clone()))
    }

    async fn mail(&self, patience: Duration) -> Result<Vec<Mail>, BusError> {
        let again = self.unacknowledged().clone();
        if !again.is_empty() {
            return Ok(again);
        }
        let fetched = self.fetched(patience).await?;
        self.unacknowledged().clone_from(&fetched);
        Ok(fetched)
    }

    async fn recent(&self, before: Option<u64>) -> Result<Recent, BusError> {
        let tools = self.tools().await?;
        if !tools.takes("inbox", "include") {
            return Ok(Recent::default());
        }
        let mut offered = vec![("include", json!("all"))];
        match before {
            None => offered.push(("limit", json!(MOST))),
            Some(before) => {
                let (after, count) = page_before(before, MOST);
                offered.push(("after", json!(after)));
                offered.push(("limit", json!(count)));
            }
        }
        let arguments = tools.arguments("inbox", offered);
        let result = self.call("inbox", arguments, PATIENCE).await?;
        let mut mail = mail::unacknowledged(&result);
        if before.is_none() {
            // Without a number the newest come first.
            mail.reverse();
        }
        let first = mail::first_number(&result).filter(|_| tools.takes("inbox", "after"));
        let older = first.filter(|first| *first > 1 && before.is_none_or(|before| *first < before));
        Ok(Recent { mail, older })
    }

    async fn ack(&self, ids: &[String]) -> Result<(), BusError> {
        // The bridge has it, whether the bus hears of that or not.
        self.unacknowledged().retain(|mail| !ids.contains(&mail.id));
        let known: Vec<&String> = ids.iter().filter(|id| !mail::is_made_up(id)).collect();
        if known.is_empty() || !self.tools().await?.has("ack") {
            return Ok(());
        }
        for some in known.chunks(MOST as usize) {
            let arguments = JsonObject::from_iter([("ids".to_owned(), json!(some))]);
            self.call("ack", arguments, PATIENCE).await?;
        }
        Ok(())
    }

    async fn peers(&self) -> Result<Vec<Peer>, BusError> {
        if !self.tools().await?.has("peers") {
            return Ok(Vec::new());
        }
        let result = self.call("peers", JsonObject::new(), PATIENCE).await?;
        Ok(peers::read(&result))
    }
}
