//! What the desktop window tells its page beside the console's events. A browser has none of it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Whether the desktop shows the tray's icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TrayStanding {
    /// It stands there, and the window can be closed without ending anything.
    Shown,
    /// This desktop shows no tray icons.
    NoHost,
    /// The library that draws them is not installed.
    NoLibrary,
}

/// How the program stands on this desktop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DesktopStanding {
    /// Whether the tray's icon is shown.
    pub tray: TrayStanding,
    /// Husting starts when the operator logs in.
    pub starts_at_login: bool,
}

/// What the page is asked to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "word", rename_all = "snake_case")]
pub enum DesktopWord {
    /// Shows a place.
    Go {
        /// As the address has it: `#/deliberations/…`.
        fragment: String,
    },
    /// Asks whether everything is to be stopped.
    AskStop {},
    /// Asks whether to quit or to go on without a window.
    AskClose {},
    /// The tray's icon came or went.
    Moved {
        /// How it stands now.
        standing: DesktopStanding,
    },
}
