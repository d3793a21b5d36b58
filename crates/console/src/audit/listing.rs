//! A page of the log.

use husting_domain::audit::Row;
use husting_domain::ids::TenantId;
use husting_store::AuditFilter;
use husting_wire::audit::{AuditPage, AuditRow, ListAudit};
use husting_wire::errors::Error;

use super::hex;
use crate::Inner;
use crate::errors::Outward;

/// Rows of a page where nobody says.
const PAGE: u32 = 100;
/// Most rows of a page.
const MOST: u32 = 500;

impl Inner {
    /// Rows, the newest first.
    pub(crate) async fn audit_page(
        &self,
        tenant: &TenantId,
        asked: ListAudit,
    ) -> Result<AuditPage, Error> {
        let limit = asked.limit.unwrap_or(PAGE);
        if !(1..=MOST).contains(&limit) {
            return Err(Error::invalid(format!("`limit` is from 1 to {MOST}.")));
        }
        let filter = AuditFilter {
            agent: asked.agent_id,
            actions: asked.actions,
            before: asked.before,
            // One more tells whether there are more.
            limit: limit + 1,
        };
        let mut rows = self.store.audit_rows(tenant, &filter).await.outward()?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        Ok(AuditPage {
            rows: rows.into_iter().map(|row| self.shown_row(row)).collect(),
            more,
            sealing: self.sealing().await,
        })
    }

    fn shown_row(&self, row: Row) -> AuditRow {
        let entry = row.entry;
        let agent = entry.agent.and_then(|id| self.agents.standing(id));
        AuditRow {
            row: row.number,
            at: entry.at,
            action: entry.action,
            actor: entry.actor,
            agent_id: entry.agent,
            agent_name: agent.map(|standing| standing.agent.name.to_string()),
            subject: entry.subject.map(|id| id.to_string()),
            body: entry.body.map(|hash| hex::written(&hash)),
            detail: entry.detail,
        }
    }
}
