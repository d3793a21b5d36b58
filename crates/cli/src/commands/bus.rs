//! The bus from the operator's side: what is written, what became of it, what rests.

mod histogram;
mod lines;
mod resting;
mod send;
mod squads;
mod tail;

use clap::Subcommand;
use husting_domain::ids::MessageId;
use husting_domain::messages::MessageState;
use husting_wire::bus::messages::{EraseMessage, ListMessages, MessageList, MessageThread};
use husting_wire::commands::{EraseWords, FindMessages, ReadThread};
use serde_json::json;

pub(super) use self::lines::said;
#[cfg(test)]
pub(super) use self::lines::tests::sent;
use super::confirm::Confirm;
use super::through;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;

/// Messages between agents and you
#[derive(Debug, Subcommand)]
pub enum Bus {
    /// Print the newest messages with their state, the newest last; a broadcast stands once
    Tail(tail::Tail),
    /// Print how many messages were sent when
    Histogram(histogram::Histogram),
    /// Write as the operator
    Send(send::Send),
    /// Print all that a message answers and that answers it
    Threads {
        /// The message's id
        #[arg(value_parser = message_id)]
        id: MessageId,
    },
    /// What waits for you: requests nobody answered, and messages that were held
    Parked,
    /// Deliver again what rests
    Redeliver(resting::Meant),
    /// Take a message back
    Withdraw(resting::Meant),
    /// Erase what a message says, in all mailboxes and for good; who wrote when to whom stays
    Erase {
        /// The message's id
        #[arg(value_parser = message_id)]
        id: MessageId,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Tick off a message to you: it is read
    Read {
        /// The message's id
        #[arg(value_parser = message_id)]
        id: MessageId,
    },
    /// List squads with their members
    Squads,
    /// Put an agent into a squad, which is made where there is none
    AddMember(squads::Add),
    /// Take an agent out of a squad
    RemoveMember(squads::Remove),
}

impl Bus {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        let json = invocation.json;
        through(invocation, async |door| match self {
            Self::Tail(tail) => tail.run(door, invocation).await,
            Self::Histogram(histogram) => histogram.run(door, json).await,
            Self::Send(send) => send.run(door, json).await,
            Self::Threads { id } => {
                let thread = ask::<ReadThread>(door, MessageThread { message_id: id }).await?;
                let outcome = printed(&thread, json, "")?;
                if thread.more && !json {
                    let shown = thread.messages.len();
                    output::line(&format!(
                        "\nThese are the {shown} nearest to it; there are more."
                    ))?;
                }
                Ok(outcome)
            }
            Self::Parked => parked(door, json).await,
            Self::Redeliver(meant) => meant.redeliver(door, json).await,
            Self::Withdraw(meant) => meant.withdraw(door, json).await,
            Self::Erase { id, yes } => erase(door, invocation, id, yes).await,
            Self::Read { id } => resting::read(door, id, json).await,
            Self::Squads => squads::list(door, json).await,
            Self::AddMember(add) => add.run(door, json).await,
            Self::RemoveMember(remove) => remove.run(door, json).await,
        })
        .await
    }
}

/// A message by its id, as clap asks for it.
fn message_id(text: &str) -> Result<MessageId, String> {
    text.parse().map_err(|_| {
        format!(
            "{text} is no message id: write the whole id, which `husting bus tail` prints behind `id`, and \
             `husting bus parked` for those that rest"
        )
    })
}

async fn erase(
    door: &dyn Door,
    invocation: &Invocation,
    message_id: MessageId,
    yes: bool,
) -> Result<Exit, Failure> {
    if !yes {
        let asking = Confirm {
            question: &format!("Erase the words of message {message_id} for good?"),
            word: "erase",
            refusal: Some("Erased words cannot be brought back"),
        };
        asking.ask(invocation)?;
    }
    ask::<EraseWords>(door, EraseMessage { message_id }).await?;
    output::answer(
        &json!({ "message_id": message_id }),
        invocation.json,
        "Erased. Backups that were made before still have it.\n",
    )
}

async fn parked(door: &dyn Door, json: bool) -> Result<Exit, Failure> {
    let asked = ListMessages {
        states: vec![MessageState::Parked, MessageState::Held],
        limit: Some(500),
        ..ListMessages::default()
    };
    let list = ask::<FindMessages>(door, asked).await?;
    let outcome = printed(&list, json, "Nothing is parked or held.\n")?;
    if list.more && !json {
        output::line("\nThese are the newest 500; there are more.")?;
    }
    Ok(outcome)
}

/// Prints messages in the order of the list.
fn printed(list: &MessageList, json: bool, nothing: &str) -> Result<Exit, Failure> {
    if json {
        output::json(list)?;
    } else if list.messages.is_empty() {
        output::text(nothing)?;
    } else {
        let texts: Vec<String> = list.messages.iter().map(lines::message).collect();
        output::text(&texts.join("\n"))?;
    }
    Ok(Exit::Done)
}
