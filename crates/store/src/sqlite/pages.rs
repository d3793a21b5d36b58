//! Pages of the ledger: transactions with the balance that each of them led to.

use husting_domain::ids::TenantId;
use husting_domain::money::MicroUsd;
use sqlx::SqlitePool;

use super::columns::Columns;
use super::faults::fault;
use super::ledger::{READING, booked, filtered, matching, transaction};
use crate::errors::StoreError;
use crate::views::{LedgerEntry, TransactionFilter};

/// Beside each row of the page, what was booked between it and the row above it, which may be much
/// when words were looked for, and at the first row everything newer.
const PAGE: &str = concat!(
    "with found as materialized (select t.*, s.title as session_title from transactions t ",
    matching!(),
    " order by t.at desc, t.transaction_id desc limit $6), \
     t as (select found.*, lag(at, 1, 9223372036854775807) over newest as above_at, \
             lag(transaction_id, 1, x'') over newest as above_id \
         from found window newest as (order by at desc, transaction_id desc)) \
     select ",
    booked!(),
    ", (select r.round_index from rounds r where r.tenant_id = t.tenant_id and r.round_id = t.round_id) as round_index, \
       (select coalesce(sum(n.bucket_change), 0) from transactions n where n.tenant_id = t.tenant_id \
           and (n.at, n.transaction_id) > (t.at, t.transaction_id) \
           and (n.at, n.transaction_id) <= (t.above_at, t.above_id)) as booked_since, \
       (select coalesce(sum(a.balance), 0) from accounts a where a.tenant_id = $1 \
           and a.account in ('free', 'subscription', 'refill')) as balance_now, \
       t.kind = 'limit_change' and exists (select 1 from transactions d where d.tenant_id = t.tenant_id \
           and d.kind = 'debit' and d.at = t.at and -d.bucket_change >= t.bucket_change) as covers_call \
     from t order by t.at desc, t.transaction_id desc"
);

pub async fn page(
    db: &SqlitePool,
    tenant: &TenantId,
    filter: &TransactionFilter,
) -> Result<Vec<LedgerEntry>, StoreError> {
    let rows = filtered(PAGE, tenant, filter)?
        .fetch_all(db)
        .await
        .map_err(|error| fault(READING, error))?;
    let mut balance = None;
    rows.iter()
        .map(|row| {
            let row = Columns(row);
            let after = balance.unwrap_or(row.money("balance_now")?) - row.money("booked_since")?;
            balance = Some(after);
            entry(&row, after)
        })
        .collect()
}

fn entry(row: &Columns<'_>, balance_after: MicroUsd) -> Result<LedgerEntry, StoreError> {
    Ok(LedgerEntry {
        booking: transaction(row)?,
        session: row.id_if("session_id")?,
        session_title: row.get("session_title")?,
        round_index: row.number_if("round_index")?,
        balance_after,
        covers_call: row.get("covers_call")?,
    })
}
