//! The one window and its life: built once, raised by a second start, drained at its end.

use std::time::Duration;

use tauri::{App, AppHandle, Manager, RunEvent};
use tauri_plugin_window_state::StateFlags;

use crate::events::Listener;
use crate::opening::{self, Opening};
use crate::{Drain, commands, files};

/// The longest a quit may take, from the window's close to the end of the process.
pub(crate) const QUIT_LIMIT: Duration = Duration::from_secs(5);

/// The label of the window in `tauri.conf.json` and in its capability.
const MAIN: &str = "main";

pub(crate) fn build(drain: Drain) -> tauri::Result<App> {
    let opening = Opening::new(drain.clone(), opening::as_configured);
    // Beside the window, which takes longer; a second start, which ends below, finds the folder locked.
    opening.begin();
    tauri::Builder::default()
        // First, so that a second start ends before it has opened anything.
        .plugin(tauri_plugin_single_instance::init(
            |app, _arguments, _folder| raise(app),
        ))
        .plugin(
            tauri_plugin_window_state::Builder::default()
                .with_state_flags(StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED)
                .build(),
        )
        .plugin(tauri_plugin_opener::init())
        .manage(opening)
        .manage(Listener::default())
        .manage(drain)
        .invoke_handler(tauri::generate_handler![
            commands::rpc,
            commands::subscribe,
            commands::quit,
            files::save_file,
        ])
        .setup(|app| {
            quit_on_signal(app.handle().clone());
            Ok(())
        })
        .build(tauri::generate_context!())
}

/// Holds the exit back until everything behind the window has ended.
pub(crate) fn on_event(app: &AppHandle, event: RunEvent) {
    let RunEvent::ExitRequested { api, code, .. } = event else {
        return;
    };
    let drain = app.state::<Drain>().inner().clone();
    if drain.is_done() {
        return;
    }
    api.prevent_exit();
    if drain.begin() {
        // A start from now on is not sent to a window that is going.
        tauri_plugin_single_instance::destroy(app);
        let app = app.clone();
        tauri::async_runtime::spawn(async move {
            if !drain.finish(QUIT_LIMIT).await {
                tracing::warn!(limit = ?QUIT_LIMIT, "some tasks were still running at exit");
            }
            app.exit(code.unwrap_or_default());
        });
    }
}

/// Brings the running window to the front.
fn raise(app: &AppHandle) {
    let Some(window) = app.get_webview_window(MAIN) else {
        return;
    };
    let raised = window
        .unminimize()
        .and_then(|()| window.show())
        .and_then(|()| window.set_focus());
    if let Err(error) = raised {
        tracing::warn!(%error, "the window could not be raised");
    }
}

/// A terminal's Ctrl+C and a service manager's stop end the program as the window's close does.
fn quit_on_signal(app: AppHandle) {
    tauri::async_runtime::spawn(async move {
        match signal().await {
            Ok(()) => app.exit(0),
            Err(error) => tracing::warn!(%error, "signals are not watched"),
        }
    });
}

#[cfg(unix)]
async fn signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn signal() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}
