//! The tables `transactions` and `entries`: what was booked.

use husting_domain::ids::{RoundId, TenantId, TransactionId};
use husting_domain::ledger::{Account, Debit, Entry, Occasion, Transaction, TransactionKind};
use husting_domain::money::MicroUsd;
use husting_domain::time::Timestamp;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Sqlite, SqliteConnection, SqlitePool};

use super::columns::{Columns, hex_list, json, search_words, signed};
use super::faults::{Explain, fault};
use super::words::Word;
use super::{accounts, occasions, wallets};
use crate::errors::{CommitError, Constraint, StoreError};
use crate::views::{BookingKind, TransactionFilter};

const NOUN: &str = "transaction";
pub const READING: &str = "reading the ledger";

/// A transaction's columns and its entries as `[[account, amount], …]`.
macro_rules! booked {
    () => {
        "t.*, (select json_group_array(json_array(e.account, e.amount) order by e.line) from entries e \
             where e.tenant_id = t.tenant_id and e.transaction_id = t.transaction_id) as entries"
    };
}

/// The condition of a list: $1 tenant, $2 session, $3 kinds, $4 the transaction before, $5 words.
macro_rules! matching {
    () => {
        "left join sessions s on s.tenant_id = t.tenant_id and s.session_id = t.session_id \
         where t.tenant_id = $1 and ($2 is null or t.session_id = $2) \
             and ($3 = '[]' or t.kind in (select value from json_each($3))) \
             and ($4 is null or (t.at, t.transaction_id) < (select b.at, b.transaction_id from transactions b \
                 where b.tenant_id = $1 and b.transaction_id = $4)) \
             and not exists (select 1 from json_each($5) as word where \
                 instr(lower(concat_ws(' ', t.kind, t.model, t.purpose)) || ' ' || coalesce(s.search, '') || ' ' || \
                     printf('%s%d.%06d', iif(t.bucket_change < 0, '-', ''), abs(t.bucket_change) / 1000000, \
                         abs(t.bucket_change) % 1000000), ltrim(word.value, '$')) = 0 \
                 and (length(word.value) < 8 \
                     or instr(lower(hex(t.transaction_id)), replace(word.value, '-', '')) = 0))"
    };
}

pub(super) use {booked, matching};

pub async fn post(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    booking: &Transaction,
) -> Result<(), CommitError> {
    if !booking.is_balanced() {
        return Err(Constraint::Unbalanced(booking.id).into());
    }
    insert(db, tenant, booking).await?;
    for (line, entry) in booking.entries.iter().enumerate() {
        sqlx::query(
            "insert into entries (tenant_id, transaction_id, line, account, amount) values ($1, $2, $3, $4, $5)",
        )
        .bind(tenant.as_str())
        .bind(booking.id.0)
        .bind(signed(line as u64))
        .bind(entry.account.stored())
        .bind(entry.amount.0)
        .execute(&mut *db)
        .await
        .explain("entry")?;
    }
    accounts::add(db, tenant, &booking.entries).await?;
    wallets::touch(db, tenant).await
}

async fn insert(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    booking: &Transaction,
) -> Result<(), CommitError> {
    match &booking.kind {
        TransactionKind::Debit(debit) => insert_debit(db, tenant, booking, debit).await,
        TransactionKind::Refund {
            of,
            occasion,
            model,
        } => {
            let debit = Refunded {
                of: *of,
                occasion: *occasion,
                model: model.as_str(),
            };
            insert_refund(db, tenant, booking, debit).await
        }
        TransactionKind::Grant { month }
        | TransactionKind::Expiry { month }
        | TransactionKind::SubscriptionCredit { month } => {
            insert_plain(db, tenant, booking, Some(*month)).await
        }
        TransactionKind::TopUp | TransactionKind::AutoRefill | TransactionKind::LimitChange => {
            insert_plain(db, tenant, booking, None).await
        }
    }
}

async fn insert_debit(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    booking: &Transaction,
    debit: &Debit,
) -> Result<(), CommitError> {
    let at = occasions::Place::of(debit.occasion);
    sqlx::query(
        "insert into transactions (tenant_id, transaction_id, at, kind, bucket_change, session_id, round_id, call_id, \
             model, purpose, input, cache_read, cache_write, output, estimated, cost, markup_bps, amount, \
             agent_id, message_id) \
         values ($1, $2, $3, 'debit', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
    )
    .bind(tenant.as_str())
    .bind(booking.id.0)
    .bind(booking.at.as_micros())
    .bind(booking.bucket_change().0)
    .bind(at.session)
    .bind(at.round)
    .bind(debit.call_id.0)
    .bind(debit.model.as_str())
    .bind(debit.purpose.stored())
    .bind(signed(debit.usage.input))
    .bind(signed(debit.usage.cache_read))
    .bind(signed(debit.usage.cache_write))
    .bind(signed(debit.usage.output))
    .bind(debit.usage.estimated)
    .bind(debit.cost.0)
    .bind(debit.markup_bps)
    .bind(debit.amount.0)
    .bind(at.agent)
    .bind(at.message)
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

struct Refunded<'a> {
    of: TransactionId,
    occasion: Occasion,
    model: &'a str,
}

async fn insert_refund(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    booking: &Transaction,
    debit: Refunded<'_>,
) -> Result<(), CommitError> {
    let at = occasions::Place::of(debit.occasion);
    let inserted = sqlx::query(
        "insert into transactions (tenant_id, transaction_id, at, kind, bucket_change, refund_of, round_id, model, \
             session_id, agent_id, message_id, purpose) \
         select $1, $2, $3, 'refund', $4, $5, $6, $7, $8, $9, $10, d.purpose from transactions d \
         where d.tenant_id = $1 and d.transaction_id = $5 and d.kind = 'debit' and d.round_id is $6 \
             and d.session_id is $8 and d.agent_id is $9 and d.message_id is $10",
    )
    .bind(tenant.as_str())
    .bind(booking.id.0)
    .bind(booking.at.as_micros())
    .bind(booking.bucket_change().0)
    .bind(debit.of.0)
    .bind(at.round)
    .bind(debit.model)
    .bind(at.session)
    .bind(at.agent)
    .bind(at.message)
    .execute(db)
    .await;
    super::faults::touched(inserted, "debit")
}

async fn insert_plain(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    booking: &Transaction,
    month: Option<Timestamp>,
) -> Result<(), CommitError> {
    sqlx::query(
        "insert into transactions (tenant_id, transaction_id, at, kind, bucket_change, month) \
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(tenant.as_str())
    .bind(booking.id.0)
    .bind(booking.at.as_micros())
    .bind(booking.kind.word())
    .bind(booking.bucket_change().0)
    .bind(month.map(Timestamp::as_micros))
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

pub async fn list(
    db: &SqlitePool,
    tenant: &TenantId,
    filter: &TransactionFilter,
) -> Result<Vec<Transaction>, StoreError> {
    let sql = concat!(
        "select ",
        booked!(),
        " from transactions t ",
        matching!(),
        " order by t.at desc, t.transaction_id desc limit $6"
    );
    let rows = filtered(sql, tenant, filter)?
        .fetch_all(db)
        .await
        .map_err(|error| fault(READING, error))?;
    rows.iter().map(|row| transaction(&Columns(row))).collect()
}

/// A query with the filter bound to `matching!` and `$6`.
pub fn filtered<'q>(
    sql: &'static str,
    tenant: &'q TenantId,
    filter: &TransactionFilter,
) -> Result<Query<'q, Sqlite, SqliteArguments>, StoreError> {
    let kinds: Vec<&str> = filter.kinds.iter().map(|kind| kind.stored()).collect();
    Ok(sqlx::query(sql)
        .bind(tenant.as_str())
        .bind(filter.session.map(|session| session.0))
        .bind(json(&kinds)?)
        .bind(filter.before.map(|id| id.0))
        .bind(search_words(filter.query.as_deref())?)
        .bind(filter.limit))
}

pub async fn of_rounds(
    db: &SqlitePool,
    tenant: &TenantId,
    rounds: &[RoundId],
) -> Result<Vec<Transaction>, StoreError> {
    // The plus keeps the planner from walking all bookings in the order of time.
    let rows = sqlx::query(concat!(
        "select ",
        booked!(),
        " from transactions t where t.tenant_id = $1 \
             and t.round_id in (select unhex(value) from json_each($2)) order by +t.at, t.transaction_id"
    ))
    .bind(tenant.as_str())
    .bind(hex_list(rounds.iter().map(|round| round.0)))
    .fetch_all(db)
    .await
    .map_err(|error| fault(READING, error))?;
    rows.iter().map(|row| transaction(&Columns(row))).collect()
}

pub async fn booked_since(
    db: &SqlitePool,
    tenant: &TenantId,
    kind: BookingKind,
    since: Timestamp,
) -> Result<MicroUsd, StoreError> {
    sqlx::query_scalar(
        "select coalesce(sum(bucket_change), 0) from transactions \
         where tenant_id = $1 and kind = $2 and at >= $3",
    )
    .bind(tenant.as_str())
    .bind(kind.stored())
    .bind(since.as_micros())
    .fetch_one(db)
    .await
    .map(MicroUsd)
    .map_err(|error| fault(READING, error))
}

pub fn transaction(row: &Columns<'_>) -> Result<Transaction, StoreError> {
    Ok(Transaction {
        id: row.id("transaction_id")?,
        at: row.time("at")?,
        kind: kind(row)?,
        entries: entries(row)?,
    })
}

fn kind(row: &Columns<'_>) -> Result<TransactionKind, StoreError> {
    Ok(match row.word("kind")? {
        BookingKind::Debit => TransactionKind::Debit(debit(row)?),
        BookingKind::Refund => TransactionKind::Refund {
            of: row.id("refund_of")?,
            occasion: occasions::of(row)?,
            model: row.model("model")?,
        },
        BookingKind::Grant => TransactionKind::Grant {
            month: row.time("month")?,
        },
        BookingKind::Expiry => TransactionKind::Expiry {
            month: row.time("month")?,
        },
        BookingKind::SubscriptionCredit => TransactionKind::SubscriptionCredit {
            month: row.time("month")?,
        },
        BookingKind::TopUp => TransactionKind::TopUp,
        BookingKind::AutoRefill => TransactionKind::AutoRefill,
        BookingKind::LimitChange => TransactionKind::LimitChange,
    })
}

fn debit(row: &Columns<'_>) -> Result<Debit, StoreError> {
    Ok(Debit {
        call_id: row.id("call_id")?,
        occasion: occasions::of(row)?,
        model: row.model("model")?,
        purpose: row.word("purpose")?,
        usage: row.usage()?,
        cost: row.money("cost")?,
        markup_bps: row.number("markup_bps")?,
        amount: row.money("amount")?,
    })
}

fn entries(row: &Columns<'_>) -> Result<Vec<Entry>, StoreError> {
    let lines: Vec<(Account, MicroUsd)> = row.json("entries")?;
    Ok(lines
        .into_iter()
        .map(|(account, amount)| Entry { account, amount })
        .collect())
}
