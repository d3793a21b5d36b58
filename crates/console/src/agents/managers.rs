//! Who mints and manages: the operator, and whoever holds a tenant's token.

use husting_domain::agents::TENANT_PREFIX;
use husting_domain::ids::{AgentId, TenantId};
use husting_store::{AgentRequire, Require, Unit};
use husting_wire::errors::{Error, ErrorCode};

use super::holder::refused;
use crate::{Console, Inner};

/// Whoever mints and manages agents.
#[derive(Clone, Debug)]
pub enum Manager {
    /// The human at this machine, in a tenant: `local` is their own.
    Operator(TenantId),
    /// Whoever holds a tenant's token, in that tenant.
    Tenant(TenantHolder),
    /// Husting itself, where something ends by the clock.
    Husting(TenantId),
}

/// A tenant's token, as it was looked up.
#[derive(Clone, Debug)]
pub struct TenantHolder {
    /// Which tenant.
    pub tenant: TenantId,
    /// SHA-256 of the token: what is done under it is refused once there is a newer one.
    hash: [u8; 32],
}

impl Manager {
    /// Whose agents they manage.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        match self {
            Self::Tenant(holder) => holder.tenant.clone(),
            Self::Operator(tenant) | Self::Husting(tenant) => tenant.clone(),
        }
    }

    /// As the audit log names them.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Operator(_) => "operator",
            Self::Tenant(_) => "tenant",
            Self::Husting(_) => "husting",
        }
    }

    /// An empty unit that is kept only while they may manage.
    pub(super) fn unit(&self) -> Unit {
        let unit = Unit::of(self.tenant());
        match self {
            Self::Operator(_) | Self::Husting(_) => unit,
            Self::Tenant(holder) => {
                unit.require(Require::Agent(AgentRequire::TenantToken(holder.hash)))
            }
        }
    }
}

impl Inner {
    /// The operator as who manages this agent, whosever it is.
    pub(crate) fn operator_of(&self, agent: AgentId) -> Manager {
        let standing = self.agents.standing(agent);
        Manager::Operator(standing.map_or_else(TenantId::local, |standing| standing.tenant))
    }
}

impl Console {
    /// Whoever holds this tenant's token, for the routes of `tenant`.
    ///
    /// # Errors
    /// `invalid_scope` for a token of another kind, `invalid_token` for one that opens nothing,
    /// `tenant_id_mismatch` on the routes of another tenant.
    pub fn tenant_holder(&self, token: &str, tenant: &str) -> Result<Manager, Error> {
        if !token.starts_with(TENANT_PREFIX) {
            let is_ours = token.starts_with("hst_") || token.starts_with("mmo_live_");
            if is_ours {
                return Err(Error::new(
                    ErrorCode::InvalidScope,
                    "Agents are minted and managed with a tenant's token, hst_t_…. `husting tenant token` makes one.",
                ));
            }
        }
        let hash = husting_tokens::hash(token);
        let Some(theirs) = self.0.agents.tenant_by_token(&hash) else {
            return Err(refused(
                "This token is no tenant's. `husting tenant token` makes a new one.",
            ));
        };
        if theirs.as_str() != tenant {
            return Err(Error::new(
                ErrorCode::TenantIdMismatch,
                format!("This token is of the tenant {theirs}, and this route of another."),
            ));
        }
        Ok(Manager::Tenant(TenantHolder {
            tenant: theirs,
            hash,
        }))
    }
}
