//! Starting an agent's program, and watching it where it is for one task.

mod printed;

use std::time::Duration;

use clap::Args;
use futures::StreamExt;
use futures::stream::BoxStream;
use husting_domain::clients::Client;
use husting_domain::ids::TenantId;
use husting_domain::runs::{RunExit, RunHow};
use husting_wire::commands::{EndRun, LaunchAgent, ReadRun, ThinkOfRun};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::events::{Envelope, Event};
use husting_wire::runs::{PlanRun, RunPlan, RunRef, RunView, StartRun, refuse_secrets};

use tokio::time::MissedTickBehavior;

use self::printed::Printed;
use super::agent;
use super::confirm::Confirm;
use super::through;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::signals::asked_to_end;

/// Between two looks at a run of which nothing is told.
const LOOK: Duration = Duration::from_millis(500);

/// Which agent, and what it is told.
#[derive(Debug, Args)]
pub struct Run {
    /// The agent's name or its id
    agent: String,
    /// What it is told, in one line [default: You are NAME. Boot your context.]
    prompt: Option<String>,
    /// In a tmux session that outlives Husting and this command
    #[arg(long, conflicts_with = "once")]
    tmux: bool,
    /// For one task, which is the default: its words are printed until it ends, and Ctrl+C stops it
    #[arg(long)]
    once: bool,
    /// With this client: claude-code or codex [default: the one whose file was written last]
    #[arg(long, value_name = "CLIENT")]
    client: Option<Client>,
    /// Print the command that would be run, and run nothing
    #[arg(long)]
    show: bool,
    /// The command in the place of the client's usual one, quoted as for a shell; no shell is run
    #[arg(long, value_name = "COMMAND", conflicts_with_all = ["client", "prompt"])]
    command: Option<String>,
    /// The folder it runs in [default: the file's, else one of the agent's own]
    #[arg(long, value_name = "DIR")]
    directory: Option<String>,
    /// Run it although nobody has seen the command before
    #[arg(long)]
    yes: bool,
}

impl Run {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        through(invocation, async |door| {
            if !door.outlives_us() {
                // The agent would find nobody to call, and nobody would watch over it.
                return Err(Failure::NotRunning(invocation.home.path().to_owned()));
            }
            self.start(door, invocation).await
        })
        .await
    }

    async fn start(self, door: &dyn Door, invocation: &Invocation) -> Result<Exit, Failure> {
        let json = invocation.json;
        let agent_id = agent::find(door, &self.agent).await?.id;
        let how = if self.tmux {
            RunHow::Tmux
        } else {
            RunHow::Once
        };
        let asked = PlanRun {
            agent_id,
            how,
            client: self.client,
            prompt: self.prompt.clone(),
        };
        let mut plan = ask::<ThinkOfRun>(door, asked).await?;
        if let Some(command) = &self.command {
            plan.confirmed &= *command == plan.command;
            let program = |line: &str| shell_words::split(line).ok()?.into_iter().next();
            plan.missing = plan
                .missing
                .filter(|_| program(command) == program(&plan.command));
            plan.command.clone_from(command);
        }
        if let Some(directory) = &self.directory {
            plan.confirmed &= *directory == plan.directory;
            plan.directory.clone_from(directory);
        }
        // Before anybody is shown it.
        refuse_secrets(&plan.command)?;
        if self.show {
            return shown(&plan, json);
        }
        if plan.command.is_empty() {
            let nothing = "there is no command to run".to_owned();
            let why = plan
                .warnings
                .into_iter()
                .reduce(|all, one| all + " " + &one);
            return Err(Failure::Usage(why.unwrap_or(nothing)));
        }
        if !plan.confirmed && !self.yes {
            eprint!("{}", words(&plan));
            Confirm {
                question: "Run it?",
                word: "run",
                refusal: Some("This command was not run before: look at it with --show"),
            }
            .ask(invocation)?;
        }
        // Before the start, so that no word is missed.
        let events = door.watch().await?;
        let asked = StartRun {
            agent_id,
            how,
            command: plan.command,
            directory: Some(plan.directory),
            // A prompt of the moment is not what mail starts.
            keep: self.prompt.is_none(),
            no_restarts: how == RunHow::Once,
        };
        let run = ask::<LaunchAgent>(door, asked).await?;
        if how == RunHow::Tmux {
            return started(&run, json);
        }
        watched(door, events, &run, json).await
    }
}

/// Prints a program's words until it ends, and stops it where that is asked.
async fn watched(
    door: &dyn Door,
    mut events: BoxStream<'static, Envelope>,
    run: &RunView,
    json: bool,
) -> Result<Exit, Failure> {
    let run_id = run.run_id;
    // Of another tenant's nothing is told: it is looked at.
    let is_told = run.tenant_id == TenantId::local();
    let mut looks = tokio::time::interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut printed = Printed::default();
    loop {
        let event = tokio::select! {
            event = events.next() => event.map(|envelope| envelope.event),
            _ = looks.tick(), if !is_told => {
                let page = ask::<ReadRun>(door, RunRef { run_id }).await?;
                let now = page.run.clone();
                if !json {
                    printed.look(page)?;
                }
                if now.ended_at.is_some() {
                    return over_with(door, &now, json).await;
                }
                continue;
            }
            () = asked_to_end() => {
                let over = ask::<EndRun>(door, RunRef { run_id }).await?;
                return over_with(door, &over, json).await;
            }
        };
        match event {
            Some(Event::RunText {
                run_id: of,
                offset,
                text,
            }) if of == run_id && !json => {
                if !printed.take(offset, &text)? {
                    let page = ask::<ReadRun>(door, RunRef { run_id }).await?;
                    printed.jump(&page)?;
                }
            }
            Some(Event::RunChanged { run }) if run.run_id == run_id && run.ended_at.is_some() => {
                return over_with(door, &run, json).await;
            }
            Some(_) => {}
            None => {
                let words = "The connection to Husting ended; the program may go on: `husting agent runs NAME`.";
                return Err(Error::new(ErrorCode::ShuttingDown, words).into());
            }
        }
    }
}

fn shown(plan: &RunPlan, json: bool) -> Result<Exit, Failure> {
    if json {
        output::json(plan)?;
    } else {
        output::text(&words(plan))?;
    }
    Ok(if plan.refused {
        Exit::Refused
    } else {
        Exit::Done
    })
}

/// The command whole, and what is in its way.
fn words(plan: &RunPlan) -> String {
    let mut text = format!("{}\nin {}\n", plan.command, plan.directory);
    let file = plan.file.as_deref().zip(plan.client);
    if let Some(home) = file.and_then(|(file, client)| client.home_of(file)) {
        text += &format!("with CODEX_HOME={home}\n");
    }
    for (what, line) in [("look on", &plan.attach), ("by hand", &plan.one_string)] {
        if let Some(line) = line {
            text += &format!("{what}: {line}\n");
        }
    }
    for warning in plan.warnings.iter().chain(&plan.missing) {
        text += &format!("! {warning}\n");
    }
    text
}

fn started(run: &RunView, json: bool) -> Result<Exit, Failure> {
    if json {
        output::json(run)?;
    } else {
        let attach = run.attach.as_deref().unwrap_or_default();
        output::text(&format!(
            "{} runs in tmux. Look on with:\n\n{attach}\n",
            run.agent_name
        ))?;
    }
    Ok(Exit::Done)
}

async fn over_with(door: &dyn Door, run: &RunView, json: bool) -> Result<Exit, Failure> {
    if json {
        let run_id = run.run_id;
        output::json(&ask::<ReadRun>(door, RunRef { run_id }).await?)?;
    } else {
        output::text(&format!("\n{} {}.\n", run.agent_name, how_it_ended(run)))?;
    }
    Ok(exit_of(run))
}

fn how_it_ended(run: &RunView) -> String {
    match run.exit {
        _ if run.stopped => "was stopped".to_owned(),
        Some(RunExit::Code { code: 0 }) => "is done".to_owned(),
        Some(RunExit::Code { code }) => format!("ended with code {code}"),
        Some(RunExit::Signal { signal }) => format!("was ended by signal {signal}"),
        Some(RunExit::NotStarted) => "could not be started".to_owned(),
        Some(RunExit::Unseen) | None => "ended unseen".to_owned(),
    }
}

fn exit_of(run: &RunView) -> Exit {
    if run.exit.is_some_and(RunExit::is_success) {
        Exit::Done
    } else {
        Exit::Failed
    }
}
