//! The gateway as a library sees it that nobody here wrote: it must understand every event, resume in
//! another process' place, and read `zlib-stream`.

use husting_test_support::discord::bits;
use serde_json::json;
use tokio::time::timeout;
use twilight_gateway::{ConfigBuilder, Event, EventTypeFlags, Intents, Shard, ShardId, StreamExt};

use crate::client::{PATIENCE, Scene};

fn config(scene: &Scene) -> ConfigBuilder {
    let intents = Intents::GUILDS
        | Intents::GUILD_MESSAGES
        | Intents::GUILD_MESSAGE_REACTIONS
        | Intents::DIRECT_MESSAGES
        | Intents::GUILD_WEBHOOKS
        | Intents::MESSAGE_CONTENT;
    ConfigBuilder::new(scene.discord.token(), intents).proxy_url(scene.discord.gateway_url())
}

fn shard(scene: &Scene) -> Shard {
    Shard::with_config(ShardId::ONE, config(scene).build())
}

/// The next event the library can read; one that it cannot read fails the test.
async fn next(shard: &mut Shard) -> Event {
    let next = timeout(PATIENCE, shard.next_event(EventTypeFlags::all()));
    next.await
        .expect("the gateway said nothing")
        .unwrap()
        .unwrap()
}

async fn until<T>(shard: &mut Shard, mut find: impl FnMut(Event) -> Option<T>) -> T {
    loop {
        if let Some(found) = find(next(shard).await) {
            return found;
        }
    }
}

async fn until_guild(shard: &mut Shard) {
    until(shard, |event| {
        matches!(event, Event::GuildCreate(_)).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_session_begins_and_its_resume_url_is_ours() {
    let scene = Scene::new().await;
    let mut shard = shard(&scene);
    let ready = until(&mut shard, |event| match event {
        Event::Ready(ready) => Some(ready),
        _ => None,
    })
    .await;
    assert_eq!(ready.application.id.get(), scene.discord.bot().get());
    assert!(
        ready
            .resume_gateway_url
            .starts_with(&scene.discord.gateway_url())
    );
    until_guild(&mut shard).await;
    scene
        .discord
        .say(scene.alice, scene.general, "hello")
        .unwrap();
    let text = until(&mut shard, |event| match event {
        Event::MessageCreate(message) => Some(message.content.clone()),
        _ => None,
    })
    .await;
    assert_eq!(text, "hello");
}

#[tokio::test]
async fn a_session_is_taken_up_by_another_process() {
    let scene = Scene::new().await;
    let mut first = shard(&scene);
    until_guild(&mut first).await;
    let session = first.session().unwrap().clone();
    let resume_url = first.resume_url().unwrap().to_owned();
    drop(first);
    scene
        .discord
        .until(|view| (view.gateway().open == 0).then_some(()))
        .await;
    scene
        .discord
        .say(scene.alice, scene.general, "while you were away")
        .unwrap();
    let config = config(&scene)
        .session(session)
        .resume_url(resume_url)
        .build();
    let mut second = Shard::with_config(ShardId::ONE, config);
    let mut missed = Vec::new();
    until(&mut second, |event| match event {
        Event::MessageCreate(message) => {
            missed.push(message.content.clone());
            None
        }
        Event::Resumed => Some(()),
        Event::Ready(_) => panic!("a new session"),
        _ => None,
    })
    .await;
    assert_eq!(missed, ["while you were away"]);
    let tally = scene.discord.gateway();
    assert_eq!(
        (tally.identified, tally.resumed, tally.resumed_by_url),
        (1, 1, 1)
    );
}

#[tokio::test]
async fn a_dropped_socket_is_resumed() {
    let scene = Scene::new().await;
    let mut shard = shard(&scene);
    until_guild(&mut shard).await;
    scene.discord.reconnect();
    let resumed = async {
        loop {
            // What is lost on the way is the library's to report and ours to pass over.
            match shard.next_event(EventTypeFlags::all()).await {
                Some(Ok(Event::Resumed)) => return,
                Some(_) => {}
                None => panic!("the library gave up"),
            }
        }
    };
    timeout(PATIENCE, resumed).await.unwrap();
    assert_eq!(scene.discord.gateway().resumed, 1);
}

#[tokio::test]
async fn every_event_of_a_busy_hour_is_understood() {
    let scene = Scene::with(|world, (guild, _)| {
        world.allow_bot(guild, bits::ADMINISTRATOR);
    })
    .await;
    let mut shard = shard(&scene);
    until_guild(&mut shard).await;
    let (discord, alice, general) = (&scene.discord, scene.alice, scene.general);
    let path = format!("/applications/{}/commands", discord.bot());
    scene
        .put(&path, Some(json!([{"name": "where", "description": "?"}])))
        .await;

    let asked = discord.say(alice, general, "well?").unwrap();
    discord.edit(alice, general, asked, "well then?").unwrap();
    discord.react(alice, general, asked, "👀").unwrap();
    discord.unreact(alice, general, asked, "👀").unwrap();
    let (direct, _) = discord.dm(alice, "psst").unwrap();
    scene
        .post(
            &format!("/channels/{direct}/messages"),
            json!({"content": "yes?"}),
        )
        .await;
    let thread = discord
        .begin_thread(alice, general, Some(asked), "t")
        .unwrap();
    scene
        .post(
            &format!("/channels/{thread}/messages"),
            json!({"content": "in"}),
        )
        .await;
    discord.archive(thread, false).unwrap();
    let button = json!({"type": 2, "style": 1, "label": "Keep", "custom_id": "keep"});
    let body = json!({
        "content": "map",
        "message_reference": {"message_id": asked},
        "components": [{"type": 1, "components": [button]}],
        "embeds": [{"title": "t", "description": "d"}],
    });
    let map = scene.speak(body).await.id();
    let pressed = discord.press(alice, general, map, "keep").unwrap();
    let typed = discord
        .command(alice, general, "where", &json!({}))
        .unwrap();
    scene
        .post(
            &format!("/channels/{general}/webhooks"),
            json!({"name": "agents"}),
        )
        .await;
    discord.allow_bot(scene.guild, bits::ADMINISTRATOR | bits::VIEW_CHANNEL);
    discord.delete(alice, general, asked).unwrap();
    discord.say(alice, general, "the end").unwrap();

    let mut interactions = Vec::new();
    let mut kinds = std::collections::BTreeSet::new();
    until(&mut shard, |event| {
        kinds.insert(format!("{:?}", event.kind()));
        match event {
            Event::InteractionCreate(interaction) => {
                interactions.push(interaction.id.get());
                None
            }
            Event::MessageCreate(message) => (message.content == "the end").then_some(()),
            _ => None,
        }
    })
    .await;
    assert_eq!(interactions, [pressed.get(), typed.get()]);
    for kind in [
        "ThreadCreate",
        "ThreadUpdate",
        "MessageUpdate",
        "MessageDelete",
        "ReactionAdd",
        "RoleUpdate",
        "WebhooksUpdate",
    ] {
        assert!(kinds.contains(kind), "{kind} is not among {kinds:?}");
    }
}
