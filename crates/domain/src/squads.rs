//! Squads: agents that broadcast to each other and share what they remember.

use crate::agents::Name;
use crate::ids::AgentId;
use crate::time::Timestamp;

/// Most characters of what a member says about itself.
pub const MOST_SUMMARY: usize = 1_024;

/// A squad with its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Squad {
    /// What it is called; unique in its tenant.
    pub name: Name,
    /// When the first agent joined.
    pub created_at: Timestamp,
    /// Who is in it, in the order they joined.
    pub members: Vec<Member>,
}

/// An agent in a squad.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Which.
    pub agent: AgentId,
    /// What it is called.
    pub name: Name,
    /// Since when.
    pub joined_at: Timestamp,
    /// What it said it is there for.
    pub summary: Option<String>,
}
