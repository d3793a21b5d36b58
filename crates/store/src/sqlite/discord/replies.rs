//! The table `discord_replies`, with the messages that replies are made of.

use husting_domain::discord::{Place, Post, Reply, ReplyState, RequestId, Snowflake};
use husting_domain::ids::TenantId;
use husting_domain::time::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{SqliteConnection, SqlitePool};
use uuid::Uuid;

use super::super::columns::{Columns, signed};
use super::super::faults::{Explain, fault, touched};
use super::super::words::Word;
use super::{posts, questions};
use crate::discord::ReplyWithPosts;
use crate::errors::{CommitError, StoreError};

const NOUN: &str = "reply";
const READING: &str = "reading replies";

pub const HAS: &str = "select exists (select 1 from discord_replies \
     where tenant_id = $1 and bot_id = $2 and bus_id = $3)";

pub const KEEPS: &str =
    "select exists (select 1 from discord_replies where tenant_id = $1 and bus_id = $2)";

pub const COUNT: &str =
    "select count(*) from discord_replies where tenant_id = $1 and request_id = $2";

/// Replies that a condition chooses, each in as many rows as it has messages. One statement, so that
/// a reply and its messages are of one moment.
macro_rules! joined {
    ($condition:literal $(, $limit:literal)?) => {
        concat!(
            "select asked.*, part, content, file_name, file_words, nonce, message_id \
             from (select * from discord_replies where ",
            $condition,
            $($limit,)?
            ") asked \
             left join discord_posts on discord_posts.tenant_id = asked.tenant_id and discord_posts.reply_id = asked.reply_id \
             order by asked.arrived_at, asked.reply_id, part"
        )
    };
}
pub(super) use joined;

/// Names the states of the partial index, so that it is used.
pub const OPEN: &str = joined!(
    "tenant_id = $1 and bot_id = $2 and state = $3 and state in ('unplaced', 'waiting', 'barred', 'parked')",
    " order by arrived_at, reply_id limit $4"
);

/// Of one server, or without `$3` all.
pub const UNBAR: &str = "update discord_replies set state = 'waiting', rested_at = null, fault = null \
     where tenant_id = $1 and bot_id = $2 and state = 'barred' and state in ('unplaced', 'waiting', 'barred', 'parked') \
       and ($3 is null or guild_id = $3)";

pub const ENDED: &str = joined!(
    "tenant_id = $1 and bot_id = $2 and state = $3",
    " order by arrived_at, reply_id limit $4"
);

/// A channel here is the thread where there is one.
pub const NEXT: &str = joined!(
    "tenant_id = $1 and bot_id = $2 and state = 'waiting' and coalesce(thread_id, channel_id) = $3",
    " order by arrived_at, reply_id limit $4"
);

pub const PLACES: &str = "select distinct coalesce(thread_id, channel_id) as place from discord_replies \
     where tenant_id = $1 and bot_id = $2 and state = 'waiting'";

pub const FORGET: &str =
    "delete from discord_replies where state in ('posted', 'dismissed') and arrived_at < $1";

/// Mail that was taken in before changes nothing.
pub async fn keep(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    reply: &Reply,
    posts: &[Post],
) -> Result<(), CommitError> {
    if !insert(&mut *db, tenant, reply).await? {
        return Ok(());
    }
    posts::replace(&mut *db, tenant, reply.id, posts).await?;
    answer(db, tenant, reply).await
}

/// Whether it was not there.
async fn insert(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    reply: &Reply,
) -> Result<bool, CommitError> {
    let [guild, channel, thread] = columns_of(reply.place);
    let inserted = sqlx::query(
        "insert into discord_replies (tenant_id, reply_id, bot_id, bus_id, agent, text, ok, request_id, guild_id, \
             channel_id, thread_id, reply_to, arrived_at, state, fault, unnamed, rested_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) \
         on conflict (tenant_id, bot_id, bus_id) do nothing",
    )
    .bind(tenant.as_str())
    .bind(reply.id)
    .bind(signed(reply.bot.get()))
    .bind(&reply.bus_id)
    .bind(&reply.agent)
    .bind(&reply.text)
    .bind(reply.ok)
    .bind(reply.request.map(|request| request.0))
    .bind(guild)
    .bind(channel)
    .bind(thread)
    .bind(number(reply.reply_to))
    .bind(reply.arrived_at.as_micros())
    .bind(reply.state.stored())
    .bind(reply.fault.as_deref())
    .bind(reply.request.is_none())
    .bind(reply.rested_at.map(Timestamp::as_micros))
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(inserted.rows_affected() > 0)
}

/// What the reply names is answered.
async fn answer(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    reply: &Reply,
) -> Result<(), CommitError> {
    match reply.request {
        Some(request) => {
            questions::answered(db, tenant, reply.bot, request, reply.arrived_at).await
        }
        None => Ok(()),
    }
}

/// Where it came from, who wrote and when stay as they were.
pub async fn place(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    reply: &Reply,
    posts: &[Post],
) -> Result<(), CommitError> {
    let [guild, channel, thread] = columns_of(reply.place);
    let change = sqlx::query(
        "update discord_replies set state = 'waiting', text = $4, ok = $5, request_id = $6, guild_id = $7, \
             channel_id = $8, thread_id = $9, reply_to = $10, fault = $11, rested_at = null \
         where tenant_id = $1 and reply_id = $2 and bot_id = $3 and state = 'unplaced'",
    );
    touched(
        change
            .bind(tenant.as_str())
            .bind(reply.id)
            .bind(signed(reply.bot.get()))
            .bind(&reply.text)
            .bind(reply.ok)
            .bind(reply.request.map(|request| request.0))
            .bind(guild)
            .bind(channel)
            .bind(thread)
            .bind(number(reply.reply_to))
            .bind(reply.fault.as_deref())
            .execute(&mut *db)
            .await,
        NOUN,
    )?;
    posts::replace(&mut *db, tenant, reply.id, posts).await?;
    answer(db, tenant, reply).await
}

/// A message stands in Discord, and with the last one the reply.
pub async fn posted(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    reply: Uuid,
    part: u32,
    message: Snowflake,
) -> Result<(), CommitError> {
    posts::stands(&mut *db, tenant, reply, part, message).await?;
    if !posts::is_whole(&mut *db, tenant, reply).await? {
        return Ok(());
    }
    let change = sqlx::query(
        "update discord_replies set state = 'posted', rested_at = null, fault = null \
         where tenant_id = $1 and reply_id = $2",
    );
    touched(
        change.bind(tenant.as_str()).bind(reply).execute(db).await,
        NOUN,
    )
}

/// There may be none.
pub async fn unbar(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    bot: Snowflake,
    guild: Option<Snowflake>,
) -> Result<(), CommitError> {
    sqlx::query(UNBAR)
        .bind(tenant.as_str())
        .bind(signed(bot.get()))
        .bind(number(guild))
        .execute(db)
        .await
        .explain(NOUN)?;
    Ok(())
}

/// What goes from rest to rest has rested all the while.
pub async fn set_state(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    reply: Uuid,
    (from, to): (ReplyState, ReplyState),
    at: Timestamp,
    why: Option<&str>,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update discord_replies set state = $4, fault = $5, \
             rested_at = case when $4 not in ('unplaced', 'barred', 'parked') then null \
                 when $3 in ('unplaced', 'barred', 'parked') then rested_at else $6 end \
         where tenant_id = $1 and reply_id = $2 and state = $3",
    );
    touched(
        change
            .bind(tenant.as_str())
            .bind(reply)
            .bind(from.stored())
            .bind(to.stored())
            .bind(why)
            .bind(at.as_micros())
            .execute(db)
            .await,
        NOUN,
    )
}

/// Drops those of every tenant that have ended and arrived before a moment, with their messages.
pub async fn forget(db: &mut SqliteConnection, before: Timestamp) -> Result<(), CommitError> {
    sqlx::query(FORGET)
        .bind(before.as_micros())
        .execute(db)
        .await
        .explain(NOUN)?;
    Ok(())
}

/// Whether mail of the bus was taken in.
pub async fn has(
    db: &SqlitePool,
    tenant: &TenantId,
    bot: Snowflake,
    bus_id: &str,
) -> Result<bool, StoreError> {
    sqlx::query_scalar(HAS)
        .bind(tenant.as_str())
        .bind(signed(bot.get()))
        .bind(bus_id)
        .fetch_one(db)
        .await
        .map_err(|error| fault(READING, error))
}

/// Whether mail of the bus was taken in for any bot.
pub async fn keeps(db: &SqlitePool, tenant: &TenantId, bus_id: &str) -> Result<bool, StoreError> {
    sqlx::query_scalar(KEEPS)
        .bind(tenant.as_str())
        .bind(bus_id)
        .fetch_one(db)
        .await
        .map_err(|error| fault(READING, error))
}

/// How many a question has.
pub async fn count(
    db: &SqlitePool,
    tenant: &TenantId,
    request: RequestId,
) -> Result<u32, StoreError> {
    sqlx::query_scalar(COUNT)
        .bind(tenant.as_str())
        .bind(request.0)
        .fetch_one(db)
        .await
        .map_err(|error| fault(READING, error))
}

/// In the order in which they arrived.
pub async fn in_state(
    db: &SqlitePool,
    tenant: &TenantId,
    bot: Snowflake,
    state: ReplyState,
    limit: u32,
) -> Result<Vec<ReplyWithPosts>, StoreError> {
    let rows = sqlx::query(statement(state))
        .bind(tenant.as_str())
        .bind(signed(bot.get()))
        .bind(state.stored())
        .bind(limit)
        .fetch_all(db)
        .await
        .map_err(|error| fault(READING, error))?;
    with_posts(&rows)
}

/// The one that arrived first of those that are to be posted in a channel or thread.
pub async fn next(
    db: &SqlitePool,
    tenant: &TenantId,
    bot: Snowflake,
    channel: Snowflake,
) -> Result<Option<ReplyWithPosts>, StoreError> {
    let rows = sqlx::query(NEXT)
        .bind(tenant.as_str())
        .bind(signed(bot.get()))
        .bind(signed(channel.get()))
        .bind(1)
        .fetch_all(db)
        .await
        .map_err(|error| fault(READING, error))?;
    Ok(with_posts(&rows)?.into_iter().next())
}

/// Where something is to be posted.
pub async fn places(
    db: &SqlitePool,
    tenant: &TenantId,
    bot: Snowflake,
) -> Result<Vec<Snowflake>, StoreError> {
    let rows = sqlx::query(PLACES)
        .bind(tenant.as_str())
        .bind(signed(bot.get()))
        .fetch_all(db)
        .await
        .map_err(|error| fault(READING, error))?;
    let rows = rows.iter().map(Columns);
    rows.map(|row| row.snowflake("place")).collect()
}

fn statement(state: ReplyState) -> &'static str {
    match state {
        ReplyState::Unplaced | ReplyState::Waiting | ReplyState::Barred | ReplyState::Parked => {
            OPEN
        }
        ReplyState::Posted | ReplyState::Dismissed => ENDED,
    }
}

/// Rows of one reply stand beside each other.
pub(super) fn with_posts(rows: &[SqliteRow]) -> Result<Vec<ReplyWithPosts>, StoreError> {
    let mut replies: Vec<ReplyWithPosts> = Vec::new();
    for row in rows.iter().map(Columns) {
        let (id, post) = (row.get::<Uuid>("reply_id")?, posts::joined(&row)?);
        match replies.last_mut().filter(|last| last.reply.id == id) {
            Some(same) => same.posts.extend(post),
            None => replies.push(ReplyWithPosts {
                reply: reply(&row)?,
                posts: Vec::from_iter(post),
            }),
        }
    }
    Ok(replies)
}

fn reply(row: &Columns<'_>) -> Result<Reply, StoreError> {
    Ok(Reply {
        id: row.get("reply_id")?,
        bot: row.snowflake("bot_id")?,
        bus_id: row.get("bus_id")?,
        agent: row.get("agent")?,
        text: row.get("text")?,
        ok: row.get("ok")?,
        request: row.id_if("request_id")?,
        place: place_of(row)?,
        reply_to: row.snowflake_if("reply_to")?,
        arrived_at: row.time("arrived_at")?,
        state: row.word("state")?,
        rested_at: row.time_if("rested_at")?,
        fault: row.get("fault")?,
    })
}

fn place_of(row: &Columns<'_>) -> Result<Option<Place>, StoreError> {
    let Some(channel) = row.snowflake_if("channel_id")? else {
        return Ok(None);
    };
    Ok(Some(Place {
        guild: row.snowflake_if("guild_id")?,
        channel,
        thread: row.snowflake_if("thread_id")?,
    }))
}

/// Server, channel and thread.
fn columns_of(place: Option<Place>) -> [Option<i64>; 3] {
    let Some(place) = place else {
        return [None; 3];
    };
    [place.guild, Some(place.channel), place.thread].map(number)
}

fn number(id: Option<Snowflake>) -> Option<i64> {
    id.map(|id| signed(id.get()))
}
