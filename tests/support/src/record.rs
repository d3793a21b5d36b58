//! What a provider saw and sent: one record for each request, and a running tally.

use std::{
    io::Write,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use axum::http::HeaderMap;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use crate::{asked::Phase, tokens::Usage};

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Still being served.
    Running,
    /// Refused before any call: not valid, not authorised, or not a completion at all.
    Refused,
    /// The whole answer and its final marker were handed to the socket.
    Finished,
    /// The script's fault was played to its end.
    Faulted,
    /// The client went away first.
    Abandoned,
}

/// One request and what became of it.
#[derive(Clone, Debug, Serialize)]
pub struct Recorded {
    /// From 1, in order of arrival.
    pub number: usize,
    /// `GET`, `POST`, …
    pub method: String,
    /// The path.
    pub path: String,
    /// All headers, names in lower case; keys reduced to their [`fingerprint`].
    pub headers: Vec<(String, String)>,
    /// The body; a string where it was not JSON.
    pub body: Value,
    /// Arrival, counted from the provider's start.
    #[serde(serialize_with = "as_micros")]
    pub at: Duration,
    /// Just before the first of the answer's text was handed to the socket, counted likewise.
    #[serde(serialize_with = "as_some_micros")]
    pub first_text_at: Option<Duration>,
    /// When it was over, counted likewise.
    #[serde(serialize_with = "as_some_micros")]
    pub ended_at: Option<Duration>,
    /// The model asked for, in a valid request.
    pub model: Option<String>,
    /// Respond or react, in a valid request.
    pub phase: Option<Phase>,
    /// The status answered; 0 as long as none was sent.
    pub status: u16,
    /// How it ended.
    pub outcome: Outcome,
    /// What a vendor would bill for what was sent so far; nothing for a refused request.
    pub usage: Option<Usage>,
    /// The answer's text sent so far.
    pub sent: String,
}

/// Counts of calls: valid requests for a completion, whatever the script made of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Calls begun.
    pub started: usize,
    /// Calls answered in full.
    pub finished: usize,
    /// Calls that are over in any way.
    pub ended: usize,
}

/// A key in a form that can be compared but not used: its last four characters and a hash.
pub fn fingerprint(key: &str) -> String {
    let hash = Sha256::digest(key.as_bytes());
    let hex: String = hash
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let last: Vec<char> = key.chars().rev().take(4).collect();
    let tail: String = last.into_iter().rev().collect();
    format!("…{tail} sha256:{hex}")
}

#[derive(Clone)]
pub(crate) struct Records {
    since: Instant,
    list: Arc<Mutex<Vec<Recorded>>>,
    tally: watch::Sender<Tally>,
    log: Arc<Mutex<Option<Log>>>,
}

type Log = Box<dyn Write + Send>;

impl Records {
    pub(crate) fn new() -> Self {
        Records {
            since: Instant::now(),
            list: Arc::default(),
            tally: watch::Sender::new(Tally::default()),
            log: Arc::default(),
        }
    }

    pub(crate) fn add(&self, method: &str, path: &str, headers: &HeaderMap, body: Value) -> usize {
        let mut list = self.lock();
        let number = list.len() + 1;
        list.push(Recorded {
            number,
            method: method.to_owned(),
            path: path.to_owned(),
            headers: headers
                .iter()
                .map(|(name, value)| redacted(name.as_str(), value.as_bytes()))
                .collect(),
            body,
            at: self.since.elapsed(),
            first_text_at: None,
            ended_at: None,
            model: None,
            phase: None,
            status: 0,
            outcome: Outcome::Running,
            usage: None,
            sent: String::new(),
        });
        number
    }

    /// The moment all times of the records are counted from.
    pub(crate) fn since(&self) -> Instant {
        self.since
    }

    /// Notes that text is about to go out.
    pub(crate) fn text(&self, number: usize) {
        let now = self.since.elapsed();
        self.change(number, |record| {
            record.first_text_at.get_or_insert(now);
        });
    }

    pub(crate) fn change(&self, number: usize, change: impl FnOnce(&mut Recorded)) {
        if let Some(record) = self.lock().get_mut(number - 1) {
            change(record);
        }
    }

    pub(crate) fn all(&self) -> Vec<Recorded> {
        self.lock().clone()
    }

    pub(crate) fn start(&self) {
        self.tally.send_modify(|tally| tally.started += 1);
    }

    pub(crate) fn end(&self, number: usize, outcome: Outcome) {
        let now = self.since.elapsed();
        self.change(number, |record| {
            record.outcome = outcome;
            record.ended_at = Some(now);
        });
        self.write_down(number);
        self.tally.send_modify(|tally| {
            tally.ended += 1;
            tally.finished += usize::from(outcome == Outcome::Finished);
        });
    }

    pub(crate) fn refused(&self, number: usize) {
        self.change(number, |record| record.outcome = Outcome::Refused);
        self.write_down(number);
    }

    pub(crate) fn log_to(&self, log: Log) {
        *self.log.lock().unwrap_or_else(PoisonError::into_inner) = Some(log);
    }

    fn write_down(&self, number: usize) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(log) = log.as_mut() else { return };
        let line = self.lock().get(number - 1).map(serde_json::to_string);
        if let Some(Ok(line)) = line
            && let Err(error) = writeln!(log, "{line}").and_then(|()| log.flush())
        {
            eprintln!("the log of requests cannot be written: {error}");
        }
    }

    pub(crate) fn tally(&self) -> Tally {
        *self.tally.borrow()
    }

    pub(crate) async fn until(&self, reached: impl FnMut(&Tally) -> bool) -> Tally {
        let mut tally = self.tally.subscribe();
        // The sender lives as long as `self`, so the wait cannot fail.
        match tally.wait_for(reached).await {
            Ok(now) => *now,
            Err(_) => self.tally(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Recorded>> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn redacted(name: &str, value: &[u8]) -> (String, String) {
    let value = String::from_utf8_lossy(value).into_owned();
    let shown = match name {
        "authorization" => match value.split_once(' ') {
            Some((scheme, key)) => format!("{scheme} {}", fingerprint(key)),
            None => fingerprint(&value),
        },
        "x-api-key" | "x-goog-api-key" => fingerprint(&value),
        _ => value,
    };
    (name.to_owned(), shown)
}

fn as_micros<S: serde::Serializer>(at: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(at.as_micros()).unwrap_or(u64::MAX))
}

fn as_some_micros<S: serde::Serializer>(
    at: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => as_micros(at, serializer),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_key_can_be_compared_but_not_used() {
        let (_, shown) = redacted("authorization", b"Bearer sk-secret-1234");
        assert_eq!(shown, format!("Bearer {}", fingerprint("sk-secret-1234")));
        assert!(!shown.contains("secret"));
        assert_ne!(fingerprint("sk-secret-1234"), fingerprint("sk-other--1234"));
    }
}
