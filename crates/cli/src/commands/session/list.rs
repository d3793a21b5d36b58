//! Sessions as a table.

use clap::Args;
use husting_domain::ids::SessionId;
use husting_wire::commands::FindSessions;
use husting_wire::sessions::{ListSessions, SessionList, SessionSummary};

use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::table::{Align, Table};
use crate::output::words::{dollars, minute, word};

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

impl List {
    pub(super) async fn run(self, door: &dyn Door, json: bool) -> Result<Exit, Failure> {
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
        ("CHANGED (UTC)", Align::Left),
        ("STATE", Align::Left),
        ("ROUNDS", Align::Right),
        ("CONTESTED", Align::Right),
        ("COST", Align::Right),
        ("TITLE", Align::Left),
    ]);
    for session in &found.sessions {
        table.row([
            short(session.session_id, &found.sessions),
            minute(session.updated_at),
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

/// The beginning of an id that says to the millisecond when it was made, which names a session
/// wherever an id is asked for; the whole id where another session of the list begins like it.
fn short(id: SessionId, sessions: &[SessionSummary]) -> String {
    const TIME: usize = "01a1f8bf-18bb".len();
    let id = id.to_string();
    let begins = |session: &&SessionSummary| session.session_id.to_string()[..TIME] == id[..TIME];
    if sessions.iter().filter(begins).count() > 1 {
        id
    } else {
        id[..TIME].to_owned()
    }
}
