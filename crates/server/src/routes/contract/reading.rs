//! What a key may read: sessions, models, credit.

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use husting_wire::contract::credit::CreditRecord;
use husting_wire::contract::models::ModelListRecord;
use husting_wire::contract::requests::{ListSessions, ListedStatus};
use husting_wire::contract::sessions::{SessionListRecord, SessionRecord};

use super::super::Shared;
use super::super::credentials::KeyBearer;
use super::paths::{Asked, InSession, NothingAsked};
use crate::refusal::Declined;

/// What sessions are listed by.
pub(super) const STATUSES: [(&str, ListedStatus); 2] = [
    ("ready", ListedStatus::Ready),
    ("streaming", ListedStatus::Streaming),
];

pub(super) async fn sessions(
    State(shared): State<Shared>,
    bearer: KeyBearer,
    uri: Uri,
) -> Result<Json<SessionListRecord>, Declined> {
    let asked = Asked::of(&uri, &["status", "limit", "offset"])?;
    let asked = ListSessions {
        status: asked.word("status", &STATUSES)?,
        limit: asked.one("limit", "a whole number")?,
        offset: asked.one("offset", "a whole number")?,
    };
    let page = shared.contract.sessions(&bearer.caller, asked).await?;
    Ok(Json(page))
}

pub(super) async fn session(
    State(shared): State<Shared>,
    bearer: KeyBearer,
    InSession(session): InSession,
    _: NothingAsked,
) -> Result<Json<SessionRecord>, Declined> {
    let (record, _) = shared.contract.session(&bearer.caller, session).await?;
    Ok(Json(record))
}

pub(super) async fn models(
    State(shared): State<Shared>,
    bearer: KeyBearer,
    _: NothingAsked,
) -> Result<Json<ModelListRecord>, Declined> {
    Ok(Json(shared.contract.models(&bearer.caller).await?))
}

pub(super) async fn credit(
    State(shared): State<Shared>,
    bearer: KeyBearer,
    _: NothingAsked,
) -> Result<Json<CreditRecord>, Declined> {
    Ok(Json(shared.contract.credit(&bearer.caller).await?))
}
