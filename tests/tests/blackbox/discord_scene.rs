//! A Discord with a server, a bus with its connector, and whoever speaks between them.

use husting_test_support::discord::{
    FakeDiscord, INVITED_WITH, Id, Message, Overwrite, Settings, World, bits,
};
use husting_tests::agent::Agent;
use husting_tests::bridge::Variables;
use husting_tests::home::Home;
use husting_tests::instance::Instance;
use husting_tests::patience::wait_for;
use husting_tests::program::husting;
use husting_wire::commands::{ReadDiscord, StartBridge, TestDiscord};
use husting_wire::discord::{BridgeState, TestBotToken};
use husting_wire::events::Event;
use husting_wire::settings::Nothing;
use serde_json::{Value, json};

/// Where people meet.
pub struct Place {
    guild: Id,
    pub ana: Id,
    pub general: Id,
    plans: Id,
}

/// A scene whose instance was killed, or has ended.
pub struct Dead {
    pub home: Home,
    pub discord: FakeDiscord,
    pub place: Place,
}

impl Dead {
    /// Another instance takes its place; nobody tells it to run the bridge.
    pub async fn alive(self) -> Scene {
        let instance = beside(&self.home, &self.discord).await;
        Scene::of(self.home, instance, self.discord, self.place, String::new())
    }
}

/// An instance that knows where this Discord is.
pub async fn beside(home: &Home, discord: &FakeDiscord) -> Instance {
    let (base, gateway) = (discord.api_base(), discord.gateway_url());
    let variables = [
        ("DISCORD_API_BASE", base.as_str()),
        ("DISCORD_GATEWAY_URL", gateway.as_str()),
    ];
    Instance::start_with(home, husting(), &variables).await
}

impl Place {
    async fn with_discord() -> (FakeDiscord, Self) {
        let mut world = World::new();
        *world.settings() = Settings::unlimited();
        let ana = world.person("ana");
        let guild = world.guild("Workshop");
        world.join(guild, ana);
        let general = world.channel(guild, "general");
        let plans = world.channel(guild, "plans");
        let place = Self {
            guild,
            ana,
            general,
            plans,
        };
        (FakeDiscord::start(world).await.unwrap(), place)
    }
}

/// A server with two channels and one person, and a bus with its connector.
pub struct Scene {
    pub home: Home,
    pub instance: Instance,
    pub discord: FakeDiscord,
    pub guild: Id,
    pub ana: Id,
    pub general: Id,
    pub plans: Id,
    /// The connector's; empty where the bridge runs inside the instance.
    pub token: String,
}

impl Scene {
    pub async fn set() -> Self {
        let (discord, place) = Place::with_discord().await;
        let home = Home::new();
        let instance = Instance::start(&home).await;
        let shown = home.ask(&["discord", "token"]).await;
        let token = shown["raw_token"].as_str().unwrap().to_owned();
        Self::of(home, instance, discord, place, token)
    }

    /// The same with the bridge inside the instance, set up and live.
    pub async fn hosting() -> Self {
        let (discord, place) = Place::with_discord().await;
        discord.allow_bot(place.guild, INVITED_WITH | bits::ADD_REACTIONS);
        let home = Home::new();
        let instance = beside(&home, &discord).await;
        let scene = Self::of(home, instance, discord, place, String::new());
        let token = Some(scene.discord.token());
        let tested = scene.instance.call::<TestDiscord>(TestBotToken { token });
        let tested = tested.await.unwrap();
        assert!(tested.view.setup.bot.is_some(), "{:?}", tested.findings);
        let begun = scene.instance.call::<StartBridge>(Nothing {}).await;
        begun.unwrap();
        scene.until_bridge(&BridgeState::Delivering {}).await;
        scene
    }

    /// Waits until the bridge inside the instance is so.
    pub async fn until_bridge(&self, wanted: &BridgeState) {
        self.until_bridge_is(&format!("{wanted:?}"), |state| state == wanted)
            .await;
    }

    /// Waits until it is as wanted.
    pub async fn until_bridge_is(&self, what: &str, is_wanted: impl Fn(&BridgeState) -> bool) {
        let mut events = self.instance.watch().await;
        let view = self.instance.call::<ReadDiscord>(Nothing {}).await;
        if is_wanted(&view.unwrap().stand.bridge) {
            return;
        }
        let is_told = |told: &[Event]| {
            told.iter().any(|event| {
                matches!(event, Event::DiscordMoved { discord } if is_wanted(&discord.bridge))
            })
        };
        events.until(what, is_told).await;
    }

    fn of(
        home: Home,
        instance: Instance,
        discord: FakeDiscord,
        place: Place,
        token: String,
    ) -> Self {
        Self {
            home,
            instance,
            discord,
            guild: place.guild,
            ana: place.ana,
            general: place.general,
            plans: place.plans,
            token,
        }
    }

    /// Kills the instance that hosts the bridge.
    pub async fn killed(self) -> Dead {
        self.instance.kill().await;
        Dead {
            home: self.home,
            discord: self.discord,
            place: Place {
                guild: self.guild,
                ana: self.ana,
                general: self.general,
                plans: self.plans,
            },
        }
    }

    /// Asks the instance that hosts the bridge to end, as the system does.
    pub async fn ended(self) -> Dead {
        let (code, said) = self.instance.stop().await;
        assert_eq!(code, 0, "{said}");
        let place = Place {
            guild: self.guild,
            ana: self.ana,
            general: self.general,
            plans: self.plans,
        };
        Dead {
            home: self.home,
            discord: self.discord,
            place,
        }
    }

    /// Takes these permissions from everyone in a channel, the bot included.
    pub fn forbid(&self, channel: Id, permissions: u64) {
        let everyone = Overwrite {
            id: self.guild,
            member: false,
            allow: 0,
            deny: permissions,
        };
        self.discord.overwrite(channel, everyone);
    }

    pub fn variables(&self) -> Variables {
        Variables::of(&self.discord, &self.instance, &self.token)
    }

    pub fn mentioning(&self, words: &str) -> String {
        format!("<@{}> {words}", self.discord.bot())
    }

    /// The next mail of an agent; it is acknowledged.
    pub async fn mail(&self, agent: &Agent) -> Value {
        let waited = json!({"timeout_seconds": 60, "limit": 1});
        let asked = self.call(agent, "inbox_wait", waited);
        let mail = wait_for("mail", asked).await;
        let message = mail["messages"][0].clone();
        assert!(message.is_object(), "{mail}");
        let ids = json!({"ids": [message["id"]]});
        self.call(agent, "ack", ids).await;
        message
    }

    /// What the bot has posted in a channel, once it is so much.
    pub async fn posted(&self, channel: Id, count: usize) -> Vec<Message> {
        wait_for("a post", self.discord.until_posted(channel, count)).await
    }

    pub async fn reply(&self, agent: &Agent, to: &Value, words: &str) {
        let request = to["request_id"].as_str().unwrap();
        let text = format!("{words} {{ack_for:{request}}}");
        let sent = json!({"to": "discord-connector", "text": text});
        self.call(agent, "send", sent).await;
    }

    pub async fn call(&self, agent: &Agent, tool: &str, arguments: Value) -> Value {
        let (client, http) = (&self.instance.client, &self.instance.http);
        agent.call(client, http, tool, arguments).await.unwrap()
    }
}
