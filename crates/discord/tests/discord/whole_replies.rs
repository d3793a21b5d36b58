//! A reply of any length: it arrives whole, under its question, and ends where a person says STOP.

use husting_domain::discord::ReplyState;
use husting_test_support::discord::{Fault, INVITED_WITH, Message, Strike};
use rstest::rstest;

use crate::bridged::Bridged;
use crate::scene::{Scene, in_time};

const CREATE: &str = "POST /channels/{channel.id}/messages";

/// All that agents write: prose, a list, code in two kinds of fences, emoji, CJK and mentions.
const PIECE: &str = "Größe and naïve words, \u{201c}quoted\u{201d}.\n\n- one 👩\u{200d}👩\u{200d}👧\u{200d}👦\n- two <@123456789012345678>\n  \
    - three <:party:123456789012345678>\n\n```rust\nfn main() {\n    let x = \"漢字\";\n}\n```\n\n\
    日本語の文章と中文字符。\n~~~\n@everyone @here\n~~~\n\n";

/// A reply of so many characters.
fn of_length(characters: usize) -> String {
    let piece = PIECE.chars().count();
    let mut text = PIECE.repeat(characters / piece);
    let left = characters - text.chars().count();
    text.extend(std::iter::repeat_n('x', left));
    text
}

/// The words, without white space and the lines of fences.
fn bare(text: &str) -> String {
    let is_fence = |line: &&str| {
        let line = line.trim_start();
        line.starts_with("```") || line.starts_with("~~~")
    };
    let lines = text.lines().filter(|line| !is_fence(line));
    lines.flat_map(str::split_whitespace).collect()
}

/// A reply of so many characters, as it stands in Discord.
async fn posted(bridged: &Bridged, characters: usize, may_attach: bool) -> (String, Vec<Message>) {
    let scene = &bridged.scene;
    if !may_attach {
        scene.discord.allow_bot(scene.guild, INVITED_WITH);
    }
    let _running = bridged.live().await;
    let question = bridged.ask(scene.general, "Everything?");
    let letter = bridged.bus.until_sent(1).await.remove(0);
    let text = of_length(characters);
    assert_eq!(text.chars().count(), characters);
    bridged.reply(&letter, &text);
    bridged.reply(&letter, "That is all.");
    bridged.until_said(scene.general, "That is all.").await;
    let mut posted = scene.discord.look(|view| view.posted(scene.general));
    posted.pop();
    for (part, message) in posted.iter().enumerate() {
        assert!(message.content.encode_utf16().count() <= 2_000);
        assert!(message.pings.is_empty(), "{:?}", message.pings);
        // The first part stands under the question, and the others behind it.
        let under = message
            .reference
            .as_ref()
            .and_then(|under| under.message_id);
        assert_eq!(under, (part == 0).then_some(question));
    }
    (text, posted)
}

#[rstest]
#[case::below_the_limit(1_999, 1)]
#[case::above_the_limit(2_001, 2)]
#[tokio::test]
async fn a_reply_about_as_long_as_a_message_arrives_whole(
    #[case] characters: usize,
    #[case] messages: usize,
) {
    let bridged = Bridged::over(Scene::new().await).await;
    let (text, posted) = posted(&bridged, characters, true).await;
    // Its emoji count twice to Discord's clients.
    assert!((messages..=2).contains(&posted.len()), "{}", posted.len());
    let words: Vec<_> = posted.iter().map(|each| each.content.as_str()).collect();
    assert_eq!(bare(&words.join("\n")), bare(&text));
}

#[tokio::test]
async fn a_reply_of_thirty_thousand_characters_is_a_file_that_has_all_of_it() {
    let bridged = Bridged::over(Scene::new().await).await;
    let (text, posted) = posted(&bridged, 30_000, true).await;
    let [message] = &posted[..] else {
        panic!("one message: {posted:?}");
    };
    let beginning = message
        .content
        .split_once("\n\n… *The whole reply")
        .unwrap()
        .0;
    assert!(bare(&text).starts_with(&bare(beginning)));
    let file = reqwest::get(&message.attachments[0].url).await.unwrap();
    assert_eq!(file.text().await.unwrap(), text);
}

#[tokio::test]
async fn where_no_file_may_be_attached_it_is_posted_in_its_parts() {
    let bridged = Bridged::over(Scene::new().await).await;
    let (text, posted) = posted(&bridged, 30_000, false).await;
    assert!(posted.len() > 15, "{}", posted.len());
    let words: Vec<_> = posted.iter().map(|each| each.content.as_str()).collect();
    assert_eq!(bare(&words.join("\n")), bare(&text));
    for part in words {
        let fences = part
            .lines()
            .filter(|line| line.trim_start().starts_with("```"));
        assert_eq!(fences.count() % 2, 0, "{part}");
    }
}

#[tokio::test]
async fn a_person_who_says_stop_in_the_midst_of_a_reply_sees_nothing_more_of_it() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let (scene, general) = (&bridged.scene, bridged.scene.general);
    bridged.ask(general, "Everything?");
    let letter = bridged.bus.until_sent(1).await.remove(0);
    let gate = Fault::GateAfter {
        gate: "door".into(),
    };
    scene.discord.strike(Strike::new(gate).on(CREATE).once());
    bridged.reply(&letter, &"word ".repeat(1_000));
    in_time(scene.discord.until_waiting("door", 1)).await;
    scene.say("STOP");
    // Heard behind it.
    bridged.ask(general, "Something else?");
    bridged.bus.until_sent(2).await;
    scene.discord.release("door", 1);
    let parked = bridged.until_replies(ReplyState::Parked, 1).await;
    let why = parked[0].fault.as_deref().unwrap();
    assert!(why.contains("STOP"), "{why}");
    assert_eq!(bridged.said(general).len(), 1);
}
