//! Keys to the deliberation contract.

use husting_domain::ids::{KeyId, TenantId};
use husting_domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A key as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct KeyView {
    /// Its id.
    pub key_id: KeyId,
    /// Whose sessions it opens and whose wallet it spends from.
    pub tenant_id: TenantId,
    /// For people.
    pub name: String,
    /// Its last eight characters.
    pub tail: String,
    /// Most rounds of one UTC day where it has a limit of its own; 0 for no limit.
    pub daily_rounds: Option<u32>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last opened the door, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// All keys, live ones first, then by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct KeyList {
    /// The keys.
    pub keys: Vec<KeyView>,
}

/// Makes a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct CreateKey {
    /// 1–60 characters; unique among the live keys of its tenant.
    pub name: String,
    /// Most rounds of one UTC day; the setting when left out.
    #[serde(default)]
    #[ts(optional)]
    pub daily_rounds: Option<u32>,
    /// Whose; the operator's own when left out.
    #[serde(default)]
    #[ts(optional)]
    pub tenant_id: Option<String>,
}

/// A new key. The only answer that ever holds one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CreatedKey {
    /// `mmo_live_…`; shown once.
    pub raw_key: String,
    /// As lists show it.
    pub key: KeyView,
    /// Where it opens the door: `http://127.0.0.1:6070/api/mcp`, when a listener is up.
    pub mcp_url: Option<String>,
}

// A derived one would print the key.
impl std::fmt::Debug for CreatedKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CreatedKey")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// Names one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct KeyRef {
    /// Which.
    pub key_id: KeyId,
}
