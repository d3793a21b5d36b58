//! How the file is opened: by one writer, four readers and the checkpointer.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection, SqlitePool};

use super::faults::fault;
use crate::errors::StoreError;

const OPENING: &str = "opening the store";
/// How long another program's lock is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// What the log may keep on disk once it was moved into the tables.
const LOG_BYTES: &str = "16777216";

/// The connections of an open store.
#[derive(Clone, Debug)]
pub struct Connections {
    /// One connection, used by the writer alone.
    pub writer: SqlitePool,
    /// Readers; each sees whole commits only.
    pub readers: SqlitePool,
    /// One connection, so that a checkpoint never stands in the writer's way.
    pub checkpointer: SqlitePool,
}

impl Connections {
    /// Opens the file's writer and checkpointer; readers are added when the tables are there.
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        // The default flush is kept, commit by commit; checkpoints are the checkpointer's.
        let options = existing(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("fullfsync", "on")
            .pragma("wal_autocheckpoint", "0")
            .pragma("journal_size_limit", LOG_BYTES);
        let writer = pool(1)
            .connect_with(options.clone())
            .await
            .map_err(|error| fault(OPENING, error))?;
        let readers = pool(4).connect_lazy_with(existing(path).read_only(true));
        let checkpointer = pool(1).connect_lazy_with(options);
        Ok(Self {
            writer,
            readers,
            checkpointer,
        })
    }

    /// A store in memory has one connection, which all share in turn.
    pub async fn in_memory() -> Result<Self, StoreError> {
        // Not `in_memory(true)`: its flag would make a backup's target a store in memory too.
        let options = SqliteConnectOptions::new()
            .filename(":memory:")
            .disable_statement_logging();
        let only = pool(1)
            .connect_with(options)
            .await
            .map_err(|error| fault(OPENING, error))?;
        Ok(Self {
            writer: only.clone(),
            readers: only.clone(),
            checkpointer: only,
        })
    }

    /// Closes them all. The writer is last: it moves the log into the tables.
    pub async fn close(&self) {
        self.readers.close().await;
        self.checkpointer.close().await;
        self.writer.close().await;
    }
}

/// A connection for looking at a file that may be anything; changes nothing by itself.
pub async fn look(path: &Path) -> Result<SqliteConnection, StoreError> {
    existing(path)
        .connect()
        .await
        .map_err(|error| fault(OPENING, error))
}

fn existing(path: &Path) -> SqliteConnectOptions {
    // Statements are logged by no one: a log is not the place for what a user wrote.
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(PATIENCE)
        .disable_statement_logging()
}

fn pool(connections: u32) -> SqlitePoolOptions {
    // A connection to a file does not go stale.
    SqlitePoolOptions::new()
        .max_connections(connections)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_writer_flushes_each_commit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("husting.db");
        std::fs::write(&path, "").unwrap();
        let connections = Connections::open(&path).await.unwrap();
        // FULL: in the mode WAL, NORMAL would flush at checkpoints alone.
        let synchronous: i64 = sqlx::query_scalar("pragma synchronous")
            .fetch_one(&connections.writer)
            .await
            .unwrap();
        assert_eq!(synchronous, 2);
        let journal: String = sqlx::query_scalar("pragma journal_mode")
            .fetch_one(&connections.writer)
            .await
            .unwrap();
        assert_eq!(journal, "wal");
        connections.close().await;
    }
}
