//! The table `holds`: a row is an open hold, releasing deletes it.

use husting_domain::ids::{HoldId, TenantId};
use husting_domain::ledger::Hold;
use sqlx::{Executor, Sqlite, SqliteConnection};

use super::columns::{Columns, signed};
use super::faults::{Explain, fault, touched};
use super::words::Word;
use super::{occasions, wallets};
use crate::errors::{CommitError, StoreError};

const NOUN: &str = "hold";

pub async fn insert(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    hold: &Hold,
) -> Result<(), CommitError> {
    let place = occasions::Place::of(hold.occasion);
    sqlx::query(
        "insert into holds (tenant_id, hold_id, session_id, round_id, model, purpose, amount, max_output_tokens, at, \
             agent_id, message_id) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(tenant.as_str())
    .bind(hold.id.0)
    .bind(place.session)
    .bind(place.round)
    .bind(hold.model.as_str())
    .bind(hold.purpose.stored())
    .bind(hold.amount.0)
    .bind(signed(hold.max_output_tokens))
    .bind(hold.at.as_micros())
    .bind(place.agent)
    .bind(place.message)
    .execute(&mut *db)
    .await
    .explain(NOUN)?;
    wallets::touch(db, tenant).await
}

pub async fn close(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: HoldId,
) -> Result<(), CommitError> {
    let change = sqlx::query("delete from holds where tenant_id = $1 and hold_id = $2");
    touched(
        change
            .bind(tenant.as_str())
            .bind(id.0)
            .execute(&mut *db)
            .await,
        NOUN,
    )?;
    wallets::touch(db, tenant).await
}

pub async fn open<'c>(
    db: impl Executor<'c, Database = Sqlite>,
    tenant: &TenantId,
) -> Result<Vec<Hold>, StoreError> {
    let rows = sqlx::query("select * from holds where tenant_id = $1 order by at, hold_id")
        .bind(tenant.as_str())
        .fetch_all(db)
        .await
        .map_err(|error| fault("reading holds", error))?;
    rows.iter().map(|row| hold(&Columns(row))).collect()
}

fn hold(row: &Columns<'_>) -> Result<Hold, StoreError> {
    Ok(Hold {
        id: row.id("hold_id")?,
        occasion: occasions::of(row)?,
        model: row.model("model")?,
        purpose: row.word("purpose")?,
        amount: row.money("amount")?,
        max_output_tokens: row.number("max_output_tokens")?,
        at: row.time("at")?,
    })
}
