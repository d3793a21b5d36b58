//! The same against a Discord that nobody here wrote: `discord-digital-twin`, whose happy path alone is
//! Discord's. It keeps no limits and no nonces, and knows no roles.

use std::process::Stdio;

use husting_tests::agent::Agent;
use husting_tests::bridge::{Bridge, Variables};
use husting_tests::home::run;
use husting_tests::patience::wait_for;
use husting_tests::program::{husting, repository};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::discord_scene::Scene;

/// The twin; it ends when it is dropped.
struct Twin {
    _child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    at: Place,
}

#[derive(Deserialize)]
struct Place {
    api: String,
    gateway: String,
    token: String,
    plans: String,
}

impl Twin {
    async fn start() -> Self {
        let mut child = Command::new("node")
            .arg(repository().join("tests/discord-twin/serve.mjs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node is installed");
        let input = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = wait_for("the twin's address", output.next_line()).await;
        let first = first
            .unwrap()
            .expect("the twin starts: npm --prefix tests ci");
        Self {
            _child: child,
            input,
            output,
            at: serde_json::from_str(&first).unwrap(),
        }
    }

    /// Lets it do something; gives its answer.
    async fn act(&mut self, asked: Value) -> String {
        let line = format!("{asked}\n");
        self.input.write_all(line.as_bytes()).await.unwrap();
        let answer = wait_for("the twin's answer", self.output.next_line()).await;
        let answer = answer.unwrap().expect("the twin is there");
        serde_json::from_str(&answer).unwrap()
    }

    async fn say(&mut self, channel: &str, text: &str) {
        self.act(json!({"do": "say", "channel": channel, "text": text}))
            .await;
    }

    async fn posted(&mut self, channel: &str) -> String {
        self.act(json!({"do": "posted", "channel": channel})).await
    }

    fn variables(&self, scene: &Scene) -> Variables {
        scene
            .variables()
            .with("DISCORD_API_BASE", &self.at.api)
            .with("DISCORD_GATEWAY_URL", &self.at.gateway)
            .with("DISCORD_BOT_TOKEN", &self.at.token)
    }
}

#[tokio::test]
async fn a_mention_a_mapped_channel_and_a_thread_are_answered_in_a_strangers_discord() {
    let (scene, mut twin) = (Scene::set().await, Twin::start().await);
    let loom = Agent::mint(&scene.instance, "loom").await;
    let map = json!({&twin.at.plans: "loom"}).to_string();
    let variables = twin.variables(&scene).with("MUMEGA_AGENT_MAP", map);
    let bridge = Bridge::live(&scene.home, &variables).await;

    twin.say("general", "@bot what is the plan?").await;
    let posted = twin.posted("general").await;
    assert!(
        posted.starts_with("Rehearsal: your message arrived: “what is the plan?”"),
        "{posted}"
    );

    twin.say("plans", "Who weaves?").await;
    let mail = scene.mail(&loom).await;
    scene.reply(&loom, &mail, "I do.").await;
    assert_eq!(twin.posted("plans").await, "I do.");

    twin.act(json!({"do": "thread", "channel": "plans", "name": "weaving"}))
        .await;
    twin.say("weaving", "And who spins?").await;
    let mail = scene.mail(&loom).await;
    scene.reply(&loom, &mail, "So do I.").await;
    assert_eq!(twin.posted("weaving").await, "So do I.");
    assert_eq!(bridge.stop().await, 0);
}

#[tokio::test]
async fn a_strangers_discord_that_rejects_the_token_is_told_plainly() {
    let (scene, twin) = (Scene::set().await, Twin::start().await);
    let variables = twin
        .variables(&scene)
        .with("DISCORD_BOT_TOKEN", "some-other-token");
    let mut command = scene.home.command(husting());
    command.arg("discord").envs(variables.iter());
    let ran = run(command, None).await.with(4);
    let words = "Discord does not accept the bot's token: reset it on the Bot page";
    assert!(ran.stderr.contains(words), "{}", ran.stderr);
}
