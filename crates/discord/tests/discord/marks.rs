//! Eyes on a question that its agent has read, where the operator wants them.

use husting_discord::bridge::MarksShown;
use husting_domain::discord::{Inbound, InboundState, RequestId, Snowflake};
use husting_domain::ids::TenantId;
use husting_store::{DiscordWrite, Unit, Write};
use husting_test_support::discord::Id;
use rstest::rstest;
use uuid::Uuid;

use crate::bridged::Bridged;
use crate::scene::{Scene, id, in_time};

const READ: &str = "👀";
/// More questions than one look at the journal reads.
const MANY: u64 = 500;

/// The emoji under a message.
fn marks(bridged: &Bridged, message: Id) -> Vec<String> {
    let messages = bridged.scene.discord.messages(bridged.scene.general);
    let found = messages.into_iter().find(|each| each.id == message);
    let reactions = found.unwrap().reactions.into_iter();
    reactions.map(|reaction| reaction.emoji).collect()
}

fn puts(bridged: &Bridged) -> usize {
    let requests = bridged.scene.discord.requests();
    let puts = requests.iter().filter(|request| {
        request.route.starts_with("PUT ") && request.route.contains("/reactions/")
    });
    puts.count()
}

#[tokio::test]
async fn what_its_agent_has_read_has_eyes_once() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let general = bridged.scene.general;
    let questions = ["one", "two"].map(|words| bridged.ask(general, words));
    let letters = bridged.bus.until_sent(2).await;
    for letter in &letters {
        bridged
            .until_question(letter.request, |question| question.sent_at.is_some())
            .await;
    }
    bridged.bus.take(&letters[0]);
    bridged.until_marked((general, questions[0]), &[READ]).await;
    assert_eq!(marks(&bridged, questions[0]), [READ]);
    assert!(marks(&bridged, questions[1]).is_empty());

    // The first one is told once more beside the second.
    bridged.bus.take(&letters[1]);
    bridged.until_marked((general, questions[1]), &[READ]).await;
    assert_eq!(puts(&bridged), 2);
}

#[tokio::test]
async fn an_edit_that_its_agent_has_read_is_marked_no_second_time() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let (scene, general) = (&bridged.scene, bridged.scene.general);
    let message = bridged.ask(general, "one");
    let read = async |number: usize| {
        let letter = bridged.bus.until_sent(number).await.remove(number - 1);
        bridged
            .until_question(letter.request, |question| question.sent_at.is_some())
            .await;
        bridged.bus.take(&letter);
        bridged
            .until_question(letter.request, |question| question.read_at.is_some())
            .await;
    };
    read(1).await;
    let text = format!("<@{}> two", scene.discord.bot());
    let edited = scene.discord.edit(scene.alice, general, message, &text);
    edited.unwrap();
    for number in [2, 3] {
        if number == 3 {
            bridged.ask(general, "three");
        }
        let sent = bridged.bus.until_sent(number).await;
        let is_note = sent[number - 1].text.starts_with("amends:");
        assert_eq!(is_note, number == 2);
        read(number).await;
    }
    let marked = scene.discord.until(|view| {
        let messages = view.messages(general);
        let last = messages
            .iter()
            .rfind(|each| each.content.contains("three"))?;
        (!last.reactions.is_empty()).then_some(())
    });
    in_time(marked).await;
    assert_eq!(puts(&bridged), 2);
}

#[rstest]
#[case(MarksShown::Trouble)]
#[case(MarksShown::None)]
#[tokio::test]
async fn who_wants_no_eyes_sees_none_and_the_reading_is_noted(#[case] shown: MarksShown) {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    bridged.reins.change(|manner| manner.marks = shown);
    let general = bridged.scene.general;
    let questions = ["one", "two"].map(|words| bridged.ask(general, words));
    let letters = bridged.bus.until_sent(2).await;
    for letter in &letters {
        bridged
            .until_question(letter.request, |question| question.sent_at.is_some())
            .await;
        bridged.bus.take(letter);
        // Noted one after the other: behind the second note the first mark would stand.
        bridged
            .until_question(letter.request, |question| question.read_at.is_some())
            .await;
    }
    assert!(marks(&bridged, questions[0]).is_empty());
    assert_eq!(puts(&bridged), 0);
}

#[tokio::test]
async fn many_that_were_read_and_not_answered_hide_no_newer_one() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let general = bridged.scene.general;
    bridged.ask(general, "first");
    let first = bridged.bus.until_sent(1).await.remove(0);
    let first = bridged
        .until_question(first.request, |question| {
            question.state == InboundState::Sent
        })
        .await;
    let read = (1..=MANY).map(|number| {
        let question = Inbound {
            request: RequestId(Uuid::from_u128(number.into())),
            message: Snowflake::new(number).unwrap(),
            bus_id: Some(number.to_string()),
            received_at: first.received_at.plus_millis(-1_000),
            read_at: Some(first.received_at),
            ..first.clone()
        };
        Write::Discord(DiscordWrite::Journal(Box::new(question)))
    });
    let unit = Unit::of(TenantId::local()).writes(read);
    bridged.store.commit(unit).await.unwrap();
    let asked = bridged.ask(general, "second");
    let second = bridged.bus.until_sent(2).await.remove(1);
    let is_sent = |question: &Inbound| question.state == InboundState::Sent;
    bridged.until_question(second.request, is_sent).await;
    bridged.bus.take(&second);
    let marked = bridged.scene.discord.until(|view| {
        let message = view.message(general, asked)?;
        message
            .reactions
            .iter()
            .any(|mark| mark.emoji == READ)
            .then_some(())
    });
    in_time(marked).await;
}

#[tokio::test]
async fn the_sign_under_a_question_that_is_gone_is_forgotten() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let general = bridged.scene.general;
    bridged.ask(general, "first");
    let first = bridged.bus.until_sent(1).await.remove(0);
    let is_sent = |question: &Inbound| question.state == InboundState::Sent;
    let first = bridged.until_question(first.request, is_sent).await;
    let gone = Inbound {
        request: RequestId(Uuid::from_u128(1)),
        message: Snowflake::new(1).unwrap(),
        bus_id: Some("gone".to_owned()),
        ..first
    };
    let warn = DiscordWrite::Warn {
        request: gone.request,
        stands: true,
    };
    bridged.journal(DiscordWrite::Journal(Box::new(gone))).await;
    bridged.journal(warn).await;
    let (tenant, bot) = (TenantId::local(), id(bridged.scene.discord.bot()));
    let warned = async || {
        let warned = bridged.store.discord_warned_in_vain(&tenant, bot).await;
        warned.unwrap().len()
    };
    assert_eq!(warned().await, 1);

    // Whatever is heard has the journal looked at.
    bridged.ask(general, "second");
    let mut journal = bridged.reins.journal();
    in_time(async {
        while warned().await > 0 {
            journal.changed().await.unwrap();
        }
    })
    .await;
}
