//! Starting an agent's program.

use std::path::PathBuf;
use std::sync::Arc;

use husting_domain::audit::{Action, Entry};
use husting_domain::clients::Client;
use husting_domain::ids::{RunId, TenantId};
use husting_domain::runs::{ConfirmedCommand, Run, RunCause, RunExit, RunHow, RunSequel};
use husting_launch::{CommandLine, LaunchError, Order, Session, environment};
use husting_store::{AgentRequire, CommitError, Constraint, Require, RunWrite, Unit, Write};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::runs::{RunView, StartRun, refuse_secrets};
use serde_json::json;

use super::live::LiveRun;
use super::setups::codex_home;
use crate::agents::registry::Standing;
use crate::errors::{Outward, commit_fault};
use crate::{Inner, chance};

/// In which way a program is started, and what follows.
#[derive(Clone, Copy)]
pub(super) struct Start {
    pub how: RunHow,
    pub cause: RunCause,
    /// It is started again when it fails.
    pub restarts: bool,
    /// Its command is offered from now on, and mail starts it.
    pub keep: bool,
    /// It is the restart of this run, and made only where that is still pending.
    pub after: Option<RunId>,
}

impl Inner {
    /// Starts an agent's program; a command that is kept counts as confirmed from then on.
    ///
    /// # Errors
    /// `invalid_request` for what is no command, or holds a token; `invalid_state` where the agent may
    /// not call or its program runs already; `program_failed` where the system does not start it.
    pub(crate) async fn start_run(self: &Arc<Self>, asked: StartRun) -> Result<RunView, Error> {
        let standing = self.runnable(asked.agent_id)?;
        let directory = match asked.directory.filter(|path| !path.trim().is_empty()) {
            Some(path) => self
                .surroundings
                .path(&path)
                .ok_or_else(|| Error::invalid("`directory` must begin with / or ~/."))?,
            None => self.own_folder(&standing),
        };
        let confirmed = ConfirmedCommand {
            command: checked_command(&asked.command)?.text(),
            directory: directory.display().to_string(),
        };
        let start = Start {
            how: asked.how,
            cause: RunCause::Operator,
            restarts: !asked.no_restarts,
            keep: asked.keep,
            after: None,
        };
        self.launch(&standing, start, confirmed).await
    }

    /// Starts a program: its run is on disk first.
    pub(super) async fn launch(
        self: &Arc<Self>,
        standing: &Standing,
        start: Start,
        confirmed: ConfirmedCommand,
    ) -> Result<RunView, Error> {
        self.refuse_while_closing()?;
        let agent = standing.agent.id;
        let turn = self.runs.turns.turn(agent).await;
        let order = match self.order(standing, &confirmed).await {
            // Nobody is there to be told: it is a run that failed, and decided like any.
            Err(fault) if start.after.is_some() => Err(fault),
            order => Ok(order?),
        };
        let run = Run {
            id: chance::run_id(),
            agent,
            how: start.how,
            cause: start.cause,
            command: confirmed.command.clone(),
            directory: confirmed.directory.clone(),
            process: None,
            started_at: self.now(),
            booted_at: None,
            ended_at: None,
            exit: None,
            stopped: false,
            restarts: start.restarts,
            sequel: RunSequel::Nothing,
            tail: String::new(),
        };
        let overtaken = self.restarting(agent).await?;
        self.keep_begin(standing, &run, start.after).await?;
        if let Some(overtaken) = overtaken {
            self.tell_overtaken(standing, overtaken);
        }
        let name = standing.agent.name.clone();
        let live = Arc::new(LiveRun::new(standing.tenant.clone(), name, run));
        // Mail mends nothing: what failed too often is told of until somebody starts it, or it does what it is asked.
        if start.cause != RunCause::Mail && self.agents.give_up(agent, None) {
            self.tell_agent(agent).await;
        }
        // Before it runs: an agent may ask the bus who it is at once.
        self.runs.add(live.clone());
        let session = match order {
            Ok(order) => {
                let session = self.session(start.how, &order).await;
                session.map_err(|fault| failed(&fault))
            }
            Err(fault) => Err(fault),
        };
        match session {
            Ok(session) => {
                self.watch_over(&live, session).await;
                if start.keep {
                    self.keep_command(standing, start.how, confirmed).await?;
                }
                drop(turn);
                self.tell_run(&live);
                Ok(self.live_view(&live))
            }
            Err(fault) => {
                live.screen().push(&format!("{}\n", fault.message));
                self.finish(&live, RunExit::NotStarted).await;
                drop(turn);
                Err(fault)
            }
        }
    }

    /// Keeps that a run begins, in the place of the restart that it is.
    async fn keep_begin(
        &self,
        standing: &Standing,
        run: &Run,
        after: Option<RunId>,
    ) -> Result<(), Error> {
        let agent = &standing.agent;
        let is_as_seen = AgentRequire::Standing(agent.id, agent.epoch);
        let unit = Unit::of(standing.tenant.clone()).require(Require::Agent(is_as_seen));
        let entry = Entry {
            at: run.started_at,
            action: Action::Launch,
            actor: match run.cause {
                RunCause::Operator => "operator".to_owned(),
                RunCause::Restart | RunCause::Mail => "husting".to_owned(),
            },
            agent: Some(run.agent),
            subject: Some(run.id.0),
            body: None,
            detail: json!({ "how": run.how, "cause": run.cause, "directory": run.directory })
                .to_string(),
        };
        let restarted = after.map(|run| Write::Run(RunWrite::ClearRestart(run)));
        let unit = unit
            .writes(restarted)
            .write(Write::Run(RunWrite::Begin(run.clone())))
            .write(Write::Audit(entry));
        self.store.commit(unit).await.map_err(|fault| match fault {
            CommitError::Constraint(Constraint::Exists(_)) => Error::new(
                ErrorCode::InvalidState,
                format!("{} runs already. Stop it first.", standing.agent.name),
            ),
            CommitError::Refused(Require::Agent(AgentRequire::Standing(..))) => Error::new(
                ErrorCode::InvalidState,
                format!(
                    "{} was changed just now. Look at it, and start it again.",
                    agent.name
                ),
            ),
            fault => commit_fault(&fault),
        })?;
        Ok(())
    }

    /// The next plan offers this command, and mail starts it where it is for one task.
    async fn keep_command(
        &self,
        standing: &Standing,
        how: RunHow,
        confirmed: ConfirmedCommand,
    ) -> Result<(), Error> {
        let mut setup = self.setup_of(standing).await?;
        match how {
            RunHow::Once => setup.once = Some(confirmed),
            RunHow::Tmux => setup.tmux = Some(confirmed),
        }
        self.keep(&standing.tenant, [Write::Run(RunWrite::PutSetup(setup))])
            .await?;
        self.runs.moved();
        Ok(())
    }

    /// What is started, with nothing of Husting's own environment but what a program needs.
    async fn order(
        &self,
        standing: &Standing,
        confirmed: &ConfirmedCommand,
    ) -> Result<Order, Error> {
        let directory = PathBuf::from(&confirmed.directory);
        if directory == self.own_folder(standing) {
            tokio::fs::create_dir_all(&directory)
                .await
                .map_err(|fault| {
                    let words = format!("{} could not be made: {fault}.", directory.display());
                    Error::new(ErrorCode::ProgramFailed, words)
                })?;
        }
        let command = checked_command(&confirmed.command)?;
        let agent = standing.agent.id;
        let files = self.store.wirings(&standing.tenant, agent).await;
        let files = files.outward()?;
        let codex = files.iter().find(|file| file.client == Client::Codex);
        let is_codex = command.program.rsplit('/').next() == Some("codex");
        let home = codex_home(
            codex.filter(|_| is_codex).map(|file| file.client),
            codex.map(|file| file.path.as_str()),
        );
        let more = home.map(|home| ("CODEX_HOME".to_owned(), home));
        Ok(Order {
            name: session_name(standing),
            agent: agent.to_string(),
            command,
            directory,
            environment: environment(
                self.surroundings.variables.iter().cloned(),
                more.into_iter().collect(),
            ),
        })
    }

    /// In tmux, or as a child.
    async fn session(&self, how: RunHow, order: &Order) -> Result<Session, LaunchError> {
        match (how, &self.runs.tmux) {
            (RunHow::Once, _) => husting_launch::start(order).map(Session::from),
            (RunHow::Tmux, Some(tmux)) => tmux.start(order).await.map(Session::from),
            (RunHow::Tmux, None) => Err(LaunchError::NotFound {
                program: "tmux".to_owned(),
            }),
        }
    }
}

/// What its session of tmux is called: its name, unless the agent is another tenant's, who may have one
/// of the same name.
fn session_name(standing: &Standing) -> String {
    let name = &standing.agent.name;
    if standing.tenant == TenantId::local() {
        return name.to_string();
    }
    let tenant = standing.tenant.as_str().replace('.', "_");
    format!("{name}_{tenant}").chars().take(64).collect()
}

/// A command that can be run, without a secret in it.
pub(super) fn checked_command(text: &str) -> Result<CommandLine, Error> {
    refuse_secrets(text)?;
    CommandLine::parse(text.trim())
        .map_err(|fault| Error::invalid(format!("`command` cannot be run: {fault}.")))
}

pub(super) fn failed(fault: &LaunchError) -> Error {
    Error::new(ErrorCode::ProgramFailed, format!("{fault}."))
        .with(json!({ "message": fault.to_string() }))
}
