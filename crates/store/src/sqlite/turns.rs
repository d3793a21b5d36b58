//! The table `turns`, and what they were charged.

use husting_domain::ids::{AgentId, CallId, TenantId};
use husting_domain::money::MicroUsd;
use husting_domain::time::Timestamp;
use husting_domain::turns::{Turn, TurnError};
use sqlx::{SqliteConnection, SqlitePool};

use super::columns::{Columns, json};
use super::faults::{Explain, fault, touched};
use super::words::Word;
use crate::errors::{CommitError, StoreError};
use crate::turns::{TurnWrite, TurnsSince};
use crate::views::Tenanted;

const NOUN: &str = "turn";
const READING: &str = "reading turns";

pub async fn apply(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    write: &TurnWrite,
) -> Result<(), CommitError> {
    match write {
        TurnWrite::Insert(turn) => insert(db, tenant, turn).await,
        TurnWrite::Checkpoint { turn, text } => checkpoint(db, tenant, *turn, text).await,
        TurnWrite::Finish(turn) => finish(db, tenant, turn).await,
    }
}

async fn insert(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    turn: &Turn,
) -> Result<(), CommitError> {
    sqlx::query(
        "insert into turns (tenant_id, call_id, agent_id, message_id, model, state, text, usage, started_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(tenant.as_str())
    .bind(turn.id.0)
    .bind(turn.agent.0)
    .bind(turn.message.0)
    .bind(turn.model.as_str())
    .bind(turn.state.stored())
    .bind(&turn.text)
    .bind(json(&turn.usage)?)
    .bind(turn.started_at.as_micros())
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

async fn checkpoint(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: CallId,
    text: &str,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update turns set state = 'streaming', text = $3 \
         where tenant_id = $1 and call_id = $2 and ended_at is null",
    );
    touched(
        change
            .bind(tenant.as_str())
            .bind(id.0)
            .bind(text)
            .execute(db)
            .await,
        NOUN,
    )
}

async fn finish(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    turn: &Turn,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update turns set state = $3, text = $4, usage = $5, error_code = $6, error_message = $7, \
             ended_at = $8, reply_id = $9 \
         where tenant_id = $1 and call_id = $2 and ended_at is null",
    );
    let error = turn.error.as_ref();
    touched(
        change
            .bind(tenant.as_str())
            .bind(turn.id.0)
            .bind(turn.state.stored())
            .bind(&turn.text)
            .bind(json(&turn.usage)?)
            .bind(error.map(|error| error.code.stored()))
            .bind(error.map(|error| &error.message))
            .bind(turn.ended_at.map(Timestamp::as_micros))
            .bind(turn.reply.map(|reply| reply.0))
            .execute(db)
            .await,
        NOUN,
    )
}

/// Of all tenants, in the order they began.
pub async fn unfinished(db: &SqlitePool) -> Result<Vec<Tenanted<Turn>>, StoreError> {
    let rows =
        sqlx::query("select * from turns where ended_at is null order by tenant_id, call_id")
            .fetch_all(db)
            .await
            .map_err(|error| fault(READING, error))?;
    rows.iter()
        .map(|row| {
            Ok(Tenanted {
                tenant: Columns(row).tenant()?,
                row: turn(&Columns(row))?,
            })
        })
        .collect()
}

pub async fn since(
    db: &SqlitePool,
    tenant: &TenantId,
    agent: AgentId,
    since: Timestamp,
) -> Result<TurnsSince, StoreError> {
    let row = sqlx::query(
        "select (select count(*) from turns where tenant_id = $1 and agent_id = $2 and started_at >= $3) as turns, \
             (select coalesce(-sum(bucket_change), 0) from transactions \
              where tenant_id = $1 and agent_id = $2 and at >= $3) as charged",
    )
    .bind(tenant.as_str())
    .bind(agent.0)
    .bind(since.as_micros())
    .fetch_one(db)
    .await
    .map_err(|error| fault(READING, error))?;
    let row = Columns(&row);
    Ok(TurnsSince {
        turns: row.number("turns")?,
        charged: row.get("charged").map(MicroUsd)?,
    })
}

/// Newest first.
pub async fn of_agent(
    db: &SqlitePool,
    tenant: &TenantId,
    agent: AgentId,
    limit: u32,
) -> Result<Vec<Turn>, StoreError> {
    let rows = sqlx::query(
        "select * from turns where tenant_id = $1 and agent_id = $2 order by started_at desc, call_id desc limit $3",
    )
    .bind(tenant.as_str())
    .bind(agent.0)
    .bind(limit)
    .fetch_all(db)
    .await
    .map_err(|error| fault(READING, error))?;
    rows.iter().map(|row| turn(&Columns(row))).collect()
}

fn turn(row: &Columns<'_>) -> Result<Turn, StoreError> {
    let code = row.word_if("error_code")?;
    let message: Option<String> = row.get("error_message")?;
    Ok(Turn {
        id: row.id("call_id")?,
        agent: row.id("agent_id")?,
        message: row.id("message_id")?,
        model: row.model("model")?,
        state: row.word("state")?,
        text: row.get("text")?,
        usage: row.json("usage")?,
        error: code
            .zip(message)
            .map(|(code, message)| TurnError { code, message }),
        started_at: row.time("started_at")?,
        ended_at: row.time_if("ended_at")?,
        reply: row.id_if("reply_id")?,
    })
}
