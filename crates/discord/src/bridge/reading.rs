//! Notes when agents take what they are asked, where the bus tells.

use std::sync::Arc;
use std::time::Duration;

use husting_store::DiscordWrite;
use tokio_util::sync::CancellationToken;

use super::Shared;
use super::faults::BusStepError;
use super::pauses::wait;

/// Questions that are looked at: the newest that wait. Those that nobody reads stand in no other's way.
const MOST: u32 = 500;
/// Between two looks.
const BETWEEN: Duration = Duration::from_millis(250);

/// Notes it as it happens, until it is time to end.
pub async fn keep_reading(shared: Arc<Shared>, stop: CancellationToken) {
    let clock = shared.parties.clock.clone();
    loop {
        // Also at the start: something may have been read while no bridge ran.
        if let Err(fault) = shared.note_read().await {
            tracing::warn!(%fault, "it is not known what agents have read");
        }
        // A storm of mail is not a storm of looks.
        if !wait(&clock, BETWEEN, &stop).await {
            return;
        }
        tokio::select! {
            () = shared.parties.bus.moved() => {}
            () = stop.cancelled() => return,
        }
    }
}

impl Shared {
    async fn note_read(&self) -> Result<(), BusStepError> {
        let (tenant, store) = (&self.options.tenant, &self.parties.store);
        let unread = store
            .discord_questions_unread(tenant, self.bot(), MOST)
            .await?;
        let ids: Vec<String> = unread
            .iter()
            .filter_map(|question| question.bus_id.clone())
            .collect();
        if ids.is_empty() {
            return Ok(());
        }
        for (id, at) in self.parties.bus.taken(&ids).await? {
            let question = unread
                .iter()
                .find(|question| question.bus_id.as_ref() == Some(&id));
            let Some(question) = question else { continue };
            let read = DiscordWrite::Read {
                request: question.request,
                at,
            };
            self.keep_if_still_so([read]).await?;
            // A note is a message of its author's that was marked before.
            if question.amends.is_none() {
                self.mark_read(question).await;
            }
        }
        Ok(())
    }
}
