//! What an agent remembers.

use clap::Args;
use husting_domain::agents::Name;
use husting_wire::agents::{ListNotes, NoteList, NoteView};
use husting_wire::commands::FindNotes;

use super::naming::Which;
use crate::commands::numbers;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::words::{indented, moment, plain};

/// Whose notes.
#[derive(Debug, Args)]
pub struct Notes {
    #[command(flatten)]
    which: Which,
    /// Those that this squad shares, in the place of its own
    #[arg(long, value_name = "NAME", value_parser = Name::parse)]
    squad: Option<Name>,
    /// With these words, the best match first [default: all, the newest first]
    #[arg(long, value_name = "WORDS")]
    query: Option<String>,
    /// At most this many, 1 to 500
    #[arg(long, default_value_t = 100, value_parser = numbers::between(1, 500))]
    limit: u32,
}

impl Notes {
    pub(super) async fn run(self, door: &dyn Door, json: bool) -> Result<Exit, Failure> {
        let asked = ListNotes {
            agent_id: self.which.find_any(door).await?.id,
            squad: self.squad,
            query: self.query,
            limit: Some(self.limit),
        };
        let list = ask::<FindNotes>(door, asked).await?;
        output::answer(&list, json, &text(&list))
    }
}

fn text(list: &NoteList) -> String {
    if list.notes.is_empty() {
        return "No note.\n".to_owned();
    }
    let mut notes: Vec<String> = list.notes.iter().map(note).collect();
    if list.more {
        notes.push("There are more; say --limit.\n".to_owned());
    }
    notes.join("\n")
}

fn note(note: &NoteView) -> String {
    let about = note.context.as_deref().map(plain);
    let about = about.map(|about| format!(", about {about}"));
    format!(
        "{}  {}{}\n{}\n",
        moment(note.at),
        plain(&note.by),
        about.unwrap_or_default(),
        indented(&note.text),
    )
}
