//! The file that puts a client on the bus, after the token was made: shown with a placeholder, or
//! written with a new token that takes the old one's place.

use clap::Args;
use husting_domain::clients::Client;
use husting_wire::commands::WireAgain;
use husting_wire::wiring::{RewireAgent, RewiredAgent, UnwrittenFile, WiringOf};

use super::agent;
use super::spans::Span;
use super::through;
use super::wiring::{IntoFile, PLACEHOLDER, said};
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;

/// Which agent, for which client.
#[derive(Debug, Args)]
pub struct Wire {
    /// The agent's name or its id
    agent: String,
    /// For which client: claude-code, codex, gemini-cli, cursor, vscode, windsurf, cline,
    /// claude-desktop, zed, hermes, openclaw or json (any other)
    #[arg(long, value_name = "CLIENT")]
    client: Client,
    #[command(flatten)]
    file: IntoFile,
    /// Make a new token for the file, try it, and end the old one: a token is known to nobody once it was
    /// shown, so that --write needs this
    #[arg(long, requires = "write")]
    rotate: bool,
    /// How long the old token goes on where the new one could not be tried, or not be written to all
    /// files, such as 60 or 10m, a day at the most [default: 60]
    #[arg(long, value_name = "SPAN", requires = "rotate")]
    overlap: Option<Span>,
}

impl Wire {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        let json = invocation.json;
        through(invocation, async |door| self.wire(door, json).await).await
    }

    async fn wire(self, door: &dyn Door, json: bool) -> Result<Exit, Failure> {
        let agent_id = agent::find(door, &self.agent).await?.id;
        let path = self.file.path()?;
        match path {
            Some(_) if !self.rotate => Err(Failure::Usage(format!(
                "nobody knows the token of {agent} any more, so a file with it needs a new one: say --rotate, \
                 which writes it and then ends the old one",
                agent = self.agent
            ))),
            Some(path) => {
                let asked = RewireAgent {
                    agent_id,
                    client: self.client,
                    transport: self.file.transport(),
                    path,
                    git_exclude: self.file.git_exclude(),
                    overlap_seconds: self.overlap.map(|span| span.0),
                };
                let overlap = asked.overlap_seconds.is_some();
                rewired(&ask::<WireAgain>(door, asked).await?, overlap, json)
            }
            None => {
                let of = WiringOf::Agent { agent_id };
                let planned = self.file.plan(door, of, self.client).await?;
                output::answer(&planned.view, json, &planned.text(PLACEHOLDER))
            }
        }
    }
}

fn rewired(done: &RewiredAgent, overlap: bool, json: bool) -> Result<Exit, Failure> {
    if json {
        output::json(done)?;
    } else {
        output::text(&text(done, overlap))?;
    }
    let is_whole = done.wired.is_some() && done.left.is_empty();
    Ok(if is_whole && done.answered != Some(false) {
        Exit::Done
    } else {
        Exit::Partial
    })
}

/// `overlap`: whether one was asked for.
fn text(done: &RewiredAgent, overlap: bool) -> String {
    let name = &done.minted.agent.agent_name;
    let said = |written| said(written, Some(&done.minted.agent));
    let also: String = done.also.iter().map(said).collect();
    let left: String = done.left.iter().map(still_old).collect();
    let Some(written) = &done.wired else {
        let why = done.not_written.as_deref().unwrap_or_default();
        let raw = done.minted.raw_token.as_deref().unwrap_or_default();
        return format!(
            "{raw}\n\nThe file was not written: {why}\n{also}{left}This is the only time that the new token of {name} is \
             shown. The old one ends within the overlap.\n"
        );
    };
    let tried = match done.answered {
        Some(true) if done.old_ended && overlap => {
            "The new token was tried and answered; the old one opens nothing any more: the overlap is for a new \
             token that could not be tried."
        }
        Some(true) if done.old_ended => {
            "The new token was tried and answered; the old one opens nothing any more."
        }
        Some(true) => "The new token was tried and answered; the old one goes on for the overlap.",
        Some(false) => {
            "The new token was written and NOT answered when it was tried; the old one goes on for the overlap."
        }
        None => {
            "Nothing listens now that the new token could be tried at; the old one goes on for the overlap."
        }
    };
    format!("{}{also}{left}{tried}\n", said(written))
}

fn still_old(file: &UnwrittenFile) -> String {
    format!(
        "{} could not be written, and has the old token: {}\n",
        file.path, file.why
    )
}
