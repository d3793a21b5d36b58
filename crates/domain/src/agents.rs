//! Agents: who they are, what they are called, where they stand.

use serde::{Deserialize, Serialize};

use crate::addressees::Addressee;
use crate::ids::{AgentId, DenialId, SessionId, TokenId};
use crate::scopes::{Grants, Scope};
use crate::time::Timestamp;

/// What every agent's token begins with.
pub const AGENT_PREFIX: &str = "hst_a_";
/// What every tenant's token begins with.
pub const TENANT_PREFIX: &str = "hst_t_";
/// Most characters of a charter.
pub const MOST_CHARTER: usize = 16_384;
/// Most characters of an agent's `model`.
pub const MOST_MODEL: usize = 128;
/// The agents that Husting runs itself.
pub const MANAGED: [&str; 3] = ["kasra", "athena", "calliope"];
/// The name of the bridge's agent.
pub const CONNECTOR: &str = "discord-connector";
/// Names that nobody mints: of agents and parts of Husting, and under which the operator is shown.
pub const RESERVED: [&str; 8] = [
    "kasra", "athena", "calliope", CONNECTOR, "operator", "you", "husting", "system",
];

/// What an agent or a squad is called: `^[a-z][a-z0-9-]{0,62}$`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(with = "String")
)]
pub struct Name(Box<str>);

/// Text that names nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 63 of a-z, 0-9 and hyphens, and begins with a letter")]
pub struct BadName;

impl Name {
    /// Reads a name.
    ///
    /// # Errors
    /// [`BadName`] with the rule.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let fits = (1..=63).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_lowercase())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(BadName)
        }
    }

    /// As written.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        &self.0
    }

    /// The bridge's own.
    #[must_use]
    pub fn connector() -> Self {
        Self(CONNECTOR.into())
    }

    /// Who answers in Discord where nobody else was named: the first agent that Husting runs.
    #[must_use]
    pub fn first_managed() -> Self {
        Self("kasra".into())
    }

    /// Whether it is kept for Husting's own.
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        RESERVED.contains(&self.as_str())
    }

    /// Whether it is one of the agents that Husting runs itself.
    #[must_use]
    pub fn is_managed(&self) -> bool {
        MANAGED.contains(&self.as_str())
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0.into()
    }
}

impl TryFrom<String> for Name {
    type Error = BadName;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

/// Who runs an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum AgentKind {
    /// Somebody with their own client.
    Custom,
    /// Husting, on a seat.
    Managed,
    /// The bridge to Discord.
    Connector,
}

/// Where an agent stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum AgentStatus {
    /// May call.
    Active,
    /// Switched off until it is switched on again.
    Suspended,
    /// Gone for good.
    Revoked,
    /// A managed agent that is not run.
    Inactive,
}

/// An agent as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// Its id; its mailbox has the same.
    pub id: AgentId,
    /// Unique among those of its tenant that are not revoked.
    pub name: Name,
    /// Who runs it.
    pub kind: AgentKind,
    /// What it says it runs on; of a managed agent the seat.
    pub model: Option<String>,
    /// What it is there for.
    pub charter: Option<String>,
    /// Where it stands.
    pub status: AgentStatus,
    /// What it may do.
    pub grants: Grants,
    /// Raised by each change that takes something away or gives it: what was admitted under an older
    /// one is admitted anew.
    pub epoch: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
    /// When it last called, to the minute.
    pub last_call_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// What its end came to.
    pub receipt: Option<KillReceipt>,
}

impl Agent {
    /// Whether its calls are taken at `now`.
    #[must_use]
    pub fn may_call(&self, now: Timestamp) -> bool {
        self.status == AgentStatus::Active && !self.has_expired(now)
    }

    /// Whether its time is over.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|expires_at| expires_at <= now)
    }
}

/// A token as stored: never the token itself. An agent has one, and a second while a rotation overlaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentToken {
    /// Its id.
    pub id: TokenId,
    /// Whose.
    pub agent: AgentId,
    /// SHA-256 of the token.
    pub hash: [u8; 32],
    /// Its last eight characters.
    pub tail: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself: the end of a rotation's overlap.
    pub ends_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

impl AgentToken {
    /// Whether it opens anything at `now`.
    #[must_use]
    pub fn opens(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && self.ends_at.is_none_or(|ends_at| now < ends_at)
    }
}

/// What a revocation came to. Counted, never assumed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KillReceipt {
    /// The last request that was taken in, as the log has it.
    pub last_accepted: Option<AcceptedRequest>,
    /// When the revocation was on disk.
    pub revoked_at: Timestamp,
    /// The revocation's own place in the log; `null` in receipts that an older Husting wrote.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub row: Option<u64>,
    /// The last characters of each token that it ended, as the revocation's row has them. Empty where it had none, and in
    /// receipts of an older Husting.
    #[serde(default)]
    pub token_tails: Vec<String>,
    /// Requests taken in after that, counted in the log.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub accepted_since: u64,
    /// Streams that were closed.
    pub streams_closed: u32,
    /// Waits that were ended.
    pub waits_cancelled: u32,
    /// Microseconds from `revoked_at` until the last of those streams and waits had left; `null` where there were none, where
    /// one had not left yet, and in receipts of an older Husting.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub left_after_micros: Option<u64>,
    /// Whether a process that Husting had started was ended; `null` where there was none.
    pub process_ended: Option<bool>,
    /// Microseconds from `revoked_at` until that process had ended; `null` where none did, and in receipts of an older
    /// Husting.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub process_after_micros: Option<u64>,
    /// Messages that it had not read, or had and did not acknowledge: they rest with nobody to read them.
    pub messages_parked: u32,
    /// Sessions that it opened and whose rounds were at work: they go on to their ends, and are paid. Empty in receipts of an
    /// older Husting.
    #[serde(default)]
    pub sessions_at_work: Vec<SessionId>,
}

/// A request as the log names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AcceptedRequest {
    /// The tool.
    pub tool: String,
    /// When it was on disk.
    pub at: Timestamp,
    /// Its place in the log.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub row: u64,
}

/// What the operator made of a denial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Decision {
    /// One call within ten minutes.
    Once,
    /// All calls for ten minutes.
    TenMinutes,
    /// From now on.
    Always,
    /// Nothing.
    Refuse,
}

/// A call that lacked its scope: a question to the operator. Calls for the same scope of the same
/// agent are one question until it is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// Its id.
    pub id: DenialId,
    /// Who called.
    pub agent: AgentId,
    /// What was missing.
    pub scope: Scope,
    /// The tool that was called last.
    pub tool: String,
    /// Whom that call was for, where it named somebody.
    pub to: Option<Addressee>,
    /// How many calls.
    pub calls: u32,
    /// The first.
    pub first_at: Timestamp,
    /// The last.
    pub last_at: Timestamp,
    /// What the operator said, and when.
    pub decided: Option<(Decision, Timestamp)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_to_their_rule() {
        let longest = format!("a{}", "b".repeat(62));
        for good in ["a", "bruno-voice", "x9", "a--b", longest.as_str()] {
            assert_eq!(Name::parse(good).unwrap().as_str(), good);
        }
        let too_long = format!("{longest}c");
        for bad in [
            "",
            "9a",
            "-a",
            "Bruno",
            "a_b",
            "a b",
            "ä",
            "a\n",
            too_long.as_str(),
        ] {
            assert_eq!(Name::parse(bad), Err(BadName), "{bad:?}");
        }
    }

    #[test]
    fn nobody_mints_a_name_of_the_house() {
        for name in [
            "kasra",
            "athena",
            "calliope",
            "discord-connector",
            "operator",
            "you",
            "husting",
            "system",
        ] {
            assert!(Name::parse(name).unwrap().is_reserved(), "{name}");
        }
        assert!(!Name::parse("kasra-two").unwrap().is_reserved());
    }
}
