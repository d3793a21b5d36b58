//! What a token may do on the bus, for how long, and in how many calls.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// One permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Scope {
    /// Writes to one agent, and asks one.
    #[serde(rename = "mcp:send")]
    Send,
    /// Reads and acknowledges its own mail.
    #[serde(rename = "mcp:inbox")]
    Inbox,
    /// Writes to all, or to a squad.
    #[serde(rename = "mcp:broadcast")]
    Broadcast,
    /// Joins and leaves squads.
    #[serde(rename = "mcp:workspace_join")]
    WorkspaceJoin,
    /// Reads memory.
    #[serde(rename = "mcp:recall")]
    Recall,
    /// Writes memory.
    #[serde(rename = "mcp:remember")]
    Remember,
    /// Sees who is there.
    #[serde(rename = "mcp:peers")]
    Peers,
    /// Convenes panels, charged to the tenant.
    #[serde(rename = "mcp:deliberate")]
    Deliberate,
}

impl Scope {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 8] = [
        Self::Send,
        Self::Inbox,
        Self::Broadcast,
        Self::WorkspaceJoin,
        Self::Recall,
        Self::Remember,
        Self::Peers,
        Self::Deliberate,
    ];

    /// As it is written.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Send => "mcp:send",
            Self::Inbox => "mcp:inbox",
            Self::Broadcast => "mcp:broadcast",
            Self::WorkspaceJoin => "mcp:workspace_join",
            Self::Recall => "mcp:recall",
            Self::Remember => "mcp:remember",
            Self::Peers => "mcp:peers",
            Self::Deliberate => "mcp:deliberate",
        }
    }

    /// By its word; `None` for a word that is no scope.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.word() == word)
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// A scope that an agent holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Which.
    pub scope: Scope,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<Timestamp>,
    /// It covers one call and is gone with it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub once: bool,
}

/// The scopes of one agent, at most one grant for each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Grants(Vec<Grant>);

impl Grants {
    /// What an agent gets that asks for nothing else.
    #[must_use]
    pub fn messenger() -> Self {
        Self::lasting([Scope::Send, Scope::Inbox, Scope::Peers])
    }

    /// All but broadcast and deliberate.
    #[must_use]
    pub fn member() -> Self {
        let apart = [Scope::Broadcast, Scope::Deliberate];
        Self::lasting(
            Scope::ALL
                .into_iter()
                .filter(|scope| !apart.contains(scope)),
        )
    }

    /// Everything.
    #[must_use]
    pub fn full() -> Self {
        Self::lasting(Scope::ALL)
    }

    /// These without an end.
    #[must_use]
    pub fn lasting(scopes: impl IntoIterator<Item = Scope>) -> Self {
        let mut grants = Self::default();
        for scope in scopes {
            grants.put(Grant {
                scope,
                ends_at: None,
                once: false,
            });
        }
        grants
    }

    /// Grants a scope; what was held of it before is replaced.
    pub fn put(&mut self, grant: Grant) {
        self.take(grant.scope);
        let at = self.0.partition_point(|held| held.scope < grant.scope);
        self.0.insert(at, grant);
    }

    /// Takes a scope away; whether it was held.
    pub fn take(&mut self, scope: Scope) -> bool {
        let before = self.0.len();
        self.0.retain(|held| held.scope != scope);
        self.0.len() < before
    }

    /// The grant of this scope that is in force at `now`.
    #[must_use]
    pub fn in_force(&self, scope: Scope, now: Timestamp) -> Option<Grant> {
        let held = self.0.iter().find(|held| held.scope == scope)?;
        held.ends_at
            .is_none_or(|ends_at| now < ends_at)
            .then_some(*held)
    }

    /// Without those that have ended at `now`.
    #[must_use]
    pub fn without_ended(&self, now: Timestamp) -> Self {
        let held = self.0.iter().copied();
        Self(
            held.filter(|held| held.ends_at.is_none_or(|ends_at| now < ends_at))
                .collect(),
        )
    }

    /// The first moment at which one ends by itself.
    #[must_use]
    pub fn next_end(&self) -> Option<Timestamp> {
        self.0.iter().filter_map(|held| held.ends_at).min()
    }

    /// All, in the order of [`Scope::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = &Grant> {
        self.0.iter()
    }

    /// The scopes in force at `now`.
    pub fn scopes(&self, now: Timestamp) -> impl Iterator<Item = Scope> {
        Scope::ALL
            .into_iter()
            .filter(move |scope| self.in_force(*scope, now).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn words_and_json_agree() {
        for scope in Scope::ALL {
            assert_eq!(Scope::parse(scope.word()), Some(scope));
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.word());
        }
        assert_eq!(Scope::parse("mcp:everything"), None);
    }

    #[test]
    fn a_timed_grant_ends_at_its_moment_and_not_before() {
        let mut grants = Grants::messenger();
        grants.put(Grant {
            scope: Scope::Broadcast,
            ends_at: Some(at(600)),
            once: false,
        });
        assert!(grants.in_force(Scope::Broadcast, at(599)).is_some());
        assert!(grants.in_force(Scope::Broadcast, at(600)).is_none());
        assert_eq!(grants.next_end(), Some(at(600)));
        assert_eq!(grants.without_ended(at(600)), Grants::messenger());
        assert!(
            grants
                .in_force(Scope::Send, at(i64::MAX / 2_000_000))
                .is_some()
        );
    }

    #[test]
    fn a_scope_is_held_once_and_in_one_order() {
        let mut grants = Grants::lasting([Scope::Peers, Scope::Send, Scope::Peers]);
        let order: Vec<Scope> = grants.iter().map(|grant| grant.scope).collect();
        assert_eq!(order, [Scope::Send, Scope::Peers]);
        assert!(grants.take(Scope::Send));
        assert!(!grants.take(Scope::Send));
    }

    #[test]
    fn presets_are_what_they_are_called() {
        let of = |grants: Grants| grants.scopes(at(0)).collect::<Vec<_>>();
        assert_eq!(
            of(Grants::messenger()),
            [Scope::Send, Scope::Inbox, Scope::Peers]
        );
        assert_eq!(of(Grants::full()), Scope::ALL);
        let member = of(Grants::member());
        assert_eq!(member.len(), 6);
        assert!(!member.contains(&Scope::Broadcast) && !member.contains(&Scope::Deliberate));
    }
}
