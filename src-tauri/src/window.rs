//! The one window and its life: built once, raised by a second start, hidden behind the tray's icon,
//! drained at its end.

use std::time::Duration;

use husting_wire::desktop::{DesktopWord, TrayStanding};
use tauri::{
    App, AppHandle, CloseRequestApi, Context, ExitRequestApi, Manager, RunEvent,
    WebviewWindowBuilder, WindowEvent,
};
use tauri_plugin_window_state::StateFlags;

use crate::arguments::HIDDEN;
use crate::desktop::{Closing, Desktop};
use crate::events::Listener;
use crate::first::First;
use crate::opening::Opening;
#[cfg(target_os = "linux")]
use crate::page_process;
use crate::single_instance::Instance;
use crate::tray::Tray;
use crate::{Drain, again, clipboard, commands, desktop, files, following};

/// The longest a quit may take, from the window's close to the end of the process.
pub(crate) const QUIT_LIMIT: Duration = Duration::from_secs(5);

/// The longest that the tray's icon waits for the first screen.
const FIRST_SCREEN: Duration = Duration::from_secs(3);

/// The label of the window in `tauri.conf.json` and in its capability.
const MAIN: &str = "main";

/// Opens the window, which stays behind the tray where it `is_hidden`.
///
/// # Errors
/// What the window system refused.
pub(crate) fn build(
    context: Context,
    instance: Instance,
    opening: Opening,
    is_hidden: bool,
    drain: Drain,
) -> tauri::Result<App> {
    // Beside the window, which takes longer.
    opening.begin();
    let first = First::default();
    tauri::async_runtime::spawn(drain.track(first.clone().take(opening.clone())));
    let builder = tauri::Builder::default();
    #[cfg(not(target_os = "linux"))]
    let builder = builder.plugin(instance.plugin());
    builder
        .plugin(
            tauri_plugin_window_state::Builder::default()
                .with_state_flags(StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED)
                .build(),
        )
        .plugin(tauri_plugin_opener::init())
        .plugin(tauri_plugin_autostart::Builder::new().arg(HIDDEN).build())
        .manage(opening)
        .manage(Listener::default())
        .manage(Desktop::default())
        .manage(drain)
        .invoke_handler(tauri::generate_handler![
            commands::rpc,
            commands::subscribe,
            commands::next_events,
            commands::quit,
            commands::attend,
            commands::accept_sessions,
            commands::desktop_standing,
            commands::start_at_login,
            commands::hide_window,
            files::save_file,
            clipboard::take_back,
        ])
        .setup(move |app| {
            let app = app.handle();
            open(app, first)?;
            let raised = app.clone();
            instance.on_later_start(move || raise(&raised));
            quit_on_signal(app.clone());
            begin_anew_when_asked(app.clone());
            if is_hidden {
                show_tray(app);
            } else {
                raise(app);
                show_tray_after_first_screen(app.clone());
            }
            following::begin(app, is_hidden);
            Ok(())
        })
        .build(context)
}

/// Opens the windows that `tauri.conf.json` describes.
fn open(app: &AppHandle, first: First) -> tauri::Result<()> {
    for window in &app.config().app.windows {
        let first = first.clone();
        let window = WebviewWindowBuilder::from_config(app, window)?
            .on_web_resource_request(move |_, answer| first.write_into(answer))
            .build()?;
        #[cfg(target_os = "linux")]
        page_process::outlive(&window)?;
        #[cfg(not(target_os = "linux"))]
        drop(window);
    }
    Ok(())
}

/// Hides or asks where the window is closed, and holds the exit back until everything behind it has
/// ended.
pub(crate) fn on_event(app: &AppHandle, event: RunEvent) {
    match event {
        RunEvent::WindowEvent {
            event: WindowEvent::CloseRequested { api, .. },
            ..
        } => on_close(app, &api),
        RunEvent::ExitRequested { api, code, .. } => on_exit(app, &api, code),
        _ => {}
    }
}

fn on_close(app: &AppHandle, api: &CloseRequestApi) {
    if app.state::<Drain>().stop().is_cancelled() {
        return;
    }
    let desktop = app.state::<Desktop>();
    // Closed before its first screen, the window is hidden behind an icon all the same.
    if desktop.with_standing(|standing| standing.is_some()) {
        show_tray(app);
    }
    match desktop.closing() {
        Closing::Quit => {}
        Closing::Ask => {
            api.prevent_close();
            desktop.tell(DesktopWord::AskClose {});
        }
        Closing::Hide => {
            api.prevent_close();
            hide(app);
        }
    }
}

fn on_exit(app: &AppHandle, api: &ExitRequestApi, code: Option<i32>) {
    let drain = app.state::<Drain>().inner().clone();
    if drain.is_done() {
        return;
    }
    api.prevent_exit();
    if drain.begin() {
        // A start from now on is not sent to a window that is going; the drain ends the socket of Linux.
        #[cfg(not(target_os = "linux"))]
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

/// Ends the program once the console asks to begin anew; [`crate::run`] begins it.
fn begin_anew_when_asked(app: AppHandle) {
    tauri::async_runtime::spawn(async move {
        let (opening, drain) = (app.state::<Opening>(), app.state::<Drain>());
        let Some(console) = opening.opened().await else {
            return;
        };
        let stop = drain.stop();
        let asked = stop.run_until_cancelled(console.asks_to_begin_anew());
        if asked.await.is_some() {
            let is_behind_tray = app.state::<Desktop>().is_behind_tray();
            drain.ask_to_begin_anew(again::arguments(
                std::env::args_os().skip(1),
                is_behind_tray,
            ));
            app.exit(0);
        }
    });
}

/// The tray's icon takes the main thread and a processor, which draw the first screen.
fn show_tray_after_first_screen(app: AppHandle) {
    tauri::async_runtime::spawn(async move {
        let (desktop, opening) = (app.state::<Desktop>(), app.state::<Opening>());
        let stands = async {
            tokio::select! {
                () = desktop.attended.notified() => {}
                Some(_) = opening.failed() => {}
            }
        };
        let stop = app.state::<Drain>().stop();
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = stands => {}
            () = tokio::time::sleep(FIRST_SCREEN) => {
                tracing::info!(limit = ?FIRST_SCREEN, "the first screen is late; the tray does not wait for it");
            }
        }
        let shown = app.clone();
        if let Err(error) = app.run_on_main_thread(move || show_tray(&shown)) {
            tracing::debug!(%error, "the program ends before it has a tray");
        }
    });
}

/// Makes the icon, once. A tray that cannot be shown is told in the settings, and ends nothing. To be called on the main
/// thread.
fn show_tray(app: &AppHandle) {
    let desktop = app.state::<Desktop>();
    if desktop.tray().is_some() {
        return;
    }
    match Tray::build(app, following::act) {
        Ok(Some(tray)) => {
            desktop.give(tray);
            desktop::tell_standing(app);
            desktop.anew.notify_one();
        }
        Ok(None) => tracing::info!("the library that draws the tray's icon is not installed"),
        Err(error) => tracing::warn!(%error, "the tray's icon could not be made"),
    }
}

/// Whether the operator looks at a place: `#/hall`, or one below it.
pub(crate) fn shows(app: &AppHandle, fragment: &str) -> bool {
    let Some(window) = app.get_webview_window(MAIN) else {
        return false;
    };
    let is_seen = window.is_visible().unwrap_or(false) && window.is_focused().unwrap_or(false);
    let at = window.url().ok();
    let at = at.as_ref().and_then(|at| at.fragment()).unwrap_or_default();
    is_seen && at.starts_with(fragment.trim_start_matches('#'))
}

/// Hides the window; the page in it goes on.
pub(crate) fn hide(app: &AppHandle) {
    let desktop = app.state::<Desktop>();
    desktop.set_behind_tray(desktop.tray_standing() == TrayStanding::Shown);
    if let Some(window) = app.get_webview_window(MAIN)
        && let Err(error) = window.hide()
    {
        tracing::warn!(%error, "the window could not be hidden");
    }
}

/// Brings the running window to the front.
pub(crate) fn raise(app: &AppHandle) {
    let Some(window) = app.get_webview_window(MAIN) else {
        return;
    };
    app.state::<Desktop>().set_behind_tray(false);
    let raised = window
        .show()
        .and_then(|()| window.unminimize())
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
