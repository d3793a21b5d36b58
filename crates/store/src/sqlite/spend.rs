//! Sums over the debits of the ledger.

use husting_domain::ids::TenantId;
use husting_domain::time::Timestamp;
use sqlx::SqlitePool;
use uuid::Uuid;

use super::columns::Columns;
use super::faults::fault;
use super::ledger::READING;
use crate::errors::StoreError;
use crate::views::{Spend, SpendBy};

/// Debits and their refunds, summed by an expression.
macro_rules! summed {
    ($key:literal $(, $only:literal)?) => {
        concat!(
            "select ",
            $key,
            " as key, sum(kind = 'debit') as calls, \
             coalesce(sum(input + cache_read + cache_write), 0) as input_tokens, \
             coalesce(sum(output), 0) as output_tokens, coalesce(sum(cost), 0) as cost, \
             sum(case kind when 'debit' then amount else -bucket_change end) as amount \
             from transactions where tenant_id = $1 and at >= $2 and kind in ('debit', 'refund') ",
            $($only,)?
            " group by 1 order by cost desc, key"
        )
    };
}

pub async fn by(
    db: &SqlitePool,
    tenant: &TenantId,
    by: SpendBy,
    since: Timestamp,
) -> Result<Vec<Spend>, StoreError> {
    let sql = match by {
        SpendBy::Model => summed!("model"),
        SpendBy::Purpose => summed!("purpose"),
        SpendBy::Session => summed!("lower(hex(session_id))", "and session_id is not null"),
        // Its own turns, and the rounds of the sessions that it opened.
        SpendBy::Agent => summed!(
            "coalesce(nullif(lower(hex(transactions.agent_id)), ''), (select opened.agent_id from sessions_of_agents opened \
             where opened.tenant_id = transactions.tenant_id and opened.session_id = transactions.session_id))",
            "and (agent_id is not null or session_id in \
             (select session_id from sessions_of_agents where tenant_id = $1))"
        ),
    };
    let rows = sqlx::query(sql)
        .bind(tenant.as_str())
        .bind(since.as_micros())
        .fetch_all(db)
        .await
        .map_err(|error| fault(READING, error))?;
    let mut sums = rows
        .iter()
        .map(|row| spend(&Columns(row)))
        .collect::<Result<Vec<_>, _>>()?;
    if matches!(by, SpendBy::Session | SpendBy::Agent) {
        sums.iter_mut()
            .for_each(|sum| sum.key = hyphenated(&sum.key));
    }
    Ok(sums)
}

fn spend(row: &Columns<'_>) -> Result<Spend, StoreError> {
    Ok(Spend {
        key: row.get("key")?,
        calls: row.number("calls")?,
        input_tokens: row.number("input_tokens")?,
        output_tokens: row.number("output_tokens")?,
        cost: row.money("cost")?,
        amount: row.money("amount")?,
    })
}

fn hyphenated(hex: &str) -> String {
    Uuid::parse_str(hex).map_or_else(|_| hex.to_owned(), |id| id.to_string())
}
