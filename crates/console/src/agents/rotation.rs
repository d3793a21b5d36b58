//! A new token for an agent; the old one ends at once, or after an overlap.

use std::sync::Arc;

use husting_domain::agents::AgentStatus;
use husting_domain::audit::Action;
use husting_domain::ids::{AgentId, TokenId};
use husting_store::{AgentWrite, Write};
use husting_wire::agents::MintedAgent;
use husting_wire::errors::{Error, ErrorCode};
use serde_json::json;

use super::changes::{Change, is_revoked};
use super::listing::invalid_body;
use super::managers::Manager;
use super::minting::fresh_token;
use crate::{Console, Inner};

/// The longest overlap, in seconds.
const MOST_OVERLAP: u32 = 86_400;

impl Console {
    /// Gives an agent a new token. The old one opens nothing from the commit on, or from the end of
    /// the overlap on; what was opened with it ends then.
    ///
    /// # Errors
    /// `agent_not_found`, `invalid_body`; `invalid_state` for one that is revoked or that Husting runs.
    pub async fn rotate_agent(
        &self,
        manager: &Manager,
        id: AgentId,
        overlap_seconds: u32,
    ) -> Result<MintedAgent, Error> {
        self.0.rotate_agent(manager, id, overlap_seconds).await
    }
}

impl Inner {
    /// Ends what an agent had before one of its tokens, as after a rotation whose overlap is not needed.
    pub(crate) async fn end_older_tokens(
        self: &Arc<Self>,
        manager: &Manager,
        id: AgentId,
        kept: TokenId,
    ) -> Result<(), Error> {
        let turn = self.agents_turn.lock().await;
        let before = self.managed(manager, id)?;
        let now = self.now();
        let tokens = self.agents.tokens(id);
        // In the order in which they were made.
        let newest = tokens.iter().position(|token| token.id == kept);
        let older = tokens.iter().take(newest.unwrap_or_default());
        let older = older.filter(|token| token.opens(now));
        let older: Vec<TokenId> = older.map(|token| token.id).collect();
        if older.is_empty() {
            return Ok(());
        }
        let agent = before.agent.as_ref().clone();
        let detail = json!({ "tokens_ended": older.len() });
        let mut change = Change::of(agent, Action::Rotate, detail);
        let ends = older.iter().map(|token| AgentWrite::EndTokenAt {
            token: *token,
            at: now,
        });
        change.writes = ends.map(Write::Agent).collect();
        self.commit_change(manager, &before, change, now).await?;
        self.agents.end_tokens(id, &older, now);
        drop(turn);
        self.tell_agent(id).await;
        Ok(())
    }

    pub(crate) async fn rotate_agent(
        self: &Arc<Self>,
        manager: &Manager,
        id: AgentId,
        overlap_seconds: u32,
    ) -> Result<MintedAgent, Error> {
        if overlap_seconds > MOST_OVERLAP {
            let rule = format!("a whole number from 0 to {MOST_OVERLAP}");
            return Err(invalid_body("overlap_seconds", &rule));
        }
        let turn = self.agents_turn.lock().await;
        let before = self.managed(manager, id)?;
        let agent = before.agent.as_ref().clone();
        match agent.status {
            AgentStatus::Revoked => return Err(is_revoked(&agent)),
            _ if before.token.is_none() => {
                return Err(Error::new(
                    ErrorCode::InvalidState,
                    format!("{} has no token: Husting runs it.", agent.name),
                ));
            }
            AgentStatus::Active | AgentStatus::Suspended | AgentStatus::Inactive => {}
        }
        let now = self.now();
        let fresh = fresh_token(id, now)?;
        let old: Vec<TokenId> = self
            .agents
            .tokens(id)
            .iter()
            .map(|token| token.id)
            .collect();
        let ends_at = now.plus_millis(i64::from(overlap_seconds) * 1_000);
        let detail = json!({ "tail": fresh.row.tail, "overlap_seconds": overlap_seconds });
        let mut change = Change::of(agent.clone(), Action::Rotate, detail);
        change.writes = if overlap_seconds == 0 {
            vec![Write::Agent(AgentWrite::EndTokens { agent: id, at: now })]
        } else {
            let ends = old.iter().map(|token| AgentWrite::EndTokenAt {
                token: *token,
                at: ends_at,
            });
            ends.map(Write::Agent).collect()
        };
        change
            .writes
            .push(Write::Agent(AgentWrite::InsertToken(fresh.row.clone())));
        self.commit_change(manager, &before, change, now).await?;
        if overlap_seconds == 0 {
            self.agents.end_tokens(id, &old, now);
        } else {
            self.agents.end_tokens_later(id, &old, ends_at);
            self.ends_changed.notify_one();
        }
        self.agents.add_token(fresh.row);
        drop(turn);
        self.shown_once(&agent, fresh.raw).await
    }
}
