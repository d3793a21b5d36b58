//! The same request again: by its key over REST, by its words over MCP.

use std::collections::HashSet;

use futures::future::join_all;
use husting_test_support::{Behaviour, Fault, GatePoint, Script};
use husting_tests::home::Home;
use husting_tests::panel::{Panel, SEATS};
use reqwest::Method;
use serde_json::{Value, json};

use crate::keyed::{Answer, Keyed, REHEARSAL, answered, roomy};

fn question() -> Value {
    json!({"prompt": "Tea or coffee?", "models": REHEARSAL})
}

async fn posted(caller: &Keyed, path: &str, key: &str, body: &Value) -> Answer {
    let request = caller.request(Method::POST, path).json(body);
    answered(request.header("Idempotency-Key", key)).await
}

async fn rounds(caller: &Keyed) -> u64 {
    let list = caller.get("/api/sessions").await.with(200);
    let sessions = list["sessions"].as_array().unwrap();
    sessions
        .iter()
        .map(|session| session["round_count"].as_u64().unwrap())
        .sum()
}

#[tokio::test]
async fn twenty_posts_with_one_key_are_one_session() {
    let home = Home::new();
    let instance = roomy(&home).await;
    let caller = Keyed::at(&instance).await;
    let body = question();
    let posts = (0..20).map(|_| posted(&caller, "/api/deliberation", "a b", &body));
    let acks: Vec<Value> = join_all(posts)
        .await
        .iter()
        .map(|answer| answer.with(202))
        .collect();
    assert!(acks.iter().all(|ack| *ack == acks[0]), "{acks:?}");
    assert_eq!(acks[0]["idempotency_key"], "a b");
    assert_eq!(rounds(&caller).await, 1);

    caller.wait(&acks[0]["session_id"]).await;
    let path = format!(
        "/api/sessions/{}/rounds",
        acks[0]["session_id"].as_str().unwrap()
    );
    let next = json!({"prompt": "Settle it."});
    // The same key at another endpoint is another key.
    let posts = (0..20).map(|_| posted(&caller, &path, "a b", &next));
    let acks: HashSet<String> = join_all(posts)
        .await
        .iter()
        .map(|answer| answer.with(202)["round_id"].to_string())
        .collect();
    assert_eq!(acks.len(), 1, "{acks:?}");
    assert_eq!(rounds(&caller).await, 2);
}

#[tokio::test]
async fn a_key_keeps_its_acknowledgement_across_a_restart_and_refuses_other_words() {
    let home = Home::new();
    let instance = roomy(&home).await;
    let caller = Keyed::at(&instance).await;
    let named = json!({"prompt": "Tea or coffee?", "models": REHEARSAL, "client_request_id": "x"});
    let ack = posted(&caller, "/api/deliberation", "k", &named)
        .await
        .with(202);
    assert_eq!(ack["client_request_id"], "x");
    caller.wait(&ack["session_id"]).await;
    let made = caller.made.clone();
    instance.kill().await;
    let instance = roomy(&home).await;
    let caller = Keyed::with(&instance, made);
    let again = posted(&caller, "/api/deliberation", "k", &named)
        .await
        .with(202);
    assert_eq!(again, ack, "also after the round's end was read");
    for other in [
        json!({"prompt": "Tea or coffee!", "models": REHEARSAL, "client_request_id": "x"}),
        json!({"prompt": "Tea or coffee?", "models": REHEARSAL, "client_request_id": "y"}),
        question(),
        json!({"prompt": "Tea or coffee?", "models": REHEARSAL, "client_request_id": "x", "application": "a"}),
    ] {
        let refused = posted(&caller, "/api/deliberation", "k", &other).await;
        assert_eq!(
            refused.refusal(),
            (409, "idempotency_conflict".to_owned()),
            "{other}"
        );
    }
    assert_eq!(rounds(&caller).await, 1);
    posted(&caller, "/api/deliberation", "l", &named)
        .await
        .with(202);
    caller.post("/api/deliberation", &named).await.with(202);
    assert_eq!(rounds(&caller).await, 3);
}

#[tokio::test]
async fn a_retry_with_a_key_is_made_once_and_its_key_is_for_that_retry_alone() {
    let fails = Behaviour::debating().fault(Fault::Unauthorized401 { echo_key: false });
    let script = Script::debate().for_model(SEATS[2].id, fails);
    let (home, panel) = (Home::new(), Panel::start(script).await);
    panel.seat_at(&home).await;
    let instance = roomy(&home).await;
    let caller = Keyed::at(&instance).await;
    let ack = caller.open("Which one?", &SEATS.map(|seat| seat.id)).await;
    let state = caller.wait(&ack["session_id"]).await;
    assert_eq!(state["round_status"], "partial_failure", "{state}");
    panel.swap(&Script::debate());
    let calls = || {
        let all = panel.calls().into_iter();
        all.filter(|call| call.model.as_deref() == Some(SEATS[2].id))
            .count()
    };
    let before = calls();

    let path = format!("/api/sessions/{}", ack["session_id"].as_str().unwrap());
    let retry = format!("{path}/rounds/0/retry");
    let mine = json!({"client_request_id": "mine"});
    let posts = (0..20).map(|_| posted(&caller, &retry, "again", &mine));
    let retries = join_all(posts).await;
    let first = retries[0].with(202);
    assert_eq!(first["round_id"], ack["round_id"]);
    assert_eq!(first["idempotency_key"], "again");
    assert_eq!(first["client_request_id"], "mine");
    for retried in &retries {
        assert_eq!(retried.with(202), first);
    }
    let state = caller.wait(&ack["session_id"]).await;
    assert_eq!(state["round_status"], "complete", "{state}");
    assert_eq!(calls(), before + 2, "an answer and a reaction");
    // Nothing is left to retry, and still the same request has the same acknowledgement.
    let late = posted(&caller, &retry, "again", &mine).await.with(202);
    assert_eq!(late, first);
    let by_id = retry.replace("/0/", &format!("/{}/", ack["round_id"].as_str().unwrap()));
    assert_eq!(
        posted(&caller, &by_id, "again", &mine).await.with(202),
        first
    );

    let next = json!({"prompt": "Settle it."});
    caller
        .post(&format!("{path}/rounds"), &next)
        .await
        .with(202);
    caller.wait(&ack["session_id"]).await;
    let other_round = retry.replace("/0/", "/1/");
    for (path, body) in [
        (&retry, json!({"client_request_id": "yours"})),
        (&retry, json!({})),
        (&other_round, mine),
    ] {
        let refused = posted(&caller, path, "again", &body).await;
        assert_eq!(
            refused.refusal(),
            (409, "idempotency_conflict".to_owned()),
            "{path} {body}"
        );
    }
    let other = posted(&caller, &retry, "another", &json!({})).await;
    assert_eq!(other.refusal().0, 422, "another key is another request");
}

#[tokio::test]
async fn a_key_of_the_wrong_form_is_refused() {
    let home = Home::new();
    let instance = roomy(&home).await;
    let caller = Keyed::at(&instance).await;
    for key in ["", &"a".repeat(256), "a\tb", "schl\u{fc}ssel"] {
        let refused = posted(&caller, "/api/deliberation", key, &question()).await;
        assert_eq!(
            refused.refusal(),
            (422, "invalid_request".to_owned()),
            "{key:?}"
        );
    }
    posted(&caller, "/api/deliberation", &"a".repeat(255), &question())
        .await
        .with(202);
}

#[tokio::test]
async fn the_same_words_over_mcp_are_the_same_round_until_its_end_was_given() {
    let held = Script::new(Behaviour::debating().gate("held", GatePoint::BeforeToken(2)));
    let (home, panel) = (Home::new(), Panel::start(held).await);
    panel.seat_at(&home).await;
    let instance = roomy(&home).await;
    let caller = Keyed::at(&instance).await;
    let models = SEATS.map(|seat| seat.id);
    let backwards: Vec<&str> = models.iter().rev().copied().collect();
    let create = async |prompt: &str, models: &[&str]| {
        let arguments = json!({"prompt": prompt, "models": models});
        caller.tool("create_deliberation", arguments).await["structuredContent"].take()
    };
    let all = join_all((0..20).map(|_| create("Caf\u{e9}?", &models))).await;
    assert!(all.iter().all(|ack| *ack == all[0]), "{all:?}");
    assert_eq!(
        create("Cafe\u{301}?", &backwards).await,
        all[0],
        "words, not bytes"
    );
    panel.until_all_wait("held").await;

    let made = caller.made.clone();
    instance.kill().await;
    panel.open("held");
    let instance = roomy(&home).await;
    let caller = Keyed::with(&instance, made);
    let create = async |prompt: &str| {
        let arguments = json!({"prompt": prompt, "models": models});
        caller.tool("create_deliberation", arguments).await["structuredContent"].take()
    };
    assert_eq!(
        create("Caf\u{e9}?").await,
        all[0],
        "its end was given to nobody"
    );
    // Looking at the list or at progress gives nobody the end.
    let session = all[0]["session_id"].as_str().unwrap();
    caller
        .get(&format!("/api/sessions/{session}/progress"))
        .await
        .with(200);
    assert_eq!(create("Caf\u{e9}?").await, all[0]);
    caller.wait(&all[0]["session_id"]).await;
    let next = create("Caf\u{e9}?").await;
    assert_ne!(next["session_id"], all[0]["session_id"]);
    let state = caller.wait(&next["session_id"]).await;
    assert_eq!(state["round_status"], "complete");

    let append = async || {
        let arguments = json!({"session_id": next["session_id"], "prompt": "Settle it."});
        caller.tool("append_round", arguments).await["structuredContent"].take()
    };
    panel.close("held");
    let appended = join_all((0..20).map(|_| append())).await;
    assert!(
        appended.iter().all(|ack| *ack == appended[0]),
        "{appended:?}"
    );
    assert_eq!(appended[0]["round_index"], 1);
    panel.open("held");
    caller.wait(&next["session_id"]).await;
    assert_eq!(append().await["round_index"], 2);
    caller.wait(&next["session_id"]).await;
    assert_eq!(rounds(&caller).await, 4);
}
