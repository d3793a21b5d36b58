//! The bridge to Discord.

mod token;

use clap::{Args, Subcommand};

use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;

/// The bridge to Discord
#[derive(Debug, Args)]
pub struct Discord {
    #[command(subcommand)]
    command: Option<DiscordCommand>,
}

/// What to do beside running it.
#[derive(Debug, Subcommand)]
pub enum DiscordCommand {
    /// Make the bridge's agent and show its token, once; where it is there, give it a new one
    Token(token::Token),
}

impl Discord {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        match self.command {
            Some(DiscordCommand::Token(token)) => token.run(invocation).await,
            None => Err(Failure::Usage(
                "Say what to do, such as `husting discord token`.".to_owned(),
            )),
        }
    }
}
