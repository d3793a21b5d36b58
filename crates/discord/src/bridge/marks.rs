//! Marks on what people wrote: eyes once the agent has read it, a warning sign where something rests.

use husting_domain::discord::Inbound;

use super::Shared;
use super::reins::MarksShown;
use crate::sender::SendError;

/// Put on a question that cannot be asked or answered.
const TROUBLE: &str = "⚠️";
/// Put on a question that its agent has read.
pub(super) const READ: &str = "👀";

impl Shared {
    /// Puts the warning sign on a question.
    pub async fn mark_trouble(&self, question: &Inbound) {
        if self.reins.manner().marks != MarksShown::None {
            self.mark(question, TROUBLE).await;
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
