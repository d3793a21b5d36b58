//! What is ended: one seat, a round, a session.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use husting_domain::ids::{RoundId, SessionId};
use husting_domain::models::ModelId;
use husting_domain::sessions::SessionStatus;
use schemars::JsonSchema;
use serde::Serialize;

use super::super::Shared;
use super::super::credentials::KeyBearer;
use super::paths::{AtSeat, InSession, NothingAsked};
use crate::refusal::Declined;

/// A seat that was ended; what it wrote is kept.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Stopped {
    /// The session.
    session_id: SessionId,
    /// The round.
    round_id: RoundId,
    /// Whose call.
    model: ModelId,
    /// `cancelled`.
    status: StoppedStatus,
}

/// How a seat ends that is ended.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum StoppedStatus {
    /// By a person or an agent.
    Cancelled,
}

/// A session whose round was ended; it has what it had.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Cancelled {
    /// The session.
    session_id: SessionId,
    /// `ready` for the next round.
    status: SessionStatus,
}

pub(super) async fn stop(
    State(shared): State<Shared>,
    bearer: KeyBearer,
    AtSeat {
        session,
        round,
        model,
    }: AtSeat,
    _: NothingAsked,
) -> Result<Json<Stopped>, Declined> {
    let (contract, seat) = (shared.contract.clone(), model.clone());
    let round_id = shared
        .to_its_end(async move {
            let round = round.id(contract.as_ref(), &bearer.caller, session).await?;
            contract.stop(&bearer.caller, session, round, seat).await?;
            Ok(round)
        })
        .await?;
    Ok(Json(Stopped {
        session_id: session,
        round_id,
        model,
        status: StoppedStatus::Cancelled,
    }))
}

pub(super) async fn cancel(
    State(shared): State<Shared>,
    bearer: KeyBearer,
    InSession(session): InSession,
    _: NothingAsked,
) -> Result<Json<Cancelled>, Declined> {
    let contract = shared.contract.clone();
    let status = shared
        .to_its_end(async move { contract.cancel(&bearer.caller, session).await })
        .await?;
    Ok(Json(Cancelled {
        session_id: session,
        status,
    }))
}

pub(super) async fn delete(
    State(shared): State<Shared>,
    bearer: KeyBearer,
    InSession(session): InSession,
    _: NothingAsked,
) -> Result<StatusCode, Declined> {
    let contract = shared.contract.clone();
    shared
        .to_its_end(async move { contract.delete(&bearer.caller, session).await })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
