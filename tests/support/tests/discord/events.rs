//! Which events a session hears, and what is in them.

use husting_test_support::discord::{Saying, bits, intents};
use serde_json::json;

use crate::client::{INTENTS, Scene};

#[tokio::test]
async fn without_its_intents_a_session_hears_nothing() {
    let scene = Scene::new().await;
    let mut session = scene.session_with(intents::GUILDS).await;
    scene
        .discord
        .say(scene.alice, scene.general, "hello")
        .unwrap();
    scene.discord.dm(scene.alice, "psst").unwrap();
    assert!(session.events_so_far().await.is_empty());
}

#[tokio::test]
async fn a_channel_the_bot_cannot_view_is_not_heard() {
    let scene = Scene::new().await;
    let mut session = scene.session().await;
    scene.discord.allow_bot(scene.guild, 0);
    scene
        .discord
        .say(scene.alice, scene.general, "secret")
        .unwrap();
    assert_eq!(session.events_so_far().await, ["GUILD_ROLE_UPDATE"]);
}

#[tokio::test]
async fn the_bot_hears_of_a_role_that_it_is_given_without_an_intent_for_members() {
    let mut scribes = None;
    let scene = Scene::with(|world, (guild, _)| {
        world.allow_bot(guild, bits::VIEW_CHANNEL);
        scribes = Some(world.role(guild, "scribes", bits::SEND_MESSAGES, false));
    })
    .await;
    let mut session = scene.session_with(intents::GUILDS).await;
    let messages = format!("/channels/{}/messages", scene.general);
    let refused = scene.post(&messages, json!({"content": "x"})).await;
    assert_eq!(refused.status, 403);
    scene.discord.give_bot_role(scene.guild, scribes.unwrap());
    let posted = scene.post(&messages, json!({"content": "x"})).await;
    assert_eq!(posted.status, 200);
    assert_eq!(session.events_so_far().await, ["GUILD_MEMBER_UPDATE"]);
}

#[tokio::test]
async fn without_the_content_intent_only_mentions_direct_and_own_messages_are_read() {
    let scene = Scene::new().await;
    let mut session = scene
        .session_with(INTENTS & !intents::MESSAGE_CONTENT)
        .await;
    let saying = Saying::text("words").file("a.txt", "text/plain", b"a");
    scene
        .discord
        .send(scene.alice, scene.general, saying)
        .unwrap();
    let event = session.event("MESSAGE_CREATE").await;
    assert_eq!(event["d"]["content"], "");
    assert_eq!(event["d"]["attachments"], json!([]));
    assert_eq!(
        (&event["d"]["embeds"], &event["d"]["components"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(event["d"]["author"]["username"], "alice");
    let mention = format!("<@{}> hello", scene.discord.bot());
    scene
        .discord
        .say(scene.alice, scene.general, &mention)
        .unwrap();
    assert_eq!(
        session.event("MESSAGE_CREATE").await["d"]["content"],
        mention
    );
    scene.discord.dm(scene.alice, "psst").unwrap();
    let direct = session.event("MESSAGE_CREATE").await;
    assert_eq!(direct["d"]["content"], "psst");
    assert!(direct["d"].get("guild_id").is_none());
    scene.speak(json!({"content": "own"})).await;
    assert_eq!(session.event("MESSAGE_CREATE").await["d"]["content"], "own");
}

#[tokio::test]
async fn edits_deletes_and_reactions_are_told() {
    let scene = Scene::new().await;
    let mut session = scene.session().await;
    let (discord, alice, general) = (&scene.discord, scene.alice, scene.general);
    let id = discord.say(alice, general, "helo").unwrap();
    discord.edit(alice, general, id, "hello").unwrap();
    discord.react(alice, general, id, "👀").unwrap();
    discord.unreact(alice, general, id, "👀").unwrap();
    discord.delete(alice, general, id).unwrap();
    let created = session.event("MESSAGE_CREATE").await;
    assert_eq!(created["d"]["member"]["roles"].as_array().unwrap().len(), 1);
    assert!(created["d"]["member"].get("user").is_none());
    assert_eq!(created["d"]["guild_id"], json!(scene.guild));
    let edited = session.event("MESSAGE_UPDATE").await;
    assert_eq!(edited["d"]["content"], "hello");
    assert!(edited["d"]["edited_timestamp"].is_string());
    let reacted = session.event("MESSAGE_REACTION_ADD").await;
    assert_eq!(reacted["d"]["emoji"], json!({"id": null, "name": "👀"}));
    assert_eq!(reacted["d"]["message_author_id"], json!(alice));
    session.event("MESSAGE_REACTION_REMOVE").await;
    let deleted = session.event("MESSAGE_DELETE").await;
    assert_eq!(
        deleted["d"],
        json!({"id": id, "channel_id": general, "guild_id": scene.guild})
    );
}

#[tokio::test]
async fn a_strangers_webhook_is_told_from_the_bots_own() {
    let scene = Scene::new().await;
    let mut session = scene.session().await;
    scene
        .discord
        .say_by_webhook(scene.general, "deploys", "done")
        .unwrap();
    let event = session.event("MESSAGE_CREATE").await;
    assert_eq!(event["d"]["webhook_id"], event["d"]["author"]["id"]);
    assert!(event["d"].get("application_id").is_none());
    assert!(event["d"].get("member").is_none());
    let posted = scene.discord.look(|view| view.posted(scene.general));
    assert!(posted.is_empty());
}
