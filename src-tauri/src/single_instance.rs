//! One window for each data folder: a second start on the same folder shows the window of the first, one on
//! another folder opens its own. On Linux the first is found by a socket, which needs no session bus and is asked
//! before anything else is done; elsewhere by Tauri's plugin.

#[cfg(target_os = "linux")]
mod socket;

use std::sync::Arc;

use husting_home::Home;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Who begins on the data folder.
pub(crate) enum Start {
    /// Nobody has it: this is its window.
    First(Instance),
    /// Another window has it, and knows of this start.
    Second,
}

/// The window of a folder, which hears of later starts.
#[derive(Default)]
pub(crate) struct Instance {
    later: Arc<Notify>,
    #[cfg(not(target_os = "linux"))]
    name: String,
}

impl Instance {
    /// Takes the data folder's name until `stop`, or tells the window that has it whether this start `is_hidden`.
    /// Where the folder cannot be made, all such windows share one name.
    #[cfg(target_os = "linux")]
    pub(crate) fn claim(
        identifier: &str,
        home: Option<&Home>,
        is_hidden: bool,
        stop: CancellationToken,
    ) -> Start {
        use socket::{Claim, Wish};

        let wish = match is_hidden {
            true => Wish::Nothing,
            false => Wish::Raise,
        };
        let name = known_as(identifier, home);
        let instance = Self::default();
        match tauri::async_runtime::block_on(socket::claim(&name, wish)) {
            Ok(Claim::Second) => return Start::Second,
            Ok(Claim::First(listener)) => {
                let later = instance.later.clone();
                tauri::async_runtime::spawn(async move {
                    let answering = listener.answer(move || later.notify_one());
                    stop.run_until_cancelled(answering).await
                });
            }
            // The lock of the folder keeps a second window out of it all the same.
            Err(error) => tracing::warn!(%error, "a later start does not find this window"),
        }
        Start::First(instance)
    }

    /// The plugin looks for the window of the folder.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn claim(
        identifier: &str,
        home: Option<&Home>,
        _: bool,
        _: CancellationToken,
    ) -> Start {
        Start::First(Self {
            name: known_as(identifier, home),
            ..Self::default()
        })
    }

    /// Tells this window of later starts that are to be seen.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn plugin(&self) -> tauri::plugin::TauriPlugin<tauri::Wry> {
        let later = self.later.clone();
        tauri_plugin_single_instance::Builder::new()
            .callback(move |_, arguments, _| {
                if !arguments
                    .iter()
                    .any(|argument| argument == crate::arguments::HIDDEN)
                {
                    later.notify_one();
                }
            })
            .dbus_id(self.name.clone())
            .build()
    }

    /// Calls `raise` for each later start that is to be seen, and once for those that came before it was there.
    pub(crate) fn on_later_start(self, raise: impl Fn() + Send + 'static) {
        tauri::async_runtime::spawn(async move {
            loop {
                self.later.notified().await;
                raise();
            }
        });
    }
}

fn known_as(identifier: &str, home: Option<&Home>) -> String {
    match home.and_then(folder) {
        Some(folder) => format!("{identifier}.{folder}"),
        None => identifier.to_owned(),
    }
}

/// What tells the data folder from every other, however its path is written; none where it cannot be made, of
/// which the window tells more.
#[cfg(unix)]
fn folder(home: &Home) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let found = std::fs::metadata(home.path()).ok()?;
    Some(format!("folder_{}_{}", found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn folder(_: &Home) -> Option<String> {
    None
}
