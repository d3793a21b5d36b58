//! How messages end by what somebody does: acknowledged, answered, withdrawn, parked; and how they
//! begin again.

use std::collections::BTreeSet;

use husting_domain::ids::{MessageId, TenantId};
use husting_domain::messages::{AcknowledgedBy, Mailbox};
use husting_domain::time::Timestamp;
use sqlx::SqliteConnection;

use super::columns::{Columns, hex_list};
use super::faults::{Explain, touched};
use super::messages::NOUN;
use super::words::Word;
use crate::errors::CommitError;

/// States of a message that its recipient may still end.
macro_rules! open {
    () => {
        "state in ('waiting', 'leased', 'unacknowledged', 'parked')"
    };
}

pub const ACKNOWLEDGE: &str = concat!(
    "update messages set state = 'done', acknowledged_at = $4, acknowledged_by = $5, leased_until = null, \
         ended_at = null \
     where tenant_id = $1 and mailbox = $2 and message_id in (select unhex(value) from json_each($3)) and ",
    open!(),
    " returning message_id"
);

/// Those that it ended, in the order they were named.
pub async fn acknowledge(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    mailbox: Mailbox,
    messages: &[MessageId],
    by: AcknowledgedBy,
    at: Timestamp,
) -> Result<Vec<MessageId>, CommitError> {
    let rows = sqlx::query(ACKNOWLEDGE)
        .bind(tenant.as_str())
        .bind(mailbox.id().0)
        .bind(hex_list(messages.iter().map(|message| message.0)))
        .bind(at.as_micros())
        .bind(by.stored())
        .fetch_all(db)
        .await
        .explain(NOUN)?;
    let rows = rows.iter().map(|row| Columns(row).id("message_id"));
    let mut ended = rows.collect::<Result<BTreeSet<MessageId>, _>>()?;
    let named = messages.iter().copied();
    Ok(named.filter(|message| ended.remove(message)).collect())
}

/// The first answer stays.
pub const ANSWER: &str = concat!(
    "update messages set answered_at = coalesce(answered_at, $4), answered_by = coalesce(answered_by, $5), \
         acknowledged_at = iif(",
    open!(),
    ", $4, acknowledged_at), acknowledged_by = iif(",
    open!(),
    ", 'reply', acknowledged_by), ended_at = iif(",
    open!(),
    ", null, ended_at), leased_until = null, state = iif(",
    open!(),
    ", 'done', state) where tenant_id = $1 and mailbox = $2 and message_id = $3"
);

pub async fn answer(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    mailbox: Mailbox,
    message: MessageId,
    by: MessageId,
    at: Timestamp,
) -> Result<(), CommitError> {
    touched(
        sqlx::query(ANSWER)
            .bind(tenant.as_str())
            .bind(mailbox.id().0)
            .bind(message.0)
            .bind(at.as_micros())
            .bind(by.0)
            .execute(db)
            .await,
        NOUN,
    )
}

/// Its deliveries are counted anew.
pub async fn redeliver(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    mailbox: Mailbox,
    message: MessageId,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update messages set state = 'waiting', deliveries = 0, ended_at = null \
         where tenant_id = $1 and mailbox = $2 and message_id = $3 \
             and state in ('parked', 'unacknowledged', 'held', 'withdrawn')",
    );
    touched(
        change
            .bind(tenant.as_str())
            .bind(mailbox.id().0)
            .bind(message.0)
            .execute(db)
            .await,
        NOUN,
    )
}

/// Nobody heard that it was given: it waits as it did before, also where the next fetch has ended that
/// lease by now. What has another lease is left.
pub async fn put_back(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    (mailbox, messages, leased_until): &(Mailbox, &[MessageId], Timestamp),
) -> Result<(), CommitError> {
    let ids = hex_list(messages.iter().map(|message| message.0));
    sqlx::query(
        "update messages set state = 'waiting', deliveries = deliveries - 1, leased_until = null, \
             fetched_at = iif(deliveries = 1, null, fetched_at), \
             acknowledged_at = null, acknowledged_by = null \
         where tenant_id = $1 and mailbox = $2 and (state = 'leased' and leased_until = $3 \
                 or state = 'done' and acknowledged_by = 'next_fetch' and acknowledged_at < $3) \
             and message_id in (select unhex(value) from json_each($4))",
    )
    .bind(tenant.as_str())
    .bind(mailbox.id().0)
    .bind(leased_until.as_micros())
    .bind(ids)
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

pub async fn withdraw(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    (mailbox, message): (Mailbox, MessageId),
    only_unseen: bool,
    at: Timestamp,
) -> Result<(), CommitError> {
    let change = sqlx::query(concat!(
        "update messages set state = 'withdrawn', leased_until = null, ended_at = $4 \
         where tenant_id = $1 and mailbox = $2 and message_id = $3 \
             and (not $5 or (state = 'waiting' and fetched_at is null)) and (state = 'held' or ",
        open!(),
        ")"
    ));
    touched(
        change
            .bind(tenant.as_str())
            .bind(mailbox.id().0)
            .bind(message.0)
            .bind(at.as_micros())
            .bind(only_unseen)
            .execute(db)
            .await,
        NOUN,
    )
}

/// What waits or is in work; how many.
pub async fn park_all(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    mailbox: Mailbox,
    at: Timestamp,
) -> Result<u32, CommitError> {
    let parked = sqlx::query(
        "update messages set state = 'parked', leased_until = null, ended_at = $3 where place in \
             (select place from messages where tenant_id = $1 and mailbox = $2 and state = 'waiting' \
              union all \
              select place from messages where tenant_id = $1 and mailbox = $2 and state = 'leased')",
    )
    .bind(tenant.as_str())
    .bind(mailbox.id().0)
    .bind(at.as_micros())
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(u32::try_from(parked.rows_affected()).unwrap_or(u32::MAX))
}
