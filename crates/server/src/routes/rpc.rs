//! Every command, by one route.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use husting_wire::commands::Request;

use super::credentials::Caller;
use super::{Shared, body};
use crate::refusal::Refusal;

pub(super) async fn rpc(
    State(shared): State<Shared>,
    caller: Caller,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let request: Request = body::json(&headers, body, body::WITH_DOCUMENT).await?;
    let host = shared.host.clone();
    let answer = shared
        .to_its_end(async move { host.call(caller.door, request).await })
        .await?;
    Ok((
        [(header::CONTENT_TYPE, "application/json")],
        answer.get().to_owned(),
    )
        .into_response())
}
