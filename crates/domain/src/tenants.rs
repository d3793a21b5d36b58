//! What a tenant may do.

use serde::{Deserialize, Serialize};

use crate::ids::TenantId;

/// A tenant's tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Mints no agents.
    Free,
    /// One agent.
    Starter,
    /// Five agents.
    Growth,
    /// Any number of agents.
    Scale,
}

impl Tier {
    /// The tier of `tenant`: the operator's own is the highest, every other one the lowest.
    #[must_use]
    pub fn of(tenant: &TenantId) -> Self {
        if *tenant == TenantId::local() {
            Self::Scale
        } else {
            Self::Free
        }
    }
}
