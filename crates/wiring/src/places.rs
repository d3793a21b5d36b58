//! Where a user's files are, on each system.

use std::path::PathBuf;

/// The systems whose folders differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Os {
    /// Linux, and what is like it.
    Linux,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

impl Os {
    /// The one this program was built for.
    #[must_use]
    pub fn here() -> Self {
        if cfg!(target_os = "macos") {
            Self::MacOs
        } else if cfg!(windows) {
            Self::Windows
        } else {
            Self::Linux
        }
    }
}

/// A user's folders, passed in so that every system's paths can be tested on any.
#[derive(Clone, Debug)]
pub struct Places {
    /// The home folder.
    pub home: PathBuf,
    /// Where programs keep their settings: `~/.config`, `~/Library/Application Support` or
    /// `%APPDATA%`.
    pub config: PathBuf,
    /// The system.
    pub os: Os,
}
