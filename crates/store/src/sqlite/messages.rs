//! The table `messages`: how rows read, and what is read of one mailbox. `dispatches` writes them,
//! `leases` gives them, `tails` lists them across mailboxes.

use husting_domain::ids::{AgentId, MessageId, TenantId};
use husting_domain::messages::{MOST_FETCHED_BYTES, Mailbox, Message, MessageState, Sender};
use husting_domain::time::Timestamp;
use sqlx::{SqliteConnection, SqlitePool};

use super::columns::{Columns, signed};
use super::faults::{Explain, fault, touched};
use super::words::Word;
use crate::bus::HopsGiven;
use crate::errors::{CommitError, StoreError};

pub const NOUN: &str = "message";
pub const READING: &str = "reading messages";

/// The text of a message `m`: its own, or its broadcast's.
macro_rules! text {
    ($of:literal, $default:literal) => {
        concat!(
            "coalesce(",
            $of,
            "(m.text), (select ",
            $of,
            "(b.text) from broadcasts b where b.tenant_id = m.tenant_id and b.message_id = m.message_id), ",
            $default,
            ")"
        )
    };
}

/// The columns of a message `m`.
macro_rules! written {
    () => {
        concat!(
            "m.place, m.mailbox, m.seq, m.message_id, m.sender, m.recipient, ",
            $crate::sqlite::messages::text!("", "''"),
            " as words, m.sent_at, m.request_id, m.in_reply_to, m.text is null as is_broadcast, m.squad, m.hops, m.state, m.deliveries, m.fetched_at, \
             m.leased_until, m.acknowledged_at, m.acknowledged_by, m.answered_at, m.answered_by, m.ended_at, m.erased_at"
        )
    };
}

/// The places of messages `m` that are looked for and ordered like this, as many as fit: at most
/// `$limit`, and `$bytes` of text, but one at the least.
macro_rules! fitting {
    ($where:literal, $order:literal, $limit:literal, $bytes:literal) => {
        concat!(
            "(select place from (select place, row_number() over o as n, sum(size) over o as bytes from \
                 (select m.place, m.seq, ",
            $crate::sqlite::messages::text!("octet_length", "0"),
            " as size from messages m where ",
            $where,
            " order by m.",
            $order,
            " limit ",
            $limit,
            ") window o as (order by ",
            $order,
            ")) where n = 1 or bytes <= ",
            $bytes,
            ")"
        )
    };
}

pub(super) use {fitting, text, written};

/// A mailbox's mail above a number, oldest first.
pub const MAIL_AFTER: &str = concat!(
    "select ",
    written!(),
    " from messages m where m.place in ",
    fitting!(
        "m.tenant_id = $1 and m.mailbox = $2 and m.seq > $5",
        "seq",
        "$3",
        "$4"
    ),
    " order by m.place"
);

/// A mailbox's mail, newest first.
pub const MAIL: &str = concat!(
    "select ",
    written!(),
    " from messages m where m.place in ",
    fitting!(
        "m.tenant_id = $1 and m.mailbox = $2",
        "seq desc",
        "$3",
        "$4"
    ),
    " order by m.place desc"
);

pub async fn mail(
    db: &SqlitePool,
    tenant: &TenantId,
    mailbox: Mailbox,
    after: Option<u64>,
    limit: u32,
) -> Result<Vec<Message>, StoreError> {
    let rows = sqlx::query(if after.is_some() { MAIL_AFTER } else { MAIL })
        .bind(tenant.as_str())
        .bind(mailbox.id().0)
        .bind(limit)
        .bind(most_bytes())
        .bind(after.map(signed))
        .fetch_all(db)
        .await
        .map_err(|error| fault(READING, error))?;
    rows.iter().map(|row| message(&Columns(row))).collect()
}

/// What one answer carries, as the engine takes it.
pub fn most_bytes() -> i64 {
    signed(MOST_FETCHED_BYTES as u64)
}

pub const BY_ID: &str = concat!(
    "select ",
    written!(),
    " from messages m where m.tenant_id = $1 and m.mailbox = $2 and m.message_id = $3"
);

pub async fn by_id(
    db: &SqlitePool,
    tenant: &TenantId,
    mailbox: Mailbox,
    id: MessageId,
) -> Result<Option<Message>, StoreError> {
    let row = sqlx::query(BY_ID)
        .bind(tenant.as_str())
        .bind(mailbox.id().0)
        .bind(id.0)
        .fetch_optional(db)
        .await
        .map_err(|error| fault(READING, error))?;
    row.map(|row| message(&Columns(&row))).transpose()
}

pub const SENT: &str = concat!(
    "select ",
    written!(),
    " from messages m where m.tenant_id = $1 and m.message_id = $2 limit 1"
);

/// In whichever mailbox it is; of a broadcast, in any.
pub async fn sent(
    db: &SqlitePool,
    tenant: &TenantId,
    id: MessageId,
) -> Result<Option<Message>, StoreError> {
    let row = sqlx::query(SENT)
        .bind(tenant.as_str())
        .bind(id.0)
        .fetch_optional(db)
        .await
        .map_err(|error| fault(READING, error))?;
    row.map(|row| message(&Columns(&row))).transpose()
}

pub const REQUEST: &str = concat!(
    "select ",
    written!(),
    " from messages m where m.tenant_id = $1 and m.mailbox = $2 and m.request_id = $3 \
     order by m.place desc limit 1"
);

/// The newest of this id.
pub async fn request(
    db: &SqlitePool,
    tenant: &TenantId,
    mailbox: Mailbox,
    request_id: &str,
) -> Result<Option<Message>, StoreError> {
    let row = sqlx::query(REQUEST)
        .bind(tenant.as_str())
        .bind(mailbox.id().0)
        .bind(request_id)
        .fetch_optional(db)
        .await
        .map_err(|error| fault(READING, error))?;
    row.map(|row| message(&Columns(&row))).transpose()
}

/// The oldest that waits in a mailbox.
pub const NEXT: &str = concat!(
    "select ",
    written!(),
    " from messages m where m.tenant_id = $1 and m.mailbox = $2 and m.state = 'waiting' \
     order by m.seq limit 1"
);

pub async fn next(
    db: &SqlitePool,
    tenant: &TenantId,
    mailbox: Mailbox,
) -> Result<Option<Message>, StoreError> {
    let row = sqlx::query(NEXT)
        .bind(tenant.as_str())
        .bind(mailbox.id().0)
        .fetch_optional(db)
        .await
        .map_err(|error| fault(READING, error))?;
    row.map(|row| message(&Columns(&row))).transpose()
}

pub const HOPS: &str = "select from_agent, hops, max(fetched_at) as given_at from messages m \
     where m.tenant_id = $1 and m.mailbox = $2 and m.fetched_at >= $3 and m.from_agent is not null \
     group by m.from_agent, m.hops";

/// What the mailbox was given by agents since then.
pub async fn hops_given(
    db: &SqlitePool,
    tenant: &TenantId,
    mailbox: Mailbox,
    since: Timestamp,
) -> Result<Vec<HopsGiven>, StoreError> {
    let rows = sqlx::query(HOPS)
        .bind(tenant.as_str())
        .bind(mailbox.id().0)
        .bind(since.as_micros())
        .fetch_all(db)
        .await
        .map_err(|error| fault(READING, error))?;
    rows.iter()
        .map(|row| {
            let row = Columns(row);
            Ok(HopsGiven {
                from: row.id("from_agent")?,
                hops: row.number("hops")?,
                at: row.time("given_at")?,
            })
        })
        .collect()
}

pub async fn has_state(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    mailbox: Mailbox,
    id: MessageId,
    states: &[MessageState],
) -> Result<bool, sqlx::Error> {
    let state: Option<String> = sqlx::query_scalar(
        "select state from messages where tenant_id = $1 and mailbox = $2 and message_id = $3",
    )
    .bind(tenant.as_str())
    .bind(mailbox.id().0)
    .bind(id.0)
    .fetch_optional(db)
    .await?;
    Ok(state.is_some_and(|state| states.iter().any(|known| known.stored() == state)))
}

/// In all mailboxes; whatever else is known about it stays.
pub async fn erase(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: MessageId,
    at: Timestamp,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update messages set text = iif(text is null, null, ''), erased_at = coalesce(erased_at, $3) \
         where tenant_id = $1 and message_id = $2",
    );
    touched(
        change
            .bind(tenant.as_str())
            .bind(id.0)
            .bind(at.as_micros())
            .execute(&mut *db)
            .await,
        NOUN,
    )?;
    sqlx::query("delete from broadcasts where tenant_id = $1 and message_id = $2")
        .bind(tenant.as_str())
        .bind(id.0)
        .execute(db)
        .await
        .explain(NOUN)?;
    Ok(())
}

/// A row of the columns `written!`.
pub fn message(row: &Columns<'_>) -> Result<Message, StoreError> {
    let mailbox: AgentId = row.id("mailbox")?;
    let from: Sender = row.json("sender")?;
    Ok(Message {
        id: row.id("message_id")?,
        mailbox: Mailbox::of(mailbox),
        seq: row.number("seq")?,
        place: row.number("place")?,
        from,
        to: row.name("recipient")?,
        text: row.get("words")?,
        sent_at: row.time("sent_at")?,
        request_id: row.get("request_id")?,
        in_reply_to: row.id_if("in_reply_to")?,
        is_broadcast: row.get("is_broadcast")?,
        squad: row.name_if("squad")?,
        hops: row.number("hops")?,
        state: row.word("state")?,
        deliveries: row.number("deliveries")?,
        fetched_at: row.time_if("fetched_at")?,
        leased_until: row.time_if("leased_until")?,
        acknowledged: row
            .time_if("acknowledged_at")?
            .zip(row.word_if("acknowledged_by")?),
        answered: row.time_if("answered_at")?.zip(row.id_if("answered_by")?),
        ended_at: row.time_if("ended_at")?,
        erased_at: row.time_if("erased_at")?,
    })
}
