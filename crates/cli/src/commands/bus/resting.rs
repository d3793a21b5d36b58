//! One message in one mailbox, delivered again, taken back or ticked off.

use clap::Args;
use husting_domain::ids::MessageId;
use husting_wire::bus::messages::{ListMessages, MessageRef, MessageView};
use husting_wire::commands::{AcknowledgeMail, DeliverAgain, FindMessages, TakeBack};
use husting_wire::errors::{Error, ErrorCode};

use super::message_id;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::output;

/// Whose mailbox holds what is for the person at the machine.
const OPERATOR: &str = "operator";
/// Mailboxes that are read at once.
const PAGE: u32 = 500;

/// Which message.
#[derive(Debug, Args)]
pub struct Meant {
    /// The message's id
    #[arg(value_parser = message_id)]
    id: MessageId,
    /// Whose, where a broadcast is in several mailboxes: an agent's name, or operator
    #[arg(long, value_name = "NAME")]
    mailbox: Option<String>,
}

impl Meant {
    pub(super) async fn redeliver(self, door: &dyn Door, json: bool) -> Result<Exit, Failure> {
        let (meant, to) = self.find(door).await?;
        ask::<DeliverAgain>(door, meant.clone()).await?;
        done(&meant, json, &format!("It is delivered to {to} again."))
    }

    pub(super) async fn withdraw(self, door: &dyn Door, json: bool) -> Result<Exit, Failure> {
        let (meant, to) = self.find(door).await?;
        ask::<TakeBack>(door, meant.clone()).await?;
        done(&meant, json, &format!("It is taken back from {to}."))
    }

    async fn find(&self, door: &dyn Door) -> Result<(MessageRef, String), Failure> {
        let message_id = self.id;
        let copies = copies(door, message_id).await?;
        let copy = one(&copies, self.mailbox.as_deref())?;
        let meant = MessageRef {
            mailbox: copy.mailbox,
            message_id,
        };
        Ok((meant, copy.to.to_string()))
    }
}

/// Ticks off a message to the operator.
pub(super) async fn read(door: &dyn Door, id: MessageId, json: bool) -> Result<Exit, Failure> {
    let mailbox = Some(OPERATOR.to_owned());
    let (meant, _) = Meant { id, mailbox }.find(door).await?;
    ask::<AcknowledgeMail>(door, meant.clone()).await?;
    done(&meant, json, "Read.")
}

/// The message in each mailbox that it is in.
async fn copies(door: &dyn Door, message_id: MessageId) -> Result<Vec<MessageView>, Failure> {
    let mut copies: Vec<MessageView> = Vec::new();
    loop {
        let asked = ListMessages {
            message_id: Some(message_id),
            before: copies.last().map(|last| last.place),
            limit: Some(PAGE),
            ..ListMessages::default()
        };
        let page = ask::<FindMessages>(door, asked).await?;
        copies.extend(page.messages);
        if !page.more {
            return Ok(copies);
        }
    }
}

fn one<'a>(copies: &'a [MessageView], mailbox: Option<&str>) -> Result<&'a MessageView, Failure> {
    let is_theirs = |copy: &&MessageView| mailbox.is_none_or(|mailbox| copy.to.as_str() == mailbox);
    let theirs: Vec<&MessageView> = copies.iter().filter(is_theirs).collect();
    match theirs[..] {
        [one] => Ok(one),
        [] => Err(Error::new(
            ErrorCode::NotFound,
            format!(
                "This message is in no mailbox of {}.",
                mailbox.unwrap_or("anybody")
            ),
        )
        .into()),
        _ => {
            let names: Vec<&str> = theirs.iter().map(|copy| copy.to.as_str()).collect();
            Err(Failure::Usage(format!(
                "this message is in {} mailboxes; say --mailbox with one of {}",
                names.len(),
                names.join(", ")
            )))
        }
    }
}

fn done(meant: &MessageRef, json: bool, said: &str) -> Result<Exit, Failure> {
    output::answer(meant, json, &format!("{said}\n"))
}
