//! A Discord with a server, a bus with its connector, and whoever speaks between them.

use husting_test_support::discord::{FakeDiscord, Id, Message, Settings, World};
use husting_tests::agent::Agent;
use husting_tests::bridge::Variables;
use husting_tests::home::Home;
use husting_tests::instance::Instance;
use husting_tests::patience::wait_for;
use serde_json::{Value, json};

/// A server with two channels and one person, and a bus with its connector.
pub struct Scene {
    pub home: Home,
    pub instance: Instance,
    pub discord: FakeDiscord,
    pub guild: Id,
    pub ana: Id,
    pub general: Id,
    pub plans: Id,
    pub token: String,
}

impl Scene {
    pub async fn set() -> Self {
        let mut world = World::new();
        *world.settings() = Settings::unlimited();
        let ana = world.person("ana");
        let guild = world.guild("Workshop");
        world.join(guild, ana);
        let general = world.channel(guild, "general");
        let plans = world.channel(guild, "plans");
        let discord = FakeDiscord::start(world).await.unwrap();
        let home = Home::new();
        let instance = Instance::start(&home).await;
        let shown = home.ask(&["discord", "token"]).await;
        let token = shown["raw_token"].as_str().unwrap().to_owned();
        Self {
            home,
            instance,
            discord,
            guild,
            ana,
            general,
            plans,
            token,
        }
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
