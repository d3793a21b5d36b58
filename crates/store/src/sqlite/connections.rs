//! How the file is opened: by one writer, four readers and the checkpointer.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqliteLockingMode, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions, SqliteConnection, SqlitePool};

use super::faults::fault;
use crate::errors::StoreError;

const OPENING: &str = "opening the store";
/// How long another program's lock is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// What the log may keep on disk once it was moved into the tables.
const LOG_BYTES: &str = "16777216";
/// KiB of pages that the writer keeps, as a negative number: the ends of the indexes of some hundred
/// mailboxes.
const WRITERS_CACHE: &str = "-8192";

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
        let options = writing(path);
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

    /// On a disk without room for the index of the log, which connections share in a file: one
    /// connection, which keeps it in memory and which all use in turn.
    pub async fn alone(path: &Path) -> Result<Self, StoreError> {
        let only = pool(1)
            .connect_with(writing(path).locking_mode(SqliteLockingMode::Exclusive))
            .await
            .map_err(|error| fault(OPENING, error))?;
        Ok(Self::shared(only))
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
        Ok(Self::shared(only))
    }

    fn shared(only: SqlitePool) -> Self {
        Self {
            writer: only.clone(),
            readers: only.clone(),
            checkpointer: only,
        }
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
    connect(existing(path)).await
}

/// The same for a file that nobody writes to and that has no log beside it: nothing is put beside it.
pub async fn look_without_trace(path: &Path) -> Result<SqliteConnection, StoreError> {
    connect(existing(path).read_only(true).immutable(true)).await
}

/// The same where there is no room for the log's index.
pub async fn look_alone(path: &Path) -> Result<SqliteConnection, StoreError> {
    connect(existing(path).locking_mode(SqliteLockingMode::Exclusive)).await
}

async fn connect(options: SqliteConnectOptions) -> Result<SqliteConnection, StoreError> {
    let connected = options.connect().await;
    connected.map_err(|error| fault(OPENING, error))
}

/// The default flush is kept, commit by commit; checkpoints are the checkpointer's.
fn writing(path: &Path) -> SqliteConnectOptions {
    existing(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("fullfsync", "on")
        .pragma("wal_autocheckpoint", "0")
        // What was erased or deleted is not left behind in the pages that held it.
        .pragma("secure_delete", "on")
        .pragma("temp_store", "memory")
        .pragma("cache_size", WRITERS_CACHE)
        .pragma("journal_size_limit", LOG_BYTES)
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
    async fn alone_it_needs_no_index_on_disk_and_reads_and_writes_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("husting.db");
        std::fs::write(&path, "").unwrap();
        let usual = Connections::open(&path).await.unwrap();
        sqlx::raw_sql("create table t (x); insert into t values (1)")
            .execute(&usual.writer)
            .await
            .unwrap();
        usual.close().await;

        let mut looking = look_alone(&path).await.unwrap();
        let count = "select count(*) from t";
        let seen: i64 = sqlx::query_scalar(count)
            .fetch_one(&mut looking)
            .await
            .unwrap();
        sqlx::Connection::close(looking).await.unwrap();
        let alone = Connections::alone(&path).await.unwrap();
        sqlx::raw_sql("insert into t values (2)")
            .execute(&alone.writer)
            .await
            .unwrap();
        let read: i64 = sqlx::query_scalar(count)
            .fetch_one(&alone.readers)
            .await
            .unwrap();
        assert_eq!((seen, read), (1, 2));
        assert!(!folder.path().join("husting.db-shm").exists());
        alone.close().await;
    }

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
