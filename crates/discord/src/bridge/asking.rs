//! Journalled questions go to the bus, one after the other, in the order in which they were heard. An
//! agent that cannot be asked now holds up its own questions alone.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use husting_domain::agents::Name;
use husting_domain::discord::{Attachment, AttachmentState, Inbound, InboundState, RequestId};
use husting_store::{CommitError, DiscordWrite, StoreError};
use tokio_util::sync::CancellationToken;

use super::Shared;
use super::faults::BusStepError;
use super::pauses::{Pauses, due};
use crate::bus::{BusError, Letter};
use crate::inbound::{amends, worded};

/// Questions of one look at the journal.
const BATCH: u32 = 50;
/// How long Discord waits for a command's answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(3);
/// Tries of one question at which the bus fails by itself, before it is parked.
const MOST_FAILED: usize = 5;

/// What waits for a while although the bus takes letters.
#[derive(Default)]
struct HeldUp {
    /// Nothing is sent to these before the pause is over.
    agents: BTreeSet<Name>,
    /// How often the bus failed at a question.
    failed: HashMap<RequestId, usize>,
}

/// Asks whatever is in the journal, until it is time to end.
pub async fn keep_asking(shared: Arc<Shared>, stop: CancellationToken) {
    let clock = shared.parties.clock.clone();
    let mut pauses = Pauses::new(clock.clone());
    let mut held_up = HeldUp::default();
    // When those are tried again.
    let mut again = None;
    let mut changes = shared.reins.changes();
    loop {
        // Heard before the journal is read, so that nothing falls between.
        let rung = shared.reins.journalled.notified();
        changes.mark_unchanged();
        match shared.ask_all(&mut held_up, &stop).await {
            Ok(()) if held_up.agents.is_empty() => pauses.reset(),
            Ok(()) => {
                again.get_or_insert_with(|| pauses.next_end());
            }
            // A bus that ends with the bridge takes nothing more: what was heard stays journalled, and is asked next time.
            Err(_) if stop.is_cancelled() => return,
            Err(fault) => {
                if let BusStepError::Bus(fault) = &fault {
                    shared.tell_bus(Some(fault.clone()));
                }
                fault.log("questions wait");
                if !pauses
                    .wait_for_bus(&*shared.parties.bus, &fault, &mut changes, &stop)
                    .await
                {
                    return;
                }
                continue;
            }
        }
        tokio::select! {
            () = rung => {}
            () = due(&clock, again) => {
                again = None;
                held_up.agents.clear();
            }
            () = stop.cancelled() => return,
        }
    }
}

impl Shared {
    async fn ask_all(
        &self,
        held_up: &mut HeldUp,
        stop: &CancellationToken,
    ) -> Result<(), BusStepError> {
        if !self.reins.manner().is_paused {
            self.fetch_files(&self.held().await?).await?;
        }
        loop {
            let waiting = self.to_ask(&held_up.agents).await?;
            if self.reins.manner().is_paused || waiting.is_empty() {
                return Ok(());
            }
            // Before anything is asked: the bus may be away for longer than Discord gives them out.
            self.fetch_files(&waiting).await?;
            for question in waiting {
                if stop.is_cancelled() || self.reins.manner().is_paused {
                    return Ok(());
                }
                if held_up.agents.contains(&question.agent) {
                    continue;
                }
                self.let_be_shown(&question, stop).await;
                // It may have been edited or taken back since the batch was read.
                let request = question.request;
                let Some(question) = self.still_journalled(request).await? else {
                    held_up.failed.remove(&request);
                    continue;
                };
                if question.attachments.iter().any(is_named) {
                    break;
                }
                match self.ask(&question).await {
                    Err(BusStepError::Bus(fault)) => {
                        self.hold_up(&question, fault, held_up).await?;
                    }
                    asked => {
                        asked?;
                        held_up.failed.remove(&request);
                    }
                }
            }
        }
    }

    /// What is about one agent or one question holds up no other agent's.
    async fn hold_up(
        &self,
        question: &Inbound,
        fault: BusError,
        held_up: &mut HeldUp,
    ) -> Result<(), BusStepError> {
        let (agent, request) = (&question.agent, question.request);
        match &fault {
            BusError::InboxFull(_) => {}
            BusError::Failed(why) => {
                let tries = held_up.failed.entry(request).or_default();
                *tries += 1;
                if *tries >= MOST_FAILED {
                    held_up.failed.remove(&request);
                    return Ok(self.park(question, why).await?);
                }
            }
            _ => return Err(fault.into()),
        }
        tracing::warn!(%fault, %agent, "an agent's questions wait");
        held_up.agents.insert(agent.clone());
        let why = Some(fault.to_string());
        if question.fault == why {
            return Ok(());
        }
        let told = DiscordWrite::Move {
            request,
            from: InboundState::Journalled,
            to: InboundState::Journalled,
            at: self.parties.clock.now(),
            fault: why,
        };
        Ok(self.keep_if_still_so([told]).await?)
    }

    async fn park(&self, question: &Inbound, why: &str) -> Result<(), CommitError> {
        self.park_question(question.request, why).await?;
        self.mark_trouble(question).await;
        Ok(())
    }

    async fn held(&self) -> Result<Vec<Inbound>, StoreError> {
        let (tenant, store) = (&self.options.tenant, &self.parties.store);
        store
            .discord_questions_in(tenant, self.bot(), InboundState::Held, BATCH)
            .await
    }

    /// A question by command first stands in its channel, so that its reply goes under it. What is not
    /// shown in the time that Discord gives is asked all the same.
    async fn let_be_shown(&self, question: &Inbound, stop: &CancellationToken) {
        let clock = &self.parties.clock;
        tokio::select! {
            () = self.interactions.until_answered(question.request.0) => {}
            () = due(clock, Some(clock.now().plus(ANSWER_LIMIT))) => {}
            () = stop.cancelled() => {}
        }
    }

    async fn to_ask(&self, without: &BTreeSet<Name>) -> Result<Vec<Inbound>, StoreError> {
        let (tenant, store) = (&self.options.tenant, &self.parties.store);
        let without: Vec<_> = without.iter().cloned().collect();
        store
            .discord_questions_to_ask(tenant, self.bot(), &without, BATCH)
            .await
    }

    /// A question as it stands, if it still waits to be asked.
    async fn still_journalled(&self, request: RequestId) -> Result<Option<Inbound>, StoreError> {
        let (tenant, store) = (&self.options.tenant, &self.parties.store);
        let question = store.discord_question(tenant, request).await?;
        Ok(question.filter(|question| question.state == InboundState::Journalled))
    }

    /// Fetches the files of these questions that were only named so far.
    async fn fetch_files(&self, questions: &[Inbound]) -> Result<(), BusStepError> {
        for question in questions {
            if self.reins.manner().is_paused {
                return Ok(());
            }
            if !question.attachments.iter().any(is_named) {
                continue;
            }
            let files = &self.parties.files;
            let attachments = files
                .fetch_all(question.request, &question.attachments)
                .await;
            let fetched = DiscordWrite::Files {
                request: question.request,
                attachments,
            };
            self.keep_if_still_so([fetched]).await?;
        }
        Ok(())
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

    async fn ask(&self, question: &Inbound) -> Result<(), BusStepError> {
        let letter = Letter {
            to: question.agent.clone(),
            text: self.letter_of(question),
            request: question.request,
            key: key_of(question),
        };
        match self.parties.bus.send(&letter).await {
            Ok(bus_id) => self.sent(question, bus_id, Known::Text).await,
            // A process that died sent it, perhaps with other words.
            Err(BusError::SentBefore) => self.sent(question, letter.key, Known::No).await,
            Err(BusError::Refused(why)) => Ok(self.park(question, &why).await?),
            Err(fault) => Err(fault.into()),
        }
    }

    /// It is on the bus. What was edited on its way there is told to the agent behind it.
    async fn sent(
        &self,
        question: &Inbound,
        bus_id: String,
        known: Known,
    ) -> Result<(), BusStepError> {
        self.tell_bus(None);
        let sent = DiscordWrite::Sent {
            request: question.request,
            bus_id: bus_id.clone(),
            at: self.parties.clock.now(),
        };
        // A reply can be quicker than this line; the question has moved on then.
        self.keep_if_still_so([sent]).await?;
        self.asked_or_answered.notify_one();
        let (tenant, store) = (&self.options.tenant, &self.parties.store);
        let now = store.discord_question(tenant, question.request).await?;
        if let Some(InboundState::Withdrawn) = now.as_ref().map(|now| now.state) {
            // It was deleted in the moment in which it was sent.
            let is_taken_back = self.parties.bus.withdraw(&bus_id).await?;
            tracing::info!(request = %question.request, is_taken_back, "a question was deleted on its way");
            return Ok(());
        }
        let edited = now.filter(|now| known == Known::No || now.text != question.text);
        if let Some(edited) = edited {
            let note = self.note(edited);
            self.keep([DiscordWrite::Journal(Box::new(note))]).await?;
        }
        Ok(())
    }
}

/// The key under which it is sent: its id, and where it was taken back to be edited also the letter that
/// it was, or the bus would give that one again.
fn key_of(question: &Inbound) -> String {
    let request = question.request;
    match &question.bus_id {
        None => request.to_string(),
        Some(before) => format!("{request}:{before}"),
    }
}

/// Whether it is known what the bus was given.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    /// The question's text, as it was read.
    Text,
    /// Something, earlier.
    No,
}

fn is_named(file: &Attachment) -> bool {
    file.state == AttachmentState::Named
}
