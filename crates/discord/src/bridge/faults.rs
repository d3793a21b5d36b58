//! Why a step of the bridge came to nothing: the outside party of its loop, or the journal.

use std::time::Duration;

use husting_store::{CommitError, StoreError};

use crate::bus::BusError;
use crate::sender::SendError;

/// A step between the journal and the bus.
#[derive(Debug, thiserror::Error)]
pub enum BusStepError {
    /// The bus.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// The journal cannot be read.
    #[error(transparent)]
    Read(#[from] StoreError),
    /// The journal cannot be written.
    #[error(transparent)]
    Keep(#[from] CommitError),
}

/// A step between Discord and the journal.
#[derive(Debug, thiserror::Error)]
pub enum DiscordStepError {
    /// Discord.
    #[error(transparent)]
    Discord(#[from] SendError),
    /// The journal cannot be read.
    #[error(transparent)]
    Read(#[from] StoreError),
    /// The journal cannot be written.
    #[error(transparent)]
    Keep(#[from] CommitError),
    /// Whoever holds the panels cannot answer now.
    #[error("panels cannot be asked now: {0}")]
    Panels(String),
}

impl BusStepError {
    /// When the bus asks to be tried again, where it says.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Bus(
                BusError::Unreachable { retry_after, .. } | BusError::Held { retry_after, .. },
            ) => *retry_after,
            _ => None,
        }
    }

    /// Whether the bus holds everybody, and may tell when it lets them go on.
    pub const fn is_held(&self) -> bool {
        matches!(self, Self::Bus(BusError::Held { .. }))
    }

    /// Logs that `what` waits for it: a bus that holds everybody does as it was told, and fails at nothing.
    pub fn log(&self, what: &'static str) {
        if self.is_held() {
            tracing::info!(fault = %self, "{what} while the bus holds everybody");
        } else {
            tracing::warn!(fault = %self, "{what}: the bus or the journal fails");
        }
    }
}
