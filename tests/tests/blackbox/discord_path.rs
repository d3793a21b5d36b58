//! From a person in Discord to an agent and back, with `husting discord` between a Discord and a bus.

use husting_tests::agent::Agent;
use husting_tests::bridge::Bridge;
use serde_json::json;

use crate::discord_scene::Scene;

#[tokio::test]
async fn a_mention_is_answered_by_the_default_agent_where_it_was_written() {
    let scene = Scene::set().await;
    let bridge = Bridge::live(&scene.home, &scene.variables()).await;
    let words = scene.mentioning("what is the plan?");
    let asked = scene.discord.say(scene.ana, scene.general, &words).unwrap();

    // `kasra` answers by itself, on a rehearsal seat.
    let posted = scene.posted(scene.general, 1).await;
    let reply = &posted[0];
    assert!(reply.content.starts_with("Rehearsal:"), "{}", reply.content);
    assert!(!reply.content.contains("ack_for"), "{}", reply.content);
    assert!(!reply.content.contains("mumega-discord-ctx"));
    let reference = reply.reference.as_ref().unwrap();
    assert_eq!(reference.message_id, Some(asked));
    assert!(reply.pings.is_empty());
    assert_eq!(bridge.stop().await, 0);
}

#[tokio::test]
async fn a_mapped_channel_and_its_thread_go_to_their_agent_and_come_back_to_their_place() {
    let scene = Scene::set().await;
    let loom = Agent::mint(&scene.instance, "loom").await;
    let map = json!({scene.plans.to_string(): "loom"}).to_string();
    let variables = scene.variables().with("MUMEGA_AGENT_MAP", map);
    let bridge = Bridge::live(&scene.home, &variables).await;

    let asked = scene
        .discord
        .say(scene.ana, scene.plans, "Who weaves?")
        .unwrap();
    let mail = scene.mail(&loom).await;
    let text = mail["text"].as_str().unwrap();
    assert!(text.contains("Who weaves?"), "{text}");
    assert!(text.starts_with("[request_id:"), "{text}");
    assert_eq!(mail["from"], "discord:ana via connector");
    assert_eq!(mail["origin"], "discord");
    scene.reply(&loom, &mail, "I do.").await;
    let posted = scene.posted(scene.plans, 1).await;
    assert_eq!(posted[0].content, "I do.");

    let thread = scene
        .discord
        .begin_thread(scene.ana, scene.plans, Some(asked), "weaving")
        .unwrap();
    scene
        .discord
        .say(scene.ana, thread, "And who spins?")
        .unwrap();
    let mail = scene.mail(&loom).await;
    scene.reply(&loom, &mail, "So do I.").await;
    let posted = scene.posted(thread, 1).await;
    assert_eq!(posted[0].content, "So do I.");
    assert_eq!(bridge.stop().await, 0);
}

#[tokio::test]
async fn what_is_written_while_the_bridge_is_down_is_asked_when_it_is_up_again_and_once() {
    let scene = Scene::set().await;
    let loom = Agent::mint(&scene.instance, "loom").await;
    let variables = scene.variables().with("MUMEGA_DEFAULT_AGENT", "loom");
    let bridge = Bridge::live(&scene.home, &variables).await;
    let say = |words: &str| {
        let words = scene.mentioning(words);
        scene.discord.say(scene.ana, scene.general, &words).unwrap()
    };
    say("one");
    let first = scene.mail(&loom).await;
    bridge.kill().await;
    say("two");
    scene.reply(&loom, &first, "first answer").await;

    let bridge = Bridge::live(&scene.home, &variables).await;
    let second = scene.mail(&loom).await;
    assert!(second["text"].as_str().unwrap().contains("two"), "{second}");
    let posted = scene.posted(scene.general, 1).await;
    assert_eq!(posted[0].content, "first answer");
    scene.reply(&loom, &second, "second answer").await;
    let posted = scene.posted(scene.general, 2).await;
    assert_eq!(posted[1].content, "second answer");
    assert_eq!(bridge.stop().await, 0);
    let left = json!({"limit": 10});
    let inbox = scene.call(&loom, "inbox", left).await;
    assert_eq!(inbox["messages"], json!([]), "each question was asked once");
}

#[tokio::test]
async fn a_wrong_token_is_said_plainly_and_not_shown() {
    let scene = Scene::set().await;
    let wrong = scene
        .variables()
        .with("DISCORD_BOT_TOKEN", "MTIz.wrong.secretpart");
    let mut command = scene.home.command(husting_tests::program::husting());
    command.arg("discord").envs(wrong.iter());
    let ran = husting_tests::home::run(command, None).await.with(4);
    assert!(
        ran.stderr.contains("does not take the bot's token"),
        "{}",
        ran.stderr
    );
    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("secretpart"));
}
