//! Minting agents, each with a token that is shown once.

use std::sync::Arc;

use husting_domain::agents::{
    AGENT_PREFIX, Agent, AgentKind, AgentStatus, AgentToken, MOST_CHARTER, MOST_MODEL, Name,
};
use husting_domain::audit::Action;
use husting_domain::ids::AgentId;
use husting_domain::scopes::Grants;
use husting_domain::time::Timestamp;
use husting_store::{
    AgentRequire, AgentWrite, CommitError, Constraint, MintReplay, Require, Unit, Write,
};
use husting_wire::agents::{MintAgent, MintedAgent};
use husting_wire::errors::{Error, ErrorCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::changes::entry;
use super::listing::invalid_body;
use super::managers::Manager;
use super::registry::Lookup;
use crate::errors::{Outward, commit_fault};
use crate::{Console, Inner, chance};

/// A token with what is kept of it.
pub(super) struct FreshToken {
    pub raw: SecretString,
    pub row: AgentToken,
}

impl Console {
    /// Mints an agent. With the same key the same request is answered with the agent that it made,
    /// and without its token.
    ///
    /// # Errors
    /// `invalid_body`, `agent_name_taken`, `minting_not_allowed`, `agent_limit_reached`;
    /// `idempotency_conflict` when the key came with another request.
    pub async fn mint(
        &self,
        manager: &Manager,
        asked: MintAgent,
        key: Option<String>,
    ) -> Result<MintedAgent, Error> {
        self.0.mint(manager, asked, key).await
    }
}

impl Inner {
    pub(crate) async fn mint(
        self: &Arc<Self>,
        manager: &Manager,
        asked: MintAgent,
        key: Option<String>,
    ) -> Result<MintedAgent, Error> {
        self.refuse_while_closing()?;
        let fingerprint = fingerprint(&asked)?;
        if let Some(key) = &key
            && let Some(minted) = self.minted_before(manager, key, &fingerprint).await?
        {
            return Ok(minted);
        }
        let agent = self.to_be_minted(asked)?;
        let tenant = manager.tenant();
        let tier = self.agents.tier(&tenant);
        if !tier.mints() {
            return Err(Error::new(
                ErrorCode::MintingNotAllowed,
                format!(
                    "The tenant {tenant} is on a tier that mints no agents. Its operator can change it."
                ),
            ));
        }
        let token = fresh_token(agent.id, agent.created_at)?;
        let mut unit = inserted(manager, &agent, &token);
        // Looked at first: whoever asked twice is told so, and not that there is no room.
        if let Some(key) = &key {
            unit = unit
                .require(Require::Agent(AgentRequire::NoMint(key.clone())))
                .write(Write::Agent(AgentWrite::PutMint(MintReplay {
                    key: key.clone(),
                    fingerprint,
                    agent: agent.id,
                    at: agent.created_at,
                })));
        }
        if let Some(limit) = tier.agent_limit() {
            unit = unit.require(Require::Agent(AgentRequire::FewerAgents(limit)));
        }
        match self.insert_agent(unit, &agent, &token).await {
            Ok(()) => self.shown_once(&agent, token.raw).await,
            // Somebody was faster with the same key.
            Err(CommitError::Refused(Require::Agent(AgentRequire::NoMint(key)))) => self
                .minted_before(manager, &key, &fingerprint)
                .await?
                .ok_or_else(|| Error::new(ErrorCode::Internal, "An acknowledgement is gone.")),
            Err(fault) => Err(not_minted(
                &fault,
                &agent.name,
                self.agents.counted(&tenant),
            )),
        }
    }

    /// Keeps a new agent with its token, and shows it to the doors.
    pub(super) async fn insert_agent(
        &self,
        unit: Unit,
        agent: &Agent,
        token: &FreshToken,
    ) -> Result<(), CommitError> {
        let tenant = unit.tenant.clone();
        let _turn = self.agents_turn.lock().await;
        self.store.commit(unit).await?;
        self.agents.show(&tenant, agent.clone());
        self.agents.add_token(token.row.clone());
        self.ends_changed.notify_one();
        Ok(())
    }

    /// The answer that holds the token, once the token was seen to open the door.
    pub(super) async fn shown_once(
        self: &Arc<Self>,
        agent: &Agent,
        raw: SecretString,
    ) -> Result<MintedAgent, Error> {
        let hash = husting_tokens::hash(raw.expose_secret());
        let known = self.agents.by_token(&hash, self.now());
        let standing = self.agents.standing(agent.id);
        let standing = standing.filter(|_| !matches!(known, Lookup::Unknown));
        let gone = || {
            Error::new(
                ErrorCode::Internal,
                "The new token opens nothing; the agent is there and can be rotated.",
            )
        };
        let standing = standing.ok_or_else(gone)?;
        let stored = self.store.agent(&standing.tenant, agent.id).await;
        stored.outward()?.ok_or_else(gone)?;
        self.tell_agent(agent.id).await;
        Ok(MintedAgent {
            agent: self.agent_view(&standing).await?,
            raw_token: Some(raw.expose_secret().to_owned()),
            raw_token_delivered: false,
            mcp: self.bus_addresses(),
        })
    }

    /// What was minted under this key, if it came with the same request.
    async fn minted_before(
        &self,
        manager: &Manager,
        key: &str,
        fingerprint: &[u8; 32],
    ) -> Result<Option<MintedAgent>, Error> {
        let Some(minted) = self.store.mint(&manager.tenant(), key).await.outward()? else {
            return Ok(None);
        };
        if minted.fingerprint != *fingerprint {
            return Err(Error::new(
                ErrorCode::IdempotencyConflict,
                "This Idempotency-Key came with another request before. Choose a new one.",
            ));
        }
        // Whoever made it shows it before they give the turn back.
        drop(self.agents_turn.lock().await);
        let standing = self.managed(manager, minted.agent)?;
        Ok(Some(MintedAgent {
            agent: self.agent_view(&standing).await?,
            raw_token: None,
            raw_token_delivered: true,
            mcp: self.bus_addresses(),
        }))
    }

    fn to_be_minted(&self, asked: MintAgent) -> Result<Agent, Error> {
        let name = mintable(&asked.agent_name)?;
        let model = checked_text("model", asked.model, MOST_MODEL)?;
        let charter = checked_text("charter", asked.charter, MOST_CHARTER)?;
        let now = self.now();
        checked_end(asked.expires_at, now)?;
        Ok(Agent {
            id: chance::agent_id(),
            name,
            kind: AgentKind::Custom,
            model,
            charter,
            status: AgentStatus::Active,
            grants: asked.scopes.map_or_else(Grants::messenger, Grants::lasting),
            epoch: 0,
            created_at: now,
            expires_at: asked.expires_at,
            last_call_at: None,
            revoked_at: None,
            receipt: None,
        })
    }
}

/// A unit that keeps a new agent and its token.
pub(super) fn inserted(manager: &Manager, agent: &Agent, token: &FreshToken) -> Unit {
    manager
        .unit()
        .write(Write::Agent(AgentWrite::Insert(agent.clone())))
        .write(Write::Agent(AgentWrite::InsertToken(token.row.clone())))
        .write(Write::Audit(entry(
            manager,
            agent,
            Action::Mint,
            agent.created_at,
            json!({ "name": agent.name, "grants": agent.grants, "tail": token.row.tail }),
        )))
}

/// A new token of an agent.
pub(super) fn fresh_token(agent: AgentId, now: Timestamp) -> Result<FreshToken, Error> {
    let raw = husting_tokens::token(AGENT_PREFIX)
        .map_err(|fault| Error::new(ErrorCode::Internal, fault.to_string()))?;
    let row = AgentToken {
        id: chance::token_id(),
        agent,
        hash: husting_tokens::hash(raw.expose_secret()),
        tail: husting_tokens::tail(raw.expose_secret()).to_owned(),
        created_at: now,
        ends_at: None,
        ended_at: None,
    };
    Ok(FreshToken { raw, row })
}

/// What tells one request from another.
fn fingerprint(asked: &MintAgent) -> Result<[u8; 32], Error> {
    let text = serde_json::to_string(asked)
        .map_err(|fault| Error::new(ErrorCode::Internal, fault.to_string()))?;
    Ok(husting_tokens::hash(&text))
}

fn mintable(name: &str) -> Result<Name, Error> {
    let name = Name::parse(name).map_err(|_| {
        invalid_body(
            "agent_name",
            "1 to 63 of a-z, 0-9 and hyphens, beginning with a letter",
        )
    })?;
    if name.is_reserved() {
        return Err(Error {
            message: format!("`{name}` is one of Husting's own names: choose another."),
            ..invalid_body("agent_name", "none of Husting's own names")
        });
    }
    Ok(name)
}

/// Text within its length; nothing where it is empty.
pub(crate) fn checked_text(
    field: &str,
    text: Option<String>,
    most: usize,
) -> Result<Option<String>, Error> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    if text.chars().count() > most {
        return Err(invalid_body(field, &format!("at most {most} characters")));
    }
    Ok(Some(text))
}

/// An end lies ahead.
pub(super) fn checked_end(ends_at: Option<Timestamp>, now: Timestamp) -> Result<(), Error> {
    if ends_at.is_some_and(|ends_at| ends_at <= now) {
        return Err(invalid_body("expires_at", "a moment in the future"));
    }
    Ok(())
}

/// `count` is how many agents the tenant has.
fn not_minted(fault: &CommitError, name: &Name, count: u32) -> Error {
    match fault {
        CommitError::Constraint(Constraint::Exists(_)) => Error::new(
            ErrorCode::AgentNameTaken,
            format!("There is an agent called {name} already. Choose another name, or revoke it."),
        ),
        CommitError::Refused(Require::Agent(AgentRequire::FewerAgents(limit))) => Error::new(
            ErrorCode::AgentLimitReached,
            format!("The tenant has {count} of the {limit} agents that its tier allows. Revoke one, or ask its operator for a higher tier."),
        )
        .with(json!({ "limit": limit, "count": count })),
        fault => commit_fault(fault),
    }
}
