//! Every command, by one route.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use husting_wire::commands::Request;
use husting_wire::errors::{Error, ErrorCode};

use super::credentials::Caller;
use super::{Shared, body};
use crate::refusal::Refusal;

pub(super) async fn rpc(
    State(shared): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let request: Request = body::json(&headers, body).await?;
    let (host, name) = (shared.host.clone(), request.name());
    // A task of its own: a caller who hangs up would otherwise cut the command where it stands.
    let command = shared
        .work
        .spawn(async move { host.call(caller.door, request).await });
    let answer = command.await.map_err(|fault| {
        tracing::error!(command = name, %fault, "a command ended without an answer");
        Error::new(
            ErrorCode::Internal,
            "This command ended without an answer; the log has the cause.",
        )
    })??;
    Ok((
        [(header::CONTENT_TYPE, "application/json")],
        answer.get().to_owned(),
    )
        .into_response())
}
