//! The Discord bridge: its settings looked at, frames run dry, or the bridge itself.

mod check;
mod desk;
mod dry;
mod live;
mod set_up;
mod text;
mod token;

use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use husting_discord::settings::{EnvFileError, SettingFault, Settings, Variables, VariablesError};

use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;

const VARIABLES: &str =
    "Without a command it runs alone, with a journal of its own; commands are for the console's bridge.
Settings are environment variables, and below them those of .env in the working folder;
docs/discord.env.example explains each. DRY_RUN=1 opens no socket: it prints what gateway
frames would lead to.";

/// The bridge between Discord and agents on the bus
#[derive(Debug, Args)]
#[command(after_help = VARIABLES, args_conflicts_with_subcommands = true)]
pub struct Discord {
    #[command(subcommand)]
    command: Option<DiscordCommand>,
    /// With DRY_RUN=1: gateway frames, one a line [default: standard input, else samples]
    file: Option<PathBuf>,
    /// Look at all settings and end; nothing is connected to
    #[arg(long, conflicts_with = "file")]
    check: bool,
    /// With --check: ask Discord and the bus, too, whether they take the tokens, and what the bot may do
    #[arg(long, requires = "check")]
    live: bool,
    /// Read this file in place of .env
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
}

/// What to do beside running it.
#[derive(Debug, Subcommand)]
pub enum DiscordCommand {
    /// Make the bridge's agent, or give it a new token; shown once
    Token(token::Token),
    /// Run recorded frames dry: discord/flight.jsonl in the data folder
    Replay(dry::Replay),
    #[command(flatten)]
    SetUp(set_up::SetUp),
    #[command(flatten)]
    Desk(desk::Desk),
}

impl Discord {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        match self.command {
            Some(DiscordCommand::Token(token)) => return token.run(invocation).await,
            Some(DiscordCommand::Replay(replay)) => return replay.run(invocation.json),
            Some(DiscordCommand::SetUp(set_up)) => return set_up.run(invocation).await,
            Some(DiscordCommand::Desk(desk)) => return desk.run(invocation).await,
            None => {}
        }
        let variables = variables(self.env_file.as_deref())?;
        if self.check {
            return check::run(&variables, self.live, invocation.json).await;
        }
        if Settings::asks_for_dry_run(&variables) {
            let settings = Settings::read_dry(&variables).map_err(wrong)?;
            return dry::run(&settings, self.file.as_deref(), invocation.json);
        }
        if self.file.is_some() {
            let refusal = "frames are read from a file with DRY_RUN=1 alone";
            return Err(Failure::Usage(refusal.to_owned()));
        }
        let settings = Settings::read(&variables).map_err(wrong)?;
        live::run(settings, invocation).await
    }
}

fn variables(env_file: Option<&Path>) -> Result<Variables, Failure> {
    Variables::gather(std::env::vars_os(), env_file, Path::new(".")).map_err(unread)
}

/// All that is wrong, in one sentence for each.
fn wrong(faults: Vec<SettingFault>) -> Failure {
    let lines: Vec<_> = faults.iter().map(ToString::to_string).collect();
    Failure::Usage(lines.join("\n"))
}

fn unread(fault: VariablesError) -> Failure {
    match fault {
        VariablesError::File(EnvFileError::Unreadable { path, source }) => file(&path, source),
        other => Failure::Usage(other.to_string()),
    }
}

fn file(path: &Path, source: io::Error) -> Failure {
    Failure::File {
        path: path.to_owned(),
        doing: "read",
        source,
    }
}
