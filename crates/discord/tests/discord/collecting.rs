//! Mail that a process had in hand when it died is found again, however much came since.

use husting_domain::discord::{Inbound, Reply, ReplyState, RequestId, Snowflake};
use husting_domain::time::Timestamp;
use husting_store::DiscordWrite;
use uuid::Uuid;

use crate::bridged::Bridged;
use crate::scene::Scene;

/// More than two looks back give.
const MANY: usize = 25;

#[tokio::test]
async fn mail_that_nobody_kept_is_looked_for_behind_all_that_came_since() {
    let bridged = Bridged::over(Scene::new().await).await;
    let running = bridged.live().await;
    let general = bridged.scene.general;
    bridged.ask(general, "one");
    let asked = bridged.bus.until_sent(1).await.remove(0);
    bridged.reply(&asked, "Kept.");
    bridged.until_said(general, "Kept.").await;
    running.die().await;
    for number in 1..=3 {
        let text = format!("In hand {number}. {{ack_for:{}}}", asked.request);
        bridged.bus.give("kasra", &text);
    }
    for _ in 0..MANY {
        bridged.bus.write("mason", "I name no question.");
    }

    let _running = bridged.start(true).await;
    bridged.until_said(general, "In hand 3.").await;
    let said = ["Kept.", "In hand 1.", "In hand 2.", "In hand 3."];
    assert_eq!(bridged.said(general), said);
}

#[tokio::test]
async fn mail_that_another_bot_of_the_machine_took_in_is_left_to_it() {
    let bridged = Bridged::over(Scene::new().await).await;
    let running = bridged.live().await;
    let general = bridged.scene.general;
    bridged.ask(general, "one");
    let asked = bridged.bus.until_sent(1).await.remove(0);
    bridged.reply(&asked, "Kept.");
    bridged.until_said(general, "Kept.").await;
    running.die().await;
    let of_other = bridged.bus.give("mason", "For whoever was there before.");
    let bot = bridged.scene.discord.bot().get() + 1;
    let reply = Reply {
        id: Uuid::now_v7(),
        bot: Snowflake::new(bot).unwrap(),
        bus_id: of_other.id,
        agent: of_other.from,
        ok: true,
        text: of_other.text,
        request: None,
        place: None,
        reply_to: None,
        arrived_at: Timestamp::from_micros(1_000_000),
        state: ReplyState::Dismissed,
        rested_at: None,
        fault: None,
    };
    let kept = DiscordWrite::Reply {
        reply: Box::new(reply),
        posts: Vec::new(),
    };
    bridged.journal(kept).await;
    let text = format!("In hand. {{ack_for:{}}}", asked.request);
    bridged.bus.give("kasra", &text);

    let _running = bridged.start(true).await;
    bridged.until_said(general, "In hand.").await;
    let unplaced = bridged.until_replies(ReplyState::Unplaced, 0).await;
    assert_eq!(unplaced, []);
}

#[tokio::test]
async fn an_answer_to_the_message_itself_needs_no_token() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let general = bridged.scene.general;
    bridged.ask(general, "one");
    let asked = bridged.bus.until_sent(1).await.remove(0);
    bridged.bus.answer("mason", &asked, "Not mine.");
    bridged.bus.answer("kasra", &asked, "In hand.");
    bridged.until_said(general, "In hand.").await;
    let unplaced = bridged.until_replies(ReplyState::Unplaced, 1).await;
    assert_eq!(unplaced[0].text, "Not mine.");
    assert_eq!(unplaced[0].rested_at, Some(unplaced[0].arrived_at));
    let why = unplaced[0].fault.as_deref().unwrap();
    assert!(
        why.contains("an answer to a question that kasra was asked, not mason"),
        "{why}"
    );
    assert_eq!(bridged.said(general), ["In hand."]);
}

#[tokio::test]
async fn what_is_said_to_everybody_is_no_reply_unless_it_names_a_question() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let general = bridged.scene.general;
    bridged.ask(general, "one");
    let asked = bridged.bus.until_sent(1).await.remove(0);
    bridged
        .bus
        .broadcast("human:operator", "All hands at noon.");
    let named = format!("Known to all. {{ack_for:{}}}", asked.request);
    bridged.bus.broadcast("kasra", &named);
    bridged.until_said(general, "Known to all.").await;
    let unplaced = bridged.until_replies(ReplyState::Unplaced, 0).await;
    assert_eq!(unplaced, []);
    assert_eq!(bridged.said(general), ["Known to all."]);
}

/// As a journal has them in which another bot was at work before.
#[tokio::test]
async fn a_question_of_another_bot_is_answered_by_none_of_this_one() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let general = bridged.scene.general;
    bridged.ask(general, "one");
    let asked = bridged.bus.until_sent(1).await.remove(0);
    let own = bridged.until_question(asked.request, |_| true).await;
    let theirs = Inbound {
        request: RequestId(Uuid::from_u128(1)),
        bot: Snowflake::new(1).unwrap(),
        ..own
    };
    let token = theirs.request;
    let journalled = DiscordWrite::Journal(Box::new(theirs));
    bridged.journal(journalled).await;
    bridged
        .bus
        .write("kasra", &format!("Too late. {{ack_for:{token}}}"));
    let unplaced = bridged.until_replies(ReplyState::Unplaced, 1).await;
    assert_eq!(unplaced[0].text, "Too late.");
    let why = unplaced[0].fault.as_deref().unwrap();
    assert!(why.contains("names no question"), "{why}");
    bridged.reply(&asked, "In time.");
    bridged.until_said(general, "In time.").await;
    assert_eq!(bridged.said(general), ["In time."]);
}

#[tokio::test]
async fn mail_is_kept_before_the_bus_is_told_that_it_is_read() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let general = bridged.scene.general;
    bridged.ask(general, "one");
    let asked = bridged.bus.until_sent(1).await.remove(0);
    bridged.bus.hold_acks(true);
    bridged.reply(&asked, "Kept.");
    bridged.until_said(general, "Kept.").await;
    bridged.bus.hold_acks(false);
    bridged.reply(&asked, "And more.");
    bridged.until_said(general, "And more.").await;
    assert_eq!(bridged.said(general), ["Kept.", "And more."]);
}
