//! Answers to interactions, in time and too late.

use husting_test_support::discord::{Cannot, Id};
use serde_json::{Value, json};

use crate::client::{Gateway, Reply, Scene};

struct Stage {
    scene: Scene,
    session: Gateway,
}

impl Stage {
    async fn new() -> Self {
        Stage::of(Scene::new().await).await
    }

    async fn of(scene: Scene) -> Self {
        let session = scene.session().await;
        let path = format!("/applications/{}/commands", scene.discord.bot());
        let commands = json!([{"name": "where", "description": "?"}]);
        assert_eq!(scene.put(&path, Some(commands)).await.status, 200);
        Stage { scene, session }
    }

    /// Types the command; gives the interaction and its token.
    async fn ask(&mut self) -> (Id, String) {
        let scene = &self.scene;
        let id = scene
            .discord
            .command(scene.alice, scene.general, "where", &json!({}))
            .unwrap();
        (id, self.token().await)
    }

    async fn token(&mut self) -> String {
        let event = self.session.event("INTERACTION_CREATE").await;
        event["d"]["token"].as_str().unwrap().to_owned()
    }

    async fn call_back(&self, id: Id, token: &str, body: Value) -> Reply {
        let path = format!("/interactions/{id}/{token}/callback");
        self.scene.post(&path, body).await
    }

    fn hook(&self, token: &str) -> String {
        format!("/webhooks/{}/{token}", self.scene.discord.bot())
    }

    /// Posts a message with a button and lets alice press it.
    async fn press(&mut self) -> (Id, Id, String) {
        let button = json!({"type": 2, "style": 1, "label": "Keep", "custom_id": "keep"});
        let row = json!({"type": 1, "components": [button]});
        let body = json!({"content": "map", "components": [row]});
        let message = self.scene.speak(body).await.id();
        let scene = &self.scene;
        let pressed = scene
            .discord
            .press(scene.alice, scene.general, message, "keep")
            .unwrap();
        (message, pressed, self.token().await)
    }
}

#[tokio::test]
async fn an_answer_is_a_message_and_there_is_only_one() {
    let mut stage = Stage::new().await;
    let (id, token) = stage.ask().await;
    let body = json!({"type": 4, "data": {"content": "here", "flags": 64}});
    assert_eq!(stage.call_back(id, &token, body.clone()).await.status, 204);
    assert_eq!(
        stage.call_back(id, &token, body).await.refusal(),
        (400, 40060)
    );
    let event = stage.session.event("MESSAGE_CREATE").await;
    assert_eq!(
        (&event["d"]["content"], &event["d"]["type"]),
        (&json!("here"), &json!(20))
    );
    assert!(event["d"].get("guild_id").is_none(), "it is ephemeral");
    assert_eq!(event["d"]["interaction_metadata"]["id"], json!(id));
    let listed = stage
        .scene
        .get(&format!("/channels/{}/messages", stage.scene.general))
        .await;
    assert_eq!(listed.body, json!([]));
}

#[tokio::test]
async fn a_deferred_answer_is_edited_later_and_followed_up() {
    let mut stage = Stage::new().await;
    let (id, token) = stage.ask().await;
    let path = format!("/interactions/{id}/{token}/callback?with_response=true");
    let told = stage.scene.post(&path, json!({"type": 5})).await;
    assert_eq!(
        told.body["interaction"]["response_message_loading"], true,
        "{told:?}"
    );
    let original = format!("{}/messages/@original", stage.hook(&token));
    assert_eq!(stage.scene.get(&original).await.body["flags"], 128);
    let edited = stage
        .scene
        .patch(&original, json!({"content": "done"}))
        .await;
    assert_eq!(
        (&edited.body["content"], &edited.body["flags"]),
        (&json!("done"), &json!(0))
    );
    let more = stage
        .scene
        .post(&stage.hook(&token), json!({"content": "and"}))
        .await
        .id();
    let answer = stage.scene.discord.until_answered(id).await;
    assert_eq!((answer.callback, answer.follow_ups), (Some(5), vec![more]));
    let later = format!("{}/messages/{more}", stage.hook(&token));
    assert_eq!(
        stage
            .scene
            .patch(&later, json!({"content": "or"}))
            .await
            .status,
        200
    );
    assert_eq!(stage.scene.delete(&later).await.status, 204);
    assert_eq!(stage.scene.delete(&original).await.status, 204);
    assert_eq!(stage.scene.get(&original).await.refusal(), (404, 10008));
}

#[tokio::test]
async fn the_first_follow_up_after_a_deferral_takes_its_place() {
    let mut stage = Stage::new().await;
    let (id, token) = stage.ask().await;
    stage.call_back(id, &token, json!({"type": 5})).await;
    stage
        .scene
        .post(&stage.hook(&token), json!({"content": "done"}))
        .await;
    let messages = stage.scene.discord.messages(stage.scene.general);
    assert_eq!((messages.len(), messages[0].content.as_str()), (1, "done"));
}

#[tokio::test]
async fn an_answer_after_three_seconds_is_unknown_and_its_token_worth_nothing() {
    let scene = Scene::set(|settings| settings.interaction_deadline_ms = 0).await;
    let mut stage = Stage::of(scene).await;
    let (id, token) = stage.ask().await;
    // The deadline is nought: any time at all is too long.
    let late = stage.call_back(id, &token, json!({"type": 5})).await;
    assert_eq!(late.refusal(), (404, 10062));
    let hook = stage.hook(&token);
    let more = stage.scene.post(&hook, json!({"content": "x"})).await;
    assert_eq!(more.refusal(), (401, 50027));
}

#[tokio::test]
async fn a_token_ends_after_a_quarter_of_an_hour() {
    let scene = Scene::set(|settings| settings.interaction_token_ms = 0).await;
    let mut stage = Stage::of(scene).await;
    let (id, token) = stage.ask().await;
    assert_eq!(
        stage.call_back(id, &token, json!({"type": 5})).await.status,
        204
    );
    let original = format!("{}/messages/@original", stage.hook(&token));
    let late = stage
        .scene
        .patch(&original, json!({"content": "done"}))
        .await;
    assert_eq!(late.refusal(), (401, 50027));
}

#[tokio::test]
async fn what_is_wrong_with_an_answer_is_refused() {
    let mut stage = Stage::new().await;
    let (id, token) = stage.ask().await;
    let hook = stage.hook(&token);
    let early = stage.scene.post(&hook, json!({"content": "x"})).await;
    assert_eq!(early.refusal(), (404, 10015));
    // A command has no message to update.
    for body in [
        json!({"type": 7}),
        json!({"type": 2}),
        json!({"type": "5"}),
        json!({}),
    ] {
        assert_eq!(
            stage.call_back(id, &token, body).await.refusal(),
            (400, 50035)
        );
    }
    let unknown = stage.call_back(id, "wrong", json!({"type": 5})).await;
    assert_eq!(unknown.refusal(), (404, 10062));
    let empty = stage
        .call_back(id, &token, json!({"type": 4, "data": {}}))
        .await;
    assert_eq!(empty.refusal(), (400, 50006));
}

#[tokio::test]
async fn a_button_updates_its_message() {
    let mut stage = Stage::new().await;
    let (message, pressed, token) = stage.press().await;
    let body = json!({"type": 7, "data": {"content": "kept", "components": []}});
    assert_eq!(stage.call_back(pressed, &token, body).await.status, 204);
    let now = &stage.scene.discord.messages(stage.scene.general)[0];
    assert_eq!(
        (now.id, now.content.as_str(), now.components.len()),
        (message, "kept", 0)
    );
    let (alice, general) = (stage.scene.alice, stage.scene.general);
    let gone = stage.scene.discord.press(alice, general, message, "keep");
    assert_eq!(gone, Err(Cannot::NoComponent("keep".into())));
}

#[tokio::test]
async fn a_button_can_be_acknowledged_and_its_message_edited_later() {
    let mut stage = Stage::new().await;
    let (message, pressed, token) = stage.press().await;
    assert_eq!(
        stage
            .call_back(pressed, &token, json!({"type": 6}))
            .await
            .status,
        204
    );
    let original = format!("{}/messages/@original", stage.hook(&token));
    let edited = stage
        .scene
        .patch(&original, json!({"content": "later"}))
        .await;
    assert_eq!(edited.id(), message);
}

#[tokio::test]
async fn a_button_opens_a_form_that_comes_back_filled_in() {
    let mut stage = Stage::new().await;
    let (message, pressed, token) = stage.press().await;
    let input = json!({"type": 4, "custom_id": "why", "style": 2});
    let form = json!({"custom_id": "challenge", "title": "Challenge", "components": [
        {"type": 18, "label": "Why?", "component": input},
    ]});
    let mut untitled = form.clone();
    untitled["title"] = json!("t".repeat(46));
    let refused = stage
        .call_back(pressed, &token, json!({"type": 9, "data": untitled}))
        .await;
    assert_eq!(refused.refusal(), (400, 50035));
    let shown = stage
        .call_back(pressed, &token, json!({"type": 9, "data": form}))
        .await;
    assert_eq!(shown.status, 204, "{shown:?}");
    let (discord, alice) = (&stage.scene.discord, stage.scene.alice);
    let sent = discord
        .submit(alice, pressed, &[("why", "because")])
        .unwrap();
    assert_eq!(discord.submit(alice, pressed, &[]), Err(Cannot::NoForm));
    let event = stage.session.event("INTERACTION_CREATE").await;
    let d = &event["d"];
    assert_eq!(
        (&d["type"], &d["data"]["custom_id"]),
        (&json!(5), &json!("challenge"))
    );
    assert_eq!(d["data"]["components"][0]["component"]["value"], "because");
    assert_eq!(d["message"]["id"], json!(message));
    let token = d["token"].as_str().unwrap();
    let again = stage
        .call_back(sent, token, json!({"type": 9, "data": {}}))
        .await;
    assert_eq!(again.refusal(), (400, 50035));
    assert_eq!(
        stage
            .call_back(sent, token, json!({"type": 6}))
            .await
            .status,
        204
    );
}
