//! The table `replays`.

use husting_domain::ids::{RoundId, SessionId, TenantId};
use husting_domain::keys::Principal;
use husting_domain::time::Timestamp;
use sqlx::{SqliteConnection, SqlitePool};

use super::columns::{Columns, signed};
use super::faults::{Explain, fault};
use crate::errors::{CommitError, StoreError};
use crate::views::{Replay, ReplayAt};

const NOUN: &str = "acknowledgement";
const READING: &str = "reading acknowledgements";

/// Takes the place of what stood there.
pub async fn put(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    replay: &Replay,
) -> Result<(), CommitError> {
    sqlx::query(
        "insert into replays (tenant_id, caller, endpoint, key, fingerprint, session_id, round_id, round_index, \
             client_request_id, at, progress_version) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
         on conflict do update set fingerprint = excluded.fingerprint, session_id = excluded.session_id, \
             round_id = excluded.round_id, round_index = excluded.round_index, \
             client_request_id = excluded.client_request_id, at = excluded.at, \
             progress_version = excluded.progress_version",
    )
    .bind(tenant.as_str())
    .bind(replay.place.caller.to_string())
    .bind(&replay.place.endpoint)
    .bind(&replay.place.key)
    .bind(replay.fingerprint.as_slice())
    .bind(replay.session_id.0)
    .bind(replay.round_id.0)
    .bind(replay.round_index)
    .bind(&replay.client_request_id)
    .bind(replay.at.as_micros())
    .bind(signed(replay.progress_version))
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

/// Drops what stands for a round of `caller`'s without a key of their own; absent is fine.
pub async fn release(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    caller: &str,
    round: RoundId,
) -> Result<(), CommitError> {
    sqlx::query(
        "delete from replays where tenant_id = $1 and caller = $2 and round_id = $3 and key = ''",
    )
    .bind(tenant.as_str())
    .bind(caller)
    .bind(round.0)
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

/// Drops what is older than `before`, of every tenant. What stands for a session's newest round by
/// its words has no end but that its round's was given.
pub async fn forget(db: &mut SqliteConnection, before: Timestamp) -> Result<(), CommitError> {
    sqlx::query("delete from replays where at < $1 and (key <> '' or endpoint = 'mcp/create')")
        .bind(before.as_micros())
        .execute(db)
        .await
        .explain(NOUN)?;
    Ok(())
}

/// Drops what stands for rounds of a session, which is about to go.
pub async fn drop_session(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    session: SessionId,
) -> Result<(), CommitError> {
    sqlx::query("delete from replays where tenant_id = $1 and session_id = $2")
        .bind(tenant.as_str())
        .bind(session.0)
        .execute(db)
        .await
        .explain(NOUN)?;
    Ok(())
}

pub async fn by_words(
    db: &SqlitePool,
    tenant: &TenantId,
    caller: Principal,
    session: SessionId,
) -> Result<Vec<RoundId>, StoreError> {
    let rounds: Vec<uuid::Uuid> = sqlx::query_scalar(
        "select round_id from replays \
         where tenant_id = $1 and session_id = $2 and caller = $3 and key = ''",
    )
    .bind(tenant.as_str())
    .bind(session.0)
    .bind(caller.to_string())
    .fetch_all(db)
    .await
    .map_err(|error| fault(READING, error))?;
    Ok(rounds.into_iter().map(RoundId).collect())
}

/// Whether the round that stands there is `round`.
pub async fn stands(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    place: &ReplayAt,
    round: Option<RoundId>,
) -> Result<bool, sqlx::Error> {
    let found: Option<uuid::Uuid> = sqlx::query_scalar(
        "select round_id from replays where tenant_id = $1 and caller = $2 and endpoint = $3 and key = $4",
    )
    .bind(tenant.as_str())
    .bind(place.caller.to_string())
    .bind(&place.endpoint)
    .bind(&place.key)
    .fetch_optional(db)
    .await?;
    Ok(found.map(RoundId) == round)
}

/// Whether what stands there is not the same request, or is `round`.
pub async fn no_twin(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    place: &ReplayAt,
    fingerprint: &[u8; 32],
    round: Option<RoundId>,
) -> Result<bool, sqlx::Error> {
    let twin: Option<uuid::Uuid> = sqlx::query_scalar(
        "select round_id from replays \
         where tenant_id = $1 and caller = $2 and endpoint = $3 and key = $4 and fingerprint = $5",
    )
    .bind(tenant.as_str())
    .bind(place.caller.to_string())
    .bind(&place.endpoint)
    .bind(&place.key)
    .bind(fingerprint.as_slice())
    .fetch_optional(db)
    .await?;
    Ok(twin.is_none_or(|twin| Some(RoundId(twin)) == round))
}

pub async fn at(
    db: &SqlitePool,
    tenant: &TenantId,
    place: &ReplayAt,
) -> Result<Option<Replay>, StoreError> {
    let row = sqlx::query(
        "select * from replays where tenant_id = $1 and caller = $2 and endpoint = $3 and key = $4",
    )
    .bind(tenant.as_str())
    .bind(place.caller.to_string())
    .bind(&place.endpoint)
    .bind(&place.key)
    .fetch_optional(db)
    .await
    .map_err(|error| fault(READING, error))?;
    row.map(|row| replay(place, &Columns(&row))).transpose()
}

fn replay(place: &ReplayAt, row: &Columns<'_>) -> Result<Replay, StoreError> {
    Ok(Replay {
        place: place.clone(),
        fingerprint: row.digest("fingerprint")?,
        session_id: row.id("session_id")?,
        round_id: row.id("round_id")?,
        round_index: row.number("round_index")?,
        client_request_id: row.get("client_request_id")?,
        at: row.time("at")?,
        progress_version: row.number("progress_version")?,
    })
}
