//! Marks on what people wrote: a warning sign where something is parked.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use husting_domain::discord::{Inbound, Snowflake};

use super::Shared;
use crate::sender::SendError;

/// Put on a question that cannot be asked or answered.
const TROUBLE: &str = "⚠️";

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
    /// Puts the warning sign on a question. That it could not be put is no fault of the question's.
    pub async fn mark_trouble(&self, question: &Inbound) {
        let channel = question.place.posted_to();
        if !self.marks.may(channel) {
            return;
        }
        let marked = self
            .parties
            .sender
            .react(channel, question.message, TROUBLE)
            .await;
        match marked {
            Ok(()) => {}
            Err(SendError::Refused { code, .. }) => {
                tracing::info!(%channel, code, "marks cannot be put in this channel");
                self.marks.bar(channel);
            }
            Err(fault) => tracing::warn!(%fault, "a mark could not be put"),
        }
    }
}
