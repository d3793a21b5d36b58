//! Agents speak under their own name where the bot may manage webhooks; each reply once all the same.

use husting_test_support::discord::{Author, Fault, Id, Message, Overwrite, Request, Strike, bits};
use rstest::rstest;

use crate::scene::{Scene, id, in_time};
use crate::whole::House;

const SPEAK: &str = "POST /webhooks/{webhook.id}/{webhook.token}";
const MAKE: &str = "POST /channels/{channel.id}/webhooks";
const CHANGE: &str = "PATCH /webhooks/{webhook.id}";
const LIST: &str = "GET /channels/{channel.id}/webhooks";

async fn set() -> Scene {
    let scene = Scene::new().await;
    let extras = bits::MANAGE_WEBHOOKS | bits::ATTACH_FILES;
    scene.discord.allow_bot(
        scene.guild,
        husting_test_support::discord::INVITED_WITH | extras,
    );
    scene
}

fn asked_on(scene: &Scene, route: &str) -> Vec<Request> {
    let requests = scene.discord.requests().into_iter();
    requests.filter(|request| request.route == route).collect()
}

/// Under which name a message stands; none under the bot's.
fn spoken_by(message: &Message) -> Option<&str> {
    match &message.author {
        Author::Webhook { username, .. } => Some(username),
        Author::User(_) => None,
    }
}

async fn posted(scene: &Scene, channel: Id, count: usize) -> Vec<Message> {
    in_time(scene.discord.until_posted(channel, count)).await
}

#[tokio::test]
async fn an_agent_answers_under_its_own_name_in_channel_and_thread_with_one_webhook() {
    let scene = set().await;
    let house = House::new(&scene, &[(scene.general, "loom-of-discord")], true).await;
    let running = house.start(&scene).await;
    let question = scene.say("one @everyone");
    let said = posted(&scene, scene.general, 1).await;
    assert_eq!(spoken_by(&said[0]), Some("loom-of-dis·cord"));
    assert_eq!(said[0].content, "re one @everyone");
    assert!(!said[0].pings.everyone && said[0].pings.users.is_empty());
    let author = &said[0].embeds[0]["author"];
    assert_eq!(author["name"], "↩ alice");
    let (guild, channel) = (scene.guild, scene.general);
    let url = format!("https://discord.com/channels/{guild}/{channel}/{question}");
    assert_eq!(author["url"], url);

    let thread = scene
        .discord
        .begin_thread(scene.alice, scene.general, None, "plans")
        .unwrap();
    scene.discord.say(scene.alice, thread, "two").unwrap();
    let said = posted(&scene, thread, 1).await;
    assert_eq!(spoken_by(&said[0]), Some("loom-of-dis·cord"));

    // What it said in the channel was heard before it was asked in the thread.
    assert_eq!(house.reins.ignored(), 0, "its own words are no other bot's");

    // The next process finds the webhook again.
    running.kill().await;
    let _running = house.start(&scene).await;
    scene.say("three");
    posted(&scene, scene.general, 2).await;
    let made = asked_on(&scene, MAKE);
    assert_eq!(made.len(), 1);
    let picture = made[0].body["avatar"].as_str().unwrap();
    assert!(picture.starts_with("data:image/png;base64,"), "{picture}");
    for request in asked_on(&scene, SPEAK) {
        assert_eq!(
            request.body["allowed_mentions"]["parse"],
            serde_json::json!([])
        );
        // The webhook's token is enough, and the bot's goes nowhere without need.
        assert_eq!(request.authorization, None);
        assert!(request.body.get("avatar_url").is_none());
    }
}

#[tokio::test]
async fn agents_that_share_a_channel_have_pictures_of_discords_own() {
    let scene = set().await;
    let thread = scene
        .discord
        .begin_thread(scene.alice, scene.general, None, "plans")
        .unwrap();
    let map = [(scene.general, "loom"), (thread, "kasra")];
    let house = House::new(&scene, &map, true).await;
    let _running = house.start(&scene).await;
    scene.say("one");
    posted(&scene, scene.general, 1).await;
    scene.discord.say(scene.alice, thread, "two").unwrap();
    let said = posted(&scene, thread, 1).await;
    assert_eq!(spoken_by(&said[0]), Some("kasra"));
    assert_eq!(
        asked_on(&scene, MAKE)[0].body["avatar"],
        serde_json::Value::Null
    );
    for request in asked_on(&scene, SPEAK) {
        let picture = request.body["avatar_url"].as_str().unwrap();
        assert!(picture.starts_with("https://cdn.discordapp.com/embed/avatars/"));
    }
}

#[tokio::test]
async fn a_missing_permission_is_learnt_once_and_tried_again_when_permissions_change() {
    let scene = Scene::new().await;
    let house = House::new(&scene, &[(scene.general, "loom")], true).await;
    let _running = house.start(&scene).await;
    for (number, text) in (1..).zip(["one", "two", "three"]) {
        scene.say(text);
        let said = posted(&scene, scene.general, number).await;
        assert_eq!(spoken_by(&said[number - 1]), None);
    }
    assert_eq!(asked_on(&scene, LIST).len(), 1);
    scene.discord.overwrite(
        scene.general,
        Overwrite {
            id: scene.discord.bot(),
            member: true,
            allow: bits::MANAGE_WEBHOOKS,
            deny: 0,
        },
    );
    // The change is heard before what is said after it.
    scene.say("four");
    let said = posted(&scene, scene.general, 4).await;
    assert_eq!(spoken_by(&said[3]), Some("loom"));
    assert_eq!(asked_on(&scene, LIST).len(), 2);
}

#[tokio::test]
async fn a_channel_that_is_given_to_another_agent_shows_that_ones_picture() {
    let scene = set().await;
    let house = House::new(&scene, &[(scene.general, "loom")], true).await;
    let _running = house.start(&scene).await;
    scene.say("one");
    posted(&scene, scene.general, 1).await;
    house.reins.change(|manner| {
        let kasra = husting_domain::agents::Name::parse("kasra").unwrap();
        manner.routes.map.insert(id(scene.general), kasra);
    });
    scene.say("two");
    let said = posted(&scene, scene.general, 2).await;
    assert_eq!(spoken_by(&said[1]), Some("kasra"));
    let changed = asked_on(&scene, CHANGE);
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0].body["name"], "kasra");
    let picture = &changed[0].body["avatar"];
    assert!(picture.is_string());
    assert_ne!(*picture, asked_on(&scene, MAKE)[0].body["avatar"]);
    // And it stays.
    scene.say("three");
    posted(&scene, scene.general, 3).await;
    assert_eq!(asked_on(&scene, CHANGE).len(), 1);
}

#[tokio::test]
async fn a_channel_and_its_thread_that_speak_at_once_have_one_webhook() {
    let scene = set().await;
    let thread = scene
        .discord
        .begin_thread(scene.alice, scene.general, None, "plans")
        .unwrap();
    let map = [(scene.general, "loom"), (scene.other, "mason")];
    let house = House::new(&scene, &map, true).await;
    let _running = house.start(&scene).await;
    let gate = Fault::GateBefore { gate: "at".into() };
    let held = Strike::new(gate).on(MAKE).at(scene.general).once();
    scene.discord.strike(held);
    scene.say("one");
    in_time(scene.discord.until_waiting("at", 1)).await;
    scene.discord.say(scene.alice, thread, "two").unwrap();
    // Meanwhile another channel goes on, for as long as the thread needs to come to its turn.
    for number in 1..=5 {
        let words = format!("aside {number}");
        scene.discord.say(scene.alice, scene.other, &words).unwrap();
        let said = posted(&scene, scene.other, number).await;
        assert_eq!(spoken_by(&said[number - 1]), Some("mason"));
    }
    scene.discord.open("at");
    posted(&scene, scene.general, 1).await;
    let said = posted(&scene, thread, 1).await;
    assert_eq!(spoken_by(&said[0]), Some("loom"));
    let made = asked_on(&scene, MAKE).into_iter();
    let of_channel = made.filter(|request| request.path.contains(&scene.general.to_string()));
    assert_eq!(of_channel.count(), 1);
}

/// Whatever Discord says of the webhook that somebody deleted.
#[rstest]
#[case::unknown_webhook(404, 10015)]
#[case::invalid_token(401, 50027)]
#[tokio::test]
async fn a_webhook_that_is_gone_is_made_anew_and_the_bots_voice_fills_the_gap(
    #[case] status: u16,
    #[case] code: u32,
) {
    let scene = set().await;
    let house = House::new(&scene, &[(scene.general, "loom")], true).await;
    let _running = house.start(&scene).await;
    scene.say("one");
    posted(&scene, scene.general, 1).await;
    let gone = Fault::Refused { status, code };
    scene.discord.strike(Strike::new(gone).on(SPEAK).once());
    for (number, text) in [(2, "two"), (3, "three")] {
        scene.say(text);
        posted(&scene, scene.general, number).await;
    }
    let said = posted(&scene, scene.general, 3).await;
    let names: Vec<_> = said.iter().map(spoken_by).collect();
    assert_eq!(names, [Some("loom"), None, Some("loom")]);
    // It was looked for again.
    assert_eq!(asked_on(&scene, LIST).len(), 2);
}

/// Where the bridge is when it dies, or the line breaks.
#[rstest]
#[case::before_discord_has_it(Fault::GateBefore { gate: "at".into() })]
#[case::when_discord_has_it(Fault::GateAfter { gate: "at".into() })]
#[tokio::test]
async fn a_bridge_that_dies_while_an_agent_speaks_posts_each_reply_once(#[case] fault: Fault) {
    let scene = set().await;
    let house = House::new(&scene, &[(scene.general, "loom")], true).await;
    let running = house.start(&scene).await;
    // The same words stand there already, as another reply.
    scene.say("same");
    posted(&scene, scene.general, 1).await;
    scene.discord.strike(Strike::new(fault).on(SPEAK).once());
    scene.say("same");
    in_time(scene.discord.until(|view| {
        let requests = view.requests().iter();
        let tries = requests.filter(|request| request.route == SPEAK).count();
        (tries == 2).then_some(())
    }))
    .await;
    running.kill().await;
    scene.discord.open("at");
    let _running = house.start(&scene).await;
    scene.say("last");
    let said = in_time(scene.discord.until(|view| {
        let said = view.posted(scene.general);
        said.iter()
            .any(|each| each.content == "re last")
            .then_some(said)
    }))
    .await;
    let words: Vec<_> = said.iter().map(|each| each.content.as_str()).collect();
    assert_eq!(words, ["re same", "re same", "re last"]);
    assert_eq!(spoken_by(&said[1]), Some("loom"));
}

#[tokio::test]
async fn a_line_that_breaks_behind_a_message_posts_it_once() {
    let scene = set().await;
    let house = House::new(&scene, &[(scene.general, "loom")], true).await;
    let _running = house.start(&scene).await;
    for fault in [Fault::CutAfter, Fault::CutBefore, Fault::Garbage] {
        scene.discord.strike(Strike::new(fault).on(SPEAK).once());
        scene.say("again");
    }
    scene.say("last");
    let said = posted(&scene, scene.general, 4).await;
    let words: Vec<_> = said.iter().map(|each| each.content.as_str()).collect();
    assert_eq!(words, ["re again", "re again", "re again", "re last"]);
}
