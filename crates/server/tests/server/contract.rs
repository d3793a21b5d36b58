//! The contract's doors: what is read of a request before a use case is asked, and how.

use std::sync::Arc;

use futures::StreamExt;
use futures::stream;
use husting_server::Allowance;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::fixture::{Fixture, PATIENCE, refusal, started};
use crate::misfits::in_our_words;
use crate::stand_in::KEY;

pub const SESSION: &str = "0199d1f0-0000-7000-8000-000000000001";
pub const ROUND: &str = "0199d1f0-0000-7000-8000-000000000002";
/// How a request is known that came without an `Idempotency-Key`.
const UNNAMED: &str = "ByKey { key: None, client_request_id: None }";

pub fn asked(server: &Fixture) -> Vec<String> {
    std::mem::take(&mut *server.contract.asked.lock().unwrap())
}

async fn answered(request: RequestBuilder) -> (u16, String) {
    refusal(request.send().await.unwrap()).await
}

#[tokio::test]
async fn a_path_names_session_round_and_seat_in_every_form_it_may_have() {
    let server = started().await;
    let third = "00000000-0000-0000-0000-000000000003";
    let rounds = format!("/api/sessions/{SESSION}/rounds");
    for (path, told) in [
        (
            format!("{rounds}/{ROUND}/retry"),
            format!("retry {SESSION} {ROUND} {UNNAMED}"),
        ),
        (
            format!("{rounds}/3/retry"),
            format!("retry {SESSION} {third} {UNNAMED}"),
        ),
        (
            format!("{rounds}/3/seats/gpt-5.2/stop"),
            format!("stop {SESSION} {third} gpt-5.2"),
        ),
        (
            format!("{rounds}/3/seats/openrouter/qwen/qwen-3:free/stop"),
            format!("stop {SESSION} {third} openrouter/qwen/qwen-3:free"),
        ),
        (
            format!("{rounds}/{ROUND}/seats/openrouter%2Fqwen%2Fqwen-3%3Afree/stop"),
            format!("stop {SESSION} {ROUND} openrouter/qwen/qwen-3:free"),
        ),
        (
            format!("{rounds}/3/seats/a/stop/stop"),
            format!("stop {SESSION} {third} a/stop"),
        ),
    ] {
        let answer = answered(server.with_key(Method::POST, &path)).await;
        assert_eq!(answer, (404, "not_found".to_owned()), "{path}");
        assert_eq!(asked(&server), [told], "{path}");
    }
    for path in [
        format!("{rounds}/-1/retry"),
        format!("{rounds}/first/retry"),
        format!("{rounds}/4294967296/retry"),
        format!("{rounds}/3/seats/a"),
        format!("{rounds}/3/seats/stop"),
        format!("{rounds}/3/seats/a%20b/stop"),
        format!("{rounds}/3/seats/%ff/stop"),
        "/api/sessions/ses_1/rounds/0/retry".to_owned(),
    ] {
        let answer = answered(server.with_key(Method::POST, &path)).await;
        assert_eq!(answer.0, 404, "{path}");
        assert!(asked(&server).is_empty(), "{path}");
    }
}

#[tokio::test]
async fn what_a_request_is_called_goes_with_it_and_not_in_it() {
    let server = started().await;
    let body = json!({"prompt": "?", "client_request_id": "mine"});
    let request = server.with_key(Method::POST, "/api/deliberation");
    answered(request.header("idempotency-key", "k 1").json(&body)).await;
    assert_eq!(
        asked(&server),
        [r#"create ? ByKey { key: Some("k 1"), client_request_id: Some("mine") }"#]
    );
    let path = format!("/api/sessions/{SESSION}/rounds");
    let body = json!({"prompt": "!", "client_request_id": null});
    answered(server.with_key(Method::POST, &path).json(&body)).await;
    assert_eq!(asked(&server), [format!("append {SESSION} ! {UNNAMED}")]);
    let retry = format!("/api/sessions/{SESSION}/rounds/{ROUND}/retry");
    let body = json!({"client_request_id": "mine"});
    let request = server.with_key(Method::POST, &retry);
    answered(request.header("idempotency-key", "k 1").json(&body)).await;
    let told = r#"ByKey { key: Some("k 1"), client_request_id: Some("mine") }"#;
    assert_eq!(asked(&server), [format!("retry {SESSION} {ROUND} {told}")]);
    let text = server.with_key(Method::POST, &retry).body("{}");
    assert_eq!(answered(text).await.0, 415, "a body has its type");
    let twice = server.with_key(Method::POST, &path).json(&body);
    let twice = twice
        .header("idempotency-key", "a")
        .header("idempotency-key", "b");
    assert_eq!(
        answered(twice).await.0,
        422,
        "of two names neither is the name"
    );
    assert!(asked(&server).is_empty());
}

#[tokio::test]
async fn over_mcp_the_words_are_the_name() {
    let server = started().await;
    let arguments = json!({"prompt": "?"});
    let called = call(&server, "create_deliberation", &arguments).await;
    assert_eq!(called["result"]["structuredContent"]["error"], "not_found");
    assert_eq!(asked(&server), ["create ? ByWords"]);
}

fn message(tool: &str, arguments: &Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": tool, "arguments": arguments}})
}

fn to_mcp(server: &Fixture, message: &Value) -> RequestBuilder {
    server.with_key(Method::POST, "/api/mcp").json(message)
}

pub async fn call(server: &Fixture, tool: &str, arguments: &Value) -> Value {
    let sent = to_mcp(server, &message(tool, arguments));
    let sent = sent.header("accept", "application/json, text/event-stream");
    let answer: Value = sent.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["id"], 7, "{answer}");
    answer
}

#[tokio::test]
async fn arguments_that_do_not_fit_are_an_error_that_an_agent_can_read() {
    let server = started().await;
    for (tool, arguments, named) in [
        ("create_deliberation", json!({}), "prompt"),
        (
            "create_deliberation",
            json!({"prompt": 7}),
            "prompt: text of 1 to 64000 characters is expected; 7 came.",
        ),
        (
            "create_deliberation",
            json!({"prompt": "?", "models": ["a", 7]}),
            "models[1]",
        ),
        (
            "create_deliberation",
            json!({"prompt": "?", "promt": "?"}),
            "promt",
        ),
        (
            "create_deliberation",
            json!({"prompt": "?", "recap_session": true}),
            "recap_session",
        ),
        ("append_round", json!({"session_id": SESSION}), "prompt"),
        (
            "append_round",
            json!({"session_id": SESSION, "prompt": "?", "snippets": [{"type": "keep", "quote": "a", "quoted_model": "b"}]}),
            "snippets[0].type",
        ),
        (
            "wait_for_round",
            json!({"session_id": SESSION, "timeout_seconds": -1}),
            "timeout_seconds",
        ),
        ("get_session", json!({}), "session_id"),
        ("list_sessions", json!({"status": "failed"}), "status"),
        ("list_models", json!({"all": true}), "all"),
        ("get_credit", json!({"all": true}), "all"),
    ] {
        let answer = call(&server, tool, &arguments).await;
        let result = &answer["result"];
        assert_eq!(result["isError"], true, "{tool} {arguments}: {answer}");
        let text = result["content"][0]["text"].as_str().unwrap();
        let (first, second) = text.split_once('\n').unwrap();
        assert!(
            first.starts_with("invalid_request: ") && first.contains(named),
            "{first}"
        );
        assert_eq!(
            serde_json::from_str::<Value>(second).unwrap(),
            result["structuredContent"]
        );
    }
    assert!(asked(&server).is_empty());
    let unknown = call(&server, "delete_session", &json!({})).await;
    assert_eq!(unknown["error"]["code"], -32602, "{unknown}");
    assert_eq!(
        unknown["error"]["message"],
        "No tool is named delete_session. tools/list names those that this key may call."
    );
    for method in [
        "prompts/list",
        "resources/list",
        "resources/templates/list",
        "tasks/get",
    ] {
        let message =
            json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": {"taskId": "a"}});
        let answer = to_mcp(&server, &message).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(
            answer["error"]["code"], -32601,
            "not declared, not there: {answer}"
        );
    }
}

#[tokio::test]
async fn a_method_that_is_served_is_told_of_its_params() {
    let server = started().await;
    for (method, params) in [
        ("initialize", json!({})),
        ("initialize", json!({"protocolVersion": 7})),
        ("tools/call", json!({})),
        ("tools/call", json!({"arguments": {}})),
        ("tools/call", json!({"name": "list_models", "arguments": 3})),
    ] {
        let message = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params});
        let answer = to_mcp(&server, &message).send().await.unwrap();
        let answer: Value = answer.json().await.unwrap();
        assert_eq!(
            (&answer["error"]["code"], &answer["id"]),
            (&json!(-32602), &json!(7)),
            "{message}: {answer}"
        );
        let told = answer["error"]["message"].as_str().unwrap();
        assert!(told.contains(method), "{told}");
    }
}

/// <https://www.jsonrpc.org/specification#error_object>: what is no JSON is told from what is no request.
#[tokio::test]
async fn messages_that_are_none_are_refused_as_json_rpc_has_it() {
    let server = started().await;
    let (no_json, no_request) = (-32700, -32600);
    for (text, code) in [
        ("", no_json),
        ("{", no_json),
        ("nonsense", no_json),
        (r#"{"jsonrpc":"2.0","id":7,"method":"ping"}}"#, no_json),
        (r#"{"jsonrpc":"2.0","id":7,"method":"ping"} {}"#, no_json),
        (r#"[{"jsonrpc":"2.0","id":7,"method":"ping"}"#, no_json),
        ("{\"jsonrpc\":\"2.0\",\"method\":\"\u{0}\"}", no_json),
        (r#"[{"jsonrpc":"2.0","id":7,"method":"ping"}]"#, no_request),
        ("[]", no_request),
        ("7", no_request),
        ("null", no_request),
        (r#"{"id":7,"method":"ping"}"#, no_request),
        (r#"{"jsonrpc":"1.0","id":7,"method":"ping"}"#, no_request),
        (r#"{"jsonrpc":"2.0","id":7,"method":7}"#, no_request),
        (
            r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":7}"#,
            no_request,
        ),
        (r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, no_request),
        (
            r#"{"jsonrpc":"2.0","id":7,"method":"ping","method":"ping"}"#,
            no_request,
        ),
    ] {
        let request = server.with_key(Method::POST, "/api/mcp");
        let request = request
            .header("content-type", "application/json")
            .body(text);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{text}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error"]["code"], code, "{text}");
        assert_eq!(body["id"], Value::Null, "{text}");
        in_our_words(body["error"]["message"].as_str().unwrap());
    }
}

#[tokio::test]
async fn what_a_client_takes_decides_whether_it_is_told_in_between() {
    let server = started().await;
    let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
    for (accept, status) in [
        ("application/json, text/event-stream", 200),
        ("application/json;q=0.9, text/event-stream;q=0.1", 200),
        ("*/*", 200),
        ("application/json", 200),
        ("text/event-stream", 406),
        ("text/html", 406),
    ] {
        let request = to_mcp(&server, &ping).header("accept", accept);
        assert_eq!(
            request.send().await.unwrap().status().as_u16(),
            status,
            "{accept}"
        );
    }
    let mut waiting = message("wait_for_round", &json!({"session_id": SESSION}));
    waiting["params"]["_meta"] = json!({"progressToken": 1});
    let quiet = to_mcp(&server, &waiting)
        .header("accept", "application/json")
        .send();
    let quiet = tokio::spawn(quiet);
    until_asked(&server, "wait").await;
    server.contract.revoked.cancel();
    let quiet = quiet.await.unwrap().unwrap();
    assert_eq!(quiet.headers()["content-type"], "application/json");
    let body: Value = quiet.json().await.unwrap();
    assert_eq!(
        body["result"]["structuredContent"]["error"],
        "invalid_token"
    );
}

async fn until_asked(server: &Fixture, word: &str) {
    let asked = async {
        loop {
            let is_there = |asked: &String| asked.starts_with(word);
            if server.contract.asked.lock().unwrap().iter().any(is_there) {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, asked).await.unwrap();
}

/// A stateless server has nobody to tell that a wait was cancelled but the connection itself.
#[tokio::test]
async fn who_hangs_up_leaves_a_place_free() {
    let server = started().await;
    *server.contract.allowance.lock().unwrap() = Allowance {
        calls_per_minute: 100_000,
        burst: 10_000,
        open_waits: 1,
    };
    let waiting = message("wait_for_round", &json!({"session_id": SESSION})).to_string();
    let mut socket = tokio::net::TcpStream::connect(("127.0.0.1", server.port))
        .await
        .unwrap();
    let head = format!(
        "POST /api/mcp HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: Bearer {KEY}\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nContent-Length: {}\r\n\r\n{waiting}",
        server.port,
        waiting.len()
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut first = [0; 256];
    let read = socket.read(&mut first).await.unwrap();
    let opened = String::from_utf8_lossy(&first[..read]).into_owned();
    assert!(
        opened.starts_with("HTTP/1.1 200"),
        "the stream is open before the wait is over: {opened}"
    );
    let events = format!("/api/sessions/{SESSION}/events");
    assert_eq!(
        answered(server.with_key(Method::GET, &events)).await,
        (429, "rate_limited".to_owned())
    );
    drop(socket);
    let free = async {
        while server
            .with_key(Method::GET, &events)
            .send()
            .await
            .unwrap()
            .status()
            != StatusCode::OK
        {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, free).await.unwrap();
}

#[tokio::test]
async fn events_have_their_ids_and_names_and_end_with_the_session() {
    let server = started().await;
    let events = [
        ("e-1", r#"{"type":"snapshot","progress":null,"texts":[]}"#),
        ("e-2", r#"{"type":"deleted","session_id":"x"}"#),
    ];
    let events = stream::iter(events).map(|(id, json)| (id.to_owned(), Arc::from(json)));
    *server.contract.stream.lock().unwrap() = Some(events.boxed());
    let path = format!("/api/sessions/{SESSION}/events");
    let request = server
        .with_key(Method::GET, &path)
        .header("last-event-id", "e-0");
    let text = request.send().await.unwrap().text().await.unwrap();
    assert_eq!(asked(&server), [format!("follow {SESSION} Some(\"e-0\")")]);
    let blocks: Vec<&str> = text.trim_end().split("\n\n").collect();
    assert_eq!(blocks.len(), 2, "{text}");
    for (block, (id, name)) in blocks.iter().zip([("e-1", "snapshot"), ("e-2", "deleted")]) {
        assert!(block.contains(&format!("id: {id}")), "{block}");
        assert!(block.contains(&format!("event: {name}")), "{block}");
    }
}

#[tokio::test]
async fn the_description_names_no_schema_that_is_not_there() {
    let server = started().await;
    let response = server
        .request(Method::GET, "/openapi.json")
        .send()
        .await
        .unwrap();
    let document: Value = response.json().await.unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let text = document.to_string();
    let references = text.split("\"$ref\":\"#").skip(1);
    let mut count = 0;
    for reference in references {
        let place = reference.split('"').next().unwrap();
        assert!(document.pointer(place).is_some(), "{place}");
        count += 1;
    }
    assert!(count > 50, "{count} references");
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let answers = operation["responses"].as_object().unwrap();
            assert!(answers.contains_key("403"), "{method} {path}");
            assert_eq!(
                answers.contains_key("401"),
                path != "/health",
                "{method} {path}"
            );
        }
    }
}
