//! What is read of the audit log. Rows are written as entries of a unit; their places and links are
//! given at the commit.

use async_trait::async_trait;
use husting_domain::audit::{Action, Head, Link, Row, Seal};
use husting_domain::ids::{AgentId, TenantId};

use crate::errors::StoreError;

/// A row as lists show it. A chain is called like its tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Of this agent.
    pub agent: Option<AgentId>,
    /// Of these kinds; empty for any.
    pub actions: Vec<Action>,
    /// Only rows below this number.
    pub before: Option<u64>,
    /// Most rows.
    pub limit: u32,
}

/// What is read of the audit log. Every read fails with [`StoreError`] when the engine cannot answer.
#[async_trait]
pub trait AuditReads: Send + Sync + 'static {
    /// Where a tenant's chain ends.
    async fn audit_head(&self, tenant: &TenantId) -> Result<Head, StoreError>;

    /// Rows, newest first.
    async fn audit_rows(
        &self,
        tenant: &TenantId,
        filter: &AuditFilter,
    ) -> Result<Vec<Row>, StoreError>;

    /// Links from a number on, in order, each with its rows; at most `limit` links.
    async fn audit_links(
        &self,
        tenant: &TenantId,
        from: u64,
        limit: u32,
    ) -> Result<Vec<(Link, Vec<Row>)>, StoreError>;

    /// Seals, oldest first: one a day and the newest.
    async fn audit_seals(&self, tenant: &TenantId) -> Result<Vec<Seal>, StoreError>;

    /// The newest row in which the agent called something, and how many such rows stand behind `row`.
    async fn calls_after(
        &self,
        tenant: &TenantId,
        agent: AgentId,
        row: u64,
    ) -> Result<(Option<Row>, u64), StoreError>;
}
