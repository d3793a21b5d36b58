//! Words, wherever they were said.

use clap::Args;
use husting_domain::passages::PassageKind;
use husting_wire::bus::messages::{ListMessages, MessageView};
use husting_wire::commands::{FindMessages, FindPassages, FindSessions};
use husting_wire::search::{FoundPassage, SearchPassages};
use husting_wire::sessions::{ListSessions, SessionSummary};
use serde_json::json;

use super::through;
use crate::commands::bus::said;
use crate::commands::numbers;
use crate::door::ask;
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::output::words::{moment, plain};

/// Letters of a message that are shown.
const SHOWN: usize = 120;

/// Look for words in titles, in what was said in deliberations, and in messages
#[derive(Debug, Args)]
pub struct Search {
    /// All of them must occur; of the last one its beginning is enough in what was said
    #[arg(required = true, value_parser = clap::builder::NonEmptyStringValueParser::new())]
    words: Vec<String>,
    /// At most this many of each kind, 1 to 50
    #[arg(long, default_value_t = 20, value_parser = numbers::between(1, 50))]
    limit: u32,
}

impl Search {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        let query = self.words.join(" ");
        let limit = Some(self.limit);
        let (sessions, passages, messages) = through(invocation, async |door| {
            let titled = ListSessions {
                query: Some(query.clone()),
                limit,
                ..ListSessions::default()
            };
            let said = SearchPassages {
                query: query.clone(),
                limit,
            };
            let written = ListMessages {
                query: Some(query.clone()),
                limit,
                ..ListMessages::default()
            };
            Ok((
                ask::<FindSessions>(door, titled).await?.sessions,
                ask::<FindPassages>(door, said).await?.passages,
                ask::<FindMessages>(door, written).await?.messages,
            ))
        })
        .await?;
        if invocation.json {
            let found = json!({ "sessions": sessions, "passages": passages, "messages": messages });
            output::json(&found)?;
            return Ok(Exit::Done);
        }
        let parts = [
            part("Deliberations", sessions.iter().map(session)),
            part("Said in deliberations", passages.iter().map(passage)),
            part("Messages", messages.iter().map(message)),
        ];
        let found = parts.concat();
        if found.is_empty() {
            output::line(&format!("Nothing holds {}.", plain(&query)))?;
        } else {
            output::text(&found)?;
        }
        Ok(Exit::Done)
    }
}

/// A head with its lines; nothing without one.
fn part(head: &str, lines: impl Iterator<Item = String>) -> String {
    let lines: String = lines.collect();
    match lines.is_empty() {
        true => lines,
        false => format!("{head}\n{lines}"),
    }
}

fn session(found: &SessionSummary) -> String {
    let (id, at) = (found.session_id, moment(found.updated_at));
    format!("  {id}  {at}  {}\n", plain(&found.title))
}

fn passage(found: &FoundPassage) -> String {
    let what = match found.kind {
        PassageKind::Question => "question",
        PassageKind::Answer => "answer",
        PassageKind::Reaction => "reaction",
        PassageKind::Recap => "recap",
        PassageKind::Synthesis => "synthesis",
    };
    let who = match &found.model {
        Some(model) => format!("{model}'s {what}"),
        None => format!("the {what}"),
    };
    format!(
        "  {}  {}  {who}, round {} of {}\n    {}{}{}\n",
        found.session_id,
        moment(found.at),
        found.round_index + 1,
        plain(&found.title),
        plain(&found.before),
        plain(&found.hit),
        plain(&found.after),
    )
}

fn message(found: &MessageView) -> String {
    let text = plain(&said(found).replace(char::is_whitespace, " "));
    let shown: String = text.chars().take(SHOWN).collect();
    let more = if shown.len() < text.len() { "…" } else { "" };
    format!(
        "  {}  {}  {} → {}\n    {shown}{more}\n",
        found.message_id,
        moment(found.sent_at),
        plain(&found.from),
        found.to,
    )
}

#[cfg(test)]
mod tests {
    use husting_domain::messages::Origin;

    use super::*;
    use crate::commands::bus::sent;

    #[test]
    fn a_message_from_discord_is_found_in_its_words_alone() {
        let id = "7c1e3a52-0c7e-4d0f-9a64-0f2f6f3a9b11";
        let question = MessageView {
            origin: Origin::Discord,
            request_id: Some(id.to_owned()),
            ..sent(&format!("[request_id:{id}] Second slow question"))
        };
        let told = message(&question);
        assert!(told.ends_with("\n    Second slow question\n"), "{told}");
    }
}
