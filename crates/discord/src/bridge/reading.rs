//! Notes what becomes of questions on the bus, where it tells: agents take them, or nobody does any more.

use std::sync::Arc;
use std::time::Duration;

use husting_domain::discord::{Inbound, InboundState};
use husting_domain::time::Timestamp;
use husting_store::{CommitError, Constraint, DiscordWrite};
use tokio_util::sync::CancellationToken;

use super::Shared;
use super::faults::BusStepError;
use super::pauses::wait;
use crate::bus::Fate;

/// Questions that are looked at: the newest that wait for an answer.
const MOST: u32 = 500;
/// Between two looks.
const BETWEEN: Duration = Duration::from_millis(250);

/// Notes it as it happens, until it is time to end.
pub async fn keep_reading(shared: Arc<Shared>, stop: CancellationToken) {
    let clock = shared.parties.clock.clone();
    loop {
        // Also at the start: something may have been read while no bridge ran.
        if let Err(fault) = shared.note_fates().await {
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
    async fn note_fates(&self) -> Result<(), BusStepError> {
        let (tenant, store) = (&self.options.tenant, &self.parties.store);
        let taking_back = self.taking_back.all();
        let asked = store
            .discord_newest_questions_in(tenant, self.bot(), InboundState::Sent, MOST)
            .await?;
        let ids: Vec<String> = asked
            .iter()
            .filter_map(|question| question.bus_id.clone())
            .collect();
        self.taking_back.forget(&taking_back, ids.iter());
        if ids.is_empty() {
            return Ok(());
        }
        for (id, fate) in self.parties.bus.fates(&ids).await? {
            let question = asked
                .iter()
                .find(|question| question.bus_id.as_ref() == Some(&id));
            let Some(question) = question else { continue };
            match fate {
                Fate::Taken(_) if question.read_at.is_some() => {}
                Fate::Taken(at) => self.note_read(question, at).await?,
                // The journal has it in a moment.
                Fate::Parked(_) if self.taking_back.is_meant(&id) => {}
                Fate::Parked(why) => self.let_rest(question, why).await?,
            }
        }
        Ok(())
    }

    async fn note_read(&self, question: &Inbound, at: Timestamp) -> Result<(), CommitError> {
        let read = DiscordWrite::Read {
            request: question.request,
            at,
        };
        self.keep_if_still_so([read]).await?;
        // A note is a message of its author's that was marked before.
        if question.amends.is_none() {
            self.mark_read(question).await;
        }
        Ok(())
    }

    /// Parks a question that nobody reads any more, and says so where it was written. Asked once more it is another
    /// letter.
    async fn let_rest(&self, question: &Inbound, why: String) -> Result<(), CommitError> {
        let rests = DiscordWrite::Move {
            request: question.request,
            from: InboundState::Sent,
            to: InboundState::Parked,
            at: self.parties.clock.now(),
            fault: Some(why),
        };
        match self.keep([rests]).await {
            // Its answer came meanwhile, or its author took it back.
            Err(CommitError::Constraint(Constraint::Absent(_))) => return Ok(()),
            kept => kept?,
        }
        self.asked_or_answered.notify_one();
        if question.amends.is_none() {
            self.mark_trouble(question).await;
        }
        Ok(())
    }
}
