//! What only Discord and the bus can say of the settings: whether they take the tokens, what the bot may
//! do where, who is there. Nothing is posted and no gateway session is begun.

mod mail;
mod permissions;
mod servers;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use husting_clock::SharedClock;
use husting_domain::agents::Name;
use husting_domain::discord::Snowflake;
use serde::{Serialize, Serializer};

use crate::bus::{Bus, BusError, RemoteBus, RemoteOptions};
use crate::sender::{Application, Bot, SendError, Sender, SenderError};
use crate::settings::Settings;

use self::permissions::Servers;

pub use self::mail::{agent_found, mail_trouble};
pub use self::permissions::{Extra, Lacking, extended_invitation, invitation, plain_invitation};
pub use self::servers::{SeenChannel, SeenServer, servers};

/// Sessions that are left for those who need one; below, starting the bridge is a risk to the token.
const FEW_STARTS: u32 = 10;
/// Where the bot's application is set up.
const PORTAL: &str = "https://discord.com/developers/applications";

/// How something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Well,
    /// The bridge runs, and something does not work.
    Warning,
    /// The bridge does not run, or not here.
    Fault,
}

/// What was looked at; in words, for example, `bot token` or `channel 41`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A channel of the map.
    Channel(Snowflake),
    /// One who is asked.
    Agent(Name),
    /// Something of the bot or of the bus.
    Other(&'static str),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Channel(id) => write!(f, "channel {id}"),
            Self::Agent(name) => write!(f, "agent {name}"),
            Self::Other(words) => f.write_str(words),
        }
    }
}

impl Serialize for Subject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl From<&'static str> for Subject {
    fn from(words: &'static str) -> Self {
        Self::Other(words)
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What.
    pub subject: Subject,
    /// How it was found.
    pub verdict: Verdict,
    /// What that means, and what to do.
    pub words: String,
}

impl Finding {
    /// What was found of a subject.
    pub fn of(subject: impl Into<Subject>, verdict: Verdict, words: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            verdict,
            words: words.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.verdict {
            Verdict::Well => "ok     ",
            Verdict::Warning => "warning",
            Verdict::Fault => "WRONG  ",
        };
        write!(f, "{sign}  {}: {}", self.subject, self.words)
    }
}

/// What Discord says of a bot and its channels.
#[derive(Debug, Default)]
pub struct DiscordSays {
    /// The bot, where its token is taken.
    pub bot: Option<Bot>,
    /// Discord's own word is that it does not take the token.
    pub is_refused: bool,
    /// Its application.
    pub application: Option<Application>,
    /// What it may not do in the channels that were asked for; a channel of which Discord said nothing is left out.
    pub lacking: BTreeMap<Snowflake, Lacking>,
    /// All that was looked at, in order.
    pub findings: Vec<Finding>,
}

/// Looks at everything.
///
/// # Errors
/// [`SenderError`] when no connection can be made at all.
pub async fn examine(settings: &Settings, clock: SharedClock) -> Result<Vec<Finding>, SenderError> {
    let (token, base) = (settings.bot_token.clone(), settings.api_base.clone());
    let sender = Sender::new(token, base, clock)?;
    let channels = settings.agent_map.keys().copied();
    let renewal = reset("put the new one in DISCORD_BOT_TOKEN");
    let says = ask_discord(&sender, channels, &renewal).await;
    let mut findings = says.findings;
    findings.extend(of_bus(settings).await);
    Ok(findings)
}

/// How Discord's own bots are given another token, and what is done with it `then`.
#[must_use]
pub fn reset(then: &str) -> String {
    format!("reset it on the Bot page of {PORTAL} and {then}")
}

/// Asks Discord about a bot's token and application, and what the bot may do in some channels. `renewal`
/// says how the bot comes to another token.
pub async fn ask_discord(
    sender: &Sender,
    channels: impl IntoIterator<Item = Snowflake>,
    renewal: &str,
) -> DiscordSays {
    let mut says = DiscordSays::default();
    let bot = match sender.me().await {
        Ok(bot) => bot,
        Err(fault) => {
            says.is_refused = matches!(fault, SendError::Unauthorized);
            says.findings.push(bot_token(&fault, renewal));
            return says;
        }
    };
    let taken = format!("Discord knows it as {}", bot.username);
    says.findings
        .push(Finding::of("bot token", Verdict::Well, taken));
    says.findings.push(starts(sender).await);
    match sender.application().await {
        Ok(application) => {
            says.findings.push(intent(&application));
            says.findings.push(endpoint(&application));
            says.look_at(channels, sender, &bot, &application).await;
            says.application = Some(application);
        }
        Err(fault) => {
            let words = fault.to_string();
            says.findings
                .push(Finding::of("application", Verdict::Warning, words));
        }
    }
    says.bot = Some(bot);
    says
}

/// What a bot may not do in some channels. One that Discord does not show to it lacks just that, without a name; one that
/// Discord says nothing of, as where it cannot be reached, is left out.
pub async fn lacking_in(
    sender: &Sender,
    bot: Snowflake,
    channels: impl IntoIterator<Item = Snowflake>,
) -> BTreeMap<Snowflake, Lacking> {
    let mut servers = Servers::default();
    let mut found = BTreeMap::new();
    for channel in channels {
        match servers.lacking(sender, channel, bot).await {
            Ok(lacking) => {
                found.insert(channel, lacking);
            }
            Err(SendError::Refused { .. }) => {
                found.insert(channel, Lacking::unseen());
            }
            Err(fault) => tracing::debug!(%channel, %fault, "Discord does not say what is allowed"),
        }
    }
    found
}

/// Only Discord's own no is about the token; whatever else goes wrong leaves it untested.
fn bot_token(fault: &SendError, renewal: &str) -> Finding {
    match fault {
        SendError::Unauthorized => Finding::of(
            "bot token",
            Verdict::Fault,
            format!("Discord does not take it: {renewal}"),
        ),
        SendError::Unreachable(_) | SendError::Blocked { .. } | SendError::Refused { .. } => {
            let words = format!("{fault}; whether the bot's token is right is not known");
            Finding::of("connection", Verdict::Fault, words)
        }
    }
}

async fn starts(sender: &Sender) -> Finding {
    const SUBJECT: &str = "session starts";
    match sender.gateway_bot().await {
        Ok(gateway) => {
            let left = gateway.session_start_limit;
            let verdict = match left.remaining {
                0 => Verdict::Fault,
                few if few < FEW_STARTS => Verdict::Warning,
                _ => Verdict::Well,
            };
            let words = format!("{} of {} are left today", left.remaining, left.total);
            Finding::of(SUBJECT, verdict, words)
        }
        Err(fault) => Finding::of(SUBJECT, Verdict::Fault, fault.to_string()),
    }
}

fn intent(application: &Application) -> Finding {
    const SUBJECT: &str = "Message Content Intent";
    if application.may_read_content() {
        return Finding::of(SUBJECT, Verdict::Well, "granted");
    }
    let words = format!(
        "not granted: mapped channels stay silent, mentions and direct messages work; switch it on at \
         {PORTAL}/{}/bot",
        application.id
    );
    Finding::of(SUBJECT, Verdict::Warning, words)
}

fn endpoint(application: &Application) -> Finding {
    const SUBJECT: &str = "Interactions Endpoint";
    let set = application.interactions_endpoint_url.as_deref();
    match set.filter(|url| !url.is_empty()) {
        None => Finding::of(SUBJECT, Verdict::Well, "none is set"),
        Some(url) => Finding::of(
            SUBJECT,
            Verdict::Warning,
            format!(
                "slash commands and buttons go to {url} instead of here: empty the field at \
                 {PORTAL}/{}/information",
                application.id
            ),
        ),
    }
}

impl DiscordSays {
    async fn look_at(
        &mut self,
        channels: impl IntoIterator<Item = Snowflake>,
        sender: &Sender,
        bot: &Bot,
        application: &Application,
    ) {
        let mut servers = Servers::default();
        for channel in channels {
            let subject = Subject::Channel(channel);
            let finding = match servers.lacking(sender, channel, bot.id).await {
                Ok(found) => {
                    let finding = found.finding(subject, application.id);
                    self.lacking.insert(channel, found);
                    finding
                }
                Err(SendError::Refused { code, message, .. }) => {
                    self.lacking.insert(channel, Lacking::unseen());
                    let words = format!(
                        "the bot cannot see it ({code}: {message}): is the id right, is the bot in the \
                         server? Invite it with {}",
                        invitation(application.id, None)
                    );
                    Finding::of(subject, Verdict::Fault, words)
                }
                Err(fault) => Finding::of(subject, Verdict::Fault, fault.to_string()),
            };
            self.findings.push(finding);
        }
    }
}

async fn of_bus(settings: &Settings) -> Vec<Finding> {
    const SUBJECT: &str = "bus token";
    let options = RemoteOptions {
        url: settings.bus_url.clone(),
        token: settings.bus_token.clone(),
        connector: settings.connector.clone(),
    };
    let bus = match RemoteBus::new(options) {
        Ok(bus) => bus,
        Err(fault) => return vec![Finding::of("bus", Verdict::Fault, fault.to_string())],
    };
    let identity = match bus.whoami().await {
        Ok(identity) => identity,
        Err(
            fault @ (BusError::Unreachable { .. } | BusError::Held { .. } | BusError::Failed(_)),
        ) => {
            return vec![Finding::of("bus", Verdict::Fault, fault.to_string())];
        }
        Err(fault) => return vec![Finding::of(SUBJECT, Verdict::Fault, fault.to_string())],
    };
    let first = match (
        identity.is_proved,
        identity.name == settings.connector.as_str(),
    ) {
        (false, _) => Finding::of(
            SUBJECT,
            Verdict::Warning,
            "the bus does not say whose it is",
        ),
        (true, true) => Finding::of(SUBJECT, Verdict::Well, format!("it is {}'s", identity.name)),
        (true, false) => Finding::of(
            SUBJECT,
            Verdict::Fault,
            format!(
                "it is {0}'s, and agents are told to reply to {1}: set CONNECTOR_AGENT_NAME to {0}, or \
                 use the token of {1}",
                identity.name, settings.connector
            ),
        ),
    };
    let mut findings = vec![first];
    findings.extend(of_agents(settings, &bus).await);
    findings
}

/// Agents that are asked, where the bus tells who is there.
async fn of_agents(settings: &Settings, bus: &RemoteBus) -> Vec<Finding> {
    let Ok(peers) = bus.peers().await else {
        return Vec::new();
    };
    if peers.is_empty() {
        return Vec::new();
    }
    let asked: BTreeSet<&Name> = settings
        .agent_map
        .values()
        .chain([&settings.default_agent])
        .collect();
    let found = asked.into_iter().map(|agent| {
        let peer = peers.iter().find(|peer| peer.name == agent.as_str());
        agent_found(agent, peer.map(|peer| peer.active))
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_blamed_by_discord_alone() {
        let away = bot_token(&SendError::Unreachable("nobody listens".to_owned()), "");
        assert_eq!(
            (away.subject, away.verdict),
            ("connection".into(), Verdict::Fault)
        );
        assert!(away.words.contains("nobody listens"), "{}", away.words);
        let wrong = bot_token(&SendError::Unauthorized, "paste it");
        assert_eq!(wrong.subject, "bot token".into());
    }
}
