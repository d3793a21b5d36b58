//! The table `providers`.

use husting_domain::ids::TenantId;
use husting_domain::providers::{Provider, ProviderTest};
use sqlx::{SqliteConnection, SqlitePool};

use super::columns::Columns;
use super::faults::{Explain, fault, touched};
use super::words::Word;
use crate::errors::{CommitError, StoreError};

const NOUN: &str = "provider";
const READING: &str = "reading providers";

pub async fn put(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    provider: &Provider,
) -> Result<(), CommitError> {
    let test = provider.last_test.as_ref();
    sqlx::query(
        "insert into providers (tenant_id, name, kind, base_url, key_tail, created_at, test_at, test_millis, test_ok, \
             test_status, test_message) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
         on conflict do update set kind = excluded.kind, base_url = excluded.base_url, \
             key_tail = excluded.key_tail, created_at = excluded.created_at, test_at = excluded.test_at, \
             test_millis = excluded.test_millis, test_ok = excluded.test_ok, test_status = excluded.test_status, \
             test_message = excluded.test_message",
    )
    .bind(tenant.as_str())
    .bind(&provider.name)
    .bind(provider.kind.stored())
    .bind(&provider.base_url)
    .bind(&provider.key_tail)
    .bind(provider.created_at.as_micros())
    .bind(test.map(|test| test.at.as_micros()))
    .bind(test.map(|test| test.millis))
    .bind(test.map(|test| test.ok))
    .bind(test.and_then(|test| test.status))
    .bind(test.and_then(|test| test.message.as_deref()))
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

pub async fn set_test(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    name: &str,
    base_url: &str,
    key_tail: Option<&str>,
    test: Option<&ProviderTest>,
) -> Result<(), CommitError> {
    sqlx::query(
        "update providers set test_at = $5, test_millis = $6, test_ok = $7, test_status = $8, test_message = $9 \
         where tenant_id = $1 and name = $2 and base_url = $3 and key_tail is $4",
    )
    .bind(tenant.as_str())
    .bind(name)
    .bind(base_url)
    .bind(key_tail)
    .bind(test.map(|test| test.at.as_micros()))
    .bind(test.map(|test| test.millis))
    .bind(test.map(|test| test.ok))
    .bind(test.and_then(|test| test.status))
    .bind(test.and_then(|test| test.message.as_deref()))
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

pub async fn delete(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    name: &str,
) -> Result<(), CommitError> {
    let change = sqlx::query("delete from providers where tenant_id = $1 and name = $2");
    touched(
        change.bind(tenant.as_str()).bind(name).execute(db).await,
        NOUN,
    )
}

pub async fn is_there(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    name: &str,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("select exists (select 1 from providers where tenant_id = $1 and name = $2)")
        .bind(tenant.as_str())
        .bind(name)
        .fetch_one(db)
        .await
}

pub async fn all(db: &SqlitePool, tenant: &TenantId) -> Result<Vec<Provider>, StoreError> {
    let rows = sqlx::query("select * from providers where tenant_id = $1 order by name")
        .bind(tenant.as_str())
        .fetch_all(db)
        .await
        .map_err(|error| fault(READING, error))?;
    rows.iter().map(|row| provider(&Columns(row))).collect()
}

pub async fn by_name(
    db: &SqlitePool,
    tenant: &TenantId,
    name: &str,
) -> Result<Option<Provider>, StoreError> {
    let row = sqlx::query("select * from providers where tenant_id = $1 and name = $2")
        .bind(tenant.as_str())
        .bind(name)
        .fetch_optional(db)
        .await
        .map_err(|error| fault(READING, error))?;
    row.map(|row| provider(&Columns(&row))).transpose()
}

fn provider(row: &Columns<'_>) -> Result<Provider, StoreError> {
    Ok(Provider {
        name: row.get("name")?,
        kind: row.word("kind")?,
        base_url: row.get("base_url")?,
        key_tail: row.get("key_tail")?,
        created_at: row.time("created_at")?,
        last_test: test(row)?,
    })
}

fn test(row: &Columns<'_>) -> Result<Option<ProviderTest>, StoreError> {
    let Some(at) = row.time_if("test_at")? else {
        return Ok(None);
    };
    Ok(Some(ProviderTest {
        at,
        millis: row.get("test_millis")?,
        ok: row.get("test_ok")?,
        status: row.number_if("test_status")?,
        message: row.get("test_message")?,
    }))
}
