//! All agents held at once: calls are refused for a while, streams stay, mail queues.

use std::sync::Arc;

use husting_domain::audit::{Action, Entry};
use husting_domain::ids::TenantId;
use husting_store::{Store, Unit, Write};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::events::Event;
use serde_json::json;
use tokio::sync::{Mutex, watch};

use crate::Inner;
use crate::errors::Outward;

/// Where it is kept: a pause outlives a restart.
const KEY: &str = "agents.paused";
/// When a refused call may be tried again, in seconds.
const AGAIN_SECONDS: u64 = 30;

/// Whether all agents are held.
pub(crate) struct Pause {
    is_on: watch::Sender<bool>,
    /// Held while it changes: whoever comes meanwhile finds it changed.
    changing: Mutex<()>,
}

impl Pause {
    /// As it was stored.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn stored(store: &dyn Store) -> Result<Self, Error> {
        let stored = store.setting(&TenantId::local(), KEY).await.outward()?;
        Ok(Self {
            is_on: watch::Sender::new(stored.as_deref() == Some("true")),
            changing: Mutex::new(()),
        })
    }

    pub fn is_on(&self) -> bool {
        *self.is_on.borrow()
    }

    /// Hears of its beginning and end.
    pub fn watch(&self) -> watch::Receiver<bool> {
        self.is_on.subscribe()
    }

    /// # Errors
    /// `paused` while agents are held.
    pub fn refuse(&self) -> Result<(), Error> {
        if !self.is_on() {
            return Ok(());
        }
        Err(Error::new(
            ErrorCode::Paused,
            "The operator paused all agents. Your mail waits; try again in half a minute.",
        )
        .with(json!({ "retry_after_seconds": AGAIN_SECONDS })))
    }
}

impl Inner {
    /// Pauses all agents, or lets them go on; nothing happens where it is so already.
    pub(crate) async fn set_pause(self: &Arc<Self>, paused: bool) -> Result<(), Error> {
        let _changing = self.pause.changing.lock().await;
        if self.pause.is_on() == paused {
            return Ok(());
        }
        let unit = Unit::of(TenantId::local())
            .write(Write::PutSetting {
                key: KEY.to_owned(),
                value: paused.to_string(),
            })
            .write(Write::Audit(Entry {
                at: self.now(),
                action: Action::Pause,
                actor: "operator".to_owned(),
                agent: None,
                subject: None,
                body: None,
                detail: json!({ "paused": paused }).to_string(),
            }));
        self.store.commit(unit).await.outward()?;
        self.pause.is_on.send_replace(paused);
        self.tell(Event::PauseChanged { paused });
        self.bridge.stands_otherwise();
        Ok(())
    }
}
