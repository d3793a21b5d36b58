//! Something between here and Discord that does not let one thing through: nothing else waits for it.

use husting_domain::discord::ReplyState;
use husting_test_support::discord::{Fault, Strike};

use crate::bridged::Bridged;
use crate::scene::Scene;

const CREATE: &str = "POST /channels/{channel.id}/messages";

#[tokio::test]
async fn a_reply_that_the_edge_refuses_is_parked_with_words_and_the_next_one_goes_on() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
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
    let asked = discord.messages(general);
    let asked = asked.iter().find(|message| message.id == question).unwrap();
    assert_eq!(asked.reactions[0].emoji, "⚠️");
}
