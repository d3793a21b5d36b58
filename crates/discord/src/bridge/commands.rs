//! Slash commands as they are heard: a question or a panel is in the journal before anybody is told, in one
//! unit with the event's number. An event that comes again keeps nothing anew.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use husting_domain::agents::Name;
use husting_domain::discord::{Inbound, InboundState};
use husting_domain::discord_panels::DiscordPanel;
use husting_domain::time::Timestamp;
use husting_store::{DiscordWrite, PanelWrite, StoreError};
use tokio::sync::{Notify, mpsc};
use uuid::Uuid;

use super::Shared;
use crate::inbound::{inert, request_of};
use crate::interactions::{Deed, Occasion};

/// Interactions that wait to be answered; what is more than that is too late anyway.
const WAITING: usize = 256;
/// How long the names on the bus are taken for true, in milliseconds.
const NAMES_MILLIS: i64 = 30_000;
/// How long the bus is waited for: an answer is due in three seconds.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// What a person did, and why nothing comes of it, if nothing does.
pub struct Heard {
    pub occasion: Occasion,
    pub deed: Deed,
    pub refusal: Option<String>,
}

/// What the loops know of interactions.
pub struct Interactions {
    waiting: mpsc::Sender<Heard>,
    names: Mutex<Names>,
    /// Questions and panels whose command is being answered.
    answering: Mutex<HashSet<Uuid>>,
    /// Rung when one of them was.
    answered: Notify,
    /// Rung when a panel may go on.
    pub panels_moved: Notify,
    /// Rung when the bot may be allowed what it was not.
    pub permissions_moved: Notify,
}

/// Agents by name, as of a moment.
#[derive(Default)]
struct Names {
    known: BTreeSet<Name>,
    at: Option<Timestamp>,
}

impl Interactions {
    /// None was heard yet; whoever answers takes them from the other end.
    pub fn new() -> (Self, mpsc::Receiver<Heard>) {
        let (waiting, heard) = mpsc::channel(WAITING);
        let interactions = Self {
            waiting,
            names: Mutex::default(),
            answering: Mutex::default(),
            answered: Notify::new(),
            panels_moved: Notify::new(),
            permissions_moved: Notify::new(),
        };
        (interactions, heard)
    }

    /// To be answered, now that the journal has it; its question or panel has the id.
    pub fn give(&self, heard: Heard, id: Uuid) {
        if let Err(fault) = self.waiting.try_send(heard) {
            tracing::warn!(%fault, "an interaction is not answered");
            self.answered(id);
        }
    }

    /// Whether the command of a question or panel is being answered.
    pub fn is_answering(&self, id: Uuid) -> bool {
        locked(&self.answering).contains(&id)
    }

    /// The command of a question or panel was answered, or cannot be.
    pub fn answered(&self, id: Uuid) {
        locked(&self.answering).remove(&id);
        self.answered.notify_waiters();
        self.panels_moved.notify_one();
    }

    /// Returns once the command of a question is not being answered.
    pub async fn until_answered(&self, id: Uuid) {
        loop {
            let answered = self.answered.notified();
            tokio::pin!(answered);
            answered.as_mut().enable();
            if !self.is_answering(id) {
                return;
            }
            answered.await;
        }
    }
}

impl Shared {
    /// What is kept of it before it is answered.
    pub(super) async fn commanded(
        &self,
        (occasion, deed): (Occasion, Deed),
    ) -> Result<(Heard, Vec<DiscordWrite>), StoreError> {
        let refusal = self.refusal(&occasion, &deed).await;
        let mut writes = Vec::new();
        if refusal.is_none() {
            match &deed {
                Deed::Ask { agent, text } => {
                    let request = request_of(self.bot(), occasion.id);
                    locked(&self.interactions.answering).insert(request.0);
                    writes.extend(self.asked(&occasion, agent, text).await?);
                }
                Deed::Deliberate { question } => {
                    let panel = self.panel(&occasion, question);
                    locked(&self.interactions.answering).insert(panel.id);
                    let open = PanelWrite::Open(Box::new(panel));
                    writes.push(DiscordWrite::Panel(open));
                }
                _ => {}
            }
        }
        let heard = Heard {
            occasion,
            deed,
            refusal,
        };
        Ok((heard, writes))
    }

    /// Why nothing comes of it, in words for whoever did it.
    async fn refusal(&self, occasion: &Occasion, deed: &Deed) -> Option<String> {
        let no = |why: &str| Some(why.to_owned());
        let speaks = matches!(deed, Deed::Ask { .. } | Deed::Deliberate { .. });
        // The bot would say for them what they may not say themselves.
        if speaks && !occasion.may_write {
            return no("You may read here, and not write.");
        }
        match deed {
            Deed::Ask { text, .. } if text.is_empty() => no("There is nothing to ask."),
            Deed::Ask { agent, .. } => self.unknown(agent).await,
            Deed::Deliberate { question } if question.is_empty() => no("There is nothing to ask."),
            Deed::Deliberate { .. } => match &self.parties.panels {
                None => no("A panel needs the Husting app; this bridge runs alone."),
                Some(_) if self.reins.manner().is_paused => {
                    no("The bridge is paused by its operator; no panel is convened.")
                }
                Some(panels) => panels.why_no_round().await,
            },
            Deed::Unknown => no("This belongs to another version of Husting."),
            _ => None,
        }
    }

    async fn unknown(&self, agent: &str) -> Option<String> {
        let known = self.agents(Some(agent)).await;
        if known.iter().any(|name| name.as_str() == agent) {
            return None;
        }
        let names: Vec<&str> = known.iter().map(Name::as_str).collect();
        Some(format!(
            "There is no agent of that name. These can be asked: {}.",
            names.join(", ")
        ))
    }

    /// Who can be asked: whoever is on the bus, and whoever the operator chose for a place. The bus is
    /// asked again after a while, and for a name that is not known.
    pub(super) async fn agents(&self, wanted: Option<&str>) -> Vec<Name> {
        let now = self.parties.clock.now();
        let is_good = {
            let names = locked(&self.interactions.names);
            let is_new = names
                .at
                .is_some_and(|at| now.millis_since(at) < NAMES_MILLIS);
            let has = |wanted: &str| names.known.iter().any(|name| name.as_str() == wanted);
            is_new && wanted.is_none_or(has)
        };
        if !is_good {
            self.ask_for_names().await;
        }
        let mut known = locked(&self.interactions.names).known.clone();
        let manner = self.reins.manner();
        known.extend(manner.routes.map.values().cloned());
        known.insert(manner.routes.default_agent.clone());
        drop(manner);
        known.remove(&self.options.connector);
        known.into_iter().collect()
    }

    async fn ask_for_names(&self) {
        let clock = &self.parties.clock;
        let patience = clock.now().plus(PATIENCE);
        let peers = tokio::select! {
            peers = self.parties.bus.peers() => peers,
            () = clock.sleep_until(patience) => {
                tracing::info!("the bus does not say in time who is there");
                return;
            }
        };
        match peers {
            Ok(peers) => {
                let names = peers.iter().filter_map(|peer| Name::parse(&peer.name).ok());
                *locked(&self.interactions.names) = Names {
                    known: names.collect(),
                    at: Some(clock.now()),
                };
            }
            Err(fault) => tracing::info!(%fault, "the bus does not say who is there"),
        }
    }

    /// The question, unless it is in the journal.
    async fn asked(
        &self,
        occasion: &Occasion,
        agent: &str,
        text: &str,
    ) -> Result<Option<DiscordWrite>, StoreError> {
        let request = request_of(self.bot(), occasion.id);
        let (tenant, store) = (&self.options.tenant, &self.parties.store);
        let is_kept = store.discord_question(tenant, request).await?.is_some();
        let Some(agent) = Name::parse(agent).ok().filter(|_| !is_kept) else {
            return Ok(None);
        };
        let question = Inbound {
            request,
            amends: None,
            bot: self.bot(),
            // Until there is a message that shows it.
            message: occasion.id,
            place: occasion.place,
            author: occasion.author.clone(),
            text: inert(text).into_owned(),
            attachments: Vec::new(),
            received_at: self.parties.clock.now(),
            agent,
            state: InboundState::Journalled,
            bus_id: None,
            sent_at: None,
            read_at: None,
            answered_at: None,
            deleted_at: None,
            rested_at: None,
            fault: None,
        };
        Ok(Some(DiscordWrite::Journal(Box::new(question))))
    }

    fn panel(&self, occasion: &Occasion, question: &str) -> DiscordPanel {
        let (bot, command) = (self.bot(), occasion.id);
        DiscordPanel::asked(
            (request_of(bot, command).0, command),
            bot,
            occasion.place,
            occasion.author.clone(),
            question.to_owned(),
            self.parties.clock.now(),
        )
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
