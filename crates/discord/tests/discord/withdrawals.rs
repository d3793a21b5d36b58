//! A question whose message is deleted is taken back, wherever it is by then.

use husting_domain::discord::InboundState;

use crate::bridged::Bridged;
use crate::scene::Scene;

#[tokio::test]
async fn a_question_that_is_on_the_bus_is_taken_back_with_its_message() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let (scene, general) = (&bridged.scene, bridged.scene.general);
    let message = bridged.ask(general, "one");
    let letter = bridged.bus.until_sent(1).await.remove(0);
    let is_sent = |state| state == InboundState::Sent;
    bridged
        .until_question(letter.request, |question| is_sent(question.state))
        .await;
    scene.discord.delete(scene.alice, general, message).unwrap();
    let withdrawn = bridged.bus.until_withdrawn(1).await;
    assert_eq!(withdrawn, [letter.request.to_string()]);
    let is_withdrawn = |state| state == InboundState::Withdrawn;
    bridged
        .until_question(letter.request, |question| is_withdrawn(question.state))
        .await;
}

#[tokio::test]
async fn a_question_that_is_deleted_on_its_way_to_the_bus_is_taken_back_behind_it() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let (scene, general) = (&bridged.scene, bridged.scene.general);
    bridged.bus.shut(true);
    let message = bridged.ask(general, "one");
    bridged.bus.until_at_door().await;
    scene.discord.delete(scene.alice, general, message).unwrap();
    let find = |asked: &[husting_domain::discord::Inbound]| {
        let is_withdrawn = asked[0].state == InboundState::Withdrawn;
        is_withdrawn.then_some(asked[0].request)
    };
    let request = bridged.until_asked(find).await;
    bridged.bus.shut(false);
    let withdrawn = bridged.bus.until_withdrawn(1).await;
    assert_eq!(withdrawn, [request.to_string()]);
}

#[tokio::test]
async fn what_its_agent_has_read_stays_asked() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let (scene, general) = (&bridged.scene, bridged.scene.general);
    let message = bridged.ask(general, "one");
    let letter = bridged.bus.until_sent(1).await.remove(0);
    bridged
        .until_question(letter.request, |question| {
            question.state == InboundState::Sent
        })
        .await;
    bridged.bus.take(&letter);
    scene.discord.delete(scene.alice, general, message).unwrap();
    // Heard behind the deletion.
    bridged.ask(general, "two");
    bridged.bus.until_sent(2).await;
    let so = bridged.until_question(letter.request, |_| true).await;
    assert_eq!(so.state, InboundState::Sent);
    assert_eq!(bridged.bus.withdrawn(), 0);
    bridged.reply(&letter, "All the same.");
    bridged.until_said(general, "All the same.").await;
}
