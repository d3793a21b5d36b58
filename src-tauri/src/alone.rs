//! One window for each data folder: a second start on the same folder shows the window of the first, one on
//! another folder opens its own.

use husting_home::Home;
#[cfg(target_os = "linux")]
use tauri::Manager as _;
use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, Wry};
use tauri_plugin_single_instance::Builder;

#[cfg(target_os = "linux")]
use crate::Drain;
#[cfg(target_os = "linux")]
use crate::doorbell::{Doorbell, Start, Wish};

/// The plugin that finds the window of the same folder, tells it the arguments of this start, and ends this one.
pub(crate) fn plugin(
    identifier: &str,
    told: impl Fn(&AppHandle, Vec<String>) + Send + Sync + 'static,
) -> TauriPlugin<Wry> {
    Builder::new()
        .callback(move |app, arguments, _folder| told(app, arguments))
        .dbus_id(known_as(identifier))
        .build()
}

/// The plugin finds nobody where one of the two has no session bus. Whether there is such a window all the same, which
/// then knows of this start; where there is none, `raise` is called at each later start.
#[cfg(target_os = "linux")]
pub(crate) fn is_second(
    app: &AppHandle,
    is_hidden: bool,
    raise: impl Fn(&AppHandle) + Send + 'static,
) -> bool {
    let name = known_as(&app.config().identifier);
    let wish = if is_hidden {
        Wish::Nothing
    } else {
        Wish::Raise
    };
    match tauri::async_runtime::block_on(Doorbell::hang_or_ring(&name, wish)) {
        Ok(Start::Second) => true,
        Ok(Start::First(bell)) => {
            let (stop, app) = (app.state::<Drain>().stop(), app.clone());
            tauri::async_runtime::spawn(async move {
                stop.run_until_cancelled(bell.answer(move || raise(&app)))
                    .await
            });
            false
        }
        Err(error) => {
            tracing::warn!(%error, "a later start is found over the session bus alone");
            false
        }
    }
}

fn known_as(identifier: &str) -> String {
    match folder() {
        Some(folder) => format!("{identifier}.{folder}"),
        None => identifier.to_owned(),
    }
}

/// What tells the data folder from every other, however its path is written; none where it cannot be made, of
/// which the window tells more.
#[cfg(unix)]
fn folder() -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let found = std::fs::metadata(Home::find(None).ok()?.path()).ok()?;
    Some(format!("folder_{}_{}", found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn folder() -> Option<String> {
    None
}
