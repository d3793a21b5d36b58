//! Tenants: isolated namespaces of agents, sessions and one wallet, and what each may do.

use serde::{Deserialize, Serialize};

use crate::ids::TenantId;
use crate::time::Timestamp;

/// A tenant's tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// The tier of a tenant that was never set up: the operator's own is the highest, every other one
    /// the lowest.
    #[must_use]
    pub fn of(tenant: &TenantId) -> Self {
        if *tenant == TenantId::local() {
            Self::Scale
        } else {
            Self::Free
        }
    }

    /// Whether agents are minted at all: `qnft_minting` on the wire.
    #[must_use]
    pub fn mints(self) -> bool {
        self != Self::Free
    }

    /// Most custom agents that are not revoked; `None` for any number.
    #[must_use]
    pub const fn agent_limit(self) -> Option<u32> {
        match self {
            Self::Free => Some(0),
            Self::Starter => Some(1),
            Self::Growth => Some(5),
            Self::Scale => None,
        }
    }
}

/// A tenant as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// What it may do.
    pub tier: Tier,
    /// Its token, once it has one.
    pub token: Option<TenantToken>,
    /// When it was set up.
    pub created_at: Timestamp,
}

/// A tenant's token as stored: never the token itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantToken {
    /// SHA-256 of the token.
    pub hash: [u8; 32],
    /// Its last eight characters.
    pub tail: String,
    /// When it was made.
    pub created_at: Timestamp,
}
