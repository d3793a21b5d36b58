//! The reads of the audit log.

use async_trait::async_trait;
use husting_domain::audit::{Head, Link, Row, Seal};
use husting_domain::ids::{AgentId, TenantId};

use super::{SqliteStore, audit};
use crate::audit::{AuditFilter, AuditReads};
use crate::errors::StoreError;

#[async_trait]
impl AuditReads for SqliteStore {
    async fn audit_head(&self, tenant: &TenantId) -> Result<Head, StoreError> {
        audit::head(&self.connections.readers, tenant).await
    }

    async fn audit_rows(
        &self,
        tenant: &TenantId,
        filter: &AuditFilter,
    ) -> Result<Vec<Row>, StoreError> {
        audit::rows(&self.connections.readers, tenant, filter).await
    }

    async fn audit_links(
        &self,
        tenant: &TenantId,
        from: u64,
        limit: u32,
    ) -> Result<Vec<(Link, Vec<Row>)>, StoreError> {
        audit::links(&self.connections.readers, tenant, from, limit).await
    }

    async fn audit_seals(&self, tenant: &TenantId) -> Result<Vec<Seal>, StoreError> {
        audit::seals(&self.connections.readers, tenant).await
    }

    async fn calls_after(
        &self,
        tenant: &TenantId,
        agent: AgentId,
        row: u64,
    ) -> Result<(Option<Row>, u64), StoreError> {
        audit::calls_after(&self.connections.readers, tenant, agent, row).await
    }
}
