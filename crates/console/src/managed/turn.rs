//! One turn: money is set aside, the seat is asked, and what it says is kept as it comes.

use std::pin::pin;
use std::sync::Arc;

use husting_deliberation::hygiene::cleaned;
use husting_deliberation::prompts::repeats_a_fence;
use husting_domain::agents::Agent;
use husting_domain::audit::{Action, Entry as AuditEntry};
use husting_domain::calls::{CallState, SeatErrorCode};
use husting_domain::exchange::{SeatEvent, SeatOutcome};
use husting_domain::ids::HoldId;
use husting_domain::messages::{AcknowledgedBy, Mailbox, Message};
use husting_domain::models::SeatKind;
use husting_domain::money::{Price, Usage};
use husting_domain::time::Timestamp;
use husting_domain::turns::{Turn, TurnError};
use husting_seats::CallTerms;
use husting_store::{
    AgentRequire, BusWrite, CommitError, Earlier, Require, TurnWrite, Unit, Write,
};
use husting_wallet::turns::{self, TurnRefused};
use husting_wire::errors::{Error, ErrorCode};
use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::preparation::{Prepared, Way};
use super::settlement::Spoken;
use crate::agents::AgentHolder;
use crate::bus::Call;
use crate::errors::{commit_fault, credit_exhausted};
use crate::seating::LOCAL_SECONDS;
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

/// What came of a message that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Its answer was sent.
    Answered,
    /// No answer; it stays leased, and comes back.
    Nothing,
    /// Nobody was asked: it waits as before.
    Left,
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

    /// Answers one message, as a call that may send. Where something changed for the agent before its
    /// seat was asked, it is looked at anew.
    pub(super) async fn take_turn(
        self: &Arc<Self>,
        send: &Call<'_>,
        message: &Message,
    ) -> Result<Outcome, Error> {
        loop {
            let agent = match self.still_allowed(send) {
                Ok(agent) => agent,
                Err(fault) if fault.code == ErrorCode::InsufficientScope => {
                    return Ok(Outcome::Left);
                }
                Err(fault) => return Err(fault),
            };
            if let Some(outcome) = self.try_turn(send, &agent, message).await? {
                return Ok(outcome);
            }
            self.until_shown(send.holder, agent.epoch).await;
        }
    }

    /// Nothing where the agent is another by now.
    async fn try_turn(
        self: &Arc<Self>,
        send: &Call<'_>,
        agent: &Agent,
        message: &Message,
    ) -> Result<Option<Outcome>, Error> {
        let stop = self.stops.token();
        if self.shutdown.is_cancelled() {
            // Nobody would be asked, and the message be leased until long after the next start.
            return Ok(Some(Outcome::Left));
        }
        let holder = send.holder;
        let Way::Turn(prepared) = self.prepared(holder, agent, message).await? else {
            // Something was used up since it was looked at.
            return Ok(Some(Outcome::Left));
        };
        let begun = match self.begin_turn(holder, agent, &prepared).await {
            Ok(Some(begun)) => begun,
            Ok(None) => return Ok(None),
            Err(fault) if fault.code == ErrorCode::CreditExhausted => {
                return Ok(Some(Outcome::Left));
            }
            Err(fault) => return Err(fault),
        };
        let outcome = self.ask_seat(holder, &prepared, &begun, &stop).await;
        let spoken = self.spoken(outcome, &prepared.nonce);
        self.end_turn(send, begun, message, spoken).await.map(Some)
    }

    /// Keeps the turn with its hold in one unit, before anybody is called; nothing where the agent is
    /// another by now.
    async fn begin_turn(
        &self,
        holder: &AgentHolder,
        agent: &Agent,
        prepared: &Prepared,
    ) -> Result<Option<Begun>, Error> {
        let now = self.now();
        let Prepared {
            entry,
            asked,
            request,
            ..
        } = prepared;
        let turn = Turn {
            id: chance::call_id(),
            agent: agent.id,
            message: request.message_id,
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
        let row = AuditEntry {
            at: now,
            action: Action::Turn,
            actor: format!("agent:{}", agent.name),
            agent: Some(agent.id),
            subject: Some(request.message_id.0),
            body: None,
            detail: json!({ "model": turn.model }).to_string(),
        };
        let standing = AgentRequire::Standing(agent.id, agent.epoch);
        let begun = self
            .try_change_wallet(&holder.tenant, |wallet| {
                let hold = turns::plan(wallet, request, now, chance::hold_id)
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
        prepared: &Prepared,
        begun: &Begun,
        stop: &CancellationToken,
    ) -> SeatOutcome {
        let Prepared {
            catalog,
            entry,
            asked,
            ..
        } = prepared;
        let seat = self.seat(catalog, &begun.turn.model, None).await?;
        let seconds = match entry.model.kind {
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

fn refusal(refused: &TurnRefused) -> Error {
    match refused {
        TurnRefused::Credit(exhausted) => credit_exhausted(exhausted),
        TurnRefused::Day { .. } => Error::new(ErrorCode::CreditExhausted, refused.to_string()),
    }
}
