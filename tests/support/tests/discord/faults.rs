//! Each fault of the gateway and of the API, as a bridge will meet it.

use husting_test_support::discord::{Fault, LimitScope, Strike};
use serde_json::json;
use tokio_tungstenite::tungstenite::{Error, http::StatusCode};

use crate::client::{AGENT, INTENTS, Scene};

const CREATE: &str = "POST /channels/{channel.id}/messages";

#[tokio::test]
async fn hello_can_be_withheld() {
    let scene = Scene::new().await;
    scene.discord.strike(Strike::new(Fault::HangHello).once());
    let mut gateway = crate::client::Gateway::open(&scene.discord.gateway_url(), "").await;
    gateway.heartbeat().await;
    assert_eq!(gateway.frame().await["op"], 11);
}

#[tokio::test]
async fn identify_can_stay_unanswered() {
    let scene = Scene::new().await;
    scene
        .discord
        .strike(Strike::new(Fault::HangIdentify).once());
    let mut gateway = scene.gateway().await;
    gateway.send(scene.identify(INTENTS)).await;
    assert!(gateway.events_so_far().await.is_empty());
    scene.session().await;
}

#[tokio::test]
async fn resume_can_stay_unanswered() {
    let scene = Scene::new().await;
    let session = scene.session().await;
    scene.discord.strike(Strike::new(Fault::HangResume).once());
    let mut hung = scene.gateway().await;
    hung.send(scene.resume(&session.session_id, session.seq))
        .await;
    assert!(hung.events_so_far().await.is_empty());
    let mut again = scene.gateway().await;
    again
        .send(scene.resume(&session.session_id, session.seq))
        .await;
    assert_eq!(again.frame().await["t"], "RESUMED");
}

#[tokio::test]
async fn identify_can_be_answered_with_any_close_code() {
    let scene = Scene::new().await;
    for code in [4000, 4004, 4010, 4011, 4012, 4013, 4014] {
        scene
            .discord
            .strike(Strike::new(Fault::CloseOnIdentify { code }).once());
        let mut gateway = scene.gateway().await;
        gateway.send(scene.identify(INTENTS)).await;
        assert_eq!(gateway.closed().await, Some(code));
    }
}

#[tokio::test]
async fn resume_can_be_answered_with_4007_and_4009_and_the_session_is_gone() {
    let scene = Scene::new().await;
    for code in [4007, 4009] {
        let session = scene.session().await;
        scene
            .discord
            .strike(Strike::new(Fault::CloseOnResume { code }).once());
        let mut refused = scene.gateway().await;
        refused
            .send(scene.resume(&session.session_id, session.seq))
            .await;
        assert_eq!(refused.closed().await, Some(code));
        let mut again = scene.gateway().await;
        again
            .send(scene.resume(&session.session_id, session.seq))
            .await;
        assert_eq!(again.frame().await, json!({"op": 9, "d": false}));
    }
}

#[tokio::test]
async fn identify_and_resume_can_be_answered_with_op_9() {
    let scene = Scene::new().await;
    scene
        .discord
        .strike(Strike::new(Fault::InvalidOnIdentify).once());
    let mut gateway = scene.gateway().await;
    gateway.send(scene.identify(INTENTS)).await;
    assert_eq!(gateway.frame().await, json!({"op": 9, "d": false}));
    let session = scene.session().await;
    let mut again = scene.gateway().await;
    for resumable in [true, false] {
        scene
            .discord
            .strike(Strike::new(Fault::InvalidOnResume { resumable }).once());
        again
            .send(scene.resume(&session.session_id, session.seq))
            .await;
        assert_eq!(again.frame().await, json!({"op": 9, "d": resumable}));
    }
    again
        .send(scene.resume(&session.session_id, session.seq))
        .await;
    assert_eq!(again.frame().await, json!({"op": 9, "d": false}));
}

#[tokio::test]
async fn the_socket_can_end_on_resume() {
    let scene = Scene::new().await;
    let session = scene.session().await;
    scene
        .discord
        .strike(Strike::new(Fault::DropOnResume).once());
    let mut gateway = scene.gateway().await;
    gateway
        .send(scene.resume(&session.session_id, session.seq))
        .await;
    assert_eq!(gateway.closed().await, None);
}

#[tokio::test]
async fn heartbeats_can_stay_unacknowledged() {
    let scene = Scene::new().await;
    let mut session = scene.session().await;
    let strike = scene.discord.strike(Strike::new(Fault::NoHeartbeatAck));
    session.heartbeat().await;
    scene
        .discord
        .until(|view| (view.gateway().heartbeats == 1).then_some(()))
        .await;
    scene.discord.lift(strike);
    scene
        .discord
        .say(scene.alice, scene.general, "still here")
        .unwrap();
    assert_eq!(session.frame().await["t"], "MESSAGE_CREATE");
}

#[tokio::test]
async fn the_upgrade_can_be_refused() {
    let scene = Scene::new().await;
    scene
        .discord
        .strike(Strike::new(Fault::RefuseUpgrade { status: 503 }).once());
    let url = format!("{}/?v=10&encoding=json", scene.discord.gateway_url());
    match tokio_tungstenite::connect_async(&url).await {
        Err(Error::Http(response)) => {
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        }
        other => panic!("{other:?}"),
    }
    scene.session().await;
}

#[tokio::test]
async fn connections_can_be_refused_and_taken_again() {
    let scene = Scene::new().await;
    scene.discord.refuse_connections().await.unwrap();
    let url = format!("{}/?v=10&encoding=json", scene.discord.gateway_url());
    assert!(tokio_tungstenite::connect_async(&url).await.is_err());
    scene.discord.accept_connections().unwrap();
    scene.session().await;
}

#[tokio::test]
async fn a_429_comes_in_each_of_its_four_forms() {
    let scene = Scene::new().await;
    let forms = [
        (LimitScope::User, "user", false),
        (LimitScope::Shared, "shared", false),
        (LimitScope::Global, "global", true),
        (LimitScope::None, "", false),
    ];
    for (scope, header, global) in forms {
        let retry_after_ms = 1_250;
        let fault = Fault::RateLimited {
            scope,
            retry_after_ms,
        };
        scene.discord.strike(Strike::new(fault).on(CREATE).once());
        let reply = scene.speak(json!({"content": "x"})).await;
        assert_eq!(reply.status, 429);
        assert_eq!(reply.header("retry-after"), "2");
        assert_eq!(reply.header("x-ratelimit-scope"), header);
        assert_eq!(reply.header("x-ratelimit-global") == "true", global);
        let with_bucket = matches!(scope, LimitScope::User | LimitScope::Shared);
        assert_eq!(!reply.header("x-ratelimit-bucket").is_empty(), with_bucket);
        if scope != LimitScope::None {
            assert_eq!(reply.body["retry_after"], 1.25);
            assert_eq!(reply.body["global"], global);
        }
    }
    // One of a shared limit does not count against the bot.
    assert_eq!(scene.discord.invalid_requests(), 3);
    assert!(scene.discord.messages(scene.general).is_empty());
}

#[tokio::test]
async fn any_error_of_the_api_can_be_answered_where_it_is_armed() {
    let scene = Scene::new().await;
    let fault = Fault::Refused {
        status: 403,
        code: 50001,
    };
    let strike = scene.discord.strike(Strike::new(fault).at(scene.general));
    assert_eq!(
        scene.speak(json!({"content": "x"})).await.refusal(),
        (403, 50001)
    );
    assert_eq!(scene.get("/users/@me").await.status, 200);
    scene.discord.lift(strike);
    assert_eq!(scene.speak(json!({"content": "x"})).await.status, 200);
}

#[tokio::test]
async fn a_5xx_is_the_page_of_something_in_between() {
    let scene = Scene::new().await;
    scene
        .discord
        .strike(Strike::new(Fault::ServerError { status: 502 }).once());
    let reply = scene.speak(json!({"content": "x"})).await;
    assert_eq!(reply.status, 502);
    assert!(reply.header("content-type").starts_with("text/html"));
}

#[tokio::test]
async fn a_body_can_be_no_json() {
    let scene = Scene::new().await;
    scene.discord.strike(Strike::new(Fault::Garbage).once());
    let reply = scene.get("/users/@me").await;
    assert!(reply.status.is_success() && reply.body.is_string());
}

#[tokio::test]
async fn a_request_cut_before_has_no_effect_and_one_cut_after_has() {
    let scene = Scene::new().await;
    for (fault, posted) in [(Fault::CutBefore, 0), (Fault::CutAfter, 1)] {
        scene.discord.strike(Strike::new(fault).on(CREATE).once());
        let path = format!(
            "{}/channels/{}/messages",
            scene.discord.api_base(),
            scene.general
        );
        let sent = reqwest::Client::new()
            .post(path)
            .header("user-agent", AGENT)
            .header("authorization", format!("Bot {}", scene.discord.token()))
            .json(&json!({"content": "x", "nonce": "1"}))
            .send()
            .await;
        assert!(sent.is_err());
        assert_eq!(scene.discord.messages(scene.general).len(), posted);
    }
    // The nonce makes the retry harmless.
    let body = json!({"content": "x", "nonce": "1", "enforce_nonce": true});
    let again = scene.speak(body).await;
    assert_eq!(again.id(), scene.discord.messages(scene.general)[0].id);
    assert_eq!(scene.discord.messages(scene.general).len(), 1);
}

#[tokio::test]
async fn a_request_stands_at_a_gate_before_or_after_its_effect() {
    let scene = Scene::new().await;
    let gates = [
        (
            Fault::GateBefore {
                gate: "door".into(),
            },
            0,
        ),
        (
            Fault::GateAfter {
                gate: "door".into(),
            },
            2,
        ),
    ];
    for (fault, posted) in gates {
        scene.discord.strike(Strike::new(fault).on(CREATE).once());
        let watching = async {
            scene.discord.until_waiting("door", 1).await;
            assert_eq!(scene.discord.messages(scene.general).len(), posted);
            scene.discord.release("door", 1);
        };
        let (reply, ()) = tokio::join!(scene.speak(json!({"content": "x"})), watching);
        assert_eq!(reply.status, 200);
    }
}

#[tokio::test]
async fn a_fault_is_not_spent_on_a_request_that_is_refused_anyway() {
    let scene = Scene::set(|settings| {
        let one = husting_test_support::discord::Limit::new(1, 60_000);
        settings.routes.insert(CREATE.into(), one);
    })
    .await;
    assert_eq!(scene.speak(json!({"content": "x"})).await.status, 200);
    scene
        .discord
        .strike(Strike::new(Fault::Garbage).on(CREATE).once());
    assert_eq!(scene.speak(json!({"content": "x"})).await.status, 429);
    assert_eq!(scene.discord.look(|view| view.armed().len()), 1);
}

#[tokio::test]
async fn downloads_can_fail_like_requests() {
    let scene = Scene::new().await;
    let saying =
        husting_test_support::discord::Saying::text("look").file("a.txt", "text/plain", b"a");
    scene
        .discord
        .send(scene.alice, scene.general, saying)
        .unwrap();
    let url = scene.discord.messages(scene.general)[0].attachments[0]
        .url
        .clone();
    let route = "GET /attachments/{channel.id}/{attachment.id}/{filename}";
    scene.discord.strike(
        Strike::new(Fault::ServerError { status: 503 })
            .on(route)
            .once(),
    );
    assert_eq!(reqwest::get(&url).await.unwrap().status(), 503);
    scene
        .discord
        .strike(Strike::new(Fault::CutBefore).on(route).once());
    assert!(reqwest::get(&url).await.is_err());
    assert_eq!(reqwest::get(&url).await.unwrap().status(), 200);
}
