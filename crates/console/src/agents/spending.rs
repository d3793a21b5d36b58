//! What agents cost.

use std::collections::HashMap;

use husting_domain::ids::{AgentId, TenantId};
use husting_domain::money::MicroUsd;
use husting_domain::time::Timestamp;
use husting_store::SpendBy;
use husting_wire::agents::{AgentSpend, AgentSpendList};
use husting_wire::errors::Error;

use crate::Inner;
use crate::errors::Outward;

impl Inner {
    /// What each agent that cost something this month was charged, the dearest first.
    pub(crate) async fn agent_spend(&self, tenant: &TenantId) -> Result<AgentSpendList, Error> {
        let now = self.now();
        let today: HashMap<_, _> = self
            .charged(tenant, now.day_start())
            .await?
            .into_iter()
            .collect();
        let month = self.charged(tenant, now.month_start()).await?;
        let agents = month.into_iter().map(|(agent_id, month)| AgentSpend {
            agent_id,
            today: today.get(&agent_id).copied().unwrap_or_default(),
            month,
        });
        Ok(AgentSpendList {
            agents: agents.collect(),
        })
    }

    async fn charged(
        &self,
        tenant: &TenantId,
        since: Timestamp,
    ) -> Result<Vec<(AgentId, MicroUsd)>, Error> {
        let sums = self
            .store
            .spend_by(tenant, SpendBy::Agent, since)
            .await
            .outward()?;
        let of_agent = |sum: husting_store::Spend| Some((sum.key.parse().ok()?, sum.amount));
        Ok(sums.into_iter().filter_map(of_agent).collect())
    }
}
