//! The tables `session_texts` and `session_words`, which triggers fill: what was said, by its words.

use husting_domain::ids::TenantId;
use sqlx::SqlitePool;

use super::columns::{Columns, hex, model_of};
use super::faults::fault;
use crate::errors::StoreError;
use crate::views::Passage;

const READING: &str = "searching in deliberations";
/// Most words of a search; it would not find better by more.
const MOST_WORDS: usize = 32;

/// The best first, of equals the newest. `cross join`: what was found is looked up, not the other way round.
pub const SEARCH: &str = "select r.session_id, s.title, r.round_index, c.model, coalesce(c.text, r.prompt) as text, \
         coalesce(c.ended_at, r.started_at) as at \
     from (select rowid as number, bm25(session_words, 0.0, 1.0) as rank from session_words \
           where session_words match $2 order by rank, rowid desc limit $3) as f \
     cross join session_texts t on t.number = f.number and t.tenant_id = $1 \
     join rounds r on r.tenant_id = t.tenant_id and r.round_id = t.round_id \
     join sessions s on s.tenant_id = r.tenant_id and s.session_id = r.session_id \
     left join calls c on c.tenant_id = t.tenant_id and c.call_id = t.call_id \
     order by f.rank, f.number desc";

/// Questions and answers that hold all of the words, of the last one at least its beginning.
pub async fn passages(
    db: &SqlitePool,
    tenant: &TenantId,
    query: &str,
    limit: u32,
) -> Result<Vec<Passage>, StoreError> {
    let Some(words) = quoted(query) else {
        return Ok(Vec::new());
    };
    let owner = hex(tenant.as_str().as_bytes());
    let rows = sqlx::query(SEARCH)
        .bind(tenant.as_str())
        .bind(format!("owner : \"{owner}\" AND text : ({words})"))
        .bind(limit)
        .fetch_all(db)
        .await
        .map_err(|error| fault(READING, error))?;
    rows.iter().map(|row| passage(&Columns(row))).collect()
}

fn passage(row: &Columns<'_>) -> Result<Passage, StoreError> {
    let model: Option<&str> = row.get("model")?;
    Ok(Passage {
        session: row.id("session_id")?,
        title: row.get("title")?,
        round_index: row.number("round_index")?,
        model: model.map(model_of).transpose()?,
        text: row.get("text")?,
        at: row.time("at")?,
    })
}

/// The words of a query, each between quotes, where nothing is syntax but a quote, which is doubled; the
/// last may go on. `None` without a word.
fn quoted(query: &str) -> Option<String> {
    let words = query.split(|c: char| c.is_whitespace() || c == '\0');
    let words: Vec<String> = words
        .filter(|word| word.contains(char::is_alphanumeric))
        .take(MOST_WORDS)
        .map(|word| format!("\"{}\"", word.replace('"', "\"\"")))
        .collect();
    (!words.is_empty()).then(|| format!("{}*", words.join(" AND ")))
}
