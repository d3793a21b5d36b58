//! An agent's end, for good, with the receipt that proves it.

use std::sync::Arc;

use husting_domain::agents::{AcceptedRequest, Agent, AgentKind, AgentStatus, KillReceipt};
use husting_domain::audit::{Action, Row};
use husting_domain::ids::{AgentId, SessionId, TenantId, TokenId};
use husting_domain::keys::Principal;
use husting_domain::messages::{Mailbox, MessageState};
use husting_domain::sessions::SessionStatus;
use husting_domain::time::Timestamp;
use husting_store::{
    AgentRequire, AgentWrite, AuditFilter, BusWrite, MessageFilter, Require, SessionFilter, Unit,
    Write,
};
use husting_wire::agents::RevokedAgent;
use husting_wire::errors::Error;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::changes::{Change, Committed};
use super::connections::Counts;
use super::managers::Manager;
use super::registry::Standing;
use crate::errors::Outward;
use crate::{Console, Inner};

/// How long closed streams and ended waits are waited for before they are counted, in milliseconds.
const LEAVE_MILLIS: i64 = 2_000;
/// Messages or sessions that are read at once.
const PAGE: u32 = 500;
/// Under which the row of a revocation has the agent's name.
const NAME: &str = "name";
/// Under which the row of a revocation has the tails of the tokens that it ended.
const TAILS: &str = "token_tails";

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
        // Whoever revokes it again waits for the first receipt.
        let revocation = self.revocations.turn(id).await;
        let turn = self.agents_turn.lock().await;
        let before = self.managed(manager, id)?;
        let agent = before.agent.as_ref().clone();
        let now = self.now();
        match agent.status {
            _ if agent.kind == AgentKind::Managed => {
                drop(turn);
                drop(revocation);
                let off = self.disable_agent(manager, id).await?;
                return Ok(RevokedAgent {
                    agent: off.agent,
                    receipt: None,
                });
            }
            AgentStatus::Revoked if agent.receipt.is_some() => drop(turn),
            // The program died between the revocation and its receipt, or the receipt was not kept.
            AgentStatus::Revoked => {
                let ended = self.ended_before(&before, now).await?;
                self.write_receipt(&before, &ended).await?;
                drop(turn);
            }
            AgentStatus::Active | AgentStatus::Suspended | AgentStatus::Inactive => {
                let tokens = self.agents.tokens(id).into_iter();
                // One whose overlap is over has ended before, and is only not swept away yet.
                let open = tokens.filter(|token| token.opens(now));
                let tails: Vec<String> = open.map(|token| token.tail).collect();
                let revoked = self.commit_end(manager, &before, &tails, now).await?;
                // It is shown as revoked. What it held open and its program take seconds to end, for which
                // no other agent's change waits.
                drop(turn);
                let ended = self.end(id, revoked, tails, now).await;
                let _turn = self.agents_turn.lock().await;
                let revoked = self.agents.standing(id).unwrap_or(before);
                self.write_receipt(&revoked, &ended).await?;
            }
        }
        drop(revocation);
        self.tell_agent(id).await;
        let agent = self.one_agent(id).await?.agent;
        let receipt = self.agents.standing(id);
        Ok(RevokedAgent {
            agent,
            receipt: receipt.and_then(|standing| standing.agent.receipt.clone()),
        })
    }

    /// Keeps that an agent is revoked, and shows it. Whoever calls has the turn.
    async fn commit_end(
        &self,
        manager: &Manager,
        before: &Standing,
        tails: &[String],
        now: Timestamp,
    ) -> Result<Committed, Error> {
        let id = before.agent.id;
        let mut agent = before.agent.as_ref().clone();
        agent.status = AgentStatus::Revoked;
        agent.revoked_at = Some(now);
        let detail = json!({ NAME: before.agent.name, TAILS: tails });
        let mut change = Change::of(agent, Action::Revoke, detail);
        change.writes = vec![
            Write::Agent(AgentWrite::EndTokens { agent: id, at: now }),
            Write::Bus(BusWrite::ParkAll {
                mailbox: Mailbox::Agent(id),
                at: now,
            }),
        ];
        let committed = self.commit_change(manager, before, change, now).await?;
        // Its mail is parked.
        self.news_of(&before.tenant);
        let tokens: Vec<TokenId> = self
            .agents
            .tokens(id)
            .iter()
            .map(|token| token.id)
            .collect();
        self.agents.end_tokens(id, &tokens, now);
        Ok(committed)
    }

    /// Waits for the end of everything that a revoked agent held open, and of its program.
    async fn end(
        &self,
        id: AgentId,
        revoked: Committed,
        token_tails: Vec<String>,
        now: Timestamp,
    ) -> Ended {
        let Committed { outcome, ending } = revoked;
        let counts = ending.counts();
        let left = tokio::select! {
            () = ending.done() => (counts != Counts::default()).then(|| self.now()),
            () = self.clock.sleep_until(self.now().plus_millis(LEAVE_MILLIS)) => {
                tracing::warn!(agent = %id, "something it held open has not ended yet");
                None
            }
        };
        let process = self.stop_run_of(id).await;
        let process_left = (process == Some(true)).then(|| self.now());
        Ended {
            at: now,
            row: outcome.rows.as_ref().map(|rows| *rows.end()),
            token_tails,
            parked: outcome.parked(),
            counts,
            left,
            process,
            process_left,
        }
    }

    /// What an end came to whose receipt was not kept: its row and its parked mail are in the store, and
    /// what was held open was counted, or died with an earlier run.
    async fn ended_before(&self, revoked: &Standing, now: Timestamp) -> Result<Ended, Error> {
        let Standing { tenant, agent, .. } = revoked;
        let at = agent.revoked_at.unwrap_or(now);
        let its_end = AuditFilter {
            agent: Some(agent.id),
            actions: vec![Action::Revoke],
            limit: 1,
            ..AuditFilter::default()
        };
        let rows = self.store.audit_rows(tenant, &its_end).await.outward()?;
        Ok(Ended {
            at,
            row: rows.first().map(|row| row.number),
            token_tails: rows.first().map(ended_tails).unwrap_or_default(),
            parked: self.parked_at(tenant, agent.id, at).await?,
            counts: self.agents.closed(agent.id),
            left: None,
            process: None,
            process_left: None,
        })
    }

    /// How many messages an agent's end parked.
    async fn parked_at(
        &self,
        tenant: &TenantId,
        agent: AgentId,
        at: Timestamp,
    ) -> Result<u32, Error> {
        let mut filter = MessageFilter {
            mailbox: Some(Mailbox::Agent(agent)),
            states: vec![MessageState::Parked],
            limit: PAGE,
            ..MessageFilter::default()
        };
        let mut parked = 0;
        loop {
            let page = self.store.messages(tenant, &filter).await.outward()?;
            let by_it = page.iter().filter(|message| message.ended_at == Some(at));
            parked += u32::try_from(by_it.count()).unwrap_or(u32::MAX);
            filter.before = page.last().map(|message| message.place);
            if filter.before.is_none() {
                return Ok(parked);
            }
        }
    }

    /// The sessions that an agent opened and whose rounds are at work, those that changed last first.
    pub(super) async fn at_work_of(
        &self,
        tenant: &TenantId,
        agent: AgentId,
    ) -> Result<Vec<SessionId>, Error> {
        let filter = SessionFilter {
            statuses: vec![SessionStatus::Streaming, SessionStatus::Processing],
            opened_by: Some(Principal::Agent(agent)),
            limit: PAGE,
            ..SessionFilter::default()
        };
        let page = self.store.sessions(tenant, &filter).await.outward()?;
        Ok(page.rows.into_iter().map(|row| row.session.id).collect())
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
            last_accepted: last.as_ref().map(accepted),
            revoked_at: ended.at,
            row: ended.row,
            token_tails: ended.token_tails.clone(),
            accepted_since: since,
            streams_closed: ended.counts.streams,
            waits_cancelled: ended.counts.waits,
            left_after_micros: ended.until(ended.left),
            process_ended: ended.process,
            process_after_micros: ended.until(ended.process_left),
            messages_parked: ended.parked,
            sessions_at_work: self.at_work_of(tenant, agent.id).await?,
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

/// The tails in the row of a revocation; none in those of an older Husting.
pub(crate) fn ended_tails(revocation: &Row) -> Vec<String> {
    detail(revocation, TAILS).unwrap_or_default()
}

/// The name in the row of a revocation.
pub(crate) fn ended_name(revocation: &Row) -> Option<String> {
    detail(revocation, NAME)
}

fn detail<T: DeserializeOwned>(row: &Row, member: &str) -> Option<T> {
    let mut detail: Value = serde_json::from_str(&row.entry.detail).ok()?;
    serde_json::from_value(detail.get_mut(member)?.take()).ok()
}

/// A call as a receipt tells it.
pub(crate) fn accepted(call: &Row) -> AcceptedRequest {
    AcceptedRequest {
        tool: call.entry.action.word().to_owned(),
        at: call.entry.at,
        row: call.number,
    }
}

/// What an end came to, as far as it was seen.
struct Ended {
    at: Timestamp,
    /// The revocation's row in the log.
    row: Option<u64>,
    /// Of the tokens that it ended.
    token_tails: Vec<String>,
    parked: u32,
    counts: Counts,
    /// When all of that had left.
    left: Option<Timestamp>,
    /// Whether its program was seen to end, where one ran.
    process: Option<bool>,
    /// When that was seen.
    process_left: Option<Timestamp>,
}

impl Ended {
    /// Microseconds from the revocation. A clock that was set back meanwhile tells nothing.
    fn until(&self, moment: Option<Timestamp>) -> Option<u64> {
        u64::try_from(moment?.as_micros() - self.at.as_micros()).ok()
    }
}
