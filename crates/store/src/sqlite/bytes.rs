//! How much of the store's file each kind of what is kept takes.

use std::collections::BTreeMap;

use husting_domain::storage::{StorageKind, StorageUse};
use sqlx::SqlitePool;

use super::columns::Columns;
use super::faults::fault;
use crate::errors::StoreError;

const READING: &str = "measuring the store";

/// Pages of each table and index, by the table they belong to. It reads the file once.
const OF_TABLES: &str = "select coalesce(s.tbl_name, d.name) as name, sum(d.pgsize) as bytes \
     from dbstat d left join sqlite_schema s on s.name = d.name where d.aggregate = true group by 1";

/// Pages that nothing stands on.
const FREE: &str = "select freelist_count * page_size as bytes \
     from pragma_freelist_count(), pragma_page_size()";

/// Those kinds that the file holds anything of, in their order.
pub async fn by_kind(db: &SqlitePool) -> Result<Vec<StorageUse>, StoreError> {
    let tables = sqlx::query(OF_TABLES).fetch_all(db).await;
    let tables = tables.map_err(|error| fault(READING, error))?;
    let free = sqlx::query(FREE).fetch_one(db).await;
    let free = free.map_err(|error| fault(READING, error))?;
    let mut sums = BTreeMap::from([(StorageKind::Free, Columns(&free).number("bytes")?)]);
    for row in tables.iter().map(Columns) {
        let kind = kind_of(&row.get::<String>("name")?);
        *sums.entry(kind).or_default() += row.number::<u64>("bytes")?;
    }
    let uses = sums
        .into_iter()
        .map(|(kind, bytes)| StorageUse { kind, bytes });
    Ok(uses.filter(|found| found.bytes > 0).collect())
}

fn kind_of(table: &str) -> StorageKind {
    // An index of words has tables of its own, which begin with its name.
    match table {
        "sessions" | "sessions_of_agents" | "session_counts" | "rounds" | "rounds_of_days"
        | "calls" | "drafts" | "replays" | "session_texts" => StorageKind::Deliberations,
        words if words.starts_with("session_words") => StorageKind::Deliberations,
        "messages" | "uncounted_messages" | "mailboxes" | "broadcasts" | "sends" | "squads"
        | "members" | "notes" => StorageKind::Bus,
        words if words.starts_with("notes_words") => StorageKind::Bus,
        "agents" | "agent_tokens" | "denials" | "mints" | "turns" | "runs" | "run_setups"
        | "wirings" => StorageKind::Agents,
        bridge if bridge.starts_with("discord_") => StorageKind::Discord,
        "audit_rows" | "audit_links" | "audit_seals" => StorageKind::Audit,
        "accounts" | "entries" | "transactions" | "holds" | "holds_of_all" | "wallets" => {
            StorageKind::Wallet
        }
        "settings" | "providers" | "models" | "keys" | "tenants" | "_sqlx_migrations" => {
            StorageKind::Settings
        }
        _ => StorageKind::Other,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::path::Path;

    use super::*;
    use crate::sqlite::connections::Connections;
    use crate::sqlite::schema;

    #[tokio::test]
    async fn every_table_is_of_a_kind() {
        let db = Connections::in_memory().await.unwrap().writer;
        schema::migrate(&db, Path::new(":memory:")).await.unwrap();
        let tables: Vec<String> = sqlx::query_scalar(
            "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'",
        )
        .fetch_all(&db)
        .await
        .unwrap();
        let lost = tables
            .iter()
            .filter(|table| kind_of(table) == StorageKind::Other);
        assert_eq!(lost.collect::<Vec<_>>(), Vec::<&String>::new());
    }
}
