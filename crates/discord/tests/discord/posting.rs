//! What is posted and read, and what is tried again.

use std::sync::Arc;

use futures::future::join_all;
use husting_discord::sender::{Outgoing, SendError};
use husting_test_support::discord::{Fault, Request, Saying, Strike};
use rstest::rstest;
use serde_json::json;

use crate::bridged::Bridged;
use crate::scene::{Scene, id, in_time, post};
use crate::stumbles::{Stumbles, StumblingClock};

const CREATE: &str = "POST /channels/{channel.id}/messages";

fn creates(scene: &Scene) -> Vec<Request> {
    let mut requests = scene.discord.requests();
    requests.retain(|request| request.route == CREATE);
    requests
}

#[tokio::test]
async fn a_message_notifies_nobody_and_names_its_nonce() {
    let scene = Scene::new().await;
    let content = format!("@everyone and <@{}>", scene.alice);
    let outgoing = Outgoing {
        nonce: "r-0".into(),
        ..post(&content)
    };
    let sender = scene.sender();
    let message = sender.post(id(scene.general), &outgoing).await.unwrap();
    let posted = scene.discord.messages(scene.general);
    assert_eq!(id(posted[0].id), message);
    assert_eq!(posted[0].content, content);
    assert!(posted[0].pings.is_empty());
    let body = &creates(&scene)[0].body;
    let wanted = json!({
        "content": content,
        "nonce": "r-0",
        "enforce_nonce": true,
        "allowed_mentions": {"parse": []},
    });
    assert_eq!(*body, wanted);
}

#[tokio::test]
async fn a_reply_is_shown_as_one_without_notifying_its_author() {
    let scene = Scene::new().await;
    let question = scene.say("well?");
    let outgoing = Outgoing {
        reply_to: Some(id(question)),
        ..post("well.")
    };
    let sender = scene.sender();
    sender.post(id(scene.general), &outgoing).await.unwrap();
    let posted = scene.discord.messages(scene.general).pop().unwrap();
    assert_eq!(posted.reference.unwrap().message_id, Some(question));
    assert!(posted.pings.is_empty());
}

#[tokio::test]
async fn a_reply_to_a_deleted_message_is_posted_without_it() {
    let scene = Scene::new().await;
    let question = scene.say("well?");
    let (alice, general) = (scene.alice, scene.general);
    scene.discord.delete(alice, general, question).unwrap();
    let outgoing = Outgoing {
        reply_to: Some(id(question)),
        ..post("well.")
    };
    scene.sender().post(id(general), &outgoing).await.unwrap();
    let posted = scene.discord.messages(general);
    assert_eq!(posted.len(), 1);
    assert_eq!(posted[0].content, "well.");
}

#[tokio::test]
async fn a_file_goes_beside_a_message_that_still_notifies_nobody() {
    let scene = Scene::new().await;
    let outgoing = Outgoing {
        file: Some(("answer.md".into(), "# Größe".into())),
        ..post("@everyone, in short")
    };
    let sender = scene.sender();
    sender.post(id(scene.general), &outgoing).await.unwrap();
    let posted = scene.discord.messages(scene.general).pop().unwrap();
    let file = &posted.attachments[0];
    assert_eq!((file.filename.as_str(), file.size), ("answer.md", 9));
    assert!(posted.pings.is_empty());
    let request = creates(&scene).pop().unwrap();
    assert_eq!(request.files, [("answer.md".to_owned(), 9)]);
    assert_eq!(request.body["allowed_mentions"], json!({"parse": []}));
    let fetched = reqwest::get(&file.url).await.unwrap().text().await.unwrap();
    assert_eq!(fetched, "# Größe");
}

#[tokio::test]
async fn a_nonce_posts_once() {
    let scene = Scene::new().await;
    let sender = scene.sender();
    let first = sender.post(id(scene.general), &post("x")).await.unwrap();
    let second = sender.post(id(scene.general), &post("x")).await.unwrap();
    assert_eq!(first, second);
    assert_eq!(scene.discord.messages(scene.general).len(), 1);
}

#[tokio::test]
async fn a_mark_is_put_under_a_message_and_taken_away() {
    let scene = Scene::new().await;
    let question = scene.say("well?");
    let (channel, message) = (id(scene.general), id(question));
    let sender = scene.sender();
    for _ in 0..2 {
        sender.react(channel, message, "👀").await.unwrap();
    }
    let reactions = || scene.discord.messages(scene.general)[0].reactions.clone();
    assert_eq!(reactions()[0].emoji, "👀");
    sender.unreact(channel, message, "👀").await.unwrap();
    assert!(reactions().is_empty());
}

#[tokio::test]
async fn what_was_said_after_a_message_is_read_oldest_first() {
    let scene = Scene::new().await;
    let before = scene.say("before");
    let saying = Saying::text("one").file("a.txt", "text/plain", b"a");
    let (alice, general) = (scene.alice, scene.general);
    scene.discord.send(alice, general, saying).unwrap();
    scene.say("two");
    scene.say("three");
    let sender = scene.sender();
    let read = sender.messages_after(id(general), id(before), 2).await;
    let texts: Vec<serde_json::Value> = read
        .unwrap()
        .iter()
        .map(|message| serde_json::from_str(message.get()).unwrap())
        .collect();
    assert_eq!(texts.len(), 2);
    assert_eq!(
        (&texts[0]["content"], &texts[1]["content"]),
        (&json!("one"), &json!("two"))
    );
    assert_eq!(texts[0]["attachments"][0]["filename"], "a.txt");
}

#[tokio::test]
async fn the_bot_its_servers_and_their_channels_are_read() {
    let scene = Scene::new().await;
    let sender = scene.sender();
    assert_eq!(sender.me().await.unwrap().id, id(scene.discord.bot()));
    let guilds = sender.guilds().await.unwrap();
    assert_eq!((guilds.len(), guilds[0].id), (1, id(scene.guild)));
    assert_eq!(guilds[0].name, "Workshop");
    let channels = sender.channels_of(guilds[0].id).await.unwrap();
    let ids: Vec<u64> = channels.iter().map(|channel| channel.id.get()).collect();
    assert_eq!(ids, [scene.general.get(), scene.other.get()]);
    let channel = sender.channel(id(scene.other)).await.unwrap();
    assert_eq!(channel.name.as_deref(), Some("other"));
}

#[tokio::test]
async fn the_portal_is_read() {
    let scene = Scene::new().await;
    let sender = scene.sender();
    let application = sender.application().await.unwrap();
    assert!(application.may_read_content());
    assert_eq!(application.interactions_endpoint_url, None);
    scene.discord.grant_intents(0);
    scene.discord.interactions_endpoint(Some("https://x.test"));
    let application = sender.application().await.unwrap();
    assert!(!application.may_read_content());
    let endpoint = application.interactions_endpoint_url;
    assert_eq!(endpoint.as_deref(), Some("https://x.test"));
    let gateway = sender.gateway_bot().await.unwrap();
    assert_eq!(gateway.url, scene.discord.gateway_url());
    assert_eq!(gateway.session_start_limit.remaining, 1_000);
}

#[rstest]
#[case::cut_before(Fault::CutBefore)]
#[case::cut_after(Fault::CutAfter)]
#[case::page_of_a_proxy(Fault::ServerError { status: 502 })]
#[case::door_of_a_network(Fault::ServerError { status: 401 })]
#[case::wall_of_a_network(Fault::ServerError { status: 403 })]
#[case::garbage(Fault::Garbage)]
#[tokio::test]
async fn what_got_no_answer_is_posted_once_all_the_same(#[case] fault: Fault) {
    let scene = Scene::new().await;
    let strike = Strike::new(fault).on(CREATE);
    scene.discord.strike(strike.times(2));
    let sender = scene.sender();
    let outgoing = post("x");
    let posted = sender.post(id(scene.general), &outgoing);
    let posted = in_time(posted).await.unwrap();
    let messages = scene.discord.messages(scene.general);
    assert_eq!(messages.len(), 1);
    assert_eq!(id(messages[0].id), posted);
    assert_eq!(creates(&scene).len(), 3);
}

#[tokio::test]
async fn what_never_gets_an_answer_is_given_up_after_a_while() {
    let scene = Scene::new().await;
    let fault = Fault::ServerError { status: 503 };
    scene.discord.strike(Strike::new(fault).on(CREATE));
    let sender = scene.sender();
    let failed = in_time(sender.post(id(scene.general), &post("x"))).await;
    let Err(SendError::Unreachable(why)) = failed else {
        panic!("{failed:?}");
    };
    assert!(why.contains("503"), "{why}");
    let tries = creates(&scene).len();
    assert!((3..=8).contains(&tries), "{tries}");
}

#[tokio::test]
async fn a_discord_that_is_not_there_is_named_without_an_address() {
    let scene = Scene::new().await;
    scene.discord.refuse_connections().await.unwrap();
    let sender = scene.sender();
    let failed = in_time(sender.me()).await.unwrap_err();
    let SendError::Unreachable(why) = failed else {
        panic!("{failed}");
    };
    assert!(!why.contains("users"), "{why}");
}

#[tokio::test]
async fn messages_of_a_channel_keep_their_order_through_a_failure() {
    let scene = Scene::new().await;
    scene
        .discord
        .strike(Strike::new(Fault::CutBefore).on(CREATE).once());
    let sender = scene.sender();
    let texts: Vec<String> = (0..12).map(|number| number.to_string()).collect();
    let outgoing: Vec<Outgoing> = texts.iter().map(|text| post(text)).collect();
    let posts = outgoing
        .iter()
        .map(|outgoing| sender.post(id(scene.general), outgoing));
    let posted = in_time(join_all(posts)).await;
    assert!(posted.iter().all(Result::is_ok));
    let messages = scene.discord.messages(scene.general);
    let heard: Vec<&str> = messages
        .iter()
        .map(|message| message.content.as_str())
        .collect();
    assert_eq!(heard, texts);
}

#[tokio::test]
async fn a_channel_that_is_stuck_does_not_hold_up_another() {
    let scene = Scene::new().await;
    let gate = Fault::GateBefore {
        gate: "door".into(),
    };
    scene
        .discord
        .strike(Strike::new(gate).at(scene.general).once());
    let sender = scene.sender();
    let (slow, quick) = (post("slow"), post("quick"));
    let stuck = sender.post(id(scene.general), &slow);
    let goes_on = async {
        scene.discord.until_waiting("door", 1).await;
        let posted = sender.post(id(scene.other), &quick).await;
        assert!(scene.discord.messages(scene.general).is_empty());
        scene.discord.release("door", 1);
        posted
    };
    let (stuck, quick) = in_time(async { tokio::join!(stuck, goes_on) }).await;
    assert!(stuck.is_ok() && quick.is_ok());
    assert_eq!(scene.discord.messages(scene.other).len(), 1);
}

#[tokio::test]
async fn a_channel_whose_lane_panics_rests_each_time_and_goes_on_by_itself() {
    let mut bridged = Bridged::over(Scene::new().await).await;
    let stumbles = Stumbles::new(2, &bridged.scene.clock);
    bridged.sends_by = Arc::new(StumblingClock(Arc::clone(&stumbles)));
    let _running = bridged.live().await;
    let general = bridged.scene.general;
    let (_, letter) = bridged.asked(general, "well?").await;
    // Only what got no answer waits, and that is the reply: its lane waits by the clock that panics.
    let strike = Strike::new(Fault::CutBefore).on(CREATE);
    bridged.scene.discord.strike(strike.times(2));
    bridged.reply(&letter, "Well.");
    bridged.until_said(general, "Well.").await;
    assert_eq!(bridged.said(general), ["Well."]);
    stumbles.assert_rested(2);
}
