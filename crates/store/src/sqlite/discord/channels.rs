//! The table `discord_channels`.

use husting_domain::discord::{KnownChannel, Snowflake};
use husting_domain::ids::TenantId;
use husting_domain::time::Timestamp;
use sqlx::{SqliteConnection, SqlitePool};

use super::super::columns::{Columns, signed};
use super::super::faults::{Explain, fault};
use crate::errors::{CommitError, StoreError};

const NOUN: &str = "channel";

pub const OF_BOT: &str =
    "select * from discord_channels where tenant_id = $1 and bot_id = $2 order by channel_id";

/// What is not known now stays, and the newest message never goes back.
pub async fn put(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    bot: Snowflake,
    channel: &KnownChannel,
) -> Result<(), CommitError> {
    let number = |id: Option<Snowflake>| id.map(|id| signed(id.get()));
    // `max` of a null is null: each side stands in for the other.
    sqlx::query(
        "insert into discord_channels (tenant_id, bot_id, channel_id, guild_id, parent_id, name, last_message_id, \
             stopped_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8) \
         on conflict do update set guild_id = excluded.guild_id, \
             parent_id = coalesce(excluded.parent_id, parent_id), name = coalesce(excluded.name, name), \
             last_message_id = max(coalesce(excluded.last_message_id, last_message_id), \
                                   coalesce(last_message_id, excluded.last_message_id)), \
             stopped_at = max(coalesce(excluded.stopped_at, stopped_at), \
                              coalesce(stopped_at, excluded.stopped_at))",
    )
    .bind(tenant.as_str())
    .bind(signed(bot.get()))
    .bind(signed(channel.id.get()))
    .bind(number(channel.guild))
    .bind(number(channel.parent))
    .bind(channel.name.as_deref())
    .bind(number(channel.last_message))
    .bind(channel.stopped_at.map(Timestamp::as_micros))
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

pub async fn of_bot(
    db: &SqlitePool,
    tenant: &TenantId,
    bot: Snowflake,
) -> Result<Vec<KnownChannel>, StoreError> {
    let rows = sqlx::query(OF_BOT)
        .bind(tenant.as_str())
        .bind(signed(bot.get()))
        .fetch_all(db)
        .await
        .map_err(|error| fault("reading channels", error))?;
    rows.iter().map(|row| channel(&Columns(row))).collect()
}

fn channel(row: &Columns<'_>) -> Result<KnownChannel, StoreError> {
    Ok(KnownChannel {
        id: row.snowflake("channel_id")?,
        guild: row.snowflake_if("guild_id")?,
        parent: row.snowflake_if("parent_id")?,
        name: row.get("name")?,
        last_message: row.snowflake_if("last_message_id")?,
        stopped_at: row.time_if("stopped_at")?,
    })
}
