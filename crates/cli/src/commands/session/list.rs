//! Sessions as a table.

use clap::Args;
use husting_wire::commands::FindSessions;
use husting_wire::sessions::{ListSessions, SessionList};

use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::table::{Align, Table};
use crate::output::words::{dollars, moment, word};

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
