//! The table `wallets`: a version that every change of money raises, and the terms.

use husting_domain::ids::TenantId;
use sqlx::{SqliteConnection, SqlitePool};

use super::columns::{Columns, signed};
use super::faults::{Explain, fault};
use super::{accounts, holds, ledger};
use crate::errors::{CommitError, StoreError};
use crate::views::WalletRow;

const NOUN: &str = "wallet";

/// Raises the version.
pub async fn touch(db: &mut SqliteConnection, tenant: &TenantId) -> Result<(), CommitError> {
    sqlx::query(
        "insert into wallets (tenant_id, version) values ($1, 1) on conflict do update set version = version + 1",
    )
    .bind(tenant.as_str())
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

pub async fn set_terms(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    terms: &str,
) -> Result<(), CommitError> {
    sqlx::query(
        "insert into wallets (tenant_id, version, terms) values ($1, 1, $2) \
         on conflict do update set version = version + 1, terms = excluded.terms",
    )
    .bind(tenant.as_str())
    .bind(terms)
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

pub async fn has_version(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    version: u64,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select coalesce((select version from wallets where tenant_id = $1), 0) = $2",
    )
    .bind(tenant.as_str())
    .bind(signed(version))
    .fetch_one(db)
    .await
}

pub async fn by_tenant(db: &SqlitePool, tenant: &TenantId) -> Result<WalletRow, StoreError> {
    let reading = |error| fault(ledger::READING, error);
    // One snapshot: balances, holds and version must belong together.
    let mut snapshot = db.begin().await.map_err(reading)?;
    let row = sqlx::query(
        "select coalesce(w.version, 0) as version, w.terms, \
             (select max(month) from transactions \
                 where tenant_id = $1 and kind = 'grant' and month is not null) as granted, \
             (select max(month) from transactions \
                 where tenant_id = $1 and kind = 'subscription_credit' and month is not null) as credited \
         from (select 1) left join wallets w on w.tenant_id = $1",
    )
    .bind(tenant.as_str())
    .fetch_one(&mut *snapshot)
    .await
    .map_err(reading)?;
    let row = Columns(&row);
    Ok(WalletRow {
        version: row.number("version")?,
        terms: row.get("terms")?,
        last_grant_month: row.time_if("granted")?,
        last_subscription_month: row.time_if("credited")?,
        balances: accounts::balances(&mut snapshot, tenant).await?,
        holds: holds::open(&mut *snapshot, tenant).await?,
    })
}

pub async fn tenants(db: &SqlitePool) -> Result<Vec<TenantId>, StoreError> {
    let rows = sqlx::query("select tenant_id from wallets order by tenant_id")
        .fetch_all(db)
        .await
        .map_err(|error| fault("reading wallets", error))?;
    rows.iter().map(|row| Columns(row).tenant()).collect()
}
