//! Marks on what people wrote: eyes once the agent has read it, a warning sign while something rests.

use husting_domain::discord::{Inbound, RequestId};
use husting_store::{DiscordWrite, StoreError};

use super::Shared;
use super::reins::MarksShown;
use crate::sender::SendError;

/// Put on a question that cannot be asked or answered.
const TROUBLE: &str = "⚠️";
/// Put on a question that its agent has read.
pub(super) const READ: &str = "👀";

impl Shared {
    /// Puts the warning sign on a question. It is in the journal first, so that it goes with the trouble also after
    /// a death.
    pub async fn mark_trouble(&self, question: &Inbound) {
        if self.reins.manner().marks == MarksShown::None {
            return;
        }
        self.keep_warning(question, true).await;
        self.mark(question, TROUBLE).await;
    }

    /// Takes the warning sign from a question that goes on or was answered, and to which nothing rests.
    pub async fn clear_trouble(&self, request: RequestId) -> Result<(), StoreError> {
        let (tenant, store) = (&self.options.tenant, &self.parties.store);
        if !store.discord_warned_in_vain(tenant, request).await? {
            return Ok(());
        }
        let Some(question) = store.discord_question(tenant, request).await? else {
            return Ok(());
        };
        let channel = question.place.posted_to();
        let sender = &self.parties.sender;
        match sender.unreact(channel, question.message, TROUBLE).await {
            // Whatever Discord refuses here it will refuse again: message, sign or channel are gone.
            Ok(()) | Err(SendError::Refused { .. }) => self.keep_warning(&question, false).await,
            Err(fault) => tracing::warn!(%fault, "a warning sign could not be taken back"),
        }
        Ok(())
    }

    /// That it is not known is no fault of the question's.
    async fn keep_warning(&self, question: &Inbound, stands: bool) {
        let request = question.request;
        let warn = DiscordWrite::Warn { request, stands };
        if let Err(fault) = self.keep([warn]).await {
            tracing::warn!(%fault, %request, "whether the warning sign stands is not kept");
        }
    }

    /// Puts eyes on a question.
    pub async fn mark_read(&self, question: &Inbound) {
        if self.reins.manner().marks == MarksShown::All {
            self.mark(question, READ).await;
        }
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
