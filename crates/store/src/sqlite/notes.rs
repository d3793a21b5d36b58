//! The table `notes`, and the search in it.

use husting_domain::agents::Name;
use husting_domain::ids::{AgentId, NoteId, TenantId};
use husting_domain::memory::Note;
use husting_domain::time::Timestamp;
use sqlx::{SqliteConnection, SqlitePool};

use super::columns::{Columns, hex};
use super::faults::{Explain, fault, touched};
use crate::errors::{CommitError, StoreError};

const NOUN: &str = "note";
const READING: &str = "reading notes";
/// Most words of a search; it would not find better by more.
const MOST_WORDS: usize = 32;

pub async fn insert(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    note: &Note,
) -> Result<(), CommitError> {
    sqlx::query(
        "insert into notes (tenant_id, note_id, agent_id, squad, text, context, at) \
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(tenant.as_str())
    .bind(note.id.0)
    .bind(note.agent.0)
    .bind(note.squad.as_ref().map(Name::as_str))
    .bind(&note.text)
    .bind(&note.context)
    .bind(note.at.as_micros())
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

pub async fn delete(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    id: NoteId,
) -> Result<(), CommitError> {
    let change = sqlx::query("delete from notes where tenant_id = $1 and note_id = $2");
    touched(
        change.bind(tenant.as_str()).bind(id.0).execute(db).await,
        NOUN,
    )
}

/// The notes of the best rank, then the best of them with their age: one of now counts twice, one of
/// a month ago once and a half. Ranks are below zero, the best the lowest.
pub const RECALL: &str = "select n.note_id, n.agent_id, n.squad, n.text, n.context, n.at from \
         (select rowid as number, bm25(notes_words, 0.0, 1.0, 0.5) as rank from notes_words \
          where notes_words match $1 order by rank, rowid desc limit 200) as f join notes n on n.number = f.number \
     order by f.rank * (1.0 + 1.0 / (1.0 + max($2 - n.at, 0) / 2592000000000.0)), n.number desc limit $3";

/// Notes that match any of the words.
pub async fn recall(
    db: &SqlitePool,
    tenant: &TenantId,
    agent: AgentId,
    squad: Option<&Name>,
    query: &str,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Note>, StoreError> {
    let Some(words) = quoted(query) else {
        return Ok(Vec::new());
    };
    let owner = owner(tenant, agent, squad);
    let rows = sqlx::query(RECALL)
        .bind(format!(
            "owner : \"{owner}\" AND {{text context}} : ({words})"
        ))
        .bind(now.as_micros())
        .bind(limit)
        .fetch_all(db)
        .await
        .map_err(|error| fault(READING, error))?;
    rows.iter().map(|row| note(&Columns(row))).collect()
}

/// The words of a query, each between quotes, where nothing is syntax but a quote, which is doubled.
/// `None` without a word.
fn quoted(query: &str) -> Option<String> {
    let words = query.split(|c: char| c.is_whitespace() || c == '\0');
    let words: Vec<String> = words
        .filter(|word| word.contains(char::is_alphanumeric))
        .take(MOST_WORDS)
        .map(|word| format!("\"{}\"", word.replace('"', "\"\"")))
        .collect();
    (!words.is_empty()).then(|| words.join(" OR "))
}

/// As the column `owner` has it.
fn owner(tenant: &TenantId, agent: AgentId, squad: Option<&Name>) -> String {
    let whose = match squad {
        None => format!("a{}", agent.0.simple()),
        Some(squad) => format!("s{}", hex(squad.as_str().as_bytes())),
    };
    hex(tenant.as_str().as_bytes()) + &whose
}

const OWN: &str = "select * from notes \
     where tenant_id = $1 and agent_id = $2 and squad is null order by number desc limit $3";

const OF_SQUAD: &str =
    "select * from notes where tenant_id = $1 and squad = $2 order by number desc limit $3";

/// The newest first.
pub async fn list(
    db: &SqlitePool,
    tenant: &TenantId,
    agent: AgentId,
    squad: Option<&Name>,
    limit: u32,
) -> Result<Vec<Note>, StoreError> {
    let list = sqlx::query(if squad.is_some() { OF_SQUAD } else { OWN }).bind(tenant.as_str());
    let list = match squad {
        None => list.bind(agent.0),
        Some(squad) => list.bind(squad.as_str()),
    };
    let rows = list
        .bind(limit)
        .fetch_all(db)
        .await
        .map_err(|error| fault(READING, error))?;
    rows.iter().map(|row| note(&Columns(row))).collect()
}

pub async fn by_id(
    db: &SqlitePool,
    tenant: &TenantId,
    id: NoteId,
) -> Result<Option<Note>, StoreError> {
    let row = sqlx::query("select * from notes where tenant_id = $1 and note_id = $2")
        .bind(tenant.as_str())
        .bind(id.0)
        .fetch_optional(db)
        .await
        .map_err(|error| fault(READING, error))?;
    row.map(|row| note(&Columns(&row))).transpose()
}

fn note(row: &Columns<'_>) -> Result<Note, StoreError> {
    Ok(Note {
        id: row.id("note_id")?,
        agent: row.id("agent_id")?,
        squad: row.name_if("squad")?,
        text: row.get("text")?,
        context: row.get("context")?,
        at: row.time("at")?,
    })
}
