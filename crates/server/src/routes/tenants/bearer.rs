//! Whoever holds a tenant's token, on a path of that tenant.

use std::collections::HashMap;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use husting_console::Manager;
use husting_domain::ids::AgentId;
use husting_wire::errors::{Error, ErrorCode};

use super::super::Shared;
use super::super::credentials::{bearer, refuse_in_address};
use crate::limits::Counted;
use crate::refusal::Barred;

/// A tenant's token that has not used up its calls. Anybody else is refused with 401, 403 or 429.
pub(super) struct TenantBearer(pub Manager);

/// The same, and an agent that the path names.
pub(super) struct AtAgent {
    pub manager: Manager,
    pub agent: AgentId,
}

impl FromRequestParts<Shared> for TenantBearer {
    type Rejection = Barred;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Barred> {
        let named = named(parts, shared).await;
        let tenant = named.get("tenant_id").map_or("", String::as_str);
        Ok(Self(admitted(parts, shared, tenant)?))
    }
}

impl FromRequestParts<Shared> for AtAgent {
    type Rejection = Barred;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Barred> {
        let TenantBearer(manager) = TenantBearer::from_request_parts(parts, shared).await?;
        let named = named(parts, shared).await;
        let agent = named.get("agent_id").and_then(|id| id.parse().ok());
        let agent = agent.ok_or_else(|| {
            Error::new(
                ErrorCode::AgentNotFound,
                "There is no agent by that id here.",
            )
        })?;
        Ok(Self { manager, agent })
    }
}

fn admitted(parts: &Parts, shared: &Shared, tenant: &str) -> Result<Manager, Error> {
    refuse_in_address(parts)?;
    let token = bearer(&parts.headers).ok_or_else(|| {
        Error::new(
            ErrorCode::Unauthorized,
            "Send the tenant's token as `Authorization: Bearer hst_t_…`. `husting tenant token` makes one.",
        )
    })?;
    let manager = shared.agents.tenant_holder(token, tenant)?;
    let counted = Counted::Tenant(manager.tenant());
    shared.limits.call(&counted, shared.contract.allowance())?;
    Ok(manager)
}

/// What the path names; nothing where it is not even text.
async fn named(parts: &mut Parts, shared: &Shared) -> HashMap<String, String> {
    let path = Path::from_request_parts(parts, shared).await;
    path.map(|Path(named)| named).unwrap_or_default()
}
