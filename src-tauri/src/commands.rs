//! What the page may ask of the window. Each command decodes, hands on and encodes.
#![allow(
    clippy::let_underscore_must_use,
    reason = "Tauri's macro writes it around a command with borrowed state"
)]

use husting_console::{Caller, Door};
use husting_domain::ids::SessionId;
use husting_wire::commands::{self, Request};
use husting_wire::desktop::{DesktopStanding, DesktopWord};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::events::Envelope;
use serde_json::Value;
use serde_json::value::RawValue;
use tauri::ipc::Channel;
use tauri::{AppHandle, State};

use crate::desktop::{self, Desktop};
use crate::events::{Listener, QUIET};
use crate::opening::Opening;
use crate::{Drain, login, window};

/// Whoever sits at this machine.
pub(crate) const OPERATOR: Caller = Caller::Operator { door: Door::Window };

/// Runs one command of the wire; waits for the console where it is still opening.
#[tauri::command]
pub(crate) async fn rpc(
    opening: State<'_, Opening>,
    request: Value,
) -> Result<Box<RawValue>, Error> {
    let request: Request =
        serde_json::from_value(request).map_err(|fault| Error::invalid(fault.to_string()))?;
    let console = opening.console().await?;
    commands::route(&console, &OPERATOR, request).await
}

/// Begins to listen to events once the console is open, and answers with the page's turn. The page that listened before
/// hears no more.
#[tauri::command]
pub(crate) async fn subscribe(
    opening: State<'_, Opening>,
    listener: State<'_, Listener>,
    drain: State<'_, Drain>,
) -> Result<u64, Error> {
    let turn = listener.turn();
    if let Some(console) = opening.opened().await {
        listener.begin(turn, move || console.watch(), &drain.stop());
    }
    Ok(turn)
}

/// Waits for events and answers with all that there are, in a while with none; `None` for a page whose turn is over.
#[tauri::command]
pub(crate) async fn next_events(
    listener: State<'_, Listener>,
    turn: u64,
) -> Result<Option<Vec<Envelope>>, Error> {
    Ok(listener.next(turn, QUIET).await)
}

/// Ends the program as the window's close does.
#[tauri::command]
pub(crate) fn quit(app: AppHandle) {
    app.exit(0);
}

/// Tells the page from now on what the desktop wants of it. The page that attended before hears no more. Called once the
/// first screen was drawn: what may disturb that begins here.
#[tauri::command]
pub(crate) fn attend(app: AppHandle, desktop: State<'_, Desktop>, channel: Channel<DesktopWord>) {
    desktop.attend(channel, desktop::standing(&app));
}

/// Which incomplete sessions the operator reads as they are, each with its rounds then. The page keeps them.
#[tauri::command]
pub(crate) fn accept_sessions(desktop: State<'_, Desktop>, sessions: Vec<(SessionId, u32)>) {
    desktop.accept(sessions.into_iter().collect());
}

/// How the program stands on this desktop.
#[tauri::command]
pub(crate) fn desktop_standing(app: AppHandle) -> DesktopStanding {
    desktop::standing(&app)
}

/// Starts Husting when the operator logs in, or no longer.
#[tauri::command]
pub(crate) fn start_at_login(app: AppHandle, on: bool) -> Result<DesktopStanding, Error> {
    login::switch(&app, on).map_err(|fault| {
        let words =
            format!("The desktop’s list of what starts at login cannot be changed: {fault}");
        Error::new(ErrorCode::StoreUnavailable, words)
    })?;
    Ok(desktop::standing(&app))
}

/// Hides the window; everything behind it goes on.
#[tauri::command]
pub(crate) fn hide_window(app: AppHandle) {
    window::hide(&app);
}
