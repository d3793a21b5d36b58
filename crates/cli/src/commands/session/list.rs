//! Sessions as a table.

use clap::Args;
use husting_domain::ids::SessionId;
use husting_domain::sessions::SessionStatus;
use husting_wire::commands::FindSessions;
use husting_wire::sessions::{ListSessions, SessionList, SessionSummary};

use crate::commands::numbers;
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
    #[arg(long, value_parser = numbers::between(1, 200))]
    limit: Option<u32>,
    /// Pass over this many
    #[arg(long, value_parser = numbers::at_least(0))]
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
        output::answer(&found, json, &listed(&found))
    }
}

fn listed(found: &SessionList) -> String {
    let mut table = Table::new(&[
        ("ID", Align::Left),
        ("CHANGED (UTC)", Align::Left),
        ("STATE", Align::Left),
        ("ROUNDS", Align::Right),
        ("CONTESTED", Align::Right),
        ("COST", Align::Money),
        ("TITLE", Align::Left),
    ]);
    for session in &found.sessions {
        table.row([
            short(session.session_id, &found.sessions),
            minute(session.updated_at),
            state(session),
            session.round_count.to_string(),
            contested(session),
            dollars(session.cost),
            title(session),
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

/// With what is told of few beside it: that it was a rehearsal, and its tags.
fn title(session: &SessionSummary) -> String {
    let rehearsal = if session.rehearsal {
        " (rehearsal)"
    } else {
        ""
    };
    let tags = match &session.tags[..] {
        [] => String::new(),
        tags => format!(" [{}]", tags.join(", ")),
    };
    format!("{}{rehearsal}{tags}", session.title)
}

/// How the newest round runs or ended.
fn state(session: &SessionSummary) -> String {
    let runs = matches!(
        session.status,
        SessionStatus::Processing | SessionStatus::Streaming
    );
    if runs {
        word(&session.status)
    } else if let Some(outcome) = session.outcome {
        word(&outcome)
    } else if session.answered < session.asked {
        format!("{} of {} answered", session.answered, session.asked)
    } else if session.degraded {
        "incomplete".to_owned()
    } else {
        word(&session.status)
    }
}

/// Nothing where there is no map to count in.
fn contested(session: &SessionSummary) -> String {
    if session.claims == 0 {
        return "-".to_owned();
    }
    format!("{} of {}", session.contested, session.claims)
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn ended(asked: u32, answered: u32, degraded: bool, outcome: Value) -> SessionSummary {
        let summary = json!({
            "session_id": "01a1f8bf-18bb-7000-8000-000000000001", "title": "Tea or coffee?", "tags": [],
            "status": if answered == 0 { "failed" } else { "ready" },
            "round_status": if answered == 0 { "failed" } else { "complete" },
            "asked": asked, "answered": answered, "round_count": 1, "seats": [], "contested": 0, "claims": 0,
            "cost": 0, "rehearsal": true, "degraded": degraded, "failures": [], "outcome": outcome,
            "archived": false, "source": "console",
            "created_at": "2026-11-24T10:00:00Z", "updated_at": "2026-11-24T10:00:00Z",
        });
        serde_json::from_value(summary).expect("a summary as the core gives it")
    }

    #[test]
    fn what_became_of_a_round_is_told_before_how_many_answered() {
        for (asked, answered, degraded, outcome, expected) in [
            (3, 0, true, json!("interrupted"), "interrupted"),
            (3, 2, true, json!("interrupted"), "interrupted"),
            (3, 0, true, json!("failed"), "failed"),
            (3, 0, true, json!("cancelled"), "cancelled"),
            (3, 2, true, json!(null), "2 of 3 answered"),
            (3, 3, true, json!(null), "incomplete"),
            (3, 3, false, json!(null), "ready"),
        ] {
            let summary = ended(asked, answered, degraded, outcome.clone());
            assert_eq!(
                state(&summary),
                expected,
                "{answered} of {asked}, {outcome}"
            );
        }
    }
}
