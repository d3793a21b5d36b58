//! A fake Discord without limits, a bus with one agent, and what carries replies between them.

use std::path::Path;
use std::process::{Child, Command as Program, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use husting_domain::agents::Name;
use husting_domain::discord::Snowflake;
use husting_test_support::discord::{FakeDiscord, Id, Settings, World};
use husting_wire::agents::ConnectorToken;
use husting_wire::commands::{ChangeDiscord, MakeConnectorToken, StartBridge, TestDiscord};
use husting_wire::discord::{EditDiscord, SetRoute, TestBotToken};
use husting_wire::settings::Nothing;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::poller;
use crate::bus::messages;
use crate::door::{Door, returned};
use crate::instance::Instance;

/// Who answers, and where it is asked.
const AGENT: &str = "loom";
const CONNECTOR: &str = "discord-connector";
const POST: &str = "POST /channels/{channel.id}/messages";
/// So many that no channel's limit of five in five seconds is met.
const CHANNELS: usize = 100;
/// Between two replies at least: 40 a second, below the limit of 50 for all channels.
const APART: Duration = Duration::from_millis(25);
/// What did not arrive after so long never does.
const PATIENCE: Duration = Duration::from_secs(120);

/// What carries replies to Discord.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    /// The bridge in `husting serve`.
    Inside,
    /// `husting discord`, over MCP.
    Beside,
    /// A program that asks for mail so often.
    Polling(Duration),
}

/// All of them, and a channel in which a person asks the agent.
pub struct Scene {
    pub husting: Instance,
    discord: FakeDiscord,
    person: Id,
    channels: Vec<Id>,
    agent: Door,
    /// To whom the agent's replies go.
    connector: String,
    carrier: Carrier,
    count: AtomicUsize,
    pace: Interval,
    /// Kept until the end.
    _home: TempDir,
    _own_home: TempDir,
}

/// What runs besides the server.
enum Carrier {
    Nobody,
    Bridge(Own),
    Poller(JoinHandle<anyhow::Result<()>>),
}

/// A program that is killed when dropped.
struct Own(Child);

impl Drop for Own {
    fn drop(&mut self) {
        // It may have ended already.
        self.0.kill().and_then(|()| self.0.wait()).ok();
    }
}

impl Drop for Carrier {
    fn drop(&mut self) {
        if let Self::Poller(task) = self {
            task.abort();
        }
    }
}

impl Scene {
    /// Sets it, until replies are carried.
    pub async fn set(husting: &Path, way: Way) -> anyhow::Result<Self> {
        let mut world = World::new();
        *world.settings() = Settings::unlimited();
        let person = world.person("ana");
        let guild = world.guild("Workshop");
        world.join(guild, person);
        let channels: Vec<Id> = (0..CHANNELS)
            .map(|number| world.channel(guild, &format!("channel-{number}")))
            .collect();
        let discord = FakeDiscord::start(world).await?;
        let (home, own_home) = (tempfile::tempdir()?, tempfile::tempdir()?);
        let endpoints = [
            ("DISCORD_API_BASE", discord.api_base()),
            ("DISCORD_GATEWAY_URL", discord.gateway_url()),
        ];
        let program = husting;
        let husting = Instance::start_with(program, home.path(), &endpoints).await?;
        let (agent, _) = Door::of_agent(&husting, AGENT).await?;
        let mut connector = CONNECTOR.to_owned();
        let carrier = match way {
            Way::Inside => {
                begin_inside(&husting, &discord, &channels).await?;
                Carrier::Nobody
            }
            Way::Beside => {
                let asked = ConnectorToken { agent_name: None };
                let minted = husting.call::<MakeConnectorToken>(asked).await?;
                let token = minted.raw_token.context("a connector has no token")?;
                let map = channels
                    .iter()
                    .map(|channel| (channel.to_string(), json!(AGENT)));
                let map = Value::Object(map.collect()).to_string();
                let bridge = Program::new(program)
                    .args(["discord", "--json"])
                    .envs(endpoints)
                    .env("HUSTING_HOME", own_home.path())
                    .env("DISCORD_BOT_TOKEN", discord.token())
                    .env(
                        "MUMEGA_BUS_URL",
                        format!("http://{}/mcp", husting.address()),
                    )
                    .env("MUMEGA_BUS_TOKEN", token)
                    .env("MUMEGA_AGENT_MAP", map)
                    .stdin(Stdio::null())
                    .stdout(Stdio::null())
                    .spawn();
                Carrier::Bridge(Own(bridge.context("husting discord does not start")?))
            }
            Way::Polling(interval) => {
                connector = "poller".to_owned();
                let (mail, _) = Door::of_agent(&husting, &connector).await?;
                let place = poller::Place::of(&discord, channels[0])?;
                Carrier::Poller(tokio::spawn(poller::poll(mail, place, interval)))
            }
        };
        if !matches!(way, Way::Polling(_)) {
            in_time("a session", discord.until_live(1)).await?;
        }
        let mut pace = interval(APART);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Self {
            husting,
            discord,
            person,
            channels,
            agent,
            connector,
            carrier,
            count: AtomicUsize::new(0),
            pace,
            _home: home,
            _own_home: own_home,
        })
    }

    /// A question that the agent was asked, and its reply, ready to be sent.
    pub async fn asked(&mut self) -> anyhow::Result<Letter> {
        self.pace.tick().await;
        let channel = self.channels[self.count.load(Ordering::Relaxed) % CHANNELS];
        let words = self.unasked().words;
        let question = format!("A question for: {words}");
        self.discord
            .say(self.person, channel, &question)
            .map_err(|cannot| anyhow::anyhow!("nobody may ask: {cannot:?}"))?;
        let waiting = json!({"timeout_seconds": 60, "limit": 1});
        let request = self.agent.waiting_tool("inbox_wait", &waiting);
        let (_, answer) = self.agent.connect().await?.ask(&request).await?;
        let mail = messages(&answer)?;
        let asked = mail.first().and_then(|mail| mail["request_id"].as_str());
        let asked = asked.context("the agent was asked nothing")?;
        let text = format!("{words} {{ack_for:{asked}}}");
        Ok(Letter { words, text })
    }

    /// Words to nobody's question.
    pub fn unasked(&self) -> Letter {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let words = format!("Reply {number}: the order in which facts became known is a fact.");
        Letter {
            text: words.clone(),
            words,
        }
    }

    /// Milliseconds from just before the agent sends it until Discord has accepted the message.
    pub async fn delivered(&self, letter: Letter) -> anyhow::Result<f64> {
        let sent = json!({"to": self.connector, "text": letter.text});
        let request = self.agent.tool("send", &sent);
        let mut connection = self.agent.connect().await?;
        let seen = self.discord.look(|view| view.requests().len());
        let begun = Instant::now();
        let sending = async {
            let (_, answer) = connection.ask(&request).await?;
            returned(&answer)
        };
        let accepting = async {
            let accepted = self.discord.until(|view| {
                let mut newer = view.requests()[seen..].iter();
                let found = newer.find(|request| {
                    let is_it = request.body["content"] == letter.words.as_str();
                    request.route == POST && is_it && request.status == 200
                });
                found.map(|_| begun.elapsed())
            });
            in_time("a reply in Discord", accepted).await
        };
        let (_, took) = tokio::try_join!(sending, accepting)?;
        Ok(took.as_secs_f64() * 1_000.0)
    }

    /// Ends everything; what carried replies must have run until now.
    pub fn end(mut self) -> anyhow::Result<()> {
        match &mut self.carrier {
            Carrier::Nobody => {}
            Carrier::Bridge(own) => ensure!(own.0.try_wait()?.is_none(), "the bridge ended"),
            Carrier::Poller(task) => ensure!(!task.is_finished(), "the poller gave up"),
        }
        drop(self.carrier);
        self.husting.stop()
    }
}

/// A reply to send.
pub struct Letter {
    /// As people read it.
    words: String,
    /// With its marker.
    text: String,
}

async fn begin_inside(
    husting: &Instance,
    discord: &FakeDiscord,
    channels: &[Id],
) -> anyhow::Result<()> {
    let token = Some(discord.token());
    husting.call::<TestDiscord>(TestBotToken { token }).await?;
    let mut routes = Vec::with_capacity(channels.len());
    for channel in channels {
        routes.push(SetRoute {
            channel_id: Snowflake::new(channel.get())?,
            agent: Some(Name::parse(AGENT)?),
        });
    }
    let edit = EditDiscord {
        routes: Some(routes),
        ..EditDiscord::default()
    };
    husting.call::<ChangeDiscord>(edit).await?;
    husting.call::<StartBridge>(Nothing {}).await?;
    Ok(())
}

async fn in_time<T>(what: &str, future: impl Future<Output = T>) -> anyhow::Result<T> {
    let in_time = tokio::time::timeout(PATIENCE, future).await;
    in_time.with_context(|| format!("{what} did not come in {PATIENCE:?}"))
}
