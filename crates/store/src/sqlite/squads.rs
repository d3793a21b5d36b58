//! The tables `squads` and `members`.

use husting_domain::agents::Name;
use husting_domain::ids::{AgentId, TenantId};
use husting_domain::squads::{Member, Squad};
use husting_domain::time::Timestamp;
use sqlx::{SqliteConnection, SqlitePool};

use super::columns::Columns;
use super::faults::{Explain, fault, touched};
use crate::errors::{CommitError, StoreError};

const NOUN: &str = "member";

/// Makes the squad; a member that joins again says anew what it is there for.
pub async fn join(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    squad: &Name,
    agent: AgentId,
    summary: Option<&str>,
    at: Timestamp,
) -> Result<(), CommitError> {
    sqlx::query(
        "insert into squads (tenant_id, name, created_at) values ($1, $2, $3) on conflict do nothing",
    )
    .bind(tenant.as_str())
    .bind(squad.as_str())
    .bind(at.as_micros())
    .execute(&mut *db)
    .await
    .explain("squad")?;
    sqlx::query(
        "insert into members (tenant_id, squad, agent_id, summary, joined_at) values ($1, $2, $3, $4, $5) \
         on conflict do update set summary = excluded.summary",
    )
    .bind(tenant.as_str())
    .bind(squad.as_str())
    .bind(agent.0)
    .bind(summary)
    .bind(at.as_micros())
    .execute(db)
    .await
    .explain(NOUN)?;
    Ok(())
}

/// The last one closes the squad behind itself.
pub async fn leave(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    squad: &Name,
    agent: AgentId,
) -> Result<(), CommitError> {
    let change =
        sqlx::query("delete from members where tenant_id = $1 and squad = $2 and agent_id = $3");
    touched(
        change
            .bind(tenant.as_str())
            .bind(squad.as_str())
            .bind(agent.0)
            .execute(&mut *db)
            .await,
        NOUN,
    )?;
    sqlx::query(
        "delete from squads where tenant_id = $1 and name = $2 \
             and not exists (select 1 from members where tenant_id = $1 and squad = $2)",
    )
    .bind(tenant.as_str())
    .bind(squad.as_str())
    .execute(db)
    .await
    .explain("squad")?;
    Ok(())
}

pub async fn is_member(
    db: &mut SqliteConnection,
    tenant: &TenantId,
    squad: &Name,
    agent: AgentId,
) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(
        "select exists (select 1 from members where tenant_id = $1 and squad = $2 and agent_id = $3)",
    )
    .bind(tenant.as_str())
    .bind(squad.as_str())
    .bind(agent.0)
    .fetch_one(db)
    .await
}

/// By name, each with its members in the order they joined.
pub async fn all(db: &SqlitePool, tenant: &TenantId) -> Result<Vec<Squad>, StoreError> {
    let rows = sqlx::query(
        "select s.name, s.created_at, m.agent_id, a.name as member, m.joined_at, m.summary \
         from squads s join members m on m.tenant_id = s.tenant_id and m.squad = s.name \
             join agents a on a.tenant_id = m.tenant_id and a.agent_id = m.agent_id \
         where s.tenant_id = $1 and a.status <> 'revoked' order by s.name, m.joined_at, m.agent_id",
    )
    .bind(tenant.as_str())
    .fetch_all(db)
    .await
    .map_err(|error| fault("reading squads", error))?;
    let mut squads: Vec<Squad> = Vec::new();
    for row in &rows {
        let (squad, member) = squad_and_member(&Columns(row))?;
        match squads.last_mut().filter(|last| last.name == squad.name) {
            Some(last) => last.members.push(member),
            None => squads.push(Squad {
                members: vec![member],
                ..squad
            }),
        }
    }
    Ok(squads)
}

/// The squad without its members, and one of them.
fn squad_and_member(row: &Columns<'_>) -> Result<(Squad, Member), StoreError> {
    let squad = Squad {
        name: row.name("name")?,
        created_at: row.time("created_at")?,
        members: Vec::new(),
    };
    let member = Member {
        agent: row.id("agent_id")?,
        name: row.name("member")?,
        joined_at: row.time("joined_at")?,
        summary: row.get("summary")?,
    };
    Ok((squad, member))
}
