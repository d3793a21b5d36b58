//! The table `rounds_of_days`.

use husting_domain::ids::TenantId;
use husting_domain::keys::Principal;
use husting_domain::time::Timestamp;
use sqlx::SqliteConnection;

use super::faults::Explain;
use crate::errors::CommitError;

const NOUN: &str = "day";

pub async fn count(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    by: Principal,
    day: Timestamp,
) -> Result<(), CommitError> {
    sqlx::query(
        "insert into rounds_of_days (tenant_id, caller, day, rounds) values ($1, $2, $3, 1) \
         on conflict do update set rounds = rounds + 1",
    )
    .bind(tenant.as_str())
    .bind(by.to_string())
    .bind(day.as_micros())
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

pub async fn fewer_than(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    by: Principal,
    day: Timestamp,
    limit: u32,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select coalesce((select rounds from rounds_of_days \
             where tenant_id = $1 and caller = $2 and day = $3), 0) < $4",
    )
    .bind(tenant.as_str())
    .bind(by.to_string())
    .bind(day.as_micros())
    .bind(limit)
    .fetch_one(db)
    .await
}

/// Drops days that began before `before`, of every tenant.
pub async fn forget(db: &mut SqliteConnection, before: Timestamp) -> Result<(), CommitError> {
    sqlx::query("delete from rounds_of_days where day < $1")
        .bind(before.as_micros())
        .execute(db)
        .await
        .explain(NOUN)?;
    Ok(())
}
