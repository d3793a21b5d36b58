//! Setting the console's bridge up from the command line.

use clap::{Args, Subcommand};
use husting_domain::agents::Name;
use husting_domain::discord::Snowflake;
use husting_wire::commands::{ChangeDiscord, FindServers, ForgetBot, ReadDiscord, TestDiscord};
use husting_wire::discord::{
    DiscordFinding, DiscordFindings, DiscordView, EditDiscord, FindingVerdict, RouteView, SetRoute,
    TestBotToken,
};
use husting_wire::errors::{Error, ErrorCode};
use husting_wire::settings::Nothing;

use super::agents::Agents;
use super::invite::Invite;
use super::journal::done;
use super::set::Set;
use super::state::{Served, state};
use super::status::{channel, lacking};
use super::{env, ids, text};
use crate::commands::{through, typed};
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output;
use crate::output::words::plain;

/// How the console's bridge is set up.
#[derive(Debug, Subcommand)]
pub enum SetUp {
    /// Test the bot of the console's bridge
    Bot(Bot),
    /// Print the address at which the bot is invited to a server
    Invite(Invite),
    /// Servers and channels that the bot sees, with what it lacks there
    Servers,
    /// Say who is asked in a channel or thread
    Map {
        /// Its id
        #[arg(value_parser = ids::channel)]
        channel: Snowflake,
        /// Who is asked
        #[arg(value_parser = Name::parse)]
        agent: Name,
    },
    /// Take a channel or thread out of the map
    Unmap {
        /// Its id
        #[arg(value_parser = ids::any_channel)]
        channel: Snowflake,
    },
    /// Say who is asked elsewhere
    Default {
        /// The agent's name
        #[arg(value_parser = Name::parse)]
        agent: Name,
    },
    /// Change marks, agents' own names, panels a day, the application
    Set(Set),
    /// Print the set-up as a .env for a bridge that runs alone
    Env,
}

/// Which bot.
#[derive(Debug, Args)]
pub struct Bot {
    /// Read a new token from standard input; at a terminal it is asked for, and not shown. It is kept if Discord takes it
    #[arg(long)]
    token_stdin: bool,
    /// Forget the bot's token instead, and stop the bridge
    #[arg(long, conflicts_with = "token_stdin")]
    forget: bool,
}

impl SetUp {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        let json = invocation.json;
        // Nobody else waits for the folder while a person types.
        let token = match &self {
            Self::Bot(bot) => bot.token()?,
            _ => None,
        };
        through(invocation, async |door| match self {
            Self::Bot(bot) => bot.run(door, token, json).await,
            Self::Invite(invite) => invite.run(door, json).await,
            Self::Servers => servers(door, json).await,
            Self::Map { channel, agent } => map(door, channel, agent, json).await,
            Self::Unmap { channel } => unmap(door, channel, json).await,
            Self::Default { agent } => default(door, agent, json).await,
            Self::Set(set) => set.run(door, json).await,
            Self::Env => env::run(door, json).await,
        })
        .await
    }
}

async fn servers(door: &dyn Door, json: bool) -> Result<Exit, Failure> {
    let seen = ask::<FindServers>(door, Nothing {}).await?;
    let told: Vec<String> = seen.servers.iter().map(text::server).collect();
    let told = match told.is_empty() {
        true => "The bot is in no server yet: husting discord invite prints its invitation.\n"
            .to_owned(),
        false => told.join("\n"),
    };
    output::answer(&seen, json, &told)
}

/// Of a channel that Discord was not asked about, or did not tell of in time.
const UNASKED: &str = "  Discord has not said whether the bot may speak there: husting discord status says it once it has.";

async fn map(
    door: &dyn Door,
    channel_id: Snowflake,
    agent: Name,
    json: bool,
) -> Result<Exit, Failure> {
    let edit = routed(channel_id, Some(agent.clone()));
    let view = ask::<ChangeDiscord>(door, edit).await?;
    let asleep = asleep(door, &agent).await?;
    let place = named(&view, channel_id);
    let mapped = route(&view, channel_id);
    let is_unasked = mapped.is_some_and(|route| route.lacking.is_none());
    let unasked = is_unasked.then(|| UNASKED.to_owned());
    let shut_out = mapped.and_then(lacking).or(unasked);
    let shut_out = shut_out.map_or_else(String::new, |told| format!("{told}\n"));
    let said = format!("{agent} is asked in {place}.\n{shut_out}{asleep}");
    output::answer(&view, json, &said)
}

async fn unmap(door: &dyn Door, channel_id: Snowflake, json: bool) -> Result<Exit, Failure> {
    let view = ask::<ReadDiscord>(door, Nothing {}).await?;
    let mut routes = view.setup.routes.iter();
    if !routes.any(|route| route.channel_id == channel_id) {
        let refusal = format!(
            "Channel {channel_id} is not in the map; `husting discord status` lists those that are."
        );
        return Err(Error::new(ErrorCode::NotFound, refusal).into());
    }
    let said = format!("{} is out of the map.", named(&view, channel_id));
    done::<ChangeDiscord>(door, routed(channel_id, None), json, &said).await
}

async fn default(door: &dyn Door, agent: Name, json: bool) -> Result<Exit, Failure> {
    let edit = EditDiscord {
        default_agent: Some(agent.clone()),
        ..EditDiscord::default()
    };
    let view = ask::<ChangeDiscord>(door, edit).await?;
    let asleep = asleep(door, &agent).await?;
    let said = format!(
        "{agent} is asked in direct messages, and by mentions in channels that are not in the map.\n{asleep}"
    );
    output::answer(&view, json, &said)
}

fn routed(channel_id: Snowflake, agent: Option<Name>) -> EditDiscord {
    EditDiscord {
        routes: Some(vec![SetRoute { channel_id, agent }]),
        ..EditDiscord::default()
    }
}

/// A mapped channel as people know it.
fn named(view: &DiscordView, channel_id: Snowflake) -> String {
    let route = route(view, channel_id);
    channel(channel_id, route.and_then(|route| route.name.as_deref()))
}

fn route(view: &DiscordView, channel_id: Snowflake) -> Option<&RouteView> {
    let mut routes = view.setup.routes.iter();
    routes.find(|route| route.channel_id == channel_id)
}

/// A line about an agent that is asked and reads no mail; else nothing.
async fn asleep(door: &dyn Door, agent: &Name) -> Result<String, Failure> {
    let trouble = Agents::of(door).await?.trouble(agent);
    Ok(trouble.map_or_else(String::new, |trouble| {
        format!("{agent} does not answer: {trouble}\n")
    }))
}

impl Bot {
    fn token(&self) -> Result<Option<String>, Failure> {
        if !self.token_stdin {
            return Ok(None);
        }
        typed::secret("the bot's token").map(|token| Some(token.trim().to_owned()))
    }

    async fn run(
        self,
        door: &dyn Door,
        token: Option<String>,
        json: bool,
    ) -> Result<Exit, Failure> {
        if self.forget {
            let said =
                "The bot's token is forgotten; husting discord bot --token-stdin reads another.";
            return done::<ForgetBot>(door, Nothing {}, json, said).await;
        }
        let gave = token.is_some();
        let found = ask::<TestDiscord>(door, TestBotToken { token }).await?;
        output::answer(&found, json, &findings(&found))?;
        let is_fault = |finding: &DiscordFinding| finding.verdict == FindingVerdict::Fault;
        if found.findings.iter().any(is_fault) {
            if gave && !json {
                let setup = ask::<ReadDiscord>(door, Nothing {}).await?.setup;
                if setup.bot.is_none() {
                    output::line("The token was not kept. Give it again once that is mended.")?;
                }
            }
            return Ok(Exit::Refused);
        }
        if !json {
            let view = ask::<ReadDiscord>(door, Nothing {}).await?;
            output::line(&format!("The bridge {}", state(&view, Served::by(door))))?;
        }
        Ok(Exit::Done)
    }
}

fn findings(found: &DiscordFindings) -> String {
    let lines = found.findings.iter().map(|finding| {
        let sign = match finding.verdict {
            FindingVerdict::Well => "ok     ",
            FindingVerdict::Warning => "warning",
            FindingVerdict::Fault => "WRONG  ",
        };
        format!(
            "{sign}  {}: {}\n",
            plain(&finding.subject),
            plain(&finding.words)
        )
    });
    lines.collect()
}
