//! What a program does.

use crate::exit::Exit;

/// What a program does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happening {
    /// It wrote this, control sequences and secrets included; [`crate::Tail`] makes it fit to be
    /// shown.
    Output(String),
    /// It ended. Nothing follows.
    Ended(Exit),
}
