//! Writing to all agents of a tenant, or to a squad.

use husting_domain::agents::Name;
use husting_domain::audit::{Action, body_hash};
use husting_domain::ids::AgentId;
use husting_domain::messages::{MOST_HOPS, Mailbox, Sender};
use husting_domain::scopes::Scope;
use husting_store::{Arrival, BusRequire, BusWrite, Cast, CommitError, Dispatch, Require, Write};
use husting_wire::bus::calls;
use husting_wire::bus::results::BroadcastSent;
use husting_wire::errors::{Error, ErrorCode};
use serde_json::json;

use super::Told;
use super::admission::KeepError;
use super::recipients::{sendable, squad_name};
use crate::agents::AgentHolder;
use crate::{Console, Inner, chance};

impl Console {
    /// Writes to every other active agent, or to the other members of a squad that the agent is in.
    ///
    /// # Errors
    /// `insufficient_scope`, `invalid_body`, `not_a_member`.
    pub async fn broadcast(
        &self,
        holder: &AgentHolder,
        asked: calls::Broadcast,
    ) -> Result<Told<BroadcastSent>, Error> {
        let call = self
            .0
            .let_in(holder, Some(Scope::Broadcast), "broadcast")
            .await?;
        sendable(&asked.text)?;
        let squad = asked.squad.as_deref().map(squad_name).transpose()?;
        let hops = self
            .0
            .hops_of(&holder.tenant, holder.agent, None, None)
            .await?;
        if hops >= MOST_HOPS {
            return Err(Error::new(
                ErrorCode::Forbidden,
                "Agents seem to answer each other without end: nothing was broadcast. Wait ten minutes, or write to one agent.",
            ));
        }
        let id = chance::message_id();
        let at = self.0.now();
        let mut unit = call.unit();
        if let Some(squad) = &squad {
            unit = unit.require(Require::Bus(BusRequire::Member(
                squad.clone(),
                holder.agent,
            )));
        }
        let dispatch = Dispatch {
            id,
            mailbox: Mailbox::Agent(holder.agent),
            from: Sender::Agent {
                id: holder.agent,
                name: holder.name.clone(),
            },
            to: holder.name.clone(),
            text: asked.text.clone(),
            at,
            request_id: None,
            in_reply_to: None,
            hops,
            arrival: Arrival::Waiting,
        };
        let mut entry = call.entry(
            &self.0,
            Action::Broadcast,
            Some(id.0),
            json!({ "squad": squad, "hops": hops }),
        );
        entry.body = Some(body_hash(&asked.text));
        let unit = unit
            .write(Write::Bus(BusWrite::Broadcast {
                dispatch,
                squad: squad.clone(),
                except: Some(holder.agent),
            }))
            .write(Write::Audit(entry));
        let kept = self
            .0
            .keep_as(&call, unit)
            .await
            .map_err(|fault| match fault {
                KeepError::Commit(CommitError::Refused(Require::Bus(BusRequire::Member(
                    squad,
                    _,
                )))) => not_a_member(&squad),
                fault => fault.into(),
            })?;
        let cast = kept.cast().unwrap_or_default();
        self.0.ring_all(&cast);
        self.0.news_of(&holder.tenant);
        let audience = squad.as_ref().map_or("all", Name::as_str);
        let nobody = if cast.reached.is_empty() && cast.full.is_empty() {
            ": nobody else is there, so nobody was told"
        } else {
            ""
        };
        Ok(Told {
            text: format!("Broadcast to {audience} (id: {id}){nobody}"),
            record: BroadcastSent {
                id,
                squad: squad.as_ref().map(ToString::to_string),
                recipients: u32::try_from(cast.reached.len()).unwrap_or(u32::MAX),
                inbox_full: self.0.names_of(&cast.full),
            },
        })
    }
}

impl Inner {
    /// Rings for everyone whom a broadcast reached.
    pub(super) fn ring_all(&self, cast: &Cast) {
        for (agent, _) in &cast.reached {
            self.bells.ring(Mailbox::Agent(*agent));
        }
    }

    /// What agents are called.
    pub(super) fn names_of(&self, agents: &[AgentId]) -> Vec<String> {
        let standings = agents.iter().filter_map(|id| self.agents.standing(*id));
        standings
            .map(|standing| standing.agent.name.to_string())
            .collect()
    }
}

pub(super) fn not_a_member(squad: &Name) -> Error {
    Error::new(
        ErrorCode::NotAMember,
        format!("403 not_a_member: you are not in {squad}. Join it with `workspace_join` first."),
    )
}
