//! Whether somebody shows tray icons here: asked of the watcher that every such desktop runs
//! (freedesktop.org, *Status Notifier Item*).

use futures::StreamExt;
use tokio::sync::watch;
use zbus::proxy::CacheProperties;
use zbus::{Connection, Result};

#[zbus::proxy(
    interface = "org.kde.StatusNotifierWatcher",
    default_service = "org.kde.StatusNotifierWatcher",
    default_path = "/StatusNotifierWatcher"
)]
trait Watcher {
    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> Result<bool>;

    #[zbus(signal)]
    fn status_notifier_host_registered(&self) -> Result<()>;

    #[zbus(signal)]
    fn status_notifier_host_unregistered(&self) -> Result<()>;
}

/// Tells `there` whether icons are shown, now and whenever that changes, for as long as the session
/// bus stands.
///
/// # Errors
/// The bus cannot be reached.
pub(crate) async fn follow(bus: &Connection, there: &watch::Sender<bool>) -> Result<()> {
    let watcher = WatcherProxy::builder(bus)
        .cache_properties(CacheProperties::No)
        .build()
        .await?;
    let mut owners = watcher.inner().receive_owner_changed().await?;
    let mut come = watcher.receive_status_notifier_host_registered().await?;
    let mut gone = watcher.receive_status_notifier_host_unregistered().await?;
    loop {
        // Nobody answers where nobody watches.
        let answer = watcher.is_status_notifier_host_registered().await;
        there.send_if_modified(|known| {
            let before = std::mem::replace(known, answer.unwrap_or(false));
            before != *known
        });
        let heard = tokio::select! {
            owner = owners.next() => owner.is_some(),
            come = come.next() => come.is_some(),
            gone = gone.next() => gone.is_some(),
        };
        if !heard {
            there.send_replace(false);
            return Ok(());
        }
    }
}
