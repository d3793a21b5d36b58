//! What the routes of tenants need of the program behind them.

use async_trait::async_trait;
use husting_console::{Console, Manager};
use husting_domain::clients::Client;
use husting_domain::ids::AgentId;
use husting_wire::agents::{
    ActivateAgent, AgentList, ChangeAgent, ListAgents, MintAgent, MintedAgent, OneAgent,
    RevokedAgent,
};
use husting_wire::errors::Error;
use husting_wire::tenants::TenantRecord;
use husting_wire::wiring::{WiringTransport, WiringView};

/// Each use case once: as the trait has it, and as the console is asked for it.
macro_rules! agents {
    ($($(#[$doc:meta])* $name:ident by $case:ident($($given:ident: $kind:ty),*) -> $answer:ty;)+) => {
        /// Minting and managing agents with a tenant's token.
        ///
        /// A trait, so that how requests are read and answers written is tested without a store.
        #[async_trait]
        #[allow(
            clippy::missing_errors_doc,
            reason = "they are the use cases' own"
        )]
        pub trait Agents: Send + Sync + 'static {
            /// Whoever holds this token, for the routes of `tenant`.
            fn tenant_holder(&self, token: &str, tenant: &str) -> Result<Manager, Error>;
            /// The tenant's tier and how much of it is used.
            fn tenant(&self, manager: &Manager) -> TenantRecord;

            $($(#[$doc])*
            async fn $name(&self, manager: &Manager, $($given: $kind),*) -> Result<$answer, Error>;)+
        }

        #[async_trait]
        impl Agents for Console {
            fn tenant_holder(&self, token: &str, tenant: &str) -> Result<Manager, Error> {
                Self::tenant_holder(self, token, tenant)
            }

            fn tenant(&self, manager: &Manager) -> TenantRecord {
                Self::tenant(self, manager)
            }

            $(async fn $name(&self, manager: &Manager, $($given: $kind),*) -> Result<$answer, Error> {
                Self::$case(self, manager, $($given),*).await
            })+
        }
    };
}

agents! {
    /// Mints an agent; with a key, once.
    mint by mint(asked: MintAgent, key: Option<String>) -> MintedAgent;
    /// Switches on an agent that Husting runs.
    activate by activate_agent(asked: ActivateAgent) -> OneAgent;
    /// A page of agents.
    list by agents(asked: ListAgents) -> AgentList;
    /// One agent.
    read by agent(agent: AgentId) -> OneAgent;
    /// Changes an agent; in force on its next call.
    change by change_agent(agent: AgentId, change: ChangeAgent) -> OneAgent;
    /// Suspends an agent.
    disable by disable_agent(agent: AgentId) -> OneAgent;
    /// Takes a suspension back.
    enable by enable_agent(agent: AgentId) -> OneAgent;
    /// Gives an agent a new token.
    rotate by rotate_agent(agent: AgentId, overlap_seconds: u32) -> MintedAgent;
    /// What a client's file says, without the token.
    wiring by agent_wiring(agent: AgentId, client: Client, transport: WiringTransport) -> WiringView;
    /// Ends an agent for good.
    revoke by revoke_agent(agent: AgentId) -> RevokedAgent;
}
