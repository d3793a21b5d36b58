//! Holding all agents, and stopping everything.

use husting_wire::agents::{SetPause, StoppedAll, StoppedProgram};
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

/// Ends all rounds, all agents' programs and the Discord bridge, and suspends all agents.
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
            format!(
                "suspended: {} (husting agent enable NAME brings one back)",
                names.join(", ")
            )
        }
    };
    let programs = [
        ("programs ended", true),
        ("programs that did not end, as the log says", false),
    ];
    let programs = programs.map(|(words, ended)| {
        let names = named(&stopped.programs, ended);
        names.map_or_else(String::new, |names| format!("; {words}: {names}"))
    });
    let bridge = if stopped.bridge {
        "; the Discord bridge is off: husting discord start begins it again"
    } else {
        ""
    };
    format!("Stopped {rounds}; {agents}{}{bridge}.", programs.concat())
}

/// Agents whose programs were seen to end, or were not.
fn named(programs: &[StoppedProgram], ended: bool) -> Option<String> {
    let those = programs.iter().filter(|program| program.ended == ended);
    let names: Vec<String> = those
        .map(|program| full_name(&program.agent_name, &program.tenant_id))
        .collect();
    (!names.is_empty()).then(|| names.join(", "))
}

#[cfg(test)]
mod tests {
    use husting_domain::ids::TenantId;
    use husting_wire::agents::{StoppedAgent, StoppedAll, StoppedProgram};

    use super::said;

    fn program(agent_name: &str, ended: bool) -> StoppedProgram {
        StoppedProgram {
            tenant_id: TenantId::local(),
            agent_name: agent_name.to_owned(),
            ended,
        }
    }

    #[test]
    fn what_was_stopped_is_said_with_the_programs_that_ended_and_those_that_did_not() {
        let mut stopped = StoppedAll {
            rounds: 1,
            agents: vec![StoppedAgent {
                tenant_id: TenantId::local(),
                agent_name: "bruno".to_owned(),
            }],
            programs: Vec::new(),
            bridge: false,
        };
        assert_eq!(
            said(&stopped),
            "Stopped 1 round; suspended: bruno (husting agent enable NAME brings one back)."
        );
        stopped.bridge = true;
        assert_eq!(
            said(&stopped),
            "Stopped 1 round; suspended: bruno (husting agent enable NAME brings one back); the Discord bridge is off: husting discord start begins it again."
        );
        stopped.bridge = false;
        stopped.programs = vec![program("bruno", true), program("lea", false)];
        assert_eq!(
            said(&stopped),
            "Stopped 1 round; suspended: bruno (husting agent enable NAME brings one back); programs ended: bruno; \
             programs that did not end, as the log says: lea."
        );
    }
}
