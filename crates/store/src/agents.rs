//! What can be written and read of tenants, agents, their tokens and what was denied them.

use async_trait::async_trait;
use husting_domain::agents::{Agent, AgentToken, Decision, Denial};
use husting_domain::ids::{AgentId, DenialId, TenantId, TokenId};
use husting_domain::tenants::Tenant;
use husting_domain::time::Timestamp;

use crate::errors::StoreError;
use crate::views::Tenanted;

/// What must hold of tenants and agents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgentRequire {
    /// The agent may act: it is active, and nothing was given to it or taken from it since this epoch.
    Standing(AgentId, u64),
    /// The agent is as it was read: whatever its status, at this epoch.
    Epoch(AgentId, u64),
    /// The agent is active: mail for it is read by somebody.
    Receives(AgentId),
    /// The unit's tenant has this token.
    TenantToken([u8; 32]),
    /// The unit's tenant has fewer custom agents that are not revoked.
    FewerAgents(u32),
    /// Nothing was minted under this idempotency key.
    NoMint(String),
}

/// One write about tenants or agents.
#[derive(Clone, Debug, PartialEq)]
pub enum AgentWrite {
    /// Sets up or changes a tenant: tier and token. Its id must be the unit's.
    PutTenant(Tenant),
    /// Makes an agent with its mailbox; refused where one that is not revoked has its name.
    Insert(Agent),
    /// Changes an agent to this; its name, kind and creation stay.
    Set(Agent),
    /// Keeps a new token of an agent.
    InsertToken(AgentToken),
    /// A token ends at that moment, unless it ends sooner.
    EndTokenAt {
        /// Which.
        token: TokenId,
        /// When.
        at: Timestamp,
    },
    /// Ends the tokens of an agent that have not ended; none is fine.
    EndTokens {
        /// Whose.
        agent: AgentId,
        /// When.
        at: Timestamp,
    },
    /// The agent called.
    Called {
        /// Which.
        agent: AgentId,
        /// When.
        at: Timestamp,
    },
    /// What was minted under an idempotency key, for as long as acknowledgements are kept.
    PutMint(MintReplay),
    /// Asks the operator for a scope; where the same is asked already, it is counted there, and the
    /// id given here is not used.
    Deny(Denial),
    /// The operator answered; refused where that was done.
    Decide {
        /// Which.
        denial: DenialId,
        /// What.
        decision: Decision,
        /// When.
        at: Timestamp,
    },
}

/// What was minted under an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MintReplay {
    /// The caller's own.
    pub key: String,
    /// SHA-256 of the request.
    pub fingerprint: [u8; 32],
    /// What it made.
    pub agent: AgentId,
    /// When.
    pub at: Timestamp,
}

/// What is read of tenants and agents. Every read fails with [`StoreError`] when the engine cannot
/// answer; absence is `None` or empty.
#[async_trait]
pub trait AgentReads: Send + Sync + 'static {
    /// All tenants that were set up, by id. `local` always is.
    async fn all_tenants(&self) -> Result<Vec<Tenant>, StoreError>;

    /// Agents of all tenants, revoked ones too, in the order they were made.
    async fn all_agents(&self) -> Result<Vec<Tenanted<Agent>>, StoreError>;

    /// Tokens of all tenants, ended ones too, in the order they were made.
    async fn all_agent_tokens(&self) -> Result<Vec<Tenanted<AgentToken>>, StoreError>;

    /// One agent.
    async fn agent(&self, tenant: &TenantId, id: AgentId) -> Result<Option<Agent>, StoreError>;

    /// What was minted under this key.
    async fn mint(&self, tenant: &TenantId, key: &str) -> Result<Option<MintReplay>, StoreError>;

    /// Denials, the newest last call first; those of one agent, or of all; those still open, or all.
    async fn denials(
        &self,
        tenant: &TenantId,
        agent: Option<AgentId>,
        open: bool,
        limit: u32,
    ) -> Result<Vec<Denial>, StoreError>;
}
