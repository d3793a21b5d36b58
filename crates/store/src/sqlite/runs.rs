//! The table `runs`, and what is written of agents' programs.

use async_trait::async_trait;
use husting_domain::ids::{AgentId, RunId, TenantId};
use husting_domain::runs::{Run, RunExit, RunSetup, Wiring};
use husting_domain::time::Timestamp;
use sqlx::{Row, SqliteConnection, SqlitePool};

use super::columns::Columns;
use super::faults::{Explain, fault, touched};
use super::words::Word;
use super::{SqliteStore, run_setups, wirings};
use crate::errors::{CommitError, StoreError};
use crate::runs::{RunReads, RunWrite};
use crate::views::Tenanted;

const NOUN: &str = "run";
const READING: &str = "reading runs";

pub const OF_AGENT: &str = "select * from runs where tenant_id = $1 and agent_id = $2 \
     order by started_at desc limit $3";

pub const OF_ALL: &str =
    "select * from runs where tenant_id = $1 order by started_at desc limit $2";

pub const WAKES: &str = "select count(*) from runs \
     where tenant_id = $1 and agent_id = $2 and started_at >= $3 and cause = 'mail'";

pub async fn apply(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    write: &RunWrite,
) -> Result<(), CommitError> {
    match write {
        RunWrite::Wired(wiring) => wirings::put(db, tenant, wiring).await,
        RunWrite::PutSetup(setup) => run_setups::put(db, tenant, setup).await,
        RunWrite::Begin(run) => begin(db, tenant, run).await,
        RunWrite::Started { run, process } => started(db, tenant, *run, process).await,
        RunWrite::Booted { run, at } => booted(db, tenant, *run, *at).await,
        RunWrite::End(run) => end(db, tenant, run).await,
    }
}

async fn begin(db: &mut SqliteConnection, tenant: &TenantId, run: &Run) -> Result<(), CommitError> {
    sqlx::query(
        "insert into runs (tenant_id, run_id, agent_id, how, cause, command, directory, started_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(tenant.as_str())
    .bind(run.id.0)
    .bind(run.agent.0)
    .bind(run.how.stored())
    .bind(run.cause.stored())
    .bind(&run.command)
    .bind(&run.directory)
    .bind(run.started_at.as_micros())
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

async fn started(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: RunId,
    process: &str,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update runs set process = $3 \
         where tenant_id = $1 and run_id = $2 and ended_at is null",
    );
    touched(
        change
            .bind(tenant.as_str())
            .bind(id.0)
            .bind(process)
            .execute(db)
            .await,
        NOUN,
    )
}

async fn booted(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: RunId,
    at: Timestamp,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update runs set booted_at = coalesce(booted_at, $3) \
         where tenant_id = $1 and run_id = $2 and ended_at is null",
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

async fn end(db: &mut SqliteConnection, tenant: &TenantId, run: &Run) -> Result<(), CommitError> {
    let (code, signal) = match run.exit {
        Some(RunExit::Code { code }) => (Some(code), None),
        Some(RunExit::Signal { signal }) => (None, Some(signal)),
        Some(RunExit::Unseen | RunExit::NotStarted) | None => (None, None),
    };
    let change = sqlx::query(
        "update runs set ended_at = $3, exit_code = $4, exit_signal = $5, stopped = $6, tail = $7, not_started = $8 \
         where tenant_id = $1 and run_id = $2 and ended_at is null",
    );
    touched(
        change
            .bind(tenant.as_str())
            .bind(run.id.0)
            .bind(run.ended_at.unwrap_or(run.started_at).as_micros())
            .bind(code)
            .bind(signal)
            .bind(run.stopped)
            .bind(&run.tail)
            .bind(run.exit == Some(RunExit::NotStarted))
            .execute(db)
            .await,
        NOUN,
    )
}

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
        let rows =
            sqlx::query("select * from runs where ended_at is null order by tenant_id, started_at")
                .fetch_all(&self.connections.readers)
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
