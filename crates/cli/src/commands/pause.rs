//! Holding all agents, and stopping everything; of what stays off, the commands that bring it back.

use husting_domain::agents::{AgentKind, AgentStatus, CONNECTOR};
use husting_domain::ids::TenantId;
use husting_wire::agents::{AgentView, SetPause, StoppedAll, StoppedProgram};
use husting_wire::commands::{PauseAgents, ReadDiscord, StopEverything, TakeSnapshot};
use husting_wire::settings::Nothing;
use serde_json::json;

use super::{agent, through};
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::output::words::{count, full_name};

/// Begins the bridge, and enables its own agent where that is disabled.
const BEGIN_BRIDGE: &str = "husting discord start";

/// What a pause means. A call is refused with a time to try again.
const PAUSED: &str =
    "agents are paused: their calls are told to come back later, their mail queues";
const NOTHING_PAUSED: &str = "Agents were not paused. ";
const RESUMES: &str = "`husting resume` lets them go on";

/// Says beside an answer that all agents are paused, where they are.
pub(super) async fn remind(door: &dyn Door) {
    // The answer stands, whatever is known of the pause.
    let snapshot = ask::<TakeSnapshot>(door, Nothing {}).await;
    if snapshot.is_ok_and(|snapshot| snapshot.paused) {
        eprintln!("husting: all {PAUSED}; {RESUMES}");
    }
}

/// Pauses all agents, or lets them go on.
pub(super) async fn set(paused: bool, invocation: &Invocation) -> Result<Exit, Failure> {
    let told = through(invocation, async |door| {
        let was_paused = ask::<TakeSnapshot>(door, Nothing {}).await?.paused;
        ask::<PauseAgents>(door, SetPause { paused }).await?;
        match paused || invocation.json {
            true => Ok(None),
            false => Ok(Some((was_paused, resumed(door).await))),
        }
    })
    .await?;
    if invocation.json {
        output::json(&json!({ "paused": paused }))?;
    } else if let Some((was_paused, told)) = told {
        let before = if was_paused { "" } else { NOTHING_PAUSED };
        output::text(&format!("{before}{}", told.who))?;
        if let Some(why) = told.untold {
            why.report(false);
        }
    } else {
        output::line(&format!("All {PAUSED}. {RESUMES}."))?;
    }
    Ok(Exit::Done)
}

/// What is said once agents go on.
struct Resumed {
    who: String,
    /// Why nobody is named.
    untold: Option<Failure>,
}

/// Who goes on, and who does not. They go on, also where that cannot be told.
async fn resumed(door: &dyn Door) -> Resumed {
    match looked_up(door).await {
        Ok(who) => Resumed { who, untold: None },
        Err(why) => Resumed {
            who: "Agents go on.\n".to_owned(),
            untold: Some(why),
        },
    }
}

async fn looked_up(door: &dyn Door) -> Result<String, Failure> {
    let agents = agent::of_every_tenant(door).await?;
    let of_bridge = |agent: &AgentView| {
        agent.kind == AgentKind::Connector && agent.status == AgentStatus::Suspended
    };
    let has_bot = match agents.iter().any(of_bridge) {
        true => ask::<ReadDiscord>(door, Nothing {})
            .await?
            .setup
            .bot
            .is_some(),
        false => false,
    };
    Ok(going_on(&agents, has_bot))
}

fn going_on(agents: &[AgentView], has_bot: bool) -> String {
    let is_active = |agent: &&AgentView| agent.status == AgentStatus::Active;
    let go_on = match agents.iter().filter(is_active).count() {
        0 => "No agent goes on.".to_owned(),
        1 => "1 agent goes on.".to_owned(),
        active => format!("{active} agents go on."),
    };
    let commands: Vec<String> = agents
        .iter()
        .filter(|agent| is_disabled(agent.status))
        .map(|agent| back(&agent.agent_name, &agent.tenant_id, has_bot))
        .collect();
    let stay = match commands.len() {
        0 => return format!("{go_on}\n"),
        1 => "1 stays disabled; this brings it back:".to_owned(),
        disabled => format!("{disabled} stay disabled; these bring them back:"),
    };
    format!("{go_on} {stay}\n{}", listed(&commands))
}

/// An agent that Husting runs is active from its first moment: it is inactive because it was disabled.
const fn is_disabled(status: AgentStatus) -> bool {
    match status {
        AgentStatus::Suspended | AgentStatus::Inactive => true,
        AgentStatus::Active | AgentStatus::Revoked => false,
    }
}

/// Ends all rounds, all agents' programs and the Discord bridge, and suspends all agents.
pub(super) async fn stop_all(invocation: &Invocation) -> Result<Exit, Failure> {
    let stopped = through(invocation, async |door| {
        ask::<StopEverything>(door, Nothing {}).await
    })
    .await?;
    output::answer(&stopped, invocation.json, &said(&stopped))
}

/// What was stopped, each with what brings it back.
fn said(stopped: &StoppedAll) -> String {
    let mut said = rounds_said(stopped);
    let enables: Vec<String> = stopped
        .agents
        .iter()
        .map(|agent| back(&agent.agent_name, &agent.tenant_id, stopped.bridge))
        .collect();
    said += &match enables.len() {
        0 => "No agent was active.\n".to_owned(),
        agents => format!(
            "Disabled {}; this brings each back:\n{}",
            count(agents as u64, "agent"),
            listed(&enables)
        ),
    };
    if let Some(names) = named(&stopped.programs, true) {
        said += &format!(
            "Ended the programs of {names}; once its agent is back, `husting run NAME` starts one.\n"
        );
    }
    if let Some(names) = named(&stopped.programs, false) {
        said += &format!("Did not end, as the log says: the programs of {names}.\n");
    }
    if stopped.bridge && !enables.iter().any(|command| command == BEGIN_BRIDGE) {
        said += &format!("The Discord bridge is off: `{BEGIN_BRIDGE}` begins it again.\n");
    }
    said
}

fn rounds_said(stopped: &StoppedAll) -> String {
    if stopped.rounds == 0 {
        return "No round was running.\n".to_owned();
    }
    let retries: Vec<String> = stopped
        .sessions
        .iter()
        .map(|session| format!("husting session retry {session}"))
        .collect();
    let rounds = count(stopped.rounds.into(), "round");
    // An instance of another version may not name them.
    let (asks, retries) = match retries.is_empty() {
        true => ("`husting session retry` asks", ".\n".to_owned()),
        false => ("this asks", format!(":\n{}", listed(&retries))),
    };
    format!(
        "Stopped {rounds}; what was said is kept, and {asks} again the seats that had not answered or reacted{retries}"
    )
}

/// The command that enables an agent; that of a bridge which runs in here comes back with the bridge.
fn back(agent: &str, tenant: &TenantId, has_bridge: bool) -> String {
    match *tenant == TenantId::local() {
        true if has_bridge && agent == CONNECTOR => BEGIN_BRIDGE.to_owned(),
        true => format!("husting agent enable {agent}"),
        false => format!("husting agent enable {agent} --tenant {tenant}"),
    }
}

fn listed(commands: &[String]) -> String {
    commands.iter().map(|line| format!("  {line}\n")).collect()
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
    use husting_wire::agents::{StoppedAgent, StoppedAll, StoppedProgram};
    use husting_wire::errors::Error;
    use serde_json::json;

    use super::*;
    use crate::door::Scripted;

    const SESSION: &str = "0199d1f0-0000-7000-8000-000000000000";

    fn acme() -> TenantId {
        TenantId::parse("acme").unwrap()
    }

    fn agent(name: &str, tenant_id: TenantId, kind: &str, status: &str) -> AgentView {
        serde_json::from_value(json!({
            "id": SESSION, "tenant_id": tenant_id, "agent_name": name, "kind": kind, "model": null, "charter": null,
            "status": status, "scopes": [], "grants": [], "token_tail": null, "token_created_at": null,
            "created_at": "2026-11-26T14:00:00Z", "expires_at": null, "revoked_at": null, "liveness": "never_called",
            "last_call_at": null, "unread": 0, "connections": 0,
        }))
        .unwrap()
    }

    #[test]
    fn who_goes_on_is_counted_and_who_does_not_is_named_with_what_brings_it_back() {
        let active = |name| agent(name, TenantId::local(), "custom", "active");
        assert_eq!(going_on(&[], false), "No agent goes on.\n");
        assert_eq!(going_on(&[active("ana")], false), "1 agent goes on.\n");
        let agents = [
            active("ana"),
            active("ben"),
            agent("bruno", TenantId::local(), "custom", "suspended"),
        ];
        assert_eq!(
            going_on(&agents, false),
            "2 agents go on. 1 stays disabled; this brings it back:\n  husting agent enable bruno\n"
        );
        let athena = agent("athena", TenantId::local(), "managed", "inactive");
        assert_eq!(
            going_on(&[athena], false),
            "No agent goes on. 1 stays disabled; this brings it back:\n  husting agent enable athena\n"
        );
        let agents = [
            agent("bruno", acme(), "custom", "suspended"),
            agent(CONNECTOR, TenantId::local(), "connector", "suspended"),
        ];
        let told = |bridge: &str| {
            format!(
                "No agent goes on. 2 stay disabled; these bring them back:\n  \
                 husting agent enable bruno --tenant acme\n  {bridge}\n"
            )
        };
        assert_eq!(going_on(&agents, true), told("husting discord start"));
        assert_eq!(
            going_on(&agents, false),
            told("husting agent enable discord-connector")
        );
    }

    #[tokio::test]
    async fn agents_that_go_on_are_told_of_also_where_they_cannot_be_named() {
        let silent = Scripted(|_| Err(Error::not_found("tenant").into()));
        let told = resumed(&silent).await;
        assert_eq!(told.who, "Agents go on.\n");
        let why = told.untold.expect("it is said why nobody is named");
        assert_eq!(why.exit(), Exit::NotFound);
    }

    #[test]
    fn what_was_stopped_is_named_each_with_what_brings_it_back() {
        let nothing = StoppedAll::default();
        assert_eq!(
            said(&nothing),
            "No round was running.\nNo agent was active.\n"
        );
        let stopped_agent = |name: &str, tenant_id| StoppedAgent {
            tenant_id,
            agent_name: name.to_owned(),
        };
        let program = |name: &str, ended| StoppedProgram {
            tenant_id: TenantId::local(),
            agent_name: name.to_owned(),
            ended,
        };
        let stopped = StoppedAll {
            rounds: 1,
            sessions: vec![SESSION.parse().unwrap()],
            agents: vec![
                stopped_agent("bruno", TenantId::local()),
                stopped_agent("lea", acme()),
                stopped_agent(CONNECTOR, TenantId::local()),
            ],
            programs: vec![program("bruno", true), program("lea", false)],
            bridge: true,
        };
        assert_eq!(
            said(&stopped),
            format!(
                "Stopped 1 round; what was said is kept, and this asks again the seats that had not answered or reacted:\n  \
                 husting session retry {SESSION}\n\
                 Disabled 3 agents; this brings each back:\n  \
                 husting agent enable bruno\n  husting agent enable lea --tenant acme\n  husting discord start\n\
                 Ended the programs of bruno; once its agent is back, `husting run NAME` starts one.\n\
                 Did not end, as the log says: the programs of lea.\n"
            )
        );
        // The bridge's own agent was disabled before, and an older instance names no session.
        let stopped = StoppedAll {
            rounds: 2,
            bridge: true,
            ..StoppedAll::default()
        };
        assert_eq!(
            said(&stopped),
            "Stopped 2 rounds; what was said is kept, and `husting session retry` asks again the seats that had not \
             answered or reacted.\n\
             No agent was active.\n\
             The Discord bridge is off: `husting discord start` begins it again.\n"
        );
    }
}
