//! The table `models`.

use husting_domain::ids::TenantId;
use husting_domain::models::{Model, ModelId};
use husting_domain::money::{MicroUsd, Price};
use husting_domain::time::Timestamp;
use sqlx::{SqliteConnection, SqlitePool};

use super::columns::{Columns, signed};
use super::faults::{Explain, fault, touched};
use super::words::Word;
use crate::errors::{CommitError, StoreError};

const NOUN: &str = "model";
const READING: &str = "reading models";

pub async fn put(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    model: &Model,
) -> Result<(), CommitError> {
    let rate = |of: fn(&Price) -> Option<MicroUsd>| {
        model
            .price_override
            .as_ref()
            .and_then(of)
            .map(|rate| rate.0)
    };
    sqlx::query(
        "insert into models (tenant_id, model_id, provider, provider_model, display_name, kind, context_window, \
             max_output_tokens, enabled, price_input, price_output, price_cache_read, price_cache_write, price_set_at, \
             minimum, deadline_seconds) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) \
         on conflict do update set provider = excluded.provider, provider_model = excluded.provider_model, \
             display_name = excluded.display_name, kind = excluded.kind, context_window = excluded.context_window, \
             max_output_tokens = excluded.max_output_tokens, enabled = excluded.enabled, \
             price_input = excluded.price_input, price_output = excluded.price_output, \
             price_cache_read = excluded.price_cache_read, price_cache_write = excluded.price_cache_write, \
             price_set_at = excluded.price_set_at, minimum = excluded.minimum, \
             deadline_seconds = excluded.deadline_seconds, removed_at = null",
    )
    .bind(tenant.as_str())
    .bind(model.id.as_str())
    .bind(&model.provider)
    .bind(&model.provider_model)
    .bind(&model.display_name)
    .bind(model.kind.stored())
    .bind(signed(model.context_window))
    .bind(signed(model.max_output_tokens))
    .bind(model.enabled)
    .bind(rate(|price| Some(price.input)))
    .bind(rate(|price| Some(price.output)))
    .bind(rate(|price| price.cache_read))
    .bind(rate(|price| price.cache_write))
    .bind(model.price_set_at.map(Timestamp::as_micros))
    .bind(model.minimum.map(|minimum| minimum.0))
    .bind(model.deadline_seconds)
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

pub async fn remove(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: &ModelId,
    at: Timestamp,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update models set removed_at = $3 where tenant_id = $1 and model_id = $2 and removed_at is null",
    );
    touched(
        change
            .bind(tenant.as_str())
            .bind(id.as_str())
            .bind(at.as_micros())
            .execute(db)
            .await,
        NOUN,
    )
}

pub async fn restore(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: &ModelId,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update models set removed_at = null \
         where tenant_id = $1 and model_id = $2 and removed_at is not null",
    );
    touched(
        change
            .bind(tenant.as_str())
            .bind(id.as_str())
            .execute(db)
            .await,
        NOUN,
    )
}

pub async fn delete(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: &ModelId,
) -> Result<(), CommitError> {
    let change = sqlx::query("delete from models where tenant_id = $1 and model_id = $2");
    touched(
        change
            .bind(tenant.as_str())
            .bind(id.as_str())
            .execute(db)
            .await,
        NOUN,
    )
}

pub async fn all(db: &SqlitePool, tenant: &TenantId) -> Result<Vec<Model>, StoreError> {
    let rows = sqlx::query(
        "select * from models where tenant_id = $1 and removed_at is null order by model_id",
    )
    .bind(tenant.as_str())
    .fetch_all(db)
    .await
    .map_err(|error| fault(READING, error))?;
    rows.iter().map(|row| model(&Columns(row))).collect()
}

/// Those off the list, what was taken off last first.
pub async fn removed(db: &SqlitePool, tenant: &TenantId) -> Result<Vec<Model>, StoreError> {
    let rows = sqlx::query(
        "select * from models where tenant_id = $1 and removed_at is not null \
         order by removed_at desc, model_id",
    )
    .bind(tenant.as_str())
    .fetch_all(db)
    .await
    .map_err(|error| fault(READING, error))?;
    rows.iter().map(|row| model(&Columns(row))).collect()
}

pub async fn by_id(
    db: &SqlitePool,
    tenant: &TenantId,
    id: &ModelId,
) -> Result<Option<Model>, StoreError> {
    let row = sqlx::query(
        "select * from models where tenant_id = $1 and model_id = $2 and removed_at is null",
    )
    .bind(tenant.as_str())
    .bind(id.as_str())
    .fetch_optional(db)
    .await
    .map_err(|error| fault(READING, error))?;
    row.map(|row| model(&Columns(&row))).transpose()
}

fn model(row: &Columns<'_>) -> Result<Model, StoreError> {
    Ok(Model {
        id: row.model("model_id")?,
        provider: row.get("provider")?,
        provider_model: row.get("provider_model")?,
        display_name: row.get("display_name")?,
        kind: row.word("kind")?,
        context_window: row.number("context_window")?,
        max_output_tokens: row.number("max_output_tokens")?,
        enabled: row.get("enabled")?,
        price_override: price(row)?,
        price_set_at: row.time_if("price_set_at")?,
        minimum: row.money_if("minimum")?,
        deadline_seconds: row.number_if("deadline_seconds")?,
    })
}

fn price(row: &Columns<'_>) -> Result<Option<Price>, StoreError> {
    let (Some(input), Some(output)) = (row.money_if("price_input")?, row.money_if("price_output")?)
    else {
        return Ok(None);
    };
    let cache_read = row.money_if("price_cache_read")?;
    let cache_write = row.money_if("price_cache_write")?;
    Ok(Some(Price {
        input,
        output,
        cache_read,
        cache_write,
        long: None,
    }))
}
