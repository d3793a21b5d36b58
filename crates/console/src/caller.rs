//! Who asks. Checked once, where a request enters the console.

use std::sync::Arc;

use husting_domain::ids::{KeyId, TenantId};
use husting_domain::keys::Principal;
use husting_domain::sessions::SessionSource;
use tokio_util::sync::CancellationToken;

use crate::agents::AgentHolder;

/// Which of the operator's doors a request came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Door {
    /// The native window.
    Window,
    /// The console in a browser.
    Browser,
    /// The command line.
    Cli,
    /// The operator's own bridge, for people in Discord.
    Discord,
}

/// Which door of the public contract a request came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContractDoor {
    /// The REST API.
    Rest,
    /// The MCP server.
    Mcp,
}

/// Who asks, with what may be asked.
#[derive(Clone, Debug)]
pub enum Caller {
    /// The human at this machine. May do everything, in the tenant `local`.
    Operator {
        /// How they came in.
        door: Door,
    },
    /// Whoever holds a key to the contract: all sessions of its tenant, and nothing else.
    Key(KeyHolder),
    /// An agent that was let in to deliberate: the sessions that it opened, and nothing else.
    Agent(Deliberator),
}

/// An agent's one call of a tool for deliberations.
#[derive(Clone, Debug)]
pub struct Deliberator {
    /// Who calls.
    pub holder: AgentHolder,
    /// Which tool.
    pub tool: &'static str,
    /// Its scope was given for one call, and this is the one.
    pub(crate) is_paid: bool,
}

/// A live key, as it was looked up.
#[derive(Clone, Debug)]
pub struct KeyHolder {
    /// Which key.
    pub key: KeyId,
    /// Whose.
    pub tenant: TenantId,
    /// What it is called.
    pub name: Arc<str>,
    /// Most rounds of one UTC day where it has a limit of its own.
    pub daily_rounds: Option<u32>,
    /// How they came in.
    pub door: ContractDoor,
    /// Cancelled when the key is revoked: what it holds open ends.
    pub revoked: CancellationToken,
}

impl Caller {
    /// The tenant whose rows this caller sees.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        match self {
            Self::Operator { .. } => TenantId::local(),
            Self::Key(holder) => holder.tenant.clone(),
            Self::Agent(agent) => agent.holder.tenant.clone(),
        }
    }

    /// Who this is in the store.
    #[must_use]
    pub const fn principal(&self) -> Principal {
        match self {
            Self::Operator { .. } => Principal::Operator,
            Self::Key(holder) => Principal::Key(holder.key),
            Self::Agent(agent) => Principal::Agent(agent.holder.agent),
        }
    }

    /// Who must have opened what this caller sees; nobody in particular where all of a tenant is seen.
    #[must_use]
    pub const fn sees_own_alone(&self) -> Option<Principal> {
        match self {
            Self::Operator { .. } | Self::Key(_) => None,
            Self::Agent(_) => Some(self.principal()),
        }
    }

    /// Cancelled when whoever asks may not any more; never for the operator.
    #[must_use]
    pub fn ended(&self) -> CancellationToken {
        match self {
            Self::Operator { .. } => CancellationToken::new(),
            Self::Key(holder) => holder.revoked.clone(),
            Self::Agent(agent) => agent.holder.ended.clone(),
        }
    }

    /// What a session opened by this caller is tagged with.
    #[must_use]
    pub const fn source(&self) -> SessionSource {
        match self {
            Self::Operator {
                door: Door::Window | Door::Browser,
            } => SessionSource::Console,
            Self::Operator { door: Door::Cli } => SessionSource::Cli,
            Self::Operator {
                door: Door::Discord,
            } => SessionSource::Discord,
            Self::Key(KeyHolder {
                door: ContractDoor::Rest,
                ..
            }) => SessionSource::Rest,
            Self::Key(KeyHolder {
                door: ContractDoor::Mcp,
                ..
            })
            | Self::Agent(_) => SessionSource::Mcp,
        }
    }
}
