//! The table `discord_sessions`.

use husting_domain::discord::{Cursor, Snowflake};
use husting_domain::ids::TenantId;
use sqlx::{SqliteConnection, SqlitePool};

use super::super::columns::{Columns, signed};
use super::super::faults::{Explain, fault};
use crate::errors::{CommitError, StoreError};

const NOUN: &str = "gateway session";

pub const CURSOR: &str = "select * from discord_sessions where tenant_id = $1 and bot_id = $2";

pub async fn put(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    bot: Snowflake,
    cursor: &Cursor,
) -> Result<(), CommitError> {
    sqlx::query(
        "insert into discord_sessions (tenant_id, bot_id, session_id, resume_url, sequence, at) \
         values ($1, $2, $3, $4, $5, $6) \
         on conflict do update set session_id = excluded.session_id, resume_url = excluded.resume_url, \
             sequence = excluded.sequence, at = excluded.at",
    )
    .bind(tenant.as_str())
    .bind(signed(bot.get()))
    .bind(&cursor.session)
    .bind(&cursor.resume_url)
    .bind(signed(cursor.sequence))
    .bind(cursor.at.as_micros())
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

/// Absent is fine.
pub async fn delete(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    bot: Snowflake,
) -> Result<(), CommitError> {
    sqlx::query("delete from discord_sessions where tenant_id = $1 and bot_id = $2")
        .bind(tenant.as_str())
        .bind(signed(bot.get()))
        .execute(db)
        .await
        .explain(NOUN)?;
    Ok(())
}

pub async fn cursor(
    db: &SqlitePool,
    tenant: &TenantId,
    bot: Snowflake,
) -> Result<Option<Cursor>, StoreError> {
    let row = sqlx::query(CURSOR)
        .bind(tenant.as_str())
        .bind(signed(bot.get()))
        .fetch_optional(db)
        .await
        .map_err(|error| fault("reading gateway sessions", error))?;
    row.map(|row| read(&Columns(&row))).transpose()
}

fn read(row: &Columns<'_>) -> Result<Cursor, StoreError> {
    Ok(Cursor {
        session: row.get("session_id")?,
        resume_url: row.get("resume_url")?,
        sequence: row.number("sequence")?,
        at: row.time("at")?,
    })
}
