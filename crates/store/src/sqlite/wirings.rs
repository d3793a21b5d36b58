//! The table `wirings`.

use husting_domain::clients::Client;
use husting_domain::ids::{AgentId, TenantId};
use husting_domain::runs::Wiring;
use husting_domain::time::Timestamp;
use sqlx::{SqliteConnection, SqlitePool};

use super::columns::{Columns, unreadable};
use super::faults::{Explain, fault};
use crate::errors::{CommitError, StoreError};

const NOUN: &str = "wiring";
const READING: &str = "reading wirings";

pub async fn put(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    wiring: &Wiring,
) -> Result<(), CommitError> {
    sqlx::query(
        "insert into wirings (tenant_id, agent_id, client, path, hash, url, token_tail, written_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8) \
         on conflict (tenant_id, agent_id, path) do update set client = excluded.client, \
             hash = excluded.hash, url = excluded.url, token_tail = excluded.token_tail, written_at = excluded.written_at",
    )
    .bind(tenant.as_str())
    .bind(wiring.agent.0)
    .bind(wiring.client.word())
    .bind(&wiring.path)
    .bind(&wiring.hash)
    .bind(&wiring.url)
    .bind(&wiring.token_tail)
    .bind(wiring.written_at.as_micros())
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

pub async fn remove(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    agent: AgentId,
    path: &str,
    written_at: Timestamp,
) -> Result<(), CommitError> {
    sqlx::query(
        "delete from wirings \
         where tenant_id = $1 and agent_id = $2 and path = $3 and written_at = $4",
    )
    .bind(tenant.as_str())
    .bind(agent.0)
    .bind(path)
    .bind(written_at.as_micros())
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

/// Those of an agent, newest first.
pub async fn of_agent(
    db: &SqlitePool,
    tenant: &TenantId,
    agent: AgentId,
) -> Result<Vec<Wiring>, StoreError> {
    let rows = sqlx::query(
        "select * from wirings where tenant_id = $1 and agent_id = $2 order by written_at desc, path",
    )
    .bind(tenant.as_str())
    .bind(agent.0)
    .fetch_all(db)
    .await
    .map_err(|error| fault(READING, error))?;
    rows.iter().map(|row| wiring(&Columns(row))).collect()
}

/// Those at a path, of any tenant's agents.
pub async fn at(db: &SqlitePool, path: &str) -> Result<Vec<Wiring>, StoreError> {
    let rows = sqlx::query("select * from wirings where path = $1 order by written_at desc")
        .bind(path)
        .fetch_all(db)
        .await
        .map_err(|error| fault(READING, error))?;
    rows.iter().map(|row| wiring(&Columns(row))).collect()
}

fn wiring(row: &Columns<'_>) -> Result<Wiring, StoreError> {
    let client: Client = row
        .get::<String>("client")?
        .parse()
        .map_err(|error| unreadable("client", error))?;
    Ok(Wiring {
        agent: row.id("agent_id")?,
        client,
        path: row.get("path")?,
        hash: row.get("hash")?,
        url: row.get("url")?,
        token_tail: row.get("token_tail")?,
        written_at: row.time("written_at")?,
    })
}
