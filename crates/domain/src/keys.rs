//! Keys to the deliberation contract, and who asked for what.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::{AgentId, KeyId};
use crate::time::Timestamp;

/// What every key begins with.
pub const KEY_PREFIX: &str = "mmo_live_";

/// A key as stored: never the key itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliberationKey {
    /// Its id.
    pub id: KeyId,
    /// For people; unique among the live keys of its tenant.
    pub name: String,
    /// SHA-256 of the key.
    pub hash: [u8; 32],
    /// The key's last eight characters.
    pub tail: String,
    /// Most rounds of one UTC day; `None` for the setting `limits.rounds_per_day`.
    pub daily_rounds: Option<u32>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last opened the door, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked; for good.
    pub revoked_at: Option<Timestamp>,
}

/// Who asked for a session or a round, as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Principal {
    /// The human at this machine.
    Operator,
    /// Whoever holds this key.
    Key(KeyId),
    /// An agent of the bus.
    Agent(AgentId),
}

/// Text that names nobody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names nobody")]
pub struct UnknownPrincipal(String);

impl std::fmt::Display for Principal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Operator => f.write_str("operator"),
            Self::Key(id) => write!(f, "key:{id}"),
            Self::Agent(id) => write!(f, "agent:{id}"),
        }
    }
}

impl FromStr for Principal {
    type Err = UnknownPrincipal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "operator" {
            return Ok(Self::Operator);
        }
        let named = match text.split_once(':') {
            Some(("key", id)) => id.parse().ok().map(Self::Key),
            Some(("agent", id)) => id.parse().ok().map(Self::Agent),
            _ => None,
        };
        named.ok_or_else(|| UnknownPrincipal(text.to_owned()))
    }
}

impl From<Principal> for String {
    fn from(principal: Principal) -> Self {
        principal.to_string()
    }
}

impl TryFrom<String> for Principal {
    type Error = UnknownPrincipal;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_principal_is_read_as_it_was_written() {
        for principal in [
            Principal::Operator,
            Principal::Key(KeyId(uuid::Uuid::from_u128(7))),
            Principal::Agent(AgentId(uuid::Uuid::from_u128(8))),
        ] {
            assert_eq!(principal.to_string().parse(), Ok(principal));
        }
        for nobody in ["", "key:", "key:7", "agent:", "agent:7", "Operator"] {
            assert!(nobody.parse::<Principal>().is_err(), "{nobody}");
        }
    }
}
