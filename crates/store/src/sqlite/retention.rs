//! Messages that have ended and are kept no longer.

use husting_domain::ids::TenantId;
use husting_domain::time::Timestamp;
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::columns::{hex_list, signed};
use super::faults::Explain;
use super::places;
use crate::errors::CommitError;

const NOUN: &str = "message";

/// A request that was acknowledged and not answered is still in somebody's work.
pub const FORGET: &str = "delete from messages where place in \
         (select place from messages indexed by messages_of_tenant \
          where tenant_id = $1 and place < $2 and state in ('done', 'withdrawn') \
              and coalesce(answered_at, acknowledged_at, ended_at) < $3 \
              and not (state = 'done' and request_id is not null and answered_at is null) \
          order by place limit $4) \
     returning message_id";

/// The words of broadcasts that are in no mailbox any more.
pub const FORGET_WORDS: &str = "delete from broadcasts where tenant_id = $1 \
     and message_id in (select unhex(value) from json_each($2)) \
     and not exists (select 1 from messages m \
         where m.tenant_id = broadcasts.tenant_id and m.message_id = broadcasts.message_id)";

/// Deletes the oldest that ended before a moment; how many.
pub async fn forget_ended(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    before: Timestamp,
    limit: u32,
) -> Result<u32, CommitError> {
    // What ended before was sent before.
    let Some(place) = places::before(db, tenant, before).await? else {
        return Ok(0);
    };
    let gone: Vec<Uuid> = sqlx::query_scalar(FORGET)
        .bind(tenant.as_str())
        .bind(signed(place))
        .bind(before.as_micros())
        .bind(limit)
        .fetch_all(&mut *db)
        .await
        .explain(NOUN)?;
    sqlx::query(FORGET_WORDS)
        .bind(tenant.as_str())
        .bind(hex_list(gone.iter().copied()))
        .execute(db)
        .await
        .explain(NOUN)?;
    Ok(u32::try_from(gone.len()).unwrap_or(u32::MAX))
}
