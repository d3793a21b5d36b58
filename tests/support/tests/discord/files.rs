//! Files, up and down.

use husting_test_support::discord::Saying;
use reqwest::{Method, multipart};
use serde_json::json;

use crate::client::{Reply, Scene};

#[tokio::test]
async fn a_file_is_sent_with_payload_json_and_can_be_downloaded() {
    let scene = Scene::with(|world, (guild, _)| {
        world.allow_bot(guild, husting_test_support::discord::PEOPLES);
    })
    .await;
    let payload = json!({
        "content": "see",
        "attachments": [{"id": 0, "description": "all of it"}],
        "allowed_mentions": {"parse": []},
    });
    let form = multipart::Form::new()
        .text("payload_json", payload.to_string())
        .part(
            "files[0]",
            multipart::Part::bytes(b"long".to_vec()).file_name("an swer.md"),
        );
    let path = format!("/channels/{}/messages", scene.general);
    let reply = Reply::of(scene.request(Method::POST, &path).multipart(form)).await;
    let attachment = &reply.body["attachments"][0];
    assert_eq!(attachment["filename"], "an_swer.md", "{reply:?}");
    assert_eq!(
        (&attachment["size"], &attachment["description"]),
        (&json!(4), &json!("all of it"))
    );
    let url = attachment["url"].as_str().unwrap();
    assert_eq!(
        reqwest::get(url).await.unwrap().text().await.unwrap(),
        "long"
    );
    let unsigned = url.split('?').next().unwrap();
    assert_eq!(reqwest::get(unsigned).await.unwrap().status(), 404);
    assert_eq!(
        scene.discord.requests()[0].files,
        [("an swer.md".to_owned(), 4)]
    );
}

#[tokio::test]
async fn a_file_that_is_too_large_or_not_allowed_is_refused() {
    let scene = Scene::set(|settings| settings.file_size = 3).await;
    let path = format!("/channels/{}/messages", scene.general);
    let form = |content: &str| {
        let part = multipart::Part::text(content.to_owned()).file_name("a.txt");
        multipart::Form::new().part("files[0]", part)
    };
    let large = scene.request(Method::POST, &path).multipart(form("four"));
    assert_eq!(Reply::of(large).await.refusal(), (400, 50045));
    let small = scene.request(Method::POST, &path).multipart(form("abc"));
    assert_eq!(Reply::of(small).await.refusal(), (403, 50013));
}

#[tokio::test]
async fn what_people_attach_can_be_downloaded() {
    let scene = Scene::new().await;
    let mut session = scene.session().await;
    let saying = Saying::text("look").file("log.txt", "text/plain", b"lines");
    scene
        .discord
        .send(scene.alice, scene.general, saying)
        .unwrap();
    let event = session.event("MESSAGE_CREATE").await;
    let attachment = &event["d"]["attachments"][0];
    assert_eq!(attachment["content_type"], "text/plain");
    let response = reqwest::get(attachment["url"].as_str().unwrap())
        .await
        .unwrap();
    assert_eq!(response.headers()["content-type"], "text/plain");
    assert_eq!(response.text().await.unwrap(), "lines");
}
