//! The journal page by page, newest first. A page goes on to the end of its last moment, so that the
//! moment alone says where the next one begins.

use husting_domain::discord::{Inbound, RequestId, Snowflake};
use husting_domain::ids::TenantId;
use husting_domain::time::Timestamp;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;

use super::super::columns::signed;
use super::super::faults::fault;
use super::{questions, replies};
use crate::discord::ReplyWithPosts;
use crate::errors::StoreError;

const READING: &str = "reading the bridge's journal";

pub const QUESTIONS: &str = "select * from discord_questions \
     where tenant_id = $1 and bot_id = $2 and received_at < $3 and received_at >= coalesce( \
         (select received_at from discord_questions \
          where tenant_id = $1 and bot_id = $2 and received_at < $3 \
          order by received_at desc limit 1 offset $4), -9223372036854775808) \
     order by received_at desc, message_id desc, request_id desc";

pub const REPLIES: &str = replies::joined!(
    "tenant_id = $1 and bot_id = $2 and arrived_at < $3 and arrived_at >= coalesce( \
         (select arrived_at from discord_replies \
          where tenant_id = $1 and bot_id = $2 and arrived_at < $3 \
          order by arrived_at desc limit 1 offset $4), -9223372036854775808)"
);

pub const OF_MESSAGE: &str = "select * from discord_questions \
     where tenant_id = $1 and bot_id = $2 and message_id = $3 order by +received_at, request_id";

pub const REPLY: &str = replies::joined!("tenant_id = $1 and reply_id = $2");

pub const TO_QUESTION: &str = replies::joined!("tenant_id = $1 and request_id = $2");

pub async fn questions_before(
    db: &SqlitePool,
    tenant: &TenantId,
    bot: Snowflake,
    before: Option<Timestamp>,
    limit: u32,
) -> Result<Vec<Inbound>, StoreError> {
    let rows = rows(db, (QUESTIONS, READING), tenant, bot, before, limit).await?;
    questions::questions(&rows)
}

pub async fn replies_before(
    db: &SqlitePool,
    tenant: &TenantId,
    bot: Snowflake,
    before: Option<Timestamp>,
    limit: u32,
) -> Result<Vec<ReplyWithPosts>, StoreError> {
    let rows = rows(db, (REPLIES, READING), tenant, bot, before, limit).await?;
    let mut page = replies::with_posts(&rows)?;
    page.reverse();
    Ok(page)
}

/// The rows of a page by a query that takes tenant, bot, moment and how many go before its last moment; beside it
/// what is said to be done where it fails.
pub(super) async fn rows(
    db: &SqlitePool,
    (query, reading): (&'static str, &'static str),
    tenant: &TenantId,
    bot: Snowflake,
    before: Option<Timestamp>,
    limit: u32,
) -> Result<Vec<SqliteRow>, StoreError> {
    sqlx::query(query)
        .bind(tenant.as_str())
        .bind(signed(bot.get()))
        .bind(before.map_or(i64::MAX, Timestamp::as_micros))
        .bind(limit.saturating_sub(1))
        .fetch_all(db)
        .await
        .map_err(|error| fault(reading, error))
}

/// The question, then the notes that it was edited.
pub async fn of_message(
    db: &SqlitePool,
    tenant: &TenantId,
    bot: Snowflake,
    message: Snowflake,
) -> Result<Vec<Inbound>, StoreError> {
    let rows = sqlx::query(OF_MESSAGE)
        .bind(tenant.as_str())
        .bind(signed(bot.get()))
        .bind(signed(message.get()))
        .fetch_all(db)
        .await
        .map_err(|error| fault(READING, error))?;
    questions::questions(&rows)
}

pub async fn reply(
    db: &SqlitePool,
    tenant: &TenantId,
    reply: Uuid,
) -> Result<Option<ReplyWithPosts>, StoreError> {
    let rows = sqlx::query(REPLY)
        .bind(tenant.as_str())
        .bind(reply)
        .fetch_all(db)
        .await
        .map_err(|error| fault(READING, error))?;
    Ok(replies::with_posts(&rows)?.pop())
}

/// In the order in which they arrived.
pub async fn to_question(
    db: &SqlitePool,
    tenant: &TenantId,
    request: RequestId,
) -> Result<Vec<ReplyWithPosts>, StoreError> {
    let rows = sqlx::query(TO_QUESTION)
        .bind(tenant.as_str())
        .bind(request.0)
        .fetch_all(db)
        .await
        .map_err(|error| fault(READING, error))?;
    replies::with_posts(&rows)
}
