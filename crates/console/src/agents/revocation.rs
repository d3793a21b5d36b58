//! An agent's end, for good, with the receipt that proves it.

use std::sync::Arc;

use husting_domain::agents::{AcceptedRequest, Agent, AgentKind, AgentStatus, KillReceipt};
use husting_domain::audit::Action;
use husting_domain::ids::{AgentId, TokenId};
use husting_domain::messages::Mailbox;
use husting_domain::time::Timestamp;
use husting_store::{AgentRequire, AgentWrite, BusWrite, Require, Unit, Write};
use husting_wire::agents::RevokedAgent;
use husting_wire::errors::Error;
use serde_json::json;

use super::changes::{Change, Committed};
use super::connections::Counts;
use super::managers::Manager;
use super::registry::Standing;
use crate::errors::Outward;
use crate::{Console, Inner};

/// How long closed streams and ended waits are waited for before they are counted, in milliseconds.
const LEAVE_MILLIS: i64 = 2_000;

impl Console {
    /// Revokes an agent: nothing of it is taken in once this is on disk. Doing it again gives the
    /// first receipt. One that Husting runs is switched off instead.
    ///
    /// # Errors
    /// `agent_not_found`.
    pub async fn revoke_agent(
        &self,
        manager: &Manager,
        id: AgentId,
    ) -> Result<RevokedAgent, Error> {
        self.0.revoke_agent(manager, id).await
    }
}

impl Inner {
    pub(crate) async fn revoke_agent(
        self: &Arc<Self>,
        manager: &Manager,
        id: AgentId,
    ) -> Result<RevokedAgent, Error> {
        let turn = self.agents_turn.lock().await;
        let before = self.managed(manager, id)?;
        let agent = before.agent.as_ref().clone();
        let now = self.now();
        match agent.status {
            _ if agent.kind == AgentKind::Managed => {
                drop(turn);
                let off = self.disable_agent(manager, id).await?;
                return Ok(RevokedAgent {
                    agent: off.agent,
                    receipt: None,
                });
            }
            AgentStatus::Revoked if agent.receipt.is_some() => {}
            // The program died between the revocation and its receipt: what was open died with it.
            AgentStatus::Revoked => {
                let ended = Ended {
                    at: agent.revoked_at.unwrap_or(now),
                    ..Ended::default()
                };
                self.write_receipt(&before, &ended).await?;
            }
            AgentStatus::Active | AgentStatus::Suspended | AgentStatus::Inactive => {
                let ended = self.end(manager, &before, now).await?;
                let revoked = self.agents.standing(id).unwrap_or(before);
                self.write_receipt(&revoked, &ended).await?;
            }
        }
        drop(turn);
        self.tell_agent(id).await;
        let agent = self.one_agent(id).await?.agent;
        let receipt = self.agents.standing(id);
        Ok(RevokedAgent {
            agent,
            receipt: receipt.and_then(|standing| standing.agent.receipt.clone()),
        })
    }

    /// Ends an agent and everything it holds open.
    async fn end(
        &self,
        manager: &Manager,
        before: &Standing,
        now: Timestamp,
    ) -> Result<Ended, Error> {
        let id = before.agent.id;
        let mut agent = before.agent.as_ref().clone();
        agent.status = AgentStatus::Revoked;
        agent.revoked_at = Some(now);
        let mut change = Change::of(agent, Action::Revoke, json!({ "name": before.agent.name }));
        change.writes = vec![
            Write::Agent(AgentWrite::EndTokens { agent: id, at: now }),
            Write::Bus(BusWrite::ParkAll {
                mailbox: Mailbox::Agent(id),
                at: now,
            }),
        ];
        let committed = self.commit_change(manager, before, change, now).await?;
        let Committed { outcome, ending } = committed;
        let tokens: Vec<TokenId> = self
            .agents
            .tokens(id)
            .iter()
            .map(|token| token.id)
            .collect();
        self.agents.end_tokens(id, &tokens, now);
        let counts = ending.counts();
        tokio::select! {
            () = ending.done() => {}
            () = self.clock.sleep_until(self.now().plus_millis(LEAVE_MILLIS)) => {
                tracing::warn!(agent = %id, "something it held open has not ended yet");
            }
        }
        Ok(Ended {
            at: now,
            row: outcome.rows.as_ref().map(|rows| *rows.end()),
            parked: outcome.parked(),
            counts,
        })
    }

    /// Counts in the log what was taken in, and keeps the receipt.
    async fn write_receipt(&self, revoked: &Standing, ended: &Ended) -> Result<(), Error> {
        let Standing { tenant, agent, .. } = revoked;
        let row = ended.row.unwrap_or(u64::MAX);
        let (last, since) = self
            .store
            .calls_after(tenant, agent.id, row)
            .await
            .outward()?;
        let receipt = KillReceipt {
            last_accepted: last.map(|row| AcceptedRequest {
                tool: row.entry.action.word().to_owned(),
                at: row.entry.at,
                row: row.number,
            }),
            revoked_at: ended.at,
            accepted_since: since,
            streams_closed: ended.counts.streams,
            waits_cancelled: ended.counts.waits,
            process_ended: None,
            messages_parked: ended.parked,
        };
        let with_receipt = Agent {
            receipt: Some(receipt),
            ..agent.as_ref().clone()
        };
        let unit = Unit::of(tenant.clone())
            .require(Require::Agent(AgentRequire::Epoch(agent.id, agent.epoch)))
            .write(Write::Agent(AgentWrite::Set(with_receipt.clone())));
        self.store.commit(unit).await.outward()?;
        self.agents.show(tenant, with_receipt);
        Ok(())
    }
}

/// What an end came to, as far as it was seen.
struct Ended {
    at: Timestamp,
    /// The revocation's row in the log.
    row: Option<u64>,
    parked: u32,
    counts: Counts,
}

impl Default for Ended {
    fn default() -> Self {
        Self {
            at: Timestamp::from_micros(0),
            row: None,
            parked: 0,
            counts: Counts::default(),
        }
    }
}
