//! Whether the desktop starts Husting when the operator logs in.

#[cfg(target_os = "linux")]
mod entry;

use tauri::AppHandle;
use tauri_plugin_autostart::ManagerExt;

/// Why the desktop's list of what starts at login was not changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error(transparent)]
    List(#[from] tauri_plugin_autostart::Error),
    #[cfg(target_os = "linux")]
    #[error(transparent)]
    Folder(#[from] tauri::Error),
    #[cfg(target_os = "linux")]
    #[error(transparent)]
    Entry(#[from] std::io::Error),
}

/// Whether Husting is on the list.
pub(crate) fn is_on(app: &AppHandle) -> Result<bool, Fault> {
    Ok(app.autolaunch().is_enabled()?)
}

/// Puts Husting on the list, or takes it off.
pub(crate) fn switch(app: &AppHandle, on: bool) -> Result<(), Fault> {
    let list = app.autolaunch();
    if !on {
        return Ok(list.disable()?);
    }
    list.enable()?;
    #[cfg(target_os = "linux")]
    entry::complete(&entry::path(app)?)?;
    Ok(())
}
