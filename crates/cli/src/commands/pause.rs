//! Holding all agents, and stopping everything.

use husting_wire::agents::{SetPause, StoppedAll};
use husting_wire::commands::{PauseAgents, StopEverything};
use husting_wire::settings::Nothing;
use serde_json::json;

use super::through;
use crate::door::ask;
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::output::words::count;
use crate::output::words::full_name;

/// Holds all agents, or lets them go on.
pub(super) async fn set(paused: bool, invocation: &Invocation) -> Result<Exit, Failure> {
    through(invocation, async |door| {
        ask::<PauseAgents>(door, SetPause { paused }).await
    })
    .await?;
    if invocation.json {
        output::json(&json!({ "paused": paused }))?;
    } else if paused {
        output::line(
            "All agents are held: their calls wait, their mail queues. `husting resume` lets them go on.",
        )?;
    } else {
        output::line("Agents go on.")?;
    }
    Ok(Exit::Done)
}

/// Ends all rounds and suspends all agents.
pub(super) async fn stop_all(invocation: &Invocation) -> Result<Exit, Failure> {
    let stopped = through(invocation, async |door| {
        ask::<StopEverything>(door, Nothing {}).await
    })
    .await?;
    if invocation.json {
        output::json(&stopped)?;
    } else {
        output::line(&said(&stopped))?;
    }
    Ok(Exit::Done)
}

fn said(stopped: &StoppedAll) -> String {
    let rounds = count(stopped.rounds.into(), "round");
    let agents = match &stopped.agents[..] {
        [] => "no agent was active".to_owned(),
        agents => {
            let names = agents.iter();
            let names: Vec<String> = names
                .map(|agent| full_name(&agent.agent_name, &agent.tenant_id))
                .collect();
            format!("suspended: {}", names.join(", "))
        }
    };
    format!("Stopped {rounds}; {agents}.")
}
