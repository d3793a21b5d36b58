//! A session as it happens, as numbered events that can be taken up again after any of them.

use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use futures::stream::StreamExt;
use serde::Deserialize;
use std::sync::Arc;

use super::super::Shared;
use super::super::credentials::KeyBearer;
use super::super::streams::{self, Beat, End, Line};
use super::paths::{InSession, NothingAsked};
use crate::connections::Cut;
use crate::limits::Counted;
use crate::refusal::Declined;

/// The last event that a client saw.
pub(super) const LAST_EVENT_ID: &str = "Last-Event-ID";

pub(super) async fn follow(
    State(shared): State<Shared>,
    bearer: KeyBearer,
    InSession(session): InSession,
    _: NothingAsked,
    Extension(cut): Extension<Cut>,
    headers: HeaderMap,
) -> Result<Response, Declined> {
    let place = shared
        .limits
        .open(Counted::Key(bearer.holder.key), shared.contract.allowance())?;
    let last = headers
        .get(LAST_EVENT_ID)
        .and_then(|value| value.to_str().ok());
    let events = shared
        .contract
        .follow(&bearer.caller, session, last)
        .await?;
    let lines = events.map(move |(id, json)| {
        // Held for as long as the stream is.
        let _held = &place;
        line(id, json)
    });
    let shutdown = shared.shutdown.clone();
    let end = async move {
        shutdown.cancelled().await;
        End::Gently
    };
    Ok(streams::sent(
        &shared,
        cut,
        lines.boxed(),
        end,
        Beat::Comment,
    ))
}

fn line(id: String, json: Arc<str>) -> Line {
    Line {
        id: Some(id),
        event: kind(&json),
        json,
    }
}

/// What an event is called: its own `type`.
fn kind(json: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Kind {
        #[serde(rename = "type")]
        kind: String,
    }
    serde_json::from_str(json)
        .map(|Kind { kind }| kind)
        .inspect_err(|fault| tracing::error!(%fault, "an event has no name"))
        .ok()
}
