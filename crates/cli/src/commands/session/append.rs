//! The next round of a session.

use std::path::PathBuf;

use clap::Args;
use husting_console::check_prompt;
use husting_domain::snippets::{Snippet, SnippetType};
use husting_wire::commands::AppendToSession;
use husting_wire::estimates::EstimateRound;
use husting_wire::rounds::AppendRound;

use super::Named;
use crate::commands::deliberate::{named, see_through};
use crate::commands::estimate::told;
use crate::commands::files::{document, text_of};
use crate::commands::forwarded::unsaid;
use crate::commands::through;
use crate::door::ask;
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::rounds::{Tell, Watch};

/// The next round.
#[derive(Debug, Args)]
pub struct Append {
    /// The session: its id, or the beginning of it
    id: Named,
    /// What steers it; - reads it from standard input [default: built from the claim map]
    prompt: Option<String>,
    /// Words to forward: {"type": "KEEP", "quoted_model": ID, "quote": TEXT, "comment": TEXT}
    #[arg(long = "snippet", value_name = "JSON")]
    snippets: Vec<String>,
    /// A file with a JSON array of them
    #[arg(long = "snippets", value_name = "FILE")]
    file: Option<PathBuf>,
    /// Who steers, for transcripts: from now on, or in this round alone where Discord has the panel
    #[arg(long, value_name = "NAME", value_parser = named)]
    moderator: Option<String>,
    /// Sum the round up once it is over
    #[arg(long)]
    recap: bool,
    /// Sum the session up once the round is over: every recap that is missing, then a synthesis
    #[arg(long)]
    recap_session: bool,
    /// Print what is said as it is said
    #[arg(long)]
    follow: bool,
    /// Print what the round would cost and which forwarded words nobody said, and ask nobody
    #[arg(long, conflicts_with = "follow")]
    estimate: bool,
}

impl Append {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        let snippets = self.snippets()?;
        let prompt = match self.prompt {
            None => String::new(),
            Some(dash) if dash == "-" => document(dash.as_ref())?,
            // A script's unset variable is no wish for a round.
            Some(given) if given.trim().is_empty() => {
                return Err(Failure::Usage(
                    "The prompt is empty; left out, it is built from the claim map".to_owned(),
                ));
            }
            Some(given) => given,
        };
        let (follow, json) = (self.follow, invocation.json);
        through(invocation, async |door| {
            let next = AppendRound {
                session_id: self.id.find(door).await?,
                prompt,
                snippets,
                moderator_name: self.moderator,
                recap_round: self.recap,
                recap_session: self.recap_session,
            };
            if self.estimate {
                return told(door, priced(&next)?, json).await;
            }
            let mut watch = Watch::begin(door, Tell::fitting(follow, json)).await?;
            let forwarded = next.snippets.clone();
            let ack = ask::<AppendToSession>(door, next).await?;
            for sentence in unsaid(&forwarded, &ack.snippets) {
                watch.aside(&sentence);
            }
            see_through(door, &mut watch, &ack, self.recap_session, follow, json).await
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

/// What of a round decides its cost; forwarded words are sent with its prompt. What nobody would be asked has none.
fn priced(next: &AppendRound) -> Result<EstimateRound, Failure> {
    // None is built from the claim map.
    if !next.prompt.is_empty() {
        check_prompt(&next.prompt)?;
    }
    let forwarded = next.snippets.iter().map(|snippet| {
        let comment = snippet.comment.as_deref().unwrap_or_default();
        snippet.quote.len() + comment.len()
    });
    Ok(EstimateRound {
        session_id: Some(next.session_id),
        prompt_bytes: (next.prompt.len() + forwarded.sum::<usize>()) as u64,
        recap_round: next.recap_round,
        recap_session: next.recap_session,
        snippets: next.snippets.clone(),
        ..EstimateRound::default()
    })
}

/// What a forwarded piece of words is written as.
const FORM: &str = r#"{"type": "KEEP", "quoted_model": "the model's id", "quote": "its words"}, with a "comment" if you like"#;

fn read<T: serde::de::DeserializeOwned>(text: &str, place: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|fault| {
        let lacks = if fault.is_data() {
            let types = SnippetType::ALL.map(SnippetType::word);
            format!(
                "does not have what words to forward have: type is one of {}",
                types.join(", ")
            )
        } else {
            "is not JSON".to_owned()
        };
        Failure::Usage(format!("{place} {lacks}; write {FORM}"))
    })
}
