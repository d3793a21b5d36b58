//! The table `keys`.

use husting_domain::ids::{KeyId, TenantId};
use husting_domain::keys::DeliberationKey;
use husting_domain::time::Timestamp;
use sqlx::{SqliteConnection, SqlitePool};

use super::columns::Columns;
use super::faults::{Explain, fault, touched};
use crate::errors::{CommitError, StoreError};
use crate::views::Tenanted;

const NOUN: &str = "key";
const READING: &str = "reading keys";

pub async fn insert(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    key: &DeliberationKey,
) -> Result<(), CommitError> {
    sqlx::query(
        "insert into keys (tenant_id, key_id, name, hash, tail, daily_rounds, created_at, last_used_at, revoked_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(tenant.as_str())
    .bind(key.id.0)
    .bind(&key.name)
    .bind(key.hash.as_slice())
    .bind(&key.tail)
    .bind(key.daily_rounds)
    .bind(key.created_at.as_micros())
    .bind(key.last_used_at.map(Timestamp::as_micros))
    .bind(key.revoked_at.map(Timestamp::as_micros))
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

/// A revoked key stays revoked since the first time.
pub async fn revoke(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: KeyId,
    at: Timestamp,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update keys set revoked_at = coalesce(revoked_at, $3) where tenant_id = $1 and key_id = $2",
    );
    touched(
        change
            .bind(tenant.as_str())
            .bind(id.0)
            .bind(at.as_micros())
            .execute(db)
            .await,
        NOUN,
    )
}

pub async fn used(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: KeyId,
    at: Timestamp,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update keys set last_used_at = max(coalesce(last_used_at, $3), $3) \
         where tenant_id = $1 and key_id = $2",
    );
    touched(
        change
            .bind(tenant.as_str())
            .bind(id.0)
            .bind(at.as_micros())
            .execute(db)
            .await,
        NOUN,
    )
}

pub async fn is_live(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: KeyId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select exists (select 1 from keys where tenant_id = $1 and key_id = $2 and revoked_at is null)",
    )
    .bind(tenant.as_str())
    .bind(id.0)
    .fetch_one(db)
    .await
}

/// Of all tenants, revoked ones too, in the order they were made.
pub async fn all(db: &SqlitePool) -> Result<Vec<Tenanted<DeliberationKey>>, StoreError> {
    let rows = sqlx::query("select * from keys order by tenant_id, key_id")
        .fetch_all(db)
        .await
        .map_err(|error| fault(READING, error))?;
    rows.iter()
        .map(|row| {
            Ok(Tenanted {
                tenant: Columns(row).tenant()?,
                row: key(&Columns(row))?,
            })
        })
        .collect()
}

fn key(row: &Columns<'_>) -> Result<DeliberationKey, StoreError> {
    Ok(DeliberationKey {
        id: row.id("key_id")?,
        name: row.get("name")?,
        hash: row.digest("hash")?,
        tail: row.get("tail")?,
        daily_rounds: row.number_if("daily_rounds")?,
        created_at: row.time("created_at")?,
        last_used_at: row.time_if("last_used_at")?,
        revoked_at: row.time_if("revoked_at")?,
    })
}
