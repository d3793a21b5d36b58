//! The table `discord_questions`.

use husting_domain::agents::Name;
use husting_domain::discord::{
    Attachment, Author, Inbound, InboundState, Place, RequestId, Snowflake,
};
use husting_domain::ids::TenantId;
use husting_domain::time::Timestamp;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Sqlite, SqliteConnection, SqlitePool};

use super::super::columns::{Columns, json, signed};
use super::super::faults::{Explain, fault, touched};
use super::super::words::Word;
use crate::errors::{CommitError, StoreError};

const NOUN: &str = "question";
const READING: &str = "reading questions";

pub const BY_ID: &str = "select * from discord_questions where tenant_id = $1 and request_id = $2";

pub const BY_MESSAGE: &str = "select * from discord_questions where tenant_id = $1 and bot_id = $2 and message_id = $3 \
     order by received_at desc, amends is null limit 1";

pub const ON_BUS: &str = "select * from discord_questions \
     where tenant_id = $1 and bot_id = $2 and bus_id = $3 and amends is null limit 1";

/// Names the states of the partial index, so that it is used.
pub const OPEN: &str = "select * from discord_questions \
     where tenant_id = $1 and bot_id = $2 and state = $3 and state in ('journalled', 'sent', 'parked', 'held') \
     order by received_at, message_id limit $4";

/// `$3` is a list of agents.
pub const TO_ASK: &str = "select * from discord_questions \
     where tenant_id = $1 and bot_id = $2 and state = 'journalled' and state in ('journalled', 'sent', 'parked', 'held') \
       and agent not in (select value from json_each($3)) \
     order by received_at, message_id limit $4";

/// A channel here is the thread where there is one.
pub const ASKED_SINCE: &str = "select exists (select 1 from discord_questions \
     where tenant_id = $1 and bot_id = $2 and received_at > $4 and coalesce(thread_id, channel_id) = $3)";

pub const ENDED: &str = "select * from discord_questions \
     where tenant_id = $1 and bot_id = $2 and state = $3 order by received_at, message_id limit $4";

pub const NEWEST: &str = "select * from discord_questions \
     where tenant_id = $1 and bot_id = $2 order by received_at desc, message_id desc limit $3";

pub const NEWEST_OPEN: &str = "select * from discord_questions \
     where tenant_id = $1 and bot_id = $2 and state = $3 and state in ('journalled', 'sent', 'parked', 'held') \
     order by received_at desc, message_id desc limit $4";

pub const NEWEST_ENDED: &str = "select * from discord_questions \
     where tenant_id = $1 and bot_id = $2 and state = $3 order by received_at desc, message_id desc limit $4";
/// What the operator has put away stays marked: nobody has answered it.
pub const WARNED_IN_VAIN: &str = "select q.* from discord_questions q \
     where q.tenant_id = $1 and q.bot_id = $2 and q.warned = 1 \
         and (q.state in ('journalled', 'sent') or q.state = 'answered' and exists \
             (select 1 from discord_replies r \
              where r.tenant_id = q.tenant_id and r.request_id = q.request_id and r.state = 'posted')) \
         and not exists \
             (select 1 from discord_replies r \
              where r.tenant_id = q.tenant_id and r.request_id = q.request_id and r.state in ('parked', 'barred')) \
         and not exists \
             (select 1 from discord_questions o \
              where o.tenant_id = q.tenant_id and o.bot_id = q.bot_id and o.message_id = q.message_id \
                  and o.state = 'parked') \
     order by +q.received_at limit 100";

/// One that was held is answerable from when it was sent.
pub const EXPIRE: &str = "update discord_questions set state = 'withdrawn', fault = $2 \
     where state = 'sent' and received_at < $1 and coalesce(sent_at, received_at) < $1";

pub const DELETED: &str = "update discord_questions set deleted_at = coalesce(deleted_at, $4) \
     where tenant_id = $1 and bot_id = $2 and message_id = $3";

pub const FORGET: &str = "delete from discord_questions \
     where state in ('answered', 'withdrawn') and received_at < $1 and not exists \
         (select 1 from discord_replies r \
          where r.tenant_id = discord_questions.tenant_id and r.request_id = discord_questions.request_id)";

/// A message that its bot has heard before changes nothing.
pub async fn insert(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    question: &Inbound,
) -> Result<(), CommitError> {
    let Place {
        guild,
        channel,
        thread,
    } = question.place;
    sqlx::query(
        "insert into discord_questions (tenant_id, request_id, bot_id, message_id, guild_id, channel_id, \
             thread_id, author_id, author_name, text, attachments, received_at, agent, state, bus_id, sent_at, \
             read_at, answered_at, fault, amends, deleted_at, rested_at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22) \
         on conflict (tenant_id, bot_id, message_id) where amends is null do nothing",
    )
    .bind(tenant.as_str())
    .bind(question.request.0)
    .bind(signed(question.bot.get()))
    .bind(signed(question.message.get()))
    .bind(guild.map(|guild| signed(guild.get())))
    .bind(signed(channel.get()))
    .bind(thread.map(|thread| signed(thread.get())))
    .bind(signed(question.author.id.get()))
    .bind(&question.author.name)
    .bind(&question.text)
    .bind(json(&question.attachments)?)
    .bind(question.received_at.as_micros())
    .bind(question.agent.as_str())
    .bind(question.state.stored())
    .bind(question.bus_id.as_deref())
    .bind(question.sent_at.map(Timestamp::as_micros))
    .bind(question.read_at.map(Timestamp::as_micros))
    .bind(question.answered_at.map(Timestamp::as_micros))
    .bind(question.fault.as_deref())
    .bind(question.amends.map(|amends| amends.0))
    .bind(question.deleted_at.map(Timestamp::as_micros))
    .bind(question.rested_at.map(Timestamp::as_micros))
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

/// Other words and files, as long as the bus has not got them.
pub async fn amend(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    question: &Inbound,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update discord_questions set text = $3, attachments = $4 \
         where tenant_id = $1 and request_id = $2 and state in ('journalled', 'held')",
    );
    touched(
        change
            .bind(tenant.as_str())
            .bind(question.request.0)
            .bind(&question.text)
            .bind(json(&question.attachments)?)
            .execute(db)
            .await,
        NOUN,
    )
}

/// What became of its files, as long as the bus has not got it.
pub async fn set_files(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    request: RequestId,
    attachments: &[Attachment],
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update discord_questions set attachments = $3 \
         where tenant_id = $1 and request_id = $2 and state in ('journalled', 'held')",
    );
    touched(
        change
            .bind(tenant.as_str())
            .bind(request.0)
            .bind(json(&attachments)?)
            .execute(db)
            .await,
        NOUN,
    )
}

/// What goes from rest to rest has rested all the while.
pub async fn set_state(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    request: RequestId,
    (from, to): (InboundState, InboundState),
    at: Timestamp,
    why: Option<&str>,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update discord_questions set state = $4, fault = $5, \
             rested_at = case when $4 not in ('parked', 'held') then null \
                 when $3 in ('parked', 'held') then rested_at else $6 end \
         where tenant_id = $1 and request_id = $2 and state = $3",
    );
    touched(
        change
            .bind(tenant.as_str())
            .bind(request.0)
            .bind(from.stored())
            .bind(to.stored())
            .bind(why)
            .bind(at.as_micros())
            .execute(db)
            .await,
        NOUN,
    )
}

pub async fn warn(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    request: RequestId,
    stands: bool,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update discord_questions set warned = $3 where tenant_id = $1 and request_id = $2",
    );
    let change = change.bind(tenant.as_str()).bind(request.0).bind(stands);
    touched(change.execute(db).await, NOUN)
}

pub async fn sent(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    request: RequestId,
    bus_id: &str,
    at: Timestamp,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update discord_questions set state = 'sent', bus_id = $3, sent_at = $4, rested_at = null, fault = null \
         where tenant_id = $1 and request_id = $2 and state = 'journalled'",
    );
    touched(
        change
            .bind(tenant.as_str())
            .bind(request.0)
            .bind(bus_id)
            .bind(at.as_micros())
            .execute(db)
            .await,
        NOUN,
    )
}

/// The first time counts.
pub async fn read(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    request: RequestId,
    at: Timestamp,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update discord_questions set read_at = coalesce(read_at, $3) \
         where tenant_id = $1 and request_id = $2",
    );
    touched(
        change
            .bind(tenant.as_str())
            .bind(request.0)
            .bind(at.as_micros())
            .execute(db)
            .await,
        NOUN,
    )
}

/// The message that it was made of was deleted; the first time counts. There may be none.
pub async fn deleted(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    bot: Snowflake,
    message: Snowflake,
    at: Timestamp,
) -> Result<(), CommitError> {
    sqlx::query(DELETED)
        .bind(tenant.as_str())
        .bind(signed(bot.get()))
        .bind(signed(message.get()))
        .bind(at.as_micros())
        .execute(db)
        .await
        .explain(NOUN)?;
    Ok(())
}

/// A reply of its own bot was taken in; the first time counts.
pub async fn answered(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    bot: Snowflake,
    request: RequestId,
    at: Timestamp,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update discord_questions set state = 'answered', answered_at = coalesce(answered_at, $4), rested_at = null, \
             fault = null \
         where tenant_id = $1 and request_id = $2 and bot_id = $3",
    );
    touched(
        change
            .bind(tenant.as_str())
            .bind(request.0)
            .bind(signed(bot.get()))
            .bind(at.as_micros())
            .execute(db)
            .await,
        NOUN,
    )
}

/// Ends those of every tenant that were asked before a moment and have no reply.
pub async fn expire(
    db: &mut SqliteConnection,
    before: Timestamp,
    why: &str,
) -> Result<(), CommitError> {
    sqlx::query(EXPIRE)
        .bind(before.as_micros())
        .bind(why)
        .execute(db)
        .await
        .explain(NOUN)?;
    Ok(())
}

/// Drops those of every tenant that have ended, were heard before a moment and have no reply left.
pub async fn forget(db: &mut SqliteConnection, before: Timestamp) -> Result<(), CommitError> {
    sqlx::query(FORGET)
        .bind(before.as_micros())
        .execute(db)
        .await
        .explain(NOUN)?;
    Ok(())
}

pub async fn by_id(
    db: &SqlitePool,
    tenant: &TenantId,
    request: RequestId,
) -> Result<Option<Inbound>, StoreError> {
    let row = sqlx::query(BY_ID).bind(tenant.as_str()).bind(request.0);
    found(db, row).await
}

pub async fn warned_in_vain(
    db: &SqlitePool,
    tenant: &TenantId,
    bot: Snowflake,
) -> Result<Vec<Inbound>, StoreError> {
    listed(db, of_bot(WARNED_IN_VAIN, tenant, bot)).await
}

pub async fn by_message(
    db: &SqlitePool,
    tenant: &TenantId,
    bot: Snowflake,
    message: Snowflake,
) -> Result<Option<Inbound>, StoreError> {
    let row = of_bot(BY_MESSAGE, tenant, bot).bind(signed(message.get()));
    found(db, row).await
}

pub async fn on_bus(
    db: &SqlitePool,
    tenant: &TenantId,
    bot: Snowflake,
    bus_id: &str,
) -> Result<Option<Inbound>, StoreError> {
    found(db, of_bot(ON_BUS, tenant, bot).bind(bus_id.to_owned())).await
}

/// In the order in which they were heard.
pub async fn in_state(
    db: &SqlitePool,
    tenant: &TenantId,
    bot: Snowflake,
    state: InboundState,
    limit: u32,
) -> Result<Vec<Inbound>, StoreError> {
    let rows = of_bot(statement(state), tenant, bot)
        .bind(state.stored())
        .bind(limit);
    listed(db, rows).await
}

/// Those that are journalled, in the order in which they were heard, without those to some agents.
pub async fn to_ask(
    db: &SqlitePool,
    tenant: &TenantId,
    bot: Snowflake,
    without: &[Name],
    limit: u32,
) -> Result<Vec<Inbound>, StoreError> {
    let without: Vec<_> = without.iter().map(Name::as_str).collect();
    let without = json(&without)?;
    let rows = of_bot(TO_ASK, tenant, bot).bind(without).bind(limit);
    listed(db, rows).await
}

/// Whether anything was asked in a channel or thread after a moment.
pub async fn asked_since(
    db: &SqlitePool,
    tenant: &TenantId,
    bot: Snowflake,
    channel: Snowflake,
    since: Timestamp,
) -> Result<bool, StoreError> {
    sqlx::query_scalar(ASKED_SINCE)
        .bind(tenant.as_str())
        .bind(signed(bot.get()))
        .bind(signed(channel.get()))
        .bind(since.as_micros())
        .fetch_one(db)
        .await
        .map_err(|error| fault(READING, error))
}

fn statement(state: InboundState) -> &'static str {
    match state {
        InboundState::Journalled
        | InboundState::Sent
        | InboundState::Parked
        | InboundState::Held => OPEN,
        InboundState::Answered | InboundState::Withdrawn => ENDED,
    }
}

/// The newest in one state, newest first.
pub async fn newest_in_state(
    db: &SqlitePool,
    tenant: &TenantId,
    bot: Snowflake,
    state: InboundState,
    limit: u32,
) -> Result<Vec<Inbound>, StoreError> {
    let newest = match statement(state) {
        OPEN => NEWEST_OPEN,
        _ => NEWEST_ENDED,
    };
    let rows = of_bot(newest, tenant, bot).bind(state.stored()).bind(limit);
    listed(db, rows).await
}

/// Newest first.
pub async fn newest(
    db: &SqlitePool,
    tenant: &TenantId,
    bot: Snowflake,
    limit: u32,
) -> Result<Vec<Inbound>, StoreError> {
    let rows = of_bot(NEWEST, tenant, bot).bind(limit);
    listed(db, rows).await
}

/// A statement about one bot's, of which the first two values are bound.
fn of_bot<'q>(
    sql: &'static str,
    tenant: &'q TenantId,
    bot: Snowflake,
) -> Query<'q, Sqlite, SqliteArguments> {
    let query = sqlx::query(sql).bind(tenant.as_str());
    query.bind(signed(bot.get()))
}

async fn listed(
    db: &SqlitePool,
    query: Query<'_, Sqlite, SqliteArguments>,
) -> Result<Vec<Inbound>, StoreError> {
    let rows = query.fetch_all(db).await;
    questions(&rows.map_err(|error| fault(READING, error))?)
}

async fn found(
    db: &SqlitePool,
    query: Query<'_, Sqlite, SqliteArguments>,
) -> Result<Option<Inbound>, StoreError> {
    let row = query.fetch_optional(db).await;
    let row = row.map_err(|error| fault(READING, error))?;
    row.map(|row| question(&Columns(&row))).transpose()
}

pub(super) fn questions(rows: &[SqliteRow]) -> Result<Vec<Inbound>, StoreError> {
    rows.iter().map(|row| question(&Columns(row))).collect()
}

fn question(row: &Columns<'_>) -> Result<Inbound, StoreError> {
    Ok(Inbound {
        request: row.id("request_id")?,
        amends: row.id_if("amends")?,
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
        text: row.get("text")?,
        attachments: row.json("attachments")?,
        received_at: row.time("received_at")?,
        agent: row.name("agent")?,
        state: row.word("state")?,
        bus_id: row.get("bus_id")?,
        sent_at: row.time_if("sent_at")?,
        read_at: row.time_if("read_at")?,
        answered_at: row.time_if("answered_at")?,
        deleted_at: row.time_if("deleted_at")?,
        rested_at: row.time_if("rested_at")?,
        fault: row.get("fault")?,
    })
}
