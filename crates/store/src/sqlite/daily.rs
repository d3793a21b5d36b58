//! What the store does once a day of use: a backup, and forgetting what has long ended.

use std::sync::Arc;

use husting_domain::discord::ANSWERABLE_SECONDS;
use husting_domain::time::{DAY_MILLIS, Timestamp};
use sqlx::SqlitePool;

use super::backups;
use super::home::Home;
use super::writer::Queue;
use crate::discord::DiscordWrite;
use crate::errors::{BackupError, CommitError, StoreError};
use crate::unit::{Unit, Write};

/// How long what has ended in Discord is kept, in milliseconds: thirty days.
const DISCORD_KEPT: i64 = 30 * DAY_MILLIS;

/// Said of a question that expired.
const UNANSWERED: &str = "Nobody replied within seven days; a reply is not taken any more.";

/// The day's work and what it needs.
#[derive(Clone, Debug)]
pub struct Daily {
    readers: SqlitePool,
    queue: Queue,
    /// `None` in memory, which has no backups.
    home: Option<Home>,
    /// Held while a backup is being made, so that two callers make one.
    backing_up: Arc<tokio::sync::Mutex<()>>,
}

impl Daily {
    pub fn new(readers: SqlitePool, queue: Queue, home: Option<Home>) -> Self {
        Self {
            readers,
            queue,
            home,
            backing_up: Arc::default(),
        }
    }

    /// Both are tried, whatever became of the other.
    pub async fn run(&self, now: Timestamp) -> Result<(), BackupError> {
        let backup = self.back_up(now).await;
        let forgotten = self.forget(now).await;
        if let (Err(_), Err(error)) = (&backup, &forgotten) {
            tracing::warn!(%error, "what has long ended in Discord was not forgotten");
        }
        backup.and(forgotten.map_err(BackupError::from))
    }

    async fn back_up(&self, now: Timestamp) -> Result<(), BackupError> {
        let Some(home) = &self.home else {
            return Ok(());
        };
        let _turn = self.backing_up.lock().await;
        backups::daily(&self.readers, home, now).await
    }

    async fn forget(&self, now: Timestamp) -> Result<(), StoreError> {
        let expire = DiscordWrite::Expire {
            before: now.plus_millis(-ANSWERABLE_SECONDS * 1_000),
            why: UNANSWERED.to_owned(),
        };
        let forget = DiscordWrite::ForgetEnded {
            before: now.plus_millis(-DISCORD_KEPT),
        };
        let unit = Unit::of_all()
            .write(Write::Discord(expire))
            .write(Write::Discord(forget));
        match self.queue.commit(unit).await {
            Ok(_) => Ok(()),
            Err(CommitError::Store(error)) => Err(error),
            Err(error) => Err(StoreError::Failed {
                doing: "forgetting what has ended in Discord",
                source: Arc::new(error),
            }),
        }
    }
}
