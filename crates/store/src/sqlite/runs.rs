//! The table `runs`, and what is read of agents' programs.

use async_trait::async_trait;
use husting_domain::ids::{AgentId, RunId, TenantId};
use husting_domain::runs::{Run, RunExit, RunSequel, RunSetup, Wiring};
use husting_domain::time::Timestamp;
use sqlx::{Row, SqlitePool};

use super::columns::Columns;
use super::faults::fault;
use super::{SqliteStore, run_setups, wirings};
use crate::errors::StoreError;
use crate::runs::RunReads;
use crate::views::Tenanted;

const READING: &str = "reading runs";

pub const OF_AGENT: &str = "select * from runs where tenant_id = $1 and agent_id = $2 \
     order by started_at desc limit $3";

pub const OF_ALL: &str =
    "select * from runs where tenant_id = $1 order by started_at desc limit $2";

pub const WAKES: &str = "select count(*) from runs \
     where tenant_id = $1 and agent_id = $2 and started_at >= $3 and cause = 'mail'";

const OPEN: &str = "select * from runs where ended_at is null order by tenant_id, started_at";

const RESTARTING: &str =
    "select * from runs where restarts_at is not null order by tenant_id, agent_id";

const GIVEN_UP: &str = "select * from runs where given_up = 1 and not exists ( \
     select 1 from runs newer where newer.tenant_id = runs.tenant_id and newer.agent_id = runs.agent_id \
     and (newer.started_at, newer.run_id) > (runs.started_at, runs.run_id) \
     and (newer.cause <> 'mail' or newer.exit_code = 0)) order by tenant_id, agent_id";

fn run(row: &Columns<'_>) -> Result<Run, StoreError> {
    let ended_at = row.time_if("ended_at")?;
    let code: Option<i32> = row.number_if("exit_code")?;
    let signal: Option<i32> = row.number_if("exit_signal")?;
    let exit = match (code, signal) {
        (Some(code), _) => RunExit::Code { code },
        (None, Some(signal)) => RunExit::Signal { signal },
        (None, None) if row.get("not_started")? => RunExit::NotStarted,
        (None, None) => RunExit::Unseen,
    };
    let sequel = match row.time_if("restarts_at")? {
        Some(at) => RunSequel::Restart { at },
        None if row.get("given_up")? => RunSequel::GivenUp,
        None => RunSequel::Nothing,
    };
    Ok(Run {
        id: row.id("run_id")?,
        agent: row.id("agent_id")?,
        how: row.word("how")?,
        cause: row.word("cause")?,
        command: row.get("command")?,
        directory: row.get("directory")?,
        process: row.get("process")?,
        started_at: row.time("started_at")?,
        booted_at: row.time_if("booted_at")?,
        exit: ended_at.map(|_| exit),
        ended_at,
        stopped: row.get("stopped")?,
        restarts: row.get("restarts")?,
        sequel,
        tail: row.get("tail")?,
    })
}

#[async_trait]
impl RunReads for SqliteStore {
    async fn wirings(&self, tenant: &TenantId, agent: AgentId) -> Result<Vec<Wiring>, StoreError> {
        wirings::of_agent(&self.connections.readers, tenant, agent).await
    }

    async fn wirings_at(&self, path: &str) -> Result<Vec<Wiring>, StoreError> {
        wirings::at(&self.connections.readers, path).await
    }

    async fn run_setups(&self) -> Result<Vec<Tenanted<RunSetup>>, StoreError> {
        run_setups::all(&self.connections.readers).await
    }

    async fn run_setup(
        &self,
        tenant: &TenantId,
        agent: AgentId,
    ) -> Result<Option<RunSetup>, StoreError> {
        run_setups::of_agent(&self.connections.readers, tenant, agent).await
    }

    async fn open_runs(&self) -> Result<Vec<Tenanted<Run>>, StoreError> {
        of_all_tenants(&self.connections.readers, OPEN).await
    }

    async fn restarting_runs(&self) -> Result<Vec<Tenanted<Run>>, StoreError> {
        of_all_tenants(&self.connections.readers, RESTARTING).await
    }

    async fn given_up_runs(&self) -> Result<Vec<Tenanted<Run>>, StoreError> {
        of_all_tenants(&self.connections.readers, GIVEN_UP).await
    }

    async fn run(&self, tenant: &TenantId, id: RunId) -> Result<Option<Run>, StoreError> {
        let row = sqlx::query("select * from runs where tenant_id = $1 and run_id = $2")
            .bind(tenant.as_str())
            .bind(id.0)
            .fetch_optional(&self.connections.readers)
            .await
            .map_err(|error| fault(READING, error))?;
        row.map(|row| run(&Columns(&row))).transpose()
    }

    async fn runs(
        &self,
        tenant: &TenantId,
        agent: Option<AgentId>,
        limit: u32,
    ) -> Result<Vec<Run>, StoreError> {
        page(&self.connections.readers, tenant, agent, limit).await
    }

    async fn wakes_since(
        &self,
        tenant: &TenantId,
        agent: AgentId,
        since: Timestamp,
    ) -> Result<u32, StoreError> {
        let row = sqlx::query(WAKES)
            .bind(tenant.as_str())
            .bind(agent.0)
            .bind(since.as_micros())
            .fetch_one(&self.connections.readers)
            .await
            .map_err(|error| fault(READING, error))?;
        row.try_get(0).map_err(|error| fault(READING, error))
    }
}

async fn of_all_tenants(
    db: &SqlitePool,
    statement: &'static str,
) -> Result<Vec<Tenanted<Run>>, StoreError> {
    let rows = sqlx::query(statement)
        .fetch_all(db)
        .await
        .map_err(|error| fault(READING, error))?;
    rows.iter()
        .map(|row| {
            Ok(Tenanted {
                tenant: Columns(row).tenant()?,
                row: run(&Columns(row))?,
            })
        })
        .collect()
}

async fn page(
    db: &SqlitePool,
    tenant: &TenantId,
    agent: Option<AgentId>,
    limit: u32,
) -> Result<Vec<Run>, StoreError> {
    let asked = match agent {
        Some(agent) => sqlx::query(OF_AGENT).bind(tenant.as_str()).bind(agent.0),
        None => sqlx::query(OF_ALL).bind(tenant.as_str()),
    };
    let rows = asked
        .bind(limit)
        .fetch_all(db)
        .await
        .map_err(|error| fault(READING, error))?;
    rows.iter().map(|row| run(&Columns(row))).collect()
}
