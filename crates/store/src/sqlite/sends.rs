//! The table `sends`.

use husting_domain::ids::{AgentId, TenantId};
use husting_domain::time::Timestamp;
use sqlx::{SqliteConnection, SqlitePool};

use super::columns::Columns;
use super::faults::{Explain, fault};
use crate::bus::SendReplay;
use crate::errors::{CommitError, StoreError};

const NOUN: &str = "send";

pub async fn put(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    send: &SendReplay,
) -> Result<(), CommitError> {
    sqlx::query(
        "insert into sends (tenant_id, agent_id, key, fingerprint, message_id, at) \
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(tenant.as_str())
    .bind(send.agent.0)
    .bind(&send.key)
    .bind(send.fingerprint.as_slice())
    .bind(send.message.0)
    .bind(send.at.as_micros())
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

/// Drops what is older than `before`, of every tenant.
pub async fn forget(db: &mut SqliteConnection, before: Timestamp) -> Result<(), CommitError> {
    sqlx::query("delete from sends where at < $1")
        .bind(before.as_micros())
        .execute(db)
        .await
        .explain(NOUN)?;
    Ok(())
}

pub async fn is_absent(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    agent: AgentId,
    key: &str,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select not exists (select 1 from sends where tenant_id = $1 and agent_id = $2 and key = $3)",
    )
    .bind(tenant.as_str())
    .bind(agent.0)
    .bind(key)
    .fetch_one(db)
    .await
}

pub async fn by_key(
    db: &SqlitePool,
    tenant: &TenantId,
    agent: AgentId,
    key: &str,
) -> Result<Option<SendReplay>, StoreError> {
    let row =
        sqlx::query("select * from sends where tenant_id = $1 and agent_id = $2 and key = $3")
            .bind(tenant.as_str())
            .bind(agent.0)
            .bind(key)
            .fetch_optional(db)
            .await
            .map_err(|error| fault("reading sends", error))?;
    row.map(|row| send(&Columns(&row))).transpose()
}

fn send(row: &Columns<'_>) -> Result<SendReplay, StoreError> {
    Ok(SendReplay {
        agent: row.id("agent_id")?,
        key: row.get("key")?,
        fingerprint: row.digest("fingerprint")?,
        message: row.id("message_id")?,
        at: row.time("at")?,
    })
}
