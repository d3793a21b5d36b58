//! Telling the operator that the bus moved: what is told is how it stands, at most ten times a
//! second, so that a storm of messages is not a storm of events.

use std::sync::Weak;

use husting_domain::ids::TenantId;
use husting_domain::messages::{Mailbox, MessageState};
use husting_store::MessageFilter;
use husting_wire::bus::messages::{BusCounts, BusStand, UnreadMail};
use husting_wire::errors::Error;
use husting_wire::events::Event;

use crate::Inner;
use crate::errors::Outward;

/// Between two tellings, in milliseconds.
const BETWEEN_MILLIS: i64 = 100;

/// Tells that the bus moved, as long as the console lives.
pub(crate) async fn keep_news(inner: Weak<Inner>) {
    loop {
        let Some(console) = inner.upgrade() else {
            return;
        };
        let (clock, shutdown, moved) = (
            console.clock.clone(),
            console.shutdown.clone(),
            console.bus_moved.clone(),
        );
        drop(console);
        tokio::select! {
            () = moved.notified() => {}
            () = shutdown.cancelled() => return,
        }
        let Some(console) = inner.upgrade() else {
            return;
        };
        if console.hub.is_watched() {
            match console.bus_stand(&TenantId::local()).await {
                Ok(bus) => console.tell(Event::BusMoved { bus }),
                Err(fault) => tracing::warn!(%fault, "the bus moved and was not told"),
            }
        }
        let next = console.now().plus_millis(BETWEEN_MILLIS);
        drop(console);
        tokio::select! {
            () = clock.sleep_until(next) => {}
            () = shutdown.cancelled() => return,
        }
    }
}

impl Inner {
    /// The bus of a tenant moved; the operator watches their own.
    pub(crate) fn news_of(&self, tenant: &TenantId) {
        if *tenant == TenantId::local() {
            self.bus_moved.notify_one();
            self.bridge.mail_moved();
        }
    }

    /// How the bus stands.
    pub(crate) async fn bus_stand(&self, tenant: &TenantId) -> Result<BusStand, Error> {
        let newest = MessageFilter {
            limit: 1,
            ..MessageFilter::default()
        };
        let newest = self.store.messages(tenant, &newest).await.outward()?;
        let unread = self.store.unread(tenant).await.outward()?;
        let resting = self.store.resting(tenant).await.outward()?;
        let in_state = |state| {
            let counted = resting.iter().find(|(of, _)| *of == state);
            counted.map_or(0, |(_, count)| *count)
        };
        let of = |mailbox| unread.iter().find(|(of, _)| *of == mailbox);
        Ok(BusStand {
            newest: newest.first().map_or(0, |message| message.place),
            counts: BusCounts {
                parked: in_state(MessageState::Parked),
                held: in_state(MessageState::Held),
                unacknowledged: in_state(MessageState::Unacknowledged),
                unread: of(Mailbox::Operator).map_or(0, |(_, count)| *count),
            },
            unread: unread
                .iter()
                .filter_map(|(mailbox, count)| match mailbox {
                    Mailbox::Agent(agent_id) => Some(UnreadMail {
                        agent_id: *agent_id,
                        unread: *count,
                    }),
                    Mailbox::Operator => None,
                })
                .collect(),
        })
    }
}
