//! Tenants, their tiers and their tokens.

use husting_domain::ids::TenantId;
use husting_domain::tenants::Tier;
use husting_domain::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A tenant, as its own token may read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
pub struct TenantRecord {
    /// Its id.
    pub id: TenantId,
    /// What it may do.
    pub tier: Tier,
    /// Whether it may mint agents.
    pub qnft_minting: bool,
    /// Most custom agents that are not revoked; `null` for any number.
    pub agent_limit: Option<u32>,
    /// How many there are.
    pub agents: u32,
}

/// A tenant, as the operator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TenantView {
    /// The same as its own token reads.
    #[serde(flatten)]
    pub record: TenantRecord,
    /// The last eight characters of its token.
    pub token_tail: Option<String>,
    /// When that was made.
    pub token_created_at: Option<Timestamp>,
    /// When it was set up.
    pub created_at: Timestamp,
}

/// All tenants, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TenantList {
    /// The tenants.
    pub tenants: Vec<TenantView>,
}

/// Sets up a tenant, or changes its tier. A lower one takes nothing away; it refuses new mints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PutTenant {
    /// 1 to 64 letters, digits, dots, underscores and hyphens.
    pub tenant_id: String,
    /// What it may do.
    pub tier: Tier,
}

/// Names one tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct TenantRef {
    /// Which.
    pub tenant_id: TenantId,
}

/// A tenant's new token; the one before it opens nothing any more.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CreatedTenantToken {
    /// `hst_t_…`; shown once.
    pub raw_token: String,
    /// The tenant.
    pub tenant: TenantView,
}

// A derived one would print the token.
impl std::fmt::Debug for CreatedTenantToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CreatedTenantToken")
            .field("tenant", &self.tenant)
            .finish_non_exhaustive()
    }
}
