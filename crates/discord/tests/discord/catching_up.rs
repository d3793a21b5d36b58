//! What was written while no session heard it is read back, page by page; what is old by then is held.

use std::time::{Duration, SystemTime};

use husting_domain::agents::Name;
use husting_domain::discord::{Inbound, InboundState};

use crate::bridged::Bridged;
use crate::scene::{Scene, id, in_time};

const MINUTE: Duration = Duration::from_secs(60);
/// More than two pages.
const MANY: usize = 230;

/// The moment of a message that somebody writes now, by Discord's clock.
fn now() -> Duration {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap()
}

/// Discord forgets the session of a bridge that died.
async fn lose_session(bridged: &Bridged) {
    let discord = &bridged.scene.discord;
    let gone = discord.until(|view| (view.gateway().open == 0).then_some(()));
    in_time(gone).await;
    discord.expire_sessions();
}

fn questions_in(asked: &[Inbound], state: InboundState) -> Vec<Inbound> {
    let found = asked.iter().filter(|each| each.state == state);
    found.cloned().collect()
}

#[tokio::test]
async fn what_is_read_back_later_than_a_quarter_of_an_hour_waits_for_the_operator() {
    let bridged = Bridged::over(Scene::new().await).await;
    let running = bridged.live().await;
    let (scene, general) = (&bridged.scene, bridged.scene.general);
    bridged.ask(general, "before");
    bridged.bus.until_sent(1).await;
    running.die().await;
    bridged.ask(general, "long ago");
    lose_session(&bridged).await;
    // The clock begins at nought.
    scene.clock.skip(now() + 16 * MINUTE);

    let _running = bridged.start(true).await;
    let held = |asked: &[Inbound]| questions_in(asked, InboundState::Held).pop();
    let held = bridged.until_asked(held).await;
    assert_eq!(held.text, "long ago");
    let why = held.fault.unwrap();
    assert!(why.contains("minutes before the bridge heard it"), "{why}");
    bridged.ask(general, "just now");
    let letters = bridged.bus.until_sent(2).await;
    assert!(letters[1].text.contains("just now"), "{}", letters[1].text);
}

#[tokio::test]
async fn however_much_was_written_meanwhile_each_is_asked_once_in_its_order() {
    let bridged = Bridged::over(Scene::new().await).await;
    let running = bridged.live().await;
    let general = bridged.scene.general;
    bridged.ask(general, "number 0 .");
    bridged.bus.until_sent(1).await;
    running.die().await;
    for number in 1..=MANY {
        bridged.ask(general, &format!("number {number} ."));
    }
    lose_session(&bridged).await;

    let _running = bridged.start(true).await;
    bridged.bus.until_sent(MANY + 1).await;
    bridged.ask(general, "last .");
    let letters = bridged.bus.until_sent(MANY + 2).await;
    for (number, letter) in letters[..=MANY].iter().enumerate() {
        let words = format!("number {number} .");
        assert!(letter.text.contains(&words), "{words}: {}", letter.text);
    }
    assert!(letters[MANY + 1].text.contains("last ."));
}

#[tokio::test]
async fn a_mapped_channel_is_read_back_in_which_nothing_was_heard_before() {
    let bridged = Bridged::over(Scene::new().await).await;
    let (scene, general) = (&bridged.scene, bridged.scene.general);
    bridged.reins.change(|manner| {
        let loom = Name::parse("loom").unwrap();
        manner.routes.map.insert(id(scene.other), loom);
    });
    // Behind Discord's, which the quick clock would overtake.
    scene.clock.skip(now() - 60 * MINUTE);
    let running = bridged.live().await;
    bridged.ask(general, "before");
    bridged.bus.until_sent(1).await;
    running.die().await;
    scene
        .discord
        .say(scene.alice, scene.other, "meanwhile")
        .unwrap();
    lose_session(&bridged).await;

    let _running = bridged.start(true).await;
    let letter = bridged.bus.until_sent(2).await.remove(1);
    assert_eq!(letter.to.as_str(), "loom");
    assert!(letter.text.contains("meanwhile"), "{}", letter.text);
}
