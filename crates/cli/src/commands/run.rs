//! Starting an agent's program, and watching it where it is for one task.

use clap::Args;
use futures::StreamExt;
use husting_domain::clients::Client;
use husting_domain::runs::{RunExit, RunHow};
use husting_wire::commands::{EndRun, LaunchAgent, ReadRun, ThinkOfRun};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::events::Event;
use husting_wire::runs::{PlanRun, RunPage, RunPlan, RunRef, RunView, StartRun, refuse_secrets};

use super::agent;
use super::confirm::Confirm;
use super::through;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::signals::asked_to_end;

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
                refusal: "this command was not run before: look at it with --show",
            }
            .ask(invocation)?;
        }
        // Before the start, so that no word is missed.
        let mut events = door.watch().await?;
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
        let run_id = run.run_id;
        let mut printed = Printed::default();
        loop {
            let event = tokio::select! {
                event = events.next() => event.map(|envelope| envelope.event),
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
                Some(Event::RunChanged { run })
                    if run.run_id == run_id && run.ended_at.is_some() =>
                {
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
}

/// What was printed of a program's words, in UTF-16 code units.
#[derive(Default)]
struct Printed {
    upto: u64,
}

impl Printed {
    /// Prints what is new. Lines that a program draws anew are not taken back from a terminal: what
    /// differs is printed on a line of its own. False where something was missed.
    fn take(&mut self, offset: u64, text: &str) -> Result<bool, Failure> {
        if offset > self.upto {
            return Ok(false);
        }
        if offset < self.upto {
            output::text("\n")?;
        }
        output::text(text)?;
        self.upto = offset + units(text);
        Ok(true)
    }

    fn jump(&mut self, page: &RunPage) -> Result<(), Failure> {
        output::text(&format!("\n[…]\n{}", page.text))?;
        self.upto = page.offset + units(&page.text);
        Ok(())
    }
}

fn units(text: &str) -> u64 {
    u64::try_from(text.encode_utf16().count()).unwrap_or(u64::MAX)
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
    for (what, line) in [("look on", &plan.attach), ("by hand", &plan.one_string)] {
        if let Some(line) = line {
            text += &format!("{what}: {line}\n");
        }
    }
    for warning in &plan.warnings {
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
