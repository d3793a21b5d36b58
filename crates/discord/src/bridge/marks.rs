//! Marks on what people wrote: eyes once the agent has read it, a warning sign while something rests.

use std::collections::HashSet;
use std::sync::Arc;

use husting_domain::discord::{Inbound, RequestId};
use husting_store::{CommitError, DiscordWrite};
use tokio_util::sync::CancellationToken;

use super::Shared;
use super::faults::DiscordStepError;
use super::pauses::Pauses;
use super::reins::MarksShown;
use crate::sender::SendError;

/// Put on a question that cannot be asked or answered.
const TROUBLE: &str = "⚠️";
/// Put on a question that its agent has read.
pub(super) const READ: &str = "👀";
/// Discord's codes for a channel, a message and an emoji that are not there:
/// <https://docs.discord.com/developers/topics/opcodes-and-status-codes#json>.
const GONE: [u32; 3] = [10_003, 10_008, 10_014];

/// Takes warning signs away as the trouble goes, until it is time to end. It begins with those that a bridge before
/// this one left.
pub async fn keep_clearing(shared: Arc<Shared>, stop: CancellationToken) {
    let mut journal = shared.reins.journal();
    let mut pauses = Pauses::new(shared.parties.clock.clone());
    // Refused for another reason than that it is gone: the next bridge tries again.
    let mut refused = HashSet::new();
    loop {
        journal.mark_unchanged();
        match shared.clear_troubles(&mut refused).await {
            Ok(()) => pauses.reset(),
            Err(fault) => {
                tracing::warn!(%fault, "warning signs stay for now");
                if !pauses.wait(None, &stop).await {
                    return;
                }
                continue;
            }
        }
        tokio::select! {
            Ok(()) = journal.changed() => {}
            () = stop.cancelled() => return,
        }
    }
}

impl Shared {
    /// Puts the warning sign on a question. It is in the journal first, so that it goes with the trouble also after
    /// a death.
    pub async fn mark_trouble(&self, question: &Inbound) {
        let may = self.mark_bars.may(question.place.posted_to());
        if self.reins.manner().marks == MarksShown::None || !may {
            return;
        }
        // Otherwise one could be taken away before it is there.
        let _one = self.warning.lock().await;
        if let Err(fault) = self.warn(question.request, true).await {
            tracing::warn!(%fault, "a warning sign could not be kept, and is not put");
            return;
        }
        self.mark(question, TROUBLE).await;
    }

    /// Puts eyes on a question.
    pub async fn mark_read(&self, question: &Inbound) {
        if self.reins.manner().marks == MarksShown::All {
            self.mark(question, READ).await;
        }
    }

    /// Takes warning signs from questions that go on or were answered.
    async fn clear_troubles(
        &self,
        refused: &mut HashSet<RequestId>,
    ) -> Result<(), DiscordStepError> {
        let _one = self.warning.lock().await;
        let (tenant, store) = (&self.options.tenant, &self.parties.store);
        for question in store.discord_warned_in_vain(tenant, self.bot()).await? {
            let request = question.request;
            if refused.contains(&request) {
                continue;
            }
            let channel = question.place.posted_to();
            let sender = &self.parties.sender;
            match sender.unreact(channel, question.message, TROUBLE).await {
                Err(SendError::Refused { code, .. }) if !GONE.contains(&code) => {
                    tracing::info!(%channel, code, "a warning sign cannot be taken back");
                    refused.insert(request);
                }
                Ok(()) | Err(SendError::Refused { .. }) => self.warn(request, false).await?,
                Err(fault) => return Err(fault.into()),
            }
        }
        Ok(())
    }

    async fn warn(&self, request: RequestId, stands: bool) -> Result<(), CommitError> {
        let warn = DiscordWrite::Warn { request, stands };
        self.keep_if_still_so([warn]).await
    }

    /// That a mark could not be put is no fault of the question's.
    async fn mark(&self, question: &Inbound, mark: &str) {
        let channel = question.place.posted_to();
        if !self.mark_bars.may(channel) {
            return;
        }
        let sender = &self.parties.sender;
        match sender.react(channel, question.message, mark).await {
            Ok(()) => {}
            // The message is gone; the channel is as it was.
            Err(SendError::Refused { code: 10_008, .. }) => {}
            Err(SendError::Refused { code, .. }) => {
                tracing::info!(%channel, code, "marks cannot be put in this channel");
                self.mark_bars.bar(channel);
            }
            Err(fault) => tracing::warn!(%fault, "a mark could not be put"),
        }
    }
}
