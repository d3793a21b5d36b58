//! The end of a turn: its words, what they cost and the answer that is sent, as one unit.

use std::sync::Arc;

use husting_domain::calls::{CallState, Purpose, SeatErrorCode};
use husting_domain::ids::TenantId;
use husting_domain::ledger::Occasion;
use husting_domain::messages::{MOST_HOPS, MOST_TEXT, Message, Sender};
use husting_domain::money::Usage;
use husting_domain::turns::{Turn, TurnError};
use husting_store::{AgentRequire, Arrival, CommitError, Require, TurnWrite, Unit, Write};
use husting_wallet::refund::{self, RefundAmount};
use husting_wallet::settle::{self, UsedCall};
use husting_wallet::wallet::Wallet;
use husting_wire::errors::{Error, ErrorCode};

use super::turn::Begun;
use crate::agents::AgentHolder;
use crate::bus::{Letter, posted};
use crate::{Inner, chance};

/// What a seat came to.
pub(super) struct Spoken {
    pub text: String,
    pub usage: Usage,
    /// Why it is no answer.
    pub error: Option<TurnError>,
}

impl Inner {
    /// Ends a turn. Where its answer cannot be sent any more, it is paid all the same.
    pub(super) async fn end_turn(
        self: &Arc<Self>,
        holder: &AgentHolder,
        begun: Begun,
        message: &Message,
        spoken: Spoken,
    ) -> Result<(), Error> {
        let Spoken { text, usage, error } = spoken;
        let ended = Turn {
            text,
            usage,
            ended_at: Some(self.now()),
            ..begun.turn.clone()
        };
        let failed = |error: TurnError| Turn {
            state: CallState::Error,
            error: Some(error),
            ..ended.clone()
        };
        if let Some(error) = error {
            return self.settle_turn(holder, &begun, &failed(error)).await;
        }
        let letter = match self.reply_of(holder, message, &ended.text).await {
            Ok(letter) => letter,
            Err(refused) => {
                return self
                    .settle_turn(holder, &begun, &failed(unsent(refused.message)))
                    .await;
            }
        };
        let answered = Turn {
            state: CallState::Final,
            reply: Some(letter.id),
            ..ended.clone()
        };
        match self
            .settle_and_send(holder, &begun, &answered, &letter)
            .await?
        {
            Ok(()) => Ok(()),
            Err(fault) => {
                let why = format!("The answer was not sent: {fault}.");
                self.settle_turn(holder, &begun, &failed(unsent(why))).await
            }
        }
    }

    /// The answer, as a letter to whoever wrote.
    async fn reply_of(
        &self,
        holder: &AgentHolder,
        message: &Message,
        text: &str,
    ) -> Result<Letter, Error> {
        let to = match &message.from {
            Sender::Agent { name, .. } => name.to_string(),
            Sender::Operator | Sender::System => "operator".to_owned(),
            Sender::Discord { .. } => husting_domain::agents::CONNECTOR.to_owned(),
        };
        let to = self.reader(&holder.tenant, &to)?;
        let hops = self
            .hops_of(
                &holder.tenant,
                holder.agent,
                Some(to.mailbox),
                Some(message),
            )
            .await?;
        Ok(Letter {
            id: chance::message_id(),
            to,
            text: with_ack(text, message.request_id.as_deref()),
            request_id: None,
            answers: Some(message.clone()),
            from: Sender::Agent {
                id: holder.agent,
                name: holder.name.clone(),
            },
            hops,
        })
    }

    /// Keeps the ended turn, its debit and its answer; the inner fault says why the answer may not go.
    async fn settle_and_send(
        self: &Arc<Self>,
        holder: &AgentHolder,
        begun: &Begun,
        turn: &Turn,
        letter: &Letter,
    ) -> Result<Result<(), CommitError>, Error> {
        let at = self.now();
        let epoch = self
            .agents
            .standing(holder.agent)
            .map(|standing| standing.agent.epoch);
        let asker = self.askers.of(letter);
        let arrival = if letter.hops >= MOST_HOPS {
            Arrival::Held
        } else if asker.is_some() {
            Arrival::Given(self.lease_end(at))
        } else {
            Arrival::Waiting
        };
        let sent = posted(Unit::of(holder.tenant.clone()), letter, at, arrival);
        let outcome = self
            .try_change_wallet(&holder.tenant, |wallet| {
                let mut unit = settled(&holder.tenant, wallet, begun, turn)?
                    .require(Require::Agent(AgentRequire::Standing(
                        holder.agent,
                        epoch.unwrap_or_default(),
                    )))
                    .writes(sent.writes.iter().cloned());
                unit.requires.extend(sent.requires.iter().cloned());
                Ok((unit, ()))
            })
            .await;
        match (&outcome, asker) {
            (Ok(Ok(())), Some(asker)) => asker.hand_over(letter, 0, at),
            (Ok(Ok(())), None) if arrival == Arrival::Waiting => self.bells.ring(letter.to.mailbox),
            (Ok(Ok(())), None) => {}
            (_, Some(asker)) => self.askers.put_back(asker),
            (_, None) => {}
        }
        self.turn_told(&holder.tenant, begun).await;
        outcome
    }

    /// Keeps the ended turn and its debit.
    pub(super) async fn settle_turn(
        self: &Arc<Self>,
        holder: &AgentHolder,
        begun: &Begun,
        turn: &Turn,
    ) -> Result<(), Error> {
        if let Some(error) = &turn.error {
            tracing::warn!(agent = %holder.name, code = ?error.code, "a turn came to no answer");
        }
        self.settle_ended(&holder.tenant, begun, turn).await
    }

    /// The same for a turn that nobody is at work on.
    pub(super) async fn settle_ended(
        self: &Arc<Self>,
        tenant: &TenantId,
        begun: &Begun,
        turn: &Turn,
    ) -> Result<(), Error> {
        self.change_wallet(tenant, |wallet| {
            Ok((settled(tenant, wallet, begun, turn)?, ()))
        })
        .await?;
        self.turn_told(tenant, begun).await;
        Ok(())
    }

    async fn turn_told(&self, tenant: &TenantId, begun: &Begun) {
        self.news_of(tenant);
        if begun.hold.is_some() {
            self.tell_wallet(tenant).await;
        }
    }
}

/// The unit that ends a turn and pays for it.
fn settled(tenant: &TenantId, wallet: &Wallet, begun: &Begun, turn: &Turn) -> Result<Unit, Error> {
    let at = turn.ended_at.unwrap_or(turn.started_at);
    let unit = Unit::of(tenant.clone()).write(Write::Turn(TurnWrite::Finish(turn.clone())));
    let call = UsedCall {
        call_id: turn.id,
        occasion: Occasion::Turn {
            agent_id: turn.agent,
            message_id: turn.message,
        },
        model: turn.model.clone(),
        purpose: Purpose::Turn,
        usage: turn.usage,
        price: begun.price,
        hold: begun.hold,
    };
    let settlement = settle::settle(wallet, call, at, chance::transaction_id).map_err(|fault| {
        Error::new(
            ErrorCode::Internal,
            format!("The turn was settled before: {fault}."),
        )
    })?;
    let usable = turn.state == CallState::Final;
    let refund = settlement
        .debit()
        .filter(|_| wallet.terms.owes_refund(usable))
        .and_then(|debit| {
            refund::refund(debit, &[], RefundAmount::Full, chance::transaction_id(), at).ok()
        });
    Ok(unit
        .writes(settlement.transactions.into_iter().map(Write::Post))
        .writes(refund.map(Write::Post))
        .writes(settlement.closed_hold.map(Write::CloseHold)))
}

/// The answer with the mark that names the request it answers, within what a message may hold.
fn with_ack(text: &str, request_id: Option<&str>) -> String {
    let mark = request_id
        .map(|id| format!("\n\n{{ack_for:{id}, ok:true}}"))
        .unwrap_or_default();
    let room = MOST_TEXT - mark.chars().count();
    let text: String = text.chars().take(room).collect();
    text + &mark
}

fn unsent(why: String) -> TurnError {
    TurnError {
        code: SeatErrorCode::Cancelled,
        message: why,
    }
}
