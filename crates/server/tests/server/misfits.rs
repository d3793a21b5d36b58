//! Every body with one thing wrong in it: the refusal names the field in our own words, whatever
//! reads the body.

use reqwest::Method;
use serde_json::{Value, json};

use crate::contract::{ROUND, SESSION, asked, call};
use crate::fixture::{Fixture, refusal, started};

/// How the libraries that read bodies speak; none of it is for callers.
const FOREIGN: [&str; 9] = [
    "invalid type",
    "invalid value",
    "invalid length",
    "unknown variant",
    "unknown field",
    "missing field",
    "duplicate field",
    "did not match",
    "EOF",
];

#[track_caller]
pub fn in_our_words(told: &str) {
    let found = FOREIGN.iter().find(|phrase| told.contains(**phrase));
    assert_eq!(found, None, "{told}");
}

/// A request with every field it may have.
struct Whole {
    /// A tool, or a path to post to.
    door: String,
    body: Value,
    /// By path.
    required: &'static [&'static str],
    /// Values of the right type that are too small, large, short, long or many, by path.
    beyond: Vec<(&'static str, Value)>,
}

fn words(count: usize) -> Value {
    Value::from("w".repeat(count))
}

fn snippet() -> Value {
    json!({"type": "KEEP", "quote": "Anything.", "quoted_model": "alpha-1", "comment": "Why."})
}

fn create(door: &str) -> Whole {
    Whole {
        door: door.to_owned(),
        body: json!({
            "prompt": "?", "reference": "A document.", "models": ["a", "b"], "moderator_name": "Scout",
            "application": "An editor", "improvement_consent": false, "recap_round": true,
        }),
        required: &["prompt"],
        beyond: vec![
            ("prompt", words(0)),
            ("prompt", words(64_001)),
            ("moderator_name", words(101)),
            ("application", words(101)),
        ],
    }
}

fn append(door: &str) -> Whole {
    Whole {
        door: door.to_owned(),
        body: json!({
            "prompt": "?", "snippets": [snippet()], "moderator_name": "Scout", "application": "An editor",
            "recap_round": true, "recap_session": false,
        }),
        required: &[
            "prompt",
            "snippets[0].type",
            "snippets[0].quote",
            "snippets[0].quoted_model",
        ],
        beyond: vec![
            ("prompt", words(0)),
            ("prompt", words(64_001)),
            ("snippets", vec![snippet(); 51].into()),
            ("snippets[0].type", "keep".into()),
            ("snippets[0].quote", words(0)),
            ("snippets[0].quote", words(8_001)),
            ("snippets[0].comment", words(4_001)),
            ("moderator_name", words(101)),
        ],
    }
}

fn of_session(mut whole: Whole, required: &'static [&'static str]) -> Whole {
    whole.body["session_id"] = SESSION.into();
    whole.required = required;
    whole
}

fn tools() -> Vec<Whole> {
    let plain = |tool: &str, body| Whole {
        door: tool.to_owned(),
        body,
        required: &[],
        beyond: Vec::new(),
    };
    vec![
        create("create_deliberation"),
        of_session(
            append("append_round"),
            &[
                "session_id",
                "prompt",
                "snippets[0].type",
                "snippets[0].quote",
                "snippets[0].quoted_model",
            ],
        ),
        Whole {
            required: &["session_id"],
            beyond: vec![
                ("timeout_seconds", 0.into()),
                ("timeout_seconds", 121.into()),
                ("timeout_seconds", json!(1.5)),
                ("round_index", json!(-1)),
                ("round_index", json!(4_294_967_296_u64)),
                ("poll_after_ms", json!(-1)),
                ("poll_after_ms", json!(1e30)),
            ],
            ..plain(
                "wait_for_round",
                json!({
                    "session_id": SESSION, "round_id": ROUND, "round_index": 0, "timeout_seconds": 1,
                    "poll_after_ms": 1000,
                }),
            )
        },
        of_session(plain("get_session", json!({})), &["session_id"]),
        Whole {
            beyond: vec![
                ("status", "failed".into()),
                ("limit", 0.into()),
                ("limit", 201.into()),
                ("offset", json!(-1)),
                ("offset", json!(4_294_967_296_u64)),
            ],
            ..plain(
                "list_sessions",
                json!({"status": "ready", "limit": 7, "offset": 0}),
            )
        },
        plain("list_models", json!({})),
        plain("get_credit", json!({})),
    ]
}

fn bodies() -> Vec<Whole> {
    let named = |mut whole: Whole| {
        whole.body["client_request_id"] = "mine".into();
        whole.beyond.push(("client_request_id", words(201)));
        whole
    };
    let retry = Whole {
        door: format!("/api/sessions/{SESSION}/rounds/0/retry"),
        body: json!({}),
        required: &[],
        beyond: Vec::new(),
    };
    vec![
        named(create("/api/deliberation")),
        named(append(&format!("/api/sessions/{SESSION}/rounds"))),
        named(retry),
    ]
}

/// A body with one thing wrong, the field that must be named, and the fields that must be told.
struct Misfit {
    body: Value,
    field: String,
    known: Vec<String>,
}

fn misfits(whole: &Whole) -> Vec<Misfit> {
    let mut all = Vec::new();
    for path in paths(&whole.body, "") {
        let original = at(&whole.body, &path);
        for other in [json!(true), json!(7), json!("x"), json!([]), json!({})] {
            if std::mem::discriminant(&other) != std::mem::discriminant(original) {
                all.push(misfit(whole, &path, other));
            }
        }
        if original.is_object() {
            all.push(stranger(whole, &path));
        }
    }
    all.push(stranger(whole, ""));
    for path in whole.required {
        let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
        let mut body = whole.body.clone();
        let members = at_mut(&mut body, parent).as_object_mut().unwrap();
        members.remove(name).unwrap();
        let known = names(at(&whole.body, parent));
        all.push(Misfit {
            body,
            field: (*path).to_owned(),
            known,
        });
        if whole.required.contains(path) {
            all.push(misfit(whole, path, Value::Null));
        }
    }
    let beyond = whole.beyond.iter();
    all.extend(beyond.map(|(path, value)| misfit(whole, path, value.clone())));
    all
}

fn misfit(whole: &Whole, path: &str, value: Value) -> Misfit {
    let mut body = whole.body.clone();
    *at_mut(&mut body, path) = value;
    Misfit {
        body,
        field: path.to_owned(),
        known: Vec::new(),
    }
}

/// A field that nobody knows, beside the others.
fn stranger(whole: &Whole, path: &str) -> Misfit {
    let mut body = whole.body.clone();
    let members = at_mut(&mut body, path).as_object_mut().unwrap();
    members.insert("stranger".to_owned(), json!(1));
    let dot = if path.is_empty() { "" } else { "." };
    Misfit {
        body,
        field: format!("{path}{dot}stranger"),
        known: names(at(&whole.body, path)),
    }
}

fn names(value: &Value) -> Vec<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

/// Every place in a value, as refusals name it: `snippets[0].type`.
fn paths(value: &Value, path: &str) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(members) => {
            let dot = if path.is_empty() { "" } else { "." };
            let members = members.iter();
            members
                .map(|(name, inner)| (format!("{path}{dot}{name}"), inner))
                .collect()
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items
                .map(|(at, inner)| (format!("{path}[{at}]"), inner))
                .collect()
        }
        _ => Vec::new(),
    };
    let deeper = |(path, inner): (String, &Value)| {
        let below = paths(inner, &path);
        std::iter::once(path).chain(below)
    };
    inner.into_iter().flat_map(deeper).collect()
}

fn pointer(path: &str) -> String {
    let plain = path.replace('[', "/").replace(']', "").replace('.', "/");
    if plain.is_empty() {
        plain
    } else {
        format!("/{plain}")
    }
}

fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    value.pointer(&pointer(path)).unwrap()
}

fn at_mut<'a>(value: &'a mut Value, path: &str) -> &'a mut Value {
    value.pointer_mut(&pointer(path)).unwrap()
}

#[track_caller]
fn is_told(door: &str, misfit: &Misfit, error: &Value) {
    let what = format!("{door} {}", misfit.field);
    assert_eq!(error["error"], "invalid_request", "{what}: {error}");
    let told = error["message"].as_str().unwrap();
    in_our_words(told);
    assert!(
        told.starts_with(&format!("{}: ", misfit.field)),
        "{what}: {told}"
    );
    for known in &misfit.known {
        assert!(told.contains(known), "{what} hides {known}: {told}");
    }
}

async fn posted(server: &Fixture, path: &str, body: &Value) -> Value {
    let sent = server.with_key(Method::POST, path).json(body).send().await;
    sent.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn each_tool_names_what_is_wrong_with_its_arguments() {
    let server = started().await;
    let mut count = 0;
    for whole in tools() {
        // A wait that is taken is one that lasts.
        if whole.door != "wait_for_round" {
            let taken = call(&server, &whole.door, &whole.body).await;
            let refused = &taken["result"]["structuredContent"]["error"];
            assert_ne!(*refused, "invalid_request", "{} whole: {taken}", whole.door);
        }
        asked(&server);
        for misfit in misfits(&whole) {
            let answer = call(&server, &whole.door, &misfit.body).await;
            assert_eq!(answer["result"]["isError"], true, "{answer}");
            is_told(&whole.door, &misfit, &answer["result"]["structuredContent"]);
            count += 1;
        }
        assert!(asked(&server).is_empty(), "{}", whole.door);
    }
    assert!(count > 150, "{count} misfits");
}

#[tokio::test]
async fn each_rest_body_names_what_is_wrong_with_it() {
    let server = started().await;
    let mut count = 0;
    for whole in bodies() {
        let taken = posted(&server, &whole.door, &whole.body).await;
        assert_eq!(taken["error"], "not_found", "{} whole: {taken}", whole.door);
        assert_eq!(asked(&server).len(), 1);
        for misfit in misfits(&whole) {
            let error = posted(&server, &whole.door, &misfit.body).await;
            is_told(&whole.door, &misfit, &error);
            count += 1;
        }
        for body in [json!(null), json!([]), json!("?"), json!(7)] {
            let error = posted(&server, &whole.door, &body).await;
            let told = error["message"].as_str().unwrap();
            assert!(
                told.starts_with("The body: an object is expected; "),
                "{told}"
            );
        }
        assert!(asked(&server).is_empty(), "{}", whole.door);
    }
    assert!(count > 60, "{count} misfits");
}

#[tokio::test]
async fn a_body_that_is_no_json_is_told_with_its_place() {
    let server = started().await;
    for (text, told) in [
        (
            "",
            "This is no JSON: it ends too early, at line 1, column 0.",
        ),
        (
            "{\n  \"prompt\": }",
            "This is no JSON: it cannot be read from line 2, column 13 on.",
        ),
    ] {
        let request = server.with_key(Method::POST, "/api/deliberation");
        let sent = request
            .header("content-type", "application/json")
            .body(text);
        let error: Value = sent.send().await.unwrap().json().await.unwrap();
        assert_eq!(error["error"], "invalid_request");
        assert_eq!(error["message"], told);
    }
}

#[tokio::test]
async fn each_query_names_what_is_wrong_with_it() {
    let server = started().await;
    for (query, told) in [
        (
            "status=failed",
            "status: one of ready, streaming is expected; \"failed\" came.",
        ),
        (
            "limit=many",
            "limit: a whole number is expected; \"many\" came.",
        ),
        (
            "offset=-1",
            "offset: a whole number is expected; \"-1\" came.",
        ),
        (
            "size=7",
            "The query may hold status, limit, offset, and not \"size\".",
        ),
    ] {
        let request = server.with_key(Method::GET, &format!("/api/sessions?{query}"));
        let error: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(error["message"], told);
    }
    assert!(asked(&server).is_empty());
}

/// "`not_found` — session ID doesn't exist": what has not the form of an id is no other case.
#[tokio::test]
async fn what_has_not_the_form_of_an_id_is_nobodys_at_both_doors() {
    let server = started().await;
    for id in ["ses_1", "", "0199d1f0-0000-7000-8000", &"9".repeat(400)] {
        for (tool, arguments) in [
            ("append_round", json!({"session_id": id, "prompt": "?"})),
            ("wait_for_round", json!({"session_id": id})),
            (
                "wait_for_round",
                json!({"session_id": SESSION, "round_id": id}),
            ),
            ("get_session", json!({"session_id": id})),
        ] {
            let answer = call(&server, tool, &arguments).await;
            let error = &answer["result"]["structuredContent"];
            assert_eq!(error["error"], "not_found", "{tool} {arguments}: {answer}");
        }
        for (method, path) in [
            (Method::GET, format!("/api/sessions/{id}x")),
            (Method::DELETE, format!("/api/sessions/{id}x")),
            (Method::GET, format!("/api/sessions/{id}x/progress")),
            (
                Method::GET,
                format!("/api/sessions/{SESSION}/progress?round_id={id}"),
            ),
            (Method::POST, format!("/api/sessions/{id}x/cancel")),
            (
                Method::POST,
                format!("/api/sessions/{SESSION}/rounds/{id}x/retry"),
            ),
        ] {
            let response = server.with_key(method.clone(), &path).send().await.unwrap();
            let answer = refusal(response).await;
            assert_eq!(answer, (404, "not_found".to_owned()), "{method} {path}");
        }
    }
    assert!(asked(&server).is_empty());
    let wrong = call(&server, "get_session", &json!({"session_id": 7})).await;
    let error = &wrong["result"]["structuredContent"]["error"];
    assert_eq!(*error, "invalid_request", "an id is text");
}
