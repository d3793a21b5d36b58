//! Deliberations that were held.

mod append;
mod list;

use std::io::{self, IsTerminal, Write};

use clap::{Subcommand, ValueEnum};
use husting_domain::ids::SessionId;
use husting_wire::commands::{CancelRound, ChangeSession, DeleteSession, RetryRound, WriteSession};
use husting_wire::rounds::RoundRef;
use husting_wire::sessions::{EditSession, ExportFormat, ExportSession, SessionRef};
use serde_json::json;

use super::deliberate::see_through;
use super::through;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::rounds::{Tell, Watch};

/// Deliberations that were held
#[derive(Debug, Subcommand)]
pub enum Session {
    /// List sessions, newest first
    List(list::List),
    /// Print a session: its transcript, or with --json its record
    Show {
        /// Which
        id: SessionId,
    },
    /// Hold the next round and wait for its end
    Append(append::Append),
    /// Run again what failed in the newest round, and wait for its end
    Retry {
        /// Which
        id: SessionId,
        /// Print what is said as it is said
        #[arg(long)]
        follow: bool,
    },
    /// Stop the running round; it ends with what it has
    Cancel {
        /// Which
        id: SessionId,
    },
    /// Print a session as a file
    Export {
        /// Which
        id: SessionId,
        /// A transcript for people, or the record
        #[arg(long, value_enum, default_value_t = Format::Md)]
        format: Format,
    },
    /// Give a session another title
    Rename {
        /// Which
        id: SessionId,
        /// Its title
        title: String,
    },
    /// Put a session away
    Archive {
        /// Which
        id: SessionId,
        /// Take it back
        #[arg(long)]
        undo: bool,
    },
    /// Delete a session for good; the ledger keeps its bookings
    Delete {
        /// Which
        id: SessionId,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Formats of an export.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Format {
    /// A transcript.
    Md,
    /// The record.
    Json,
}

impl Session {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        let json = invocation.json;
        match self {
            Self::List(list) => through(invocation, async |door| list.run(door, json).await).await,
            Self::Show { id } => {
                let format = if json {
                    ExportFormat::Json
                } else {
                    ExportFormat::Md
                };
                through(invocation, async |door| export(door, id, format).await).await
            }
            Self::Export { id, format } => {
                let format = match format {
                    Format::Md => ExportFormat::Md,
                    Format::Json => ExportFormat::Json,
                };
                through(invocation, async |door| export(door, id, format).await).await
            }
            Self::Append(append) => append.run(invocation).await,
            Self::Retry { id, follow } => retry(invocation, id, follow).await,
            Self::Cancel { id } => {
                let asked = SessionRef { session_id: id };
                through(invocation, async |door| {
                    ask::<CancelRound>(door, asked).await
                })
                .await?;
                done(json, id, "The round is being stopped.")
            }
            Self::Rename { id, title } => {
                let edit = EditSession {
                    session_id: id,
                    title: Some(title),
                    tags: None,
                    archived: None,
                    spend_limit: None,
                };
                change(invocation, edit, "Renamed.").await
            }
            Self::Archive { id, undo } => {
                let edit = EditSession {
                    session_id: id,
                    title: None,
                    tags: None,
                    archived: Some(!undo),
                    spend_limit: None,
                };
                change(
                    invocation,
                    edit,
                    if undo { "Taken back." } else { "Put away." },
                )
                .await
            }
            Self::Delete { id, yes } => {
                confirm(id, yes)?;
                let asked = SessionRef { session_id: id };
                through(invocation, async |door| {
                    ask::<DeleteSession>(door, asked).await
                })
                .await?;
                done(json, id, "Deleted. The ledger keeps its bookings.")
            }
        }
    }
}

async fn export(
    door: &dyn Door,
    session_id: SessionId,
    format: ExportFormat,
) -> Result<Exit, Failure> {
    let export = ask::<WriteSession>(door, ExportSession { session_id, format }).await?;
    output::text(&export.text)?;
    Ok(Exit::Done)
}

async fn retry(
    invocation: &Invocation,
    session_id: SessionId,
    follow: bool,
) -> Result<Exit, Failure> {
    let json = invocation.json;
    through(invocation, async |door| {
        let mut watch = Watch::begin(door, Tell::fitting(follow, json)).await?;
        let ack = ask::<RetryRound>(
            door,
            RoundRef {
                session_id,
                round_id: None,
            },
        )
        .await?;
        see_through(door, &mut watch, &ack, follow, json).await
    })
    .await
}

async fn change(invocation: &Invocation, edit: EditSession, said: &str) -> Result<Exit, Failure> {
    let row = through(invocation, async |door| {
        ask::<ChangeSession>(door, edit).await
    })
    .await?;
    if invocation.json {
        output::json(&row)?;
    } else {
        output::line(&format!("{said} {}", row.title))?;
    }
    Ok(Exit::Done)
}

fn done(json: bool, session_id: SessionId, said: &str) -> Result<Exit, Failure> {
    if json {
        output::json(&json!({ "session_id": session_id }))?;
    } else {
        output::line(said)?;
    }
    Ok(Exit::Done)
}

/// What cannot be undone is asked for twice.
fn confirm(id: SessionId, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::Usage(
            "a deleted session cannot be brought back; say --yes".to_owned(),
        ));
    }
    write!(io::stderr(), "Delete session {id} for good? Type delete: ").map_err(Failure::Stream)?;
    let mut answer = String::new();
    io::stdin()
        .read_line(&mut answer)
        .map_err(Failure::Stream)?;
    if answer.trim() == "delete" {
        Ok(())
    } else {
        Err(Failure::Usage("nothing was deleted".to_owned()))
    }
}
