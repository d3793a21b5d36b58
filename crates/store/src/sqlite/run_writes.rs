//! What is written of agents' programs.

use husting_domain::ids::{AgentId, RunId, TenantId};
use husting_domain::runs::{Run, RunExit, RunSequel};
use husting_domain::time::Timestamp;
use sqlx::SqliteConnection;

use super::faults::{Explain, touched};
use super::words::Word;
use super::{run_setups, wirings};
use crate::errors::CommitError;
use crate::runs::RunWrite;

const NOUN: &str = "run";

/// A restart that was pending before another start of the agent.
pub const OVERTAKE: &str = "update runs set restarts_at = null \
     where tenant_id = $1 and agent_id = $2 and restarts_at is not null";

pub const FORGET_TAILS: &str = "update runs set tail = '' \
     where ended_at < $1 and restarts_at is null and tail <> ''";

/// The newest of an agent shows how it was run last.
pub const FORGET: &str = "delete from runs where ended_at < $1 and restarts_at is null \
     and exists (select 1 from runs newer where newer.tenant_id = runs.tenant_id \
         and newer.agent_id = runs.agent_id and newer.started_at > runs.started_at)";

pub async fn apply(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    write: &RunWrite,
) -> Result<(), CommitError> {
    match write {
        RunWrite::Wired(wiring) => wirings::put(db, tenant, wiring).await,
        RunWrite::Unwired {
            agent,
            path,
            written_at,
        } => wirings::remove(db, tenant, *agent, path, *written_at).await,
        RunWrite::PutSetup(setup) => run_setups::put(db, tenant, setup).await,
        RunWrite::Begin(run) => begin(db, tenant, run).await,
        RunWrite::Started { run, process } => started(db, tenant, *run, process).await,
        RunWrite::Booted { run, at } => booted(db, tenant, *run, *at).await,
        RunWrite::End(run) => end(db, tenant, run).await,
        RunWrite::ClearRestart(run) => clear_restart(db, tenant, *run).await,
        RunWrite::LeaveGivenUp(agent) => leave_given_up(db, tenant, *agent).await,
        RunWrite::Forget { before } => forget(db, *before).await,
    }
}

async fn begin(db: &mut SqliteConnection, tenant: &TenantId, run: &Run) -> Result<(), CommitError> {
    sqlx::query(OVERTAKE)
        .bind(tenant.as_str())
        .bind(run.agent.0)
        .execute(&mut *db)
        .await
        .explain(NOUN)?;
    sqlx::query(
        "insert into runs (tenant_id, run_id, agent_id, how, cause, command, directory, started_at, restarts) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(tenant.as_str())
    .bind(run.id.0)
    .bind(run.agent.0)
    .bind(run.how.stored())
    .bind(run.cause.stored())
    .bind(&run.command)
    .bind(&run.directory)
    .bind(run.started_at.as_micros())
    .bind(run.restarts)
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
    let restarts_at = match run.sequel {
        RunSequel::Restart { at } => Some(at.as_micros()),
        RunSequel::Nothing | RunSequel::GivenUp => None,
    };
    let change = sqlx::query(
        "update runs set ended_at = $3, exit_code = $4, exit_signal = $5, stopped = $6, tail = $7, not_started = $8, \
             restarts_at = $9, given_up = $10 \
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
            .bind(restarts_at)
            .bind(run.sequel == RunSequel::GivenUp)
            .execute(db)
            .await,
        NOUN,
    )
}

async fn clear_restart(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: RunId,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update runs set restarts_at = null \
         where tenant_id = $1 and run_id = $2 and restarts_at is not null",
    );
    touched(
        change.bind(tenant.as_str()).bind(id.0).execute(db).await,
        NOUN,
    )
}

async fn leave_given_up(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    agent: AgentId,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update runs set given_up = 0 where tenant_id = $1 and agent_id = $2 and given_up = 1",
    );
    touched(
        change.bind(tenant.as_str()).bind(agent.0).execute(db).await,
        NOUN,
    )
}

async fn forget(db: &mut SqliteConnection, before: Timestamp) -> Result<(), CommitError> {
    for change in [FORGET, FORGET_TAILS] {
        sqlx::query(change)
            .bind(before.as_micros())
            .execute(&mut *db)
            .await
            .explain(NOUN)?;
    }
    Ok(())
}
