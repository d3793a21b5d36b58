//! The desktop's clipboard, as far as the page cannot reach it: WebKitGTK lets no page read what lies there.

use husting_wire::errors::{Error, ErrorCode};
use tauri::AppHandle;
use tokio::sync::oneshot;

/// Empties the clipboard if it still holds `text`, and says whether it did.
#[tauri::command]
pub(crate) async fn take_back(app: AppHandle, text: String) -> Result<bool, Error> {
    let (tell, told) = oneshot::channel();
    // GTK is asked on its own thread alone.
    app.run_on_main_thread(move || empty_of(text, tell))
        .map_err(not_emptied)?;
    told.await.map_err(not_emptied)
}

/// What is in the way names no text of the clipboard.
fn not_emptied(error: impl std::fmt::Display) -> Error {
    tracing::warn!(%error, "the clipboard was not looked at");
    Error::new(
        ErrorCode::Internal,
        "The clipboard was not emptied: the window is closing.",
    )
}

#[cfg(target_os = "linux")]
fn empty_of(text: String, tell: oneshot::Sender<bool>) {
    let clipboard = gtk::Clipboard::get(&gtk::gdk::SELECTION_CLIPBOARD);
    clipboard.request_text(move |clipboard, held| {
        let is_held = held == Some(text.as_str());
        if is_held {
            // Who keeps a history of the clipboard takes an empty text in, where it may bring back what was cleared.
            clipboard.set_text("");
        }
        if tell.send(is_held).is_err() {
            tracing::debug!("the page that asked is gone");
        }
    });
}

/// No other system's clipboard can be read from here, and the page does not ask.
#[cfg(not(target_os = "linux"))]
fn empty_of(_text: String, tell: oneshot::Sender<bool>) {
    if tell.send(false).is_err() {
        tracing::debug!("the page that asked is gone");
    }
}
