//! The contract over REST: every route, and every error with its body.

use husting_test_support::{Behaviour, Fault, GatePoint, Script};
use husting_tests::home::Home;
use husting_tests::instance::Instance;
use husting_tests::panel::{Panel, SEATS};
use husting_tests::program::husting;
use reqwest::Method;
use serde_json::{Value, json};

use crate::keyed::{Answer, Described, Keyed, REHEARSAL, answered, roomy};

const NOBODY: &str = "0199d1f0-0000-7000-8000-000000000000";

#[tokio::test]
async fn a_script_opens_waits_reads_steers_and_deletes() {
    let home = Home::new();
    let instance = roomy(&home).await;
    let caller = Keyed::at(&instance).await;
    let ack = caller.open("Tea or coffee?", &REHEARSAL).await;
    let session = &ack["session_id"];
    let path = format!("/api/sessions/{}", session.as_str().unwrap());
    assert_eq!(
        ack,
        json!({
            "session_id": session, "round_id": ack["round_id"], "round_index": 0, "status": "processing",
            "progress_url": format!("{path}/progress"), "poll_after_ms": 5000, "progress_version": 0,
            "rehearsal": true, "idempotency_key": null, "client_request_id": null,
        })
    );
    caller.wait(session).await;

    let read = caller.get(&path).await.with(200);
    assert_eq!(read["status"], "ready");
    assert_eq!(read["source"], "rest");
    let said = &read["rounds"][0]["responses"][0];
    let quote = said["text"].as_str().unwrap().split(". ").next().unwrap();
    let kept = json!({"type": "KEEP", "quote": quote, "quoted_model": said["model"]});
    let nobody = json!({"type": "KEEP", "quote": quote, "quoted_model": "nobody-1"});
    for snippets in [vec![kept; 51], vec![nobody]] {
        let body = json!({"prompt": "Settle it.", "snippets": snippets});
        let refused = caller.post(&format!("{path}/rounds"), &body).await;
        assert_eq!(refused.refusal(), (422, "invalid_request".to_owned()));
    }
    let steer = json!({
        "prompt": "Settle it.", "client_request_id": "second",
        "snippets": [{"type": "CHALLENGE", "quote": quote, "quoted_model": said["model"], "comment": "Why?"}],
    });
    let next = caller
        .post(&format!("{path}/rounds"), &steer)
        .await
        .with(202);
    assert_eq!(next["round_index"], 1);
    assert_eq!(next["client_request_id"], "second");
    assert_eq!(
        next["snippets"],
        json!([{"index": 0, "quote_status": "exact"}])
    );
    caller.wait(session).await;

    let progress = caller.get(&format!("{path}/progress")).await.with(200);
    assert_eq!(progress["round_id"], next["round_id"]);
    assert_eq!(progress["round_status"], "complete");
    let first = format!(
        "{path}/progress?round_id={}",
        ack["round_id"].as_str().unwrap()
    );
    assert_eq!(caller.get(&first).await.with(200)["round_index"], 0);
    let list = caller
        .get("/api/sessions?status=ready&limit=1")
        .await
        .with(200);
    assert_eq!(list["total"], 1);
    assert_eq!(list["sessions"][0]["round_count"], 2);
    assert_eq!(
        caller.get("/api/sessions?status=streaming").await.with(200)["total"],
        0
    );
    let models = caller.get("/api/models").await.with(200);
    assert_eq!(models["models"][0]["available"], true, "{models}");
    let credit = caller.get("/api/credit").await.with(200);
    assert_eq!(
        credit["debit_order"],
        json!(["free", "subscription", "refill"])
    );

    let gone = caller.delete(&path).await;
    assert_eq!((gone.status, gone.text.as_str()), (204, ""));
    for path in [
        path.clone(),
        format!("{path}/progress"),
        format!("{path}/events"),
    ] {
        assert_eq!(
            caller.get(&path).await.refusal(),
            (404, "not_found".to_owned())
        );
    }
}

#[tokio::test]
async fn a_seat_is_stopped_a_round_cancelled_and_what_failed_tried_again() {
    let held = Script::default()
        .for_model(
            "alpha-1",
            Behaviour::debating().gate("held", GatePoint::BeforeToken(3)),
        )
        .for_model(
            "beta-2",
            Behaviour::debating().gate("held", GatePoint::BeforeToken(3)),
        );
    let (home, panel) = (Home::new(), Panel::start(held).await);
    panel.seat_at(&home).await;
    let instance = roomy(&home).await;
    let caller = Keyed::at(&instance).await;
    let models = SEATS.map(|seat| seat.id);
    let ack = caller.open("Which one?", &models).await;
    let session = &ack["session_id"];
    let path = format!("/api/sessions/{}", session.as_str().unwrap());
    panel.until_wait("held", &["alpha-1", "beta-2"]).await;

    let rounds = format!("{path}/rounds");
    let busy = caller.post(&rounds, &json!({"prompt": "And now?"})).await;
    assert_eq!(busy.refusal(), (409, "session_busy".to_owned()));
    assert_eq!(
        caller
            .post(&format!("{rounds}/0/retry"), &json!({}))
            .await
            .refusal()
            .0,
        409
    );
    let id = ack["round_id"].as_str().unwrap();
    let stop = format!("{rounds}/{id}/seats/alpha-1/stop");
    let stopped = caller.post(&stop, &json!({})).await.with(200);
    assert_eq!(
        stopped,
        json!({"session_id": session, "round_id": id, "model": "alpha-1", "status": "cancelled"})
    );
    let over = caller
        .post(&format!("{path}/cancel"), &json!({}))
        .await
        .with(200);
    assert_eq!(over, json!({"session_id": session, "status": "ready"}));
    let state = caller.wait(session).await;
    let codes: Vec<&Value> = state["failed_models"]
        .as_array()
        .unwrap()
        .iter()
        .map(|failed| &failed["error_code"])
        .collect();
    assert!(codes.iter().all(|code| **code == "cancelled"), "{state}");
    assert!(
        state["failed_models"][0]["partial_text_length"].as_u64() > Some(0),
        "what it wrote is kept: {state}"
    );
    for path in [format!("{path}/cancel"), stop] {
        assert_eq!(
            caller.post(&path, &json!({})).await.refusal(),
            (422, "invalid_request".to_owned()),
            "nothing runs: {path}"
        );
    }
    panel.swap(&Script::debate());
    let again = caller
        .post(&format!("{rounds}/0/retry"), &json!({}))
        .await
        .with(202);
    assert_eq!(again["round_id"], id);
    assert_eq!(caller.wait(session).await["round_status"], "complete");
    assert_eq!(
        caller
            .post(&format!("{rounds}/0/retry"), &json!({}))
            .await
            .refusal(),
        (422, "invalid_request".to_owned()),
        "nothing failed"
    );
    assert_eq!(
        caller
            .post(&format!("{rounds}/7/retry"), &json!({}))
            .await
            .refusal()
            .0,
        404
    );
}

/// A request and the refusal it must meet: path, body, status, code, fields beside the sentence.
type Refused<'a> = (&'a str, Value, u16, &'a str, Value);

#[tokio::test]
async fn every_refusal_has_its_status_and_its_fields() {
    let (home, panel) = (Home::new(), Panel::start(Script::debate()).await);
    panel.seat_at(&home).await;
    home.run(&["models", "disable", "gamma-3"]).await.done();
    home.run(&["wallet", "limit", "--usd", "0"]).await.done();
    let instance = roomy(&home).await;
    let described = Described::of(&instance).await;
    let caller = Keyed::at(&instance).await;
    let create = "/api/deliberation";
    let unknown = format!("/api/sessions/{NOBODY}/rounds");
    let panel_of = |models: &[&str]| json!({"prompt": "?", "models": models});
    let invalid = |body: Value| -> Refused { (create, body, 422, "invalid_request", json!({})) };
    let table: Vec<Refused> = vec![
        (
            create,
            panel_of(&["alpha-1", "nobody-1"]),
            422,
            "unknown_models",
            json!({"unknown_models": ["nobody-1"], "models_requested": ["alpha-1", "nobody-1"]}),
        ),
        (
            create,
            panel_of(&["alpha-1", "gamma-3"]),
            422,
            "ineligible_models",
            json!({"ineligible_models": ["gamma-3"]}),
        ),
        (
            create,
            panel_of(&["alpha-1", "beta-2"]),
            402,
            "credit_exhausted",
            json!({"free_usd": 0, "subscription_usd": 0, "refill_usd": 0, "effective_balance_usd": 0, "per_model_minimum_usd": 0.05}),
        ),
        (
            create,
            json!({"prompt": "?", "recap_session": true}),
            400,
            "invalid_request",
            json!({}),
        ),
        (
            &unknown,
            json!({"prompt": "?"}),
            404,
            "not_found",
            json!({}),
        ),
        (
            &unknown,
            json!({"prompt": "?", "session_id": NOBODY}),
            422,
            "invalid_request",
            json!({}),
        ),
        (
            &unknown,
            json!({"prompt": "?", "snippets": [{"type": "keep", "quote": "a", "quoted_model": "m"}]}),
            422,
            "invalid_request",
            json!({}),
        ),
        invalid(json!({})),
        invalid(json!([])),
        invalid(json!({"prompt": ""})),
        invalid(json!({"prompt": 7})),
        invalid(json!({"prompt": "?", "promt": "?"})),
        invalid(json!({"prompt": "a".repeat(64_001)})),
        invalid(json!({"prompt": "?", "reference": "a".repeat(4 * 1024 * 1024 + 1)})),
        invalid(panel_of(&["alpha-1"])),
        invalid(panel_of(&["alpha-1", "alpha-1"])),
        invalid(json!({"prompt": "?", "models": ["alpha-1", 7]})),
        invalid(json!({"prompt": "?", "client_request_id": 7})),
        invalid(json!({"prompt": "?", "client_request_id": "a".repeat(201)})),
    ];
    for (path, body, status, code, fields) in table {
        let answer = caller.post(path, &body).await;
        let told = body.to_string();
        let told = &told[..told.len().min(200)];
        assert_eq!(answer.refusal(), (status, code.to_owned()), "{told}");
        let given = answer.json();
        for (name, value) in fields.as_object().unwrap() {
            assert_eq!(&given[name], value, "{name} of {given}");
        }
        let place = if path == create {
            create
        } else {
            "/api/sessions/{session_id}/rounds"
        };
        described.holds("POST", place, &answer);
    }
    assert!(panel.calls().is_empty(), "nobody was asked");
}

#[tokio::test]
async fn a_query_is_taken_as_it_is_described_and_no_other() {
    let home = Home::new();
    let instance = roomy(&home).await;
    let described = Described::of(&instance).await;
    let caller = Keyed::at(&instance).await;
    let ack = caller.open("Tea or coffee?", &REHEARSAL).await;
    let session = ack["session_id"].as_str().unwrap();
    caller.wait(&ack["session_id"]).await;
    for query in [
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=a",
        "limit=",
        "limit=1&limit=2",
        "offset=-1",
        "offset=4294967296",
        "status=failed",
        "status=",
        "size=3",
        "%ff=1",
    ] {
        let answer = caller.get(&format!("/api/sessions?{query}")).await;
        assert_eq!(
            answer.refusal(),
            (422, "invalid_request".to_owned()),
            "{query}"
        );
        described.holds("GET", "/api/sessions", &answer);
    }
    for (path, query) in [
        ("", "verbose=1"),
        ("/progress", "round=0"),
        ("/events", "last=1"),
    ] {
        let answer = caller
            .get(&format!("/api/sessions/{session}{path}?{query}"))
            .await;
        assert_eq!(answer.refusal().0, 422, "{path}?{query}");
    }
    for round in ["0", "rnd_1", NOBODY] {
        let path = format!("/api/sessions/{session}/progress?round_id={round}");
        let other = caller.get(&path).await;
        assert_eq!(other.refusal(), (404, "not_found".to_owned()), "{round}");
    }
    for path in ["/api/models?a=1", "/api/credit?a=1"] {
        assert_eq!(caller.get(path).await.refusal().0, 422, "{path}");
    }
    for id in ["ses_1", "%ff", NOBODY] {
        assert_eq!(
            caller.get(&format!("/api/sessions/{id}")).await.refusal(),
            (404, "not_found".to_owned())
        );
    }
}

#[tokio::test]
async fn a_session_whose_first_round_failed_for_good_says_so_until_it_is_mended() {
    let refusing =
        Script::new(Behaviour::debating().fault(Fault::Unauthorized401 { echo_key: false }));
    let (home, panel) = (Home::new(), Panel::start(refusing).await);
    panel.seat_at(&home).await;
    let instance = roomy(&home).await;
    let caller = Keyed::at(&instance).await;
    let ack = caller.open("Which one?", &["alpha-1", "beta-2"]).await;
    let state = caller.wait(&ack["session_id"]).await;
    assert_eq!(state["recommended_client_action"], "abandon", "{state}");
    let rounds = format!(
        "/api/sessions/{}/rounds",
        ack["session_id"].as_str().unwrap()
    );
    let failed = caller.post(&rounds, &json!({"prompt": "And now?"})).await;
    assert_eq!(failed.refusal(), (409, "session_failed".to_owned()));
    panel.swap(&Script::debate());
    caller
        .post(&format!("{rounds}/0/retry"), &json!({}))
        .await
        .with(202);
    assert_eq!(
        caller.wait(&ack["session_id"]).await["round_status"],
        "complete"
    );
    caller
        .post(&rounds, &json!({"prompt": "And now?"}))
        .await
        .with(202);
}

#[tokio::test]
async fn too_few_active_models_are_told_with_their_buckets() {
    let (home, panel) = (Home::new(), Panel::start(Script::debate()).await);
    panel.seat_at(&home).await;
    home.run(&["models", "panel", "alpha-1", "gamma-3"])
        .await
        .done();
    home.run(&["models", "disable", "gamma-3"]).await.done();
    let instance = roomy(&home).await;
    let caller = Keyed::at(&instance).await;
    let answer = caller
        .post("/api/deliberation", &json!({"prompt": "?"}))
        .await;
    assert_eq!(
        answer.refusal(),
        (422, "insufficient_active_models".to_owned())
    );
    assert_eq!(
        answer.json()["collapsed_buckets"],
        json!([1]),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn a_keys_day_has_so_many_rounds() {
    let home = Home::new();
    let instance = roomy(&home).await;
    let caller = Keyed::of(&instance, "few", None, Some(2)).await;
    for _ in 0..2 {
        let ack = caller.open("Tea or coffee?", &REHEARSAL).await;
        caller.wait(&ack["session_id"]).await;
    }
    let body = json!({"prompt": "Tea or coffee?", "models": REHEARSAL});
    let answer = caller.post("/api/deliberation", &body).await;
    assert_eq!(answer.refusal(), (429, "daily_limit_reached".to_owned()));
    let resets = answer.json()["resets_at"].as_str().unwrap().to_owned();
    assert!(resets.ends_with("T00:00:00.000Z"), "{resets}");
    let seconds: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=86_400).contains(&seconds), "{seconds}");
    assert_eq!(answer.json()["retry_after_seconds"], seconds);
    let told = caller.tool("create_deliberation", body).await["structuredContent"].take();
    assert_eq!(told["error"], "daily_limit_reached");
    assert_eq!(told["resets_at"], resets);
    let later = told["retry_after_seconds"].as_u64().unwrap();
    assert!((1..=seconds).contains(&later), "{later} after {seconds}");
    let other = Keyed::of(&instance, "other", None, None).await;
    other.open("Tea or coffee?", &REHEARSAL).await;
}

#[tokio::test]
async fn a_key_that_calls_too_often_is_told_when_to_come_again() {
    let home = Home::new();
    let settings = [
        ("HUSTING_LIMITS_CALLS_PER_MINUTE", "1"),
        ("HUSTING_LIMITS_BURST", "3"),
    ];
    let instance = Instance::start_with(&home, husting(), &settings).await;
    let (one, other) = (
        Keyed::at(&instance).await,
        Keyed::of(&instance, "other", None, None).await,
    );
    for _ in 0..3 {
        one.get("/api/credit").await.with(200);
    }
    let refused = |answer: &Answer| {
        assert_eq!(answer.refusal(), (429, "rate_limited".to_owned()));
        let seconds: u64 = answer.header("retry-after").parse().unwrap();
        assert!((1..=60).contains(&seconds), "{seconds}");
        assert_eq!(answer.json()["retry_after_seconds"], seconds);
    };
    refused(&one.get("/api/credit").await);
    refused(&one.get("/api/nothing").await);
    refused(&answered(one.calling("get_credit", json!({}))).await);
    other.get("/api/credit").await.with(200);
}

#[tokio::test]
async fn a_revoked_key_opens_nothing_and_a_restart_does_not_bring_it_back() {
    let home = Home::new();
    let made: Value = home.ask(&["key", "create", "--name", "laptop"]).await;
    let key = made["raw_key"].as_str().unwrap().to_owned();
    let tail = made["key"]["tail"].as_str().unwrap();
    assert!(
        key.starts_with("mmo_live_") && key.ends_with(tail),
        "{made}"
    );
    let again = home
        .run(&["key", "create", "--name", "laptop", "--json"])
        .await
        .with(4);
    assert_eq!(again.error::<Value>()["error"]["code"], "already_exists");

    let instance = roomy(&home).await;
    let credit = |instance: &Instance| {
        let url = format!("{}/api/credit", instance.http);
        answered(instance.client.get(url).bearer_auth(&key))
    };
    credit(&instance).await.with(200);
    let list = home.run(&["key", "list"]).await.done().stdout;
    assert!(
        list.contains("laptop") && list.contains(tail) && !list.contains(&key),
        "{list}"
    );
    let told = home.run(&["key", "revoke", "laptop"]).await.done().stdout;
    let last_four = &key[key.len() - 4..];
    assert!(
        told.starts_with(&format!(
            "The key of laptop, which ends in {last_four}, is revoked:"
        )),
        "{told}"
    );
    assert!(
        !told.contains(&key) && told.contains("run on to their end"),
        "{told}"
    );
    let refused = credit(&instance).await;
    assert_eq!(refused.refusal(), (401, "invalid_token".to_owned()));
    assert_eq!(
        refused.header("www-authenticate"),
        "Bearer error=\"invalid_token\""
    );
    assert!(refused.text.contains("revoked"), "{}", refused.text);
    instance.stop().await;
    let instance = roomy(&home).await;
    assert_eq!(credit(&instance).await.refusal().0, 401);
    let again = home.run(&["key", "revoke", "laptop"]).await.with(3);
    assert!(again.stderr.contains("revoked already"), "{}", again.stderr);
}

#[tokio::test]
async fn what_a_path_is_not_taken_by_is_told_with_what_it_is() {
    let home = Home::new();
    let instance = roomy(&home).await;
    let caller = Keyed::at(&instance).await;
    for (method, path, allowed) in [
        (Method::PUT, "/api/credit", "GET,HEAD"),
        (Method::GET, "/api/deliberation", "POST"),
        (Method::DELETE, "/api/mcp", "POST"),
        (Method::GET, "/api/mcp", "POST"),
        (Method::POST, "/health", "GET,HEAD"),
    ] {
        let answer = answered(caller.request(method.clone(), path)).await;
        assert_eq!(
            answer.refusal(),
            (405, "invalid_request".to_owned()),
            "{method} {path}"
        );
        assert_eq!(answer.header("allow"), allowed, "{method} {path}");
    }
    assert_eq!(
        caller.get("/api/nothing").await.refusal(),
        (404, "not_found".to_owned())
    );
}
