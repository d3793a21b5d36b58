//! How mail is given and taken back: the rules of delivery. `endings` has what somebody does to it.
//!
//! A message that is given is leased. A plain one ends with `ack`, a reply or the next fetch that does
//! not leave it as it is, returns once when its lease runs out, and rests then. A request ends with `ack` or a reply alone, returns
//! until it was given five times, and is parked then.

use std::collections::BTreeSet;

use husting_domain::ids::{AgentId, MessageId, TenantId};
use husting_domain::messages::{
    MOST_DELIVERIES, MOST_PLAIN_DELIVERIES, Mailbox, Message, MessageState,
};
use husting_domain::time::Timestamp;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection, SqlitePool};

use super::columns::Columns;
use super::faults::{Explain, fault};
use super::messages::{NOUN, READING, fitting, message, most_bytes, written};
use crate::bus::{Earlier, Fetched, TakenBack};
use crate::errors::{CommitError, StoreError};

/// Most messages of one fetch.
const MOST_GIVEN: u32 = 100;

/// Where a message goes whose lease ran out: $1 now, $2 and $3 the most deliveries of plain messages
/// and of requests.
macro_rules! run_out {
    () => {
        "when deliveries < iif(request_id is null, $2, $3) then 'waiting' \
         when request_id is null then 'unacknowledged' else 'parked' end, \
         ended_at = iif(leased_until <= $1 and request_id is not null and deliveries >= $3, $1, null), \
         leased_until = null"
    };
}

/// Ends what was given before and is plain, where $9 says so, and takes back what ran out of its lease:
/// in the mailbox $5 of the tenant $4.
macro_rules! settle {
    () => {
        concat!(
            "update messages set acknowledged_at = iif(leased_until > $1, $1, null), \
                 acknowledged_by = iif(leased_until > $1, 'next_fetch', null), \
                 state = case when leased_until > $1 then 'done' ",
            run_out!(),
            " where tenant_id = $4 and mailbox = $5 and state = 'leased' \
                 and (request_id is null and $9 or leased_until <= $1) \
             returning tenant_id, mailbox, seq, message_id, state"
        )
    };
}

/// The places of what a fetch gives: the oldest that wait, at most $6 messages and $7 bytes.
macro_rules! given {
    () => {
        fitting!(
            "m.tenant_id = $4 and m.mailbox = $5 and m.state = 'waiting'",
            "seq",
            "$6",
            "$7"
        )
    };
}

/// What a fetch gives, with how much there is in all.
macro_rules! oldest {
    () => {
        concat!(
            "select ",
            written!(),
            ", (select unread from mailboxes where tenant_id = $4 and mailbox = $5) as unread \
             from messages m where m.place in ",
            given!(),
            " order by m.place"
        )
    };
}

/// Leases it until $8.
macro_rules! lease {
    () => {
        concat!(
            "update messages set state = 'leased', deliveries = deliveries + 1, \
                 fetched_at = coalesce(fetched_at, $1), leased_until = $8 where place in ",
            given!()
        )
    };
}

#[cfg(test)]
pub const SETTLE: &str = settle!();
#[cfg(test)]
pub const OLDEST: &str = oldest!();
#[cfg(test)]
pub const LEASE: &str = lease!();

/// All of a fetch in one go: each statement for itself would be a way to the engine's thread and back.
const FETCH: &str = concat!(settle!(), "; ", oldest!(), "; ", lease!());

pub const SWEEP: &str = concat!(
    "update messages set state = case ",
    run_out!(),
    " where state = 'leased' and leased_until <= $1 \
     returning tenant_id, mailbox, seq, message_id, state"
);

/// What a fetch is asked for; see [`crate::BusWrite::Fetch`].
pub struct Asked {
    pub mailbox: Mailbox,
    pub earlier: Earlier,
    pub at: Timestamp,
    pub lease_until: Timestamp,
    pub limit: u32,
}

pub async fn fetch(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    asked: Asked,
) -> Result<Fetched, CommitError> {
    let Asked {
        mailbox,
        earlier,
        at,
        lease_until,
        limit,
    } = asked;
    let rows = sqlx::query(FETCH)
        .bind(at.as_micros())
        .bind(MOST_PLAIN_DELIVERIES)
        .bind(MOST_DELIVERIES)
        .bind(tenant.as_str())
        .bind(mailbox.id().0)
        .bind(limit.min(MOST_GIVEN))
        .bind(most_bytes())
        .bind(lease_until.as_micros())
        .bind(earlier == Earlier::Ends)
        .fetch_all(db)
        .await
        .explain(NOUN)?;
    // Only the second statement tells how much there is.
    let (oldest, settled) = rows
        .into_iter()
        .partition::<Vec<_>, _>(|row| row.try_column("unread").is_ok());
    let settled = in_order(&settled)?;
    let (oldest, left) = waiting(&oldest)?;
    let given = oldest.into_iter().map(|message| Message {
        state: MessageState::Leased,
        deliveries: message.deliveries + 1,
        fetched_at: message.fetched_at.or(Some(at)),
        leased_until: Some(lease_until),
        ..message
    });
    Ok(Fetched {
        messages: given.collect(),
        ended: settled
            .iter()
            .filter(|settled| settled.state == MessageState::Done)
            .map(|settled| settled.message)
            .collect(),
        taken_back: taken_back(settled),
        left,
    })
}

/// The oldest that wait, as many as fit, and how many do not.
fn waiting(rows: &[SqliteRow]) -> Result<(Vec<Message>, u32), StoreError> {
    let Some(first) = rows.first() else {
        return Ok((Vec::new(), 0));
    };
    let unread: usize = Columns(first).number("unread")?;
    let left = u32::try_from(unread.saturating_sub(rows.len())).unwrap_or(u32::MAX);
    let rows = rows.iter().map(|row| message(&Columns(row)));
    Ok((rows.collect::<Result<_, _>>()?, left))
}

/// Of all tenants.
pub async fn sweep(db: &mut SqliteConnection, at: Timestamp) -> Result<TakenBack, CommitError> {
    let rows = sqlx::query(SWEEP)
        .bind(at.as_micros())
        .bind(MOST_PLAIN_DELIVERIES)
        .bind(MOST_DELIVERIES)
        .fetch_all(db)
        .await
        .explain(NOUN)?;
    Ok(taken_back(in_order(&rows)?))
}

pub const END_MANAGED: &str = "update messages set leased_until = $1 where state = 'leased' and leased_until > $1 \
     and exists (select 1 from agents a where a.tenant_id = messages.tenant_id and a.agent_id = messages.mailbox \
         and a.kind = 'managed')";

/// Of all tenants.
pub async fn end_managed(db: &mut SqliteConnection, at: Timestamp) -> Result<(), CommitError> {
    sqlx::query(END_MANAGED)
        .bind(at.as_micros())
        .execute(db)
        .await
        .explain(NOUN)?;
    Ok(())
}

/// A message whose lease came to an end.
struct Settled {
    tenant: TenantId,
    mailbox: Mailbox,
    seq: u64,
    message: MessageId,
    state: MessageState,
}

/// The engine tells changed rows in no order.
fn in_order(rows: &[SqliteRow]) -> Result<Vec<Settled>, StoreError> {
    let rows = rows.iter().map(|row| settled(&Columns(row)));
    let mut settled = rows.collect::<Result<Vec<_>, _>>()?;
    settled
        .sort_unstable_by(|a, b| (&a.tenant, a.mailbox, a.seq).cmp(&(&b.tenant, b.mailbox, b.seq)));
    Ok(settled)
}

fn settled(row: &Columns<'_>) -> Result<Settled, StoreError> {
    let mailbox: AgentId = row.id("mailbox")?;
    Ok(Settled {
        tenant: row.tenant()?,
        mailbox: Mailbox::of(mailbox),
        seq: row.number("seq")?,
        message: row.id("message_id")?,
        state: row.word("state")?,
    })
}

fn taken_back(settled: Vec<Settled>) -> TakenBack {
    let mut back = TakenBack::default();
    let mut waiting = BTreeSet::new();
    for one in settled {
        match one.state {
            MessageState::Waiting => {
                waiting.insert((one.tenant, one.mailbox));
            }
            MessageState::Parked => back.parked.push((one.tenant, one.mailbox, one.message)),
            MessageState::Unacknowledged => {
                back.resting.push((one.tenant, one.mailbox, one.message));
            }
            MessageState::Leased
            | MessageState::Done
            | MessageState::Withdrawn
            | MessageState::Held => {}
        }
    }
    back.waiting = waiting.into_iter().collect();
    back
}

pub const NEXT_END: &str = "select min(leased_until) from messages where state = 'leased'";

/// When the first lease of all tenants runs out.
pub async fn next_end(db: &SqlitePool) -> Result<Option<Timestamp>, StoreError> {
    let end: Option<i64> = sqlx::query_scalar(NEXT_END)
        .fetch_one(db)
        .await
        .map_err(|error| fault(READING, error))?;
    Ok(end.map(Timestamp::from_micros))
}
