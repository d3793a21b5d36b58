//! One turn: money is set aside, the seat is asked, and what it says is kept as it comes.

use std::pin::pin;
use std::sync::Arc;

use husting_deliberation::hygiene::cleaned;
use husting_deliberation::prompts::repeats_a_fence;
use husting_domain::agents::Agent;
use husting_domain::audit::{Action, Entry as AuditEntry};
use husting_domain::calls::{CallState, SeatErrorCode};
use husting_domain::exchange::{Prompt, SeatEvent, SeatOutcome};
use husting_domain::ids::HoldId;
use husting_domain::messages::{AcknowledgedBy, Mailbox, Message};
use husting_domain::models::{ModelId, REHEARSAL_MODELS, SeatKind};
use husting_domain::money::{Price, Usage};
use husting_domain::time::Timestamp;
use husting_domain::turns::{Turn, TurnError};
use husting_seats::CallTerms;
use husting_store::{
    AgentRequire, BusWrite, CommitError, Earlier, Require, TurnWrite, Unit, Write,
};
use husting_wallet::turns::{self, TurnRefused, TurnRequest};
use husting_wire::errors::{Error, ErrorCode};
use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::prompt::{MOST_TOKENS, prompt};
use super::runner::daily_limit;
use super::settlement::Spoken;
use crate::agents::AgentHolder;
use crate::bus::Call;
use crate::catalog::{Catalog, Entry};
use crate::errors::{Outward, commit_fault, credit_exhausted};
use crate::seating::{LOCAL_SECONDS, check_window};
use crate::{Inner, chance};

/// How long a seat may take, in seconds.
const SECONDS: u32 = 150;
/// Milliseconds between checkpoints of what was said so far.
const CHECKPOINT_MILLIS: i64 = 1_000;

/// A turn that has its money, and nobody has been called.
pub(super) struct Begun {
    pub turn: Turn,
    pub hold: Option<HoldId>,
    pub price: Price,
}

impl Inner {
    /// The oldest message that waits, leased to the agent. One that came to no answer before stays
    /// leased: that the agent goes on does not say that it has done with it.
    pub(super) async fn take_one(
        self: &Arc<Self>,
        call: &Call<'_>,
    ) -> Result<Option<Message>, Error> {
        let fetched = self.give(call, Earlier::Stays, 1).await?;
        Ok(fetched.messages.into_iter().next())
    }

    /// Acknowledges what is not answered.
    pub(super) async fn put_aside(&self, call: &Call<'_>, message: &Message) -> Result<(), Error> {
        let entry = call.entry(self, Action::Acknowledge, Some(message.id.0), json!({}));
        let unit = call
            .unit()
            .write(Write::Bus(BusWrite::Acknowledge {
                mailbox: Mailbox::Agent(call.holder.agent),
                messages: vec![message.id],
                by: AcknowledgedBy::Ack,
                at: self.now(),
            }))
            .write(Write::Audit(entry));
        self.keep_as(call, unit).await?;
        self.news_of(&call.holder.tenant);
        Ok(())
    }

    /// Answers one message. What cannot be answered now stays leased, and comes back. Where something
    /// changed for the agent before its seat was asked, it is looked at anew.
    pub(super) async fn take_turn(
        self: &Arc<Self>,
        holder: &AgentHolder,
        message: Message,
    ) -> Result<(), Error> {
        loop {
            let agent = self.may_call_at_all(holder)?;
            if self.try_turn(holder, &agent, &message).await? {
                return Ok(());
            }
            self.until_shown(holder, agent.epoch).await;
        }
    }

    /// False where the agent is another by now.
    async fn try_turn(
        self: &Arc<Self>,
        holder: &AgentHolder,
        agent: &Agent,
        message: &Message,
    ) -> Result<bool, Error> {
        let stop = self.stops.token();
        let catalog = self.catalog(&holder.tenant).await?;
        let Some(entry) = seat_of(agent).and_then(|model| catalog.entry(&model)) else {
            tracing::warn!(agent = %agent.name, model = ?agent.model, "a managed agent's seat is not on this machine");
            return Ok(true);
        };
        let nonce = chance::nonce(
            &self.fence_secret,
            &[&agent.id.to_string(), &message.id.to_string()],
        );
        let thread = self
            .store
            .thread(&holder.tenant, message.id)
            .await
            .outward()?;
        let asked = prompt(agent, &thread, message, &nonce);
        let asked = Prompt {
            max_output_tokens: MOST_TOKENS.min(entry.model.max_output_tokens),
            ..asked
        };
        if let Err(failure) = check_window(entry, &asked) {
            tracing::warn!(agent = %agent.name, why = failure.message, "a message does not fit its seat");
            return Ok(true);
        }
        let begun = match self.begin_turn(holder, agent, entry, &asked, message).await {
            Ok(Some(begun)) => begun,
            Ok(None) => return Ok(false),
            Err(fault) if fault.code == ErrorCode::CreditExhausted => {
                tracing::warn!(agent = %agent.name, %fault, "a managed agent has no money for a turn");
                return Ok(true);
            }
            Err(fault) => return Err(fault),
        };
        let outcome = self
            .ask_seat(holder, &catalog, &begun, &asked, entry.model.kind, &stop)
            .await;
        let spoken = self.spoken(outcome, &nonce);
        self.end_turn(holder, begun, message, spoken).await?;
        Ok(true)
    }

    /// Keeps the turn with its hold in one unit, before anybody is called; nothing where the agent is
    /// another by now.
    async fn begin_turn(
        &self,
        holder: &AgentHolder,
        agent: &Agent,
        entry: &Entry,
        asked: &Prompt,
        message: &Message,
    ) -> Result<Option<Begun>, Error> {
        let now = self.now();
        let done = self
            .store
            .turns_since(&holder.tenant, agent.id, now.day_start())
            .await
            .outward()?;
        let turn = Turn {
            id: chance::call_id(),
            agent: agent.id,
            message: message.id,
            model: entry.model.id.clone(),
            state: CallState::Queued,
            text: String::new(),
            // What a crash would pay for.
            usage: Usage {
                input: asked.bytes().div_ceil(4),
                estimated: true,
                ..Usage::default()
            },
            error: None,
            started_at: now,
            ended_at: None,
            reply: None,
        };
        let request = TurnRequest {
            agent_id: agent.id,
            message_id: message.id,
            model: entry.model.id.clone(),
            price: entry.price(),
            prompt_bytes: asked.bytes(),
            max_output_tokens: asked.max_output_tokens,
            spent_today: done.charged,
            daily_limit: Some(daily_limit(self.settings().agents_cents_per_day)),
        };
        let row = AuditEntry {
            at: now,
            action: Action::Turn,
            actor: format!("agent:{}", agent.name),
            agent: Some(agent.id),
            subject: Some(message.id.0),
            body: None,
            detail: json!({ "model": turn.model }).to_string(),
        };
        let standing = AgentRequire::Standing(agent.id, agent.epoch);
        let begun = self
            .try_change_wallet(&holder.tenant, |wallet| {
                let hold = turns::plan(wallet, &request, now, chance::hold_id)
                    .map_err(|refused| refusal(&refused))?;
                let id = hold.as_ref().map(|hold| hold.id);
                let unit = Unit::of(holder.tenant.clone())
                    .require(Require::Agent(standing.clone()))
                    .write(Write::Turn(TurnWrite::Insert(turn.clone())))
                    .writes(hold.map(Write::OpenHold))
                    .write(Write::Audit(row.clone()));
                Ok((unit, id))
            })
            .await?;
        match begun {
            Ok((hold, _)) => Ok(Some(Begun {
                turn,
                hold,
                price: entry.price(),
            })),
            Err(CommitError::Refused(Require::Agent(refused))) if refused == standing => Ok(None),
            Err(fault) => Err(commit_fault(&fault)),
        }
    }

    /// Asks the seat, and keeps what a crash would be glad of.
    async fn ask_seat(
        &self,
        holder: &AgentHolder,
        catalog: &Catalog,
        begun: &Begun,
        asked: &Prompt,
        kind: SeatKind,
        stop: &CancellationToken,
    ) -> SeatOutcome {
        let seat = self.seat(catalog, &begun.turn.model, None).await?;
        let seconds = match kind {
            SeatKind::Local => LOCAL_SECONDS,
            SeatKind::Api | SeatKind::Rehearsal => SECONDS,
        };
        let terms = CallTerms {
            deadline: begun
                .turn
                .started_at
                .plus_millis(i64::from(seconds) * 1_000),
            cancel: stop.child_token(),
        };
        let (events, mut coming) = mpsc::channel(256);
        let mut asking = pin!(seat.call(asked, terms, events));
        let mut text = String::new();
        let mut due: Option<Timestamp> = Some(self.now());
        loop {
            tokio::select! {
                biased;
                Some(event) = coming.recv() => {
                    if let SeatEvent::Text(piece) = event {
                        text.push_str(&piece);
                    }
                    if due.is_some_and(|due| due <= self.now()) && !text.is_empty() {
                        due = Some(self.now().plus_millis(CHECKPOINT_MILLIS));
                        self.checkpoint_turn(holder, &begun.turn, &text).await;
                    }
                }
                outcome = &mut asking => return outcome,
            }
        }
    }

    /// What is lost here is only lost if the program dies before the turn ends; the turn goes on.
    async fn checkpoint_turn(&self, holder: &AgentHolder, turn: &Turn, text: &str) {
        let write = Write::Turn(TurnWrite::Checkpoint {
            turn: turn.id,
            text: cleaned(text),
        });
        if let Err(fault) = self.keep(&holder.tenant, [write]).await {
            tracing::warn!(%fault, agent = %holder.agent, "a turn's progress was not kept");
        }
    }

    /// What a seat's outcome is worth.
    fn spoken(&self, outcome: SeatOutcome, nonce: &str) -> Spoken {
        let failure = match outcome {
            Ok(answer) => {
                let text = cleaned(&answer.text);
                let why = if text.trim().is_empty() {
                    Some("The model ended without a word.")
                } else if repeats_a_fence(&text, &[nonce.to_owned()]) {
                    Some("The answer repeats a fence of its own prompt and was refused.")
                } else {
                    None
                };
                let error = why.map(|why| TurnError {
                    code: SeatErrorCode::ProviderError,
                    message: why.to_owned(),
                });
                return Spoken {
                    text,
                    usage: answer.usage,
                    error,
                };
            }
            Err(failure) => failure,
        };
        Spoken {
            text: cleaned(&failure.partial_text),
            usage: failure.usage,
            error: Some(TurnError {
                code: failure.code,
                message: failure.message,
            }),
        }
    }
}

/// The seat that an agent answers on; none for a name that is no model's.
fn seat_of(agent: &Agent) -> Option<ModelId> {
    ModelId::parse(agent.model.as_deref().unwrap_or(REHEARSAL_MODELS[0]))
}

fn refusal(refused: &TurnRefused) -> Error {
    match refused {
        TurnRefused::Credit(exhausted) => credit_exhausted(exhausted),
        TurnRefused::Day { .. } => Error::new(ErrorCode::CreditExhausted, refused.to_string()),
    }
}
