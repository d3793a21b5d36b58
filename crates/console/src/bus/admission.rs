//! Letting a call of an agent in, and keeping what it writes only while it may.

use std::sync::Arc;

use husting_domain::agents::Agent;
use husting_domain::audit::{Action, Entry};
use husting_domain::scopes::Scope;
use husting_store::{AgentRequire, AgentWrite, CommitError, Kept, Require, Unit, Write};
use husting_wire::errors::{Error, ErrorCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Inner;
use crate::agents::AgentHolder;
use crate::errors::Outward;

/// One call of one tool.
pub(crate) struct Call<'a> {
    /// Who calls.
    pub holder: &'a AgentHolder,
    /// What it needs.
    pub scope: Option<Scope>,
    /// Which.
    pub tool: &'static str,
    /// Its scope was given for one call, and this is the one.
    is_paid: bool,
}

impl Call<'_> {
    /// A row of the log about this call.
    pub fn entry(
        &self,
        inner: &Inner,
        action: Action,
        subject: Option<Uuid>,
        detail: Value,
    ) -> Entry {
        Entry {
            at: inner.now(),
            action,
            actor: format!("agent:{}", self.holder.name),
            agent: Some(self.holder.agent),
            subject,
            body: None,
            detail: detail.to_string(),
        }
    }

    /// An empty unit of its tenant.
    pub fn unit(&self) -> Unit {
        Unit::of(self.holder.tenant.clone())
    }
}

impl Inner {
    /// Lets a call in.
    ///
    /// # Errors
    /// `paused`, `invalid_token`; `insufficient_scope`, of which the operator is asked.
    pub(crate) async fn let_in<'a>(
        self: &Arc<Self>,
        holder: &'a AgentHolder,
        scope: Option<Scope>,
        tool: &'static str,
    ) -> Result<Call<'a>, Error> {
        self.refuse_while_closing()?;
        self.pause.refuse()?;
        let mut call = Call {
            holder,
            scope,
            tool,
            is_paid: false,
        };
        let agent = self.may_call_at_all(holder)?;
        let Some(scope) = scope else {
            self.note_call(holder);
            return Ok(call);
        };
        match agent.grants.in_force(scope, self.now()) {
            None => return Err(self.deny(holder, scope, tool).await),
            Some(grant) if grant.once => {
                if !self.use_up(&agent, &call, scope).await? {
                    return Err(self.deny(holder, scope, tool).await);
                }
                call.is_paid = true;
            }
            Some(_) => {}
        }
        self.note_call(holder);
        Ok(call)
    }

    /// Keeps what a call writes, only while it may. Where something changed for the agent meanwhile,
    /// it is looked at anew.
    ///
    /// # Errors
    /// As the store has it, or why the agent may not any more.
    pub(crate) async fn keep_as(&self, call: &Call<'_>, unit: Unit) -> Result<Kept, KeepError> {
        loop {
            let agent = self.still_allowed(call)?;
            let standing = AgentRequire::Standing(agent.id, agent.epoch);
            let mut unit = unit.clone();
            unit.requires.insert(0, Require::Agent(standing.clone()));
            match self.store.commit(unit).await {
                Err(CommitError::Refused(Require::Agent(refused))) if refused == standing => {
                    // Whoever changed the agent shows it before they give the turn back.
                    drop(self.agents_turn.lock().await);
                }
                outcome => return outcome.map_err(KeepError::Commit),
            }
        }
    }

    /// The agent as it is now, if it may still do this.
    fn still_allowed(&self, call: &Call<'_>) -> Result<Arc<Agent>, Error> {
        let agent = self.may_call_at_all(call.holder)?;
        match call.scope {
            Some(scope) if !call.is_paid && agent.grants.in_force(scope, self.now()).is_none() => {
                Err(crate::agents::insufficient(scope, call.tool))
            }
            _ => Ok(agent),
        }
    }

    /// The agent as it is now, if its calls are taken in.
    fn may_call_at_all(&self, holder: &AgentHolder) -> Result<Arc<Agent>, Error> {
        let standing = self.agents.standing(holder.agent);
        let now = self.now();
        let is_open = !holder.ended.is_cancelled();
        standing
            .map(|standing| standing.agent)
            .filter(|agent| is_open && agent.may_call(now))
            .ok_or_else(|| {
                Error::new(
                    ErrorCode::InvalidToken,
                    format!(
                        "{} may not call any more; this call was not taken in.",
                        holder.name
                    ),
                )
            })
    }

    /// Takes back a scope that was given for one call; false where another call was faster.
    async fn use_up(&self, agent: &Agent, call: &Call<'_>, scope: Scope) -> Result<bool, Error> {
        let _turn = self.agents_turn.lock().await;
        let mut after = agent.clone();
        after.grants.take(scope);
        after.epoch += 1;
        let unit = call
            .unit()
            .require(Require::Agent(AgentRequire::Standing(
                agent.id,
                agent.epoch,
            )))
            .write(Write::Agent(AgentWrite::Set(after.clone())))
            .write(Write::Audit(call.entry(
                self,
                Action::Change,
                None,
                json!({ "used": scope, "tool": call.tool }),
            )));
        match self.store.commit(unit).await {
            Err(CommitError::Refused(Require::Agent(_))) => Ok(false),
            outcome => {
                outcome.outward()?;
                self.agents.show(&call.holder.tenant, after);
                Ok(true)
            }
        }
    }
}

/// Why what a call wrote was not kept.
#[derive(Debug)]
pub(crate) enum KeepError {
    /// The agent may not any more.
    Refused(Error),
    /// The store did not.
    Commit(CommitError),
}

impl From<Error> for KeepError {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<KeepError> for Error {
    fn from(fault: KeepError) -> Self {
        match fault {
            KeepError::Refused(error) => error,
            KeepError::Commit(fault) => crate::errors::commit_fault(&fault),
        }
    }
}
