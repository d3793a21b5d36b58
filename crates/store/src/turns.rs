//! What can be written and read of the turns of agents that Husting runs.

use async_trait::async_trait;
use husting_domain::ids::{AgentId, CallId, TenantId};
use husting_domain::money::MicroUsd;
use husting_domain::time::Timestamp;
use husting_domain::turns::Turn;

use crate::errors::StoreError;
use crate::views::Tenanted;

/// One write about turns.
#[derive(Clone, Debug, PartialEq)]
pub enum TurnWrite {
    /// Begins a turn.
    Insert(Turn),
    /// What an open turn said so far; it streams.
    Checkpoint {
        /// Which.
        turn: CallId,
        /// All its words.
        text: String,
    },
    /// Ends an open turn: its row becomes this one, which is terminal.
    Finish(Turn),
}

/// How much an agent did since a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TurnsSince {
    /// Turns that began.
    pub turns: u32,
    /// What they were charged, refunds deducted.
    pub charged: MicroUsd,
}

/// What is read of turns. Every read fails with [`StoreError`] when the engine cannot answer.
#[async_trait]
pub trait TurnReads: Send + Sync + 'static {
    /// Turns of all tenants that have not ended: what a restart has to end.
    async fn unfinished_turns(&self) -> Result<Vec<Tenanted<Turn>>, StoreError>;

    /// How much an agent did since a moment.
    async fn turns_since(
        &self,
        tenant: &TenantId,
        agent: AgentId,
        since: Timestamp,
    ) -> Result<TurnsSince, StoreError>;

    /// An agent's turns, newest first.
    async fn turns(
        &self,
        tenant: &TenantId,
        agent: AgentId,
        limit: u32,
    ) -> Result<Vec<Turn>, StoreError>;
}
