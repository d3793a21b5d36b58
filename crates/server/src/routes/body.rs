//! Bodies: JSON by its own name, within a size and a time, and readable in one way alone.

use std::time::Duration;

use axum::body::{Body, HttpBody, to_bytes};
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use husting_wire::errors::ErrorCode;
use serde::de::DeserializeOwned;

use crate::refusal::Refusal;
use crate::strict;

/// Most bytes of a body.
pub(crate) const SMALL: usize = 1024 * 1024;
/// The same where a document of 4 MiB with its escapes may be in it.
pub(crate) const WITH_DOCUMENT: usize = 16 * 1024 * 1024;
/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// Reads a JSON body of at most `limit` bytes.
pub(crate) async fn json<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<T, Refusal> {
    let bytes = json_bytes(headers, body, limit).await?;
    Ok(strict::read(&bytes)?)
}

/// The same where no body need come.
pub(crate) async fn json_if_any<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<Option<T>, Refusal> {
    if body.is_end_stream() {
        return Ok(None);
    }
    json(headers, body, limit).await.map(Some)
}

/// The bytes of a JSON body. A body of another type is refused unread: a foreign page can send that
/// without asking first.
pub(crate) async fn json_bytes(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<Bytes, Refusal> {
    if !is_json(headers) {
        let message = "Send JSON, with Content-Type: application/json.";
        return Err(refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    let bytes = tokio::time::timeout(PATIENCE, to_bytes(body, limit))
        .await
        .map_err(|_| too_slow())?;
    bytes.map_err(|_| too_large(limit))
}

fn is_json(headers: &HeaderMap) -> bool {
    let named = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = named.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

/// A body with more bytes than may be.
pub(crate) fn too_large(limit: usize) -> Refusal {
    let message = format!(
        "The request is larger than {} MiB, or its body was cut off.",
        limit / (1024 * 1024)
    );
    refuse(StatusCode::PAYLOAD_TOO_LARGE, message)
}

fn too_slow() -> Refusal {
    let message = format!(
        "The request did not arrive within {} seconds.",
        PATIENCE.as_secs()
    );
    refuse(StatusCode::REQUEST_TIMEOUT, message)
}

fn refuse(status: StatusCode, message: impl Into<String>) -> Refusal {
    Refusal::new(status, ErrorCode::InvalidRequest, message)
}
