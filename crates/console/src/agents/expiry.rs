//! What ends by itself: agents, scopes that were given for a time, tokens after a rotation's overlap.

use std::sync::{Arc, Weak};

use husting_domain::agents::{AgentStatus, AgentToken};
use husting_domain::audit::Action;
use husting_domain::ids::{AgentId, TokenId};
use husting_domain::time::Timestamp;
use husting_store::{AgentWrite, Write};
use husting_wire::errors::Error;
use serde_json::json;

use super::changes::Change;
use super::managers::Manager;
use crate::Inner;
use crate::pauses::due;

/// Ends what ends, when it does, as long as the console lives.
pub(crate) async fn keep_ends(inner: Weak<Inner>) {
    loop {
        let Some(console) = inner.upgrade() else {
            return;
        };
        let (clock, shutdown, changed) = (
            console.clock.clone(),
            console.shutdown.clone(),
            console.ends_changed.clone(),
        );
        let next = console.agents.next_end();
        drop(console);
        tokio::select! {
            () = due(&clock, next) => {}
            () = changed.notified() => continue,
            () = shutdown.cancelled() => return,
        }
        let Some(console) = inner.upgrade() else {
            return;
        };
        for agent in console.agents.ended_by(console.now()) {
            if let Err(fault) = console.end_what_ended(agent).await {
                tracing::warn!(%fault, %agent, "what ended was not kept");
                if !console.rest_before_retry().await {
                    return;
                }
            }
        }
    }
}

impl Inner {
    /// Keeps that an agent, some of its scopes or tokens have ended.
    async fn end_what_ended(self: &Arc<Self>, id: AgentId) -> Result<(), Error> {
        let turn = self.agents_turn.lock().await;
        let Some(before) = self.agents.standing(id) else {
            return Ok(());
        };
        let now = self.now();
        let mut agent = before.agent.as_ref().clone();
        let has_expired = agent.has_expired(now) && agent.status == AgentStatus::Active;
        if has_expired {
            agent.status = AgentStatus::Suspended;
        }
        agent.grants = agent.grants.without_ended(now);
        let outlived = outlived(&self.agents.tokens(id), now);
        let action = if has_expired {
            Action::Expire
        } else {
            Action::Change
        };
        let detail = json!({ "grants": agent.grants, "tokens_ended": outlived.len() });
        let mut change = Change::of(agent, action, detail);
        let ends = outlived.iter().map(|token| AgentWrite::EndTokenAt {
            token: *token,
            at: now,
        });
        change.writes = ends.map(Write::Agent).collect();
        self.commit_change(
            &Manager::Husting(before.tenant.clone()),
            &before,
            change,
            now,
        )
        .await?;
        self.agents.end_tokens(id, &outlived, now);
        drop(turn);
        self.tell_agent(id).await;
        Ok(())
    }
}

fn outlived(tokens: &[AgentToken], now: Timestamp) -> Vec<TokenId> {
    let outlived = tokens.iter().filter(|token| !token.opens(now));
    outlived.map(|token| token.id).collect()
}
