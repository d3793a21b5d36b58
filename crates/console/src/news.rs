//! Telling the operator that something moved: what is told is how it stands, at most ten times a second,
//! so that a storm of messages is not a storm of events.

use std::sync::{Arc, Weak};

use futures::future::BoxFuture;
use husting_domain::ids::TenantId;
use husting_wire::errors::Error;
use husting_wire::events::Event;
use tokio::sync::Notify;

use crate::Inner;

/// Between two tellings, in milliseconds.
const BETWEEN_MILLIS: i64 = 100;

/// How something stands.
type Stand = for<'a> fn(&'a Inner) -> BoxFuture<'a, Result<Event, Error>>;

/// Tells how something stands whenever it moved, as long as the console lives and is watched.
async fn keep_told(inner: Weak<Inner>, moved: Arc<Notify>, stand: Stand) {
    loop {
        let Some(console) = inner.upgrade() else {
            return;
        };
        let (clock, shutdown) = (console.clock.clone(), console.shutdown.clone());
        drop(console);
        tokio::select! {
            () = moved.notified() => {}
            () = shutdown.cancelled() => return,
        }
        let Some(console) = inner.upgrade() else {
            return;
        };
        if console.hub.is_watched() {
            match stand(&console).await {
                Ok(event) => console.tell(event),
                Err(fault) => tracing::warn!(%fault, "something moved and was not told"),
            }
        } else {
            console.hub.miss();
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
    /// Starts telling of the bus and of the bridge.
    pub(crate) fn keep_news(self: &Arc<Self>) {
        let bus: Stand = |inner| {
            Box::pin(async move {
                let bus = inner.bus_stand(&TenantId::local()).await?;
                Ok(Event::BusMoved { bus })
            })
        };
        let discord: Stand = |inner| {
            Box::pin(async move {
                let discord = inner.bridge_stand().await?;
                Ok(Event::DiscordMoved { discord })
            })
        };
        let all = [
            (self.bus_moved.clone(), bus),
            (self.bridge_moved(), discord),
        ];
        for (moved, stand) in all {
            self.tasks
                .spawn(keep_told(Arc::downgrade(self), moved, stand));
        }
    }
}
