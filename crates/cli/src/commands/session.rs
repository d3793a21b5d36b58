//! Deliberations that were held.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use husting_domain::ids::SessionId;
use husting_domain::snippets::Snippet;
use husting_wire::commands::{
    AppendToSession, CancelRound, ChangeSession, DeleteSession, FindSessions, RetryRound,
    WriteSession,
};
use husting_wire::rounds::{AppendRound, RoundRef};
use husting_wire::sessions::{
    EditSession, ExportFormat, ExportSession, ListSessions, SessionList, SessionRef,
};
use serde_json::json;

use super::deliberate::see_through;
use super::files::text_of;
use super::through;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::output::table::{Align, Table};
use crate::output::words::{dollars, moment, word};
use crate::rounds::{Tell, Watch};

/// Deliberations that were held
#[derive(Debug, Subcommand)]
pub enum Session {
    /// List sessions, newest first
    List(List),
    /// Print a session: its transcript, or with --json its record
    Show {
        /// Which
        id: SessionId,
    },
    /// Hold the next round and wait for its end
    Append(Append),
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

/// Which sessions.
#[derive(Debug, Args)]
pub struct List {
    /// Words in title, tags or question
    #[arg(long)]
    query: Option<String>,
    /// Those that were put away
    #[arg(long)]
    archived: bool,
    /// At most this many, 1 to 200
    #[arg(long)]
    limit: Option<u32>,
    /// Pass over this many
    #[arg(long)]
    offset: Option<u32>,
}

/// The next round.
#[derive(Debug, Args)]
pub struct Append {
    /// Whose
    id: SessionId,
    /// What steers it; - reads it from standard input [default: built from the claim map]
    #[arg(default_value = "")]
    prompt: String,
    /// Words to forward, as {"type":"KEEP","quoted_model":ID,"quote":TEXT,"comment":TEXT}
    #[arg(long = "snippet", value_name = "JSON")]
    snippets: Vec<String>,
    /// A file with a JSON array of them
    #[arg(long = "snippets", value_name = "FILE")]
    file: Option<PathBuf>,
    /// Who steers from now on, for transcripts
    #[arg(long, value_name = "NAME")]
    moderator: Option<String>,
    /// Print what is said as it is said
    #[arg(long)]
    follow: bool,
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

impl List {
    async fn run(self, door: &dyn Door, json: bool) -> Result<Exit, Failure> {
        let List {
            query,
            archived,
            limit,
            offset,
        } = self;
        let found = ask::<FindSessions>(
            door,
            ListSessions {
                query,
                archived,
                status: None,
                limit,
                offset,
            },
        )
        .await?;
        if json {
            output::json(&found)?;
        } else {
            output::text(&listed(&found))?;
        }
        Ok(Exit::Done)
    }
}

fn listed(found: &SessionList) -> String {
    let mut table = Table::new(&[
        ("ID", Align::Left),
        ("CHANGED", Align::Left),
        ("STATE", Align::Left),
        ("ROUNDS", Align::Right),
        ("CONTESTED", Align::Right),
        ("COST", Align::Right),
        ("TITLE", Align::Left),
    ]);
    for session in &found.sessions {
        table.row([
            session.session_id.to_string(),
            moment(session.updated_at),
            word(&session.status),
            session.round_count.to_string(),
            format!("{} of {}", session.contested, session.claims),
            dollars(session.cost),
            if session.rehearsal {
                format!("{} (rehearsal)", session.title)
            } else {
                session.title.clone()
            },
        ]);
    }
    let left = (found.total as usize).saturating_sub(found.sessions.len());
    let more = if left > 0 {
        format!("{left} more: --limit, --offset\n")
    } else {
        String::new()
    };
    table.or("No sessions yet: `husting deliberate` holds one.") + &more
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

impl Append {
    async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        let snippets = self.snippets()?;
        let prompt = if self.prompt == "-" {
            text_of("-".as_ref())?
        } else {
            self.prompt
        };
        let next = AppendRound {
            session_id: self.id,
            prompt,
            snippets,
            moderator_name: self.moderator,
        };
        let (follow, json) = (self.follow, invocation.json);
        through(invocation, async |door| {
            let mut watch = Watch::begin(door, Tell::fitting(follow, json)).await?;
            let ack = ask::<AppendToSession>(door, next).await?;
            see_through(door, &mut watch, &ack, follow, json).await
        })
        .await
    }

    /// Those of the arguments, then those of the file.
    fn snippets(&self) -> Result<Vec<Snippet>, Failure> {
        let mut snippets = Vec::new();
        for (at, text) in self.snippets.iter().enumerate() {
            snippets.push(read(text, &format!("--snippet {}", at + 1))?);
        }
        if let Some(file) = &self.file {
            let more: Vec<Snippet> = read(&text_of(file)?, &file.display().to_string())?;
            snippets.extend(more);
        }
        Ok(snippets)
    }
}

fn read<T: serde::de::DeserializeOwned>(text: &str, place: &str) -> Result<T, Failure> {
    serde_json::from_str(text)
        .map_err(|fault| Failure::Usage(format!("{place} cannot be read: {fault}")))
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
