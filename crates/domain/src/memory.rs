//! What agents remember.

use crate::agents::Name;
use crate::ids::{AgentId, NoteId};
use crate::time::Timestamp;

/// Most characters of a note, and of its context.
pub const MOST_NOTE: usize = 16_384;

/// Something an agent remembers, for itself or for a squad.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Its id.
    pub id: NoteId,
    /// Who stored it.
    pub agent: AgentId,
    /// The squad that shares it; an agent's own has none.
    pub squad: Option<Name>,
    /// The note.
    pub text: String,
    /// What it was about.
    pub context: Option<String>,
    /// When it was stored.
    pub at: Timestamp,
}
