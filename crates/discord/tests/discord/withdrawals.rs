//! A question whose message is deleted is taken back, wherever it is by then; one whose message is edited
//! is asked with its new words, if nobody has read the old ones.

use husting_discord::bus::Letter;
use husting_domain::discord::{Inbound, InboundState};
use husting_test_support::discord::Id;

use crate::bridged::Bridged;
use crate::scene::{Scene, in_time};

/// Its author edits a question of the general channel.
fn edit(bridged: &Bridged, message: Id, words: &str) {
    let scene = &bridged.scene;
    let text = format!("<@{}> {words}", scene.discord.bot());
    let edited = scene
        .discord
        .edit(scene.alice, scene.general, message, &text);
    edited.unwrap();
}

/// Something, once the oldest question has these words.
fn reads(asked: &[Inbound], words: &str) -> Option<()> {
    let oldest = asked.last()?;
    (oldest.text == words).then_some(())
}

#[track_caller]
fn assert_amends(note: &Letter, asked: &Letter, words: &str) {
    let begins = format!(
        "amends:{}\nThe message was edited and now reads:\n{words}\n",
        asked.request
    );
    assert!(note.text.starts_with(&begins), "{}", note.text);
    assert_eq!(note.to, asked.to);
}

#[tokio::test]
async fn a_question_that_is_on_the_bus_is_taken_back_with_its_message() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let (scene, general) = (&bridged.scene, bridged.scene.general);
    let (message, letter) = bridged.asked(general, "one").await;
    scene.discord.delete(scene.alice, general, message).unwrap();
    let withdrawn = bridged.bus.until_withdrawn(1).await;
    assert_eq!(withdrawn, [letter.request.to_string()]);
    bridged
        .until_state(letter.request, InboundState::Withdrawn)
        .await;
}

#[tokio::test]
async fn what_the_bus_tells_of_a_letter_that_the_bridge_takes_back_itself_is_no_news() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let (scene, general) = (&bridged.scene, bridged.scene.general);
    let (message, letter) = bridged.asked(general, "one").await;
    bridged.bus.hold_withdrawals(true);
    scene.discord.delete(scene.alice, general, message).unwrap();
    bridged.bus.until_withdrawn(1).await;
    bridged.bus.until_looked_at().await;
    bridged.bus.hold_withdrawals(false);
    bridged
        .until_state(letter.request, InboundState::Withdrawn)
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
async fn what_is_edited_on_its_way_to_the_bus_is_told_behind_it() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let general = bridged.scene.general;
    bridged.bus.shut(true);
    let message = bridged.ask(general, "one");
    bridged.bus.until_at_door().await;
    edit(&bridged, message, "two");
    bridged.until_asked(|asked| reads(asked, "two")).await;
    bridged.bus.shut(false);
    let letters = bridged.bus.until_sent(2).await;
    assert!(letters[0].text.contains("one"), "{}", letters[0].text);
    assert_amends(&letters[1], &letters[0], "two");
}

#[tokio::test]
async fn what_a_process_that_died_asked_in_other_words_is_told_behind_it() {
    let bridged = Bridged::over(Scene::new().await).await;
    let running = bridged.live().await;
    let general = bridged.scene.general;
    bridged.bus.keep_answers(true);
    let message = bridged.ask(general, "one");
    bridged.bus.until_sent(1).await;
    edit(&bridged, message, "two");
    bridged.until_asked(|asked| reads(asked, "two")).await;
    running.die().await;
    bridged.bus.keep_answers(false);

    let _running = bridged.start(true).await;
    let letters = bridged.bus.until_sent(2).await;
    assert_amends(&letters[1], &letters[0], "two");
    let request = letters[0].request;
    bridged.until_state(request, InboundState::Sent).await;
}

#[tokio::test]
async fn what_its_agent_has_read_stays_asked() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let (scene, general) = (&bridged.scene, bridged.scene.general);
    let (message, letter) = bridged.asked(general, "one").await;
    bridged.bus.take(&letter);
    scene.discord.delete(scene.alice, general, message).unwrap();
    // Heard behind the deletion.
    bridged.ask(general, "two");
    bridged.bus.until_sent(2).await;
    let so = bridged.until_question(letter.request, |_| true).await;
    assert_eq!(so.state, InboundState::Sent);
    assert!(so.deleted_at.is_some(), "nobody sees it any more");
    assert_eq!(bridged.bus.withdrawn(), 0);
    bridged.reply(&letter, "All the same.");
    bridged.until_said(general, "All the same.").await;
}

#[tokio::test]
async fn what_was_not_taken_back_rests_all_the_same_once_the_bus_puts_it_aside() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let (scene, general) = (&bridged.scene, bridged.scene.general);
    let (message, letter) = bridged.asked(general, "one").await;
    bridged.bus.take(&letter);
    scene.discord.delete(scene.alice, general, message).unwrap();
    let deleted = |question: &Inbound| question.deleted_at.is_some();
    bridged.until_question(letter.request, deleted).await;
    bridged.bus.park(&letter, "loom was revoked.");
    bridged
        .until_state(letter.request, InboundState::Parked)
        .await;
}

#[tokio::test]
async fn a_note_that_the_bus_puts_aside_leaves_the_sign_of_its_message_as_it_is() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let (scene, general) = (&bridged.scene, bridged.scene.general);
    let (message, asked) = bridged.asked(general, "one").await;
    bridged.bus.take(&asked);
    edit(&bridged, message, "two");
    let note = bridged.bus.until_sent(2).await.remove(1);
    bridged.until_state(note.request, InboundState::Sent).await;
    let (third, letter) = bridged.asked(general, "three").await;
    for parked in [&note, &letter] {
        bridged.bus.park(parked, "loom was revoked.");
        bridged
            .until_state(parked.request, InboundState::Parked)
            .await;
    }
    let signed = scene.discord.until(|view| {
        let has_sign = |message| {
            let marks = &view.message(general, message)?.reactions;
            Some(marks.iter().any(|mark| mark.emoji == "⚠️"))
        };
        has_sign(third)?.then_some(has_sign(message))
    });
    assert_eq!(in_time(signed).await, Some(false));
}

#[tokio::test]
async fn what_is_edited_before_its_agent_reads_it_is_asked_with_its_new_words_alone() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let general = bridged.scene.general;
    let message = bridged.ask(general, "one");
    let mut letter = bridged.bus.until_sent(1).await.remove(0);
    for (sent, words) in [(2, "two"), (3, "three")] {
        let was = letter.request;
        bridged.until_state(was, InboundState::Sent).await;
        edit(&bridged, message, words);
        bridged.bus.until_withdrawn(sent - 1).await;
        letter = bridged.bus.until_sent(sent).await.remove(sent - 1);
        assert_eq!(letter.request, was);
        assert!(letter.text.contains(words), "{}", letter.text);
        assert!(!letter.text.contains("amends:"), "{}", letter.text);
    }
    bridged
        .until_question(letter.request, |question| {
            question.state == InboundState::Sent && question.text == "three"
        })
        .await;
    bridged.reply(&letter, "Read.");
    bridged.until_said(general, "Read.").await;
}

#[tokio::test]
async fn failures_before_a_question_was_asked_do_not_count_for_its_edit() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    // One less than has a question parked.
    let most = 4;
    bridged.bus.fail_times("one", most);
    let message = bridged.ask(bridged.scene.general, "one");
    let letter = bridged.bus.until_sent(1).await.remove(0);
    bridged
        .until_state(letter.request, InboundState::Sent)
        .await;
    bridged.bus.fail_times("two", most);
    edit(&bridged, message, "two");
    let edited = bridged.bus.until_sent(2).await.remove(1);
    assert_eq!(edited.request, letter.request);
    assert!(edited.text.contains("two"), "{}", edited.text);
}

#[tokio::test]
async fn what_is_edited_after_its_agent_read_it_is_told_behind_it() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let general = bridged.scene.general;
    let (message, letter) = bridged.asked(general, "one").await;
    bridged.bus.take(&letter);
    edit(&bridged, message, "two");
    let note = bridged.bus.until_sent(2).await.remove(1);
    let amends = format!("amends:{}", letter.request);
    assert!(note.text.contains(&amends), "{}", note.text);
    assert_eq!(bridged.bus.withdrawn(), 0);
}
