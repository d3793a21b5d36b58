//! Nothing counts as heard that the listener did not keep, whatever ends the process.

use std::sync::Arc;

use husting_discord::gateway::Stop;

use crate::listener::Memory;
use crate::scene::{Scene, in_time};

#[tokio::test]
async fn a_restart_resumes_with_what_was_said_meanwhile() {
    let scene = Scene::new().await;
    let (memory, ear) = scene.live().await;
    assert_eq!(ear.stop().await, Stop::Asked);
    let ended = scene
        .discord
        .until(|view| view.closed().first().copied())
        .await;
    assert_eq!((ended.by_us, ended.by_app), (None, Some(4000)));
    scene.say("meanwhile");
    let _ear = scene.listen(&memory, memory.cursor());
    in_time(memory.until(|memory| memory.count("RESUMED") == 1)).await;
    assert_eq!(memory.texts(), ["meanwhile"]);
    memory.assert_whole();
    let tally = scene.discord.gateway();
    assert_eq!(
        (tally.identified, tally.resumed, tally.resumed_by_url),
        (1, 1, 1)
    );
}

#[tokio::test]
async fn a_restart_that_comes_too_late_begins_a_session_that_says_so() {
    let scene = Scene::new().await;
    let (memory, ear) = scene.live().await;
    ear.stop().await;
    scene
        .discord
        .until(|view| (view.gateway().open == 0).then_some(()))
        .await;
    scene.discord.expire_sessions();
    scene.say("never heard");
    let _ear = scene.listen(&memory, memory.cursor());
    in_time(memory.until(|memory| memory.count("GUILD_CREATE") == 2)).await;
    assert_eq!(memory.names()[2..], ["missed", "READY", "GUILD_CREATE"]);
    memory.assert_whole();
}

#[tokio::test]
async fn a_cursor_that_is_ahead_of_discord_begins_a_new_session() {
    let scene = Scene::new().await;
    let (memory, ear) = scene.live().await;
    ear.stop().await;
    let mut cursor = memory.cursor().unwrap();
    cursor.sequence = 900;
    let memory = Arc::new(Memory::new());
    let _ear = scene.listen(&memory, Some(cursor));
    in_time(memory.until(|memory| memory.count("READY") == 1)).await;
    assert_eq!(memory.names()[..2], ["missed", "READY"]);
}

#[tokio::test]
async fn what_cannot_be_kept_is_given_again_until_it_is() {
    let scene = Scene::new().await;
    let (memory, _ear) = scene.live().await;
    memory.fail(3);
    scene.say("one");
    scene.say("two");
    in_time(memory.until_text("two")).await;
    assert_eq!(memory.texts(), ["one", "two"]);
    memory.until_brought(5).await;
    memory.assert_whole();
}

#[tokio::test]
async fn that_something_was_missed_is_told_until_it_is_kept() {
    let scene = Scene::new().await;
    let (memory, _ear) = scene.live().await;
    memory.fail(2);
    scene.discord.invalidate(false);
    in_time(memory.until(|memory| memory.count("READY") == 2)).await;
    assert_eq!(memory.names()[2..4], ["missed", "READY"]);
}

#[tokio::test]
async fn what_was_read_but_not_kept_at_a_stop_comes_again() {
    let scene = Scene::new().await;
    let memory = Arc::new(Memory::with_room(1));
    let ear = scene.listen(&memory, None);
    in_time(memory.until(|memory| memory.count("GUILD_CREATE") == 1)).await;
    for text in ["one", "two", "three"] {
        scene.say(text);
    }
    // The second one is being kept when the end comes, and the third one waits.
    in_time(memory.until_brought(2)).await;
    ear.stop.cancel();
    memory.make_room(1);
    assert_eq!(ear.ended().await, Stop::Asked);
    assert_eq!(memory.texts(), ["one", "two"]);
    memory.make_room(9);
    let _ear = scene.listen(&memory, memory.cursor());
    in_time(memory.until_text("three")).await;
    memory.assert_whole();
    assert_eq!(scene.discord.gateway().identified, 1);
}

#[tokio::test]
async fn a_listener_that_keeps_nothing_holds_up_no_stop() {
    let scene = Scene::new().await;
    let memory = Arc::new(Memory::with_room(0));
    let ear = scene.listen(&memory, None);
    in_time(memory.until(|memory| memory.count("GUILD_CREATE") == 1)).await;
    scene.say("one");
    in_time(memory.until_brought(1)).await;
    assert_eq!(ear.stop().await, Stop::Asked);
    assert!(memory.texts().is_empty());
    memory.make_room(9);
    let _ear = scene.listen(&memory, memory.cursor());
    in_time(memory.until_text("one")).await;
    memory.assert_whole();
    assert_eq!(scene.discord.gateway().identified, 1);
}

#[tokio::test]
async fn a_slow_listener_loses_nothing_and_the_heart_beats_on() {
    let scene = Scene::set(|settings| settings.heartbeat_interval_ms = 50).await;
    let memory = Arc::new(Memory::with_room(0));
    let ear = scene.listen(&memory, None);
    in_time(memory.until(|memory| memory.count("GUILD_CREATE") == 1)).await;
    scene.say("0");
    in_time(memory.until_brought(1)).await;
    let before = scene.discord.gateway().heartbeats;
    let beating = scene
        .discord
        .until(|view| (view.gateway().heartbeats > before + 2).then_some(()));
    in_time(beating).await;
    assert_eq!(memory.texts().len(), 0);
    // Far more than may wait.
    let said: Vec<String> = (0..300).map(|number| number.to_string()).collect();
    for text in &said[1..] {
        scene.say(text);
    }
    memory.make_room(300);
    in_time(memory.until_text("299")).await;
    assert_eq!(memory.texts(), said);
    memory.assert_whole();
    assert_eq!(ear.stop().await, Stop::Asked);
    assert_eq!(scene.discord.gateway().identified, 1);
}
