//! Keeps the file of open questions true, where there is one.

use std::path::PathBuf;
use std::sync::Arc;

use husting_domain::discord::{Inbound, InboundState};
use husting_store::{CommitError, DiscordWrite, StoreError};
use tokio_util::sync::CancellationToken;

use super::Shared;
use crate::pending::{self, PendingError};

/// Questions that the file holds at the most: the newest.
const MOST: usize = 5_000;

/// Why the file of open questions cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenQuestionsError {
    /// The file.
    #[error(transparent)]
    File(#[from] PendingError),
    /// The journal cannot be read.
    #[error(transparent)]
    Read(#[from] StoreError),
    /// The journal cannot be written.
    #[error(transparent)]
    Keep(#[from] CommitError),
}

/// Writes the file whenever a question is asked or answered, until it is time to end.
pub async fn keep_written(shared: Arc<Shared>, path: PathBuf, stop: CancellationToken) {
    loop {
        let rung = shared.asked_or_answered.notified();
        if let Err(fault) = shared.write_open_questions(path.clone()).await {
            tracing::warn!(%fault, "the file of open questions was not written");
        }
        tokio::select! {
            () = rung => {}
            () = stop.cancelled() => return,
        }
    }
}

impl Shared {
    /// Takes the file's questions into the journal.
    pub async fn read_open_questions(&self, path: PathBuf) -> Result<(), OpenQuestionsError> {
        let (bot, now) = (self.bot(), self.parties.clock.now());
        let open = off_the_runtime(move || pending::read(&path, bot, now)).await?;
        let journal = open.into_iter().map(Box::new).map(DiscordWrite::Journal);
        Ok(self.keep(journal).await?)
    }

    async fn write_open_questions(&self, path: PathBuf) -> Result<(), OpenQuestionsError> {
        let mut open = self.questions_in(InboundState::Sent).await?;
        open.extend(self.questions_in(InboundState::Answered).await?);
        open.sort_by_key(|question| std::cmp::Reverse(question.received_at));
        open.truncate(MOST);
        // A note asks nothing: it is answered by its question's own token.
        open.retain(|question| question.amends.is_none());
        let now = self.parties.clock.now();
        Ok(off_the_runtime(move || pending::write(&path, &open, now)).await?)
    }

    async fn questions_in(&self, state: InboundState) -> Result<Vec<Inbound>, StoreError> {
        let (tenant, bot) = (&self.options.tenant, self.bot());
        let store = &self.parties.store;
        let most = u32::try_from(MOST).unwrap_or(u32::MAX);
        store
            .discord_newest_questions_in(tenant, bot, state, most)
            .await
    }
}

/// Files block.
async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PendingError> + Send + 'static,
) -> Result<T, PendingError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}
