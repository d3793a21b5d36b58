//! The tables `session_texts` and `session_words`, which triggers fill: what was said, by its words. The view
//! `session_said` has the words themselves.

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
pub const SEARCH: &str = "select t.session_id, t.title, t.round_index, t.kind, t.model, t.text, t.at \
     from (select rowid as number, bm25(session_words, 0.0, 1.0) as rank from session_words \
           where session_words match $2 order by rank, rowid desc limit $3) as f \
     cross join session_said t on t.number = f.number and t.tenant_id = $1 \
     order by f.rank, f.number desc";

/// All that holds all of the words, of the last one at least its beginning.
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
        kind: row.word("kind")?,
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
