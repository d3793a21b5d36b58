//! The Message Content intent, granted or not.

use std::time::Duration;

use husting_test_support::discord::intents;

use crate::scene::{Scene, in_time};

const FIVE_MINUTES: Duration = Duration::from_secs(300);

/// Whether each IDENTIFY asked for Message Content.
fn asked(scene: &Scene) -> Vec<bool> {
    let frames = scene.discord.frames();
    let identified = frames.iter().filter(|frame| frame.op == Some(2));
    let intents = identified.map(|frame| frame.d["intents"].as_u64().unwrap());
    intents
        .map(|asked| asked & intents::MESSAGE_CONTENT != 0)
        .collect()
}

fn questions(scene: &Scene) -> usize {
    let requests = scene.discord.requests();
    let asked = |route: &str| route == "GET /applications/@me";
    requests.iter().filter(|sent| asked(&sent.route)).count()
}

#[tokio::test]
async fn without_the_intent_mentions_and_direct_messages_are_heard() {
    let scene = Scene::new().await;
    scene.discord.grant_intents(0);
    let (memory, ear) = scene.live().await;
    assert!(ear.health().without_content);
    assert_eq!(asked(&scene), [true, false]);
    let mention = format!("<@{}> hello", scene.discord.bot());
    scene.say("not for us");
    scene.say(&mention);
    scene.discord.dm(scene.alice, "psst").unwrap();
    in_time(memory.until_text("psst")).await;
    assert_eq!(memory.texts(), [String::new(), mention, "psst".into()]);
    memory.assert_whole();
    assert_eq!(memory.count("missed"), 0);
}

#[tokio::test]
async fn an_intent_that_is_granted_later_is_taken_up_by_itself() {
    let scene = Scene::new().await;
    scene.discord.grant_intents(0);
    let (memory, mut ear) = scene.live().await;
    scene.clock.skip(FIVE_MINUTES);
    let questioned = scene.discord.until(|view| {
        view.requests()
            .iter()
            .find(|r| r.route.contains("applications") && r.status == 200)
            .map(|_| ())
    });
    in_time(questioned).await;
    assert_eq!(
        scene.discord.gateway().identified,
        1,
        "it is not granted yet"
    );
    scene.discord.grant_intents(intents::MESSAGE_CONTENT);
    // As often as it takes: what was asked before the grant is asked again after the pause.
    scene.clock.skip(FIVE_MINUTES);
    scene.clock.skip(FIVE_MINUTES);
    ear.until_health(|health| !health.without_content).await;
    in_time(memory.until(|memory| memory.count("READY") == 2)).await;
    scene.say("for whoever listens");
    in_time(memory.until_text("for whoever listens")).await;
    assert_eq!(asked(&scene), [true, false, true]);
    assert_eq!(memory.count("missed"), 1);
    memory.assert_whole();
}

#[tokio::test]
async fn a_new_process_knows_that_its_session_has_no_content() {
    let scene = Scene::new().await;
    scene.discord.grant_intents(0);
    let (memory, ear) = scene.live().await;
    ear.stop().await;
    let before = questions(&scene);
    let mut ear = scene.listen(&memory, memory.cursor());
    ear.until_live().await;
    assert!(ear.health().without_content);
    assert_eq!(scene.discord.gateway().resumed, 1);
    // Asked at once, because the operator may have granted it before starting anew.
    let asked_at_once = scene.discord.until(|view| {
        let asked = |route: &str| route == "GET /applications/@me";
        let count = view
            .requests()
            .iter()
            .filter(|sent| asked(&sent.route))
            .count();
        (count > before).then_some(())
    });
    in_time(asked_at_once).await;
    ear.stop().await;
    scene.discord.grant_intents(intents::MESSAGE_CONTENT);
    let mut ear = scene.listen(&memory, memory.cursor());
    ear.until_health(|health| !health.without_content).await;
    in_time(memory.until(|memory| memory.count("READY") == 2)).await;
    assert_eq!(asked(&scene), [true, false, true]);
    memory.assert_whole();
}

#[tokio::test]
async fn an_intent_that_is_taken_away_is_done_without() {
    let scene = Scene::new().await;
    let (memory, mut ear) = scene.live().await;
    scene.discord.grant_intents(0);
    scene.discord.close_connections(4014);
    ear.until_health(|health| health.without_content).await;
    in_time(memory.until(|memory| memory.count("READY") == 2)).await;
    assert_eq!(asked(&scene), [true, false]);
    assert_eq!(memory.count("missed"), 1);
    memory.assert_whole();
}
