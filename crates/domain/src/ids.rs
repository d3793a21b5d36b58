//! Typed ids. Each is a UUID v7 (sortable by creation), made by the caller and passed in.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

uuid_id!(
    /// A deliberation.
    SessionId,
    /// One exchange of a deliberation.
    RoundId,
    /// One call of one model, for one purpose.
    CallId,
    /// Money set aside for a call that has not settled.
    HoldId,
    /// One balanced booking in the ledger.
    TransactionId,
    /// A key to the deliberation contract.
    KeyId,
    /// An agent, and its mailbox.
    AgentId,
    /// An agent's token.
    TokenId,
    /// A message on the bus.
    MessageId,
    /// A call that lacked its scope.
    DenialId,
    /// Something an agent remembers.
    NoteId,
    /// One start of an agent's program.
    RunId,
);

/// An isolated namespace of sessions, agents and one wallet. A solo operator has one, [`TenantId::local`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TenantId(String);

impl TenantId {
    /// The one tenant of a solo operator.
    #[must_use]
    pub fn local() -> Self {
        Self("local".to_owned())
    }

    /// Accepts `^[A-Za-z0-9._-]{1,64}$`; anything else is `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = (1..=64).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        fits.then(|| Self(text.to_owned()))
    }

    /// The id as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for TenantId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
