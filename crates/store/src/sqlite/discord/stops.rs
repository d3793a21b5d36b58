//! The table `discord_stops`.

use husting_domain::discord::{Author, Place, Snowflake, Stop};
use husting_domain::ids::TenantId;
use husting_domain::time::Timestamp;
use sqlx::{SqliteConnection, SqlitePool};

use super::super::columns::{Columns, signed};
use super::super::faults::{Explain, fault};
use super::pages;
use crate::errors::{CommitError, StoreError};

const NOUN: &str = "stop";
const READING: &str = "reading stops";

pub const PAGE: &str = "select * from discord_stops \
     where tenant_id = $1 and bot_id = $2 and at < $3 and at >= coalesce( \
         (select at from discord_stops where tenant_id = $1 and bot_id = $2 and at < $3 \
          order by at desc limit 1 offset $4), -9223372036854775808) \
     order by at desc, message_id desc";

/// A channel here is the thread where there is one.
pub const LAST: &str = "select * from discord_stops \
     where tenant_id = $1 and bot_id = $2 and coalesce(thread_id, channel_id) = $3 order by at desc limit 1";

pub const FORGET: &str = "delete from discord_stops where at < $1";

/// A message that its bot has heard before changes nothing.
pub async fn insert(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    stop: &Stop,
) -> Result<(), CommitError> {
    let number = |id: Option<Snowflake>| id.map(|id| signed(id.get()));
    sqlx::query(
        "insert into discord_stops (tenant_id, bot_id, message_id, guild_id, channel_id, thread_id, author_id, \
             author_name, at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing",
    )
    .bind(tenant.as_str())
    .bind(signed(stop.bot.get()))
    .bind(signed(stop.message.get()))
    .bind(number(stop.place.guild))
    .bind(signed(stop.place.channel.get()))
    .bind(number(stop.place.thread))
    .bind(signed(stop.author.id.get()))
    .bind(&stop.author.name)
    .bind(stop.at.as_micros())
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

/// Drops those of every tenant that were said before a moment.
pub async fn forget(db: &mut SqliteConnection, before: Timestamp) -> Result<(), CommitError> {
    sqlx::query(FORGET)
        .bind(before.as_micros())
        .execute(db)
        .await
        .explain(NOUN)?;
    Ok(())
}

/// A page, newest first, to the end of its last moment.
pub async fn before(
    db: &SqlitePool,
    tenant: &TenantId,
    bot: Snowflake,
    before: Option<Timestamp>,
    limit: u32,
) -> Result<Vec<Stop>, StoreError> {
    let rows = pages::rows(db, (PAGE, READING), tenant, bot, before, limit).await?;
    rows.iter().map(|row| stop(&Columns(row))).collect()
}

/// The last one of a channel or thread.
pub async fn last_in(
    db: &SqlitePool,
    tenant: &TenantId,
    bot: Snowflake,
    channel: Snowflake,
) -> Result<Option<Stop>, StoreError> {
    let row = sqlx::query(LAST)
        .bind(tenant.as_str())
        .bind(signed(bot.get()))
        .bind(signed(channel.get()))
        .fetch_optional(db)
        .await
        .map_err(|error| fault(READING, error))?;
    row.map(|row| stop(&Columns(&row))).transpose()
}

fn stop(row: &Columns<'_>) -> Result<Stop, StoreError> {
    Ok(Stop {
        bot: row.snowflake("bot_id")?,
        message: row.snowflake("message_id")?,
        place: Place {
            guild: row.snowflake_if("guild_id")?,
            channel: row.snowflake("channel_id")?,
            thread: row.snowflake_if("thread_id")?,
        },
        author: Author {
            id: row.snowflake("author_id")?,
            name: row.get("author_name")?,
        },
        at: row.time("at")?,
    })
}
