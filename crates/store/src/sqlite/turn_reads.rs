//! The reads of turns.

use async_trait::async_trait;
use husting_domain::ids::{AgentId, TenantId};
use husting_domain::time::Timestamp;
use husting_domain::turns::Turn;

use super::{SqliteStore, turns};
use crate::errors::StoreError;
use crate::turns::{TurnReads, TurnsSince};
use crate::views::Tenanted;

#[async_trait]
impl TurnReads for SqliteStore {
    async fn unfinished_turns(&self) -> Result<Vec<Tenanted<Turn>>, StoreError> {
        turns::unfinished(&self.connections.readers).await
    }

    async fn turns_since(
        &self,
        tenant: &TenantId,
        agent: AgentId,
        since: Timestamp,
    ) -> Result<TurnsSince, StoreError> {
        turns::since(&self.connections.readers, tenant, agent, since).await
    }

    async fn turns(
        &self,
        tenant: &TenantId,
        agent: AgentId,
        limit: u32,
    ) -> Result<Vec<Turn>, StoreError> {
        turns::of_agent(&self.connections.readers, tenant, agent, limit).await
    }
}
