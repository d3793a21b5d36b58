//! The table `agent_tokens`.

use husting_domain::agents::AgentToken;
use husting_domain::ids::{AgentId, TenantId, TokenId};
use husting_domain::time::Timestamp;
use sqlx::{SqliteConnection, SqlitePool};

use super::columns::Columns;
use super::faults::{Explain, fault, touched};
use crate::errors::{CommitError, StoreError};
use crate::views::Tenanted;

const NOUN: &str = "token";

pub async fn insert(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    token: &AgentToken,
) -> Result<(), CommitError> {
    sqlx::query(
        "insert into agent_tokens (tenant_id, token_id, agent_id, hash, tail, created_at, ends_at, ended_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(tenant.as_str())
    .bind(token.id.0)
    .bind(token.agent.0)
    .bind(token.hash.as_slice())
    .bind(&token.tail)
    .bind(token.created_at.as_micros())
    .bind(token.ends_at.map(Timestamp::as_micros))
    .bind(token.ended_at.map(Timestamp::as_micros))
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

/// Unless it ends sooner.
pub async fn end_at(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: TokenId,
    at: Timestamp,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update agent_tokens set ends_at = min(coalesce(ends_at, $3), $3) \
         where tenant_id = $1 and token_id = $2",
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

/// One whose time was over before has ended then.
pub async fn end_all(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    agent: AgentId,
    at: Timestamp,
) -> Result<(), CommitError> {
    sqlx::query(
        "update agent_tokens set ended_at = min(coalesce(ends_at, $3), $3) \
         where tenant_id = $1 and agent_id = $2 and ended_at is null",
    )
    .bind(tenant.as_str())
    .bind(agent.0)
    .bind(at.as_micros())
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

/// Of all tenants, ended ones too, in the order they were made.
pub async fn all(db: &SqlitePool) -> Result<Vec<Tenanted<AgentToken>>, StoreError> {
    let rows = sqlx::query("select * from agent_tokens order by tenant_id, created_at, token_id")
        .fetch_all(db)
        .await
        .map_err(|error| fault("reading tokens", error))?;
    rows.iter()
        .map(|row| {
            Ok(Tenanted {
                tenant: Columns(row).tenant()?,
                row: token(&Columns(row))?,
            })
        })
        .collect()
}

fn token(row: &Columns<'_>) -> Result<AgentToken, StoreError> {
    Ok(AgentToken {
        id: row.id("token_id")?,
        agent: row.id("agent_id")?,
        hash: row.digest("hash")?,
        tail: row.get("tail")?,
        created_at: row.time("created_at")?,
        ends_at: row.time_if("ends_at")?,
        ended_at: row.time_if("ended_at")?,
    })
}
