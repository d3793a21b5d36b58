//! Sessions as lists show them: each with how its rounds stand and what they cost.

use husting_domain::ids::{SessionId, TenantId};
use sqlx::SqlitePool;

use super::columns::{Columns, json, model_of, search_words, word_of};
use super::faults::fault;
use super::sessions::{listed, session};
use super::words::Word;
use crate::errors::StoreError;
use crate::views::{
    CallStanding, NewestRound, SessionFilter, SessionOrder, SessionPage, SessionRow,
};

const READING: &str = "reading sessions";

/// What a row tells beside its session, of the newest round `n` too.
macro_rules! figures {
    () => {
        ", (select count(*) from rounds r where r.tenant_id = s.tenant_id and r.session_id = s.session_id) as round_count, \
           (select r.contested from rounds r where r.tenant_id = s.tenant_id and r.session_id = s.session_id \
                and r.contested is not null order by r.round_index desc limit 1) as contested, \
           (select json_array_length(r.claim_map, '$.claims') from rounds r where r.tenant_id = s.tenant_id \
                and r.session_id = s.session_id and r.contested is not null \
                order by r.round_index desc limit 1) as claims, \
           (select coalesce(sum(t.cost), 0) from transactions t where t.tenant_id = s.tenant_id \
                and t.session_id = s.session_id and t.kind = 'debit') as cost, \
           n.status as newest_status, n.cancelled as newest_cancelled, n.reactions as newest_reactions, \
           (select json_group_array(json_array(c.model, c.purpose, c.state, c.error_code) \
                order by c.attempt, c.started_at, c.call_id) \
                from calls c where c.tenant_id = n.tenant_id and c.round_id = n.round_id \
                and c.purpose in ('respond', 'react')) as newest_calls"
    };
}

/// Joins the newest round to each session.
macro_rules! newest {
    () => {
        "left join rounds n on n.tenant_id = s.tenant_id and n.session_id = s.session_id \
             and n.round_index = (select max(r.round_index) from rounds r \
                 where r.tenant_id = s.tenant_id and r.session_id = s.session_id)"
    };
}

/// The condition of a list: $1 tenant, $2 archived, $3 states, $4 words.
macro_rules! matching {
    () => {
        "s.tenant_id = $1 and ($2 is null or s.archived = $2) \
         and ($3 = '[]' or s.status in (select value from json_each($3))) \
         and not exists (select 1 from json_each($4) as word where instr(s.search, word.value) = 0 \
             and not exists (select 1 from rounds r where r.tenant_id = s.tenant_id \
                 and r.session_id = s.session_id and instr(r.search, word.value) > 0))"
    };
}

/// A page in the given order: $5 rows after $6.
macro_rules! page_by {
    ($order:literal) => {
        concat!(
            "with page as materialized (select s.tenant_id, s.session_id from sessions s where ",
            matching!(),
            " order by ",
            $order,
            " limit $5 offset $6) select ",
            listed!(),
            figures!(),
            " from page join sessions s using (tenant_id, session_id) ",
            newest!()
        )
    };
}

pub async fn page(
    db: &SqlitePool,
    tenant: &TenantId,
    filter: &SessionFilter,
) -> Result<SessionPage, StoreError> {
    let words = search_words(filter.query.as_deref())?;
    let states: Vec<&str> = filter
        .statuses
        .iter()
        .map(|status| status.stored())
        .collect();
    let states = json(&states)?;
    // One snapshot, so that the total and the page agree.
    let mut snapshot = db.begin().await.map_err(|error| fault(READING, error))?;
    let total: i64 = sqlx::query_scalar(concat!(
        "select count(*) from sessions s where ",
        matching!()
    ))
    .bind(tenant.as_str())
    .bind(filter.archived)
    .bind(&states)
    .bind(&words)
    .fetch_one(&mut *snapshot)
    .await
    .map_err(|error| fault(READING, error))?;
    // The figures of a row are computed for the page alone.
    let page = match filter.order {
        SessionOrder::Changed => concat!(
            page_by!("s.updated_at desc, s.session_id desc"),
            " order by s.updated_at desc, s.session_id desc"
        ),
        // Ids rise with time, and the key's own order needs no sorting.
        SessionOrder::Opened => {
            concat!(page_by!("s.session_id desc"), " order by s.session_id desc")
        }
    };
    let rows = sqlx::query(page)
        .bind(tenant.as_str())
        .bind(filter.archived)
        .bind(&states)
        .bind(&words)
        .bind(filter.limit)
        .bind(filter.offset)
        .fetch_all(&mut *snapshot)
        .await
        .map_err(|error| fault(READING, error))?;
    let rows = rows
        .iter()
        .map(|row| listed_row(&Columns(row)))
        .collect::<Result<_, _>>()?;
    Ok(SessionPage {
        rows,
        total: total.unsigned_abs(),
    })
}

/// One session as a list shows it.
pub async fn row(
    db: &SqlitePool,
    tenant: &TenantId,
    id: SessionId,
) -> Result<Option<SessionRow>, StoreError> {
    let row = sqlx::query(concat!(
        "select ",
        listed!(),
        figures!(),
        " from sessions s ",
        newest!(),
        " where s.tenant_id = $1 and s.session_id = $2"
    ))
    .bind(tenant.as_str())
    .bind(id.0)
    .fetch_optional(db)
    .await
    .map_err(|error| fault(READING, error))?;
    row.map(|row| listed_row(&Columns(&row))).transpose()
}

fn listed_row(row: &Columns<'_>) -> Result<SessionRow, StoreError> {
    Ok(SessionRow {
        session: session(row)?,
        round_count: row.number("round_count")?,
        contested: row.number_if("contested")?,
        claims: row.number_if("claims")?,
        newest_round: newest_round(row)?,
        cost: row.money("cost")?,
    })
}

fn newest_round(row: &Columns<'_>) -> Result<Option<NewestRound>, StoreError> {
    let Some(status) = row.word_if("newest_status")? else {
        return Ok(None);
    };
    let calls: Vec<StandingCall> = row.json("newest_calls")?;
    Ok(Some(NewestRound {
        status,
        cancelled: row.get("newest_cancelled")?,
        reactions: row.json("newest_reactions")?,
        calls: calls.iter().map(call_standing).collect::<Result<_, _>>()?,
    }))
}

/// Model, purpose, state and error code, as stored.
type StandingCall = (String, String, String, Option<String>);

fn call_standing(stored: &StandingCall) -> Result<CallStanding, StoreError> {
    let (model, purpose, state, error_code) = stored;
    Ok(CallStanding {
        model: model_of(model)?,
        purpose: word_of(purpose)?,
        state: word_of(state)?,
        error_code: error_code.as_deref().map(word_of).transpose()?,
    })
}
