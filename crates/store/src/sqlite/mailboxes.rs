//! The table `mailboxes`. Its figures follow the table `messages` by triggers.

use husting_domain::ids::{AgentId, TenantId};
use husting_domain::messages::Mailbox;
use sqlx::{SqliteConnection, SqlitePool};

use super::columns::Columns;
use super::faults::{Explain, fault};
use crate::errors::{CommitError, StoreError};

const NOUN: &str = "mailbox";

/// Makes it, unless it is there.
pub async fn open(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    mailbox: Mailbox,
) -> Result<(), CommitError> {
    sqlx::query(
        "insert into mailboxes (tenant_id, mailbox) values ($1, $2) on conflict do nothing",
    )
    .bind(tenant.as_str())
    .bind(mailbox.id().0)
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

pub async fn is_there(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    mailbox: Mailbox,
) -> Result<bool, CommitError> {
    sqlx::query_scalar(
        "select exists (select 1 from mailboxes where tenant_id = $1 and mailbox = $2)",
    )
    .bind(tenant.as_str())
    .bind(mailbox.id().0)
    .fetch_one(db)
    .await
    .explain(NOUN)
}

pub const UNREAD: &str =
    "select mailbox, unread from mailboxes where tenant_id = $1 and unread > 0";

/// The numbers of all mailboxes, less what the migration that made `uncounted_messages` says.
pub const TOTAL: &str = "select coalesce(sum(last_seq), 0) \
     - coalesce((select messages from uncounted_messages where tenant_id = $1), 0) as total \
     from mailboxes where tenant_id = $1";

/// How many messages there are; a broadcast is one.
pub async fn total(db: &SqlitePool, tenant: &TenantId) -> Result<u64, StoreError> {
    let row = sqlx::query(TOTAL)
        .bind(tenant.as_str())
        .fetch_one(db)
        .await
        .map_err(|error| fault("counting messages", error))?;
    Columns(&row).number("total")
}

/// How many messages wait in each mailbox that has some.
pub async fn unread(db: &SqlitePool, tenant: &TenantId) -> Result<Vec<(Mailbox, u32)>, StoreError> {
    let rows = sqlx::query(UNREAD)
        .bind(tenant.as_str())
        .fetch_all(db)
        .await
        .map_err(|error| fault("reading mailboxes", error))?;
    rows.iter()
        .map(|row| {
            let row = Columns(row);
            let id: AgentId = row.id("mailbox")?;
            Ok((Mailbox::of(id), row.number("unread")?))
        })
        .collect()
}
