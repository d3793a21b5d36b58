//! The table `rounds`.

use husting_domain::claims::{ClaimGroup, ClaimMap};
use husting_domain::ids::{RoundId, SessionId, TenantId};
use husting_domain::recaps::{RecapStatus, RoundRecap, Summary};
use husting_domain::rounds::{Phase, ReactionSet, Round, RoundEstimate, RoundStatus, RoundTimings};
use husting_domain::time::Timestamp;
use sqlx::{SqliteConnection, SqlitePool};

use super::columns::{Columns, json, signed, stored_summary};
use super::faults::{Explain, fault, touched};
use super::words::Word;
use crate::errors::{CommitError, StoreError};
use crate::views::{PastRound, Tenanted};

const NOUN: &str = "round";
const READING: &str = "reading rounds";

pub async fn insert(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    round: &Round,
) -> Result<(), CommitError> {
    let (claim_map, contested) = stored_map(round.claim_map.as_ref())?;
    let (recap_status, recap) = stored_summary(&round.recap)?;
    sqlx::query(
        "insert into rounds (tenant_id, round_id, session_id, round_index, prompt, snippets, moderator_name, status, \
             phase, attempt, cancelled, started_at, deadline_at, ended_at, claim_map, contested, reactions, \
             slowest_answer_ms, slowest_reaction_ms, round_ms, search, estimate_low, estimate_high, \
             asked_by, recap_status, recap, wants_synthesis, progress_version, recap_low, recap_high) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, \
             $25, $26, $27, $28, $29, $30)",
    )
    .bind(tenant.as_str())
    .bind(round.id.0)
    .bind(round.session_id.0)
    .bind(round.index)
    .bind(&round.prompt)
    .bind(json(&round.snippets)?)
    .bind(&round.moderator_name)
    .bind(round.status.stored())
    .bind(round.phase.stored())
    .bind(round.attempt)
    .bind(round.cancelled)
    .bind(round.started_at.as_micros())
    .bind(round.deadline_at.as_micros())
    .bind(round.ended_at.map(Timestamp::as_micros))
    .bind(claim_map)
    .bind(contested)
    .bind(json(&round.reactions)?)
    .bind(round.timings.slowest_answer_ms)
    .bind(round.timings.slowest_reaction_ms)
    .bind(round.timings.round_ms)
    .bind(round.prompt.to_lowercase())
    .bind(round.estimate.map(|estimate| estimate.low.0))
    .bind(round.estimate.map(|estimate| estimate.high.0))
    .bind(round.asked_by.to_string())
    .bind(recap_status)
    .bind(recap)
    .bind(round.wants_synthesis)
    .bind(signed(round.progress_version))
    .bind(round.estimate.map_or(0, |estimate| estimate.recap_low.0))
    .bind(round.estimate.map_or(0, |estimate| estimate.recap_high.0))
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

pub async fn set_phase(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: RoundId,
    phase: Phase,
    deadline_at: Timestamp,
) -> Result<(), CommitError> {
    let change = sqlx::query(
        "update rounds set phase = $3, deadline_at = $4 \
         where tenant_id = $1 and round_id = $2 and status = 'in_progress'",
    )
    .bind(tenant.as_str())
    .bind(id.0)
    .bind(phase.stored())
    .bind(deadline_at.as_micros());
    touched(change.execute(db).await, NOUN)
}

pub async fn reopen(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: RoundId,
    attempt: u32,
    phase: Phase,
    deadline_at: Timestamp,
) -> Result<(), CommitError> {
    let awaited = Summary::<RoundRecap> {
        status: RecapStatus::Pending,
        ..Summary::default()
    };
    let change = sqlx::query(
        "update rounds set status = 'in_progress', phase = $4, attempt = $3, deadline_at = $5, cancelled = 0, \
             ended_at = null, claim_map = null, contested = null, progress_version = progress_version + 1, \
             recap = case recap_status when 'none' then null else $6 end, \
             recap_status = case recap_status when 'none' then 'none' else 'pending' end \
         where tenant_id = $1 and round_id = $2 and status <> 'in_progress' and attempt = $3 - 1",
    )
    .bind(tenant.as_str())
    .bind(id.0)
    .bind(attempt)
    .bind(phase.stored())
    .bind(deadline_at.as_micros())
    .bind(json(&awaited)?);
    touched(change.execute(db).await, NOUN)
}

/// How a round ended.
pub struct Ending<'a> {
    pub status: RoundStatus,
    pub ended_at: Timestamp,
    pub claim_map: Option<&'a ClaimMap>,
    pub reactions: &'a [ReactionSet],
    pub timings: RoundTimings,
    pub cancelled: bool,
    pub progress_version: u64,
}

pub async fn finish(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: RoundId,
    ending: Ending<'_>,
) -> Result<(), CommitError> {
    let (claim_map, contested) = stored_map(ending.claim_map)?;
    let change = sqlx::query(
        "update rounds set status = $3, phase = 'done', ended_at = $4, claim_map = $5, contested = $6, \
             reactions = $7, slowest_answer_ms = $8, slowest_reaction_ms = $9, round_ms = $10, cancelled = $11, \
             progress_version = max(progress_version, $12) \
         where tenant_id = $1 and round_id = $2 and status = 'in_progress'",
    )
    .bind(tenant.as_str())
    .bind(id.0)
    .bind(ending.status.stored())
    .bind(ending.ended_at.as_micros())
    .bind(claim_map)
    .bind(contested)
    .bind(json(ending.reactions)?)
    .bind(ending.timings.slowest_answer_ms)
    .bind(ending.timings.slowest_reaction_ms)
    .bind(ending.timings.round_ms)
    .bind(ending.cancelled)
    .bind(signed(ending.progress_version));
    touched(change.execute(db).await, NOUN)
}

pub async fn set_recap(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: RoundId,
    recap: &Summary<RoundRecap>,
) -> Result<(), CommitError> {
    let (status, text) = stored_summary(recap)?;
    let change = sqlx::query(
        "update rounds set recap_status = $3, recap = $4, progress_version = progress_version + 1 \
         where tenant_id = $1 and round_id = $2",
    )
    .bind(tenant.as_str())
    .bind(id.0)
    .bind(status)
    .bind(text);
    touched(change.execute(db).await, NOUN)
}

/// A higher version of the progress of every round of the session.
pub async fn raise_all(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    session: SessionId,
) -> Result<(), CommitError> {
    sqlx::query(
        "update rounds set progress_version = progress_version + 1 \
         where tenant_id = $1 and session_id = $2",
    )
    .bind(tenant.as_str())
    .bind(session.0)
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

pub async fn none_in_progress(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    session: SessionId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select not exists (select 1 from rounds \
             where tenant_id = $1 and session_id = $2 and status = 'in_progress')",
    )
    .bind(tenant.as_str())
    .bind(session.0)
    .fetch_one(db)
    .await
}

pub async fn in_progress(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: RoundId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select exists (select 1 from rounds where tenant_id = $1 and round_id = $2 and status = 'in_progress')",
    )
    .bind(tenant.as_str())
    .bind(id.0)
    .fetch_one(db)
    .await
}

pub async fn is_newest(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    session: SessionId,
    id: RoundId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select coalesce((select round_id = $3 from rounds where tenant_id = $1 and session_id = $2 \
             order by round_index desc limit 1), 0)",
    )
    .bind(tenant.as_str())
    .bind(session.0)
    .bind(id.0)
    .fetch_one(db)
    .await
}

pub async fn count_is(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    session: SessionId,
    count: u32,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("select count(*) = $3 from rounds where tenant_id = $1 and session_id = $2")
        .bind(tenant.as_str())
        .bind(session.0)
        .bind(count)
        .fetch_one(db)
        .await
}

pub async fn of_session(
    db: &SqlitePool,
    tenant: &TenantId,
    session: SessionId,
) -> Result<Vec<Round>, StoreError> {
    let rows = sqlx::query(
        "select * from rounds where tenant_id = $1 and session_id = $2 order by round_index",
    )
    .bind(tenant.as_str())
    .bind(session.0)
    .fetch_all(db)
    .await
    .map_err(|error| fault(READING, error))?;
    rows.iter().map(|row| round(&Columns(row))).collect()
}

pub async fn unfinished(db: &SqlitePool) -> Result<Vec<Tenanted<Round>>, StoreError> {
    let rows = sqlx::query("select * from rounds where status = 'in_progress' order by tenant_id, started_at, round_id")
        .fetch_all(db)
        .await
        .map_err(|error| fault(READING, error))?;
    rows.iter().map(|row| tenanted(&Columns(row))).collect()
}

fn tenanted(row: &Columns<'_>) -> Result<Tenanted<Round>, StoreError> {
    Ok(Tenanted {
        tenant: row.tenant()?,
        row: round(row)?,
    })
}

/// Rounds of all tenants whose recap is being written: what a restart has to end.
pub async fn unfinished_recaps(db: &SqlitePool) -> Result<Vec<Tenanted<Round>>, StoreError> {
    let rows = sqlx::query(
        "select * from rounds where recap_status = 'pending' order by tenant_id, round_id",
    )
    .fetch_all(db)
    .await
    .map_err(|error| fault(READING, error))?;
    rows.iter().map(|row| tenanted(&Columns(row))).collect()
}

/// Of the newest 400: a tenant whose rounds cost nothing would have all of them looked at otherwise.
pub async fn past(
    db: &SqlitePool,
    tenant: &TenantId,
    limit: u32,
) -> Result<Vec<PastRound>, StoreError> {
    let rows = sqlx::query(
        "with newest as materialized (select r.tenant_id, r.session_id, r.round_id, r.round_index, r.round_ms, \
                 r.ended_at, octet_length(r.prompt) as prompt_bytes \
             from (select * from rounds where tenant_id = $1 and ended_at is not null \
                 order by ended_at desc limit 400) r \
             where r.status = 'complete' and not r.cancelled \
                 and not exists (select 1 \
                     from calls c where c.tenant_id = r.tenant_id and c.round_id = r.round_id and c.state <> 'final' \
                         and c.purpose in ('respond', 'react')) \
                 and exists (select 1 from transactions t \
                 where t.tenant_id = r.tenant_id and t.round_id = r.round_id and t.kind = 'debit' \
                     and t.purpose in ('respond', 'react')) \
             order by r.ended_at desc limit $2) \
         select n.*, s.models, s.max_output_tokens, coalesce(octet_length(s.reference), 0) as reference_bytes, \
             (select sum(t.cost) from transactions t where t.tenant_id = n.tenant_id and t.round_id = n.round_id \
                 and t.kind = 'debit' and t.purpose in ('respond', 'react')) as cost, \
             (select coalesce(sum(octet_length(e.prompt) + (select coalesce(sum(octet_length(c.text)), 0) \
                     from calls c where c.tenant_id = e.tenant_id and c.round_id = e.round_id \
                     and c.purpose = 'respond' and c.state = 'final')), 0) \
                 from rounds e where e.tenant_id = n.tenant_id and e.session_id = n.session_id \
                 and e.round_index < n.round_index and e.status in ('complete', 'partial_failure')) as earlier_bytes \
         from newest n join sessions s using (tenant_id, session_id) order by n.ended_at desc",
    )
    .bind(tenant.as_str())
    .bind(limit)
    .fetch_all(db)
    .await
    .map_err(|error| fault(READING, error))?;
    rows.iter().map(|row| past_round(&Columns(row))).collect()
}

fn past_round(row: &Columns<'_>) -> Result<PastRound, StoreError> {
    Ok(PastRound {
        round_id: row.id("round_id")?,
        index: row.number("round_index")?,
        models: row.json("models")?,
        prompt_bytes: row.number("prompt_bytes")?,
        reference_bytes: row.number("reference_bytes")?,
        earlier_bytes: row.number("earlier_bytes")?,
        max_output_tokens: row.number("max_output_tokens")?,
        cost: row.money("cost")?,
        millis: row.get("round_ms")?,
        ended_at: row.time("ended_at")?,
    })
}

fn round(row: &Columns<'_>) -> Result<Round, StoreError> {
    Ok(Round {
        id: row.id("round_id")?,
        session_id: row.id("session_id")?,
        index: row.number("round_index")?,
        prompt: row.get("prompt")?,
        snippets: row.json("snippets")?,
        moderator_name: row.get("moderator_name")?,
        status: row.word("status")?,
        phase: row.word("phase")?,
        attempt: row.number("attempt")?,
        cancelled: row.get("cancelled")?,
        started_at: row.time("started_at")?,
        deadline_at: row.time("deadline_at")?,
        ended_at: row.time_if("ended_at")?,
        claim_map: row.json_if("claim_map")?,
        reactions: row.json("reactions")?,
        timings: RoundTimings {
            slowest_answer_ms: row.get("slowest_answer_ms")?,
            slowest_reaction_ms: row.get("slowest_reaction_ms")?,
            round_ms: row.get("round_ms")?,
        },
        estimate: estimate(row)?,
        asked_by: row.principal("asked_by")?,
        recap: row.summary("recap")?,
        wants_synthesis: row.get("wants_synthesis")?,
        progress_version: row.number("progress_version")?,
    })
}

fn estimate(row: &Columns<'_>) -> Result<Option<RoundEstimate>, StoreError> {
    let (low, high) = (
        row.money_if("estimate_low")?,
        row.money_if("estimate_high")?,
    );
    let (recap_low, recap_high) = (row.money("recap_low")?, row.money("recap_high")?);
    Ok(low.zip(high).map(|(low, high)| RoundEstimate {
        low,
        high,
        recap_low,
        recap_high,
    }))
}

/// The map's JSON and its contested claims, which lists show without reading the JSON.
fn stored_map(map: Option<&ClaimMap>) -> Result<(Option<String>, Option<i64>), StoreError> {
    let Some(map) = map else {
        return Ok((None, None));
    };
    let contested = map
        .claims
        .iter()
        .filter(|claim| claim.group == ClaimGroup::Contested)
        .count();
    Ok((Some(json(map)?), Some(signed(contested as u64))))
}
