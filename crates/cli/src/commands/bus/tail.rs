//! The newest messages, and with `--follow` each one that comes or moves on.

use std::collections::BTreeMap;

use clap::{Args, ValueEnum};
use futures::StreamExt;
use husting_clock::{Clock, SystemClock};
use husting_domain::agents::Name;
use husting_domain::messages::{MessageState, Origin as DomainOrigin};
use husting_wire::bus::messages::{ListMessages, MessageList, MessageView};
use husting_wire::commands::FindMessages;
use husting_wire::events::Event;

use super::{lines, printed};
use crate::commands::agent;
use crate::commands::numbers;
use crate::commands::spans::Start;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::signals::asked_to_end;

/// Messages of a page while following.
const PAGE: u32 = 100;
/// Messages whose state is remembered while following.
const REMEMBERED: usize = 2_000;

/// Which messages.
#[derive(Debug, Args)]
pub struct Tail {
    /// Go on printing messages as they come and as their state changes
    #[arg(long)]
    follow: bool,
    /// From or to this agent: its name or its id, or operator
    #[arg(long, value_name = "NAME")]
    agent: Option<String>,
    /// Broadcast to this squad
    #[arg(long, value_name = "NAME")]
    squad: Option<String>,
    /// From an agent, human (you), discord or system (Husting itself)
    #[arg(long, value_enum, hide_possible_values = true)]
    origin: Option<Origin>,
    /// waiting (persisted, or fetched and come back), leased (fetched), done (acknowledged or answered),
    /// unacknowledged (delivered twice, never acknowledged), parked (a request that nobody acknowledged, or mail
    /// whose reader was revoked), withdrawn or held (agents seemed to answer each other without end); several
    /// with commas between
    #[arg(long, value_enum, value_delimiter = ',', hide_possible_values = true)]
    state: Vec<State>,
    /// Words that all occur in the text, without what stands around it for agents
    #[arg(long)]
    query: Option<String>,
    /// Sent then or later: so long ago (90s, 10m, 2h, 7d), or at 2026-11-20T14:00:00Z
    #[arg(long, value_name = "WHEN")]
    since: Option<Start>,
    /// Sent before
    #[arg(long, value_name = "WHEN", conflicts_with = "follow")]
    until: Option<Start>,
    /// At most this many, 1 to 500
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = numbers::between(1, 500))]
    limit: u32,
}

/// Where words come from.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Origin {
    /// An agent.
    Agent,
    /// The operator.
    Human,
    /// A person in Discord.
    Discord,
    /// Husting itself.
    System,
}

/// Where a message is.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum State {
    /// Unread.
    Waiting,
    /// Given, and not acknowledged yet.
    Leased,
    /// Acknowledged or answered.
    Done,
    /// Given twice and never acknowledged.
    Unacknowledged,
    /// A request that nobody answered.
    Parked,
    /// Taken back.
    Withdrawn,
    /// Not delivered: agents seemed to answer each other without end.
    Held,
}

/// Messages in the order of their places.
type ByPlace = BTreeMap<u64, MessageView>;

impl Tail {
    pub(super) async fn run(
        self,
        door: &dyn Door,
        invocation: &Invocation,
    ) -> Result<Exit, Failure> {
        if self.follow && !door.outlives_us() {
            // While this command holds the folder nobody else can write anything.
            return Err(Failure::NotRunning(invocation.home.path().to_owned()));
        }
        let (follow, limit) = (self.follow, self.limit);
        let asked = self.asked(door).await?;
        if follow {
            return following(door, &asked, limit, invocation.json).await;
        }
        let mut list = page(door, &asked, limit, None).await?;
        list.messages.reverse();
        printed(&list, invocation.json, "No message.\n")
    }

    async fn asked(self, door: &dyn Door) -> Result<ListMessages, Failure> {
        let operator = self.agent.as_deref() == Some("operator");
        let agent_id = match self.agent {
            Some(name) if !operator => Some(agent::find_any(door, &name).await?.id),
            _ => None,
        };
        let now = SystemClock.now();
        let since = self.since.map(|start| start.moment(now));
        let until = self.until.map(|start| start.moment(now));
        if let (Some(since), Some(until)) = (since, until)
            && since >= until
        {
            return Err(Failure::Usage(
                "--until is not later than --since: that span ends before it begins".to_owned(),
            ));
        }
        let squad = self.squad.map(|name| Name::parse(&name)).transpose();
        Ok(ListMessages {
            agent_id,
            operator,
            squad: squad.map_err(|fault| Failure::Usage(format!("--squad: {fault}")))?,
            origin: self.origin.map(Into::into),
            states: self.state.into_iter().map(Into::into).collect(),
            query: self.query,
            since,
            until,
            together: true,
            ..ListMessages::default()
        })
    }
}

/// Prints what is there, then what comes and what moves on, until it is asked to end.
async fn following(
    door: &dyn Door,
    asked: &ListMessages,
    limit: u32,
    json: bool,
) -> Result<Exit, Failure> {
    let mut end = asked_to_end();
    let mut known = ByPlace::new();
    let mut first = Some(limit);
    loop {
        // Watched before it is looked at, so that nothing falls between.
        let mut events = door.watch().await?;
        loop {
            let news = news(door, asked, first.take(), &known).await?;
            for message in news {
                told(&message, json)?;
                known.insert(message.place, message);
            }
            while known.len() > REMEMBERED {
                known.pop_first();
            }
            let moved = async {
                while let Some(told) = events.next().await {
                    if matches!(told.event, Event::BusMoved { .. }) {
                        return true;
                    }
                }
                false
            };
            tokio::select! {
                moved = moved => if !moved { break },
                () = &mut end => return Ok(Exit::Done),
            }
        }
    }
}

/// What is new, or not as it was, in the order of the places: at first so many of the newest, later
/// all since.
async fn news(
    door: &dyn Door,
    asked: &ListMessages,
    first: Option<u32>,
    known: &ByPlace,
) -> Result<Vec<MessageView>, Failure> {
    let mut found = ByPlace::new();
    let back_to = back_to(known);
    let mut before = None;
    loop {
        let list = page(door, asked, first.unwrap_or(PAGE), before).await?;
        before = list.messages.last().map(|message| message.place);
        let reaches_back = before.is_none_or(|place| place <= back_to);
        found.extend(
            list.messages
                .into_iter()
                .map(|message| (message.place, message)),
        );
        if first.is_some() || reaches_back || !list.more {
            break;
        }
    }
    let oldest_known = known.first_key_value().map_or(0, |(place, _)| *place);
    let is_news = |message: &MessageView| {
        message.place >= oldest_known && known.get(&message.place) != Some(message)
    };
    Ok(found.into_values().filter(is_news).collect())
}

/// The newest place from which on nothing but what is known and has ended needs to be read.
fn back_to(known: &ByPlace) -> u64 {
    let newest = known.last_key_value().map_or(0, |(place, _)| *place);
    let open = known.iter().find(|(_, message)| moves_on(message));
    open.map_or(newest, |(place, _)| *place)
}

/// Whether something may still become of it; of a broadcast, in any mailbox.
fn moves_on(message: &MessageView) -> bool {
    message.reach.map_or(!message.state.is_end(), |reach| {
        reach.acknowledged + reach.withdrawn + reach.parked < reach.mailboxes
    })
}

async fn page(
    door: &dyn Door,
    asked: &ListMessages,
    limit: u32,
    before: Option<u64>,
) -> Result<MessageList, Failure> {
    let asked = ListMessages {
        limit: Some(limit),
        before,
        ..asked.clone()
    };
    ask::<FindMessages>(door, asked).await
}

fn told(message: &MessageView, json: bool) -> Result<(), Failure> {
    if json {
        output::json_line(message)
    } else {
        output::text(&lines::message(message))
    }
}

impl From<Origin> for DomainOrigin {
    fn from(origin: Origin) -> Self {
        match origin {
            Origin::Agent => Self::Agent,
            Origin::Human => Self::Human,
            Origin::Discord => Self::Discord,
            Origin::System => Self::System,
        }
    }
}

impl From<State> for MessageState {
    fn from(state: State) -> Self {
        match state {
            State::Waiting => Self::Waiting,
            State::Leased => Self::Leased,
            State::Done => Self::Done,
            State::Unacknowledged => Self::Unacknowledged,
            State::Parked => Self::Parked,
            State::Withdrawn => Self::Withdrawn,
            State::Held => Self::Held,
        }
    }
}

#[cfg(test)]
mod tests {
    use husting_domain::messages::Reach;

    use super::*;
    use crate::commands::bus::lines::tests::sent;

    #[test]
    fn what_can_still_move_on_is_read_again() {
        let known = |states: &[MessageState]| -> ByPlace {
            let messages = states.iter().zip(1..).map(|(state, place)| MessageView {
                state: *state,
                place,
                ..sent("A word.")
            });
            messages.map(|message| (message.place, message)).collect()
        };
        use MessageState::{Done, Leased, Parked, Waiting};
        assert_eq!(back_to(&ByPlace::new()), 0);
        assert_eq!(back_to(&known(&[Done, Parked, Done])), 3);
        assert_eq!(back_to(&known(&[Done, Leased, Waiting, Done])), 2);
    }

    #[test]
    fn of_a_broadcast_something_may_become_as_long_as_one_mailbox_holds_it() {
        let reached = |acknowledged, withdrawn| MessageView {
            state: MessageState::Done,
            reach: Some(Reach {
                mailboxes: 3,
                fetched: 3,
                acknowledged,
                withdrawn,
                ..Reach::default()
            }),
            ..sent("A word.")
        };
        assert!(moves_on(&reached(2, 0)), "the newest of them has ended");
        assert!(!moves_on(&reached(2, 1)));
        assert!(!moves_on(&reached(3, 0)));
    }
}
