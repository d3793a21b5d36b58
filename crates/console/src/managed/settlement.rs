//! The end of a turn: its words, what they cost and the answer that is sent, as one unit.

use std::sync::Arc;

use husting_domain::addressees::Addressee;
use husting_domain::calls::{CallState, Purpose, SeatErrorCode};
use husting_domain::ids::TenantId;
use husting_domain::ledger::Occasion;
use husting_domain::messages::{MOST_TEXT, Message, Sender};
use husting_domain::money::Usage;
use husting_domain::scopes::Scope;
use husting_domain::turns::{Turn, TurnError};
use husting_store::{AgentRequire, CommitError, Require, TurnWrite, Unit, Write};
use husting_wallet::refund::{self, RefundAmount};
use husting_wallet::settle::{self, UsedCall};
use husting_wallet::wallet::Wallet;
use husting_wire::errors::{Error, ErrorCode};

use super::turn::{Begun, Outcome};
use crate::agents::AgentHolder;
use crate::bus::{Call, Letter, posted};
use crate::errors::{Outward, commit_fault};
use crate::{Inner, chance};

/// What a seat came to.
pub(super) struct Spoken {
    pub text: String,
    pub usage: Usage,
    /// Why it is no answer.
    pub error: Option<TurnError>,
}

impl Inner {
    /// Ends a turn. Where its answer cannot be sent any more, it is paid all the same. A store that
    /// fails is waited for: this program still has what the seat said and used, and whoever pays for it
    /// should not have to pay again; only its own end ends this.
    pub(super) async fn end_turn(
        self: &Arc<Self>,
        send: &Call<'_>,
        begun: Begun,
        message: &Message,
        spoken: Spoken,
    ) -> Result<Outcome, Error> {
        let holder = send.holder;
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
        let nothing = async |error: TurnError| {
            let settled = self.settle_turn(holder, &begun, &failed(error)).await;
            settled.map(|()| Outcome::Nothing)
        };
        if let Some(error) = error {
            return nothing(error).await;
        }
        let letter = loop {
            match self.reply_of(holder, message, &ended.text).await {
                Ok(letter) => break letter,
                Err(fault) if self.turn_may_wait(&fault).await => {}
                Err(refused) => return nothing(unsent(refused.message)).await,
            }
        };
        let answered = Turn {
            state: CallState::Final,
            text: String::new(),
            reply: Some(letter.id),
            ..ended.clone()
        };
        loop {
            match self.settle_and_send(send, &begun, &answered, &letter).await {
                Ok(Ok(())) => return Ok(Outcome::Answered),
                Ok(Err(refused)) => {
                    let why = format!("The answer was not sent: {}", refused.message);
                    let ended = nothing(unsent(why)).await;
                    if refused.code == ErrorCode::InsufficientScope {
                        // Taken while the seat was at work: the operator is asked for it.
                        let to = Addressee::Agent(letter.to.name);
                        self.deny(holder, Scope::Send, send.tool, Some(to)).await;
                    }
                    return ended;
                }
                Err(fault) if self.turn_may_wait(&fault).await => {}
                Err(fault) => return Err(fault),
            }
        }
    }

    /// Whether the end of a turn is worth trying again after this fault: where the store cannot be
    /// used, a while later, as long as the program lives.
    async fn turn_may_wait(&self, fault: &Error) -> bool {
        if fault.code != ErrorCode::StoreUnavailable {
            return false;
        }
        tracing::warn!(%fault, "an ended turn waits for the store");
        self.rest_before_retry().await
    }

    /// Whether it is kept that the turn has ended: what looked lost may have been kept after all. An
    /// agent has one turn at a time.
    async fn has_ended(&self, tenant: &TenantId, turn: &Turn) -> Result<bool, Error> {
        let newest = self.store.turns(tenant, turn.agent, 1).await.outward()?;
        Ok(newest
            .iter()
            .any(|stored| stored.id == turn.id && stored.ended_at.is_some()))
    }

    /// The answer, as a letter to whoever wrote.
    async fn reply_of(
        &self,
        holder: &AgentHolder,
        message: &Message,
        text: &str,
    ) -> Result<Letter, Error> {
        let to = self.writer_of(&holder.tenant, message)?;
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

    /// Tells whoever wrote a message that it was too long to be read.
    pub(super) async fn tell_too_long(
        self: &Arc<Self>,
        send: &Call<'_>,
        message: &Message,
        why: &str,
    ) -> Result<Outcome, Error> {
        let told = match self.reply_of(send.holder, message, why).await {
            Ok(letter) => self.answer(send, letter).await,
            Err(refused) => Err(refused),
        };
        match told {
            Ok(()) => Ok(Outcome::Answered),
            Err(fault) if fault.code == ErrorCode::StoreUnavailable => Err(fault),
            Err(refused) => {
                tracing::warn!(agent = %send.holder.name, %refused, "nobody was told of a message that is too long");
                Ok(Outcome::Nothing)
            }
        }
    }

    /// Keeps the ended turn, its debit and its answer; the inner fault says why the answer may not go,
    /// the outer one that the store cannot be used now. Where something changed for the agent
    /// meanwhile, it is looked at anew: its answer is paid for.
    async fn settle_and_send(
        self: &Arc<Self>,
        send: &Call<'_>,
        begun: &Begun,
        turn: &Turn,
        letter: &Letter,
    ) -> Result<Result<(), Error>, Error> {
        let holder = send.holder;
        loop {
            let agent = match self.still_allowed(send) {
                Ok(agent) => agent,
                Err(refused) => return Ok(Err(refused)),
            };
            let standing = AgentRequire::Standing(agent.id, agent.epoch);
            let sent = self.try_to_send(holder, begun, turn, letter, &standing);
            match sent.await? {
                Ok(()) => return Ok(Ok(())),
                Err(CommitError::Refused(Require::Agent(refused))) if refused == standing => {
                    self.until_shown(holder, agent.epoch).await;
                }
                Err(fault) => return Ok(Err(commit_fault(&fault))),
            }
        }
    }

    async fn try_to_send(
        self: &Arc<Self>,
        holder: &AgentHolder,
        begun: &Begun,
        turn: &Turn,
        letter: &Letter,
        standing: &AgentRequire,
    ) -> Result<Result<(), CommitError>, Error> {
        if self.has_ended(&holder.tenant, turn).await? {
            return self
                .sent_after_all(holder, begun, letter)
                .await
                .map(|()| Ok(()));
        }
        let underway = self.underway(letter);
        let sent = posted(Unit::of(holder.tenant.clone()), letter, &underway);
        let outcome = self
            .try_change_wallet(&holder.tenant, |wallet| {
                let mut unit = settled(&holder.tenant, wallet, begun, turn)?
                    .require(Require::Agent(standing.clone()))
                    .writes(sent.writes.iter().cloned());
                unit.requires.extend(sent.requires.iter().cloned());
                Ok((unit, ()))
            })
            .await;
        match &outcome {
            Ok(Ok(((), kept))) => {
                self.arrived(underway, letter, kept.sent().unwrap_or_default().seq);
            }
            Ok(Err(_)) | Err(_) => self.came_back(underway),
        }
        match outcome? {
            Ok(_) => {
                self.turn_told(&holder.tenant, begun).await;
                Ok(Ok(()))
            }
            Err(fault @ CommitError::Store(_)) => Err(fault).outward(),
            Err(fault) => Ok(Err(fault)),
        }
    }

    /// Tells of an answer that was kept although it looked lost.
    async fn sent_after_all(
        &self,
        holder: &AgentHolder,
        begun: &Begun,
        letter: &Letter,
    ) -> Result<(), Error> {
        let sent = self
            .store
            .message(&holder.tenant, letter.to.mailbox, letter.id)
            .await
            .outward()?;
        if let Some(sent) = sent {
            self.arrived(self.underway(letter), letter, sent.seq);
        }
        self.turn_told(&holder.tenant, begun).await;
        Ok(())
    }

    /// Keeps the ended turn and its debit, however long the store takes.
    pub(super) async fn settle_turn(
        self: &Arc<Self>,
        holder: &AgentHolder,
        begun: &Begun,
        turn: &Turn,
    ) -> Result<(), Error> {
        if let Some(error) = &turn.error {
            tracing::warn!(agent = %holder.name, code = ?error.code, "a turn came to no answer");
        }
        loop {
            let settled = match self.has_ended(&holder.tenant, turn).await {
                Ok(true) => return Ok(()),
                Ok(false) => self.settle_ended(&holder.tenant, begun, turn).await,
                Err(fault) => Err(fault),
            };
            match settled {
                Err(fault) if self.turn_may_wait(&fault).await => {}
                settled => return settled,
            }
        }
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
        purpose: Purpose::ManagedAgent,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_answer_still_names_the_request_it_answers() {
        let id = "r".repeat(128);
        let answer = "é".repeat(MOST_TEXT + 1);
        let text = with_ack(&answer, Some(&id));
        assert_eq!(text.chars().count(), MOST_TEXT);
        assert!(text.ends_with(&format!("é\n\n{{ack_for:{id}, ok:true}}")));
        assert_eq!(with_ack(&answer, None).chars().count(), MOST_TEXT);
    }
}
