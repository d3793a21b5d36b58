//! Everything the bot sent. No secret is in it: the bot's token and the tokens of webhooks and
//! interactions are reduced to their [`fingerprint`](crate::fingerprint).

use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;

use super::mentions::Pings;
use crate::fingerprint;

/// One REST request and what it got.
#[derive(Clone, Debug, Serialize)]
pub struct Request {
    /// From 1, in order of arrival.
    pub number: usize,
    /// Arrival, in milliseconds since the start.
    pub at_ms: u64,
    /// `METHOD /path/{template}`; the bare path where there is no such route.
    pub route: String,
    /// The path, without tokens.
    pub path: String,
    /// The query.
    pub query: Vec<(String, String)>,
    /// The fingerprint of the `Authorization` header's token.
    pub authorization: Option<String>,
    /// The body: JSON, or `payload_json`.
    pub body: Value,
    /// Files: name and size.
    pub files: Vec<(String, usize)>,
    /// The status answered; 0 as long as none was.
    pub status: u16,
    /// The error code answered.
    pub code: Option<u32>,
    /// Whom the message it made notified.
    pub pings: Option<Pings>,
}

/// One frame the app sent over the gateway.
#[derive(Clone, Debug, Serialize)]
pub struct Frame {
    /// From 1, in order of arrival.
    pub number: usize,
    /// Arrival, in milliseconds since the start.
    pub at_ms: u64,
    /// The connection it came by, from 1.
    pub connection: u64,
    /// The opcode, if it had one.
    pub op: Option<u64>,
    /// The data, without tokens.
    pub d: Value,
}

/// One end of a gateway connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Closed {
    /// The connection.
    pub connection: u64,
    /// The code we closed it with.
    pub by_us: Option<u16>,
    /// The code the app closed it with.
    pub by_app: Option<u16>,
}

pub(crate) struct Record {
    since: Instant,
    pub(crate) requests: Vec<Request>,
    pub(crate) frames: Vec<Frame>,
    pub(crate) closed: Vec<Closed>,
}

impl Default for Record {
    fn default() -> Self {
        Record {
            since: Instant::now(),
            requests: Vec::new(),
            frames: Vec::new(),
            closed: Vec::new(),
        }
    }
}

impl Record {
    pub(crate) fn now(&self) -> u64 {
        millis(self.since.elapsed())
    }

    pub(crate) fn request(&mut self, mut request: Request) -> usize {
        request.number = self.requests.len() + 1;
        request.at_ms = self.now();
        self.requests.push(request);
        self.requests.len()
    }

    pub(crate) fn answered(&mut self, number: usize, status: u16, code: Option<u32>) {
        if let Some(request) = self.requests.get_mut(number - 1) {
            request.status = status;
            request.code = code;
        }
    }

    pub(crate) fn frame(&mut self, connection: u64, op: Option<u64>, d: Value) {
        self.frames.push(Frame {
            number: self.frames.len() + 1,
            at_ms: self.now(),
            connection,
            op,
            d: without_tokens(d),
        });
    }
}

/// A token's value wherever a field is called so.
pub(crate) fn without_tokens(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| {
                let value = match value {
                    Value::String(token) if name == "token" => fingerprint(&token).into(),
                    other => without_tokens(other),
                };
                (name, value)
            })
            .collect(),
        Value::Array(list) => list.into_iter().map(without_tokens).collect(),
        other => other,
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
