//! The desktop shell: it opens one window on the console's pages and ends what runs behind
//! it when the window goes. It holds no rule of the product; this folder is the only one
//! that names Tauri.

mod display;
mod drain;
mod files;
mod window;

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

/// Opens the window and returns when it is closed and everything behind it has ended.
///
/// # Errors
/// [`StartError`] when no window can be opened; nothing was started then.
pub fn run() -> Result<(), StartError> {
    display::require()?;
    let app = window::build(Drain::default())?;
    app.run(window::on_event);
    Ok(())
}
