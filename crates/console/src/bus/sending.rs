//! Writing to one agent, or to the operator.

use std::sync::Arc;

use husting_domain::audit::{Action, Entry, body_hash};
use husting_domain::ids::MessageId;
use husting_domain::messages::{MOST_HOPS, Mailbox, Markers, Message, Sender, is_request_id};
use husting_domain::time::Timestamp;
use husting_store::{
    AgentRequire, Arrival, BusRequire, BusWrite, CommitError, Constraint, Dispatch, Require,
    SendReplay, Unit, Write,
};
use husting_wire::bus::calls;
use husting_wire::bus::results::Sent;
use husting_wire::errors::{Error, ErrorCode};
use serde_json::json;

use super::Told;
use super::admission::{Call, KeepError};
use super::arriving::Underway;
use super::recipients::{Reader, Writer, reads_no_mail, sendable};
use crate::agents::AgentHolder;
use crate::errors::Outward;
use crate::halt::{self, Step};
use crate::{Console, Inner, chance};
use husting_domain::scopes::Scope;

/// What is about to be sent.
pub(crate) struct Letter {
    pub id: MessageId,
    pub to: Reader,
    pub text: String,
    pub request_id: Option<String>,
    /// The message that it answers, in the writer's own mailbox.
    pub answers: Option<Message>,
    pub from: Sender,
    pub hops: u32,
}

/// What was sent.
pub(super) struct Posted {
    pub id: MessageId,
    pub seq: u64,
    pub at: Timestamp,
    pub is_held: bool,
}

impl Console {
    /// Writes to one agent, or to the operator. Answers once the message is on disk.
    ///
    /// # Errors
    /// `insufficient_scope`, `agent_not_found`, `invalid_state`, `invalid_body`, `inbox_full`;
    /// `idempotency_conflict` when the key came with another message.
    pub async fn send(
        &self,
        holder: &AgentHolder,
        asked: calls::Send,
    ) -> Result<Told<Sent>, Error> {
        let call = self.0.let_in(holder, Some(Scope::Send), "send").await?;
        self.0.send(&call, asked).await
    }
}

impl Inner {
    async fn send(
        self: &Arc<Self>,
        call: &Call<'_>,
        asked: calls::Send,
    ) -> Result<Told<Sent>, Error> {
        sendable(&asked.text)?;
        let replay = asked.idempotency_key.as_ref().map(|key| SendKey {
            key: key.clone(),
            fingerprint: fingerprint(&asked),
        });
        if let Some(replay) = &replay
            && let Some(sent) = self.sent_before(call, replay, &asked.to).await?
        {
            return Ok(sent);
        }
        let letter = self.letter(call, &asked).await?;
        let to = letter.to.name.to_string();
        let posted = match self.post(call, letter, replay.as_ref()).await {
            Err(KeepError::Commit(CommitError::Refused(Require::Bus(BusRequire::NoSend(..))))) => {
                // Somebody was faster with the same key.
                if let Some(replay) = &replay
                    && let Some(sent) = self.sent_before(call, replay, &asked.to).await?
                {
                    return Ok(sent);
                }
                return Err(Error::new(
                    ErrorCode::Internal,
                    "An acknowledgement is gone.",
                ));
            }
            posted => posted.map_err(|fault| not_sent(fault, &to, Writer::Agent))?,
        };
        Ok(told(&to, posted))
    }

    /// What an agent asks to be sent, looked at.
    async fn letter(&self, call: &Call<'_>, asked: &calls::Send) -> Result<Letter, Error> {
        let holder = call.holder;
        let to = self.reader(&holder.tenant, &asked.to, Writer::Agent)?;
        let markers = Markers::read(&asked.text);
        let request_id = asked.request_id.clone().or(markers.request_id);
        if request_id.as_ref().is_some_and(|id| !is_request_id(id)) {
            return Err(Error::new(
                ErrorCode::InvalidBody,
                "`request_id` has 1 to 128 of A-Z, a-z, 0-9 and _ . : -",
            ));
        }
        let own = Mailbox::Agent(holder.agent);
        let answers = match (asked.in_reply_to, markers.ack_for) {
            (Some(id), _) => {
                let message = self
                    .store
                    .message(&holder.tenant, own, id)
                    .await
                    .outward()?;
                Some(message.ok_or_else(|| {
                    Error::new(
                        ErrorCode::NotFound,
                        "`in_reply_to` names no message of your inbox. Nothing was sent.",
                    )
                })?)
            }
            (None, Some(request)) => {
                let asked = self
                    .store
                    .request(&holder.tenant, own, &request)
                    .await
                    .outward()?;
                // It counts only towards whoever asked.
                asked.filter(|message| wrote(message, to.mailbox))
            }
            (None, None) => None,
        };
        let from = self.sender_of(holder, &asked.text);
        let hops = match from {
            // A person begins anew.
            Sender::Discord { .. } => 0,
            _ => {
                let tenant = &holder.tenant;
                self.hops_of(tenant, holder.agent, Some(to.mailbox), answers.as_ref())
                    .await?
            }
        };
        Ok(Letter {
            id: chance::message_id(),
            to,
            text: asked.text.clone(),
            request_id,
            answers,
            from,
            hops,
        })
    }

    /// Keeps an agent's answer, and rings.
    ///
    /// # Errors
    /// As [`Console::send`].
    pub(crate) async fn answer(
        self: &Arc<Self>,
        call: &Call<'_>,
        letter: Letter,
    ) -> Result<(), Error> {
        let to = letter.to.name.to_string();
        let posted = self.post(call, letter, None).await;
        posted
            .map(drop)
            .map_err(|fault| not_sent(fault, &to, Writer::Agent))
    }

    /// Keeps an agent's message, and rings.
    pub(super) async fn post(
        self: &Arc<Self>,
        call: &Call<'_>,
        letter: Letter,
        replay: Option<&SendKey>,
    ) -> Result<Posted, KeepError> {
        #[cfg(feature = "halt")]
        if halt::replies_first() {
            return Ok(self.post_late(call, letter));
        }
        self.post_kept(call, letter, replay).await
    }

    /// The same, answered once it is on disk.
    pub(super) async fn post_kept(
        self: &Arc<Self>,
        call: &Call<'_>,
        letter: Letter,
        replay: Option<&SendKey>,
    ) -> Result<Posted, KeepError> {
        halt::at(Step::BeforeSend).await;
        let id = letter.id;
        let underway = self.underway(&letter);
        let (at, arrival) = (underway.at, underway.arrival);
        let mut unit = call.unit();
        if let Some(SendKey { key, fingerprint }) = replay {
            let agent = call.holder.agent;
            unit = unit
                .require(Require::Bus(BusRequire::NoSend(agent, key.clone())))
                .write(Write::Bus(BusWrite::PutSend(SendReplay {
                    agent,
                    key: key.clone(),
                    fingerprint: *fingerprint,
                    message: id,
                    at,
                })));
        }
        let unit = posted(unit, &letter, &underway);
        let kept = match self.keep_as(call, unit).await {
            Ok(kept) => kept,
            Err(fault) => {
                self.came_back(underway);
                return Err(fault);
            }
        };
        let sent = kept.sent().unwrap_or_default();
        self.arrived(underway, &letter, sent.seq);
        self.news_of(&call.holder.tenant);
        Ok(Posted {
            id,
            seq: sent.seq,
            at,
            is_held: arrival == Arrival::Held,
        })
    }

    async fn sent_before(
        &self,
        call: &Call<'_>,
        replay: &SendKey,
        to: &str,
    ) -> Result<Option<Told<Sent>>, Error> {
        let tenant = &call.holder.tenant;
        let found = self
            .store
            .send_replay(tenant, call.holder.agent, &replay.key)
            .await;
        let Some(found) = found.outward()? else {
            return Ok(None);
        };
        if found.fingerprint != replay.fingerprint {
            return Err(Error::new(
                ErrorCode::IdempotencyConflict,
                "This idempotency_key came with another message before. Choose a new one.",
            ));
        }
        let to = to.trim().trim_start_matches("agent:").to_owned();
        let sent = self.store.sent(tenant, found.message).await.outward()?;
        Ok(Some(told(
            &to,
            Posted {
                id: found.message,
                seq: sent.as_ref().map_or(0, |message| message.seq),
                at: found.at,
                is_held: sent.is_some_and(|message| message.hops >= MOST_HOPS),
            },
        )))
    }
}

/// What a sender's key stands for.
pub(super) struct SendKey {
    pub key: String,
    pub fingerprint: [u8; 32],
}

fn fingerprint(asked: &calls::Send) -> [u8; 32] {
    let parts = json!([asked.to, asked.text, asked.in_reply_to, asked.request_id]);
    husting_tokens::hash(&parts.to_string())
}

/// Whether a mailbox's owner wrote this message.
pub(super) fn wrote(message: &Message, owner: Mailbox) -> bool {
    match owner {
        Mailbox::Agent(id) => message.from.agent() == Some(id),
        Mailbox::Operator => message.from == Sender::Operator,
    }
}

/// A unit that keeps a message, what it answers, and that it was sent.
pub(crate) fn posted(mut unit: Unit, letter: &Letter, underway: &Underway) -> Unit {
    let at = underway.at;
    if let Mailbox::Agent(recipient) = letter.to.mailbox {
        unit = unit.require(Require::Agent(AgentRequire::Receives(recipient)));
    }
    let dispatch = Dispatch {
        id: letter.id,
        mailbox: letter.to.mailbox,
        from: letter.from.clone(),
        to: letter.to.name.clone(),
        text: letter.text.clone(),
        at,
        request_id: letter.request_id.clone(),
        in_reply_to: letter.answers.as_ref().map(|message| message.id),
        hops: letter.hops,
        arrival: underway.arrival,
    };
    unit = unit.write(Write::Bus(BusWrite::Send(dispatch)));
    // What somebody else was asked is not answered by this.
    let answered = letter.answers.as_ref();
    if let Some(answered) = answered.filter(|asked| wrote(asked, letter.to.mailbox)) {
        unit = unit.write(Write::Bus(BusWrite::Answer {
            mailbox: answered.mailbox,
            message: answered.id,
            by: letter.id,
            at,
        }));
    }
    unit.write(Write::Audit(Entry {
        at,
        action: Action::Send,
        actor: letter.from.to_string(),
        agent: letter.from.agent(),
        subject: Some(letter.id.0),
        body: Some(body_hash(&letter.text)),
        detail: json!({ "to": letter.to.name, "hops": letter.hops }).to_string(),
    }))
}

fn told(to: &str, posted: Posted) -> Told<Sent> {
    let Posted {
        id,
        seq,
        at,
        is_held,
    } = posted;
    let text = if is_held {
        format!(
            "Held for the operator, not sent to {to} (id: {id}): agents seem to answer each other without end."
        )
    } else {
        format!("Sent to {to} (id: {id})")
    };
    Told {
        text,
        record: Sent {
            id,
            seq,
            to: to.to_owned(),
            sent_at: at,
            held: is_held,
        },
    }
}

/// Why a message was not sent.
pub(super) fn not_sent(fault: KeepError, to: &str, writer: Writer) -> Error {
    match fault {
        KeepError::Commit(CommitError::Constraint(Constraint::Full(_))) => Error::new(
            ErrorCode::InboxFull,
            format!(
                "The inbox of {to} is full: nobody reads it. Nothing was sent; try again later."
            ),
        ),
        KeepError::Commit(CommitError::Refused(Require::Agent(AgentRequire::Receives(_)))) => {
            match husting_domain::agents::Name::parse(to) {
                Ok(name) => reads_no_mail(&name, writer),
                Err(_) => fault.into(),
            }
        }
        fault => fault.into(),
    }
}
