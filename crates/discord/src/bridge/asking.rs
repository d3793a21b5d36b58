//! Journalled questions go to the bus, one after the other, in the order in which they were heard.

use std::sync::Arc;

use husting_domain::discord::{Attachment, AttachmentState, Inbound, InboundState};
use husting_store::{CommitError, DiscordWrite, StoreError};
use tokio_util::sync::CancellationToken;

use super::Shared;
use super::pauses::Pauses;
use crate::bus::{BusError, Letter};
use crate::inbound::{amends, worded};

/// Questions of one look at the journal.
const BATCH: u32 = 50;

/// Why a question is not on the bus yet.
#[derive(Debug, thiserror::Error)]
enum AskError {
    #[error(transparent)]
    Bus(#[from] BusError),
    #[error(transparent)]
    Read(#[from] StoreError),
    #[error(transparent)]
    Keep(#[from] CommitError),
}

/// Asks whatever is in the journal, until it is time to end.
pub async fn keep_asking(shared: Arc<Shared>, stop: CancellationToken) {
    let mut pauses = Pauses::new(shared.parties.clock.clone());
    loop {
        // Heard before the journal is read, so that nothing falls between.
        let rung = shared.journalled.notified();
        match shared.ask_all(&stop).await {
            Ok(()) => {
                pauses.reset();
                tokio::select! {
                    () = rung => {}
                    () = stop.cancelled() => return,
                }
            }
            Err(fault) => {
                if let AskError::Bus(fault) = &fault {
                    shared.tell_bus(Some(fault.to_string()));
                }
                tracing::warn!(%fault, "questions wait: the bus or the journal fails");
                if !pauses.wait(fault.retry_after(), &stop).await {
                    return;
                }
            }
        }
    }
}

impl AskError {
    fn retry_after(&self) -> Option<std::time::Duration> {
        match self {
            Self::Bus(BusError::Unreachable { retry_after, .. }) => *retry_after,
            _ => None,
        }
    }
}

impl Shared {
    async fn ask_all(&self, stop: &CancellationToken) -> Result<(), AskError> {
        loop {
            let (tenant, bot) = (&self.options.tenant, self.bot());
            let store = &self.parties.store;
            let waiting = store
                .discord_questions_in(tenant, bot, InboundState::Journalled, BATCH)
                .await?;
            if waiting.is_empty() {
                return Ok(());
            }
            for question in waiting {
                if stop.is_cancelled() {
                    return Ok(());
                }
                let question = self.with_files(question).await?;
                self.ask(&question).await?;
            }
        }
    }

    /// What the agent is given: the question, or the note that it was edited.
    fn letter_of(&self, question: &Inbound) -> String {
        let connector = &self.options.connector;
        let Some(amended) = question.amends else {
            return worded(question, connector);
        };
        let amended = Inbound {
            request: amended,
            ..question.clone()
        };
        amends(&amended, connector)
    }

    /// The question with its files fetched, which is kept before it is asked.
    async fn with_files(&self, question: Inbound) -> Result<Inbound, AskError> {
        let is_named = |file: &Attachment| file.state == AttachmentState::Named;
        if !question.attachments.iter().any(is_named) {
            return Ok(question);
        }
        let files = &self.parties.files;
        let attachments = files
            .fetch_all(question.request, &question.attachments)
            .await;
        let question = Inbound {
            attachments,
            ..question
        };
        self.keep([DiscordWrite::Amend(Box::new(question.clone()))])
            .await?;
        Ok(question)
    }

    /// The key under which it is sent is its id: a second try after a death sends nothing twice.
    async fn ask(&self, question: &Inbound) -> Result<(), AskError> {
        let letter = Letter {
            to: question.agent.clone(),
            text: self.letter_of(question),
            request: question.request,
        };
        match self.parties.bus.send(&letter).await {
            Ok(bus_id) => {
                self.tell_bus(None);
                let sent = DiscordWrite::Sent {
                    request: question.request,
                    bus_id,
                    at: self.parties.clock.now(),
                };
                // A reply can be quicker than this line; the question has moved on then.
                self.keep_if_still_so([sent]).await?;
                self.asked_or_answered.notify_one();
                Ok(())
            }
            Err(BusError::Refused(why)) => {
                self.park_question(question.request, &why).await?;
                self.mark_trouble(question).await;
                Ok(())
            }
            Err(fault) => Err(fault.into()),
        }
    }
}
