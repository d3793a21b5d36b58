//! How many messages were sent in each part of a stretch of time.

use husting_domain::ids::TenantId;
use husting_domain::time::Timestamp;
use sqlx::SqlitePool;

use super::columns::{Columns, signed};
use super::faults::fault;
use super::places;
use crate::errors::StoreError;

/// Of a broadcast its last place, as where a list has it once.
pub const COUNTED: &str = "select (m.sent_at - $4) / $6 as bin, count(*) as messages \
     from messages m indexed by messages_of_tenant \
     where m.tenant_id = $1 and m.place > $2 and m.place < $3 and m.sent_at >= $4 and m.sent_at < $5 \
         and (m.text is not null or not exists (select 1 from messages later \
             where later.tenant_id = m.tenant_id and later.message_id = m.message_id \
             and later.text is null and later.place > m.place)) group by bin";

/// The earliest part first.
pub async fn histogram(
    db: &SqlitePool,
    tenant: &TenantId,
    since: Timestamp,
    until: Timestamp,
    bins: u32,
) -> Result<Vec<u32>, StoreError> {
    let mut counts = vec![0; bins as usize];
    if until <= since {
        return Ok(counts);
    }
    // Rounded up, so that no message lies behind the last part.
    let width = (until.as_micros() - since.as_micros() + i64::from(bins) - 1) / i64::from(bins);
    let near = places::about(db, tenant, Some(since), Some(until)).await?;
    let rows = sqlx::query(COUNTED)
        .bind(tenant.as_str())
        .bind(near.after.map_or(0, signed))
        .bind(near.before.map_or(i64::MAX, signed))
        .bind(since.as_micros())
        .bind(until.as_micros())
        .bind(width)
        .fetch_all(db)
        .await
        .map_err(|error| fault("counting messages", error))?;
    for row in rows.iter().map(Columns) {
        let bin: usize = row.number("bin")?;
        if let Some(count) = counts.get_mut(bin) {
            *count = row.number("messages")?;
        }
    }
    Ok(counts)
}
