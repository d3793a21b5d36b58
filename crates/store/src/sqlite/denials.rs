//! The table `denials`.

use husting_domain::agents::{Decision, Denial};
use husting_domain::ids::{AgentId, DenialId, TenantId};
use husting_domain::time::Timestamp;
use sqlx::{SqliteConnection, SqlitePool};

use super::columns::Columns;
use super::faults::{Explain, fault, touched};
use super::words::Word;
use crate::errors::{CommitError, StoreError};

const NOUN: &str = "denial";

/// Counted where the same is asked already.
pub async fn ask(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    denial: &Denial,
) -> Result<(), CommitError> {
    let decided = denial.decided;
    sqlx::query(
        "insert into denials (tenant_id, denial_id, agent_id, scope, tool, addressee, calls, first_at, last_at, decision, decided_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
         on conflict (tenant_id, agent_id, scope) where decision is null do update set tool = excluded.tool, \
             addressee = excluded.addressee, \
             calls = calls + excluded.calls, last_at = max(last_at, excluded.last_at)",
    )
    .bind(tenant.as_str())
    .bind(denial.id.0)
    .bind(denial.agent.0)
    .bind(denial.scope.stored())
    .bind(&denial.tool)
    .bind(denial.to.as_ref().map(ToString::to_string))
    .bind(denial.calls)
    .bind(denial.first_at.as_micros())
    .bind(denial.last_at.as_micros())
    .bind(decided.map(|(decision, _)| decision.stored()))
    .bind(decided.map(|(_, at)| at.as_micros()))
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

/// Once.
pub async fn decide(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: DenialId,
    decision: Decision,
    at: Timestamp,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update denials set decision = $3, decided_at = $4 \
         where tenant_id = $1 and denial_id = $2 and decision is null",
    );
    touched(
        change
            .bind(tenant.as_str())
            .bind(id.0)
            .bind(decision.stored())
            .bind(at.as_micros())
            .execute(db)
            .await,
        NOUN,
    )
}

/// The newest last call first.
pub async fn list(
    db: &SqlitePool,
    tenant: &TenantId,
    agent: Option<AgentId>,
    open: bool,
    limit: u32,
) -> Result<Vec<Denial>, StoreError> {
    let rows = sqlx::query(
        "select * from denials \
         where tenant_id = $1 and ($2 is null or agent_id = $2) and (not $3 or decision is null) \
         order by last_at desc, denial_id desc limit $4",
    )
    .bind(tenant.as_str())
    .bind(agent.map(|agent| agent.0))
    .bind(open)
    .bind(limit)
    .fetch_all(db)
    .await
    .map_err(|error| fault("reading denials", error))?;
    rows.iter().map(|row| denial(&Columns(row))).collect()
}

fn denial(row: &Columns<'_>) -> Result<Denial, StoreError> {
    Ok(Denial {
        id: row.id("denial_id")?,
        agent: row.id("agent_id")?,
        scope: row.word("scope")?,
        tool: row.get("tool")?,
        to: row.addressee_if("addressee")?,
        calls: row.number("calls")?,
        first_at: row.time("first_at")?,
        last_at: row.time("last_at")?,
        decided: row.word_if("decision")?.zip(row.time_if("decided_at")?),
    })
}
