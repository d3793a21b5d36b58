//! Every fault of the gateway: what the listener heard, and what Discord saw.

use std::sync::Arc;

use husting_discord::gateway::{GatewayState, Stop};
use husting_test_support::discord::{Fault, Limit, Strike};
use rstest::rstest;

use crate::listener::Memory;
use crate::scene::{PATIENCE, Scene, id, in_time};

const IDENTIFY: u64 = 2;
const HOW_MANY: &str = "GET /gateway/bot";
/// A hundred of the quick clock's seconds.
const SELDOM_MS: u64 = 2_000;

/// Opcodes of the session's beginnings, in order.
fn beginnings(scene: &Scene) -> Vec<u64> {
    let frames = scene.discord.frames();
    let opcodes = frames.iter().filter_map(|frame| frame.op);
    opcodes.filter(|op| matches!(op, 2 | 6)).collect()
}

#[tokio::test]
async fn what_is_said_is_heard_with_the_place_to_resume_from() {
    let scene = Scene::new().await;
    let (memory, ear) = scene.live().await;
    scene.say("hello");
    in_time(memory.until_text("hello")).await;
    assert_eq!(memory.names(), ["READY", "GUILD_CREATE", "MESSAGE_CREATE"]);
    memory.assert_whole();
    let cursor = memory.cursor().unwrap();
    assert_eq!(cursor.sequence, 3);
    assert!(cursor.resume_url.starts_with(&scene.discord.gateway_url()));
    let health = ear.health();
    assert_eq!(health.state, GatewayState::Live);
    assert_eq!(health.bot, Some(id(scene.discord.bot())));
    assert!(!health.without_content && health.last_event.is_some());
    assert_eq!(ear.stop().await, Stop::Asked);
}

#[tokio::test]
async fn a_heartbeat_that_is_acknowledged_is_shown() {
    let scene = Scene::set(|settings| settings.heartbeat_interval_ms = 50).await;
    let (_, mut ear) = scene.live().await;
    assert_eq!(ear.health().last_heartbeat, None);
    ear.until_health(|health| health.last_heartbeat.is_some())
        .await;
}

#[tokio::test]
async fn op_7_is_followed_by_a_resume() {
    let scene = Scene::new().await;
    let (memory, _ear) = scene.live().await;
    scene.discord.reconnect();
    scene.until_resumed(1).await;
    scene.say("after");
    in_time(memory.until_text("after")).await;
    memory.assert_whole();
    assert_eq!(beginnings(&scene), [2, 6]);
    assert_eq!(memory.count("missed"), 0);
    let left = scene.discord.look(|view| view.closed()[0]);
    assert_eq!((left.by_us, left.by_app), (None, Some(4000)));
}

#[tokio::test]
async fn a_lost_connection_is_resumed_with_what_was_said_meanwhile() {
    let scene = Scene::new().await;
    let (memory, mut ear) = scene.live().await;
    scene.discord.drop_connections();
    scene.say("meanwhile");
    in_time(memory.until_text("meanwhile")).await;
    in_time(memory.until(|memory| memory.count("RESUMED") == 1)).await;
    memory.assert_whole();
    assert_eq!(scene.discord.gateway().resumed_by_url, 1);
    ear.until_live().await;
}

#[rstest]
#[tokio::test]
async fn a_close_that_leaves_the_session_is_followed_by_a_resume(
    #[values(4000, 4001, 4002, 4003, 4005, 4008, 1001)] code: u16,
) {
    let scene = Scene::new().await;
    let (memory, _ear) = scene.live().await;
    scene.discord.close_connections(code);
    scene.until_resumed(1).await;
    scene.say("after");
    in_time(memory.until_text("after")).await;
    memory.assert_whole();
    assert_eq!(beginnings(&scene), [2, 6]);
}

#[tokio::test]
async fn op_9_with_a_session_is_followed_by_a_resume() {
    let scene = Scene::new().await;
    let (memory, _ear) = scene.live().await;
    scene.discord.invalidate(true);
    scene.say("meanwhile");
    in_time(memory.until_text("meanwhile")).await;
    memory.assert_whole();
    assert_eq!(beginnings(&scene), [2, 6]);
}

#[tokio::test]
async fn op_9_without_a_session_is_followed_by_a_new_one_that_says_so() {
    let scene = Scene::new().await;
    let (memory, _ear) = scene.live().await;
    scene.discord.invalidate(false);
    in_time(memory.until(|memory| memory.count("GUILD_CREATE") == 2)).await;
    scene.say("after");
    in_time(memory.until_text("after")).await;
    assert_eq!(
        memory.names()[2..],
        ["missed", "READY", "GUILD_CREATE", "MESSAGE_CREATE"]
    );
    memory.assert_whole();
    assert_eq!(beginnings(&scene), [2, 2]);
}

#[rstest]
#[tokio::test]
async fn a_session_that_is_closed_for_good_is_followed_by_a_new_one(
    #[values(4007, 4009)] code: u16,
) {
    let scene = Scene::new().await;
    let (memory, _ear) = scene.live().await;
    scene.discord.close_connections(code);
    in_time(memory.until(|memory| memory.count("READY") == 2)).await;
    memory.assert_whole();
    assert_eq!(memory.count("missed"), 1);
    assert_eq!(beginnings(&scene), [2, 2]);
}

#[rstest]
#[case::closed_4007(Fault::CloseOnResume { code: 4007 })]
#[case::closed_4009(Fault::CloseOnResume { code: 4009 })]
#[case::op_9(Fault::InvalidOnResume { resumable: false })]
#[tokio::test]
async fn a_resume_that_is_refused_for_good_is_followed_by_a_new_session(#[case] fault: Fault) {
    let scene = Scene::new().await;
    let (memory, _ear) = scene.live().await;
    scene.discord.strike(Strike::new(fault).once());
    scene.discord.drop_connections();
    in_time(memory.until(|memory| memory.count("READY") == 2)).await;
    memory.assert_whole();
    assert_eq!(memory.count("missed"), 1);
    assert_eq!(beginnings(&scene), [2, 6, 2]);
}

#[rstest]
#[case::op_9(Fault::InvalidOnResume { resumable: true })]
#[case::dropped(Fault::DropOnResume)]
#[tokio::test]
async fn after_three_refused_resumes_a_new_session_is_begun(#[case] fault: Fault) {
    let scene = Scene::new().await;
    let (memory, _ear) = scene.live().await;
    scene.discord.strike(Strike::new(fault));
    scene.discord.drop_connections();
    in_time(memory.until(|memory| memory.count("READY") == 2)).await;
    memory.assert_whole();
    assert_eq!(memory.count("missed"), 1);
    assert_eq!(beginnings(&scene), [2, 6, 6, 6, 2]);
}

#[rstest]
#[case::op_9(Fault::InvalidOnResume { resumable: true })]
#[case::dropped(Fault::DropOnResume)]
#[tokio::test]
async fn two_refused_resumes_lose_nothing(#[case] fault: Fault) {
    let scene = Scene::new().await;
    let (memory, _ear) = scene.live().await;
    scene.discord.strike(Strike::new(fault).times(2));
    scene.discord.drop_connections();
    scene.say("meanwhile");
    in_time(memory.until_text("meanwhile")).await;
    memory.assert_whole();
    assert_eq!(beginnings(&scene), [2, 6, 6, 6]);
}

#[tokio::test]
async fn a_resume_that_is_not_answered_is_tried_on_another_connection() {
    let scene = Scene::new().await;
    let (memory, _ear) = scene.live().await;
    scene.discord.strike(Strike::new(Fault::HangResume).once());
    scene.discord.drop_connections();
    scene.say("meanwhile");
    let asked = scene.discord.until(|view| {
        view.frames()
            .iter()
            .find(|frame| frame.op == Some(6))
            .map(drop)
    });
    in_time(asked).await;
    assert_eq!(memory.texts().len(), 0);
    scene.clock.skip(PATIENCE);
    in_time(memory.until_text("meanwhile")).await;
    memory.assert_whole();
    assert_eq!(beginnings(&scene), [2, 6, 6]);
}

#[rstest]
#[case::hello(Fault::HangHello, 0)]
#[case::identify(Fault::HangIdentify, 1)]
#[tokio::test]
async fn a_beginning_that_is_not_answered_is_tried_on_another_connection(
    #[case] fault: Fault,
    #[case] asked: usize,
) {
    let scene = Scene::new().await;
    scene.discord.strike(Strike::new(fault).once());
    let memory = Arc::new(Memory::new());
    let mut ear = scene.listen(&memory, None);
    let hung = scene.discord.until(|view| {
        let is_there = view.gateway().connections == 1 && view.frames().len() >= asked;
        is_there.then_some(())
    });
    in_time(hung).await;
    scene.clock.skip(PATIENCE);
    ear.until_live().await;
    in_time(memory.until(|memory| memory.count("GUILD_CREATE") == 1)).await;
    memory.assert_whole();
    assert_eq!(scene.discord.gateway().connections, 2);
    assert_eq!(memory.count("missed"), 0);
}

#[tokio::test]
async fn a_connection_that_acknowledges_no_heartbeat_is_left_and_resumed() {
    let scene = Scene::set(|settings| settings.heartbeat_interval_ms = 100).await;
    let (memory, _ear) = scene.live().await;
    let silence = scene.discord.strike(Strike::new(Fault::NoHeartbeatAck));
    in_time(memory.until(|memory| memory.count("RESUMED") >= 1)).await;
    scene.discord.lift(silence);
    scene.say("after");
    in_time(memory.until_text("after")).await;
    memory.assert_whole();
    assert_eq!(scene.discord.gateway().identified, 1);
}

#[tokio::test]
async fn a_token_that_is_rejected_is_not_tried_again() {
    let scene = Scene::new().await;
    scene
        .discord
        .strike(Strike::new(Fault::CloseOnIdentify { code: 4004 }));
    let ear = scene.listen(&Arc::new(Memory::new()), None);
    let mut shown = ear.shown.clone();
    assert_eq!(ear.ended().await, Stop::TokenRejected);
    let stopped = GatewayState::Stopped(Stop::TokenRejected);
    assert_eq!(shown.borrow_and_update().state, stopped);
    assert_eq!(scene.discord.gateway().connections, 1);
}

#[tokio::test]
async fn a_token_that_is_reset_ends_a_live_session() {
    let scene = Scene::new().await;
    let (memory, ear) = scene.live().await;
    scene.discord.reset_token("another");
    scene.discord.drop_connections();
    assert_eq!(ear.ended().await, Stop::TokenRejected);
    memory.assert_whole();
    assert_eq!(beginnings(&scene), [2, 6]);
}

#[rstest]
#[tokio::test]
async fn what_discord_does_not_take_ends_it_with_its_words(
    #[values((4010, "Invalid shard."), (4011, "Sharding required."), (4012, "Invalid API version."), (4013, "Invalid intent(s)."))]
    refusal: (u16, &str),
) {
    let (refused, words) = refusal;
    let scene = Scene::new().await;
    scene
        .discord
        .strike(Strike::new(Fault::CloseOnIdentify { code: refused }));
    let ear = scene.listen(&Arc::new(Memory::new()), None);
    let Stop::Refused { code, why } = ear.ended().await else {
        panic!("it went on");
    };
    assert_eq!(code, refused);
    assert!(why.starts_with(words), "{why}");
    assert_eq!(scene.discord.gateway().connections, 1);
}

#[rstest]
#[case::op_9(Fault::InvalidOnIdentify)]
#[case::closed(Fault::CloseOnIdentify { code: 4000 })]
#[case::upgrade(Fault::RefuseUpgrade { status: 503 })]
#[tokio::test]
async fn a_beginning_that_fails_is_tried_again(#[case] fault: Fault) {
    let scene = Scene::new().await;
    scene.discord.strike(Strike::new(fault).times(3));
    let (memory, ear) = scene.live().await;
    memory.assert_whole();
    assert_eq!(memory.names(), ["READY", "GUILD_CREATE"]);
    assert_eq!(scene.discord.gateway().identified, 1);
    assert_eq!(ear.health().state, GatewayState::Live);
}

#[tokio::test]
async fn a_discord_that_is_not_there_is_waited_for() {
    let scene = Scene::new().await;
    let (memory, mut ear) = scene.live().await;
    scene.discord.refuse_connections().await.unwrap();
    scene.discord.drop_connections();
    let unreachable = |state: &GatewayState| match state {
        GatewayState::Connecting { after: Some(after) } => after.contains("cannot be reached"),
        _ => false,
    };
    ear.until_health(|health| unreachable(&health.state)).await;
    scene.say("meanwhile");
    scene.discord.accept_connections().unwrap();
    in_time(memory.until_text("meanwhile")).await;
    memory.assert_whole();
    assert_eq!(scene.discord.gateway().identified, 1);
}

#[tokio::test]
async fn no_session_is_started_that_discord_does_not_allow() {
    // Six in a second, of which five are never touched.
    let scene = Scene::set(|settings| settings.session_starts = Limit::new(6, 1_000)).await;
    let (memory, mut ear) = scene.live().await;
    ear.until_health(|health| health.identifies_left == Some(5))
        .await;
    scene.discord.invalidate(false);
    in_time(memory.until(|memory| memory.count("READY") == 2)).await;
    memory.assert_whole();
    let frames = scene.discord.frames();
    let identified = frames.iter().filter(|frame| frame.op == Some(IDENTIFY));
    let moments: Vec<u64> = identified.map(|frame| frame.at_ms).collect();
    // The window opens with the first one, as the fake's own clock tells.
    assert!(moments[1] >= moments[0] + 990, "{moments:?}");
}

#[tokio::test]
async fn where_discord_does_not_say_how_many_are_left_sessions_are_started_seldom() {
    let scene = Scene::new().await;
    let silent = Fault::ServerError { status: 503 };
    scene.discord.strike(Strike::new(silent).on(HOW_MANY));
    let (memory, _ear) = scene.live().await;
    scene.discord.close_connections(4009);
    in_time(memory.until(|memory| memory.count("READY") == 2)).await;
    let frames = scene.discord.frames();
    let identified = frames.iter().filter(|frame| frame.op == Some(IDENTIFY));
    let moments: Vec<u64> = identified.map(|frame| frame.at_ms).collect();
    // Counted from the last question before the first start.
    let mut asked = scene.discord.requests();
    asked.retain(|request| request.route == HOW_MANY && request.at_ms <= moments[0]);
    let from = asked.last().unwrap().at_ms;
    assert!(moments[1] + 1 >= from + SELDOM_MS, "{from} {moments:?}");
}

#[tokio::test]
async fn a_session_whose_own_address_is_gone_is_resumed_at_the_gateways() {
    let scene = Scene::new().await;
    let (memory, ear) = scene.live().await;
    ear.stop().await;
    scene.say("meanwhile");
    let mut cursor = memory.cursor().unwrap();
    // Nobody listens there.
    cursor.resume_url = "ws://127.0.0.1:9".to_owned();
    let _ear = scene.listen(&memory, Some(cursor));
    in_time(memory.until_text("meanwhile")).await;
    assert_eq!(beginnings(&scene), [2, 6]);
    assert_eq!(scene.discord.gateway().resumed_by_url, 0);
    assert_eq!(memory.count("missed"), 0);
}
