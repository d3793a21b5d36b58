//! The desktop shell: it opens one window on the console's pages and ends what runs behind
//! it when the window goes. It holds no rule of the product; this folder is the only one
//! that names Tauri.

mod again;
mod commands;
mod desk;
mod display;
mod drain;
#[cfg(target_os = "linux")]
mod drawing;
mod events;
mod files;
mod following;
mod hosting;
mod login;
mod notices;
mod opening;
mod single_instance;
mod tray;
mod window;

use husting_home::{Home, Logs};
use single_instance::{Instance, Start};

pub use display::DisplayError;
pub use drain::Drain;

/// Why the desktop app did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is no screen to open a window on.
    #[error(transparent)]
    Display(#[from] DisplayError),
    /// The window system refused the window or its web view.
    #[error("the window could not be opened: {0}")]
    Window(#[from] tauri::Error),
}

/// Opens the window and returns its exit code when it is closed and everything behind it has ended.
///
/// # Errors
/// [`StartError`] when no window can be opened; nothing was started then.
pub fn run() -> Result<i32, StartError> {
    #[cfg(target_os = "linux")]
    drawing::choose();
    display::require()?;
    let log = log();
    let drain = Drain::default();
    let context = tauri::generate_context!();
    let is_hidden = window::is_hidden(std::env::args());
    let claim = Instance::claim(&context.config().identifier, is_hidden, drain.stop());
    // A second start ends here, before it has opened anything.
    let Start::First(instance) = claim else {
        return Ok(0);
    };
    let app = window::build(context, instance, is_hidden, drain.clone())?;
    let code = app.run_return(window::on_event);
    drop(log);
    if let Some(arguments) = drain.begins_anew() {
        again::begin_anew(arguments);
    }
    Ok(code)
}

/// Without a log the window works as well, and says what is wrong with the folder itself.
fn log() -> Option<Logs> {
    let home = Home::find(None).ok()?;
    match Logs::start(&home) {
        Ok(logs) => Some(logs),
        Err(error) => {
            eprintln!("husting-desktop: {error}");
            None
        }
    }
}
