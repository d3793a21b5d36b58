//! What the page may ask of the window. Each command decodes, hands on and encodes.
#![allow(
    clippy::let_underscore_must_use,
    reason = "Tauri's macro writes it around a command with borrowed state"
)]

use husting_console::{Caller, Door};
use husting_wire::commands::{self, Request};
use husting_wire::errors::Error;
use husting_wire::events::Envelope;
use serde_json::Value;
use serde_json::value::RawValue;
use tauri::ipc::Channel;
use tauri::{AppHandle, State};

use crate::Drain;
use crate::events::{self, Listener};
use crate::opening::Opening;

const OPERATOR: Caller = Caller::Operator { door: Door::Window };

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

/// Sends events from now on, once the console is open. The page that listened before hears no more.
#[tauri::command]
pub(crate) async fn subscribe(
    opening: State<'_, Opening>,
    listener: State<'_, Listener>,
    drain: State<'_, Drain>,
    channel: Channel<Vec<Envelope>>,
) -> Result<(), Error> {
    let gone = listener.replace(&drain.stop());
    if let Some(Some(console)) = gone.run_until_cancelled(opening.opened()).await {
        let send = move |batch| channel.send(batch).is_ok();
        let forward = events::forward(move || console.watch(), send, gone);
        tauri::async_runtime::spawn(drain.track(forward));
    }
    Ok(())
}

/// Ends the program as the window's close does.
#[tauri::command]
pub(crate) fn quit(app: AppHandle) {
    app.exit(0);
}
