//! The table `mints`.

use husting_domain::ids::TenantId;
use husting_domain::time::Timestamp;
use sqlx::{SqliteConnection, SqlitePool};

use super::columns::Columns;
use super::faults::{Explain, fault};
use crate::agents::MintReplay;
use crate::errors::{CommitError, StoreError};

const NOUN: &str = "mint";

pub async fn put(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    mint: &MintReplay,
) -> Result<(), CommitError> {
    sqlx::query(
        "insert into mints (tenant_id, key, fingerprint, agent_id, at) values ($1, $2, $3, $4, $5)",
    )
    .bind(tenant.as_str())
    .bind(&mint.key)
    .bind(mint.fingerprint.as_slice())
    .bind(mint.agent.0)
    .bind(mint.at.as_micros())
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

/// Drops what is older than `before`, of every tenant.
pub async fn forget(db: &mut SqliteConnection, before: Timestamp) -> Result<(), CommitError> {
    sqlx::query("delete from mints where at < $1")
        .bind(before.as_micros())
        .execute(db)
        .await
        .explain(NOUN)?;
    Ok(())
}

pub async fn is_absent(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    key: &str,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("select not exists (select 1 from mints where tenant_id = $1 and key = $2)")
        .bind(tenant.as_str())
        .bind(key)
        .fetch_one(db)
        .await
}

pub async fn by_key(
    db: &SqlitePool,
    tenant: &TenantId,
    key: &str,
) -> Result<Option<MintReplay>, StoreError> {
    let row = sqlx::query("select * from mints where tenant_id = $1 and key = $2")
        .bind(tenant.as_str())
        .bind(key)
        .fetch_optional(db)
        .await
        .map_err(|error| fault("reading mints", error))?;
    row.map(|row| mint(&Columns(&row))).transpose()
}

fn mint(row: &Columns<'_>) -> Result<MintReplay, StoreError> {
    Ok(MintReplay {
        key: row.get("key")?,
        fingerprint: row.digest("fingerprint")?,
        agent: row.id("agent_id")?,
        at: row.time("at")?,
    })
}
