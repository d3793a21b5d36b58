//! What whoever asked for a session or a round is called.

use std::collections::HashMap;

use husting_domain::ids::AgentId;
use husting_domain::keys::Principal;

use crate::Inner;

/// What an agent is called that nobody knows any more.
const GONE: &str = "an agent that is gone";

/// The names of those who asked for what is shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names(HashMap<Principal, String>);

impl Names {
    /// `key laptop`, `agent kasra`; `None` for the operator.
    pub fn of(&self, principal: Principal) -> Option<String> {
        self.0.get(&principal).cloned()
    }
}

impl Inner {
    /// The names of all of these.
    pub(crate) fn askers_names(&self, principals: impl IntoIterator<Item = Principal>) -> Names {
        let named = |principal| Some((principal, self.asker_name(principal)?));
        Names(principals.into_iter().filter_map(named).collect())
    }

    /// As in [`Names::of`].
    pub(crate) fn asker_name(&self, principal: Principal) -> Option<String> {
        match principal {
            Principal::Operator => None,
            Principal::Key(id) => Some(match self.live_keys.name_of(id) {
                Some(name) => format!("key {name}"),
                None => "a key that is gone".to_owned(),
            }),
            Principal::Agent(id) => Some(match self.agents.standing(id) {
                Some(standing) => format!("agent {}", standing.agent.name),
                None => GONE.to_owned(),
            }),
        }
    }

    /// An agent's name.
    pub(crate) fn agent_called(&self, id: Option<AgentId>) -> String {
        let standing = id.and_then(|id| self.agents.standing(id));
        standing.map_or_else(|| GONE.to_owned(), |known| known.agent.name.to_string())
    }
}
