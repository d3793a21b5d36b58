//! The Discord bridge: its settings looked at, frames run dry, or the bridge itself.

mod agents;
mod check;
mod dry;
mod env;
mod going;
mod ids;
mod invite;
mod journal;
mod live;
mod mailboxes;
mod passed;
mod set;
mod set_up;
mod settling;
pub(super) mod state;
mod status;
mod steer;
mod text;
mod token;

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ContextValue};
use clap::{Args, Subcommand};
use husting_discord::settings::{EnvFileError, SettingFault, Settings, Variables, VariablesError};

use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;

const VARIABLES: &str =
    "Without a command it runs alone, with a journal of its own, as environment variables say and, below
them, .env in the working folder (docs/discord.env.example). DRY_RUN=1 opens no socket: it prints
what gateway frames would lead to. The commands are for the console's bridge.";

/// The bridge between Discord and agents on the bus
#[derive(Debug, Args)]
#[command(
    after_help = VARIABLES,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true
)]
pub struct Discord {
    #[command(subcommand)]
    command: Option<DiscordCommand>,
    /// With DRY_RUN=1: gateway frames, one a line [default: standard input, else samples]
    file: Option<PathBuf>,
    /// What a mistyped command was given.
    #[arg(hide = true, requires = "file")]
    rest: Vec<OsString>,
    /// Look at all settings and end; nobody outside this machine is asked
    #[arg(long, conflicts_with = "file")]
    check: bool,
    /// With --check: ask Discord and the bus as well what they say of them
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
    /// Run recorded frames dry
    Replay(dry::Replay),
    #[command(flatten)]
    Steer(steer::Steer),
    #[command(flatten)]
    SetUp(set_up::SetUp),
    #[command(flatten)]
    Journal(journal::Journal),
}

impl Discord {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        match self.command {
            Some(DiscordCommand::Token(token)) => return token.run(invocation).await,
            Some(DiscordCommand::Replay(replay)) => return replay.run(invocation),
            Some(DiscordCommand::Steer(steer)) => return steer.run(invocation).await,
            Some(DiscordCommand::SetUp(set_up)) => return set_up.run(invocation).await,
            Some(DiscordCommand::Journal(journal)) => return journal.run(invocation).await,
            None => {}
        }
        if let Some(word) = self.file.as_deref().filter(|file| self.is_no_file(file)) {
            return Err(no_command(word));
        }
        let variables = variables(self.env_file.as_deref())?;
        if self.check {
            return check::run(&variables, self.live, invocation).await;
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

    /// Whether the first word can only have been meant as a command.
    fn is_no_file(&self, file: &Path) -> bool {
        let is_word = file.components().count() == 1 && file != Path::new("-");
        !self.rest.is_empty() || (is_word && file.extension().is_none() && !file.exists())
    }
}

/// A word that is neither a file nor a command, with the command that is nearest to it.
fn no_command(word: &Path) -> Failure {
    let word = word.display().to_string();
    if DiscordCommand::has_subcommand(&word) {
        return Failure::Usage(format!(
            "husting discord {word} goes with none of the flags that stand before it"
        ));
    }
    let commands = DiscordCommand::augment_subcommands(clap::Command::new("discord"));
    let read = commands.try_get_matches_from(["discord", &word]);
    let nearest = match read
        .as_ref()
        .map_err(|fault| fault.get(ContextKind::SuggestedSubcommand))
    {
        // The nearest comes last.
        Err(Some(ContextValue::Strings(near))) => near.last().cloned(),
        Err(Some(ContextValue::String(near))) => Some(near.clone()),
        _ => None,
    };
    let nearest = nearest.map_or_else(String::new, |near| {
        format!("; did you mean `husting discord {near}`?")
    });
    Failure::Usage(format!(
        "husting discord has no command {word:?} (`husting discord --help` lists them all){nearest}"
    ))
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
