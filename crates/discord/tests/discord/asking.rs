//! One agent that cannot be asked holds up no other one, and its own questions keep their order.

use husting_discord::bus::Letter;
use husting_domain::agents::Name;
use husting_domain::discord::{Inbound, InboundState};
use husting_domain::time::Timestamp;
use husting_store::DiscordWrite;

use crate::bridged::Bridged;
use crate::scene::{Scene, id};

/// More than are read from the journal at once.
const MANY: usize = 60;

/// A bridge that asks loom in one channel and kasra everywhere else.
async fn of_two_agents() -> Bridged {
    let bridged = Bridged::over(Scene::new().await).await;
    let other = id(bridged.scene.other);
    bridged.reins.change(|manner| {
        let loom = Name::parse("loom").unwrap();
        manner.routes.map.insert(other, loom);
    });
    bridged
}

fn numbers_in(asked: &[Inbound], state: InboundState) -> usize {
    asked.iter().filter(|each| each.state == state).count()
}

fn asks(letter: &Letter, words: &str) -> bool {
    letter.text.contains(&format!("{words} ."))
}

#[tokio::test]
async fn an_agent_with_a_full_inbox_holds_up_itself_alone() {
    let bridged = of_two_agents().await;
    let _running = bridged.live().await;
    let (general, other) = (bridged.scene.general, bridged.scene.other);
    bridged.bus.fill("kasra", true);
    for number in 0..MANY {
        bridged.ask(general, &format!("number {number} ."));
    }
    let waiting =
        |asked: &[Inbound]| (numbers_in(asked, InboundState::Journalled) == MANY).then_some(());
    bridged.until_asked(waiting).await;
    bridged.ask(other, "aside");
    let letters = bridged.bus.until_sent(1).await;
    assert_eq!(letters[0].to.as_str(), "loom");
    let told = |asked: &[Inbound]| {
        let mut faults = asked.iter().filter_map(|each| each.fault.clone());
        faults.find(|fault| fault.contains("inbox is full"))
    };
    bridged.until_asked(told).await;

    bridged.bus.fill("kasra", false);
    let letters = bridged.bus.until_sent(MANY + 1).await;
    for (number, letter) in letters[1..].iter().enumerate() {
        let words = format!("number {number}");
        assert!(asks(letter, &words), "{words}: {}", letter.text);
    }
}

#[tokio::test]
async fn a_question_at_which_the_bus_fails_is_parked_after_some_tries() {
    let bridged = of_two_agents().await;
    let _running = bridged.live().await;
    let (general, other) = (bridged.scene.general, bridged.scene.other);
    bridged.bus.fail_at("poison");
    bridged.ask(general, "poison");
    bridged.ask(general, "behind it .");
    bridged.ask(other, "aside .");
    let letters = bridged.bus.until_sent(2).await;
    assert_eq!(letters[0].to.as_str(), "loom");
    assert!(asks(&letters[1], "behind it"), "{}", letters[1].text);
    let parked = |asked: &[Inbound]| {
        let mut asked = asked.iter();
        asked
            .find(|each| each.state == InboundState::Parked)
            .cloned()
    };
    let parked = bridged.until_asked(parked).await;
    assert!(parked.text.contains("poison"));
    assert_eq!(parked.fault.as_deref(), Some("it stumbled"));
}

#[tokio::test]
async fn a_question_that_the_bus_puts_aside_rests_under_a_sign_and_is_asked_anew() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let general = bridged.scene.general;
    let (asked, letter) = bridged.asked(general, "one").await;
    bridged.bus.park(&letter, "loom was revoked.");
    let rests = bridged
        .until_state(letter.request, InboundState::Parked)
        .await;
    assert_eq!(rests.fault.as_deref(), Some("loom was revoked."));
    bridged.until_marked((general, asked), &["⚠️"]).await;

    bridged
        .journal(DiscordWrite::Move {
            request: letter.request,
            from: InboundState::Parked,
            to: InboundState::Journalled,
            at: Timestamp::from_micros(1_000_000),
            fault: None,
        })
        .await;
    // Whatever is heard has the journal looked at.
    bridged.ask(general, "two");
    let letters = bridged.bus.until_sent(3).await;
    let anew: Vec<_> = letters[1..]
        .iter()
        .filter(|each| each.request == letter.request)
        .collect();
    assert_eq!(anew.len(), 1);
    assert_ne!(
        anew[0].key, letter.key,
        "the bus would give the old one again"
    );
    // It goes on: nothing is wrong with it any more.
    bridged.until_marked((general, asked), &[]).await;
}
