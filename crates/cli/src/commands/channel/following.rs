//! What the bus tells without being asked, passed on for as long as the channel is open: a session of
//! the bus is held, and opened again when it ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::StreamExt;
use rmcp::model::{CustomNotification, ResourceUpdatedNotificationParam, ServerNotification};
use rmcp::service::ServiceError;
use rmcp::{Peer, RoleServer};
use serde_json::{Value, json};

use super::bus::{Bus, Session};
use super::fault::Fault;
use super::push::{self, Arrived};

/// How long is rested before the bus is looked for again, at first and at the most.
const REST: Duration = Duration::from_millis(250);
const LONGEST_REST: Duration = Duration::from_secs(10);
/// Messages that are looked at together.
const PAGE: usize = 100;

/// Whoever follows the bus for one client.
pub(super) struct Follower {
    pub(super) bus: Arc<Bus>,
    pub(super) peer: Peer<RoleServer>,
    /// What the client calls itself.
    pub(super) client: Value,
    /// The client subscribed to its inbox.
    pub(super) wants_mail: Arc<AtomicBool>,
    /// The client was given a list of tools that may not be true any more.
    pub(super) has_old_tools: Arc<AtomicBool>,
    /// The newest message that was seen; nothing before the first look.
    pub(super) seen: Option<u64>,
}

/// Why nothing more is passed on for now.
enum Ended {
    /// The bus went away, or refuses.
    Bus(Fault),
    /// The client did.
    Client,
}

impl From<Fault> for Ended {
    fn from(fault: Fault) -> Self {
        Self::Bus(fault)
    }
}

impl From<ServiceError> for Ended {
    fn from(fault: ServiceError) -> Self {
        tracing::debug!(%fault, "the client takes no more notifications");
        Self::Client
    }
}

impl Follower {
    /// Follows until the client is gone.
    pub(super) async fn run(mut self) {
        let mut rest = REST;
        loop {
            self.bus.look().await;
            let mut is_open = false;
            let fault = match self.stay(&mut is_open).await {
                Ok(()) => None,
                Err(Ended::Bus(fault)) => Some(fault),
                Err(Ended::Client) => return,
            };
            if is_open {
                rest = REST;
                tracing::info!("the bus went away and is looked for again");
            } else if rest == REST {
                tracing::warn!(fault = ?fault, "the bus cannot be followed and is looked for again");
            }
            self.has_old_tools.store(true, Ordering::Release);
            tokio::time::sleep(rest).await;
            rest = (rest * 2).min(LONGEST_REST);
        }
    }

    /// Holds one session until it ends.
    async fn stay(&mut self, is_open: &mut bool) -> Result<(), Ended> {
        let session = self.bus.open(self.client.clone()).await?;
        let mut inbox = self.subscribed(&session).await?;
        // What comes from here on is told on the stream.
        self.look_for_mail().await?;
        let mut told = self.bus.listen(&session).await?;
        *is_open = true;
        if self.has_old_tools.swap(false, Ordering::AcqRel) {
            self.peer.notify_tool_list_changed().await?;
        }
        while let Some(message) = told.next().await {
            let message = message?;
            match message["method"].as_str() {
                Some("notifications/tools/list_changed") => {
                    self.peer.notify_tool_list_changed().await?;
                    // The scope for mail may be among what is new.
                    if inbox.is_none() {
                        inbox = self.subscribed(&session).await?;
                        self.look_for_mail().await?;
                    }
                }
                Some("notifications/resources/updated") => {
                    if let (Some(uri), true) = (&inbox, self.wants_mail.load(Ordering::Acquire)) {
                        let updated = ResourceUpdatedNotificationParam::new(uri);
                        self.peer.notify_resource_updated(updated).await?;
                    }
                    self.look_for_mail().await?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Subscribes to the agent's inbox, where it may read it.
    async fn subscribed(&self, session: &Session) -> Result<Option<String>, Fault> {
        let list = self.bus.ask_soon("resources/list", json!({})).await?;
        let resources = list["resources"].as_array().cloned().unwrap_or_default();
        let mut uris = resources.iter().filter_map(|one| one["uri"].as_str());
        let Some(inbox) = uris.find(|uri| uri.starts_with("inbox://")) else {
            return Ok(None);
        };
        self.bus.subscribe(session, inbox).await?;
        Ok(Some(inbox.to_owned()))
    }

    /// Announces what came since the last look. It is looked at in a way that changes nothing about it:
    /// no lease is taken, nothing counts as received.
    async fn look_for_mail(&mut self) -> Result<(), Ended> {
        let Some(mut seen) = self.seen else {
            let newest = self.mail(json!({"include": "all", "limit": 1})).await?;
            // Without the scope there is nothing to begin behind.
            self.seen = newest.map(|newest| newest.first().map_or(0, |one| one.seq));
            return Ok(());
        };
        let mut arrived = Vec::new();
        loop {
            let asked = json!({"include": "all", "limit": PAGE, "after": seen});
            let Some(page) = self.mail(asked).await? else {
                return Ok(());
            };
            let Some(last) = page.last() else { break };
            seen = last.seq;
            arrived.extend(page);
        }
        self.seen = Some(seen);
        if let Some(push) = push::of(&arrived) {
            let push = CustomNotification::new(push::METHOD, Some(push));
            let push = ServerNotification::CustomNotification(push);
            self.peer.send_notification(push).await?;
        }
        Ok(())
    }

    /// A page of the mailbox; nothing where it may not be read.
    async fn mail(&self, arguments: Value) -> Result<Option<Vec<Arrived>>, Fault> {
        let call = json!({"name": "inbox", "arguments": arguments});
        let mut result = self.bus.ask_soon("tools/call", call).await?;
        if result["isError"] == true {
            return Ok(None);
        }
        let messages = result["structuredContent"]["messages"].take();
        serde_json::from_value(messages)
            .map(Some)
            .map_err(|_| Fault::Odd)
    }
}
