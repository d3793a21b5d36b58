//! Moves the log into the tables, beside the writer and never inside a commit.
//!
//! A passive checkpoint waits for nobody, so a long reader may hold it back; the log then grows
//! up to a cap, at which the writer itself moves all of it between two batches.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use sqlx::SqlitePool;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Units between two passive checkpoints.
const UNITS: usize = 512;
/// Frames of the log (pages of 4 KiB) at which the writer steps in: 64 MiB.
const MOST_FRAMES: i64 = 16_384;

/// How much was written since the last checkpoint, shared by the writer and the checkpointer.
#[derive(Clone, Debug, Default)]
pub struct LogGrowth(Arc<Growth>);

#[derive(Debug, Default)]
struct Growth {
    units: AtomicUsize,
    enough: Notify,
    over_the_cap: AtomicBool,
}

impl LogGrowth {
    /// Called by the writer after each batch, with its own pool.
    pub async fn add(&self, units: usize, writer: &SqlitePool) {
        if self.0.units.fetch_add(units, Ordering::Relaxed) + units >= UNITS {
            self.0.enough.notify_one();
        }
        if self.0.over_the_cap.swap(false, Ordering::Relaxed) {
            report(checkpoint(writer, "pragma wal_checkpoint(truncate)").await);
        }
    }
}

/// Checkpoints whenever enough was written, until stopped.
pub async fn checkpoints(db: SqlitePool, growth: LogGrowth, stop: CancellationToken) {
    while stop
        .run_until_cancelled(growth.0.enough.notified())
        .await
        .is_some()
    {
        growth.0.units.store(0, Ordering::Relaxed);
        let log = report(checkpoint(&db, "pragma wal_checkpoint(passive)").await);
        if log.is_some_and(|frames| frames > MOST_FRAMES) {
            growth.0.over_the_cap.store(true, Ordering::Relaxed);
        }
    }
}

/// Frames in the log afterwards.
async fn checkpoint(db: &SqlitePool, sql: &'static str) -> Result<i64, sqlx::Error> {
    let (_busy, log, _moved): (i64, i64, i64) = sqlx::query_as(sql).fetch_one(db).await?;
    Ok(log)
}

fn report(log: Result<i64, sqlx::Error>) -> Option<i64> {
    log.inspect_err(|error| tracing::warn!(%error, "the log could not be moved into the tables"))
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::connections::Connections;

    #[tokio::test]
    async fn over_the_cap_the_writer_empties_the_log() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("husting.db");
        std::fs::write(&path, "").unwrap();
        let connections = Connections::open(&path).await.unwrap();
        sqlx::raw_sql("create table t (x)")
            .execute(&connections.writer)
            .await
            .unwrap();
        let log = || {
            std::fs::metadata(folder.path().join("husting.db-wal"))
                .unwrap()
                .len()
        };
        let growth = LogGrowth::default();
        growth.add(1, &connections.writer).await;
        assert!(log() > 0, "one change is no reason");
        growth.0.over_the_cap.store(true, Ordering::Relaxed);
        growth.add(1, &connections.writer).await;
        assert_eq!(log(), 0);
        connections.close().await;
    }
}
