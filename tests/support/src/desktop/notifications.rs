//! Notices that nobody sees, and clicks on them (freedesktop.org, *Desktop Notifications* 1.2).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use zbus::zvariant::OwnedValue;
use zbus::{Connection, interface};

/// A notice as it was sent.
#[derive(Clone, Debug, Serialize)]
pub struct Notice {
    /// Its number.
    pub id: u32,
    /// The number of the one that it takes the place of; 0 for none.
    pub replaces: u32,
    /// Its head.
    pub title: String,
    /// What stands below.
    pub body: String,
    /// What can be done with it: an action and its name, in turns.
    pub actions: Vec<String>,
}

/// The notices; clones share them.
#[derive(Clone, Default)]
pub(super) struct Notifications(Arc<Mutex<Vec<Notice>>>);

impl Notifications {
    pub(super) fn shown(&self) -> Vec<Notice> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Tells that a person clicked it.
    pub(super) async fn click(bus: &Connection, id: u32) -> zbus::Result<()> {
        let everybody: Option<&str> = None;
        let path = "/org/freedesktop/Notifications";
        let interface = super::NOTIFICATIONS;
        let clicked = (id, "default");
        bus.emit_signal(everybody, path, interface, "ActionInvoked", &clicked)
            .await
    }
}

#[interface(name = "org.freedesktop.Notifications")]
impl Notifications {
    #[allow(clippy::too_many_arguments, reason = "so the specification has it")]
    fn notify(
        &self,
        _app_name: String,
        replaces: u32,
        _app_icon: String,
        title: String,
        body: String,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _expire_timeout: i32,
    ) -> u32 {
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let next = shown.iter().map(|each| each.id).max().unwrap_or(0) + 1;
        let id = if replaces == 0 { next } else { replaces };
        shown.push(Notice {
            id,
            replaces,
            title,
            body,
            actions,
        });
        id
    }

    fn get_capabilities(&self) -> Vec<String> {
        ["actions", "body"].map(str::to_owned).to_vec()
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        let [name, vendor, version, spec] =
            ["fake-desktop", "husting", "1", "1.2"].map(str::to_owned);
        (name, vendor, version, spec)
    }
}
