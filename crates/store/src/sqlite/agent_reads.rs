//! The reads of tenants and agents, each at its table.

use async_trait::async_trait;
use husting_domain::agents::{Agent, AgentToken, Denial};
use husting_domain::ids::{AgentId, TenantId};
use husting_domain::tenants::Tenant;

use super::{SqliteStore, agent_tokens, agents, denials, mints, tenants};
use crate::agents::{AgentReads, MintReplay};
use crate::errors::StoreError;
use crate::views::Tenanted;

#[async_trait]
impl AgentReads for SqliteStore {
    async fn all_tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        tenants::all(&self.connections.readers).await
    }

    async fn all_agents(&self) -> Result<Vec<Tenanted<Agent>>, StoreError> {
        agents::all(&self.connections.readers).await
    }

    async fn all_agent_tokens(&self) -> Result<Vec<Tenanted<AgentToken>>, StoreError> {
        agent_tokens::all(&self.connections.readers).await
    }

    async fn agent(&self, tenant: &TenantId, id: AgentId) -> Result<Option<Agent>, StoreError> {
        agents::by_id(&self.connections.readers, tenant, id).await
    }

    async fn mint(&self, tenant: &TenantId, key: &str) -> Result<Option<MintReplay>, StoreError> {
        mints::by_key(&self.connections.readers, tenant, key).await
    }

    async fn denials(
        &self,
        tenant: &TenantId,
        agent: Option<AgentId>,
        open: bool,
        limit: u32,
    ) -> Result<Vec<Denial>, StoreError> {
        denials::list(&self.connections.readers, tenant, agent, open, limit).await
    }
}
