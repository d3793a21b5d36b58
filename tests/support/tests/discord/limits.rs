//! Rate limits as the headers tell of them.

use husting_test_support::discord::Limit;
use serde_json::json;

use crate::client::{Reply, Scene};

const CREATE: &str = "POST /channels/{channel.id}/messages";

#[tokio::test]
async fn five_messages_in_five_seconds_and_the_sixth_must_wait() {
    let scene = Scene::set(|settings| {
        settings.routes.insert(CREATE.into(), Limit::new(5, 60_000));
    })
    .await;
    let mut bucket = String::new();
    for left in (0..5).rev() {
        let reply = scene.speak(json!({"content": "x"})).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.header("x-ratelimit-limit"), "5");
        assert_eq!(reply.header("x-ratelimit-remaining"), left.to_string());
        assert!(reply.header("x-ratelimit-reset").parse::<f64>().unwrap() > 1.7e9);
        bucket = reply.header("x-ratelimit-bucket").to_owned();
    }
    let refused = scene.speak(json!({"content": "x"})).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.header("x-ratelimit-scope"), "user");
    assert_eq!(refused.header("x-ratelimit-remaining"), "0");
    assert_eq!(refused.header("x-ratelimit-bucket"), bucket);
    assert_eq!(refused.body["global"], false);
    let wait = refused.body["retry_after"].as_f64().unwrap();
    assert!((1.0..=60.0).contains(&wait), "{wait}");
    let whole: f64 = refused.header("retry-after").parse().unwrap();
    assert!(whole >= wait && whole < wait + 1.01, "{whole} for {wait}");
}

#[tokio::test]
async fn a_bucket_is_shared_by_nobody_and_empty_again_after_its_window() {
    let mut other = None;
    let scene = Scene::with(|world, (guild, _)| {
        world
            .settings()
            .routes
            .insert(CREATE.into(), Limit::new(1, 300));
        other = Some(world.channel(guild, "other"));
    })
    .await;
    let body = json!({"content": "x"});
    assert_eq!(scene.speak(body.clone()).await.status, 200);
    let path = format!("/channels/{}/messages", other.unwrap());
    let elsewhere = scene.post(&path, body.clone()).await;
    assert_eq!(elsewhere.status, 200);
    // Whoever comes again after what `retry_after` says is let in: that is what it is for.
    loop {
        let reply = scene.speak(body.clone()).await;
        if reply.status == 200 {
            return;
        }
        let wait = reply.body["retry_after"].as_f64().unwrap();
        tokio::time::sleep(std::time::Duration::from_secs_f64(wait)).await;
    }
}

#[tokio::test]
async fn the_global_limit_is_of_the_bot_and_not_of_interactions() {
    let scene = Scene::set(|settings| settings.global = Limit::new(2, 60_000)).await;
    scene.get("/users/@me").await;
    scene.get("/users/@me/guilds").await;
    let refused = scene.speak(json!({"content": "x"})).await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.header("x-ratelimit-global"), "true");
    assert_eq!(refused.header("x-ratelimit-scope"), "global");
    assert_eq!(refused.body["global"], true);
    assert!(refused.header("x-ratelimit-bucket").is_empty());
    let callback = scene
        .post("/interactions/1/token/callback", json!({"type": 5}))
        .await;
    assert_eq!(callback.refusal(), (404, 10062));
}

#[tokio::test]
async fn too_many_invalid_requests_shut_the_address_out() {
    let scene = Scene::set(|settings| settings.invalid_requests = Limit::new(2, 60_000)).await;
    for _ in 0..2 {
        let url = format!("{}/users/@me", scene.discord.api_base());
        let request = reqwest::Client::new()
            .get(url)
            .header("user-agent", crate::client::AGENT)
            .header("authorization", "Bot wrong");
        assert_eq!(Reply::of(request).await.status, 401);
    }
    let shut_out = scene.get("/users/@me").await;
    assert_eq!(shut_out.status, 429);
    assert!(shut_out.header("x-ratelimit-scope").is_empty());
    assert!(!shut_out.header("retry-after").is_empty());
}
