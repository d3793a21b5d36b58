//! Sessions as lists show them: each with how its rounds stand and what they cost.

use husting_domain::calls::{SeatErrorCode, Spent};
use husting_domain::ids::{SessionId, TenantId};
use sqlx::SqlitePool;

use super::columns::{Columns, json, model_of, search_words, word_of};
use super::faults::fault;
use super::sessions::{listed, session};
use super::words::Word;
use crate::errors::StoreError;
use crate::views::{CallStanding, NewestRound, SessionFilter, SessionPage, SessionRow};

const READING: &str = "reading sessions";
/// The list of no words.
const NO_WORDS: &str = "[]";

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
           (select json_group_array(json_array(c.model, c.purpose, c.state, c.error_code, c.closed, \
                c.unreadable, c.error_message) \
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

/// The condition of a list: $1 tenant, $2 archived, $4 words, $5 who opened it, and one on its states, $3.
macro_rules! matching {
    ($states:literal) => {
        concat!(
            "s.tenant_id = $1 and ($2 is null or s.archived = $2) and ($5 is null or s.opened_by = $5) ",
            $states,
            " and not exists (select 1 from json_each($4) as word where instr(s.search, word.value) = 0 \
                 and not exists (select 1 from rounds r where r.tenant_id = s.tenant_id \
                     and r.session_id = s.session_id and instr(r.search, word.value) > 0))"
        )
    };
}

/// Those that changed last come first; ids decide between equals.
macro_rules! order {
    () => {
        "s.updated_at desc, s.session_id desc"
    };
}

/// A page: $6 rows after $7. The figures of a row are computed for the page alone.
macro_rules! page_of {
    ($from:literal, $states:literal) => {
        concat!(
            "with page as materialized (select s.tenant_id, s.session_id from ",
            $from,
            " where ",
            matching!($states),
            " order by ",
            order!(),
            " limit $6 offset $7) select ",
            listed!(),
            figures!(),
            " from page join sessions s using (tenant_id, session_id) ",
            newest!(),
            " order by ",
            order!()
        )
    };
}

/// How many match where no words are asked for and nobody is named, which is known without looking.
const COUNTED: &str = "select coalesce(sum(c.sessions), 0) from session_counts c \
     where c.tenant_id = $1 and ($2 is null or c.archived = $2) \
     and ($3 = '[]' or c.status in (select value from json_each($3)))";

/// How many match where words or somebody are.
const FOUND: &str = concat!(
    "select count(*) from sessions s where ",
    matching!("and ($3 = '[]' or s.status in (select value from json_each($3)))")
);

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
    let page = page_in(&states);
    let opened_by = filter.opened_by.map(|by| by.to_string());
    let is_counted = words == NO_WORDS && opened_by.is_none();
    let total = if is_counted { COUNTED } else { FOUND };
    let states = json(&states)?;
    // One snapshot, so that the total and the page agree.
    let mut snapshot = db.begin().await.map_err(|error| fault(READING, error))?;
    let total: i64 = sqlx::query_scalar(total)
        .bind(tenant.as_str())
        .bind(filter.archived)
        .bind(&states)
        .bind(&words)
        .bind(&opened_by)
        .fetch_one(&mut *snapshot)
        .await
        .map_err(|error| fault(READING, error))?;
    let rows = sqlx::query(page)
        .bind(tenant.as_str())
        .bind(filter.archived)
        .bind(&states)
        .bind(&words)
        .bind(&opened_by)
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

/// The statement of a page by how many states are asked for. With one of them, an index has the page
/// in its order; with more, the engine would look through all sessions for that order if it was let.
const fn page_in(states: &[&str]) -> &'static str {
    match states {
        [] => page_of!("sessions s", ""),
        [_] => page_of!("sessions s", "and s.status = json_extract($3, '$[0]')"),
        _ => page_of!(
            "sessions s indexed by sessions_by_status_and_change",
            "and s.status in (select value from json_each($3))"
        ),
    }
}

const ROW: &str = concat!(
    "select ",
    listed!(),
    figures!(),
    " from sessions s ",
    newest!(),
    " where s.tenant_id = $1 and s.session_id = $2"
);

/// Whether there ever was a session: a state that had one keeps its count when the last is gone.
pub async fn has_any(db: &SqlitePool, tenant: &TenantId) -> Result<bool, StoreError> {
    sqlx::query_scalar("select exists (select 1 from session_counts where tenant_id = $1)")
        .bind(tenant.as_str())
        .fetch_one(db)
        .await
        .map_err(|error| fault(READING, error))
}

/// One session as a list shows it.
pub async fn row(
    db: &SqlitePool,
    tenant: &TenantId,
    id: SessionId,
) -> Result<Option<SessionRow>, StoreError> {
    let row = sqlx::query(ROW)
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

/// Model, purpose, state, error code, whether Husting was closed, whether it could not be read and what is kept of its failure, as stored.
type StandingCall = (
    String,
    String,
    String,
    Option<String>,
    u8,
    u8,
    Option<String>,
);

fn call_standing(stored: &StandingCall) -> Result<CallStanding, StoreError> {
    let (model, purpose, state, error_code, closed, unreadable, said) = stored;
    let error_code: Option<SeatErrorCode> = error_code.as_deref().map(word_of).transpose()?;
    Ok(CallStanding {
        model: model_of(model)?,
        purpose: word_of(purpose)?,
        state: word_of(state)?,
        error_code,
        closed: *closed != 0,
        unreadable: *unreadable != 0,
        page: error_code.is_some_and(|code| code.is_of_a_page(said.as_deref())),
        spent: Spent::of(said.as_deref()),
    })
}

#[cfg(test)]
mod tests {
    use sqlx::Row;

    use super::super::connections::Connections;
    use super::super::schema;
    use super::*;

    /// How the engine goes about a statement, a line for each table.
    async fn plan(db: &SqlitePool, statement: &'static str) -> Vec<String> {
        let explained = sqlx::AssertSqlSafe(format!("explain query plan {statement}"));
        let rows = sqlx::query(explained).fetch_all(db).await.unwrap();
        rows.iter().map(|row| row.get("detail")).collect()
    }

    #[tokio::test]
    async fn no_list_looks_through_a_whole_table_nor_through_all_debits() {
        let db = Connections::in_memory().await.unwrap().writer;
        schema::migrate(&db, std::path::Path::new(":memory:"))
            .await
            .unwrap();
        let states: [&[&str]; 3] = [&[], &["ready"], &["streaming", "processing"]];
        let pages = states
            .iter()
            .map(|states| (!states.is_empty(), page_in(states)));
        for (by_state, statement) in pages.chain([(false, ROW)]) {
            let plan = plan(&db, statement).await;
            let has = |words: &str| plan.iter().any(|line| line.contains(words));
            assert!(!has("SCAN s"), "{plan:#?}");
            assert_eq!(has("(tenant_id=? AND status=?)"), by_state, "{plan:#?}");
            assert!(
                has("transactions_of_session (tenant_id=? AND session_id=? AND kind=?)"),
                "{plan:#?}"
            );
        }
    }
}
