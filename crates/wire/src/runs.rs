//! Running an agent's program: in tmux or for one task, watched, stopped, and started by mail.

use husting_domain::agents::Name;
use husting_domain::clients::Client;
use husting_domain::ids::{AgentId, RunId, TenantId};
use husting_domain::runs::{RunCause, RunExit, RunHow, WakeRule};
use husting_domain::secrets;
use husting_domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::errors::Error;

/// Asks for the command that would start an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct PlanRun {
    /// Whose.
    pub agent_id: AgentId,
    /// In which way.
    pub how: RunHow,
    /// With which client; the one that was wired last when left out.
    #[serde(default)]
    #[ts(optional)]
    pub client: Option<Client>,
    /// What it is told; `You are NAME. Boot your context.` when left out.
    #[serde(default)]
    #[ts(optional)]
    pub prompt: Option<String>,
}

/// The command that would start an agent. It carries the permission for exactly our server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunPlan {
    /// With which client; none where a command was kept that names none.
    pub client: Option<Client>,
    /// The program and its arguments, quoted as a shell would want them, whole. May be edited.
    pub command: String,
    /// Where it runs.
    pub directory: String,
    /// The file with the agent's token that the command names.
    pub file: Option<String>,
    /// What is in the way, as a sentence: no file was written, it changed, tmux is not installed. It can be
    /// started all the same unless `refused` says no.
    pub warnings: Vec<String>,
    /// That the command's program is not found, as a sentence: true as long as that program begins the command.
    pub missing: Option<String>,
    /// It cannot be started in this way, for the first of the warnings.
    pub refused: bool,
    /// The same command was started before, by somebody who had seen it.
    pub confirmed: bool,
    /// What a person types to look on; in tmux only.
    pub attach: Option<String>,
    /// The whole as one line for a terminal, as it is often written down.
    pub one_string: Option<String>,
}

/// Refuses a command in which a secret stands: every program on the machine can read the command lines of
/// all others.
///
/// # Errors
/// `invalid_request`, without the command.
pub fn refuse_secrets(command: &str) -> Result<(), Error> {
    if secrets::stand_in(command) {
        return Err(Error::invalid(
            "A token or key stands in the command, where every program on this machine could read it. Leave it \
             in a file that only you can read, such as the one that Husting wrote for the agent.",
        ));
    }
    Ok(())
}

/// Starts an agent's program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct StartRun {
    /// Whose.
    pub agent_id: AgentId,
    /// In which way.
    pub how: RunHow,
    /// As in [`RunPlan`], or edited. Split into words; never given to a shell.
    pub command: String,
    /// Where it runs; absolute. A folder of the agent's own when left out.
    #[serde(default)]
    #[ts(optional)]
    pub directory: Option<String>,
    /// The next plan offers this command, and mail starts it where it is for one task.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub keep: bool,
    /// It is not started again when it fails.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub no_restarts: bool,
}

/// Names one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct RunRef {
    /// Which.
    pub run_id: RunId,
}

/// Which runs to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct ListRuns {
    /// Of this agent; of all when left out.
    #[serde(default)]
    #[ts(optional)]
    pub agent_id: Option<AgentId>,
    /// Only those that have not ended.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub open: bool,
    /// Most runs, 500 at the most; 50 when left out.
    #[serde(default)]
    #[ts(optional)]
    pub limit: Option<u32>,
}

/// Runs, those that go on first, then the newest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunList {
    /// The runs.
    pub runs: Vec<RunView>,
}

/// One start of an agent's program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunView {
    /// Its id.
    pub run_id: RunId,
    /// Whose.
    pub agent_id: AgentId,
    /// What it is called.
    pub agent_name: Name,
    /// Whose that is.
    pub tenant_id: TenantId,
    /// In which way.
    pub how: RunHow,
    /// What started it.
    pub cause: RunCause,
    /// The program and its arguments.
    pub command: String,
    /// Where it runs.
    pub directory: String,
    /// When it was started.
    pub started_at: Timestamp,
    /// When the agent first asked the bus who it is.
    pub booted_at: Option<Timestamp>,
    /// It had a minute for that and has not: what is likely in the way, as a sentence.
    pub hindrance: Option<String>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How.
    pub exit: Option<RunExit>,
    /// Somebody stopped it, or its token ended.
    pub stopped: bool,
    /// When it is started again, as it failed.
    pub restarts_at: Option<Timestamp>,
    /// That waits, as all agents are paused.
    pub restart_paused: bool,
    /// It failed too often and is not started again by itself.
    pub gave_up: bool,
    /// What a person types to look on; in tmux and while it goes on.
    pub attach: Option<String>,
}

/// A run with what its program said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RunPage {
    /// The run.
    pub run: RunView,
    /// The end of what it said; secrets and control characters removed.
    pub text: String,
    /// How many UTF-16 code units were said before this text began.
    pub offset: u64,
}

/// Changes when mail starts an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
pub struct SetWake {
    /// Whose.
    pub agent_id: AgentId,
    /// From now on.
    pub rule: WakeRule,
}

/// When mail starts an agent, and how often it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WakeView {
    /// The rule.
    pub rule: WakeRule,
    /// Starts by mail since the day began (UTC).
    pub today: u32,
    /// Why mail does not start it now, as a sentence: no command was confirmed, the day's starts are used up.
    pub hindrance: Option<String>,
}
