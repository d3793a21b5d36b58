//! A bridge that is told to end does so soon, whatever it waits for; the next one goes on where it was.

use std::time::Duration;

use husting_test_support::discord::{Fault, LimitScope, Strike};
use rstest::rstest;

use crate::bridged::Bridged;
use crate::scene::{Scene, in_time};

const CREATE: &str = "POST /channels/{channel.id}/messages";
const LIST: &str = "GET /channels/{channel.id}/messages";
/// Longer than Discord surely knows a nonce.
const FORGOTTEN: Duration = Duration::from_secs(61);
/// More than a test has in the quick clock.
const HOURS_MS: u64 = 5 * 3_600 * 1_000;

fn asks_to_wait() -> Fault {
    Fault::RateLimited {
        scope: LimitScope::Global,
        retry_after_ms: HOURS_MS,
    }
}

fn held(has_it: bool) -> Fault {
    let gate = "door".to_owned();
    match has_it {
        true => Fault::GateAfter { gate },
        false => Fault::GateBefore { gate },
    }
}

#[rstest]
#[case::discord_asks_to_wait(asks_to_wait())]
#[case::discord_has_it_and_does_not_answer(held(true))]
#[case::it_is_on_its_way(held(false))]
#[tokio::test]
async fn an_end_waits_for_no_message_and_the_next_bridge_posts_it_once(#[case] fault: Fault) {
    let bridged = Bridged::over(Scene::new().await).await;
    let running = bridged.live().await;
    let (scene, general) = (&bridged.scene, bridged.scene.general);
    bridged.ask(general, "one");
    let asked = bridged.bus.until_sent(1).await.remove(0);
    let strike = Strike::new(fault).on(CREATE).at(general).once();
    scene.discord.strike(strike);
    bridged.reply(&asked, "First.");
    let is_tried = scene.discord.until(|view| {
        let mut requests = view.requests().iter();
        requests
            .any(|request| request.route == CREATE)
            .then_some(())
    });
    in_time(is_tried).await;
    running.stop().await;
    scene.discord.open("door");

    let _running = bridged.start(true).await;
    bridged.until_said(general, "First.").await;
    bridged.reply(&asked, "Second.");
    bridged.until_said(general, "Second.").await;
    assert_eq!(bridged.said(general), ["First.", "Second."]);
}

#[tokio::test]
async fn an_end_waits_for_no_look_back() {
    let bridged = Bridged::over(Scene::new().await).await;
    let running = bridged.live().await;
    let (scene, general) = (&bridged.scene, bridged.scene.general);
    bridged.ask(general, "one");
    bridged.bus.until_sent(1).await;
    scene
        .discord
        .strike(Strike::new(asks_to_wait()).on(LIST).once());
    scene.discord.invalidate(false);
    let looks_back = scene.discord.until(|view| {
        let mut requests = view.requests().iter();
        requests.any(|request| request.route == LIST).then_some(())
    });
    in_time(looks_back).await;
    running.stop().await;
}

#[tokio::test]
async fn what_discord_has_is_not_posted_again_once_it_has_forgotten_the_nonce() {
    let scene = Scene::set(|settings| settings.nonce_window_ms = 0).await;
    let bridged = Bridged::over(scene).await;
    let running = bridged.live().await;
    let (scene, general) = (&bridged.scene, bridged.scene.general);
    bridged.ask(general, "one");
    let asked = bridged.bus.until_sent(1).await.remove(0);
    bridged.reply(&asked, "Same.");
    bridged.until_said(general, "Same.").await;
    let strike = Strike::new(held(true)).on(CREATE).at(general).once();
    scene.discord.strike(strike);
    bridged.reply(&asked, "Same.");
    in_time(scene.discord.until_waiting("door", 1)).await;
    assert_eq!(bridged.said(general).len(), 2, "Discord has it");
    running.die().await;
    scene.discord.open("door");
    scene.clock.skip(FORGOTTEN);

    let _running = bridged.start(true).await;
    bridged.reply(&asked, "Last.");
    bridged.until_said(general, "Last.").await;
    assert_eq!(bridged.said(general), ["Same.", "Same.", "Last."]);
}
