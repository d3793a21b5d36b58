//! While the bridge is paused it hears and keeps; behind that everything goes on in its order.

use husting_domain::discord::{AttachmentState, Inbound, InboundState, ReplyState};
use husting_test_support::discord::Saying;
use serde_json::json;

use crate::bridged::Bridged;
use crate::scene::Scene;

#[tokio::test]
async fn nothing_is_asked_or_posted_in_a_pause_and_all_of_it_after_in_order() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let general = bridged.scene.general;
    bridged.ask(general, "before");
    let before = bridged.bus.until_sent(1).await.remove(0);

    bridged.reins.change(|manner| manner.is_paused = true);
    for words in ["one", "two", "three"] {
        bridged.ask(general, words);
    }
    for words in ["First.", "Second.", "Third."] {
        bridged.reply(&before, words);
    }
    bridged.until_replies(ReplyState::Waiting, 3).await;
    let find = |asked: &[Inbound]| {
        let kept = asked.iter().map(|question| question.state);
        let kept = kept.filter(|state| *state == InboundState::Journalled);
        (kept.count() == 3).then_some(())
    };
    bridged.until_asked(find).await;
    // Bells that ring meanwhile wake nothing, and a person is answered all the same.
    bridged.reins.questions_moved();
    bridged.reins.replies_moved();
    let asked = bridged.command("agents", &json!({}));
    bridged.answer(asked).await;
    assert_eq!(bridged.bus.sent(), 1);
    assert_eq!(bridged.said(general).len(), 1, "the command's answer alone");
    bridged.until_replies(ReplyState::Waiting, 3).await;

    bridged.reins.change(|manner| manner.is_paused = false);
    let letters = bridged.bus.until_sent(4).await;
    for (letter, words) in letters[1..].iter().zip(["one", "two", "three"]) {
        assert!(letter.text.contains(words), "{}", letter.text);
    }
    bridged.until_said(general, "Third.").await;
    assert_eq!(bridged.said(general)[1..], ["First.", "Second.", "Third."]);
}

#[tokio::test]
async fn once_all_agents_are_let_go_on_everything_goes_on_at_once() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let general = bridged.scene.general;
    bridged.ask(general, "one");
    let first = bridged.bus.until_sent(1).await.remove(0);
    bridged.bus.hold(true);
    bridged.ask(general, "two");
    bridged.reply(&first, "First.");
    bridged.bus.until_turned_away().await;
    bridged.bus.hold(false);
    bridged.bus.until_sent(2).await;
    bridged.until_said(general, "First.").await;
}

#[tokio::test]
async fn a_change_of_the_operators_is_not_kept_waiting_by_a_bus_that_asked_to_wait() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let general = bridged.scene.general;
    bridged.bus.hold_silently(true);
    bridged.ask(general, "one");
    bridged.bus.until_turned_away().await;
    bridged.bus.hold_silently(false);
    bridged.reins.change(|manner| manner.is_paused = false);
    bridged.bus.until_sent(1).await;
}

#[tokio::test]
async fn files_are_fetched_behind_a_pause_and_never_those_of_what_was_deleted_in_it() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let (scene, general) = (&bridged.scene, bridged.scene.general);
    let say = |words: &str, file: &str| {
        let words = format!("<@{}> {words}", scene.discord.bot());
        let saying = Saying::text(&words).file(file, "text/plain", b"Seven.");
        scene.discord.send(scene.alice, general, saying).unwrap()
    };
    bridged.reins.change(|manner| manner.is_paused = true);
    let deleted = say("never mind", "secret.txt");
    say("look", "notes.txt");
    let count_in = |state: InboundState, count: usize| {
        move |asked: &[Inbound]| {
            let found = asked.iter().filter(|each| each.state == state);
            (found.count() == count).then_some(())
        }
    };
    bridged
        .until_asked(count_in(InboundState::Journalled, 2))
        .await;
    scene.discord.delete(scene.alice, general, deleted).unwrap();
    bridged
        .until_asked(count_in(InboundState::Withdrawn, 1))
        .await;

    bridged.reins.change(|manner| manner.is_paused = false);
    bridged.bus.until_sent(1).await;
    let asked = bridged.until_asked(|asked| Some(asked.to_vec())).await;
    let [look, never_mind] = [0, 1].map(|at: usize| &asked[at].attachments[0].state);
    assert!(matches!(look, AttachmentState::Fetched { .. }), "{look:?}");
    assert_eq!(*never_mind, AttachmentState::Named);
}
