//! The table `drafts`.

use husting_domain::ids::TenantId;
use husting_domain::time::Timestamp;
use sqlx::{SqliteConnection, SqlitePool};

use super::columns::Columns;
use super::faults::{Explain, fault};
use crate::errors::{CommitError, StoreError};
use crate::views::Draft;

const NOUN: &str = "draft";
const READING: &str = "reading drafts";

pub async fn put(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    draft: &Draft,
) -> Result<(), CommitError> {
    sqlx::query(
        "insert into drafts (tenant_id, key, body, at) values ($1, $2, $3, $4) \
         on conflict do update set body = excluded.body, at = excluded.at",
    )
    .bind(tenant.as_str())
    .bind(&draft.key)
    .bind(&draft.body)
    .bind(draft.at.as_micros())
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
    sqlx::query("delete from drafts where tenant_id = $1 and key = $2")
        .bind(tenant.as_str())
        .bind(key)
        .execute(db)
        .await
        .explain(NOUN)?;
    Ok(())
}

/// Whether the draft was kept at this moment; with `None`, whether there is none.
pub async fn is_of(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    key: &str,
    at: Option<Timestamp>,
) -> Result<bool, sqlx::Error> {
    let kept: Option<i64> =
        sqlx::query_scalar("select at from drafts where tenant_id = $1 and key = $2")
            .bind(tenant.as_str())
            .bind(key)
            .fetch_optional(db)
            .await?;
    Ok(kept == at.map(Timestamp::as_micros))
}

pub async fn by_key(
    db: &SqlitePool,
    tenant: &TenantId,
    key: &str,
) -> Result<Option<Draft>, StoreError> {
    let row = sqlx::query("select key, body, at from drafts where tenant_id = $1 and key = $2")
        .bind(tenant.as_str())
        .bind(key)
        .fetch_optional(db)
        .await
        .map_err(|error| fault(READING, error))?;
    row.map(|row| draft(&Columns(&row))).transpose()
}

fn draft(row: &Columns<'_>) -> Result<Draft, StoreError> {
    Ok(Draft {
        key: row.get("key")?,
        body: row.get("body")?,
        at: row.time("at")?,
    })
}
