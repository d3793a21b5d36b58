//! Webhooks: a voice under any name.

use husting_test_support::discord::{Author, Id, PEOPLES, bits};
use reqwest::Client;
use serde_json::{Value, json};

use crate::client::{AGENT, Reply, Scene};

async fn scene() -> (Scene, Id, String) {
    let scene = Scene::with(|world, (guild, _)| {
        world.allow_bot(guild, PEOPLES | bits::MANAGE_WEBHOOKS);
    })
    .await;
    let path = format!("/channels/{}/webhooks", scene.general);
    let webhook = scene.post(&path, json!({"name": "agents"})).await;
    let token = webhook.body["token"].as_str().unwrap().to_owned();
    (scene, webhook.id(), token)
}

/// Without the bot's token: the path is the authorisation.
async fn execute(scene: &Scene, path: &str, body: Value) -> Reply {
    let url = format!("{}{path}", scene.discord.api_base());
    Reply::of(
        Client::new()
            .post(url)
            .header("user-agent", AGENT)
            .json(&body),
    )
    .await
}

#[tokio::test]
async fn a_webhook_speaks_under_the_name_of_each_message() {
    let (scene, id, token) = scene().await;
    let path = format!("/webhooks/{id}/{token}");
    let body = json!({"content": "@everyone hi", "username": "kasra"});
    let silent = execute(&scene, &path, body.clone()).await;
    assert_eq!((silent.status.as_u16(), silent.body), (204, json!("")));
    let told = execute(&scene, &format!("{path}?wait=true"), body).await;
    assert_eq!(told.body["author"]["username"], "kasra");
    assert_eq!(
        (&told.body["webhook_id"], &told.body["author"]["bot"]),
        (&json!(id), &json!(true))
    );
    let messages = scene.discord.messages(scene.general);
    assert!(matches!(&messages[0].author, Author::Webhook { username, .. } if username == "kasra"));
    assert!(messages.iter().all(|message| message.pings.is_empty()));
    assert!(!format!("{:?}", scene.discord.requests()).contains(&token));
}

#[tokio::test]
async fn a_webhook_speaks_in_threads_of_its_channel_only() {
    let (scene, id, token) = scene().await;
    let thread = scene
        .discord
        .begin_thread(scene.alice, scene.general, None, "t")
        .unwrap();
    let path = format!("/webhooks/{id}/{token}?wait=1&thread_id=");
    let body = json!({"content": "x"});
    let said = execute(&scene, &format!("{path}{thread}"), body.clone()).await;
    assert_eq!(said.body["channel_id"], json!(thread));
    let elsewhere = execute(&scene, &format!("{path}{}", scene.general), body).await;
    assert_eq!(elsewhere.refusal(), (404, 10003));
}

#[tokio::test]
async fn its_messages_are_read_edited_and_deleted_by_its_token() {
    let (scene, id, token) = scene().await;
    let path = format!("/webhooks/{id}/{token}");
    let said = execute(
        &scene,
        &format!("{path}?wait=true"),
        json!({"content": "one"}),
    )
    .await
    .id();
    let message = format!("{path}/messages/{said}");
    assert_eq!(
        scene.patch(&message, json!({"content": "two"})).await.body["content"],
        "two"
    );
    assert_eq!(scene.get(&message).await.body["content"], "two");
    assert_eq!(scene.delete(&message).await.status, 204);
    assert_eq!(scene.get(&message).await.refusal(), (404, 10008));
}

#[tokio::test]
async fn what_is_wrong_with_a_webhook_is_refused() {
    let (scene, id, _) = scene().await;
    let body = json!({"content": "x"});
    let wrong = execute(&scene, &format!("/webhooks/{id}/wrong"), body.clone()).await;
    assert_eq!(wrong.refusal(), (401, 50027));
    assert_eq!(
        execute(&scene, "/webhooks/1/wrong", body).await.refusal(),
        (404, 10015)
    );
    let path = format!("/channels/{}/webhooks", scene.general);
    for name in ["", "My Discord", "clyde"] {
        assert_eq!(
            scene.post(&path, json!({"name": name})).await.refusal(),
            (400, 50035)
        );
    }
    assert_eq!(scene.get(&path).await.body.as_array().unwrap().len(), 1);
    assert_eq!(scene.delete(&format!("/webhooks/{id}")).await.status, 204);
    assert_eq!(scene.get(&path).await.body, json!([]));
    scene.discord.allow_bot(scene.guild, PEOPLES);
    assert_eq!(
        scene.post(&path, json!({"name": "x"})).await.refusal(),
        (403, 50013)
    );
}
