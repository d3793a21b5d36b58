//! The table `run_setups`.

use husting_domain::ids::{AgentId, TenantId};
use husting_domain::runs::{ConfirmedCommand, RunSetup, WakeRule};
use sqlx::{SqliteConnection, SqlitePool};

use super::columns::Columns;
use super::faults::{Explain, fault};
use crate::errors::{CommitError, StoreError};
use crate::views::Tenanted;

const NOUN: &str = "run setup";
const READING: &str = "reading run setups";

pub async fn put(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    setup: &RunSetup,
) -> Result<(), CommitError> {
    let command = |of: &Option<ConfirmedCommand>| of.as_ref().map(|it| it.command.clone());
    let directory = |of: &Option<ConfirmedCommand>| of.as_ref().map(|it| it.directory.clone());
    sqlx::query(
        "insert or replace into run_setups (tenant_id, agent_id, once_command, once_directory, \
             tmux_command, tmux_directory, wake, wake_requests_only, wake_batch_seconds, wake_per_day) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(tenant.as_str())
    .bind(setup.agent.0)
    .bind(command(&setup.once))
    .bind(directory(&setup.once))
    .bind(command(&setup.tmux))
    .bind(directory(&setup.tmux))
    .bind(setup.wake.on)
    .bind(setup.wake.requests_only)
    .bind(setup.wake.batch_seconds)
    .bind(setup.wake.per_day)
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

pub async fn all(db: &SqlitePool) -> Result<Vec<Tenanted<RunSetup>>, StoreError> {
    let rows = sqlx::query("select * from run_setups order by tenant_id, agent_id")
        .fetch_all(db)
        .await
        .map_err(|error| fault(READING, error))?;
    rows.iter()
        .map(|row| {
            Ok(Tenanted {
                tenant: Columns(row).tenant()?,
                row: setup(&Columns(row))?,
            })
        })
        .collect()
}

pub async fn of_agent(
    db: &SqlitePool,
    tenant: &TenantId,
    agent: AgentId,
) -> Result<Option<RunSetup>, StoreError> {
    let row = sqlx::query("select * from run_setups where tenant_id = $1 and agent_id = $2")
        .bind(tenant.as_str())
        .bind(agent.0)
        .fetch_optional(db)
        .await
        .map_err(|error| fault(READING, error))?;
    row.map(|row| setup(&Columns(&row))).transpose()
}

fn setup(row: &Columns<'_>) -> Result<RunSetup, StoreError> {
    let confirmed = |command, directory| -> Result<Option<ConfirmedCommand>, StoreError> {
        let command: Option<String> = row.get(command)?;
        let directory: Option<String> = row.get(directory)?;
        let both = command.zip(directory);
        Ok(both.map(|(command, directory)| ConfirmedCommand { command, directory }))
    };
    Ok(RunSetup {
        agent: row.id("agent_id")?,
        once: confirmed("once_command", "once_directory")?,
        tmux: confirmed("tmux_command", "tmux_directory")?,
        wake: WakeRule {
            on: row.get("wake")?,
            requests_only: row.get("wake_requests_only")?,
            batch_seconds: row.number("wake_batch_seconds")?,
            per_day: row.number("wake_per_day")?,
        },
    })
}
