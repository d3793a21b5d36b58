//! Who asks. Checked once, where a request enters the console.

use husting_domain::ids::TenantId;
use husting_domain::sessions::SessionSource;

/// Which of the operator's doors a request came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Door {
    /// The native window.
    Window,
    /// The console in a browser.
    Browser,
    /// The command line.
    Cli,
}

/// Who asks, with what may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// The human at this machine. May do everything, in the tenant `local`.
    Operator {
        /// How they came in.
        door: Door,
    },
}

impl Caller {
    /// The tenant whose rows this caller sees.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        match self {
            Self::Operator { .. } => TenantId::local(),
        }
    }

    /// What a session opened by this caller is tagged with.
    #[must_use]
    pub const fn source(&self) -> SessionSource {
        match self {
            Self::Operator {
                door: Door::Window | Door::Browser,
            } => SessionSource::Console,
            Self::Operator { door: Door::Cli } => SessionSource::Cli,
        }
    }
}
