//! Something between here and Discord that does not let one thing through: nothing else waits for it.

use std::time::Duration;

use husting_domain::discord::ReplyState;
use husting_domain::time::Timestamp;
use husting_store::DiscordWrite;
use husting_test_support::discord::{Fault, Strike};
use rstest::rstest;

use crate::bridged::Bridged;
use crate::scene::Scene;

const CREATE: &str = "POST /channels/{channel.id}/messages";
const SHOW: &str = "GET /channels/{channel.id}";
/// Longer than a channel that was not shown is left alone.
const LATER: Duration = Duration::from_secs(11 * 60);

#[tokio::test]
async fn a_reply_that_the_edge_refuses_is_parked_with_words_and_the_next_one_goes_on() {
    let bridged = Bridged::over(Scene::new().await).await;
    let running = bridged.live().await;
    let (discord, general) = (&bridged.scene.discord, bridged.scene.general);
    let question = bridged.ask(general, "one");
    bridged.ask(general, "two");
    let letters = bridged.bus.until_sent(2).await;
    // A page of HTML, without a code of Discord's.
    let wall = Strike::new(Fault::ServerError { status: 403 });
    discord.strike(wall.on(CREATE).at(general));
    bridged.reply(&letters[0], "The first.");
    bridged.reply(&letters[1], "The second.");
    let parked = bridged.until_replies(ReplyState::Parked, 1).await;
    discord.lift_all();
    assert_eq!(parked[0].request, Some(letters[0].request));
    let words = "something between here and Discord refuses it (403), without Discord's words";
    assert_eq!(parked[0].fault.as_deref(), Some(words));

    bridged.until_said(general, "The second.").await;
    assert_eq!(bridged.said(general), ["The second."]);
    bridged.until_marked((general, question), &["⚠️"]).await;
    running.die().await;

    // Who put the sign there has died; it goes with the trouble all the same.
    bridged
        .journal(DiscordWrite::MoveReply {
            reply: parked[0].id,
            from: ReplyState::Parked,
            to: ReplyState::Waiting,
            at: Timestamp::from_micros(1_000_000),
            fault: None,
        })
        .await;
    let _running = bridged.live().await;
    bridged.until_said(general, "The first.").await;
    bridged.until_marked((general, question), &[]).await;
}

#[rstest]
#[case::failing(503)]
#[case::in_between(403)]
#[tokio::test]
async fn a_channel_that_is_never_shown_holds_up_nothing_and_is_asked_for_again_later(
    #[case] status: u16,
) {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let (discord, alice) = (&bridged.scene.discord, bridged.scene.alice);
    discord.strike(Strike::new(Fault::ServerError { status }).on(SHOW));
    let shows = || {
        let requests = discord.requests();
        requests.iter().filter(|each| each.route == SHOW).count()
    };
    // No event tells of a direct channel.
    discord.dm(alice, "one").unwrap();
    bridged.ask(bridged.scene.general, "two");
    let letters = bridged.bus.until_sent(2).await;
    assert!(letters[0].text.contains("one") && letters[1].text.contains("two"));
    let tried = shows();
    assert!(tried >= 3, "{tried}");

    discord.lift_all();
    discord.dm(alice, "three").unwrap();
    bridged.bus.until_sent(3).await;
    assert_eq!(shows(), tried);
    bridged.scene.clock.skip(LATER);
    for (sent, words) in [(4, "four"), (5, "five")] {
        discord.dm(alice, words).unwrap();
        bridged.bus.until_sent(sent).await;
        assert_eq!(shows(), tried + 1);
    }
}
