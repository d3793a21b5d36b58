//! A desktop that shows the tray's icon and notices to nobody: `org.kde.StatusNotifierWatcher` and
//! `org.freedesktop.Notifications` on a session bus of the test, and the clicks of a person.

mod menu;
mod notifications;
mod watcher;
mod windows;

use std::path::Path;

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use zbus::Connection;

pub use menu::MenuLine;
pub use notifications::Notice;
use notifications::Notifications;
use watcher::{Item, Watcher};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const NOTIFICATIONS: &str = "org.freedesktop.Notifications";

/// What a test asks of the desktop.
#[derive(Debug, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Ask {
    /// What the tray shows.
    Tray,
    /// Clicks a line of the tray's menu, by the beginning of its label.
    Click {
        /// How it begins.
        label: String,
    },
    /// Notices that were shown, newest last.
    Notices,
    /// Clicks a notice.
    ClickNotice {
        /// Which.
        id: u32,
    },
    /// Windows of a program that can be seen.
    Windows {
        /// Its process.
        pid: u32,
    },
    /// Closes a program's windows as their frames' crosses do.
    Close {
        /// Its process.
        pid: u32,
    },
    /// Shows no tray icons from now on.
    Leave,
    /// Shows them again.
    Come,
}

/// What the desktop answers.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The icon, as the file whose pixels it has is called, and its menu; none without an icon.
    Tray(Option<Shown>),
    /// Notices, newest last.
    Notices(Vec<Notice>),
    /// How many windows can be seen.
    Windows(usize),
    /// It is done.
    Done,
    /// It cannot be done.
    Failed(String),
}

/// What the tray shows.
#[derive(Debug, Serialize)]
pub struct Shown {
    /// `idle.png`; none where it is no picture that is known.
    pub icon: Option<String>,
    /// From the top.
    pub menu: Vec<MenuLine>,
}

/// A desktop on the session bus.
pub struct FakeDesktop {
    bus: Connection,
    watcher: Watcher,
    notifications: Notifications,
}

impl FakeDesktop {
    /// Takes its names on the session bus of the environment; without `tray` it shows notices only.
    ///
    /// # Errors
    /// There is no bus, or a name is taken.
    pub async fn start(tray: bool) -> anyhow::Result<Self> {
        let bus = Connection::session().await.context("no session bus")?;
        let (watcher, notifications) = (Watcher::default(), Notifications::default());
        let server = bus.object_server();
        server.at("/StatusNotifierWatcher", watcher.clone()).await?;
        let path = "/org/freedesktop/Notifications";
        server.at(path, notifications.clone()).await?;
        bus.request_name(NOTIFICATIONS).await?;
        if tray {
            bus.request_name(WATCHER).await?;
        }
        Ok(Self {
            bus,
            watcher,
            notifications,
        })
    }

    /// Does what is asked; pictures that are known are in `icons`.
    pub async fn answer(&self, ask: Ask, icons: &Path) -> Answer {
        let answer = self.answered(ask, icons).await;
        answer.unwrap_or_else(|fault| Answer::Failed(format!("{fault:#}")))
    }

    async fn answered(&self, ask: Ask, icons: &Path) -> anyhow::Result<Answer> {
        match ask {
            Ask::Tray => return self.tray(icons).await.map(Answer::Tray),
            Ask::Notices => return Ok(Answer::Notices(self.notifications.shown())),
            Ask::Click { label } => {
                let Some(item) = self.watcher.item() else {
                    bail!("there is no icon");
                };
                menu::click(&self.bus, &item, &label).await?;
            }
            Ask::Windows { pid } => return Ok(Answer::Windows(windows::count(pid)?)),
            Ask::Close { pid } => windows::close(pid)?,
            Ask::ClickNotice { id } => Notifications::click(&self.bus, id).await?,
            Ask::Leave => {
                self.watcher.forget();
                self.bus.release_name(WATCHER).await?;
            }
            Ask::Come => self.bus.request_name(WATCHER).await?,
        }
        Ok(Answer::Done)
    }

    async fn tray(&self, icons: &Path) -> anyhow::Result<Option<Shown>> {
        let Some(item) = self.watcher.item() else {
            return Ok(None);
        };
        if !self.stands(&item).await? {
            return Ok(None);
        }
        Ok(Some(Shown {
            icon: watcher::icon(&self.bus, &item, icons).await?,
            menu: menu::read(&self.bus, &item).await?,
        }))
    }

    /// Whether the program that registered the icon is still there.
    async fn stands(&self, item: &Item) -> anyhow::Result<bool> {
        let names = zbus::fdo::DBusProxy::new(&self.bus).await?;
        let owner = item.service.as_str().try_into()?;
        Ok(names.name_has_owner(owner).await?)
    }
}
