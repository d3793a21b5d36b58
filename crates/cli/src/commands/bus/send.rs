//! Writing as the operator.

use std::path::Path;

use clap::Args;
use husting_domain::ids::MessageId;
use husting_wire::bus::messages::{Recipient, WriteMessage, WrittenMessage};
use husting_wire::commands::SendMessage;

use super::message_id;
use crate::commands::files;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::output;
use crate::output::words::count;

/// A message.
#[derive(Debug, Args)]
pub struct Send {
    /// An agent's name; with --squad a squad's; left out with --all
    to: String,
    /// What is written; - is standard input
    text: Option<String>,
    /// The message to you that this one answers
    #[arg(long, value_name = "ID", conflicts_with_all = ["squad", "all"], value_parser = message_id)]
    reply_to: Option<MessageId>,
    /// Ask for an answer that names this
    #[arg(long, value_name = "ID", conflicts_with_all = ["squad", "all"])]
    request: Option<String>,
    /// To all members of a squad
    #[arg(long, conflicts_with = "all")]
    squad: bool,
    /// To every active agent
    #[arg(long)]
    all: bool,
}

impl Send {
    pub(super) async fn run(self, door: &dyn Door, json: bool) -> Result<Exit, Failure> {
        let sent = ask::<SendMessage>(door, self.asked()?).await?;
        if json {
            output::json(&sent)?;
        } else {
            output::text(&said(&sent))?;
        }
        // What did not reach everybody was done in part.
        Ok(if sent.inbox_full.is_empty() {
            Exit::Done
        } else {
            Exit::Partial
        })
    }

    fn asked(self) -> Result<WriteMessage, Failure> {
        let (to, text) = match (self.all, self.text) {
            (true, None) => (Recipient::All, self.to),
            (true, Some(_)) => {
                let told = "--all is everybody: write the text alone";
                return Err(Failure::Usage(told.to_owned()));
            }
            (false, Some(text)) if self.squad => (Recipient::Squad(self.to), text),
            (false, Some(text)) => (Recipient::Agent(self.to), text),
            (false, None) => {
                let told = "write whom it is for and then the text, or - for standard input";
                return Err(Failure::Usage(told.to_owned()));
            }
        };
        Ok(WriteMessage {
            to,
            text: words(text)?,
            in_reply_to: self.reply_to,
            request_id: self.request,
        })
    }
}

/// The text, from standard input where it says so; a last line's end is the terminal's.
fn words(text: String) -> Result<String, Failure> {
    if text != "-" {
        return Ok(text);
    }
    let text = files::document(Path::new("-"))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

fn said(sent: &WrittenMessage) -> String {
    let reached = count(sent.recipients.into(), "recipient");
    let full = match &sent.inbox_full[..] {
        [] => String::new(),
        names => format!(
            "It did not reach {}: their inboxes are full.\n",
            names.join(", ")
        ),
    };
    format!("Sent to {reached} (id: {}).\n{full}", sent.message_id)
}
