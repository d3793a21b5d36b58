//! What passed through the bridge, counted.

use husting_domain::discord::Snowflake;
use husting_domain::ids::TenantId;
use husting_domain::time::Timestamp;
use sqlx::SqlitePool;

use super::super::columns::{Columns, signed};
use super::super::faults::fault;
use crate::discord::{DiscordFigures, DiscordOpen, UnnamedReplies};
use crate::errors::StoreError;

const READING: &str = "counting the bridge's messages";

pub const QUESTIONS: &str = "select count(*) from discord_questions \
     where tenant_id = $1 and bot_id = $2 and received_at >= $3 and amends is null";

pub const DELIVERED: &str = "select count(*) from discord_replies r \
     where tenant_id = $1 and bot_id = $2 and arrived_at >= $3 and state = 'posted' and exists \
         (select 1 from discord_posts p where p.tenant_id = r.tenant_id and p.reply_id = r.reply_id)";

/// Between the two in the middle where there is an even number.
pub const MEDIAN: &str = "select sum(micros) / count(*) from \
         (select answered_at - received_at as micros, \
             row_number() over (order by answered_at - received_at) as place, count(*) over () as n \
          from discord_questions \
          where tenant_id = $1 and bot_id = $2 and received_at >= $3 and amends is null \
             and answered_at is not null) \
     where place in ((n + 1) / 2, (n + 2) / 2)";

/// Names the states of the partial indexes, so that they are used.
pub const OPEN_REPLIES: &str = "select state, count(*) as n from discord_replies \
     where tenant_id = $1 and bot_id = $2 and state in ('unplaced', 'waiting', 'barred', 'parked') group by state";

pub const OPEN_QUESTIONS: &str = "select state, count(*) as n from discord_questions \
     where tenant_id = $1 and bot_id = $2 and state in ('journalled', 'parked', 'held') \
         and state in ('journalled', 'sent', 'parked', 'held') group by state";

pub const OPEN_PANELS: &str = "select stage as state, count(*) as n from discord_panels \
     where tenant_id = $1 and bot_id = $2 and stage in ('convening', 'advancing') \
         and stage in ('convening', 'advancing', 'running') group by stage";

pub const UNNAMED: &str = "select agent, count(*) as replies from discord_replies \
     where tenant_id = $1 and bot_id = $2 and arrived_at >= $3 and unnamed = 1 \
     group by agent order by replies desc, agent limit 100";

pub async fn since(
    db: &SqlitePool,
    tenant: &TenantId,
    bot: Snowflake,
    since: Timestamp,
) -> Result<DiscordFigures, StoreError> {
    Ok(DiscordFigures {
        questions: number(db, QUESTIONS, tenant, bot, since)
            .await?
            .unwrap_or(0),
        delivered: number(db, DELIVERED, tenant, bot, since)
            .await?
            .unwrap_or(0),
        median_answer_micros: number(db, MEDIAN, tenant, bot, since).await?,
    })
}

pub async fn open(
    db: &SqlitePool,
    tenant: &TenantId,
    bot: Snowflake,
) -> Result<DiscordOpen, StoreError> {
    let mut open = DiscordOpen::default();
    for statement in [OPEN_REPLIES, OPEN_QUESTIONS, OPEN_PANELS] {
        let rows = sqlx::query(statement)
            .bind(tenant.as_str())
            .bind(signed(bot.get()))
            .fetch_all(db)
            .await
            .map_err(|error| fault(READING, error))?;
        for row in &rows {
            let row = Columns(row);
            let (state, count): (String, u32) = (row.get("state")?, row.get("n")?);
            match state.as_str() {
                "unplaced" => open.unplaced += count,
                "held" => open.held += count,
                "journalled" => open.to_ask += count,
                "waiting" => open.to_post += count,
                "convening" | "advancing" => open.to_convene += count,
                _ => open.parked += count,
            }
        }
    }
    Ok(open)
}

async fn number<N>(
    db: &SqlitePool,
    statement: &'static str,
    tenant: &TenantId,
    bot: Snowflake,
    since: Timestamp,
) -> Result<Option<N>, StoreError>
where
    N: for<'r> sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite> + Send + Unpin,
{
    sqlx::query_scalar(statement)
        .bind(tenant.as_str())
        .bind(signed(bot.get()))
        .bind(since.as_micros())
        .fetch_one(db)
        .await
        .map_err(|error| fault(READING, error))
}

pub async fn unnamed(
    db: &SqlitePool,
    tenant: &TenantId,
    bot: Snowflake,
    since: Timestamp,
) -> Result<Vec<UnnamedReplies>, StoreError> {
    let rows = sqlx::query(UNNAMED)
        .bind(tenant.as_str())
        .bind(signed(bot.get()))
        .bind(since.as_micros())
        .fetch_all(db)
        .await
        .map_err(|error| fault(READING, error))?;
    let of = |row| {
        let row = Columns(row);
        Ok(UnnamedReplies {
            agent: row.get("agent")?,
            replies: row.get("replies")?,
        })
    };
    rows.iter().map(of).collect()
}
