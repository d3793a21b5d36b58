//! One window for each data folder: a second start on the same folder shows the window of the first, one on
//! another folder opens its own.

use husting_home::Home;
use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, Wry};
use tauri_plugin_single_instance::Builder;

/// The plugin that finds the window of the same folder, tells it the arguments of this start, and ends this one.
pub(crate) fn plugin(
    identifier: &str,
    told: impl Fn(&AppHandle, Vec<String>) + Send + Sync + 'static,
) -> TauriPlugin<Wry> {
    let known_as = match folder() {
        Some(folder) => format!("{identifier}.{folder}"),
        None => identifier.to_owned(),
    };
    Builder::new()
        .callback(move |app, arguments, _folder| told(app, arguments))
        .dbus_id(known_as)
        .build()
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
