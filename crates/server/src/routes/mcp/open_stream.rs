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
pub(in crate::routes) async fn kept(
    hearing: impl Future<Output = Response> + Send + 'static,
) -> Response {
    kept_every(hearing, SOON, KEEP_ALIVE).await
}

async fn kept_every(
    hearing: impl Future<Output = Response> + Send + 'static,
    soon: Duration,
    every: Duration,
) -> Response {
    let mut hearing = Box::pin(hearing);
    if let Ok(response) = timeout(soon, &mut hearing).await {
        return response;
    }
    let pieces = stream::once(hearing).flat_map(events).boxed();
    let beating = stream::unfold(pieces, move |mut pieces| async move {
        let piece = match timeout(every, pieces.next()).await {
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

#[cfg(test)]
mod tests {
    use axum::Json;
    use axum::body::BodyDataStream;
    use axum::http::StatusCode;
    use tokio::sync::oneshot;

    use super::*;

    const OFTEN: Duration = Duration::from_millis(1);

    /// The answer to something that is heard when `Sender` says so.
    async fn awaited() -> (oneshot::Sender<Response>, BodyDataStream) {
        let (answer, hearing) = oneshot::channel();
        let hearing = async { hearing.await.unwrap() };
        let response = kept_every(hearing, OFTEN, OFTEN).await;
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "text/event-stream"
        );
        (answer, response.into_body().into_data_stream())
    }

    async fn text_of(pieces: BodyDataStream) -> String {
        let pieces: Vec<Bytes> = pieces.map(Result::unwrap).collect().await;
        String::from_utf8(pieces.concat()).unwrap()
    }

    #[tokio::test]
    async fn comments_come_until_the_answer_does_and_then_its_json_as_an_event() {
        let (answer, mut pieces) = awaited().await;
        for _ in 0..3 {
            assert_eq!(pieces.next().await.unwrap().unwrap(), COMMENT);
        }
        answer.send(Json(7).into_response()).unwrap();
        let rest = text_of(pieces).await;
        assert_eq!(rest.trim_start_matches(":\n\n"), "data: 7\n\n");
    }

    #[tokio::test]
    async fn events_go_on_as_they_are() {
        let (answer, pieces) = awaited().await;
        let kind = [(header::CONTENT_TYPE, "text/event-stream")];
        answer
            .send((kind, "data: 1\n\ndata: 2\n\n").into_response())
            .unwrap();
        let text = text_of(pieces).await;
        assert_eq!(text.trim_start_matches(":\n\n"), "data: 1\n\ndata: 2\n\n");
    }

    #[tokio::test]
    async fn what_is_answered_soon_keeps_its_status() {
        let refused = async { StatusCode::BAD_REQUEST.into_response() };
        let response = kept_every(refused, Duration::MAX, OFTEN).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    }

    #[tokio::test]
    async fn who_goes_away_ends_what_was_heard_for_them() {
        let (answer, pieces) = awaited().await;
        drop(pieces);
        assert!(answer.is_closed());
    }
}
