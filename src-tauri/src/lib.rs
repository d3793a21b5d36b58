//! The desktop shell: it opens one window on the console's pages and ends what runs behind
//! it when the window goes. It holds no rule of the product; this folder is the only one
//! that names Tauri.

mod again;
mod arguments;
mod clipboard;
mod commands;
mod desktop;
mod display;
mod drain;
#[cfg(target_os = "linux")]
mod drawing;
mod events;
mod files;
mod first;
mod following;
mod hosting;
mod login;
mod notices;
mod opening;
#[cfg(target_os = "linux")]
mod page_process;
mod single_instance;
mod tray;
mod window;

use arguments::Arguments;
use clap::Parser as _;
use husting_home::{Home, Logs};
use opening::Opening;
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
    // Wrong ones end the program with a sentence, before there is a window to say it in.
    let arguments = Arguments::parse();
    #[cfg(target_os = "linux")]
    drawing::choose();
    display::require()?;
    let Arguments {
        home,
        listen,
        hidden,
    } = arguments;
    let found = Home::find(home.as_deref()).ok();
    let log = found.as_ref().and_then(log);
    let drain = Drain::default();
    let context = tauri::generate_context!();
    let identifier = &context.config().identifier;
    let claim = Instance::claim(identifier, found.as_ref(), hidden, drain.stop());
    // A second start ends here, before it has opened anything.
    let Start::First(instance) = claim else {
        return Ok(0);
    };
    let opening = Opening::new(drain.clone(), move || {
        opening::as_configured(home.as_deref(), listen.as_deref())
    });
    let app = window::build(context, instance, opening, hidden, drain.clone())?;
    let code = app.run_return(window::on_event);
    drop(log);
    if let Some(arguments) = drain.begins_anew() {
        again::begin_anew(arguments);
    }
    Ok(code)
}

/// Without a log the window works as well, and says what is wrong with the folder itself.
fn log(home: &Home) -> Option<Logs> {
    match Logs::start(home) {
        Ok(logs) => Some(logs),
        Err(error) => {
            eprintln!("husting-desktop: {error}");
            None
        }
    }
}
