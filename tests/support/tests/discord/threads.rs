//! Threads: started, archived, woken, locked.

use husting_test_support::discord::{ChannelKind, PEOPLES, bits};
use serde_json::json;

use crate::client::Scene;

async fn scene() -> Scene {
    Scene::with(|world, (guild, _)| world.allow_bot(guild, PEOPLES)).await
}

#[tokio::test]
async fn a_thread_from_a_message_has_its_id_and_only_one_is_made() {
    let scene = scene().await;
    let mut session = scene.session().await;
    let message = scene
        .discord
        .say(scene.alice, scene.general, "a topic")
        .unwrap();
    let path = format!("/channels/{}/messages/{message}/threads", scene.general);
    let thread = scene
        .post(&path, json!({"name": "topic", "auto_archive_duration": 60}))
        .await;
    assert_eq!((thread.status.as_u16(), thread.id()), (201, message));
    assert_eq!(
        (&thread.body["type"], &thread.body["parent_id"]),
        (&json!(11), &json!(scene.general))
    );
    assert_eq!(
        session.event("THREAD_CREATE").await["d"]["newly_created"],
        true
    );
    let updated = session.event("MESSAGE_UPDATE").await;
    assert_eq!(updated["d"]["thread"]["id"], json!(message));
    assert_eq!(session.event("MESSAGE_CREATE").await["d"]["type"], 21);
    assert_eq!(
        scene.post(&path, json!({"name": "again"})).await.refusal(),
        (400, 160004)
    );
    let unnamed = scene
        .post(&path, json!({"auto_archive_duration": 61}))
        .await;
    assert_eq!(unnamed.refusal(), (400, 50035));
}

#[tokio::test]
async fn a_thread_from_nothing_is_private_unless_told() {
    let scene = scene().await;
    let path = format!("/channels/{}/threads", scene.general);
    assert_eq!(
        scene.post(&path, json!({"name": "a"})).await.body["type"],
        12
    );
    assert_eq!(
        scene
            .post(&path, json!({"name": "b", "type": 11}))
            .await
            .body["type"],
        11
    );
    let notice = scene.discord.messages(scene.general).pop().unwrap();
    assert_eq!((notice.kind, notice.content.as_str()), (18, "b"));
    scene
        .discord
        .allow_bot(scene.guild, PEOPLES & !bits::CREATE_PUBLIC_THREADS);
    assert_eq!(
        scene
            .post(&path, json!({"name": "c", "type": 11}))
            .await
            .refusal(),
        (403, 50013)
    );
}

#[tokio::test]
async fn a_message_wakes_an_archived_thread_and_nothing_else_works_in_it() {
    let scene = scene().await;
    let thread = scene
        .discord
        .begin_thread(scene.alice, scene.general, None, "t")
        .unwrap();
    let path = format!("/channels/{thread}/messages");
    let own = scene.post(&path, json!({"content": "mine"})).await.id();
    scene.discord.archive(thread, false).unwrap();
    let message = format!("{path}/{own}");
    assert_eq!(
        scene
            .patch(&message, json!({"content": "x"}))
            .await
            .refusal(),
        (400, 50083)
    );
    let eyes = format!("{message}/reactions/%F0%9F%91%80/@me");
    assert_eq!(scene.put(&eyes, None).await.refusal(), (400, 50083));
    let join = format!("/channels/{thread}/thread-members/@me");
    assert_eq!(scene.put(&join, None).await.refusal(), (400, 50083));
    let mut session = scene.session().await;
    assert_eq!(
        scene.post(&path, json!({"content": "awake"})).await.status,
        200
    );
    let woken = session.event("THREAD_UPDATE").await;
    assert_eq!(woken["d"]["thread_metadata"]["archived"], false);
    assert_eq!(scene.delete(&message).await.status, 204);
}

#[tokio::test]
async fn a_locked_thread_is_for_those_who_manage_threads() {
    let scene = scene().await;
    let thread = scene
        .discord
        .begin_thread(scene.alice, scene.general, None, "t")
        .unwrap();
    scene.discord.archive(thread, true).unwrap();
    let path = format!("/channels/{thread}/messages");
    let body = json!({"content": "x"});
    assert_eq!(
        scene.post(&path, body.clone()).await.refusal(),
        (400, 160005)
    );
    scene
        .discord
        .allow_bot(scene.guild, PEOPLES | bits::MANAGE_THREADS);
    assert_eq!(scene.post(&path, body).await.status, 200);
}

#[tokio::test]
async fn a_thread_needs_its_own_permission_to_speak() {
    let scene = scene().await;
    let thread = scene
        .discord
        .begin_thread(scene.alice, scene.general, None, "t")
        .unwrap();
    scene
        .discord
        .allow_bot(scene.guild, PEOPLES & !bits::SEND_MESSAGES_IN_THREADS);
    let reply = scene
        .post(
            &format!("/channels/{thread}/messages"),
            json!({"content": "x"}),
        )
        .await;
    assert_eq!(reply.refusal(), (403, 50013));
    assert_eq!(scene.speak(json!({"content": "x"})).await.status, 200);
}

#[tokio::test]
async fn a_private_thread_is_not_seen_from_outside() {
    let mut private = None;
    let scene = Scene::with(|world, (guild, general)| {
        world.allow_bot(guild, PEOPLES);
        private = Some(world.thread_of_kind(general, "secret", ChannelKind::PrivateThread));
    })
    .await;
    let path = format!("/channels/{}", private.unwrap());
    assert_eq!(scene.get(&path).await.refusal(), (403, 50001));
    let active = scene
        .get(&format!("/guilds/{}/threads/active", scene.guild))
        .await
        .body;
    assert_eq!(active["threads"], json!([]));
}

#[tokio::test]
async fn active_and_archived_threads_are_listed_apart() {
    let scene = scene().await;
    let begin = |name| {
        scene
            .discord
            .begin_thread(scene.alice, scene.general, None, name)
            .unwrap()
    };
    let (old, new) = (begin("old"), begin("new"));
    scene.discord.archive(old, false).unwrap();
    let active = scene
        .get(&format!("/guilds/{}/threads/active", scene.guild))
        .await
        .body;
    assert_eq!(active["threads"].as_array().unwrap().len(), 1);
    assert_eq!(active["threads"][0]["id"], json!(new));
    let archived = format!("/channels/{}/threads/archived/public", scene.general);
    let archived = scene.get(&archived).await.body;
    assert_eq!(
        (&archived["threads"][0]["id"], &archived["has_more"]),
        (&json!(old), &json!(false))
    );
}

#[tokio::test]
async fn the_bot_renames_and_wakes_its_own_thread() {
    let scene = scene().await;
    let path = format!("/channels/{}/threads", scene.general);
    let own = scene
        .post(&path, json!({"name": "a", "type": 11}))
        .await
        .id();
    let path = format!("/channels/{own}");
    assert_eq!(
        scene.patch(&path, json!({"name": "b"})).await.body["name"],
        "b"
    );
    assert_eq!(
        scene.patch(&path, json!({"archived": true})).await.status,
        200
    );
    assert_eq!(
        scene.patch(&path, json!({"name": "c"})).await.refusal(),
        (400, 50083)
    );
    assert_eq!(
        scene.patch(&path, json!({"archived": false})).await.status,
        200
    );
    assert_eq!(
        scene.patch(&path, json!({"locked": true})).await.refusal(),
        (403, 50013)
    );
}
