//! The console's bridge from the command line: what passed, what rests, what is done with it.

use clap::{Args, Subcommand};
use husting_domain::agents::Name;
use husting_domain::discord::RequestId;
use husting_wire::commands::{
    AskAgain, Command, ForgetPlace, GivePlace, LetGo, PostAgain, PutReplyAway, ReadDiscord,
    TakeReplyBack, TellProtocol,
};
use husting_wire::discord::{
    AgentNamed, DiscordView, PlaceReply, QuestionRef, ReleaseQuestion, ReplyRef,
};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::settings::Nothing;
use uuid::Uuid;

use super::going::{settling, told};
use super::status::channel;
use super::{ids, passed, status, text};
use crate::commands::through;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;

/// What is done with the journal of the console's bridge.
#[derive(Debug, Subcommand)]
pub enum Journal {
    /// How the console's bridge stands, and who is asked where
    Status,
    /// Print what passed, the newest last; or what rests or waits
    Traffic(passed::Page),
    /// Print the life of a question, or of a reply
    Where {
        /// The id of either, or Discord's id of the question's message
        #[arg(value_parser = ids::message)]
        id: String,
    },
    /// Print replies without a place, and what each may answer
    Unplaced,
    /// Post an unplaced reply under a question
    Place(Place),
    /// Put a reply away
    Dismiss {
        /// The reply's id
        #[arg(value_parser = ids::reply)]
        reply: Uuid,
    },
    /// Take back a reply that was put away
    Restore {
        /// The reply's id
        #[arg(value_parser = ids::reply)]
        reply: Uuid,
    },
    /// Ask or post once more what rests
    Retry {
        /// The id of the question or reply
        #[arg(value_parser = ids::either)]
        id: Uuid,
    },
    /// Send a question from Discord that waits for your word on to its agent, or drop it
    Release {
        /// The question's id
        #[arg(value_parser = ids::question)]
        question: RequestId,
        /// Let it go, also one that is parked
        #[arg(long)]
        drop: bool,
    },
    /// After `place --always`: an agent's replies without a place wait for you again
    Unfix {
        /// The agent's name
        #[arg(value_parser = Name::parse)]
        agent: Name,
    },
    /// Tell an agent how its replies find their place
    Protocol {
        /// The agent's name
        #[arg(value_parser = Name::parse)]
        agent: Name,
    },
}

/// Which reply belongs where.
#[derive(Debug, Args)]
pub struct Place {
    /// The reply's id
    #[arg(value_parser = ids::reply)]
    reply: Uuid,
    /// The question's id
    #[arg(value_parser = ids::question)]
    question: RequestId,
    /// Whatever this agent writes without a place goes to the same channel from now on
    #[arg(long)]
    always: bool,
}

impl Journal {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        let json = invocation.json;
        through(invocation, async |door| match self {
            Self::Status => status::run(door, json).await,
            Self::Traffic(page) => page.run(door, json).await,
            Self::Where { id } => passed::followed(door, id, json).await,
            Self::Unplaced => {
                let view = ask::<ReadDiscord>(door, Nothing {}).await?;
                output::answer(&view.unplaced, json, &text::unplaced(&view))
            }
            Self::Place(place) => place.run(door, json).await,
            Self::Dismiss { reply: reply_id } => {
                let said =
                    format!("It is put away; husting discord restore {reply_id} takes it back.");
                done::<PutReplyAway>(door, ReplyRef { reply_id }, json, &said).await
            }
            Self::Restore { reply } => restored(door, reply, json).await,
            Self::Retry { id } => retried(door, id, json).await,
            Self::Release { question, drop } => released(door, question, drop, json).await,
            Self::Unfix { agent } => {
                let said = format!("Replies of {agent} without a place are unplaced from now on.");
                done::<ForgetPlace>(door, AgentNamed { agent }, json, &said).await
            }
            Self::Protocol { agent } => {
                let said = format!("{agent} was told.");
                let told = ask::<TellProtocol>(door, AgentNamed { agent }).await?;
                output::answer(&told, json, &format!("{said}\n"))
            }
        })
        .await
    }
}

impl Place {
    async fn run(self, door: &dyn Door, json: bool) -> Result<Exit, Failure> {
        let watched = settling(door).await?;
        let asked = PlaceReply {
            reply_id: self.reply,
            request_id: self.question,
            always: self.always,
        };
        let before = ask::<ReadDiscord>(door, Nothing {}).await?;
        let view = ask::<GivePlace>(door, asked).await?;
        let more = match self.always {
            true => fixed(&before, &view, self.reply),
            false => String::new(),
        };
        told(door, self.reply, view, watched, &more, json).await
    }
}

/// Where an agent's later replies go from now on; whose the reply is stands in the view of before.
fn fixed(before: &DiscordView, view: &DiscordView, reply: Uuid) -> String {
    let placed = before.unplaced.iter().find(|one| one.reply_id == reply);
    let place = placed.and_then(|placed| {
        let mut places = view.setup.standing_places.iter();
        places.find(|place| place.agent.as_str() == placed.agent)
    });
    place.map_or_else(String::new, |place| {
        format!(
            "Whatever {0} writes without a place goes to {1} from now on; husting discord unfix {0} ends that.\n",
            place.agent,
            channel(place.channel_id, place.channel_name.as_deref())
        )
    })
}

async fn restored(door: &dyn Door, reply_id: Uuid, json: bool) -> Result<Exit, Failure> {
    let view = ask::<TakeReplyBack>(door, ReplyRef { reply_id }).await?;
    let is_unplaced = view.unplaced.iter().any(|one| one.reply_id == reply_id);
    let said = match is_unplaced {
        true => "It is among the unplaced replies again: husting discord unplaced".to_owned(),
        false => format!("It rests again: husting discord retry {reply_id} posts it."),
    };
    output::answer(&view, json, &format!("{said}\n"))
}

/// A question or a reply, whichever is known by that id.
async fn retried(door: &dyn Door, id: Uuid, json: bool) -> Result<Exit, Failure> {
    let watched = settling(door).await?;
    let question = QuestionRef {
        request_id: RequestId(id),
    };
    let view = match ask::<AskAgain>(door, question).await {
        Err(Failure::Console(fault)) if fault.code == ErrorCode::NotFound => {
            let view = ask::<PostAgain>(door, ReplyRef { reply_id: id }).await;
            view.map_err(nothing_rests)?
        }
        view => view?,
    };
    told(door, id, view, watched, "", json).await
}

fn nothing_rests(fault: Failure) -> Failure {
    match fault {
        Failure::Console(fault) if fault.code == ErrorCode::NotFound => Error::new(
            ErrorCode::NotFound,
            "Nothing rests by that id; `husting discord traffic --resting` lists what does.",
        )
        .into(),
        fault => fault,
    }
}

async fn released(
    door: &dyn Door,
    request_id: RequestId,
    drop: bool,
    json: bool,
) -> Result<Exit, Failure> {
    let watched = settling(door).await?;
    let asked = ReleaseQuestion {
        request_id,
        ask: !drop,
    };
    let view = ask::<LetGo>(door, asked).await?;
    if drop {
        return output::answer(&view, json, "It is let go: nobody is asked.\n");
    }
    told(door, request_id.0, view, watched, "", json).await
}

/// Asks for a change of the view, and says that it was made.
pub(super) async fn done<C: Command<Response = DiscordView>>(
    door: &dyn Door,
    asked: C::Request,
    json: bool,
    said: &str,
) -> Result<Exit, Failure> {
    let view = ask::<C>(door, asked).await?;
    output::answer(&view, json, &format!("{said}\n"))
}
