//! The tables `audit_rows`, `audit_links` and `audit_seals`. `chains` writes the first two.

use husting_domain::audit::{Action, Entry, Head, Link, Row, Seal};
use husting_domain::ids::{AgentId, TenantId};
use sqlx::{Executor, Sqlite, SqliteConnection, SqlitePool};

use super::columns::{Columns, json, signed};
use super::faults::{Explain, fault};
use super::words::Word;
use crate::audit::AuditFilter;
use crate::errors::{CommitError, StoreError};

const READING: &str = "reading the audit log";

/// The newest of a day takes the place of those before.
pub async fn seal(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    seal: &Seal,
) -> Result<(), CommitError> {
    sqlx::query(
        "insert into audit_seals (tenant_id, day, link, hash, at, signature) values ($1, $2, $3, $4, $5, $6) \
         on conflict do update set link = excluded.link, hash = excluded.hash, at = excluded.at, \
             signature = excluded.signature where excluded.link >= link",
    )
    .bind(tenant.as_str())
    .bind(seal.at.day_start().as_micros())
    .bind(signed(seal.link))
    .bind(seal.hash.as_slice())
    .bind(seal.at.as_micros())
    .bind(&seal.signature)
    .execute(db)
    .await
    .explain("seal")?;
    Ok(())
}

/// Oldest first.
pub async fn seals(db: &SqlitePool, tenant: &TenantId) -> Result<Vec<Seal>, StoreError> {
    let rows = sqlx::query("select * from audit_seals where tenant_id = $1 order by day")
        .bind(tenant.as_str())
        .fetch_all(db)
        .await
        .map_err(|error| fault(READING, error))?;
    rows.iter()
        .map(|row| {
            let row = Columns(row);
            Ok(Seal {
                link: row.number("link")?,
                hash: row.digest("hash")?,
                at: row.time("at")?,
                signature: row.get("signature")?,
            })
        })
        .collect()
}

pub const HEAD: &str =
    "select * from audit_links where tenant_id = $1 order by number desc limit 1";

/// Where a tenant's chain ends.
pub async fn head<'c>(
    db: impl Executor<'c, Database = Sqlite>,
    tenant: &TenantId,
) -> Result<Head, StoreError> {
    let row = sqlx::query(HEAD)
        .bind(tenant.as_str())
        .fetch_optional(db)
        .await
        .map_err(|error| fault(READING, error))?;
    let Some(row) = row else {
        return Ok(Head::default());
    };
    let newest = link(&Columns(&row))?;
    Ok(Head {
        link: newest.number,
        row: newest.last,
        hash: newest.hash,
    })
}

const ROWS: &str = "select * from audit_rows where tenant_id = $1 and number < coalesce($3, 9223372036854775807) \
     and ($4 = '[]' or action in (select value from json_each($4))) order by number desc limit $5";

pub const ROWS_OF_AGENT: &str = "select * from audit_rows indexed by audit_of_agent \
     where tenant_id = $1 and agent_id = $2 and number < coalesce($3, 9223372036854775807) \
     and ($4 = '[]' or action in (select value from json_each($4))) order by number desc limit $5";

/// The newest first.
pub async fn rows(
    db: &SqlitePool,
    tenant: &TenantId,
    filter: &AuditFilter,
) -> Result<Vec<Row>, StoreError> {
    let actions: Vec<&str> = filter
        .actions
        .iter()
        .map(|action| action.stored())
        .collect();
    let rows = sqlx::query(if filter.agent.is_some() {
        ROWS_OF_AGENT
    } else {
        ROWS
    })
    .bind(tenant.as_str())
    .bind(filter.agent.map(|agent| agent.0))
    .bind(filter.before.map(signed))
    .bind(json(&actions)?)
    .bind(filter.limit)
    .fetch_all(db)
    .await
    .map_err(|error| fault(READING, error))?;
    rows.iter().map(|found| row(&Columns(found))).collect()
}

/// From a number on, in order, each with its rows.
pub async fn links(
    db: &SqlitePool,
    tenant: &TenantId,
    from: u64,
    limit: u32,
) -> Result<Vec<(Link, Vec<Row>)>, StoreError> {
    // What is read was committed, and no row of it changes: two statements see the same.
    let found = sqlx::query(
        "select * from audit_links where tenant_id = $1 and number >= $2 order by number limit $3",
    )
    .bind(tenant.as_str())
    .bind(signed(from))
    .bind(limit)
    .fetch_all(db)
    .await
    .map_err(|error| fault(READING, error))?;
    let found = found.iter().map(|row| link(&Columns(row)));
    let links = found.collect::<Result<Vec<_>, _>>()?;
    let (Some(first), Some(last)) = (links.first(), links.last()) else {
        return Ok(Vec::new());
    };
    let mut rows = rows_between(db, tenant, first.first, last.last)
        .await?
        .into_iter()
        .peekable();
    let with_rows = links.into_iter().map(|link| {
        let own = std::iter::from_fn(|| rows.next_if(|row| row.number <= link.last));
        (link, own.collect())
    });
    Ok(with_rows.collect())
}

async fn rows_between(
    db: &SqlitePool,
    tenant: &TenantId,
    first: u64,
    last: u64,
) -> Result<Vec<Row>, StoreError> {
    let rows = sqlx::query(
        "select * from audit_rows where tenant_id = $1 and number between $2 and $3 order by number",
    )
    .bind(tenant.as_str())
    .bind(signed(first))
    .bind(signed(last))
    .fetch_all(db)
    .await
    .map_err(|error| fault(READING, error))?;
    rows.iter().map(|found| row(&Columns(found))).collect()
}

/// Rows in which an agent called something itself, and was not refused: `Entry::is_accepted_call`.
macro_rules! calls {
    () => {
        "from audit_rows indexed by audit_of_agent where tenant_id = $1 and agent_id = $2 \
             and actor glob 'agent:*' and action <> 'deny'"
    };
}

pub const LAST_CALL: &str = concat!("select * ", calls!(), " order by number desc limit 1");

pub const CALLS_AFTER: &str = concat!("select count(*) ", calls!(), " and number > $3");

pub async fn calls_after(
    db: &SqlitePool,
    tenant: &TenantId,
    agent: AgentId,
    after: u64,
) -> Result<(Option<Row>, u64), StoreError> {
    // One snapshot, so that the row and the count agree.
    let mut snapshot = db.begin().await.map_err(|error| fault(READING, error))?;
    let newest = sqlx::query(LAST_CALL)
        .bind(tenant.as_str())
        .bind(agent.0)
        .fetch_optional(&mut *snapshot)
        .await
        .map_err(|error| fault(READING, error))?;
    let count: i64 = sqlx::query_scalar(CALLS_AFTER)
        .bind(tenant.as_str())
        .bind(agent.0)
        .bind(signed(after))
        .fetch_one(&mut *snapshot)
        .await
        .map_err(|error| fault(READING, error))?;
    let newest = newest.map(|found| row(&Columns(&found))).transpose()?;
    Ok((newest, count.unsigned_abs()))
}

fn row(row: &Columns<'_>) -> Result<Row, StoreError> {
    let action: Action = row.word("action")?;
    Ok(Row {
        number: row.number("number")?,
        entry: Entry {
            at: row.time("at")?,
            action,
            actor: row.get("actor")?,
            agent: row.id_if("agent_id")?,
            subject: row.get("subject")?,
            body: row.digest_if("body")?,
            detail: row.get("detail")?,
        },
    })
}

fn link(row: &Columns<'_>) -> Result<Link, StoreError> {
    Ok(Link {
        number: row.number("number")?,
        first: row.number("first_row")?,
        last: row.number("last_row")?,
        hash: row.digest("hash")?,
    })
}
