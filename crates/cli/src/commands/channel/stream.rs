//! Messages of the protocol, from an event stream or from a body that is one.

use futures::StreamExt;
use futures::stream::{self, BoxStream};
use reqwest::Response;
use reqwest::header::CONTENT_TYPE;
use serde_json::Value;
use sse_stream::SseByteStream;

use super::fault::Fault;

/// The messages of a response that was no refusal, as they come; an error is the last of them.
pub(super) async fn messages(
    response: Response,
) -> Result<BoxStream<'static, Result<Value, Fault>>, Fault> {
    let kind = response.headers().get(CONTENT_TYPE);
    let is_stream = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    if !is_stream {
        let status = response.status();
        let body = response.bytes().await?;
        let message = serde_json::from_slice(&body).map_err(|_| Fault::refused(status, &body));
        return Ok(stream::iter([message]).boxed());
    }
    let events = SseByteStream::new(response.bytes_stream());
    let messages = events.filter_map(async |event| match event {
        Ok(event) => {
            let data = event.data.filter(|data| !data.is_empty())?;
            serde_json::from_str(&data).ok().map(Ok)
        }
        Err(fault) => {
            tracing::debug!(%fault, "a stream of the bus broke off");
            Some(Err(Fault::Lost(None)))
        }
    });
    Ok(messages.boxed())
}
