//! Writing as the operator.

use std::path::Path;

use clap::Args;
use husting_domain::agents::AgentKind;
use husting_domain::ids::MessageId;
use husting_wire::agents::{AgentPage, AgentRef};
use husting_wire::bus::messages::{Recipient, WriteMessage, WrittenMessage};
use husting_wire::commands::{ReadAgent, SendMessage};

use super::message_id;
use crate::commands::{agent, files, pause};
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
        let asked = self.asked()?;
        let to = asked.to.clone();
        let sent = ask::<SendMessage>(door, asked).await?;
        if json {
            output::json(&sent)?;
        } else {
            output::text(&said(&sent))?;
            if let Recipient::Agent(name) = to {
                // It is sent, whatever is known of its reader.
                output::text(&unread(door, &name).await.unwrap_or_default())?;
            }
            pause::remind(door).await;
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

/// That nobody has ever read mail as this agent, where that is so and mail does not start it.
async fn unread(door: &dyn Door, name: &str) -> Result<String, Failure> {
    let agent = agent::find(door, name).await?;
    if agent.kind != AgentKind::Custom || agent.last_call_at.is_some() {
        return Ok(String::new());
    }
    let agent_id = agent.id;
    let page = ask::<ReadAgent>(door, AgentRef { agent_id }).await?;
    Ok(waits(name, &page))
}

fn waits(name: &str, page: &AgentPage) -> String {
    let wake = page.wake.as_ref().filter(|wake| wake.rule.on);
    let why = match wake.map(|wake| wake.hindrance.as_deref()) {
        Some(None) => return String::new(),
        Some(Some(why)) => format!(" Mail does not start it now. {why}"),
        None if page.wired.is_empty() => String::new(),
        None => format!(" `husting run {name}` starts it."),
    };
    format!(
        "Nobody has ever read mail as {name}: the message waits until its program calls.{why}\n"
    )
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
