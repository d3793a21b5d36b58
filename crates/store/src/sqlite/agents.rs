//! The table `agents`.

use husting_domain::agents::Agent;
use husting_domain::ids::{AgentId, TenantId};
use husting_domain::messages::Mailbox;
use husting_domain::time::Timestamp;
use sqlx::{SqliteConnection, SqlitePool};

use super::columns::{Columns, json, signed};
use super::faults::{Explain, fault, touched};
use super::mailboxes;
use super::words::Word;
use crate::errors::{CommitError, StoreError};
use crate::views::Tenanted;

const NOUN: &str = "agent";
const READING: &str = "reading agents";

/// With its mailbox.
pub async fn insert(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    agent: &Agent,
) -> Result<(), CommitError> {
    sqlx::query(
        "insert into agents (tenant_id, agent_id, name, kind, model, charter, status, grants, epoch, created_at, \
             expires_at, last_call_at, revoked_at, receipt) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(tenant.as_str())
    .bind(agent.id.0)
    .bind(agent.name.as_str())
    .bind(agent.kind.stored())
    .bind(&agent.model)
    .bind(&agent.charter)
    .bind(agent.status.stored())
    .bind(json(&agent.grants)?)
    .bind(signed(agent.epoch))
    .bind(agent.created_at.as_micros())
    .bind(agent.expires_at.map(Timestamp::as_micros))
    .bind(agent.last_call_at.map(Timestamp::as_micros))
    .bind(agent.revoked_at.map(Timestamp::as_micros))
    .bind(agent.receipt.as_ref().map(json).transpose()?)
    .execute(&mut *db)
    .await
    .explain(NOUN)?;
    mailboxes::open(db, tenant, Mailbox::Agent(agent.id)).await
}

/// A call that came in since the agent was read stays the last one.
pub async fn set(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    agent: &Agent,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update agents set model = $3, charter = $4, status = $5, grants = $6, epoch = $7, expires_at = $8, \
             last_call_at = coalesce(max(last_call_at, $9), last_call_at, $9), revoked_at = $10, receipt = $11 \
         where tenant_id = $1 and agent_id = $2",
    );
    touched(
        change
            .bind(tenant.as_str())
            .bind(agent.id.0)
            .bind(&agent.model)
            .bind(&agent.charter)
            .bind(agent.status.stored())
            .bind(json(&agent.grants)?)
            .bind(signed(agent.epoch))
            .bind(agent.expires_at.map(Timestamp::as_micros))
            .bind(agent.last_call_at.map(Timestamp::as_micros))
            .bind(agent.revoked_at.map(Timestamp::as_micros))
            .bind(agent.receipt.as_ref().map(json).transpose()?)
            .execute(db)
            .await,
        NOUN,
    )
}

pub async fn called(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: AgentId,
    at: Timestamp,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update agents set last_call_at = max(coalesce(last_call_at, $3), $3) \
         where tenant_id = $1 and agent_id = $2",
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

/// Active, and nothing was given or taken since `epoch`.
pub async fn is_standing(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: AgentId,
    epoch: u64,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select exists (select 1 from agents \
             where tenant_id = $1 and agent_id = $2 and status = 'active' and epoch = $3)",
    )
    .bind(tenant.as_str())
    .bind(id.0)
    .bind(signed(epoch))
    .fetch_one(db)
    .await
}

pub async fn has_epoch(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: AgentId,
    epoch: u64,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select exists (select 1 from agents where tenant_id = $1 and agent_id = $2 and epoch = $3)",
    )
    .bind(tenant.as_str())
    .bind(id.0)
    .bind(signed(epoch))
    .fetch_one(db)
    .await
}

pub async fn is_active(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: AgentId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select exists (select 1 from agents where tenant_id = $1 and agent_id = $2 and status = 'active')",
    )
    .bind(tenant.as_str())
    .bind(id.0)
    .fetch_one(db)
    .await
}

/// Suspended ones count, revoked ones do not.
pub async fn fewer_than(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    limit: u32,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select count(*) < $2 from agents where tenant_id = $1 and kind = 'custom' and status <> 'revoked'",
    )
    .bind(tenant.as_str())
    .bind(limit)
    .fetch_one(db)
    .await
}

pub async fn by_id(
    db: &SqlitePool,
    tenant: &TenantId,
    id: AgentId,
) -> Result<Option<Agent>, StoreError> {
    let row = sqlx::query("select * from agents where tenant_id = $1 and agent_id = $2")
        .bind(tenant.as_str())
        .bind(id.0)
        .fetch_optional(db)
        .await
        .map_err(|error| fault(READING, error))?;
    row.map(|row| agent(&Columns(&row))).transpose()
}

/// Of all tenants, revoked ones too, in the order they were made.
pub async fn all(db: &SqlitePool) -> Result<Vec<Tenanted<Agent>>, StoreError> {
    let rows = sqlx::query("select * from agents order by tenant_id, created_at, agent_id")
        .fetch_all(db)
        .await
        .map_err(|error| fault(READING, error))?;
    rows.iter()
        .map(|row| {
            Ok(Tenanted {
                tenant: Columns(row).tenant()?,
                row: agent(&Columns(row))?,
            })
        })
        .collect()
}

fn agent(row: &Columns<'_>) -> Result<Agent, StoreError> {
    Ok(Agent {
        id: row.id("agent_id")?,
        name: row.name("name")?,
        kind: row.word("kind")?,
        model: row.get("model")?,
        charter: row.get("charter")?,
        status: row.word("status")?,
        grants: row.json("grants")?,
        epoch: row.number("epoch")?,
        created_at: row.time("created_at")?,
        expires_at: row.time_if("expires_at")?,
        last_call_at: row.time_if("last_call_at")?,
        revoked_at: row.time_if("revoked_at")?,
        receipt: row.json_if("receipt")?,
    })
}
