//! An answer that may be long in coming, as an event stream that shows it is still awaited.

use std::time::Duration;

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use tokio::time::timeout;

use super::super::streams::KEEP_ALIVE;

/// What is answered sooner is answered as it is, with its own status.
const SOON: Duration = Duration::from_secs(1);
const COMMENT: Bytes = Bytes::from_static(b":\n\n");

/// The answer of `hearing`; while it is awaited, comments. Dropping the answer drops `hearing`.
pub(super) async fn kept(hearing: impl Future<Output = Response> + Send + 'static) -> Response {
    let mut hearing = Box::pin(hearing);
    if let Ok(response) = timeout(SOON, &mut hearing).await {
        return response;
    }
    let pieces = stream::once(hearing).flat_map(events).boxed();
    let beating = stream::unfold(pieces, async |mut pieces| {
        let piece = match timeout(KEEP_ALIVE, pieces.next()).await {
            Ok(piece) => piece?,
            Err(_) => Ok(COMMENT),
        };
        Some((piece, pieces))
    });
    let said = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (said, Body::from_stream(beating)).into_response()
}

/// A response as events: as they are, or its JSON as the only one.
fn events(response: Response) -> BoxStream<'static, Result<Bytes, axum::Error>> {
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_stream = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
    let pieces = response.into_body().into_data_stream();
    if is_stream {
        return pieces.boxed();
    }
    let mark = |text: &'static [u8]| stream::once(async move { Ok(Bytes::from_static(text)) });
    mark(b"data: ").chain(pieces).chain(mark(b"\n\n")).boxed()
}
