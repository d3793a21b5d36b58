//! Units that send one message each, written together: what many callers do at the same time takes
//! as many statements as what one does.
//!
//! Whatever is out of the ordinary, a full mailbox or a key that was used before, is left to the
//! writer, which takes the units one by one then.

use husting_domain::ids::TenantId;
use husting_domain::messages::MOST_UNREAD;
use husting_domain::time::Timestamp;
use serde::Serialize;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;
use uuid::Uuid;
use uuid::fmt::Simple;

use super::columns::{Columns, hex, json};
use super::dispatches::Arrived;
use super::faults::{Explain, fault};
use super::words::Word;
use crate::agents::AgentRequire;
use crate::bus::{BusRequire, BusWrite, Dispatch, SendReplay};
use crate::errors::{CommitError, StoreError};
use crate::kept::Sent;
use crate::unit::{Require, Unit, Write};

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

/// How many of the agents $1 are not as they must be, and how many of the keys $2 were used.
pub const UNMET: &str = "select (select count(*) from json_each($1) as asked where not exists \
         (select 1 from agents a where a.tenant_id = asked.value ->> 0 and a.agent_id = unhex(asked.value ->> 1) \
             and a.status = 'active' and a.epoch = coalesce(asked.value ->> 2, a.epoch))) \
     + (select count(*) from json_each($2) as asked where exists \
         (select 1 from sends s where s.tenant_id = asked.value ->> 0 and s.agent_id = unhex(asked.value ->> 1) \
             and s.key = asked.value ->> 2))";

/// Whether all that the posts require holds.
pub async fn are_met(db: &mut SqliteConnection, posts: &[Post<'_>]) -> Result<bool, StoreError> {
    let (mut agents, mut keys) = (Vec::new(), Vec::new());
    for post in posts {
        let tenant = post.tenant.as_str();
        for require in post.requires {
            match require {
                Require::Agent(AgentRequire::Standing(id, epoch)) => {
                    agents.push((tenant, id.0.simple(), Some(*epoch)));
                }
                Require::Agent(AgentRequire::Receives(id)) => {
                    agents.push((tenant, id.0.simple(), None));
                }
                Require::Bus(BusRequire::NoSend(agent, key)) => {
                    keys.push((tenant, agent.0.simple(), key));
                }
                _ => return Ok(false),
            }
        }
    }
    let unmet: i64 = sqlx::query_scalar(UNMET)
        .bind(json(&agents)?)
        .bind(json(&keys)?)
        .fetch_one(db)
        .await
        .map_err(|error| fault("checking a precondition", error))?;
    Ok(unmet == 0)
}

/// All of them in their order. A failure undoes the batch, so that none of them needs to be undone
/// alone.
pub const POST: &str = "with post as materialized (select key as nth, value, value ->> 'tenant' as tenant_id, \
         unhex(value ->> 'mailbox') as mailbox, \
         row_number() over (partition by value ->> 'tenant', value ->> 'mailbox' order by key) as seq \
         from json_each($1)) \
     insert or fail into messages (tenant_id, mailbox, seq, message_id, from_agent, sender, origin, recipient, text, \
         sent_at, request_id, in_reply_to, hops, state, deliveries, fetched_at, leased_until, ended_at) \
     select p.tenant_id, p.mailbox, b.last_seq + p.seq, unhex(p.value ->> 'id'), unhex(p.value ->> 'agent'), \
         p.value ->> 'sender', p.value ->> 'origin', p.value ->> 'recipient', p.value ->> 'text', \
         p.value ->> 'sent_at', p.value ->> 'request_id', unhex(p.value ->> 'in_reply_to'), p.value ->> 'hops', \
         p.value ->> 'state', p.value ->> 'deliveries', p.value ->> 'fetched_at', p.value ->> 'leased_until', \
         p.value ->> 'ended_at' \
     from post p cross join mailboxes b on b.tenant_id = p.tenant_id and b.mailbox = p.mailbox \
     where b.unread + p.seq <= $2 order by p.nth returning place, seq, message_id";

/// A row as [`POST`] reads it.
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

/// Where the messages are; `None` when one of them did not find its place, and the batch has to be
/// undone.
pub async fn write(
    db: &mut SqliteConnection,
    posts: &[Post<'_>],
) -> Result<Option<Vec<Sent>>, CommitError> {
    let rows = posts.iter().map(Arriving::of);
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    let placed = sqlx::query(POST)
        .bind(json(&rows)?)
        .bind(MOST_UNREAD)
        .fetch_all(&mut *db)
        .await
        .explain("message")?;
    let placed = in_order(&placed)?;
    let ids = posts.iter().map(|post| post.dispatch.id.0);
    if !placed.iter().map(|(id, _)| *id).eq(ids) {
        return Ok(None);
    }
    put_replays(db, posts).await?;
    Ok(Some(placed.into_iter().map(|(_, sent)| sent).collect()))
}

/// Messages by place.
fn in_order(rows: &[SqliteRow]) -> Result<Vec<(Uuid, Sent)>, StoreError> {
    let rows = rows.iter().map(|row| {
        let id = Columns(row).get("message_id")?;
        let sent = Sent {
            seq: Columns(row).number("seq")?,
            place: Columns(row).number("place")?,
        };
        Ok((id, sent))
    });
    let mut placed = rows.collect::<Result<Vec<_>, StoreError>>()?;
    placed.sort_unstable_by_key(|(_, sent)| sent.place);
    Ok(placed)
}

async fn put_replays(db: &mut SqliteConnection, posts: &[Post<'_>]) -> Result<(), CommitError> {
    let replays = posts.iter().filter_map(|post| {
        let replay = post.replay?;
        Some((
            post.tenant.as_str(),
            replay.agent.0.simple(),
            &replay.key,
            hex(&replay.fingerprint),
            replay.message.0.simple(),
            replay.at.as_micros(),
        ))
    });
    let replays: Vec<_> = replays.collect();
    if replays.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert or fail into sends (tenant_id, agent_id, key, fingerprint, message_id, at) \
         select value ->> 0, unhex(value ->> 1), value ->> 2, unhex(value ->> 3), unhex(value ->> 4), value ->> 5 \
         from json_each($1)",
    )
    .bind(json(&replays)?)
    .execute(db)
    .await
    .explain("send")?;
    Ok(())
}
