//! The bus of this program, as the bridge needs it: the same use cases that agents reach over MCP, called
//! as the bridge's own agent.

use std::sync::{Arc, Weak};
use std::time::Duration;

use async_trait::async_trait;
use husting_discord::bus::{
    Bus, BusError, Fate, Identity, Letter, Mail, Peer, Recent, page_before,
};
use husting_domain::agents::AgentStatus;
use husting_domain::audit::{Action, Entry};
use husting_domain::ids::{MessageId, TenantId};
use husting_domain::messages::{Message, MessageState, Parking};
use husting_store::{BusWrite, CommitError, Constraint, Unit, Write};
use husting_wire::bus::calls::{self, Include};
use husting_wire::bus::results::InboxMessage;
use husting_wire::errors::{Error, ErrorCode};
use serde_json::json;

use crate::agents::AgentHolder;
use crate::errors::Outward;
use crate::{Console, Inner};

/// How this bus is called where it takes nothing.
const ADDRESS: &str = "this machine";
/// Messages of one look; the bus gives no more.
const PAGE: u32 = 100;
/// The longest wait that the bus takes, in seconds.
const MOST_SECONDS: u64 = 120;

/// The bridge's hand on the bus. It lives no longer than the console.
pub(super) struct LocalBus(Weak<Inner>);

impl LocalBus {
    pub fn of(inner: &Arc<Inner>) -> Self {
        Self(Arc::downgrade(inner))
    }

    fn console(&self) -> Result<Console, BusError> {
        let inner = self.0.upgrade();
        inner
            .map(Console)
            .ok_or_else(|| unreachable("Husting is closing"))
    }

    /// The bridge's agent as it is now: what was revoked, disabled or made anew counts at once.
    fn connector(&self) -> Result<(Console, AgentHolder), BusError> {
        let console = self.console()?;
        let holder = console.0.connector_inside().map_err(fault)?;
        Ok((console, holder))
    }
}

#[async_trait]
impl Bus for LocalBus {
    async fn whoami(&self) -> Result<Identity, BusError> {
        let (_, holder) = self.connector()?;
        Ok(Identity {
            name: holder.name.to_string(),
            is_proved: true,
        })
    }

    async fn send(&self, letter: &Letter) -> Result<String, BusError> {
        let (console, holder) = self.connector()?;
        let asked = calls::Send {
            to: letter.to.to_string(),
            text: letter.text.clone(),
            in_reply_to: None,
            request_id: None,
            idempotency_key: Some(letter.key.clone()),
        };
        let sent = console.send(&holder, asked).await;
        let sent = sent.map_err(|refused| match refused.code {
            // The bus's words are for agents.
            ErrorCode::AgentNotFound => BusError::Refused(format!(
                "There is no agent called {}: mint one, or have another answer here.",
                letter.to
            )),
            _ => fault(refused),
        })?;
        Ok(sent.record.id.to_string())
    }

    async fn mail(&self, patience: Duration) -> Result<Vec<Mail>, BusError> {
        let (console, holder) = self.connector()?;
        let seconds = patience.as_secs().clamp(1, MOST_SECONDS);
        let asked = calls::InboxWait {
            timeout_seconds: u32::try_from(seconds).ok(),
            limit: Some(PAGE),
        };
        let told = console.inbox_wait(&holder, asked).await.map_err(fault)?;
        Ok(told.record.messages.into_iter().map(mail).collect())
    }

    async fn recent(&self, before: Option<u64>) -> Result<Recent, BusError> {
        let (console, holder) = self.connector()?;
        let page = before.map(|before| page_before(before, PAGE));
        let asked = calls::Inbox {
            limit: Some(page.map_or(PAGE, |(_, count)| count)),
            include: Include::All,
            after: page.map(|(after, _)| after),
            ..calls::Inbox::default()
        };
        let told = console.inbox(&holder, asked).await.map_err(fault)?;
        let mut messages = told.record.messages;
        if before.is_none() {
            // Without a number to begin behind, the newest come first.
            messages.reverse();
        }
        let first = messages.first().map(|message| message.seq);
        messages.retain(|message| !message.acknowledged);
        Ok(Recent {
            mail: messages.into_iter().map(mail).collect(),
            older: first.filter(|first| *first > 1 && before.is_none_or(|before| *first < before)),
        })
    }

    async fn ack(&self, ids: &[String]) -> Result<(), BusError> {
        let (console, holder) = self.connector()?;
        for some in ids.chunks(PAGE as usize) {
            let ids = some.iter().filter_map(|id| id.parse().ok()).collect();
            console
                .ack(&holder, calls::Ack { ids })
                .await
                .map_err(fault)?;
        }
        Ok(())
    }

    async fn peers(&self) -> Result<Vec<Peer>, BusError> {
        let (console, holder) = self.connector()?;
        let told = console.peers(&holder).await.map_err(fault)?;
        let peers = told.record.agents.into_iter().map(|peer| Peer {
            name: peer.name,
            active: peer.status == AgentStatus::Active,
        });
        Ok(peers.collect())
    }

    async fn fates(&self, ids: &[String]) -> Result<Vec<(String, Fate)>, BusError> {
        let console = self.console()?;
        let mut fates = Vec::new();
        for id in ids {
            let message = console.0.sent_by_bridge(id).await.map_err(fault)?;
            let fate = message.and_then(|message| console.0.fate_of(&message));
            fates.extend(fate.map(|fate| (id.clone(), fate)));
        }
        Ok(fates)
    }

    async fn withdraw(&self, id: &str) -> Result<bool, BusError> {
        let console = self.console()?;
        console.0.take_back_for_bridge(id).await.map_err(fault)
    }

    async fn let_go(&self) {
        let pause = self.0.upgrade().map(|inner| inner.pause.watch());
        let Some(mut pause) = pause else {
            return std::future::pending().await;
        };
        // An error says that the console has gone, and the bridge with it.
        if pause.wait_for(|is_on| !is_on).await.is_err() {
            std::future::pending().await
        }
    }

    async fn moved(&self) {
        match self.0.upgrade() {
            Some(inner) => {
                let moved = inner.bridge.bus_moved.clone();
                drop(inner);
                moved.notified().await;
            }
            None => std::future::pending().await,
        }
    }
}

impl Inner {
    /// A letter of the bridge's, by the id that the bridge was told.
    async fn sent_by_bridge(&self, id: &str) -> Result<Option<Message>, Error> {
        // A letter that a process before this one sent is known by its key alone.
        let Ok(id) = id.parse::<MessageId>() else {
            return Ok(None);
        };
        self.store.sent(&TenantId::local(), id).await.outward()
    }

    fn fate_of(&self, letter: &Message) -> Option<Fate> {
        let to = &letter.to;
        let why = match letter.state {
            MessageState::Parked => {
                match Parking::of(letter.request_id.is_some(), letter.deliveries) {
                    Parking::Reader => format!(
                        "{to} was revoked, and its mail is parked on the bus. Who has its name now is another."
                    ),
                    Parking::Tries => format!(
                        "It was delivered to {to} {} times without an end, so it is parked on the bus.",
                        letter.deliveries
                    ),
                }
            }
            MessageState::Withdrawn => format!("The letter to {to} was taken back on the bus."),
            _ => return letter.fetched_at.map(Fate::Taken),
        };
        Some(Fate::Parked(why))
    }

    /// Takes a letter of the bridge's back unless its agent has read it; whether it is taken back.
    async fn take_back_for_bridge(&self, id: &str) -> Result<bool, Error> {
        let Some(message) = self.sent_by_bridge(id).await? else {
            return Ok(false);
        };
        match message.state {
            MessageState::Withdrawn => return Ok(true),
            MessageState::Waiting if message.fetched_at.is_none() => {}
            _ => return Ok(false),
        }
        let holder = self.connector_inside()?;
        let at = self.now();
        let unit = Unit::of(TenantId::local())
            .write(Write::Bus(BusWrite::Withdraw {
                mailbox: message.mailbox,
                message: message.id,
                only_unseen: true,
                at,
            }))
            .write(Write::Audit(Entry {
                at,
                action: Action::Withdraw,
                actor: format!("agent:{}", holder.name),
                agent: Some(holder.agent),
                subject: Some(message.id.0),
                body: None,
                detail: json!({ "reason": "its author deleted or edited it in Discord" })
                    .to_string(),
            }));
        match self.store.commit(unit).await {
            // It was read, or taken back, in this moment.
            Err(CommitError::Constraint(Constraint::Absent(_))) => Ok(false),
            kept => {
                kept.outward()?;
                self.news_of(&TenantId::local());
                Ok(true)
            }
        }
    }
}

fn mail(message: InboxMessage) -> Mail {
    Mail {
        id: message.id.to_string(),
        from: match message.from.strip_prefix("agent:") {
            Some(agent) => agent.to_owned(),
            None => message.from,
        },
        text: message.text,
        answers: message.in_reply_to.map(|id| id.to_string()),
        is_broadcast: message.broadcast,
    }
}

/// The same as what the bus says over MCP means to the bridge.
fn fault(error: Error) -> BusError {
    let retry_after = error
        .details
        .as_ref()
        .and_then(|details| details.get("retry_after_seconds")?.as_u64())
        .map(Duration::from_secs);
    match error.code {
        ErrorCode::Paused => BusError::Held {
            why: error.message,
            retry_after,
        },
        ErrorCode::RateLimited | ErrorCode::StoreUnavailable | ErrorCode::ShuttingDown => {
            BusError::Unreachable {
                address: ADDRESS.to_owned(),
                why: error.message,
                retry_after,
            }
        }
        ErrorCode::InboxFull => BusError::InboxFull(error.message),
        ErrorCode::Internal => BusError::Failed(error.message),
        ErrorCode::IdempotencyConflict => BusError::SentBefore,
        ErrorCode::Unauthorized | ErrorCode::InvalidToken => BusError::Unauthorized(error.message),
        _ => BusError::Refused(error.message),
    }
}

fn unreachable(why: &str) -> BusError {
    BusError::Unreachable {
        address: ADDRESS.to_owned(),
        why: why.to_owned(),
        retry_after: None,
    }
}
