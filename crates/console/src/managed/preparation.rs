//! What a message takes: looked at before it is taken from its mailbox, and again before its turn
//! begins. What cannot be had leaves the message where it is.

use husting_domain::agents::Agent;
use husting_domain::exchange::Prompt;
use husting_domain::messages::{Markers, Message, Origin};
use husting_domain::models::{ModelId, REHEARSAL_MODELS, UnavailableReason};
use husting_domain::money::MicroUsd;
use husting_domain::scopes::Scope;
use husting_wallet::turns::{self, TurnRefused, TurnRequest};
use husting_wire::errors::Error;

use super::hindrances::Hindrance;
use super::prompt::{MOST_TOKENS, prompt};
use crate::agents::AgentHolder;
use crate::catalog::{Catalog, Entry};
use crate::errors::Outward;
use crate::seating::check_window;
use crate::{Inner, chance};

/// Most messages of a thread that the prompt is made of.
const MOST_OF_THREAD: u32 = 500;

/// What becomes of a message.
pub(super) enum Way {
    /// It needs no answer.
    Aside,
    /// A seat is asked.
    Turn(Box<Prepared>),
    /// It does not fit the seat, which whoever wrote it is told in these words.
    TooLong(String),
    /// It waits.
    Left(Hindrance),
}

/// A turn that only lacks its money.
pub(super) struct Prepared {
    pub catalog: Catalog,
    /// The seat.
    pub entry: Entry,
    pub asked: Prompt,
    /// Known to nobody but the seat.
    pub nonce: String,
    pub request: TurnRequest,
}

impl Inner {
    /// What becomes of a message that waits for the agent.
    pub(super) async fn way_of(
        &self,
        holder: &AgentHolder,
        agent: &Agent,
        message: &Message,
    ) -> Result<Way, Error> {
        if !wants_answer(message) || self.is_writer_gone(message) {
            return Ok(Way::Aside);
        }
        if agent.grants.in_force(Scope::Send, self.now()).is_none() {
            return Ok(Way::Left(Hindrance::Scope));
        }
        self.prepared(holder, agent, message).await
    }

    /// The message's turn, if the agent may have it now.
    pub(super) async fn prepared(
        &self,
        holder: &AgentHolder,
        agent: &Agent,
        message: &Message,
    ) -> Result<Way, Error> {
        let catalog = self.catalog(&holder.tenant).await?;
        let Some(entry) = seat_of(agent).and_then(|model| catalog.entry(&model).cloned()) else {
            return Ok(Way::Left(Hindrance::Seat));
        };
        if let Some(why) = never_answers(&entry) {
            return Ok(Way::Left(Hindrance::Unfit(why)));
        }
        let nonce = chance::nonce(
            &self.fence_secret,
            &[&agent.id.to_string(), &message.id.to_string()],
        );
        let thread = self
            .store
            .thread(&holder.tenant, message.id, MOST_OF_THREAD)
            .await
            .outward()?;
        let asked = prompt(agent, &thread, message, &nonce);
        let asked = Prompt {
            max_output_tokens: MOST_TOKENS.min(entry.model.max_output_tokens),
            ..asked
        };
        if check_window(&entry, &asked).is_err() {
            return Ok(Way::TooLong(too_long(agent, &entry)));
        }
        let done = self
            .store
            .turns_since(&holder.tenant, agent.id, self.now().day_start())
            .await
            .outward()?;
        let settings = self.settings();
        let limit = daily_limit(settings.agents_cents_per_day);
        if done.turns >= settings.agents_turns_per_day {
            return Ok(Way::Left(Hindrance::Turns(settings.agents_turns_per_day)));
        }
        let request = TurnRequest {
            agent_id: agent.id,
            message_id: message.id,
            model: entry.model.id.clone(),
            price: entry.price(),
            prompt_bytes: asked.bytes(),
            max_output_tokens: asked.max_output_tokens,
            spent_today: done.charged,
            daily_limit: Some(limit),
        };
        if let Err(refused) = self.affordable(holder, &request, limit).await? {
            return Ok(Way::Left(Hindrance::Money(refused)));
        }
        Ok(Way::Turn(Box::new(Prepared {
            catalog,
            entry,
            asked,
            nonce,
            request,
        })))
    }

    /// Whether its money could be set aside now. A day whose money is used up has no turn, also of a
    /// seat that bills nothing.
    async fn affordable(
        &self,
        holder: &AgentHolder,
        request: &TurnRequest,
        limit: MicroUsd,
    ) -> Result<Result<(), TurnRefused>, Error> {
        let used = request.spent_today;
        if used >= limit {
            return Ok(Err(TurnRefused::Day { limit, used }));
        }
        let wallet = self.books(&holder.tenant).await?.wallet;
        Ok(turns::plan(&wallet, request, self.now(), chance::hold_id).map(drop))
    }
}

/// Requests and plain mail are answered, and what a person replies, who goes on with the thread; replies
/// of agents, acknowledgements, broadcasts and Husting's own words never are.
fn wants_answer(message: &Message) -> bool {
    let goes_on = match message.from.origin() {
        Origin::Human | Origin::Discord => true,
        Origin::Agent => message.in_reply_to.is_none(),
        Origin::System => false,
    };
    goes_on && message.squad.is_none() && !message.is_broadcast && !acknowledges(message)
}

/// Whether its text acknowledges another. A question may say how it is to be answered: the token of its
/// own request is no acknowledgement.
fn acknowledges(message: &Message) -> bool {
    let named = Markers::read(&message.text).ack_for;
    named.is_some_and(|named| message.request_id.as_deref() != Some(named.as_str()))
}

/// The seat that an agent answers on; none for a name that is no model's.
fn seat_of(agent: &Agent) -> Option<ModelId> {
    ModelId::parse(agent.model.as_deref().unwrap_or(REHEARSAL_MODELS[0]))
}

/// Why a call of the seat could only fail. What the newest look at a server of this machine found may be
/// over by now, and a seat that is switched off is only no longer offered to panels.
fn never_answers(entry: &Entry) -> Option<String> {
    let (reason, why) = entry.unfit.as_ref()?;
    matches!(
        reason,
        UnavailableReason::NoKey | UnavailableReason::NoPrice
    )
    .then(|| why.clone())
}

/// What an agent's turns may be charged in a day.
fn daily_limit(cents: u32) -> MicroUsd {
    MicroUsd(i64::from(cents) * 10_000)
}

fn too_long(agent: &Agent, entry: &Entry) -> String {
    format!(
        "Nobody has read this: with its thread your message does not fit {}, the model that {} answers on. Write it shorter, \
         or anew and in parts; the operator can choose a model with a larger window.",
        entry.model.display_name, agent.name
    )
}
