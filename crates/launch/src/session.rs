//! One face for both ways in which a program runs.

use std::time::Duration;

use crate::error::LaunchError;
use crate::exit::Exit;
use crate::happening::Happening;
use crate::identity::Identity;
use crate::owned::Owned;
use crate::tmux::Following;

/// A program that runs, or ran.
#[derive(Debug)]
pub enum Session {
    /// A child of this process, ended with it.
    Owned(Owned),
    /// In tmux: it goes on when this value is dropped.
    Tmux(Box<Following>),
}

impl From<Owned> for Session {
    fn from(owned: Owned) -> Self {
        Self::Owned(owned)
    }
}

impl From<Following> for Session {
    fn from(following: Following) -> Self {
        Self::Tmux(Box::new(following))
    }
}

impl Session {
    /// What the program does next; nothing after its end. May be dropped while it waits.
    pub async fn next(&mut self) -> Option<Happening> {
        match self {
            Self::Owned(owned) => owned.next().await,
            Self::Tmux(following) => following.next().await,
        }
    }

    /// Ends the program and all it started, at the latest after `grace`.
    ///
    /// # Errors
    /// [`LaunchError`] when it could not be ended.
    pub async fn stop(&mut self, grace: Duration) -> Result<Exit, LaunchError> {
        match self {
            Self::Owned(owned) => owned.stop(grace).await,
            Self::Tmux(following) => following.stop(grace).await,
        }
    }

    /// Who runs, by a name that no other process ever has. Nothing elsewhere than on Linux.
    #[must_use]
    pub fn identity(&self) -> Option<Identity> {
        match self {
            Self::Owned(owned) => owned.identity(),
            Self::Tmux(following) => following.identity(),
        }
    }
}
