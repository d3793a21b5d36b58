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
use crate::agents::{AgentHolder, Lack, insufficient};
use crate::halt;

/// One call of one tool.
pub(crate) struct Call<'a> {
    /// Who calls.
    pub holder: &'a AgentHolder,
    /// What it needs.
    pub scope: Option<Scope>,
    /// Which.
    pub tool: &'static str,
    /// Its scope was given for one call, and this is the one.
    pub is_paid: bool,
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
        loop {
            let agent = self.may_call_at_all(holder)?;
            let Some(scope) = scope else { break };
            match agent.grants.in_force(scope, self.now()) {
                None => return Err(self.deny(holder, scope, tool, None).await),
                // Where something changed for the agent meanwhile, it is looked at anew.
                Some(grant) if grant.once && !self.use_up(&agent, &call, scope).await? => {}
                Some(grant) => {
                    call.is_paid = grant.once;
                    break;
                }
            }
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
            halt::held(agent.epoch, || self.agents.changes(agent.id)).await;
            let standing = AgentRequire::Standing(agent.id, agent.epoch);
            let mut unit = unit.clone();
            if !halt::trusts_memory() {
                unit.requires.insert(0, Require::Agent(standing.clone()));
            }
            match self.store.commit(unit).await {
                Err(CommitError::Refused(Require::Agent(refused))) if refused == standing => {
                    self.until_shown(call.holder, agent.epoch).await;
                }
                outcome => return outcome.map_err(KeepError::Commit),
            }
        }
    }

    /// Whoever changed an agent shows it before they give the turn back. A revocation ends the token
    /// first and waits for its calls, the one that waits here among them.
    /// Where nobody had anything to show, the picture of this epoch is not the store's.
    pub(crate) async fn until_shown(&self, holder: &AgentHolder, epoch: u64) {
        let _turn = tokio::select! {
            turn = self.agents_turn.lock() => turn,
            () = holder.ended.cancelled() => return,
        };
        let standing = self.agents.standing(holder.agent);
        if standing.is_some_and(|standing| standing.agent.epoch == epoch) {
            self.look_again(&holder.tenant, holder.agent).await;
        }
    }

    /// The agent as it is now, if it may still do this.
    pub(crate) fn still_allowed(&self, call: &Call<'_>) -> Result<Arc<Agent>, Error> {
        let agent = self.may_call_at_all(call.holder)?;
        match call.scope {
            Some(scope) if !call.is_paid && agent.grants.in_force(scope, self.now()).is_none() => {
                Err(insufficient(scope, call.tool, Lack::Ended))
            }
            _ => Ok(agent),
        }
    }

    /// The agent as it is now, if its calls are taken in.
    pub(crate) fn may_call_at_all(&self, holder: &AgentHolder) -> Result<Arc<Agent>, Error> {
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

    /// Takes back a scope that was given for one call; false where the agent is another by now, which
    /// is shown then. A caller who hangs up does not cut it between its commit and its showing.
    async fn use_up(
        self: &Arc<Self>,
        agent: &Agent,
        call: &Call<'_>,
        scope: Scope,
    ) -> Result<bool, Error> {
        let mut after = agent.clone();
        after.grants.take(scope);
        after.epoch += 1;
        let used = json!({ "used": scope, "tool": call.tool });
        let unit = call
            .unit()
            .require(Require::Agent(AgentRequire::Standing(
                agent.id,
                agent.epoch,
            )))
            .write(Write::Agent(AgentWrite::Set(after.clone())))
            .write(Write::Audit(call.entry(self, Action::Change, None, used)));
        let (inner, tenant) = (self.clone(), call.holder.tenant.clone());
        let using = async move {
            let _turn = inner.agents_turn.lock().await;
            match inner.store.commit(unit).await {
                Ok(_) => {
                    inner.agents.show(&tenant, after);
                    Ok(true)
                }
                Err(CommitError::Refused(Require::Agent(_))) => {
                    inner.look_again(&tenant, after.id).await;
                    Ok(false)
                }
                Err(fault) => {
                    inner.look_again(&tenant, after.id).await;
                    Err(crate::errors::commit_fault(&fault))
                }
            }
        };
        self.undisturbed(
            "Whether this call may be made could not be looked up.",
            using,
        )
        .await
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
