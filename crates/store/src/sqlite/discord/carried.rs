//! What a backup that is put back has to know of the store that it replaces: how far the Discord bridge has come. Of
//! nothing else a restore is a way back; but what was said in Discord since stands there, and would be answered again.
//!
//! Only columns that were there from the first are written and read here: neither file may be up to date.

use std::path::Path;

use husting_domain::discord::Snowflake;
use husting_domain::discord_panels::BEHIND;
use husting_domain::time::Timestamp;
use sqlx::{Connection, SqliteConnection};

use super::super::columns::signed;
use super::super::connections::look;
use super::super::faults::fault;
use crate::errors::BackupError;

const CARRYING: &str = "telling the backup how far the bridge has come";

/// Why something rests that may have ended after the backup was made.
const UNKNOWN: &str =
    "A backup was put back that was made before this ended; whether it ended since is not known.";

/// Without the last of these a backup is older than all that is told.
const TABLES: [&str; 8] = [
    "messages",
    "rounds",
    "discord_sessions",
    "discord_channels",
    "discord_questions",
    "discord_replies",
    "discord_posts",
    "discord_panels",
];

/// Bots that the replaced store heard last. What the backup has of any other goes no further than the backup.
const HEARD_ON: &str = "create temp table heard_on as \
     select w.tenant_id, w.bot_id from replaced.discord_sessions w \
     left join main.discord_sessions m on m.tenant_id = w.tenant_id and m.bot_id = w.bot_id \
     where m.at is null or m.at <= w.at";

/// Questions of the replaced store that ask nobody any more: they have ended, or their agent acknowledged them and is to
/// answer. Not where an answer, or that to what they amend, does not stand in Discord yet: that is asked again.
const SETTLED: &str = "create temp table settled as \
     select w.* from replaced.discord_questions w \
     where (w.state in ('answered', 'withdrawn') or (w.state = 'sent' and exists \
             (select 1 from replaced.messages m \
              where m.tenant_id = w.tenant_id and m.message_id = unhex(replace(w.bus_id, '-', '')) \
                  and m.state = 'done'))) \
         and not exists \
             (select 1 from replaced.discord_replies r \
              where r.tenant_id = w.tenant_id and r.request_id in (w.request_id, w.amends) \
                  and r.state in ('unplaced', 'waiting', 'barred', 'parked'))";

/// In their order. `$1` is the moment, `$2` the least id of a message of it, `$3` the words of [`UNKNOWN`],
/// `$4` the mark of a panel whose message is behind.
const CHANGES: [&str; 18] = [
    // A gateway's session goes on where it was heard last, and so does each channel.
    "insert into main.discord_sessions (tenant_id, bot_id, session_id, resume_url, sequence, at) \
     select w.tenant_id, w.bot_id, w.session_id, w.resume_url, w.sequence, w.at from replaced.discord_sessions w \
     where (w.tenant_id, w.bot_id) in (select tenant_id, bot_id from heard_on) \
     on conflict do update set session_id = excluded.session_id, resume_url = excluded.resume_url, \
         sequence = excluded.sequence, at = excluded.at",
    "insert into main.discord_channels (tenant_id, bot_id, channel_id, guild_id, parent_id, name, last_message_id, \
         stopped_at) \
     select w.tenant_id, w.bot_id, w.channel_id, w.guild_id, w.parent_id, w.name, w.last_message_id, w.stopped_at \
     from replaced.discord_channels w \
     where (w.tenant_id, w.bot_id) in (select tenant_id, bot_id from heard_on) \
     on conflict do update set \
         last_message_id = nullif(max(coalesce(excluded.last_message_id, 0), coalesce(last_message_id, 0)), 0), \
         stopped_at = nullif(max(coalesce(excluded.stopped_at, 0), coalesce(stopped_at, 0)), 0)",
    // A new session: what the old one would give again is known to nobody here.
    "update main.discord_sessions set session_id = '', resume_url = '', sequence = 0, at = max(at, $1) \
     where (tenant_id, bot_id) not in (select tenant_id, bot_id from heard_on)",
    "update main.discord_channels set last_message_id = max(last_message_id, $2) \
     where last_message_id is not null and (tenant_id, bot_id) not in (select tenant_id, bot_id from heard_on)",
    // What is settled since, and first the mail by which it was asked here: there it may have gone by another.
    "update main.messages set state = 'withdrawn', leased_until = null, ended_at = $1 \
     where state in ('waiting', 'leased') and message_id in \
         (select unhex(replace(q.bus_id, '-', '')) from main.discord_questions q \
          join settled w on w.tenant_id = q.tenant_id and w.request_id = q.request_id \
          where q.state = 'sent' and q.bus_id is not w.bus_id)",
    "update main.discord_questions as q set state = w.state, bus_id = w.bus_id, sent_at = w.sent_at, \
         read_at = w.read_at, answered_at = w.answered_at, fault = w.fault \
     from settled w \
     where w.tenant_id = q.tenant_id and w.request_id = q.request_id and q.state in ('journalled', 'sent')",
    "update main.discord_posts as p set message_id = w.message_id from replaced.discord_posts w \
     where w.tenant_id = p.tenant_id and w.reply_id = p.reply_id and w.part = p.part and p.message_id is null",
    // One that was barred has rested since a moment, which one that is posted may not have.
    "update main.discord_replies as r set state = iif(r.state = 'barred', 'parked', w.state), \
         fault = iif(r.state = 'barred', $3, w.fault) \
     from replaced.discord_replies w \
     where w.tenant_id = r.tenant_id and w.reply_id = r.reply_id and r.state in ('waiting', 'barred') \
         and w.state in ('posted', 'dismissed')",
    // Its mail has ended with it: nobody reads it anew, and thinks about it again.
    "update main.messages as m set state = w.state, fetched_at = w.fetched_at, leased_until = null, \
         acknowledged_at = w.acknowledged_at, acknowledged_by = w.acknowledged_by, answered_at = w.answered_at, \
         answered_by = w.answered_by, ended_at = w.ended_at \
     from replaced.messages w \
     where w.tenant_id = m.tenant_id and w.message_id = m.message_id and w.mailbox = m.mailbox \
         and m.state in ('waiting', 'leased') and w.state not in ('waiting', 'leased') and m.message_id in \
             (select unhex(replace(bus_id, '-', '')) from main.discord_questions \
              where state in ('answered', 'withdrawn') \
              union all \
              select unhex(replace(bus_id, '-', '')) from settled \
              union all \
              select unhex(replace(bus_id, '-', '')) from replaced.discord_replies \
              where state in ('posted', 'dismissed'))",
    // Of what nobody knows whether it has ended nothing is asked or posted by itself.
    "update main.messages set state = 'withdrawn', leased_until = null, ended_at = $1 \
     where state in ('waiting', 'leased') and message_id in \
         (select unhex(replace(q.bus_id, '-', '')) from main.discord_questions q \
          where q.state = 'sent' and ((q.tenant_id, q.bot_id) not in (select tenant_id, bot_id from heard_on) \
              or not exists (select 1 from replaced.discord_questions w \
                             where w.tenant_id = q.tenant_id and w.request_id = q.request_id)))",
    "update main.discord_questions as q set state = iif(q.state = 'journalled', 'held', 'withdrawn'), fault = $3 \
     where q.state in ('journalled', 'sent') \
         and ((q.tenant_id, q.bot_id) not in (select tenant_id, bot_id from heard_on) \
              or not exists (select 1 from replaced.discord_questions w \
                             where w.tenant_id = q.tenant_id and w.request_id = q.request_id))",
    "update main.discord_replies as r set state = 'parked', fault = $3 \
     where r.state in ('waiting', 'barred') \
         and ((r.tenant_id, r.bot_id) not in (select tenant_id, bot_id from heard_on) \
              or not exists (select 1 from replaced.discord_replies w \
                             where w.tenant_id = r.tenant_id and w.reply_id = r.reply_id))",
    // What was asked since waits on: what its agent may not have read, or has an answer that does not stand in Discord yet,
    // is asked anew, as its mail is gone; of the rest the answer, or that there was one, is known.
    "insert or ignore into main.discord_questions (tenant_id, request_id, amends, bot_id, message_id, guild_id, \
         channel_id, thread_id, author_id, author_name, text, attachments, received_at, agent, state, bus_id, sent_at, \
         read_at, answered_at, fault) \
     with open as (select w.*, (w.state = 'sent' and w.read_at is null) or exists \
             (select 1 from replaced.discord_replies r \
              where r.tenant_id = w.tenant_id and r.request_id = w.request_id and w.state in ('sent', 'answered') \
                  and r.state in ('unplaced', 'waiting', 'barred', 'parked')) as is_anew \
         from replaced.discord_questions w \
         where (w.tenant_id, w.bot_id) in (select tenant_id, bot_id from heard_on)) \
     select w.tenant_id, w.request_id, w.amends, w.bot_id, w.message_id, w.guild_id, w.channel_id, w.thread_id, \
         w.author_id, w.author_name, w.text, w.attachments, w.received_at, w.agent, \
         iif(w.is_anew, 'journalled', w.state), iif(w.is_anew, null, w.bus_id), iif(w.is_anew, null, w.sent_at), \
         iif(w.is_anew, null, w.read_at), iif(w.is_anew, null, w.answered_at), iif(w.is_anew, null, w.fault) \
     from open w",
    "insert or ignore into main.discord_replies (tenant_id, reply_id, bot_id, bus_id, agent, text, ok, request_id, \
         guild_id, channel_id, thread_id, reply_to, arrived_at, state, fault) \
     select w.tenant_id, w.reply_id, w.bot_id, w.bus_id, w.agent, w.text, w.ok, w.request_id, w.guild_id, \
         w.channel_id, w.thread_id, w.reply_to, w.arrived_at, w.state, w.fault \
     from replaced.discord_replies w \
     where w.state in ('posted', 'dismissed') and (w.tenant_id, w.bot_id) in (select tenant_id, bot_id from heard_on) \
         and (w.request_id is null or exists \
             (select 1 from main.discord_questions q \
              where q.tenant_id = w.tenant_id and q.request_id = w.request_id))",
    "insert or ignore into main.discord_posts (tenant_id, reply_id, part, content, file_name, file_words, nonce, message_id) \
     select w.tenant_id, w.reply_id, w.part, w.content, w.file_name, w.file_words, w.nonce, w.message_id \
     from replaced.discord_posts w join main.discord_replies r on r.tenant_id = w.tenant_id and r.reply_id = w.reply_id \
     where w.message_id is not null",
    // What the backup knows nothing of stands in Discord: the bridge finds that its session is gone, and says so there.
    "insert or ignore into main.discord_panels (tenant_id, panel_id, bot_id, interaction_id, guild_id, channel_id, \
         thread_id, question, author_id, author_name, asked_at, answer_id, made_thread_id, message_id, session_id, \
         round, stage, fault, steering, prompt, round_by) \
     select w.tenant_id, w.panel_id, w.bot_id, w.interaction_id, w.guild_id, w.channel_id, w.thread_id, w.question, \
         w.author_id, w.author_name, w.asked_at, w.answer_id, w.made_thread_id, w.message_id, w.session_id, \
         w.round, 'running', null, '[]', '', w.round_by \
     from replaced.discord_panels w \
     where w.message_id is not null and w.stage in ('advancing', 'running', 'resting')",
    // The message of one that went on since shows that, in Discord or with its session alone.
    "update main.discord_panels as p set fault = $4 \
     where p.stage = 'resting' and p.message_id is not null and not exists \
         (select 1 from replaced.discord_panels w \
          where w.tenant_id = p.tenant_id and w.panel_id = p.panel_id and w.stage = p.stage and w.round = p.round \
              and (select count(*) || ' ' || sum(r.progress_version) from replaced.rounds r \
                   where r.tenant_id = p.tenant_id and r.session_id = p.session_id) \
                  is (select count(*) || ' ' || sum(r.progress_version) from main.rounds r \
                      where r.tenant_id = p.tenant_id and r.session_id = p.session_id))",
    // A round that was begun since was paid then.
    "update main.discord_panels as p set stage = iif(p.stage = 'convening', 'refused', 'resting'), \
         round = iif(p.stage = 'convening', p.round, max(p.round - 1, 1)), fault = $3 \
     where p.stage in ('convening', 'advancing') \
         and ((p.tenant_id, p.bot_id) not in (select tenant_id, bot_id from heard_on) \
              or not exists (select 1 from replaced.discord_panels w \
                             where w.tenant_id = p.tenant_id and w.panel_id = p.panel_id \
                                 and w.stage = p.stage and w.round = p.round))",
];

/// What stands for a replaced store of which nothing is known.
const NOTHING: &str = "attach database ':memory:' as replaced; \
     create table replaced.messages as select * from main.messages where false; \
     create table replaced.rounds as select * from main.rounds where false; \
     create table replaced.discord_sessions as select * from main.discord_sessions where false; \
     create table replaced.discord_channels as select * from main.discord_channels where false; \
     create table replaced.discord_questions as select * from main.discord_questions where false; \
     create table replaced.discord_replies as select * from main.discord_replies where false; \
     create table replaced.discord_posts as select * from main.discord_posts where false; \
     create table replaced.discord_panels as select * from main.discord_panels where false;";

/// Tells `copy` what `replaced` knows; without it, that nothing is known of what was before `now`.
pub async fn carry_over(
    copy: &Path,
    replaced: Option<&Path>,
    now: Timestamp,
) -> Result<(), BackupError> {
    let mut db = look(copy).await?;
    let carried = carry(&mut db, replaced, now).await;
    let closed = db.close().await;
    let carried = carried.and(closed);
    carried.map_err(|error| BackupError::from(fault(CARRYING, error)))
}

async fn carry(
    db: &mut SqliteConnection,
    replaced: Option<&Path>,
    now: Timestamp,
) -> Result<(), sqlx::Error> {
    let count = "select count(*) from sqlite_schema where type = 'table' and name in \
         (select value from json_each($1))";
    let tables = serde_json::json!(TABLES).to_string();
    let known: i64 = sqlx::query_scalar(count)
        .bind(tables)
        .fetch_one(&mut *db)
        .await?;
    if usize::try_from(known) != Ok(TABLES.len()) {
        return Ok(());
    }
    match replaced {
        Some(replaced) => {
            let path = replaced.to_string_lossy().into_owned();
            let attach = sqlx::query("attach database $1 as replaced").bind(path);
            attach.execute(&mut *db).await?;
        }
        None => {
            sqlx::raw_sql(NOTHING).execute(&mut *db).await?;
        }
    }
    let floor = Snowflake::at(now).map_or(0, Snowflake::get);
    let mut unit = db.begin().await?;
    for found in [HEARD_ON, SETTLED] {
        sqlx::query(found).execute(&mut *unit).await?;
    }
    for change in CHANGES {
        sqlx::query(change)
            .bind(now.as_micros())
            .bind(signed(floor))
            .bind(UNKNOWN)
            .bind(BEHIND)
            .execute(&mut *unit)
            .await?;
    }
    unit.commit().await
}
