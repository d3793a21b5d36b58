//! Setting the console's bridge up from the command line.

use clap::{Args, Subcommand};
use husting_domain::agents::Name;
use husting_domain::discord::Snowflake;
use husting_wire::commands::{
    ChangeDiscord, FindServers, ForgetBot, HoldBridge, StartBridge, StopBridge, TestDiscord,
};
use husting_wire::discord::{
    BridgeState, DiscordFindings, EditDiscord, FindingVerdict, PauseBridge, SetRoute, TestBotToken,
};
use husting_wire::settings::Nothing;

use super::desk::{done, printed};
use super::text;
use crate::commands::files::text_of;
use crate::commands::through;
use crate::door::{Door, ask};
use crate::exit::{Exit, Failure};
use crate::invocation::Invocation;
use crate::output::words::plain;

/// How the console's bridge is set up.
#[derive(Debug, Subcommand)]
pub enum SetUp {
    /// Test the bot of the console's bridge
    Bot(Bot),
    /// Servers and channels that the bot sees
    Servers,
    /// Say who is asked in a channel or thread
    Map {
        /// Its id
        channel: Snowflake,
        /// Who is asked
        #[arg(value_parser = Name::parse)]
        agent: Name,
    },
    /// Take a channel or thread out of the map
    Unmap {
        /// Its id
        channel: Snowflake,
    },
    /// Say who is asked elsewhere
    Default {
        /// The agent's name
        #[arg(value_parser = Name::parse)]
        agent: Name,
    },
    /// Let the console's bridge run, now and whenever Husting does
    Start,
    /// End the console's bridge
    Stop,
    /// Hold the bridge: what people write is kept, nothing is asked or posted
    Pause,
    /// Let the bridge go on
    Resume,
}

/// Which bot.
#[derive(Debug, Args)]
pub struct Bot {
    /// Read a new token from standard input; it is kept if Discord takes it
    #[arg(long)]
    token_stdin: bool,
    /// Forget the bot's token instead, and stop the bridge
    #[arg(long, conflicts_with = "token_stdin")]
    forget: bool,
}

impl SetUp {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<Exit, Failure> {
        let json = invocation.json;
        through(invocation, async |door| match self {
            Self::Bot(bot) => bot.run(door, json).await,
            Self::Servers => {
                let seen = ask::<FindServers>(door, Nothing {}).await?;
                let told: Vec<String> = seen.servers.iter().map(text::server).collect();
                let told = match told.is_empty() {
                    true => "The bot is in no server yet.\n".to_owned(),
                    false => told.join("\n"),
                };
                printed(&seen, json, &told)
            }
            Self::Map { channel, agent } => {
                let said = format!("{agent} is asked in {channel}.");
                let edit = mapped(channel, Some(agent));
                done::<ChangeDiscord>(door, edit, json, &said).await
            }
            Self::Unmap { channel } => {
                let said = format!("{channel} is out of the map.");
                done::<ChangeDiscord>(door, mapped(channel, None), json, &said).await
            }
            Self::Default { agent } => {
                let said = format!("{agent} is asked elsewhere.");
                let edit = EditDiscord {
                    default_agent: Some(agent),
                    ..EditDiscord::default()
                };
                done::<ChangeDiscord>(door, edit, json, &said).await
            }
            Self::Start => {
                let view = ask::<StartBridge>(door, Nothing {}).await?;
                let said = match &view.stand.bridge {
                    BridgeState::Delivering {} => "It runs.",
                    _ => "It begins, and runs whenever Husting does; husting discord status says how it stands.",
                };
                printed(&view, json, &format!("{said}\n"))
            }
            Self::Stop => done::<StopBridge>(door, Nothing {}, json, "It ends now.").await,
            Self::Pause => hold(door, true, json).await,
            Self::Resume => hold(door, false, json).await,
        })
        .await
    }
}

async fn hold(door: &dyn Door, paused: bool, json: bool) -> Result<Exit, Failure> {
    let said = match paused {
        true => "Nothing is asked or posted from now on; what people write is kept.",
        false => "It is held no more.",
    };
    done::<HoldBridge>(door, PauseBridge { paused }, json, said).await
}

fn mapped(channel_id: Snowflake, agent: Option<Name>) -> EditDiscord {
    EditDiscord {
        routes: Some(vec![SetRoute { channel_id, agent }]),
        ..EditDiscord::default()
    }
}

impl Bot {
    async fn run(self, door: &dyn Door, json: bool) -> Result<Exit, Failure> {
        if self.forget {
            let said = "The bot's token is forgotten.";
            return done::<ForgetBot>(door, Nothing {}, json, said).await;
        }
        let token = match self.token_stdin {
            true => Some(text_of("-".as_ref())?.trim().to_owned()),
            false => None,
        };
        let found = ask::<TestDiscord>(door, TestBotToken { token }).await?;
        printed(&found, json, &findings(&found))?;
        let is_fault = |verdict| verdict == FindingVerdict::Fault;
        Ok(
            match found.findings.iter().any(|one| is_fault(one.verdict)) {
                true => Exit::Refused,
                false => Exit::Done,
            },
        )
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
