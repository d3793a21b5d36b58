//! Joining and leaving squads.

use husting_domain::agents::Name;
use husting_domain::audit::Action;
use husting_domain::ids::{AgentId, TenantId};
use husting_domain::scopes::Scope;
use husting_domain::squads::{MOST_SUMMARY, Squad};
use husting_store::{BusWrite, CommitError, Constraint, Write};
use husting_wire::bus::calls;
use husting_wire::bus::results::SquadMembers;
use husting_wire::errors::Error;
use serde_json::json;

use super::Told;
use super::admission::KeepError;
use super::broadcasting::not_a_member;
use super::recipients::squad_name;
use crate::agents::{AgentHolder, checked_text};
use crate::errors::Outward;
use crate::{Console, Inner};

impl Console {
    /// Joins a squad, making it; joining again changes what the agent said it is there for.
    ///
    /// # Errors
    /// `insufficient_scope`, `invalid_body`.
    pub async fn workspace_join(
        &self,
        holder: &AgentHolder,
        asked: calls::Join,
    ) -> Result<Told<SquadMembers>, Error> {
        let scope = Some(Scope::WorkspaceJoin);
        let call = self.0.let_in(holder, scope, "workspace_join").await?;
        let squad = squad_name(&asked.workspace_id)?;
        let summary = checked_text("summary", asked.summary, MOST_SUMMARY)?;
        let entry = call.entry(&self.0, Action::Join, None, json!({ "squad": squad }));
        let unit = call
            .unit()
            .write(Write::Bus(BusWrite::Join {
                squad: squad.clone(),
                agent: holder.agent,
                summary,
                at: self.0.now(),
            }))
            .write(Write::Audit(entry));
        self.0.keep_as(&call, unit).await?;
        self.0.tell_squads(&holder.tenant).await;
        let members = self.0.members_of(&holder.tenant, &squad).await?;
        Ok(Told {
            text: format!("Joined {squad}: {}.", members.join(", ")),
            record: SquadMembers {
                squad: squad.to_string(),
                members,
            },
        })
    }

    /// Leaves a squad.
    ///
    /// # Errors
    /// `insufficient_scope`, `invalid_body`, `not_a_member`.
    pub async fn workspace_leave(
        &self,
        holder: &AgentHolder,
        asked: calls::Leave,
    ) -> Result<Told<SquadMembers>, Error> {
        let scope = Some(Scope::WorkspaceJoin);
        let call = self.0.let_in(holder, scope, "workspace_leave").await?;
        let squad = squad_name(&asked.workspace_id)?;
        let entry = call.entry(&self.0, Action::Leave, None, json!({ "squad": squad }));
        let unit = call
            .unit()
            .write(Write::Bus(BusWrite::Leave {
                squad: squad.clone(),
                agent: holder.agent,
            }))
            .write(Write::Audit(entry));
        self.0
            .keep_as(&call, unit)
            .await
            .map_err(|fault| match fault {
                KeepError::Commit(CommitError::Constraint(Constraint::Absent(_))) => {
                    not_a_member(&squad)
                }
                fault => fault.into(),
            })?;
        self.0.tell_squads(&holder.tenant).await;
        let members = self.0.members_of(&holder.tenant, &squad).await?;
        Ok(Told {
            text: format!("Left {squad}."),
            record: SquadMembers {
                squad: squad.to_string(),
                members,
            },
        })
    }
}

impl Inner {
    async fn members_of(&self, tenant: &TenantId, squad: &Name) -> Result<Vec<String>, Error> {
        let squads = self.store.squads(tenant).await.outward()?;
        let found = squads.into_iter().find(|found| found.name == *squad);
        let members = found.map(|squad| squad.members).unwrap_or_default();
        Ok(members
            .iter()
            .map(|member| member.name.to_string())
            .collect())
    }

    /// Whether an agent is in a squad.
    pub(super) async fn is_member(
        &self,
        tenant: &TenantId,
        squad: &Name,
        agent: AgentId,
    ) -> Result<bool, Error> {
        let squads = self.store.squads(tenant).await.outward()?;
        let found = squads.iter().find(|found| found.name == *squad);
        Ok(found.is_some_and(|squad| squad.members.iter().any(|member| member.agent == agent)))
    }
}

/// The squads that an agent is in.
pub(super) fn of_agent(squads: &[Squad], agent: AgentId) -> Vec<String> {
    let in_it = |squad: &&Squad| squad.members.iter().any(|member| member.agent == agent);
    let squads = squads.iter().filter(in_it);
    squads.map(|squad| squad.name.to_string()).collect()
}
