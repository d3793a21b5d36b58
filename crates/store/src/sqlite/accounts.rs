//! The table `accounts`: balances, which follow from the entries.

use std::collections::BTreeMap;

use husting_domain::ids::{TenantId, TransactionId};
use husting_domain::ledger::{Account, Entry};
use husting_domain::money::MicroUsd;
use sqlx::error::ErrorKind;
use sqlx::{SqliteConnection, SqlitePool};

use super::columns::Columns;
use super::faults::{Explain, broken, fault};
use super::ledger::READING;
use super::words::Word;
use crate::errors::{CommitError, Constraint, StoreError};
use crate::views::LedgerSums;

const NOUN: &str = "account";

/// Adds a booking's entries to the balances.
pub async fn add(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    entries: &[Entry],
) -> Result<(), CommitError> {
    for (account, change) in changes(entries) {
        move_balance(db, tenant, account, change).await?;
    }
    Ok(())
}

/// One sum for each account, so that the order of the lines never brings a bucket below zero.
fn changes(entries: &[Entry]) -> BTreeMap<Account, MicroUsd> {
    let mut sums = BTreeMap::new();
    for entry in entries {
        *sums.entry(entry.account).or_insert(MicroUsd::ZERO) += entry.amount;
    }
    sums
}

async fn move_balance(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    account: Account,
    change: MicroUsd,
) -> Result<(), CommitError> {
    sqlx::query("insert into accounts (tenant_id, account, balance) values ($1, $2, 0) on conflict do nothing")
        .bind(tenant.as_str())
        .bind(account.stored())
        .execute(&mut *db)
        .await
        .explain(NOUN)?;
    let moved = sqlx::query(
        "update accounts set balance = balance + $3 where tenant_id = $1 and account = $2",
    )
    .bind(tenant.as_str())
    .bind(account.stored())
    .bind(change.0)
    .execute(db)
    .await;
    match moved {
        Err(error) if matches!(broken(&error), Some(ErrorKind::CheckViolation)) => {
            Err(Constraint::BelowZero(account).into())
        }
        moved => moved.explain(NOUN).map(|_| ()),
    }
}

pub async fn sums(db: &SqlitePool, tenant: &TenantId) -> Result<LedgerSums, StoreError> {
    let reading = |error| fault(READING, error);
    // One snapshot, so that no booking falls between the entries and the balances.
    let mut snapshot = db.begin().await.map_err(reading)?;
    let transactions: i64 =
        sqlx::query_scalar("select count(*) from transactions where tenant_id = $1")
            .bind(tenant.as_str())
            .fetch_one(&mut *snapshot)
            .await
            .map_err(reading)?;
    let unbalanced: Vec<uuid::Uuid> = sqlx::query_scalar(
        "select transaction_id from entries where tenant_id = $1 group by transaction_id having sum(amount) <> 0",
    )
    .bind(tenant.as_str())
    .fetch_all(&mut *snapshot)
    .await
    .map_err(reading)?;
    let entries = sqlx::query(
        "select account, sum(amount) as balance from entries where tenant_id = $1 group by account",
    )
    .bind(tenant.as_str())
    .fetch_all(&mut *snapshot)
    .await
    .map_err(reading)?;
    Ok(LedgerSums {
        transactions: transactions.unsigned_abs(),
        unbalanced: unbalanced.into_iter().map(TransactionId).collect(),
        entries: balances_of(&entries)?,
        balances: balances(&mut snapshot, tenant).await?,
    })
}

/// Accounts that were ever booked, with their balances.
pub async fn balances(
    db: &mut SqliteConnection,
    tenant: &TenantId,
) -> Result<BTreeMap<Account, MicroUsd>, StoreError> {
    let rows = sqlx::query("select account, balance from accounts where tenant_id = $1")
        .bind(tenant.as_str())
        .fetch_all(db)
        .await
        .map_err(|error| fault(READING, error))?;
    balances_of(&rows)
}

fn balances_of(
    rows: &[sqlx::sqlite::SqliteRow],
) -> Result<BTreeMap<Account, MicroUsd>, StoreError> {
    rows.iter()
        .map(|row| {
            Ok((
                Columns(row).word("account")?,
                Columns(row).money("balance")?,
            ))
        })
        .collect()
}
