//! What Discord refuses: once, with its words, and what it means.

use husting_discord::sender::{Outgoing, Refusal, SendError};
use husting_domain::discord::Snowflake;
use husting_test_support::discord::{Fault, Id, Overwrite, Strike, bits};
use rstest::rstest;

use crate::scene::{Scene, id, post};

#[track_caller]
fn assert_refused<T: std::fmt::Debug>(result: Result<T, SendError>, expected: (u16, u32, Refusal)) {
    let error = result.unwrap_err();
    let means = error.means();
    let SendError::Refused {
        status,
        code,
        message,
    } = error
    else {
        panic!("{error:?}");
    };
    assert_eq!(
        (status, code, means),
        (expected.0, expected.1, Some(expected.2))
    );
    assert!(!message.is_empty());
}

fn deny(scene: &Scene, channel: Id, deny: u64) {
    let overwrite = Overwrite {
        id: scene.discord.bot(),
        member: true,
        allow: 0,
        deny,
    };
    scene.discord.overwrite(channel, overwrite);
}

/// Asked once, and not again.
#[track_caller]
fn assert_asked_once(scene: &Scene) {
    assert_eq!(scene.discord.requests().len(), 1);
}

#[rstest]
#[case::view(bits::VIEW_CHANNEL, 50001)]
#[case::send(bits::SEND_MESSAGES, 50013)]
#[tokio::test]
async fn a_channel_the_bot_may_not_write_in_refuses(#[case] denied: u64, #[case] code: u32) {
    let scene = Scene::new().await;
    deny(&scene, scene.general, denied);
    let posted = scene.sender().post(id(scene.general), &post("x")).await;
    assert_refused(posted, (403, code, Refusal::Forbidden));
    assert_asked_once(&scene);
    assert_eq!(scene.discord.invalid_requests(), 1);
}

#[tokio::test]
async fn a_mark_without_permission_is_refused() {
    let scene = Scene::new().await;
    let message = id(scene.say("well?"));
    deny(&scene, scene.general, bits::ADD_REACTIONS);
    let marked = scene.sender().react(id(scene.general), message, "👀").await;
    assert_refused(marked, (403, 50013, Refusal::Forbidden));
    assert_asked_once(&scene);
}

#[tokio::test]
async fn a_reply_without_the_history_is_refused() {
    let scene = Scene::new().await;
    let message = id(scene.say("well?"));
    deny(&scene, scene.general, bits::READ_MESSAGE_HISTORY);
    let reply = Outgoing {
        reply_to: Some(message),
        ..post("x")
    };
    let posted = scene.sender().post(id(scene.general), &reply).await;
    assert_refused(posted, (400, 160_002, Refusal::Forbidden));
    assert_asked_once(&scene);
}

#[tokio::test]
async fn a_channel_and_a_message_that_are_gone_are_refused() {
    let scene = Scene::new().await;
    let nothing = Snowflake::new(4).unwrap();
    let posted = scene.sender().post(nothing, &post("x")).await;
    assert_refused(posted, (404, 10003, Refusal::Gone));
    let marked = scene.sender().react(id(scene.general), nothing, "👀").await;
    assert_refused(marked, (404, 10008, Refusal::Gone));
    assert_eq!(scene.discord.requests().len(), 2);
}

#[rstest]
#[case::too_long("x".repeat(2_001), 50035)]
#[case::empty(String::new(), 50006)]
#[tokio::test]
async fn a_message_that_cannot_be_is_refused(#[case] content: String, #[case] code: u32) {
    let scene = Scene::new().await;
    let posted = scene
        .sender()
        .post(id(scene.general), &post(&content))
        .await;
    assert_refused(posted, (400, code, Refusal::Invalid));
    assert_asked_once(&scene);
}

#[tokio::test]
async fn an_archived_thread_wakes_up_for_a_message_but_takes_no_mark() {
    let scene = Scene::new().await;
    let (alice, general) = (scene.alice, scene.general);
    let thread = scene
        .discord
        .begin_thread(alice, general, None, "t")
        .unwrap();
    let message = scene.discord.say(alice, thread, "well?").unwrap();
    scene.discord.archive(thread, false).unwrap();
    let sender = scene.sender();
    let marked = sender.react(id(thread), id(message), "👀").await;
    assert_refused(marked, (400, 50083, Refusal::Forbidden));
    sender.post(id(thread), &post("x")).await.unwrap();
    assert!(!scene.discord.look(|view| view.is_archived(thread)));
    sender.react(id(thread), id(message), "👀").await.unwrap();
}

#[tokio::test]
async fn a_locked_thread_refuses() {
    let scene = Scene::new().await;
    let (alice, general) = (scene.alice, scene.general);
    let thread = scene
        .discord
        .begin_thread(alice, general, None, "t")
        .unwrap();
    scene.discord.archive(thread, true).unwrap();
    let posted = scene.sender().post(id(thread), &post("x")).await;
    assert_refused(posted, (400, 160_005, Refusal::Forbidden));
    assert_asked_once(&scene);
}

#[rstest]
#[case::server(404, 10004, Refusal::Gone)]
#[case::direct_message(403, 50007, Refusal::Forbidden)]
#[tokio::test]
async fn any_refusal_is_given_as_it_is(
    #[case] status: u16,
    #[case] code: u32,
    #[case] means: Refusal,
) {
    let scene = Scene::new().await;
    let fault = Fault::Refused { status, code };
    scene.discord.strike(Strike::new(fault));
    let posted = scene.sender().post(id(scene.general), &post("x")).await;
    assert_refused(posted, (status, code, means));
    assert_asked_once(&scene);
}

#[tokio::test]
async fn a_refusal_without_discords_words_is_one_all_the_same() {
    let scene = Scene::new().await;
    let fault = Fault::ServerError { status: 413 };
    scene.discord.strike(Strike::new(fault));
    let posted = scene.sender().post(id(scene.general), &post("x")).await;
    assert_refused(posted, (413, 0, Refusal::Invalid));
    assert_asked_once(&scene);
}
