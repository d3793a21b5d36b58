//! Tenants: set up by the operator, with a tier and a token.

use std::sync::Arc;

use husting_domain::agents::TENANT_PREFIX;
use husting_domain::audit::{Action, Entry};
use husting_domain::ids::TenantId;
use husting_domain::tenants::{Tenant, TenantToken};
use husting_store::{AgentWrite, Unit, Write};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::tenants::{CreatedTenantToken, PutTenant, TenantList};
use secrecy::ExposeSecret;
use serde_json::json;

use super::listing::invalid_body;
use crate::Inner;
use crate::errors::Outward;

impl Inner {
    /// All tenants that were set up.
    pub(crate) fn tenant_list(&self) -> TenantList {
        let tenants = self.agents.tenants();
        TenantList {
            tenants: tenants
                .iter()
                .map(|tenant| self.tenant_view(tenant))
                .collect(),
        }
    }

    /// Sets up a tenant or changes its tier.
    pub(crate) async fn put_tenant(
        self: &Arc<Self>,
        asked: PutTenant,
    ) -> Result<TenantList, Error> {
        let id = TenantId::parse(&asked.tenant_id).ok_or_else(|| {
            invalid_body(
                "tenant_id",
                "1 to 64 letters, digits, dots, underscores and hyphens",
            )
        })?;
        let turn = self.agents_turn.lock().await;
        let before = self.agents.tenant(&id);
        let tenant = Tenant {
            tier: asked.tier,
            token: before.as_ref().and_then(|tenant| tenant.token.clone()),
            created_at: before.map_or_else(|| self.now(), |tenant| tenant.created_at),
            id,
        };
        self.keep_tenant(tenant, json!({ "tier": asked.tier }))
            .await?;
        drop(turn);
        Ok(self.tenant_list())
    }

    /// Makes a tenant's token; the one before it opens nothing any more.
    pub(crate) async fn tenant_token(
        self: &Arc<Self>,
        id: &TenantId,
    ) -> Result<CreatedTenantToken, Error> {
        let turn = self.agents_turn.lock().await;
        let before = self.agents.tenant(id).ok_or_else(|| {
            Error::new(
                ErrorCode::NotFound,
                format!("There is no tenant {id}. `husting tenant create` makes one."),
            )
        })?;
        let raw = husting_tokens::token(TENANT_PREFIX)
            .map_err(|fault| Error::new(ErrorCode::Internal, fault.to_string()))?;
        let raw = raw.expose_secret();
        let token = TenantToken {
            hash: husting_tokens::hash(raw),
            tail: husting_tokens::tail(raw).to_owned(),
            created_at: self.now(),
        };
        let detail = json!({ "tail": token.tail });
        let tenant = Tenant {
            token: Some(token),
            ..before
        };
        self.keep_tenant(tenant.clone(), detail).await?;
        drop(turn);
        Ok(CreatedTenantToken {
            raw_token: raw.to_owned(),
            tenant: self.tenant_view(&tenant),
        })
    }

    async fn keep_tenant(&self, tenant: Tenant, detail: serde_json::Value) -> Result<(), Error> {
        let unit = Unit::of(tenant.id.clone())
            .write(Write::Agent(AgentWrite::PutTenant(tenant.clone())))
            .write(Write::Audit(Entry {
                at: self.now(),
                action: Action::Tenant,
                actor: "operator".to_owned(),
                agent: None,
                subject: None,
                body: None,
                detail: detail.to_string(),
            }));
        self.store.commit(unit).await.outward()?;
        self.agents.put_tenant(tenant);
        Ok(())
    }
}
