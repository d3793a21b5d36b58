//! What an agent writes without naming a question goes to its standing place, until a person says STOP.

use husting_domain::agents::Name;
use husting_domain::discord::{Inbound, InboundState, ReplyState, RequestId, Snowflake};
use husting_domain::ids::TenantId;
use husting_store::{DiscordWrite, Unit, Write};
use uuid::Uuid;

use crate::bridged::Bridged;
use crate::scene::{Scene, id};

/// More questions than one look at the journal ever read.
const MANY: u64 = 300;

#[tokio::test]
async fn a_standing_place_is_silent_from_a_stop_until_somebody_asks_there() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let (scene, other) = (&bridged.scene, bridged.scene.other);
    let loom = Name::parse("loom").unwrap();
    bridged.reins.change(|manner| {
        manner.standing_places.insert(loom, id(other));
    });
    bridged.bus.write("loom", "News.");
    bridged.until_said(other, "News.").await;
    bridged.bus.write("mason", "Of mine too.");
    let unplaced = bridged.until_replies(ReplyState::Unplaced, 1).await;
    assert_eq!(unplaced[0].agent, "mason");

    scene.discord.say(scene.alice, other, "STOP").unwrap();
    // Heard behind it, and asked elsewhere.
    bridged.ask(scene.general, "one");
    bridged.bus.until_sent(1).await;
    bridged.bus.write("loom", "More.");
    let unplaced = bridged.until_replies(ReplyState::Unplaced, 2).await;
    assert_eq!(unplaced[1].text, "More.");
    let why = unplaced[1].fault.as_deref().unwrap();
    assert!(why.contains("STOP"), "{why}");
    let (tenant, bot) = (TenantId::local(), id(scene.discord.bot()));
    let store = &bridged.store;
    let stop = store.discord_last_stop(&tenant, bot, id(other));
    let stop = stop.await.unwrap().unwrap();
    assert_eq!(
        (stop.author.id, stop.place.channel),
        (id(scene.alice), id(other))
    );
    let known = store.discord_channels(&tenant, bot).await.unwrap();
    let known = known.iter().find(|known| known.id == id(other)).unwrap();
    assert_eq!(known.stopped_at, Some(stop.at));

    bridged.ask(other, "and now?");
    bridged.bus.until_sent(2).await;
    // However much is asked elsewhere since.
    let asked = bridged.until_asked(|asked| asked.last().cloned()).await;
    let elsewhere = (1..=MANY).map(|number| {
        let question = Inbound {
            request: RequestId(Uuid::from_u128(number.into())),
            message: Snowflake::new(number).unwrap(),
            received_at: asked.received_at.plus_millis(3_600_000),
            state: InboundState::Withdrawn,
            ..asked.clone()
        };
        Write::Discord(DiscordWrite::Journal(Box::new(question)))
    });
    let unit = Unit::of(TenantId::local()).writes(elsewhere);
    bridged.store.commit(unit).await.unwrap();
    bridged.bus.write("loom", "Again.");
    bridged.until_said(other, "Again.").await;
    assert_eq!(bridged.said(other), ["News.", "Again."]);
    assert!(bridged.said(scene.general).is_empty());
}

#[tokio::test]
async fn what_waits_for_a_standing_place_is_not_posted_after_a_stop() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let (scene, other) = (&bridged.scene, bridged.scene.other);
    let loom = Name::parse("loom").unwrap();
    bridged.reins.change(|manner| {
        manner.standing_places.insert(loom, id(other));
        manner.is_paused = true;
    });
    bridged.bus.write("loom", "Written before.");
    bridged.until_replies(ReplyState::Waiting, 1).await;
    scene.discord.say(scene.alice, other, "STOP").unwrap();
    // Asked after the STOP, so what comes now may be said again.
    bridged.ask(other, "and now?");
    let asked_there = |asked: &[Inbound]| {
        let mut asked = asked.iter();
        asked
            .any(|each| each.text.contains("and now?"))
            .then_some(())
    };
    bridged.until_asked(asked_there).await;
    bridged.bus.write("loom", "Written after.");
    bridged.until_replies(ReplyState::Waiting, 2).await;

    bridged.reins.change(|manner| manner.is_paused = false);
    let parked = bridged.until_replies(ReplyState::Parked, 1).await;
    assert_eq!(parked[0].text, "Written before.");
    bridged.until_said(other, "Written after.").await;
    assert_eq!(bridged.said(other), ["Written after."]);
}
