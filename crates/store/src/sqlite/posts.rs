//! Units that send one message each, written together: what many callers do at the same time takes
//! as many statements as what one does.
//!
//! Whatever is out of the ordinary, a full mailbox or a key that was used before, is left to the
//! writer, which takes the units one by one then.

use std::collections::{BTreeSet, HashMap};

use husting_domain::ids::TenantId;
use husting_domain::messages::MOST_UNREAD;
use husting_domain::time::Timestamp;
use serde::Serialize;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Sqlite, SqliteConnection};
use uuid::Uuid;
use uuid::fmt::Simple;

use super::chains::{Bound, record};
use super::columns::{Columns, hex, json, signed, unreadable};
use super::dispatches::Arrived;
use super::faults::Explain;
use super::words::Word;
use crate::agents::AgentRequire;
use crate::bus::{BusRequire, BusWrite, Dispatch, SendReplay};
use crate::errors::{CommitError, StoreError};
use crate::kept::Sent;
use crate::unit::{Require, Unit, Write};

const NOUN: &str = "message";

/// Most bytes of a text that is written together with others; what is longer is copied as seldom as
/// can be.
const MOST_BYTES: usize = 8_192;

/// A unit that sends one message, with what it requires of agents and keys.
#[derive(Debug)]
pub struct Post<'u> {
    tenant: &'u TenantId,
    dispatch: &'u Dispatch,
    replay: Option<&'u SendReplay>,
    requires: &'u [Require],
}

impl<'u> Post<'u> {
    /// The unit, if it is no more than that.
    pub fn of(unit: &'u Unit) -> Option<Self> {
        let (mut dispatch, mut replay) = (None, None);
        for write in &unit.writes {
            match write {
                Write::Bus(BusWrite::Send(one)) if dispatch.is_none() => dispatch = Some(one),
                Write::Bus(BusWrite::PutSend(one)) if replay.is_none() => replay = Some(one),
                Write::Audit(_) => {}
                _ => return None,
            }
        }
        let post = Self {
            tenant: &unit.tenant,
            dispatch: dispatch?,
            replay,
            requires: &unit.requires,
        };
        let is_short = post.dispatch.text.len() <= MOST_BYTES;
        let is_known = post.requires.iter().all(is_known);
        (is_known && is_short && !post.has_nul()).then_some(post)
    }

    /// What its key stands for once it is written: tenant, agent, key, fingerprint, message, moment.
    fn kept_key(&self) -> Option<(&str, Simple, &str, String, Simple, i64)> {
        let replay = self.replay?;
        Some((
            self.tenant.as_str(),
            replay.agent.0.simple(),
            &replay.key,
            hex(&replay.fingerprint),
            replay.message.0.simple(),
            replay.at.as_micros(),
        ))
    }

    /// The engine's JSON ends a text there.
    fn has_nul(&self) -> bool {
        let Dispatch {
            text, request_id, ..
        } = self.dispatch;
        let keys = self.requires.iter().filter_map(|require| match require {
            Require::Bus(BusRequire::NoSend(_, key)) => Some(key),
            _ => None,
        });
        let texts = [
            Some(text),
            request_id.as_ref(),
            self.replay.map(|one| &one.key),
        ];
        let mut texts = texts.into_iter().flatten().chain(keys);
        texts.any(|text| text.contains('\0'))
    }
}

const fn is_known(require: &Require) -> bool {
    matches!(
        require,
        Require::Agent(AgentRequire::Standing(..) | AgentRequire::Receives(_))
            | Require::Bus(BusRequire::NoSend(..))
    )
}

/// How many of the agents $3 are not as they must be, and how many of the keys $4 were used.
macro_rules! unmet {
    () => {
        "select (select count(*) from json_each($3) as asked where not exists \
             (select 1 from agents a where a.tenant_id = asked.value ->> 0 and a.agent_id = unhex(asked.value ->> 1) \
                 and a.status = 'active' and a.epoch = coalesce(asked.value ->> 2, a.epoch))) \
         + (select count(*) from json_each($4) as asked where exists \
             (select 1 from sends s where s.tenant_id = asked.value ->> 0 and s.agent_id = unhex(asked.value ->> 1) \
                 and s.key = asked.value ->> 2))"
    };
}

/// All messages $1 in their order. Where a mailbox is nobody's or has $2 unread, or what is required does
/// not hold, a message has no number: that is refused, and nothing that follows in the same go is run.
macro_rules! post {
    () => {
        concat!(
            "with post as materialized (select key as nth, value, value ->> 'tenant' as tenant_id, \
                 unhex(value ->> 'mailbox') as mailbox, \
                 row_number() over (partition by value ->> 'tenant', value ->> 'mailbox' order by key) as seq \
                 from json_each($1)) \
             insert or fail into messages (tenant_id, mailbox, seq, message_id, from_agent, sender, origin, recipient, \
                 text, sent_at, request_id, in_reply_to, hops, state, deliveries, fetched_at, leased_until, ended_at) \
             select p.tenant_id, p.mailbox, \
                 iif(b.unread + p.seq <= $2 and (",
            unmet!(),
            ") = 0, b.last_seq + p.seq, null), \
                 unhex(p.value ->> 'id'), unhex(p.value ->> 'agent'), p.value ->> 'sender', p.value ->> 'origin', \
                 p.value ->> 'recipient', p.value ->> 'text', p.value ->> 'sent_at', p.value ->> 'request_id', \
                 unhex(p.value ->> 'in_reply_to'), p.value ->> 'hops', p.value ->> 'state', \
                 p.value ->> 'deliveries', p.value ->> 'fetched_at', p.value ->> 'leased_until', \
                 p.value ->> 'ended_at' \
             from post p left join mailboxes b on b.tenant_id = p.tenant_id and b.mailbox = p.mailbox \
             order by p.nth"
        )
    };
}

/// Where the last $5 messages are, in one row: each row wakes whoever waits for the answer.
macro_rules! placed {
    () => {
        "select json_group_array(json_array(lower(hex(message_id)), seq, place) order by place) as placed \
         from messages where place > last_insert_rowid() - $5"
    };
}

/// What the keys $6 stand for from now on.
macro_rules! keys {
    () => {
        "insert or fail into sends (tenant_id, agent_id, key, fingerprint, message_id, at) \
         select value ->> 0, unhex(value ->> 1), value ->> 2, unhex(value ->> 3), unhex(value ->> 4), value ->> 5 \
         from json_each($6)"
    };
}

#[cfg(test)]
pub const POST: &str = post!();
#[cfg(test)]
pub const PLACED: &str = placed!();

/// Within a transaction that others write in too.
const WRITE: &str = concat!(post!(), "; ", placed!(), "; ", keys!());

/// A transaction of their own, with the rows $7 of the audit log and the links $8.
const COMMIT: &str = concat!(
    "begin immediate; ",
    post!(),
    "; ",
    placed!(),
    "; ",
    keys!(),
    "; ",
    record!("$7", "$8"),
    "; commit"
);

/// Writes them where others write too. A failure undoes the batch, so that none of them needs to be
/// undone alone.
///
/// # Errors
/// A constraint also where something does not hold that a message requires.
pub async fn write(
    db: &mut SqliteConnection,
    posts: &[Post<'_>],
) -> Result<Vec<Sent>, CommitError> {
    let rows = bound(WRITE, posts)?.fetch_all(db).await.explain(NOUN)?;
    Ok(placed(posts, &rows)?)
}

/// Writes and commits them with what they add to the audit log, in one go: each statement for itself
/// would be a way to the engine's thread and back. After a failure the transaction may be open.
///
/// # Errors
/// When it cannot be told where messages are that are on disk; the outcome within is why they are not.
pub async fn commit(
    db: &mut SqliteConnection,
    posts: &[Post<'_>],
    log: &Bound,
) -> Result<Result<Vec<Sent>, CommitError>, StoreError> {
    let commit = bound(COMMIT, posts)?.bind(log.rows()?).bind(log.links()?);
    match commit.fetch_all(db).await.explain(NOUN) {
        Ok(rows) => placed(posts, &rows).map(Ok),
        Err(fault) => Ok(Err(fault)),
    }
}

fn bound(
    sql: &'static str,
    posts: &[Post<'_>],
) -> Result<Query<'static, Sqlite, SqliteArguments>, StoreError> {
    let (agents, unused) = required(posts);
    let arriving = posts.iter().map(Arriving::of);
    let keys: Vec<_> = posts.iter().filter_map(Post::kept_key).collect();
    Ok(sqlx::query(sql)
        .bind(json(&arriving.collect::<Result<Vec<_>, _>>()?)?)
        .bind(MOST_UNREAD)
        .bind(json(&agents)?)
        .bind(json(&unused)?)
        .bind(signed(posts.len() as u64))
        .bind(json(&keys)?))
}

/// Something of an agent of a tenant: the epoch it must have, or a key.
type Of<'p, T> = (&'p str, Simple, T);

/// Agents that must be active, each once, and keys that must be unused.
fn required<'p>(posts: &[Post<'p>]) -> (BTreeSet<Of<'p, Option<u64>>>, Vec<Of<'p, &'p str>>) {
    let (mut agents, mut keys) = (BTreeSet::new(), Vec::new());
    for post in posts {
        let tenant = post.tenant.as_str();
        for require in post.requires {
            match require {
                Require::Agent(AgentRequire::Standing(id, epoch)) => {
                    agents.insert((tenant, id.0.simple(), Some(*epoch)));
                }
                Require::Agent(AgentRequire::Receives(id)) => {
                    agents.insert((tenant, id.0.simple(), None));
                }
                Require::Bus(BusRequire::NoSend(agent, key)) => {
                    keys.push((tenant, agent.0.simple(), key.as_str()));
                }
                // A unit that requires anything else is no post.
                _ => {}
            }
        }
    }
    (agents, keys)
}

/// A message as the statements above read it.
#[derive(Serialize)]
struct Arriving<'d> {
    tenant: &'d str,
    mailbox: Simple,
    id: Simple,
    agent: Option<Simple>,
    sender: String,
    origin: &'static str,
    recipient: &'d str,
    text: &'d str,
    sent_at: i64,
    request_id: Option<&'d str>,
    in_reply_to: Option<Simple>,
    hops: u32,
    state: &'static str,
    deliveries: u32,
    fetched_at: Option<i64>,
    leased_until: Option<i64>,
    ended_at: Option<i64>,
}

impl<'d> Arriving<'d> {
    fn of(post: &Post<'d>) -> Result<Self, StoreError> {
        let (dispatch, arrived) = (post.dispatch, Arrived::by(post.dispatch));
        Ok(Self {
            tenant: post.tenant.as_str(),
            mailbox: dispatch.mailbox.id().0.simple(),
            id: dispatch.id.0.simple(),
            agent: dispatch.from.agent().map(|agent| agent.0.simple()),
            sender: json(&dispatch.from)?,
            origin: dispatch.from.origin().stored(),
            recipient: dispatch.to.as_str(),
            text: &dispatch.text,
            sent_at: dispatch.at.as_micros(),
            request_id: dispatch.request_id.as_deref(),
            in_reply_to: dispatch.in_reply_to.map(|id| id.0.simple()),
            hops: dispatch.hops,
            state: arrived.state.stored(),
            deliveries: arrived.deliveries,
            fetched_at: arrived.fetched_at.map(Timestamp::as_micros),
            leased_until: arrived.leased_until.map(Timestamp::as_micros),
            ended_at: arrived.ended_at.map(Timestamp::as_micros),
        })
    }
}

/// Where the posts are, each by its id.
fn placed(posts: &[Post<'_>], rows: &[SqliteRow]) -> Result<Vec<Sent>, StoreError> {
    let mut placed = HashMap::with_capacity(posts.len());
    for row in rows {
        let messages: Vec<(Uuid, u64, u64)> = Columns(row).json("placed")?;
        placed.extend(
            messages
                .into_iter()
                .map(|(id, seq, place)| (id, Sent { seq, place })),
        );
    }
    let sent = posts
        .iter()
        .map(|post| placed.get(&post.dispatch.id.0).copied());
    sent.collect::<Option<_>>()
        .ok_or_else(|| unreadable("placed", MissingMessage))
}

/// A message that was written is not where those of its batch are.
#[derive(Debug, thiserror::Error)]
#[error("a message that was written is not among the newest")]
struct MissingMessage;
