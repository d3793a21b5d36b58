//! What the bus's doors need of the program behind them.

use async_trait::async_trait;
use husting_console::{AgentHolder, BusDoor, Caller, Connection, Console, Told, ToolList};
use husting_domain::addressees::Addressee;
use husting_domain::scopes::Scope;
use husting_wire::bus::calls;
use husting_wire::errors::{Error, ErrorCode};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::watch;

/// A tool with its arguments.
#[derive(Clone, Debug)]
pub enum Call {
    /// Who the agent is.
    BootContext,
    /// Writes to one agent.
    Send(calls::Send),
    /// Reads mail.
    Inbox(calls::Inbox),
    /// Waits for mail.
    InboxWait(calls::InboxWait),
    /// Acknowledges mail.
    Ack(calls::Ack),
    /// Writes to one agent and waits for its answer.
    Ask(calls::Ask),
    /// Writes to all, or to a squad.
    Broadcast(calls::Broadcast),
    /// Joins a squad.
    Join(calls::Join),
    /// Leaves a squad.
    Leave(calls::Leave),
    /// Who is there.
    Peers,
    /// How the bus stands.
    Status,
    /// Stores a note.
    Remember(calls::Remember),
    /// Looks for notes.
    Recall(calls::Recall),
    /// Lists notes.
    Memories(calls::Memories),
    /// Forgets a note.
    Forget(calls::Forget),
}

/// The bus, as agents reach it.
///
/// A trait, so that how requests are read and answers written is tested without a store.
#[async_trait]
pub trait Bus: Send + Sync + 'static {
    /// Whoever holds this token.
    ///
    /// # Errors
    /// `invalid_token`.
    fn agent_holder(&self, token: &str, door: BusDoor) -> Result<AgentHolder, Error>;

    /// The scopes in force.
    fn scopes_of(&self, holder: &AgentHolder) -> Vec<Scope>;

    /// Whether a tool may be called now; where its scope is missing, the operator is asked, and told
    /// whom the call is for.
    ///
    /// # Errors
    /// `paused`, `invalid_token`, `insufficient_scope`.
    async fn may_call(
        &self,
        holder: &AgentHolder,
        scope: Option<Scope>,
        tool: &'static str,
        to: Option<Addressee>,
    ) -> Result<(), Error>;

    /// Lets an agent in to one call of a tool for deliberations.
    ///
    /// # Errors
    /// `paused`, `invalid_token`, `insufficient_scope`.
    async fn let_in_to_deliberate(
        &self,
        holder: &AgentHolder,
        tool: &'static str,
    ) -> Result<Caller, Error>;

    /// Counts a stream that is held open; it must end when the connection says so.
    ///
    /// # Errors
    /// `invalid_token` when it may hold none open any more.
    fn hold_open(&self, holder: &AgentHolder) -> Result<Connection, Error>;

    /// Hears when the agent's scopes change.
    fn tool_list(&self, holder: &AgentHolder) -> Option<ToolList>;

    /// Hears when mail comes.
    fn mail_bell(&self, holder: &AgentHolder) -> watch::Receiver<u64>;

    /// Does what the tool does.
    ///
    /// # Errors
    /// The tool's own.
    async fn call(&self, holder: &AgentHolder, call: Call) -> Result<Told<Value>, Error>;
}

#[async_trait]
impl Bus for Console {
    fn agent_holder(&self, token: &str, door: BusDoor) -> Result<AgentHolder, Error> {
        Self::agent_holder(self, token, door)
    }

    fn scopes_of(&self, holder: &AgentHolder) -> Vec<Scope> {
        Self::scopes_of(self, holder)
    }

    async fn may_call(
        &self,
        holder: &AgentHolder,
        scope: Option<Scope>,
        tool: &'static str,
        to: Option<Addressee>,
    ) -> Result<(), Error> {
        Self::may_call(self, holder, scope, tool, to).await
    }

    async fn let_in_to_deliberate(
        &self,
        holder: &AgentHolder,
        tool: &'static str,
    ) -> Result<Caller, Error> {
        Self::let_in_to_deliberate(self, holder, tool).await
    }

    fn hold_open(&self, holder: &AgentHolder) -> Result<Connection, Error> {
        Self::hold_open(self, holder, None)
    }

    fn tool_list(&self, holder: &AgentHolder) -> Option<ToolList> {
        Self::tool_list(self, holder)
    }

    fn mail_bell(&self, holder: &AgentHolder) -> watch::Receiver<u64> {
        Self::mail_bell(self, holder)
    }

    async fn call(&self, holder: &AgentHolder, call: Call) -> Result<Told<Value>, Error> {
        match call {
            Call::BootContext => written(self.boot_context(holder).await?),
            Call::Send(asked) => written(self.send(holder, asked).await?),
            Call::Inbox(asked) => written(self.inbox(holder, asked).await?),
            Call::InboxWait(asked) => written(self.inbox_wait(holder, asked).await?),
            Call::Ack(asked) => written(self.ack(holder, asked).await?),
            Call::Ask(asked) => written(self.ask(holder, asked).await?),
            Call::Broadcast(asked) => written(self.broadcast(holder, asked).await?),
            Call::Join(asked) => written(self.workspace_join(holder, asked).await?),
            Call::Leave(asked) => written(self.workspace_leave(holder, asked).await?),
            Call::Peers => written(self.peers(holder).await?),
            Call::Status => written(self.status(holder).await?),
            Call::Remember(asked) => written(self.remember(holder, asked).await?),
            Call::Recall(asked) => written(self.recall(holder, asked).await?),
            Call::Memories(asked) => written(self.memories(holder, asked).await?),
            Call::Forget(asked) => written(self.forget(holder, asked).await?),
        }
    }
}

fn written<T: Serialize>(told: Told<T>) -> Result<Told<Value>, Error> {
    let record = serde_json::to_value(told.record).map_err(|fault| {
        tracing::error!(%fault, "a record could not be written");
        Error::new(ErrorCode::Internal, "The answer could not be written.")
    })?;
    Ok(Told {
        text: told.text,
        record,
    })
}
