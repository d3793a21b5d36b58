//! An answer while it streams: bytes to events to words, and how it ended.

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt, TryStreamExt};
use husting_domain::calls::SeatErrorCode;
use husting_domain::exchange::{Prompt, SeatAnswer, SeatEvent, SeatFailure, SeatOutcome};
use secrecy::SecretString;
use tokio::sync::mpsc;

use super::framing::{Framing, Unread};
use super::reading::{Broken, Reader, Told};
use super::redaction;
use super::refusals::{self, Refusal};
use crate::estimate;

/// Bytes of one response that are read; no provider sends so much for the tokens asked for.
const LONGEST_STREAM: usize = 64 * 1_024 * 1_024;

/// Times a token's usual bytes that a text may have for each token of its limit; beyond that the
/// provider has ignored the limit.
const GENEROSITY: u64 = 4;

/// How reading a stream ended.
pub(super) enum End {
    /// By itself.
    Closed,
    /// Its connection broke.
    Cut(String),
    /// With an event that is none of an answer.
    Broken(Broken),
    /// From outside, before its end.
    Stopped,
}

/// One answer being heard.
pub(super) struct Hearing<'a> {
    prompt: &'a Prompt,
    reader: Box<dyn Reader>,
    framing: Framing,
    told: Told,
    text: String,
    /// Events that came.
    events: usize,
    /// The first byte, which tells a comment from what is no stream.
    first: Option<u8>,
}

impl<'a> Hearing<'a> {
    pub(super) fn new(prompt: &'a Prompt, reader: Box<dyn Reader>, framing: Framing) -> Self {
        Self {
            prompt,
            reader,
            framing,
            told: Told::default(),
            text: String::new(),
            events: 0,
            first: None,
        }
    }

    /// Passes on the words of `bytes` as they come, until they end.
    pub(super) async fn listen<E>(
        &mut self,
        bytes: impl Stream<Item = Result<Bytes, E>> + Send,
        events: &mpsc::Sender<SeatEvent>,
    ) -> End
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        let (mut first, mut total) = (None, 0_usize);
        let tapped = bytes.map_err(TapError::Connection).and_then(|chunk| {
            first = first.or(chunk.first().copied());
            total += chunk.len();
            if has_comment(&chunk)
                && let Err(error) = events.try_send(SeatEvent::Alive)
            {
                // A full channel means that its reader has signs of life enough.
                tracing::trace!(%error, "a ping was not passed on");
            }
            futures::future::ready(if total > LONGEST_STREAM {
                Err(TapError::TooMuch)
            } else {
                Ok(chunk)
            })
        });
        let pieces = self.framing.cut(tapped, LONGEST_STREAM);
        let end = self.follow(pieces, events).await;
        self.first = first;
        end
    }

    async fn follow(
        &mut self,
        mut pieces: BoxStream<'_, Result<String, Unread>>,
        events: &mpsc::Sender<SeatEvent>,
    ) -> End {
        while let Some(piece) = pieces.next().await {
            let data = match piece {
                Ok(data) => data,
                Err(Unread::Cut(cause)) => return End::Cut(cause),
                Err(Unread::Garbage(what)) => return End::Broken(Broken::Garbage(what)),
            };
            self.events += 1;
            let words = match self.reader.read(&data, &mut self.told) {
                Ok(words) => self.within_limit(words),
                Err(broken) => return End::Broken(broken),
            };
            let event = if words.is_empty() {
                SeatEvent::Alive
            } else {
                SeatEvent::Text(words)
            };
            // A receiver that went away does not stop the call.
            drop(events.send(event).await);
            if self.told.is_over {
                break;
            }
        }
        End::Closed
    }

    /// Takes in `words` as far as the limit allows; past it, the answer is over.
    fn within_limit(&mut self, mut words: String) -> String {
        let limit = estimate::bytes(self.prompt.max_output_tokens).saturating_mul(GENEROSITY);
        let mut room = usize::try_from(limit)
            .unwrap_or(usize::MAX)
            .saturating_sub(self.text.len());
        if words.len() > room {
            while !words.is_char_boundary(room) {
                room -= 1;
            }
            words.truncate(room);
            self.told.finish_reason = Some("length".to_owned());
            (self.told.is_partial, self.told.is_over) = (true, true);
        }
        self.text.push_str(&words);
        words
    }

    /// A stream that says nothing but that the provider cannot answer now is a refusal whose status
    /// came too late: it is asked again like one.
    pub(super) fn refusal(&self, end: &End, key: Option<&SecretString>) -> Option<Refusal> {
        match end {
            End::Broken(Broken::Reported(said)) if self.events == 1 => {
                Refusal::in_a_stream(said, key)
            }
            _ => None,
        }
    }

    /// The call's outcome. An answer whose final marker has come is whole, however its stream ended.
    pub(super) fn outcome(self, end: End, key: Option<&SecretString>) -> SeatOutcome {
        let usage = self.told.usage(self.prompt, &self.text);
        if let Some(finish_reason) = self.told.finish_reason {
            return Ok(SeatAnswer {
                text: self.text,
                usage,
                finish_reason,
                is_partial: self.told.is_partial,
            });
        }
        let (code, message) = match end {
            End::Stopped => (SeatErrorCode::Cancelled, "stopped".to_owned()),
            End::Cut(cause) => (
                SeatErrorCode::StreamInterrupted,
                format!("the connection broke: {}", redaction::clean(&cause, key)),
            ),
            End::Broken(Broken::Reported(said)) => (
                SeatErrorCode::ProviderError,
                refusals::told(
                    refusals::spent_in_a_stream(&said),
                    redaction::words(said.to_string().as_bytes(), key),
                ),
            ),
            End::Broken(Broken::Blocked(reason)) => (
                SeatErrorCode::PreStreamProviderError,
                format!(
                    "the provider will not answer this prompt: {}",
                    redaction::clean(&reason, key)
                ),
            ),
            End::Broken(Broken::Garbage(what)) => {
                (SeatErrorCode::ProviderError, redaction::clean(&what, key))
            }
            End::Closed if self.events > 0 || matches!(self.first, None | Some(b':')) => {
                let message =
                    "the provider ended its answer without saying that it was complete".to_owned();
                (SeatErrorCode::StreamEndedWithoutFinalMarker, message)
            }
            End::Closed => (
                SeatErrorCode::ProviderError,
                "the provider sent something that is no stream of events".to_owned(),
            ),
        };
        Err(SeatFailure {
            code,
            message,
            partial_text: self.text,
            usage,
        })
    }
}

/// A comment is how some providers say that they are still at work; the parser passes over it.
fn has_comment(chunk: &[u8]) -> bool {
    chunk.first() == Some(&b':') || chunk.windows(2).any(|pair| pair == b"\n:")
}

#[derive(Debug, thiserror::Error)]
enum TapError<E: std::error::Error> {
    #[error("{}", deepest(.0))]
    Connection(E),
    #[error("the provider sent more than any answer can be")]
    TooMuch,
}

/// The cause at the bottom, since what is above only says that reading failed.
fn deepest(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(cause) = error.source() {
        error = cause;
    }
    error.to_string()
}
