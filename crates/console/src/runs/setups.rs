//! How an agent is run from now on: when mail starts it.

use std::sync::Arc;

use husting_domain::audit::{Action, Entry};
use husting_domain::clients::Client;
use husting_domain::runs::WakeRule;
use husting_store::{RunWrite, Unit, Write};
use husting_wire::agents::AgentPage;
use husting_wire::errors::Error;
use husting_wire::runs::{SetWake, WakeView};
use husting_wire::wiring::WiredFile;
use serde_json::json;

use super::planning::{runner, wire_line};
use crate::Inner;
use crate::agents::invalid_body;
use crate::agents::registry::Standing;
use crate::errors::Outward;

/// How long mail may be gathered, in seconds.
const MOST_BATCH: u32 = 3_600;
/// Most starts by mail in a day.
const MOST_WAKES: u32 = 1_000;

impl Inner {
    /// Changes when mail starts an agent.
    ///
    /// # Errors
    /// `agent_not_found`, `invalid_state`, `invalid_body`.
    pub(crate) async fn set_wake(self: &Arc<Self>, asked: SetWake) -> Result<AgentPage, Error> {
        let SetWake { agent_id, rule } = asked;
        checked(rule)?;
        let standing = self.runnable(agent_id)?;
        let turn = self.runs.turns.turn(agent_id).await;
        let mut setup = self.setup_of(&standing).await?;
        setup.wake = rule;
        let entry = Entry {
            at: self.now(),
            action: Action::Wake,
            actor: "operator".to_owned(),
            agent: Some(agent_id),
            subject: Some(agent_id.0),
            body: None,
            detail: json!({ "rule": rule }).to_string(),
        };
        let unit = Unit::of(standing.tenant.clone())
            .write(Write::Run(RunWrite::PutSetup(setup)))
            .write(Write::Audit(entry));
        self.store.commit(unit).await.outward()?;
        drop(turn);
        self.runs.set_hindrance(agent_id, None);
        self.runs.moved();
        self.tell_agent(agent_id).await;
        self.agent_page(&self.operator_of(agent_id), agent_id).await
    }

    /// When mail starts an agent; none for one that no program of its own runs.
    pub(crate) async fn wake_view(
        self: &Arc<Self>,
        standing: &Standing,
    ) -> Result<Option<WakeView>, Error> {
        if standing.token.is_none() {
            return Ok(None);
        }
        let setup = self.setup_of(standing).await?;
        let hindrance = match &setup.once {
            _ if !setup.wake.on => None,
            None => Some(self.unconfirmed(standing).await?),
            Some(command) => match self.dead_file(standing, command).await? {
                None => self.runs.hindrance(standing.agent.id),
                dead => dead,
            },
        };
        let today = self.now().day_start();
        let woken = self
            .store
            .wakes_since(&standing.tenant, standing.agent.id, today)
            .await;
        Ok(Some(WakeView {
            rule: setup.wake,
            today: woken.outward()?,
            hindrance,
        }))
    }

    /// What is to be done before mail can start an agent whose command nobody has confirmed.
    async fn unconfirmed(self: &Arc<Self>, standing: &Standing) -> Result<String, Error> {
        let name = &standing.agent.name;
        let files = self.wired_files(standing).await?;
        let opens = |file: &WiredFile| file.state.has_entry() && runner(file.client).is_some();
        if files.iter().any(opens) {
            return Ok(format!(
                "Mail starts {name} once you have run it for one task and so confirmed the command: \
                 `husting run {name} --once`."
            ));
        }
        Ok(format!(
            "{name} is not wired: no file of Claude Code or Codex has its token, so there is no program to \
             start. {} writes one; then run it for one task and so confirm the command: `husting run {name} --once`.",
            wire_line(name)
        ))
    }
}

fn checked(rule: WakeRule) -> Result<(), Error> {
    for (field, value, most) in [
        ("batch_seconds", rule.batch_seconds, MOST_BATCH),
        ("per_day", rule.per_day, MOST_WAKES),
    ] {
        if !(1..=most).contains(&value) {
            let rule = format!("a whole number from 1 to {most}");
            return Err(invalid_body(field, &rule));
        }
    }
    Ok(())
}

/// Where Codex looks for the profile that a file is, when that is not the usual place.
pub(super) fn codex_home(client: Option<Client>, file: Option<&str>) -> Option<String> {
    client?.home_of(file?).map(ToOwned::to_owned)
}
