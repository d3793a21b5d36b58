//! The table `sessions`.

use husting_domain::ids::{SessionId, TenantId};
use husting_domain::money::MicroUsd;
use husting_domain::recaps::{RecapStatus, SessionSynthesis, Summary};
use husting_domain::sessions::{Session, SessionStatus};
use husting_domain::time::Timestamp;
use sqlx::{SqliteConnection, SqlitePool};

use super::columns::{Columns, json, signed, stored_summary};
use super::faults::{Explain, fault, touched};
use super::words::Word;
use crate::errors::{CommitError, Constraint, StoreError};
use crate::views::{SessionStanding, Tenanted};

const NOUN: &str = "session";

const READING: &str = "reading sessions";

/// Every column but the reference, which may be large.
macro_rules! listed {
    () => {
        "s.tenant_id, s.session_id, s.title, s.tags, s.status, s.reference_name, s.models, s.blind, s.moderator_name, \
         s.application, s.source, s.max_output_tokens, s.deadline_seconds, s.spend_limit, s.rehearsal, s.seed, \
         s.archived, s.created_at, s.updated_at, s.opened_by, s.consent, s.synthesis"
    };
}

pub(super) use listed;

pub async fn insert(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    session: &Session,
) -> Result<(), CommitError> {
    if session.tenant_id != *tenant {
        return Err(Constraint::OtherTenant(NOUN).into());
    }
    let (synthesis_status, synthesis) = stored_summary(&session.synthesis)?;
    sqlx::query(
        "insert into sessions (tenant_id, session_id, title, tags, status, reference, reference_name, models, blind, \
             moderator_name, application, source, max_output_tokens, deadline_seconds, spend_limit, rehearsal, seed, \
             archived, created_at, updated_at, search, opened_by, consent, synthesis_status, synthesis) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, \
             $24, $25)",
    )
    .bind(tenant.as_str())
    .bind(session.id.0)
    .bind(&session.title)
    .bind(json(&session.tags)?)
    .bind(session.status.stored())
    .bind(&session.reference)
    .bind(&session.reference_name)
    .bind(json(&session.models)?)
    .bind(session.blind)
    .bind(&session.moderator_name)
    .bind(&session.application)
    .bind(session.source.stored())
    .bind(signed(session.max_output_tokens))
    .bind(session.deadline_seconds)
    .bind(session.spend_limit.map(|limit| limit.0))
    .bind(session.rehearsal)
    .bind(session.seed.cast_signed())
    .bind(session.archived)
    .bind(session.created_at.as_micros())
    .bind(session.updated_at.as_micros())
    .bind(search_text(&session.title, &session.tags))
    .bind(session.opened_by.to_string())
    .bind(json(&session.consent)?)
    .bind(synthesis_status)
    .bind(synthesis)
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

pub async fn set_status(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: SessionId,
    status: SessionStatus,
    at: Timestamp,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update sessions set status = $3, updated_at = max(updated_at, $4) where tenant_id = $1 and session_id = $2",
    );
    touched(
        change
            .bind(tenant.as_str())
            .bind(id.0)
            .bind(status.stored())
            .bind(at.as_micros())
            .execute(db)
            .await,
        NOUN,
    )
}

pub async fn set_title(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: SessionId,
    title: &str,
    at: Timestamp,
) -> Result<(), CommitError> {
    let (_, tags) = labels(db, tenant, id).await?;
    set_labels(db, tenant, id, title, &tags, at).await
}

pub async fn set_tags(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: SessionId,
    tags: &[String],
    at: Timestamp,
) -> Result<(), CommitError> {
    let (title, _) = labels(db, tenant, id).await?;
    set_labels(db, tenant, id, &title, tags, at).await
}

async fn labels(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: SessionId,
) -> Result<(String, Vec<String>), CommitError> {
    let row =
        sqlx::query("select title, tags from sessions where tenant_id = $1 and session_id = $2")
            .bind(tenant.as_str())
            .bind(id.0)
            .fetch_optional(db)
            .await
            .explain(NOUN)?
            .ok_or(Constraint::Absent(NOUN))?;
    Ok((Columns(&row).get("title")?, Columns(&row).json("tags")?))
}

async fn set_labels(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: SessionId,
    title: &str,
    tags: &[String],
    at: Timestamp,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update sessions set title = $3, tags = $4, search = $5, updated_at = max(updated_at, $6) \
         where tenant_id = $1 and session_id = $2",
    )
    .bind(tenant.as_str())
    .bind(id.0)
    .bind(title)
    .bind(json(tags)?)
    .bind(search_text(title, tags))
    .bind(at.as_micros());
    touched(change.execute(db).await, NOUN)
}

pub async fn set_moderator_name(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: SessionId,
    name: Option<&str>,
    at: Timestamp,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update sessions set moderator_name = $3, updated_at = max(updated_at, $4) \
         where tenant_id = $1 and session_id = $2",
    );
    touched(
        change
            .bind(tenant.as_str())
            .bind(id.0)
            .bind(name)
            .bind(at.as_micros())
            .execute(db)
            .await,
        NOUN,
    )
}

pub async fn set_spend_limit(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: SessionId,
    limit: Option<MicroUsd>,
    at: Timestamp,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update sessions set spend_limit = $3, updated_at = max(updated_at, $4) \
         where tenant_id = $1 and session_id = $2",
    );
    let limit = limit.map(|limit| limit.0);
    touched(
        change
            .bind(tenant.as_str())
            .bind(id.0)
            .bind(limit)
            .bind(at.as_micros())
            .execute(db)
            .await,
        NOUN,
    )
}

pub async fn set_synthesis(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: SessionId,
    synthesis: &Summary<SessionSynthesis>,
    at: Timestamp,
) -> Result<(), CommitError> {
    let (status, text) = stored_summary(synthesis)?;
    let change = sqlx::query(
        "update sessions set synthesis_status = $3, synthesis = $4, updated_at = max(updated_at, $5) \
         where tenant_id = $1 and session_id = $2",
    )
    .bind(tenant.as_str())
    .bind(id.0)
    .bind(status)
    .bind(text)
    .bind(at.as_micros());
    touched(change.execute(db).await, NOUN)
}

/// What was written before stays, and why it could not be written goes.
pub async fn await_synthesis(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: SessionId,
    at: Timestamp,
) -> Result<(), CommitError> {
    let nothing = Summary::<SessionSynthesis> {
        status: RecapStatus::Pending,
        ..Summary::default()
    };
    let change = sqlx::query(
        "update sessions set synthesis_status = 'pending', updated_at = max(updated_at, $4), \
             synthesis = json_set(coalesce(synthesis, $3), '$.status', 'pending', '$.failure', null, \
                 '$.failed', json('[]')) \
         where tenant_id = $1 and session_id = $2",
    )
    .bind(tenant.as_str())
    .bind(id.0)
    .bind(json(&nothing)?)
    .bind(at.as_micros());
    touched(change.execute(db).await, NOUN)
}

pub async fn archive(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: SessionId,
    archived: bool,
) -> Result<(), CommitError> {
    let change =
        sqlx::query("update sessions set archived = $3 where tenant_id = $1 and session_id = $2");
    touched(
        change
            .bind(tenant.as_str())
            .bind(id.0)
            .bind(archived)
            .execute(db)
            .await,
        NOUN,
    )
}

/// Rounds and calls go with it by their foreign keys; the ledger has none.
pub async fn delete(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: SessionId,
) -> Result<(), CommitError> {
    let change = sqlx::query("delete from sessions where tenant_id = $1 and session_id = $2");
    touched(
        change.bind(tenant.as_str()).bind(id.0).execute(db).await,
        NOUN,
    )
}

pub async fn has_status(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: SessionId,
    statuses: &[SessionStatus],
) -> Result<bool, sqlx::Error> {
    let stored: Option<String> =
        sqlx::query_scalar("select status from sessions where tenant_id = $1 and session_id = $2")
            .bind(tenant.as_str())
            .bind(id.0)
            .fetch_optional(db)
            .await?;
    Ok(stored.is_some_and(|stored| statuses.iter().any(|status| status.stored() == stored)))
}

pub async fn standing(
    db: &SqlitePool,
    tenant: &TenantId,
    id: SessionId,
) -> Result<Option<SessionStanding>, StoreError> {
    let row = sqlx::query(
        "select status, opened_by from sessions where tenant_id = $1 and session_id = $2",
    )
    .bind(tenant.as_str())
    .bind(id.0)
    .fetch_optional(db)
    .await
    .map_err(|error| fault(READING, error))?;
    let standing = |row: Columns<'_>| {
        Ok(SessionStanding {
            status: row.word("status")?,
            opened_by: row.principal("opened_by")?,
        })
    };
    row.map(|row| standing(Columns(&row))).transpose()
}

pub async fn by_id(
    db: &SqlitePool,
    tenant: &TenantId,
    id: SessionId,
) -> Result<Option<Session>, StoreError> {
    let row = sqlx::query(concat!(
        "select ",
        listed!(),
        ", s.reference from sessions s where s.tenant_id = $1 and s.session_id = $2"
    ))
    .bind(tenant.as_str())
    .bind(id.0)
    .fetch_optional(db)
    .await
    .map_err(|error| fault(READING, error))?;
    let Some(row) = row else { return Ok(None) };
    let reference = Columns(&row).get("reference")?;
    Ok(Some(Session {
        reference,
        ..session(&Columns(&row))?
    }))
}

pub fn session(row: &Columns<'_>) -> Result<Session, StoreError> {
    Ok(Session {
        id: row.id("session_id")?,
        tenant_id: row.tenant()?,
        title: row.get("title")?,
        tags: row.json("tags")?,
        status: row.word("status")?,
        reference: None,
        reference_name: row.get("reference_name")?,
        models: row.json("models")?,
        blind: row.get("blind")?,
        moderator_name: row.get("moderator_name")?,
        application: row.get("application")?,
        source: row.word("source")?,
        max_output_tokens: row.number("max_output_tokens")?,
        deadline_seconds: row.number_if("deadline_seconds")?,
        spend_limit: row.money_if("spend_limit")?,
        rehearsal: row.get("rehearsal")?,
        seed: row.get::<i64>("seed")?.cast_unsigned(),
        archived: row.get("archived")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
        opened_by: row.principal("opened_by")?,
        consent: row.json("consent")?,
        synthesis: row.summary("synthesis")?,
    })
}

/// Sessions of all tenants whose synthesis is being written: what a restart has to end.
pub async fn unfinished_syntheses(db: &SqlitePool) -> Result<Vec<Tenanted<SessionId>>, StoreError> {
    let rows = sqlx::query(
        "select tenant_id, session_id from sessions where synthesis_status = 'pending' \
         order by tenant_id, session_id",
    )
    .fetch_all(db)
    .await
    .map_err(|error| fault(READING, error))?;
    rows.iter()
        .map(|row| {
            Ok(Tenanted {
                tenant: Columns(row).tenant()?,
                row: Columns(row).id("session_id")?,
            })
        })
        .collect()
}

fn search_text(title: &str, tags: &[String]) -> String {
    format!("{title}\n{}", tags.join("\n")).to_lowercase()
}
