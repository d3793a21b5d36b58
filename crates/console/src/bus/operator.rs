//! What the operator sees of the bus, and does on it.

use std::collections::HashMap;
use std::sync::Arc;

use husting_domain::agents::{AgentStatus, Name};
use husting_domain::audit::{Action, Entry, body_hash};
use husting_domain::ids::{MessageId, TenantId};
use husting_domain::messages::{AcknowledgedBy, Mailbox, Markers, Reach, Sender, is_request_id};
use husting_domain::squads::MOST_SUMMARY;
use husting_store::{
    Arrival, BusWrite, CommitError, Constraint, Dispatch, MessageFilter, Unit, Write,
};
use husting_wire::bus::messages::{
    AddMember, CountMessages, EraseMessage, ListMessages, MemberView, MessageHistogram,
    MessageList, MessageRef, MessageView, Recipient, RemoveMember, SquadList, SquadView,
    WriteMessage, WrittenMessage,
};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::events::Event;
use husting_wire::ranges;
use serde_json::{Value, json};

use super::admission::KeepError;
use super::recipients::{OPERATOR, Writer, sendable, squad_name};
use super::sending::{Letter, not_sent, posted};
use super::views::message_view;
use crate::agents::{agent_not_found, checked_text};
use crate::errors::Outward;
use crate::{Inner, chance};

/// Messages of a page where nobody says.
const PAGE: u32 = 100;
/// Most messages of a page, and of a thread.
const MOST: u32 = 500;

impl Inner {
    /// A page of messages, the newest first.
    pub(crate) async fn message_list(&self, asked: ListMessages) -> Result<MessageList, Error> {
        let limit = asked.limit.unwrap_or(PAGE);
        let limit = super::fetching::in_range("limit", limit, MOST)?;
        // The operator is in no squad: of a broadcast either every copy is the operator's, or none.
        let is_somebodys = asked.agent_id.is_some() || !asked.states.is_empty();
        let together = asked.together && !is_somebodys;
        let filter = MessageFilter {
            agent: asked.agent_id,
            operator: asked.operator,
            mailbox: None,
            squad: asked.squad,
            message: asked.message_id,
            origin: asked.origin,
            states: asked.states,
            words: asked.query.filter(|query| !query.trim().is_empty()),
            since: asked.since,
            until: asked.until,
            together,
            before: asked.before,
            after: None,
            // One more tells whether there are more.
            limit: limit + 1,
        };
        let mut found = self
            .store
            .messages(&TenantId::local(), &filter)
            .await
            .outward()?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        let mut messages: Vec<MessageView> = found.into_iter().map(message_view).collect();
        if together {
            self.tell_reach(&mut messages).await?;
        }
        Ok(MessageList { messages, more })
    }

    /// Tells of each broadcast among these how far it came.
    async fn tell_reach(&self, messages: &mut [MessageView]) -> Result<(), Error> {
        let broadcasts: Vec<MessageId> = messages
            .iter()
            .filter(|message| message.broadcast)
            .map(|message| message.message_id)
            .collect();
        if broadcasts.is_empty() {
            return Ok(());
        }
        let reached = self.store.reach(&TenantId::local(), &broadcasts).await;
        let reached: HashMap<MessageId, Reach> = reached.outward()?.into_iter().collect();
        for message in messages {
            message.reach = reached.get(&message.message_id).copied();
        }
        Ok(())
    }

    /// How many messages were sent in each part of a stretch of time.
    pub(crate) async fn message_histogram(
        &self,
        asked: CountMessages,
    ) -> Result<MessageHistogram, Error> {
        ranges::BINS.check("bins", asked.bins.into())?;
        if asked.until <= asked.since {
            return Err(Error::invalid("`until` must be later than `since`."));
        }
        let CountMessages { since, until, bins } = asked;
        let tenant = TenantId::local();
        let counts = self.store.histogram(&tenant, since, until, bins).await;
        Ok(MessageHistogram {
            counts: counts.outward()?,
        })
    }

    /// All that a message answers and that answers it, oldest first; of very many those nearest to it.
    pub(crate) async fn thread(&self, message: MessageId) -> Result<MessageList, Error> {
        let tenant = TenantId::local();
        let nearest = async |most| self.store.thread(&tenant, message, most).await.outward();
        let found = nearest(MOST).await?;
        if found.is_empty() {
            return Err(Error::not_found("message"));
        }
        // Also where it is not full: what has been deleted and is still answered has taken a place.
        let more = nearest(MOST + 1).await?.len() > found.len();
        Ok(MessageList {
            messages: found.into_iter().map(message_view).collect(),
            more,
        })
    }

    /// Writes as the operator.
    pub(crate) async fn write_message(
        self: &Arc<Self>,
        asked: WriteMessage,
    ) -> Result<WrittenMessage, Error> {
        self.refuse_while_closing()?;
        sendable(&asked.text)?;
        if asked
            .request_id
            .as_ref()
            .is_some_and(|id| !is_request_id(id))
        {
            return Err(Error::invalid(
                "`request_id` has 1 to 128 of A-Z, a-z, 0-9 and _ . : -",
            ));
        }
        match asked.to.clone() {
            Recipient::Agent(name) => self.write_to_agent(&name, asked).await,
            Recipient::Squad(squad) => {
                let squad = squad_name(&squad)?;
                self.write_to_many(Some(squad), asked.text).await
            }
            Recipient::All => self.write_to_many(None, asked.text).await,
        }
    }

    async fn write_to_agent(
        self: &Arc<Self>,
        name: &str,
        asked: WriteMessage,
    ) -> Result<WrittenMessage, Error> {
        let tenant = TenantId::local();
        let answers = match asked.in_reply_to {
            None => None,
            Some(id) => {
                let found = self
                    .store
                    .message(&tenant, Mailbox::Operator, id)
                    .await
                    .outward()?;
                Some(found.ok_or_else(|| Error::not_found("message"))?)
            }
        };
        let markers = Markers::read(&asked.text);
        let letter = Letter {
            id: chance::message_id(),
            to: self.reader(&tenant, name, Writer::Operator)?,
            text: asked.text,
            request_id: asked.request_id.or(markers.request_id),
            answers,
            from: Sender::Operator,
            hops: 0,
        };
        if letter.to.mailbox == Mailbox::Operator {
            return Err(Error::invalid(
                "You write to an agent, a squad or all of them.",
            ));
        }
        let underway = self.underway(&letter);
        let unit = posted(Unit::of(tenant.clone()), &letter, &underway);
        let kept = match self.store.commit(unit).await {
            Ok(kept) => kept,
            Err(fault) => {
                self.came_back(underway);
                return Err(not_sent(KeepError::Commit(fault), name, Writer::Operator));
            }
        };
        self.arrived(underway, &letter, kept.sent().unwrap_or_default().seq);
        self.news_of(&tenant);
        Ok(WrittenMessage {
            message_id: letter.id,
            recipients: 1,
            inbox_full: Vec::new(),
        })
    }

    async fn write_to_many(
        &self,
        squad: Option<Name>,
        text: String,
    ) -> Result<WrittenMessage, Error> {
        if let Some(squad) = &squad {
            let squads = self.store.squads(&TenantId::local()).await.outward()?;
            if !squads.iter().any(|known| known.name == *squad) {
                return Err(Error::new(
                    ErrorCode::NotFound,
                    format!("There is no squad {squad}. Nothing was sent."),
                ));
            }
        }
        let id = chance::message_id();
        let at = self.now();
        let mut entry = operators(self, Action::Broadcast, Some(id), json!({ "squad": squad }));
        entry.body = Some(body_hash(&text));
        let dispatch = Dispatch {
            id,
            mailbox: Mailbox::Operator,
            from: Sender::Operator,
            to: operator_name()?,
            text,
            at,
            request_id: None,
            in_reply_to: None,
            hops: 0,
            arrival: Arrival::Waiting,
        };
        let unit = Unit::of(TenantId::local())
            .write(Write::Bus(BusWrite::Broadcast {
                dispatch,
                squad,
                except: None,
            }))
            .write(Write::Audit(entry));
        let cast = self
            .store
            .commit(unit)
            .await
            .outward()?
            .cast()
            .unwrap_or_default();
        self.ring_all(&cast);
        self.news_of(&TenantId::local());
        Ok(WrittenMessage {
            message_id: id,
            recipients: u32::try_from(cast.reached.len()).unwrap_or(u32::MAX),
            inbox_full: self.names_of(&cast.full),
        })
    }

    /// Delivers again what rests.
    pub(crate) async fn redeliver(&self, asked: MessageRef) -> Result<(), Error> {
        let (mailbox, message) = place_of(&asked);
        if let Mailbox::Agent(id) = mailbox
            && let Some(standing) = self.agents.standing(id)
            && standing.agent.status == AgentStatus::Revoked
        {
            return Err(Error::new(
                ErrorCode::InvalidState,
                format!(
                    "{} was revoked and reads no mail. Take the message back, or write to somebody else.",
                    standing.agent.name
                ),
            ));
        }
        let write = BusWrite::Redeliver { mailbox, message };
        self.on_message(write, Action::Redeliver, &asked).await?;
        self.bells.ring(mailbox);
        Ok(())
    }

    /// Takes a message back.
    pub(crate) async fn withdraw(&self, asked: MessageRef) -> Result<(), Error> {
        let (mailbox, message) = place_of(&asked);
        let at = self.now();
        let write = BusWrite::Withdraw {
            mailbox,
            message,
            only_unseen: false,
            at,
        };
        self.on_message(write, Action::Withdraw, &asked).await
    }

    /// Erases what a message says. What an agent fetched before, and copies of the store, still have it.
    pub(crate) async fn erase(
        &self,
        EraseMessage { message_id }: EraseMessage,
    ) -> Result<(), Error> {
        let write = BusWrite::Erase {
            message: message_id,
            at: self.now(),
        };
        let asked = MessageRef {
            mailbox: None,
            message_id,
        };
        self.on_message(write, Action::Erase, &asked).await
    }

    /// The operator read a message that is for them.
    pub(crate) async fn acknowledge(&self, asked: MessageRef) -> Result<(), Error> {
        if asked.mailbox.is_some() {
            return Err(Error::invalid(
                "Only an agent acknowledges its own mail. You can deliver it again or take it back.",
            ));
        }
        let write = BusWrite::Acknowledge {
            mailbox: Mailbox::Operator,
            messages: vec![asked.message_id],
            by: AcknowledgedBy::Ack,
            at: self.now(),
        };
        self.on_message(write, Action::Acknowledge, &asked).await
    }

    async fn on_message(
        &self,
        write: BusWrite,
        action: Action,
        asked: &MessageRef,
    ) -> Result<(), Error> {
        let detail = json!({ "mailbox": asked.mailbox });
        let entry = operators(self, action, Some(asked.message_id), detail);
        let unit = Unit::of(TenantId::local())
            .write(Write::Bus(write))
            .write(Write::Audit(entry));
        match self.store.commit(unit).await {
            Err(CommitError::Constraint(Constraint::Absent(_))) => {
                let code = match action {
                    // Whatever it came to, its words can be erased: it is not there at all.
                    Action::Erase => ErrorCode::NotFound,
                    _ => ErrorCode::InvalidState,
                };
                Err(Error::new(code, absent(action)))
            }
            outcome => {
                outcome.outward()?;
                self.news_of(&TenantId::local());
                Ok(())
            }
        }
    }

    /// Squads by name.
    pub(crate) async fn squad_list(&self, tenant: &TenantId) -> Result<SquadList, Error> {
        let squads = self.store.squads(tenant).await.outward()?;
        let shown = squads.into_iter().map(|squad| SquadView {
            name: squad.name,
            created_at: squad.created_at,
            members: squad
                .members
                .into_iter()
                .map(|member| MemberView {
                    agent_id: member.agent,
                    agent_name: member.name,
                    joined_at: member.joined_at,
                    summary: member.summary,
                })
                .collect(),
        });
        Ok(SquadList {
            squads: shown.collect(),
        })
    }

    /// Puts an agent into a squad. A member stays one, and is there for what is said now.
    pub(crate) async fn add_member(&self, asked: AddMember) -> Result<SquadList, Error> {
        let tenant = TenantId::local();
        let AddMember {
            squad,
            agent_id,
            summary,
        } = asked;
        let is_there = self.agents.standing(agent_id).is_some_and(|found| {
            found.tenant == tenant && found.agent.status != AgentStatus::Revoked
        });
        if !is_there {
            return Err(agent_not_found());
        }
        let summary = checked_text("summary", summary, MOST_SUMMARY)?;
        let mut entry = operators(self, Action::Join, None, json!({ "squad": squad }));
        entry.agent = Some(agent_id);
        let unit = Unit::of(tenant.clone())
            .write(Write::Bus(BusWrite::Join {
                squad,
                agent: agent_id,
                summary,
                at: self.now(),
            }))
            .write(Write::Audit(entry));
        self.store.commit(unit).await.outward()?;
        self.tell_squads(&tenant).await;
        self.squad_list(&tenant).await
    }

    /// Takes an agent out of a squad.
    pub(crate) async fn remove_member(&self, asked: RemoveMember) -> Result<SquadList, Error> {
        let tenant = TenantId::local();
        let RemoveMember { squad, agent_id } = asked;
        let mut entry = operators(self, Action::Leave, None, json!({ "squad": squad }));
        entry.agent = Some(agent_id);
        let unit = Unit::of(tenant.clone())
            .write(Write::Bus(BusWrite::Leave {
                squad,
                agent: agent_id,
            }))
            .write(Write::Audit(entry));
        match self.store.commit(unit).await {
            Err(CommitError::Constraint(Constraint::Absent(_))) => {
                return Err(Error::not_found("member"));
            }
            outcome => drop(outcome.outward()?),
        }
        self.tell_squads(&tenant).await;
        self.squad_list(&tenant).await
    }

    /// Tells the operator who is in which squad.
    pub(super) async fn tell_squads(&self, tenant: &TenantId) {
        let _turn = self.telling.squads.lock().await;
        match self.squad_list(tenant).await {
            Ok(squads) => self.tell_of(tenant, Event::SquadsChanged { squads }),
            Err(fault) => tracing::warn!(%fault, "squads were not told"),
        }
    }
}

/// Why nothing was found that an act would change.
const fn absent(action: Action) -> &'static str {
    match action {
        Action::Redeliver => {
            "There is no such message, or nothing holds it up: it waits to be read, is being read, or was dealt with."
        }
        Action::Withdraw => {
            "There is no such message, or it cannot be taken back any more: it was dealt with, or taken back before."
        }
        Action::Acknowledge => "There is no such message to you, or it was read already.",
        _ => "There is no such message.",
    }
}

fn place_of(asked: &MessageRef) -> (Mailbox, MessageId) {
    let mailbox = asked.mailbox.map_or(Mailbox::Operator, Mailbox::Agent);
    (mailbox, asked.message_id)
}

/// A row of the log about what the operator did.
fn operators(inner: &Inner, action: Action, message: Option<MessageId>, detail: Value) -> Entry {
    Entry {
        at: inner.now(),
        action,
        actor: OPERATOR.to_owned(),
        agent: None,
        subject: message.map(|id| id.0),
        body: None,
        detail: detail.to_string(),
    }
}

fn operator_name() -> Result<Name, Error> {
    Name::parse(OPERATOR).map_err(|fault| Error::new(ErrorCode::Internal, fault.to_string()))
}
