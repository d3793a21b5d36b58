//! The command that would start an agent, before anything is started.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use husting_domain::agents::Name;
use husting_domain::clients::Client;
use husting_domain::runs::{ConfirmedCommand, RunHow, RunSetup};
use husting_launch::{CommandLine, Runner, Task, one_string};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::runs::{PlanRun, RunPlan};
use husting_wire::wiring::{WiredFile, WiredState};

use crate::Inner;
use crate::agents::registry::Standing;
use crate::errors::Outward;

/// What a prompt may have at the most, in characters.
const MOST_PROMPT: usize = 16_384;

impl Inner {
    /// The command that would start an agent in that way: the one that was confirmed, or the client's
    /// usual one with the file that was written last.
    ///
    /// # Errors
    /// `agent_not_found`, `invalid_state`; `invalid_request` for a prompt that cannot be one.
    pub(crate) async fn plan_run(self: &Arc<Self>, asked: PlanRun) -> Result<RunPlan, Error> {
        let standing = self.runnable(asked.agent_id)?;
        let prompt = checked_prompt(asked.prompt)?;
        if let Some(client) = asked.client
            && runner(client).is_none()
        {
            return Err(Error::invalid(
                "Husting starts Claude Code and Codex. Any other client is started by hand.",
            ));
        }
        let files = self.wired_files(&standing).await?;
        let setup = self.setup_of(&standing).await?;
        let confirmed = match asked.how {
            RunHow::Once => setup.once,
            RunHow::Tmux => setup.tmux,
        };
        let meant = asked.client;
        let file = files
            .iter()
            .filter(|file| runner(file.client).is_some())
            .find(|file| meant.is_none_or(|client| client == file.client));
        let usual = file.map(|file| self.usual(&standing, file, asked.how, prompt.as_deref()));
        let is_kept = |usual: &ConfirmedCommand| confirmed.as_ref() == Some(usual);
        let (command, is_confirmed) = match (usual, &confirmed) {
            // What was edited and confirmed comes again, unless something else is asked for, or it names a
            // file that another took the place of.
            (_, Some(kept))
                if prompt.is_none() && meant.is_none() && !is_outdated(kept, &files) =>
            {
                (kept.clone(), true)
            }
            (Some(usual), _) => {
                let kept = is_kept(&usual);
                (usual, kept)
            }
            (None, _) => (
                ConfirmedCommand {
                    command: String::new(),
                    directory: self.own_folder(&standing).display().to_string(),
                },
                false,
            ),
        };
        let mut plan = RunPlan {
            client: file.map(|file| file.client),
            command: command.command,
            directory: command.directory,
            file: file.map(|file| file.path.clone()),
            warnings: Vec::new(),
            missing: None,
            refused: false,
            confirmed: is_confirmed,
            attach: None,
            one_string: None,
        };
        self.warn(&standing, asked.how, file, &mut plan);
        if asked.how == RunHow::Tmux {
            let name = standing.agent.name.as_str();
            plan.attach = self.runs.tmux.as_ref().map(|tmux| tmux.attach_line(name));
            let words = CommandLine::parse(&plan.command).ok();
            let home = file.and_then(|file| file.client.home_of(&file.path));
            let variables: Vec<_> = home.map(|home| ("CODEX_HOME", home)).into_iter().collect();
            plan.one_string =
                words.map(|words| one_string(name, &words, &plan.directory, &variables));
        }
        Ok(plan)
    }

    /// An agent that somebody's own program runs, and that may call.
    pub(super) fn runnable(&self, id: husting_domain::ids::AgentId) -> Result<Standing, Error> {
        let standing = self.managed(&self.operator_of(id), id)?;
        let name = &standing.agent.name;
        let sentence = if standing.token.is_none() {
            format!(
                "{name} has no token of its own: Husting runs it, and no program is started for it."
            )
        } else if !standing.agent.may_call(self.now()) {
            format!("{name} may not call now, so its program would be refused. Enable it first.")
        } else {
            return Ok(standing);
        };
        Err(Error::new(ErrorCode::InvalidState, sentence))
    }

    /// A client's usual command with a file that was written.
    fn usual(
        &self,
        standing: &Standing,
        file: &WiredFile,
        how: RunHow,
        prompt: Option<&str>,
    ) -> ConfirmedCommand {
        let path = Path::new(&file.path);
        let task = Task {
            agent: standing.agent.name.as_str(),
            file: path,
            prompt,
            once: how == RunHow::Once,
        };
        let runner = runner(file.client).unwrap_or(Runner::ClaudeCode);
        let is_projects = path.ends_with(".mcp.json");
        let beside = path.parent().filter(|_| is_projects).map(PathBuf::from);
        let directory = beside.unwrap_or_else(|| self.own_folder(standing));
        ConfirmedCommand {
            command: runner.usual(&task).text(),
            directory: directory.display().to_string(),
        }
    }

    /// The folder in which an agent's program works where nobody named another.
    pub(super) fn own_folder(&self, standing: &Standing) -> PathBuf {
        let agents = self.home.join("agents");
        // Names are free again after a revocation; ids are not.
        agents.join(format!("{}-{}", standing.agent.name, standing.agent.id))
    }

    /// How the agent is run so far.
    pub(super) async fn setup_of(&self, standing: &Standing) -> Result<RunSetup, Error> {
        let agent = standing.agent.id;
        let kept = self.store.run_setup(&standing.tenant, agent).await;
        Ok(kept.outward()?.unwrap_or(RunSetup {
            agent,
            once: None,
            tmux: None,
            wake: husting_domain::runs::WakeRule::default(),
        }))
    }

    /// What is in the way of a plan, what cannot be got round first.
    fn warn(&self, standing: &Standing, how: RunHow, file: Option<&WiredFile>, plan: &mut RunPlan) {
        let name = &standing.agent.name;
        if how == RunHow::Tmux && self.runs.tmux.is_none() {
            plan.refused = true;
            plan.warnings.push(
                "tmux is not installed. Install it, or run the program for one task: Husting then keeps it \
                 as its own child."
                    .to_owned(),
            );
        }
        if let Some(live) = self.runs.of(standing.agent.id) {
            plan.refused = true;
            let since = live.run().started_at;
            plan.warnings.push(format!(
                "{name} runs already, since {since}. Stop it first."
            ));
        }
        match file.map(|file| (file.state, &file.path)) {
            None if plan.command.is_empty() => plan.warnings.push(format!(
                "No file with the token of {name} was written for Claude Code or Codex yet, so there is no \
                 command to offer: {} writes one. Or write the command yourself.",
                wire_line(name)
            )),
            None | Some((WiredState::Current, _)) => {}
            Some((WiredState::Changed, path)) => {
                plan.warnings
                    .push(format!("{path} was changed since Husting wrote it."));
            }
            Some((WiredState::Moved, path)) => plan.warnings.push(format!(
                "{path} names another address than that at which Husting is heard now: wire {name} again."
            )),
            Some((WiredState::OldToken, path)) => plan.warnings.push(format!(
                "{path} has a token that opens nothing any more, or soon will not: wire {name} again."
            )),
            Some((WiredState::Anothers, path)) => plan.warnings.push(format!(
                "Husting's entry in {path} has a token that is not {name}'s: wire {name} again, in a file of its own."
            )),
            Some((WiredState::Gone, path)) => plan.warnings.push(format!(
                "{path}, or Husting's entry in it, is not there any more, or it cannot be read: wire {name} again."
            )),
        }
        if let Ok(command) = CommandLine::parse(&plan.command) {
            let path = self.surroundings.variable("PATH").unwrap_or_default();
            if !command.program.contains('/') && command.on_path(path).is_none() {
                plan.missing = Some(format!(
                    "{} was not found on the search path with which Husting was started. Install it and start Husting anew, or name it by its full path.",
                    command.program
                ));
            }
        }
    }
}

/// The line that writes a file with which an agent's program can be started.
pub(super) fn wire_line(name: &Name) -> String {
    format!("`husting wire {name} --client claude-code --write .mcp.json --rotate`")
}

/// The program that runs an agent of this client without a person in front of it.
pub(super) const fn runner(client: Client) -> Option<Runner> {
    match client {
        Client::ClaudeCode => Some(Runner::ClaudeCode),
        Client::Codex => Some(Runner::Codex),
        _ => None,
    }
}

/// Whether a command names a file that was written for the agent and is not the newest.
fn is_outdated(kept: &ConfirmedCommand, files: &[WiredFile]) -> bool {
    let runnable = files.iter().filter(|file| runner(file.client).is_some());
    let mut others = runnable.skip(1);
    others.any(|file| kept.command.contains(&file.path))
}

fn checked_prompt(prompt: Option<String>) -> Result<Option<String>, Error> {
    let Some(prompt) = prompt.filter(|prompt| !prompt.trim().is_empty()) else {
        return Ok(None);
    };
    if prompt.chars().count() > MOST_PROMPT {
        return Err(Error::invalid(format!(
            "`prompt` has at most {MOST_PROMPT} characters."
        )));
    }
    // It stands in a command that is shown and read in one line.
    Ok(Some(
        prompt.split_whitespace().collect::<Vec<_>>().join(" "),
    ))
}
