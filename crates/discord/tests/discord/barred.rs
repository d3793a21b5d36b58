//! What the bot may not do is tried once, and again when something changes that may allow it.

use husting_domain::discord::ReplyState;
use husting_test_support::discord::{INVITED_WITH, Id, Message, Overwrite, Request, bits};
use rstest::rstest;
use serde_json::json;

use crate::bridged::{Bridged, Running};
use crate::scene::{Scene, in_time};

const CREATE: &str = "POST /channels/{channel.id}/messages";
const THREAD: &str = "POST /channels/{channel.id}/messages/{message.id}/threads";
const READS: u64 = bits::VIEW_CHANNEL | bits::READ_MESSAGE_HISTORY;

/// What was asked on a route, of a channel.
fn asked_on(bridged: &Bridged, route: &str, channel: Id) -> Vec<Request> {
    let path = format!("/channels/{channel}/");
    let mut requests = bridged.scene.discord.requests();
    requests.retain(|request| request.route == route && request.path.contains(&path));
    requests
}

fn deny(bridged: &Bridged, channel: Id, deny: u64) {
    let scene = &bridged.scene;
    let of_bot = Overwrite {
        id: scene.discord.bot(),
        member: true,
        allow: 0,
        deny,
    };
    scene.discord.overwrite(channel, of_bot);
}

/// What may allow the bot to write where it may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    ItsOwnRole,
    ItIsGivenOne,
    TheChannel,
    TheThread,
    WhileItIsAway,
}

/// A bridge and a place in which it may not write, and the role that it is to be given.
async fn barred_until(change: Change) -> (Bridged, Running, Id, Id) {
    let mut scribes = None;
    let scene = Scene::with(|world, guild| {
        scribes = Some(world.role(guild, "scribes", INVITED_WITH, false));
    })
    .await;
    let bridged = Bridged::over(scene).await;
    let running = bridged.live().await;
    let scene = &bridged.scene;
    let mut place = scene.general;
    match change {
        Change::ItsOwnRole | Change::ItIsGivenOne | Change::WhileItIsAway => {
            scene.discord.allow_bot(scene.guild, READS);
        }
        Change::TheChannel => deny(&bridged, place, bits::SEND_MESSAGES),
        Change::TheThread => {
            let begun = scene
                .discord
                .begin_thread(scene.alice, place, None, "plans");
            place = begun.unwrap();
        }
    }
    (bridged, running, place, scribes.unwrap())
}

#[rstest]
#[tokio::test]
async fn a_reply_waits_for_whatever_may_allow_it_and_is_not_tried_before(
    #[values(
        Change::ItsOwnRole,
        Change::ItIsGivenOne,
        Change::TheChannel,
        Change::TheThread,
        Change::WhileItIsAway
    )]
    change: Change,
) {
    let (bridged, _running, place, scribes) = barred_until(change).await;
    let (discord, guild) = (&bridged.scene.discord, bridged.scene.guild);
    // Heard behind what was denied.
    bridged.ask(place, "one");
    let letter = bridged.bus.until_sent(1).await.remove(0);
    if change == Change::TheThread {
        discord.archive(place, true).unwrap();
        bridged.ask(bridged.scene.other, "aside");
        bridged.bus.until_sent(2).await;
    }
    bridged.reply(&letter, "First.");
    bridged.until_replies(ReplyState::Barred, 1).await;
    assert_eq!(asked_on(&bridged, CREATE, place).len(), 1);
    match change {
        Change::ItsOwnRole => discord.allow_bot(guild, INVITED_WITH),
        Change::ItIsGivenOne => discord.give_bot_role(guild, scribes),
        Change::TheChannel => deny(&bridged, place, 0),
        Change::TheThread => discord.archive(place, false).unwrap(),
        Change::WhileItIsAway => {
            discord.refuse_connections().await.unwrap();
            discord.invalidate(false);
            discord.allow_bot(guild, INVITED_WITH);
            discord.accept_connections().unwrap();
        }
    }
    bridged.until_said(place, "First.").await;
    assert_eq!(asked_on(&bridged, CREATE, place).len(), 2);
}

#[tokio::test]
async fn a_change_in_one_server_tries_nothing_again_in_another() {
    let mut there = None;
    let scene = Scene::with(|world, _| {
        let alice = world.person("alice of elsewhere");
        let guild = world.guild("Elsewhere");
        world.join(guild, alice);
        world.allow_bot(guild, READS);
        there = Some((alice, world.channel(guild, "there")));
    })
    .await;
    let (person, there) = there.unwrap();
    let bridged = Bridged::over(scene).await;
    let _running = bridged.live().await;
    let (discord, general) = (&bridged.scene.discord, bridged.scene.general);
    deny(&bridged, general, bits::SEND_MESSAGES);
    bridged.ask(general, "one");
    let words = format!("<@{}> two", discord.bot());
    discord.say(person, there, &words).unwrap();
    let letters = bridged.bus.until_sent(2).await;
    bridged.reply(&letters[0], "Here.");
    bridged.reply(&letters[1], "There.");
    bridged.until_replies(ReplyState::Barred, 2).await;

    deny(&bridged, general, 0);
    bridged.until_said(general, "Here.").await;
    // Tried behind whatever else waits there.
    bridged.reply(&letters[1], "There, too.");
    bridged.until_replies(ReplyState::Barred, 2).await;
    assert_eq!(asked_on(&bridged, CREATE, there).len(), 2);
}

#[tokio::test]
async fn marks_are_tried_once_in_a_channel_that_takes_none() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let (discord, general) = (&bridged.scene.discord, bridged.scene.general);
    deny(&bridged, general, bits::ADD_REACTIONS);
    let read = async |number: usize| {
        let message = bridged.ask(general, &format!("number {number}"));
        let letter = bridged.bus.until_sent(number).await.remove(number - 1);
        bridged
            .until_question(letter.request, |question| question.sent_at.is_some())
            .await;
        bridged.bus.take(&letter);
        bridged
            .until_question(letter.request, |question| question.read_at.is_some())
            .await;
        message
    };
    let puts = || {
        let mut requests = discord.requests();
        requests.retain(|request| {
            request.route.starts_with("PUT ") && request.route.contains("reactions")
        });
        requests.len()
    };
    // Noted one after the other, each before its mark is put.
    for number in 1..=3 {
        read(number).await;
    }
    assert_eq!(puts(), 1);
    deny(&bridged, general, 0);
    let message = read(4).await;
    let marked = discord.until(|view| {
        let found = view.message(general, message)?;
        (!found.reactions.is_empty()).then_some(())
    });
    in_time(marked).await;
}

#[tokio::test]
async fn files_are_tried_once_in_a_channel_that_takes_none() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let (scene, general) = (&bridged.scene, bridged.scene.general);
    scene.discord.allow_bot(scene.guild, INVITED_WITH);
    bridged.ask(general, "everything?");
    let letter = bridged.bus.until_sent(1).await.remove(0);
    let with_files = || {
        let mut tried = asked_on(&bridged, CREATE, general);
        tried.retain(|request| !request.files.is_empty());
        tried.len()
    };
    for last in ["One.", "Two."] {
        bridged.reply(&letter, &format!("{}{last}", "word ".repeat(2_400)));
        bridged.until_said(general, last).await;
        assert_eq!(with_files(), 1);
    }
    let extras = bits::ATTACH_FILES;
    scene.discord.allow_bot(scene.guild, INVITED_WITH | extras);
    // Heard behind the change.
    bridged.ask(general, "and now?");
    bridged.bus.until_sent(2).await;
    bridged.reply(&letter, &"word ".repeat(2_400));
    let said = bridged.until_said(general, "reply.md").await;
    assert_eq!(said.attachments.len(), 1);
    assert_eq!(with_files(), 2);
}

#[tokio::test]
async fn threads_are_tried_once_in_a_channel_that_takes_none() {
    let bridged = Bridged::over(Scene::new().await).await;
    let _running = bridged.live().await;
    let (scene, general) = (&bridged.scene, bridged.scene.general);
    let convene = |number: usize| {
        let question = format!("Number {number}?");
        bridged.command("deliberate", &json!({ "question": question }));
    };
    let shown = |posted: &[Message]| {
        let shown = posted.iter();
        shown
            .filter(|message| message.content.contains("the seats answer"))
            .count()
    };
    for number in 1..=2 {
        convene(number);
        let stays = scene.discord.until(|view| {
            let posted = view.posted(general);
            (shown(&posted) == number).then_some(())
        });
        in_time(stays).await;
        assert_eq!(asked_on(&bridged, THREAD, general).len(), 1);
    }
    let extras = bits::CREATE_PUBLIC_THREADS;
    scene.discord.allow_bot(scene.guild, INVITED_WITH | extras);
    // Heard behind the change.
    bridged.ask(general, "and now?");
    bridged.bus.until_sent(1).await;
    convene(3);
    let goes = scene.discord.until(|view| {
        let thread = *view.threads(general).first()?;
        (shown(&view.posted(thread)) == 1).then_some(())
    });
    in_time(goes).await;
    assert_eq!(asked_on(&bridged, THREAD, general).len(), 2);
}
