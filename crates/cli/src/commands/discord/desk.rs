//! The console's bridge from the command line: what passed, what rests, what is done with it.

use clap::{Args, Subcommand};
use husting_domain::agents::Name;
use husting_domain::discord::RequestId;
use husting_domain::time::Timestamp;
use husting_wire::commands::{
    AskAgain, Command, FindTraffic, FollowQuestion, ForgetPlace, GivePlace, LetGo, PostAgain,
    PutReplyAway, ReadDiscord, TakeReplyBack, TellProtocol,
};
use husting_wire::discord::{
    AgentNamed, DiscordView, ListTraffic, PlaceReply, QuestionRef, ReleaseQuestion, ReplyRef,
    TraceQuestion,
};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::settings::Nothing;
use uuid::Uuid;

use super::text;
use crate::commands::through;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;

/// What is done with the journal of the console's bridge.
#[derive(Debug, Subcommand)]
pub enum Desk {
    /// How the console's bridge stands, and who is asked where
    Status,
    /// Print what passed, the newest last
    Traffic(Page),
    /// Print the life of a question
    Where {
        /// The question's id, or Discord's id of its message
        id: String,
    },
    /// Print replies without a place, and what each may answer
    Unplaced,
    /// Post an unplaced reply under a question
    Place(Place),
    /// Put a reply away
    Dismiss {
        /// The reply's id
        reply: Uuid,
    },
    /// Take back a reply that was put away
    Restore {
        /// The reply's id
        reply: Uuid,
    },
    /// Ask or post once more what rests
    Retry {
        /// The id of the question or reply
        id: Uuid,
    },
    /// Ask a question that was heard late, or let one go that rests
    Release {
        /// The question's id
        question: Uuid,
        /// Let it go, also one that is parked
        #[arg(long)]
        drop: bool,
    },
    /// An agent's replies without a place go to no fixed channel any more
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

/// Which page.
#[derive(Debug, Args)]
pub struct Page {
    /// Most messages, 1 to 200
    #[arg(long, default_value_t = 50)]
    limit: u32,
    /// Older than this moment, in RFC 3339
    #[arg(long, value_name = "TIME", value_parser = moment)]
    before: Option<Timestamp>,
}

/// Which reply belongs where.
#[derive(Debug, Args)]
pub struct Place {
    /// The reply's id
    reply: Uuid,
    /// The question's id
    question: Uuid,
    /// Whatever this agent writes without a place goes to the same channel from now on
    #[arg(long)]
    always: bool,
}

impl Desk {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        let json = invocation.json;
        through(invocation, async |door| match self {
            Self::Status => {
                let view = ask::<ReadDiscord>(door, Nothing {}).await?;
                printed(&view, json, &text::view(&view))
            }
            Self::Traffic(page) => page.run(door, json).await,
            Self::Where { id } => followed(door, id, json).await,
            Self::Unplaced => {
                let view = ask::<ReadDiscord>(door, Nothing {}).await?;
                printed(&view.unplaced, json, &text::unplaced(&view))
            }
            Self::Place(place) => place.run(door, json).await,
            Self::Dismiss { reply: reply_id } => {
                let said =
                    format!("It is put away; husting discord restore {reply_id} takes it back.");
                done::<PutReplyAway>(door, ReplyRef { reply_id }, json, &said).await
            }
            Self::Restore { reply: reply_id } => {
                done::<TakeReplyBack>(door, ReplyRef { reply_id }, json, "It is back.").await
            }
            Self::Retry { id } => retried(door, id, json).await,
            Self::Release { question, drop } => {
                let asked = ReleaseQuestion {
                    request_id: RequestId(question),
                    ask: !drop,
                };
                let view = ask::<LetGo>(door, asked).await?;
                let said = match drop {
                    true => "It is let go.".to_owned(),
                    false => text::due(&view.stand.bridge, "asked"),
                };
                printed(&view, json, &format!("{said}\n"))
            }
            Self::Unfix { agent } => {
                let said = format!("Replies of {agent} without a place are unplaced from now on.");
                done::<ForgetPlace>(door, AgentNamed { agent }, json, &said).await
            }
            Self::Protocol { agent } => {
                let said = format!("{agent} was told.");
                let told = ask::<TellProtocol>(door, AgentNamed { agent }).await?;
                printed(&told, json, &format!("{said}\n"))
            }
        })
        .await
    }
}

impl Page {
    async fn run(self, door: &dyn Door, json: bool) -> Result<Exit, Failure> {
        let asked = ListTraffic {
            before: self.before,
            limit: Some(self.limit),
        };
        let page = ask::<FindTraffic>(door, asked).await?;
        let mut told: Vec<String> = page.traffic.iter().rev().map(text::traffic).collect();
        if told.is_empty() {
            told.push("Nothing passed.\n".to_owned());
        }
        if let Some(next) = page.next {
            told.insert(0, format!("Older ones: --before {next}\n"));
        }
        printed(&page, json, &told.join("\n"))
    }
}

impl Place {
    async fn run(self, door: &dyn Door, json: bool) -> Result<Exit, Failure> {
        let asked = PlaceReply {
            reply_id: self.reply,
            request_id: RequestId(self.question),
            always: self.always,
        };
        let view = ask::<GivePlace>(door, asked).await?;
        printed(
            &view,
            json,
            &format!("{}\n", text::due(&view.stand.bridge, "posted there")),
        )
    }
}

async fn followed(door: &dyn Door, id: String, json: bool) -> Result<Exit, Failure> {
    let trace = ask::<FollowQuestion>(door, TraceQuestion { id }).await?;
    let all = std::iter::once(&trace.question).chain(&trace.followed_by);
    let told: Vec<String> = all.map(text::traffic).collect();
    printed(&trace, json, &told.join("\n"))
}

/// A question or a reply, whichever is known by that id.
async fn retried(door: &dyn Door, id: Uuid, json: bool) -> Result<Exit, Failure> {
    let question = QuestionRef {
        request_id: RequestId(id),
    };
    let (view, done) = match ask::<AskAgain>(door, question).await {
        Err(Failure::Console(fault)) if fault.code == ErrorCode::NotFound => {
            let view = ask::<PostAgain>(door, ReplyRef { reply_id: id }).await;
            (view.map_err(nothing_rests)?, "posted")
        }
        view => (view?, "asked"),
    };
    printed(
        &view,
        json,
        &format!("{}\n", text::due(&view.stand.bridge, done)),
    )
}

fn nothing_rests(fault: Failure) -> Failure {
    match fault {
        Failure::Console(fault) if fault.code == ErrorCode::NotFound => Error::new(
            ErrorCode::NotFound,
            "Nothing rests by that id; `husting discord traffic` lists what passed.",
        )
        .into(),
        fault => fault,
    }
}

/// Asks for a change of the view, and says that it was made.
pub(super) async fn done<C: Command<Response = DiscordView>>(
    door: &dyn Door,
    asked: C::Request,
    json: bool,
    said: &str,
) -> Result<Exit, Failure> {
    let view = ask::<C>(door, asked).await?;
    printed(&view, json, &format!("{said}\n"))
}

pub(super) fn printed(
    record: &impl serde::Serialize,
    json: bool,
    text: &str,
) -> Result<Exit, Failure> {
    if json {
        output::json(record)?;
    } else {
        output::text(text)?;
    }
    Ok(Exit::Done)
}

/// A moment, as clap asks for it.
fn moment(text: &str) -> Result<Timestamp, String> {
    serde_json::from_value(text.into())
        .map_err(|_| format!("{text} is no moment like 2026-11-20T10:00:00Z"))
}
