//! The table `settings`.

use husting_domain::ids::TenantId;
use sqlx::{SqliteConnection, SqlitePool};

use super::faults::{Explain, fault};
use crate::errors::{CommitError, StoreError};

const NOUN: &str = "setting";
const READING: &str = "reading settings";

pub async fn put(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    key: &str,
    value: &str,
) -> Result<(), CommitError> {
    sqlx::query(
        "insert into settings (tenant_id, key, value) values ($1, $2, $3) \
         on conflict do update set value = excluded.value",
    )
    .bind(tenant.as_str())
    .bind(key)
    .bind(value)
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

pub async fn delete(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    key: &str,
) -> Result<(), CommitError> {
    sqlx::query("delete from settings where tenant_id = $1 and key = $2")
        .bind(tenant.as_str())
        .bind(key)
        .execute(db)
        .await
        .explain(NOUN)?;
    Ok(())
}

pub async fn by_key(
    db: &SqlitePool,
    tenant: &TenantId,
    key: &str,
) -> Result<Option<String>, StoreError> {
    sqlx::query_scalar("select value from settings where tenant_id = $1 and key = $2")
        .bind(tenant.as_str())
        .bind(key)
        .fetch_optional(db)
        .await
        .map_err(|error| fault(READING, error))
}
