//! `husting discord --check --live`: what Discord and the bus say of the settings.

use husting_test_support::discord::{bits, intents};
use husting_tests::agent::Agent;
use husting_tests::bridge::{Bridge, Variables};
use husting_tests::home::{Ran, run};
use husting_tests::program::husting;
use serde_json::{Value, json};

use crate::discord_scene::Scene;

async fn checked(scene: &Scene, variables: &Variables) -> Ran {
    let mut command = scene.home.command(husting());
    command
        .args(["discord", "--check", "--live", "--json"])
        .envs(variables.iter());
    run(command, None).await
}

/// What was found of a subject: the verdict, and the words.
fn found(ran: &Ran, subject: &str) -> (String, String) {
    let document: Value = ran.json();
    let findings = document["live"].as_array().unwrap();
    let finding = findings.iter().find(|found| found["subject"] == subject);
    let finding = finding.unwrap_or_else(|| panic!("{subject} in {document}"));
    let text = |member: &str| finding[member].as_str().unwrap().to_owned();
    (text("verdict"), text("words"))
}

fn well(ran: &Ran, subject: &str) {
    let (verdict, words) = found(ran, subject);
    assert_eq!(verdict, "well", "{subject}: {words}");
}

#[tokio::test]
async fn what_works_is_said_to_work() {
    let scene = Scene::set().await;
    let map = json!({scene.plans.to_string(): "kasra"}).to_string();
    let ran = checked(&scene, &scene.variables().with("MUMEGA_AGENT_MAP", map)).await;
    let ran = ran.done();
    let channel = format!("channel {}", scene.plans);
    for subject in [
        "bot token",
        "session starts",
        "Message Content Intent",
        "Interactions Endpoint",
        "bus token",
        "agent kasra",
        &channel,
    ] {
        well(&ran, subject);
    }
    let (_, words) = found(&ran, &channel);
    assert!(words.contains("not allowed: Add Reactions"), "{words}");
    assert_eq!(scene.discord.gateway().live, 0, "no session was begun");
}

#[tokio::test]
async fn a_channel_in_which_the_bot_may_not_write_is_named_with_the_invitation_that_mends_it() {
    let scene = Scene::set().await;
    scene.forbid(scene.plans, bits::SEND_MESSAGES);
    let map = json!({scene.plans.to_string(): "kasra", "4711": "kasra"}).to_string();
    let ran = checked(&scene, &scene.variables().with("MUMEGA_AGENT_MAP", map)).await;
    let ran = ran.with(4);
    let (verdict, words) = found(&ran, &format!("channel {}", scene.plans));
    assert_eq!(verdict, "fault");
    assert!(words.contains("the bot may not Send Messages;"), "{words}");
    let invitation = format!(
        "client_id={}&scope=bot+applications.commands",
        scene.discord.bot()
    );
    assert!(words.contains(&invitation), "{words}");
    assert!(
        words.contains(&format!("guild_id={}", scene.guild)),
        "{words}"
    );
    let (verdict, words) = found(&ran, "channel 4711");
    assert_eq!(verdict, "fault");
    assert!(words.contains("10003"), "{words}");
}

#[tokio::test]
async fn without_discord_the_bus_of_this_machine_says_who_reads_mail() {
    let scene = Scene::set().await;
    let map = json!({scene.plans.to_string(): "athena"}).to_string();
    let own = scene.variables().with("MUMEGA_AGENT_MAP", map);
    let other = own.clone().with("MUMEGA_BUS_URL", "http://127.0.0.1:9/mcp");
    let checked = async |variables: &Variables| {
        let mut command = scene.home.command(husting());
        command.args(["discord", "--check"]).envs(variables.iter());
        run(command, None).await.done().stdout
    };
    let shown = checked(&own).await;
    let named = "Warning: MUMEGA_AGENT_MAP: athena does not answer: it is not active and reads no mail: \
                 husting agent activate athena";
    assert!(shown.contains(named), "{shown}");
    let shown = checked(&other).await;
    let unknown = format!(
        "Agents could not be checked: Husting is at {}, and MUMEGA_BUS_URL names another bus.",
        scene.instance.http
    );
    assert!(shown.contains(&unknown), "{shown}");
}

#[tokio::test]
async fn what_does_not_work_while_the_bridge_runs_is_a_warning() {
    let scene = Scene::set().await;
    scene.discord.grant_intents(0);
    scene
        .discord
        .interactions_endpoint(Some("https://elsewhere.example/hook"));
    let variables = scene
        .variables()
        .with("MUMEGA_DEFAULT_AGENT", "nobody-here");
    let ran = checked(&scene, &variables).await.done();
    for (subject, words) in [
        (
            "Message Content Intent",
            "mentions and direct messages work",
        ),
        ("Interactions Endpoint", "https://elsewhere.example/hook"),
        ("agent nobody-here", "husting agent mint nobody-here"),
    ] {
        let (verdict, said) = found(&ran, subject);
        assert_eq!(verdict, "warning", "{subject}");
        assert!(said.contains(words), "{said}");
    }
    scene.discord.grant_intents(intents::MESSAGE_CONTENT);
    well(
        &checked(&scene, &variables).await.done(),
        "Message Content Intent",
    );
}

#[tokio::test]
async fn tokens_that_are_not_taken_are_said_and_not_shown() {
    let scene = Scene::set().await;
    let loom = Agent::mint(&scene.instance, "loom").await;
    let wrong = scene
        .variables()
        .with("DISCORD_BOT_TOKEN", "MTIz.wrong.secretpart")
        .with("MUMEGA_BUS_TOKEN", loom.token());
    let ran = checked(&scene, &wrong).await.with(4);
    let (verdict, words) = found(&ran, "bot token");
    assert_eq!(verdict, "fault");
    assert!(words.contains("reset it on the Bot page"), "{words}");
    let (verdict, words) = found(&ran, "bus token");
    assert_eq!(verdict, "fault");
    assert!(words.contains("it is loom's"), "{words}");
    assert!(words.contains("CONNECTOR_AGENT_NAME"), "{words}");
    let said = format!("{}{}", ran.stdout, ran.stderr);
    assert!(!said.contains("secretpart") && !said.contains(loom.token()));
}

#[tokio::test]
async fn a_bus_that_is_away_is_told_and_what_people_write_waits_for_it() {
    let scene = Scene::set().await;
    let nowhere = scene
        .variables()
        .with("MUMEGA_BUS_URL", "http://127.0.0.1:9/mcp");
    let ran = checked(&scene, &nowhere).await.with(4);
    let (verdict, words) = found(&ran, "bus");
    assert_eq!(verdict, "fault");
    assert!(words.contains("http://127.0.0.1:9/mcp"), "{words}");

    let mut bridge = Bridge::start(&scene.home, husting(), &nowhere);
    let connected = bridge.until("connected").await;
    assert_eq!(connected["connector"], Value::Null);
    let told = bridge.until("bus_away").await;
    assert!(
        told["why"].as_str().unwrap().contains("cannot be reached"),
        "{told}"
    );
    assert_eq!(bridge.stop().await, 0);
}
