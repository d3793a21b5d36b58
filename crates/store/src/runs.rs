//! What can be written and read of agents' programs: files written for them, and their runs.

use async_trait::async_trait;
use husting_domain::ids::{AgentId, RunId, TenantId};
use husting_domain::runs::{Run, RunSetup, Wiring};
use husting_domain::time::Timestamp;

use crate::errors::StoreError;
use crate::views::Tenanted;

/// One write about agents' programs.
#[derive(Clone, Debug, PartialEq)]
pub enum RunWrite {
    /// A client's file was written; takes the place of an earlier one at the same path.
    Wired(Wiring),
    /// An agent is no longer wired by a file as it was written then. Where it is not any more, that is done; where
    /// the file was written anew, that stays.
    Unwired {
        /// Which agent.
        agent: AgentId,
        /// The file.
        path: String,
        /// When it was written.
        written_at: Timestamp,
    },
    /// How an agent is run from now on.
    PutSetup(RunSetup),
    /// A program is about to be started; refused where one of the agent's has not ended. A restart of the
    /// agent's that was pending is not any more.
    Begin(Run),
    /// An open run has this process.
    Started {
        /// Which.
        run: RunId,
        /// Its process.
        process: String,
    },
    /// The agent of an open run asked who it is for the first time.
    Booted {
        /// Which.
        run: RunId,
        /// When.
        at: Timestamp,
    },
    /// Ends an open run: its row takes this one's end and what follows it.
    End(Run),
    /// Nothing follows a run that was to be started again: it is started now, or that was called off.
    /// Refused where no restart of it is pending.
    ClearRestart(RunId),
    /// The agent's programs that failed too often wait for nobody any more. There is one of them.
    LeaveGivenUp(AgentId),
    /// Drops what programs of all tenants said whose runs ended before this moment, and of these runs all
    /// but each agent's newest. Where a restart is pending, everything stays.
    Forget {
        /// Older ones go.
        before: Timestamp,
    },
}

/// What is read of agents' programs. Every read fails with [`StoreError`] when the engine cannot answer.
#[async_trait]
pub trait RunReads: Send + Sync + 'static {
    /// Files that were written for an agent, the newest first.
    async fn wirings(&self, tenant: &TenantId, agent: AgentId) -> Result<Vec<Wiring>, StoreError>;

    /// Files that were written at this path, for any tenant's agents, the newest first.
    async fn wirings_at(&self, path: &str) -> Result<Vec<Wiring>, StoreError>;

    /// How the agents of all tenants are run.
    async fn run_setups(&self) -> Result<Vec<Tenanted<RunSetup>>, StoreError>;

    /// How one is.
    async fn run_setup(
        &self,
        tenant: &TenantId,
        agent: AgentId,
    ) -> Result<Option<RunSetup>, StoreError>;

    /// Runs of all tenants that have not ended.
    async fn open_runs(&self) -> Result<Vec<Tenanted<Run>>, StoreError>;

    /// Runs of all tenants that are started again.
    async fn restarting_runs(&self) -> Result<Vec<Tenanted<Run>>, StoreError>;

    /// Of the agents of all tenants the run that failed too often to be started again by itself, where nobody has
    /// started it since, and mail has not with success.
    async fn given_up_runs(&self) -> Result<Vec<Tenanted<Run>>, StoreError>;

    /// One run.
    async fn run(&self, tenant: &TenantId, id: RunId) -> Result<Option<Run>, StoreError>;

    /// Runs of one agent, or of all, the newest first.
    async fn runs(
        &self,
        tenant: &TenantId,
        agent: Option<AgentId>,
        limit: u32,
    ) -> Result<Vec<Run>, StoreError>;

    /// How often mail has started an agent since a moment.
    async fn wakes_since(
        &self,
        tenant: &TenantId,
        agent: AgentId,
        since: Timestamp,
    ) -> Result<u32, StoreError>;
}
