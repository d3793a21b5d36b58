//! What is required and written of tenants and agents, each at its table.

use husting_domain::ids::TenantId;
use sqlx::SqliteConnection;

use super::{agent_tokens, agents, denials, mints, tenants};
use crate::agents::{AgentRequire, AgentWrite};
use crate::errors::CommitError;

pub async fn is_met(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    require: &AgentRequire,
) -> Result<bool, sqlx::Error> {
    match require {
        AgentRequire::Standing(id, epoch) => agents::is_standing(db, tenant, *id, *epoch).await,
        AgentRequire::Epoch(id, epoch) => agents::has_epoch(db, tenant, *id, *epoch).await,
        AgentRequire::Receives(id) => agents::is_active(db, tenant, *id).await,
        AgentRequire::TenantToken(hash) => tenants::has_token(db, tenant, hash).await,
        AgentRequire::FewerAgents(limit) => agents::fewer_than(db, tenant, *limit).await,
        AgentRequire::NoMint(key) => mints::is_absent(db, tenant, key).await,
    }
}

pub async fn apply(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    write: &AgentWrite,
) -> Result<(), CommitError> {
    match write {
        AgentWrite::PutTenant(row) => tenants::put(db, tenant, row).await,
        AgentWrite::Insert(agent) => agents::insert(db, tenant, agent).await,
        AgentWrite::Set(agent) => agents::set(db, tenant, agent).await,
        AgentWrite::InsertToken(token) => agent_tokens::insert(db, tenant, token).await,
        AgentWrite::EndTokenAt { token, at } => agent_tokens::end_at(db, tenant, *token, *at).await,
        AgentWrite::EndTokens { agent, at } => agent_tokens::end_all(db, tenant, *agent, *at).await,
        AgentWrite::Called { agent, at } => agents::called(db, tenant, *agent, *at).await,
        AgentWrite::PutMint(mint) => mints::put(db, tenant, mint).await,
        AgentWrite::Deny(denial) => denials::ask(db, tenant, denial).await,
        AgentWrite::Decide {
            denial,
            decision,
            at,
        } => denials::decide(db, tenant, *denial, *decision, *at).await,
    }
}
