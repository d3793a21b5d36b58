//! The table `tenants`.

use husting_domain::ids::TenantId;
use husting_domain::tenants::{Tenant, TenantToken};
use sqlx::{SqliteConnection, SqlitePool};

use super::columns::Columns;
use super::faults::{Explain, fault};
use super::words::Word;
use crate::errors::{CommitError, Constraint, StoreError};

const NOUN: &str = "tenant";

/// A tenant was made when it was first put.
pub async fn put(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    row: &Tenant,
) -> Result<(), CommitError> {
    if row.id != *tenant {
        return Err(Constraint::OtherTenant(NOUN).into());
    }
    let token = row.token.as_ref();
    sqlx::query(
        "insert into tenants (tenant_id, tier, token_hash, token_tail, token_created_at, created_at) \
         values ($1, $2, $3, $4, $5, $6) \
         on conflict do update set tier = excluded.tier, token_hash = excluded.token_hash, \
             token_tail = excluded.token_tail, token_created_at = excluded.token_created_at \
         where tenant_id = excluded.tenant_id",
    )
    .bind(tenant.as_str())
    .bind(row.tier.stored())
    .bind(token.map(|token| token.hash.as_slice()))
    .bind(token.map(|token| token.tail.as_str()))
    .bind(token.map(|token| token.created_at.as_micros()))
    .bind(row.created_at.as_micros())
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

pub async fn has_token(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    hash: &[u8; 32],
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select exists (select 1 from tenants where tenant_id = $1 and token_hash = $2)",
    )
    .bind(tenant.as_str())
    .bind(hash.as_slice())
    .fetch_one(db)
    .await
}

pub async fn all(db: &SqlitePool) -> Result<Vec<Tenant>, StoreError> {
    let rows = sqlx::query("select * from tenants order by tenant_id")
        .fetch_all(db)
        .await
        .map_err(|error| fault("reading tenants", error))?;
    rows.iter().map(|row| tenant(&Columns(row))).collect()
}

fn tenant(row: &Columns<'_>) -> Result<Tenant, StoreError> {
    Ok(Tenant {
        id: row.tenant()?,
        tier: row.word("tier")?,
        token: token(row)?,
        created_at: row.time("created_at")?,
    })
}

fn token(row: &Columns<'_>) -> Result<Option<TenantToken>, StoreError> {
    let Some(created_at) = row.time_if("token_created_at")? else {
        return Ok(None);
    };
    Ok(Some(TenantToken {
        hash: row.digest("token_hash")?,
        tail: row.get("token_tail")?,
        created_at,
    }))
}
