//! Agents at the tools for deliberations: let in like any call of the bus, and looked at once more in
//! the unit that takes a round in.

use husting_domain::scopes::Scope;
use husting_wire::errors::{Error, ErrorCode};

use super::admission::Call;
use super::fetching;
use crate::agents::{AgentHolder, Connection, Kept};
use crate::caller::{Caller, Deliberator};
use crate::{Console, Inner};

impl Console {
    /// Lets an agent in to one call of a tool for deliberations.
    ///
    /// # Errors
    /// `paused`, `invalid_token`; `insufficient_scope`, of which the operator is asked.
    pub async fn let_in_to_deliberate(
        &self,
        holder: &AgentHolder,
        tool: &'static str,
    ) -> Result<Caller, Error> {
        let call = self.0.let_in(holder, Some(Scope::Deliberate), tool).await?;
        Ok(Caller::Agent(Deliberator {
            holder: holder.clone(),
            tool,
            is_paid: call.is_paid,
        }))
    }
}

impl Deliberator {
    pub(crate) fn call(&self) -> Call<'_> {
        Call {
            holder: &self.holder,
            scope: Some(Scope::Deliberate),
            tool: self.tool,
            is_paid: self.is_paid,
        }
    }
}

impl Inner {
    /// Counts an agent's wait; those of others are counted by their keys.
    ///
    /// # Errors
    /// `invalid_token`, or `insufficient_scope`, when it may not wait any more.
    pub(crate) fn wait_of(&self, caller: &Caller) -> Result<Option<Connection>, Error> {
        let Caller::Agent(agent) = caller else {
            return Ok(None);
        };
        let needs = (!agent.is_paid).then_some(Scope::Deliberate);
        self.connect(&agent.holder, Kept::Wait, needs)
            .map(Some)
            .map_err(|ended| self.still_allowed(&agent.call()).err().unwrap_or(ended))
    }

    /// Why a caller may not wait any longer.
    pub(crate) fn why_ended(&self, caller: &Caller) -> Error {
        match caller {
            Caller::Agent(agent) => fetching::cut(self, &agent.call()),
            Caller::Operator { .. } | Caller::Key(_) => Error::new(
                ErrorCode::InvalidToken,
                "What opened the door was revoked while this waited.",
            ),
        }
    }

    /// By which picture of an agent its call is let in; nothing for others.
    ///
    /// # Errors
    /// Why the agent may not any more.
    pub(crate) fn epoch_of(&self, caller: &Caller) -> Result<Option<u64>, Error> {
        match caller {
            Caller::Agent(agent) => Ok(Some(self.still_allowed(&agent.call())?.epoch)),
            Caller::Operator { .. } | Caller::Key(_) => Ok(None),
        }
    }

    /// Whether a call failed only because something else changed for the agent meanwhile.
    ///
    /// # Errors
    /// Why the agent may not any more.
    pub(crate) async fn has_moved_on(
        &self,
        caller: &Caller,
        epoch: Option<u64>,
        fault: &Error,
    ) -> Result<bool, Error> {
        let Caller::Agent(agent) = caller else {
            return Ok(false);
        };
        if fault.code != ErrorCode::InvalidState {
            return Ok(false);
        }
        self.until_shown(&agent.holder, epoch.unwrap_or_default())
            .await;
        Ok(self.epoch_of(caller)? != epoch)
    }
}
