//! Downloads of attachments behind signed links:
//! <https://docs.discord.com/developers/reference#signed-attachment-cdn-urls>.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{ConnectInfo, Path, Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use serde::Deserialize;

use super::{faults::Fault, house::House, id::Id};
use crate::door::Line;

/// Downloads in faults and records.
pub(crate) const ROUTE: &str = "GET /attachments/{channel.id}/{attachment.id}/{filename}";

#[derive(Deserialize)]
pub(crate) struct Signature {
    hm: Option<String>,
}

pub(crate) async fn download(
    State(house): State<Arc<House>>,
    ConnectInfo(line): ConnectInfo<Line>,
    Path((channel, id, filename)): Path<(String, String, String)>,
    Query(signature): Query<Signature>,
) -> Response {
    let path = format!("/attachments/{channel}/{id}/{filename}");
    match house.act(|state| state.faults.at_request(ROUTE, &path)) {
        Some(Fault::GateBefore { gate } | Fault::GateAfter { gate }) => {
            house.gates.pass(&gate).await;
        }
        Some(Fault::CutBefore | Fault::CutAfter) => {
            line.kill();
            return Body::empty().into_response();
        }
        Some(Fault::Refused { status, .. } | Fault::ServerError { status }) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
            return status.into_response();
        }
        _ => {}
    }
    let file = house.look(|state| {
        let id: Id = id.parse().ok()?;
        state.files.get(&id).cloned()
    });
    let Some(file) = file.filter(|file| {
        signature.hm.as_deref() == Some(&file.signature) && Timestamp::now() < file.expires
    }) else {
        let gone = "This content is no longer available.";
        return (StatusCode::NOT_FOUND, gone).into_response();
    };
    let kind = file
        .content_type
        .unwrap_or_else(|| "application/octet-stream".to_owned());
    ([(header::CONTENT_TYPE, kind)], file.bytes).into_response()
}
