//! The table `calls`.

use husting_domain::calls::Call;
use husting_domain::ids::{CallId, SessionId, TenantId};
use husting_domain::time::Timestamp;
use sqlx::{SqliteConnection, SqlitePool};

use super::columns::{Columns, json, signed};
use super::faults::{Explain, fault, touched};
use super::words::Word;
use crate::errors::{CommitError, Constraint, StoreError};

const NOUN: &str = "call";
const READING: &str = "reading calls";

/// A call that has not ended.
macro_rules! open {
    () => {
        "state in ('queued', 'streaming')"
    };
}

pub async fn insert(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    call: &Call,
) -> Result<(), CommitError> {
    sqlx::query(
        "insert into calls (tenant_id, call_id, session_id, round_id, model, purpose, attempt, state, started_at, \
             first_text_at, ended_at, deadline_at, text, input, cache_read, cache_write, output, estimated, cost, \
             finish_reason, is_partial, error_code, error_message, claim_confidence, \
             heard_at, closed, unreadable) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
             $22, $23, $24, $25, $26, $27)",
    )
    .bind(tenant.as_str())
    .bind(call.id.0)
    .bind(call.session_id.0)
    .bind(call.round_id.0)
    .bind(call.model.as_str())
    .bind(call.purpose.stored())
    .bind(call.attempt)
    .bind(call.state.stored())
    .bind(call.started_at.as_micros())
    .bind(call.first_text_at.map(Timestamp::as_micros))
    .bind(call.ended_at.map(Timestamp::as_micros))
    .bind(call.deadline_at.as_micros())
    .bind(&call.text)
    .bind(signed(call.usage.input))
    .bind(signed(call.usage.cache_read))
    .bind(signed(call.usage.cache_write))
    .bind(signed(call.usage.output))
    .bind(call.usage.estimated)
    .bind(call.cost.0)
    .bind(&call.finish_reason)
    .bind(call.is_partial)
    .bind(call.error_code.map(Word::stored))
    .bind(&call.error_message)
    .bind(json(&call.claim_confidence)?)
    .bind(call.heard_at.map(Timestamp::as_micros))
    .bind(call.closed)
    .bind(call.unreadable)
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

/// Idempotent in effect: only the first words set the moment.
pub async fn first_text(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: CallId,
    at: Timestamp,
) -> Result<(), CommitError> {
    let change = sqlx::query(concat!(
        "update calls set state = 'streaming', first_text_at = coalesce(first_text_at, $3) \
         where tenant_id = $1 and call_id = $2 and ",
        open!()
    ));
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

pub async fn checkpoint(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: CallId,
    text: &str,
    at: Timestamp,
) -> Result<(), CommitError> {
    let change = sqlx::query(concat!(
        "update calls set text = $3, heard_at = $4 where tenant_id = $1 and call_id = $2 and ",
        open!()
    ));
    touched(
        change
            .bind(tenant.as_str())
            .bind(id.0)
            .bind(text)
            .bind(at.as_micros())
            .execute(db)
            .await,
        NOUN,
    )
}

pub async fn finish(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    call: &Call,
) -> Result<(), CommitError> {
    if !call.state.is_terminal() {
        return Err(Constraint::Range(NOUN).into());
    }
    let change = sqlx::query(concat!(
        "update calls set state = $3, first_text_at = $4, ended_at = $5, deadline_at = $6, text = $7, input = $8, \
             cache_read = $9, cache_write = $10, output = $11, estimated = $12, cost = $13, finish_reason = $14, \
             is_partial = $15, error_code = $16, error_message = $17, claim_confidence = $18, \
             heard_at = null, closed = $19, unreadable = $20 \
         where tenant_id = $1 and call_id = $2 and ",
        open!()
    ))
    .bind(tenant.as_str())
    .bind(call.id.0)
    .bind(call.state.stored())
    .bind(call.first_text_at.map(Timestamp::as_micros))
    .bind(call.ended_at.map(Timestamp::as_micros))
    .bind(call.deadline_at.as_micros())
    .bind(&call.text)
    .bind(signed(call.usage.input))
    .bind(signed(call.usage.cache_read))
    .bind(signed(call.usage.cache_write))
    .bind(signed(call.usage.output))
    .bind(call.usage.estimated)
    .bind(call.cost.0)
    .bind(&call.finish_reason)
    .bind(call.is_partial)
    .bind(call.error_code.map(Word::stored))
    .bind(&call.error_message)
    .bind(json(&call.claim_confidence)?)
    .bind(call.closed)
    .bind(call.unreadable);
    touched(change.execute(db).await, NOUN)
}

/// The progress of their rounds tells how long they were: it becomes another version.
pub const FORGET_DRAFTS_LENGTHS: &str = "update rounds set progress_version = progress_version + 1 where (tenant_id, round_id) in \
         (select tenant_id, round_id from calls \
          where state = 'error' and ended_at < $1 and text <> '')";

pub const FORGET_DRAFTS: &str =
    "update calls set text = '' where state = 'error' and ended_at < $1 and text <> ''";

pub async fn forget_partial_texts(
    db: &mut SqliteConnection,
    before: Timestamp,
) -> Result<(), CommitError> {
    for statement in [FORGET_DRAFTS_LENGTHS, FORGET_DRAFTS] {
        sqlx::query(statement)
            .bind(before.as_micros())
            .execute(&mut *db)
            .await
            .explain(NOUN)?;
    }
    Ok(())
}

pub async fn is_open(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: CallId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(concat!(
        "select exists (select 1 from calls where tenant_id = $1 and call_id = $2 and ",
        open!(),
        ")"
    ))
    .bind(tenant.as_str())
    .bind(id.0)
    .fetch_one(db)
    .await
}

pub async fn by_id(
    db: &SqlitePool,
    tenant: &TenantId,
    id: CallId,
) -> Result<Option<Call>, StoreError> {
    let row = sqlx::query("select * from calls where tenant_id = $1 and call_id = $2")
        .bind(tenant.as_str())
        .bind(id.0)
        .fetch_optional(db)
        .await
        .map_err(|error| fault(READING, error))?;
    row.map(|row| call(&Columns(&row))).transpose()
}

pub async fn of_session(
    db: &SqlitePool,
    tenant: &TenantId,
    session: SessionId,
) -> Result<Vec<Call>, StoreError> {
    let rows = sqlx::query(
        "select * from calls where tenant_id = $1 and session_id = $2 order by started_at, call_id",
    )
    .bind(tenant.as_str())
    .bind(session.0)
    .fetch_all(db)
    .await
    .map_err(|error| fault(READING, error))?;
    rows.iter().map(|row| call(&Columns(row))).collect()
}

fn call(row: &Columns<'_>) -> Result<Call, StoreError> {
    Ok(Call {
        id: row.id("call_id")?,
        session_id: row.id("session_id")?,
        round_id: row.id("round_id")?,
        model: row.model("model")?,
        purpose: row.word("purpose")?,
        attempt: row.number("attempt")?,
        state: row.word("state")?,
        started_at: row.time("started_at")?,
        first_text_at: row.time_if("first_text_at")?,
        heard_at: row.time_if("heard_at")?,
        ended_at: row.time_if("ended_at")?,
        deadline_at: row.time("deadline_at")?,
        text: row.get("text")?,
        claim_confidence: row.json("claim_confidence")?,
        usage: row.usage()?,
        cost: row.money("cost")?,
        finish_reason: row.get("finish_reason")?,
        is_partial: row.get("is_partial")?,
        error_code: row.word_if("error_code")?,
        error_message: row.get("error_message")?,
        closed: row.get("closed")?,
        unreadable: row.get("unreadable")?,
    })
}
