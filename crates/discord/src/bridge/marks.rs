//! Marks on what people wrote: eyes once the agent has read it, a warning sign where something rests.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use husting_domain::discord::{Inbound, Snowflake};

use super::Shared;
use super::reins::MarksShown;
use crate::sender::SendError;

/// Put on a question that cannot be asked or answered.
const TROUBLE: &str = "⚠️";
/// Put on a question that its agent has read.
const READ: &str = "👀";

/// Where the bot may not put marks: learnt once for each channel, and forgotten when permissions change.
#[derive(Debug, Default)]
pub struct Marks {
    barred: Mutex<HashSet<Snowflake>>,
}

impl Marks {
    fn may(&self, channel: Snowflake) -> bool {
        !self.set().contains(&channel)
    }

    fn bar(&self, channel: Snowflake) {
        self.set().insert(channel);
    }

    /// Permissions may have changed.
    pub fn forget(&self) {
        self.set().clear();
    }

    fn set(&self) -> std::sync::MutexGuard<'_, HashSet<Snowflake>> {
        self.barred.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

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
        if !self.marks.may(channel) {
            return;
        }
        let sender = &self.parties.sender;
        match sender.react(channel, question.message, mark).await {
            Ok(()) => {}
            // The message is gone; the channel is as it was.
            Err(SendError::Refused { code: 10_008, .. }) => {}
            Err(SendError::Refused { code, .. }) => {
                tracing::info!(%channel, code, "marks cannot be put in this channel");
                self.marks.bar(channel);
            }
            Err(fault) => tracing::warn!(%fault, "a mark could not be put"),
        }
    }
}
