//! Whether those who are asked read mail, as this Husting knows it.

use std::collections::BTreeSet;

use husting_discord::examination::mail_trouble;
use husting_domain::agents::{AgentStatus, Name};
use husting_wire::agents::AgentView;

use crate::commands::agent;
use crate::door::Door;
use crate::exit::Failure;

/// The operator's agents that are not revoked.
#[derive(Default)]
pub struct Agents(Vec<AgentView>);

impl Agents {
    /// All of them.
    ///
    /// # Errors
    /// Whatever hinders it.
    pub async fn of(door: &dyn Door) -> Result<Self, Failure> {
        agent::all(door).await.map(Self)
    }

    /// Why an agent does not answer, with the command that mends it; none where it reads mail.
    pub fn trouble(&self, agent: &Name) -> Option<String> {
        let found = self.0.iter().find(|one| one.agent_name == agent.as_str());
        mail_trouble(agent, found.map(|one| one.status == AgentStatus::Active))
    }

    /// The same of each of these that does not.
    pub fn troubles<'n>(
        &self,
        asked: impl IntoIterator<Item = &'n Name>,
    ) -> Vec<(&'n Name, String)> {
        let asked: BTreeSet<&Name> = asked.into_iter().collect();
        let troubles = asked.into_iter();
        troubles
            .filter_map(|agent| Some((agent, self.trouble(agent)?)))
            .collect()
    }
}
