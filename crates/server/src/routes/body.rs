//! Bodies: JSON by its own name, within a size and a time.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, StatusCode, header};
use husting_wire::errors::{Error, ErrorCode};
use serde::de::DeserializeOwned;

use crate::refusal::Refusal;

/// A document of 4 MiB with its escapes, and what goes with it.
const LIMIT: usize = 8 * 1024 * 1024;
/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// Reads a JSON body. A body of another type is refused unread: a foreign page can send that
/// without asking first.
pub(super) async fn json<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: Body,
) -> Result<T, Refusal> {
    if !is_json(headers) {
        let message = "Send JSON, with Content-Type: application/json.";
        return Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ErrorCode::InvalidRequest,
            message,
        ));
    }
    let bytes = tokio::time::timeout(PATIENCE, to_bytes(body, LIMIT))
        .await
        .map_err(|_| too_slow())?;
    let bytes = bytes.map_err(|_| too_large())?;
    serde_json::from_slice(&bytes)
        .map_err(|fault| Error::invalid(format!("This is not a request: {fault}.")).into())
}

fn is_json(headers: &HeaderMap) -> bool {
    let named = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = named.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

fn too_large() -> Refusal {
    let message = format!(
        "The request is larger than {} MiB, or its body was cut off.",
        LIMIT / (1024 * 1024)
    );
    Refusal::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::InvalidRequest,
        message,
    )
}

fn too_slow() -> Refusal {
    let message = format!(
        "The request did not arrive within {} seconds.",
        PATIENCE.as_secs()
    );
    Refusal::new(
        StatusCode::REQUEST_TIMEOUT,
        ErrorCode::InvalidRequest,
        message,
    )
}
