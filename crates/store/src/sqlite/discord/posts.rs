//! The table `discord_posts`.

use husting_domain::discord::{Post, Snowflake};
use husting_domain::ids::TenantId;
use sqlx::{SqliteConnection, SqlitePool};
use uuid::Uuid;

use super::super::columns::{Columns, signed};
use super::super::faults::{Explain, fault, touched};
use crate::errors::{CommitError, StoreError};

const NOUN: &str = "post";

pub const IS_WHOLE: &str = "select not exists \
     (select 1 from discord_posts where tenant_id = $1 and reply_id = $2 and message_id is null)";

pub const IS_NOTED: &str =
    "select exists (select 1 from discord_posts where tenant_id = $1 and message_id = $2)";

/// The messages of a reply, in place of those that it had.
pub async fn replace(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    reply: Uuid,
    posts: &[Post],
) -> Result<(), CommitError> {
    sqlx::query("delete from discord_posts where tenant_id = $1 and reply_id = $2")
        .bind(tenant.as_str())
        .bind(reply)
        .execute(&mut *db)
        .await
        .explain(NOUN)?;
    for post in posts {
        insert(&mut *db, tenant, reply, post).await?;
    }
    Ok(())
}

async fn insert(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    reply: Uuid,
    post: &Post,
) -> Result<(), CommitError> {
    let (name, words) = post
        .file
        .as_ref()
        .map(|(name, words)| (name, words))
        .unzip();
    sqlx::query(
        "insert into discord_posts (tenant_id, reply_id, part, content, file_name, file_words, nonce, message_id) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(tenant.as_str())
    .bind(reply)
    .bind(post.part)
    .bind(&post.content)
    .bind(name)
    .bind(words)
    .bind(&post.nonce)
    .bind(post.message.map(|message| signed(message.get())))
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

/// A message stands in Discord; the id that was told first stays.
pub async fn stands(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    reply: Uuid,
    part: u32,
    message: Snowflake,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update discord_posts set message_id = coalesce(message_id, $4) \
         where tenant_id = $1 and reply_id = $2 and part = $3",
    );
    touched(
        change
            .bind(tenant.as_str())
            .bind(reply)
            .bind(part)
            .bind(signed(message.get()))
            .execute(db)
            .await,
        NOUN,
    )
}

/// Whether no message of a reply is left to post.
pub async fn is_whole(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    reply: Uuid,
) -> Result<bool, StoreError> {
    sqlx::query_scalar(IS_WHOLE)
        .bind(tenant.as_str())
        .bind(reply)
        .fetch_one(db)
        .await
        .map_err(|error| fault("reading posts", error))
}

/// Whether a message of Discord's is part of a reply.
pub async fn is_noted(
    db: &SqlitePool,
    tenant: &TenantId,
    message: Snowflake,
) -> Result<bool, StoreError> {
    sqlx::query_scalar(IS_NOTED)
        .bind(tenant.as_str())
        .bind(signed(message.get()))
        .fetch_one(db)
        .await
        .map_err(|error| fault("reading posts", error))
}

/// The message in a row of a reply that was joined with its messages; none in one without.
pub fn joined(row: &Columns<'_>) -> Result<Option<Post>, StoreError> {
    let Some(part) = row.number_if("part")? else {
        return Ok(None);
    };
    let name: Option<String> = row.get("file_name")?;
    Ok(Some(Post {
        reply: row.get("reply_id")?,
        part,
        content: row.get("content")?,
        file: name.zip(row.get("file_words")?),
        nonce: row.get("nonce")?,
        message: row.snowflake_if("message_id")?,
    }))
}
