//! Answers to the calls that came in beside a legacy stream: each goes out on it, and none is left
//! without one while the stream can still be read.

use std::sync::Arc;

use axum::response::Response;
use futures::stream::StreamExt;
use husting_wire::errors::{Error, ErrorCode};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::super::Shared;
use super::super::mcp::peek::Peek;
use super::hearing::{Heard, hear};
use super::tools::Called;
use super::{gate, results};

/// What goes out on a stream.
pub(super) enum Said {
    /// To whoever may read what the token opens.
    Answer(String),
    /// To whoever held the token when it ended.
    LastWords(String),
}

impl Said {
    /// What of it may still be read.
    pub(super) fn read(self, has_ended: bool) -> Option<Arc<str>> {
        match self {
            Self::Answer(_) if has_ended => None,
            Self::Answer(json) | Self::LastWords(json) => Some(json.into()),
        }
    }
}

/// Answers on the stream, for as long as it is there. Calls that wait are answered when the program
/// ends as when their time is up; when the token ends, whatever was called is told so.
pub(super) async fn answer(
    shared: Shared,
    answers: mpsc::UnboundedSender<Said>,
    ended: CancellationToken,
    heard: Heard,
) {
    let call = Unanswered::of(&heard.peek);
    let answering = async {
        match hear(&shared, heard).await {
            Ok(response) => forward(response, &answers).await,
            Err(error) => {
                let refused = gate::refused_message(&call.id, &error);
                send(&answers, Said::Answer(refused.to_string()));
            }
        }
    };
    tokio::select! {
        biased;
        () = ended.cancelled() => if let Some(words) = call.last_words() {
            send(&answers, Said::LastWords(words));
        },
        () = answering => {}
        () = answers.closed() => {}
    }
}

/// A message that was not answered yet.
struct Unanswered {
    /// Nothing where it wants no answer.
    id: Value,
    is_call: bool,
    waits: bool,
}

impl Unanswered {
    fn of(peek: &Peek) -> Self {
        let tool = peek.tool().and_then(Called::named);
        let is_call = peek.method() == "tools/call";
        Self {
            id: peek.id.clone(),
            is_call,
            waits: is_call && tool.is_some_and(Called::waits),
        }
    }

    /// What is answered when the token ended first.
    fn last_words(&self) -> Option<String> {
        if self.id.is_null() {
            return None;
        }
        let said = if self.waits {
            "The token of this stream opens nothing any more: it was revoked, disabled, rotated or ran out while this call waited."
        } else {
            "The token of this stream opens nothing any more: it was revoked, disabled, rotated or ran out while this call was at work. Whether the call was taken in is not known."
        };
        let error = Error::new(ErrorCode::InvalidToken, said);
        let message = if self.is_call {
            json!({"jsonrpc": "2.0", "id": self.id, "result": results::refused(&error)})
        } else {
            gate::refused_message(&self.id, &error)
        };
        Some(message.to_string())
    }
}

/// Sends each message of a response on.
async fn forward(response: Response, answers: &mpsc::UnboundedSender<Said>) {
    let kind = response.headers().get(axum::http::header::CONTENT_TYPE);
    let is_stream = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    let mut pieces = response.into_body().into_data_stream();
    let mut text = Vec::new();
    while let Some(Ok(piece)) = pieces.next().await {
        text.extend_from_slice(&piece);
        if is_stream {
            for message in whole_events(&mut text) {
                send(answers, Said::Answer(message));
            }
        }
    }
    if !is_stream && is_message(&text) {
        let message = String::from_utf8_lossy(&text).into_owned();
        send(answers, Said::Answer(message));
    }
}

fn send(answers: &mpsc::UnboundedSender<Said>, said: Said) {
    if answers.send(said).is_err() {
        tracing::debug!("an answer found its stream gone");
    }
}

/// Takes the data of events that are whole; each of ours is one line.
fn whole_events(text: &mut Vec<u8>) -> Vec<String> {
    let mut found = Vec::new();
    while let Some(end) = text.iter().position(|byte| *byte == b'\n') {
        let line: Vec<u8> = text.drain(..=end).collect();
        let line = String::from_utf8_lossy(&line);
        let data = line.strip_prefix("data:").map(str::trim);
        found.extend(data.filter(|data| !data.is_empty()).map(str::to_owned));
    }
    found
}

fn is_message(text: &[u8]) -> bool {
    serde_json::from_slice::<Value>(text).is_ok_and(|message| message.get("jsonrpc").is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_taken_as_they_become_whole() {
        let mut text = b"id: 1\ndata: {\"a\":1}\n\n: comment\ndata:{\"b\"".to_vec();
        assert_eq!(whole_events(&mut text), ["{\"a\":1}"]);
        text.extend_from_slice(b":2}\n\ndata: \n\n");
        assert_eq!(whole_events(&mut text), ["{\"b\":2}"]);
        assert!(text.is_empty());
    }
}
