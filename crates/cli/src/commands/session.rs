//! Deliberations that were held.

mod append;
mod limit;
mod list;
mod naming;
mod newest;
mod recap;
mod said;

use clap::{Subcommand, ValueEnum};
use husting_domain::ids::SessionId;
use husting_domain::models::ModelId;
use husting_domain::money::MicroUsd;
use husting_wire::commands::{
    CancelRound, ChangeSession, DeleteSession, ReadSession, RetryRound, StopOneSeat, WriteSession,
};
use husting_wire::rounds::{RoundRef, StopSeat};
use husting_wire::sessions::{
    EditSession, ExportFormat, ExportSession, SessionRef, SessionSummary,
};
use serde_json::json;

pub(super) use self::naming::Named;
pub(super) use self::newest::newest_round;
use super::amounts::spending;
use super::confirm::Confirm;
use super::deliberate::{model_id, see_through};
use super::through;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::output::words::plain;
use crate::rounds::{Tell, Watch};

/// Deliberations that were held
#[derive(Debug, Subcommand)]
pub enum Session {
    /// List sessions, those that changed last first
    List(list::List),
    /// Print a session: its transcript, or with --json its record
    Show {
        /// Its id, or the beginning of it
        id: Named,
    },
    /// Hold the next round and wait for its end
    Append(append::Append),
    /// Run again what failed in the newest round, and wait for its end
    Retry {
        /// Its id, or the beginning of it
        id: Named,
        /// Print what is said as it is said
        #[arg(long)]
        follow: bool,
    },
    /// Sum a round up, or the whole session, and print what was written
    Recap(recap::Recap),
    /// Stop the running round; it ends with what it has
    Cancel {
        /// Its id, or the beginning of it
        id: Named,
    },
    /// Stop one seat of the running round; what it said so far is kept
    Stop {
        /// Its id, or the beginning of it
        id: Named,
        /// The seat's model
        #[arg(value_parser = model_id)]
        model: ModelId,
    },
    /// Print what people said in Discord for its next round
    Said {
        /// Its id, or the beginning of it
        id: Named,
    },
    /// Print a session as a file
    Export {
        /// Its id, or the beginning of it
        id: Named,
        /// A transcript for people, or the record [default: md; with --json, json]
        #[arg(long, value_enum)]
        format: Option<Format>,
    },
    /// Give a session another title
    Rename {
        /// Its id, or the beginning of it
        id: Named,
        /// Its title
        title: String,
    },
    /// Give a session these tags in the place of those it has
    Tag {
        /// Its id, or the beginning of it
        id: Named,
        /// The tags, none for a session without
        tags: Vec<String>,
    },
    /// Raise or lower what all rounds of a session may cost together
    Limit {
        /// Its id, or the beginning of it
        id: Named,
        /// US dollars
        #[arg(long, value_parser = spending)]
        usd: MicroUsd,
    },
    /// Put a session away
    Archive {
        /// Its id, or the beginning of it
        id: Named,
        /// Take it back
        #[arg(long)]
        undo: bool,
    },
    /// Delete a session for good; the ledger keeps its bookings
    Delete {
        /// Its id, or the beginning of it
        id: Named,
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
            Self::Append(append) => append.run(invocation).await,
            Self::Recap(recap) => recap.run(invocation).await,
            Self::Delete { id, yes } => {
                through(invocation, async |door| {
                    delete(door, invocation, id, yes).await
                })
                .await
            }
            Self::List(list) => through(invocation, async |door| list.run(door, json).await).await,
            Self::Show { id } => {
                through(invocation, async |door| export(door, id, None, json).await).await
            }
            Self::Said { id } => {
                through(invocation, async |door| said::run(door, id, json).await).await
            }
            Self::Export { id, format } => {
                through(invocation, async |door| {
                    export(door, id, format, json).await
                })
                .await
            }
            Self::Retry { id, follow } => {
                through(invocation, async |door| retry(door, id, follow, json).await).await
            }
            Self::Cancel { id } => {
                through(invocation, async |door| cancel(door, id, json).await).await
            }
            Self::Stop { id, model } => {
                through(invocation, async |door| stop(door, id, model, json).await).await
            }
            Self::Rename { id, title } => {
                let rename = |edit: &mut EditSession| edit.title = Some(title);
                change(invocation, id, rename, "renamed").await
            }
            Self::Tag { id, tags } => {
                through(invocation, async |door| tag(door, id, tags, json).await).await
            }
            Self::Limit { id, usd } => {
                through(invocation, async |door| {
                    limit::run(door, id, usd, json).await
                })
                .await
            }
            Self::Archive { id, undo } => {
                let archive = |edit: &mut EditSession| edit.archived = Some(!undo);
                let said = if undo { "taken back" } else { "put away" };
                change(invocation, id, archive, said).await
            }
        }
    }
}

/// A session's record, or its transcript; with `--json` always one document.
async fn export(
    door: &dyn Door,
    id: Named,
    format: Option<Format>,
    json: bool,
) -> Result<Exit, Failure> {
    let session_id = id.find(door).await?;
    let as_record = match format {
        Some(format) => matches!(format, Format::Json),
        None => json,
    };
    let format = if as_record {
        ExportFormat::Json
    } else {
        ExportFormat::Md
    };
    let export = ask::<WriteSession>(door, ExportSession { session_id, format }).await?;
    output::file(&export, json && !as_record)?;
    Ok(Exit::Done)
}

async fn retry(door: &dyn Door, id: Named, follow: bool, json: bool) -> Result<Exit, Failure> {
    let session_id = id.find(door).await?;
    let mut watch = Watch::begin(door, Tell::fitting(follow, json)).await?;
    let newest = RoundRef {
        session_id,
        round_id: None,
    };
    let ack = ask::<RetryRound>(door, newest).await?;
    see_through(door, &mut watch, &ack, false, follow, json).await
}

async fn delete(
    door: &dyn Door,
    invocation: &Invocation,
    id: Named,
    yes: bool,
) -> Result<Exit, Failure> {
    let session_id = id.find(door).await?;
    let view = ask::<ReadSession>(door, SessionRef { session_id }).await?;
    let title = plain(&view.summary.title);
    if !yes {
        let asking = Confirm {
            question: &format!("Delete session {session_id} ({title}) for good?"),
            word: "delete",
            refusal: Some("A deleted session cannot be brought back"),
        };
        asking.ask(invocation)?;
    }
    ask::<DeleteSession>(door, SessionRef { session_id }).await?;
    let said = format!("{title}: deleted. The ledger keeps its bookings.");
    done(invocation.json, session_id, &said)
}

async fn cancel(door: &dyn Door, id: Named, json: bool) -> Result<Exit, Failure> {
    let session_id = id.find(door).await?;
    ask::<CancelRound>(door, SessionRef { session_id }).await?;
    done(json, session_id, "The round is being stopped.")
}

async fn stop(door: &dyn Door, id: Named, model: ModelId, json: bool) -> Result<Exit, Failure> {
    let session_id = id.find(door).await?;
    let said = format!("{model} is being stopped; the others go on.");
    ask::<StopOneSeat>(door, StopSeat { session_id, model }).await?;
    done(json, session_id, &said)
}

/// Puts tags in the place of those it has, and says which those were.
async fn tag(door: &dyn Door, id: Named, tags: Vec<String>, json: bool) -> Result<Exit, Failure> {
    let session_id = id.find(door).await?;
    let view = ask::<ReadSession>(door, SessionRef { session_id }).await?;
    let row = put(door, session_id, |edit| edit.tags = Some(tags)).await?;
    told(&row, json, &tagged(&row.tags, &view.summary.tags))
}

fn tagged(now: &[String], before: &[String]) -> String {
    let said = match now {
        [] => "without tags".to_owned(),
        tags => format!("tagged {}", plain(&tags.join(", "))),
    };
    match before {
        [] => said,
        before if before == now => said,
        before => format!("{said}; before: {}", plain(&before.join(", "))),
    }
}

async fn change(
    invocation: &Invocation,
    id: Named,
    change: impl FnOnce(&mut EditSession),
    said: &str,
) -> Result<Exit, Failure> {
    let row = through(invocation, async |door| {
        put(door, id.find(door).await?, change).await
    })
    .await?;
    told(&row, invocation.json, said)
}

/// Asks for what `change` sets, and leaves the rest of the session as it is.
async fn put(
    door: &dyn Door,
    session_id: SessionId,
    change: impl FnOnce(&mut EditSession),
) -> Result<SessionSummary, Failure> {
    let mut edit = EditSession {
        session_id,
        title: None,
        tags: None,
        archived: None,
        spend_limit: None,
    };
    change(&mut edit);
    ask::<ChangeSession>(door, edit).await
}

fn told(row: &SessionSummary, json: bool, said: &str) -> Result<Exit, Failure> {
    output::answer(row, json, &format!("{}: {said}\n", row.title))
}

fn done(json: bool, session_id: SessionId, said: &str) -> Result<Exit, Failure> {
    output::answer(
        &json!({ "session_id": session_id }),
        json,
        &format!("{said}\n"),
    )
}
