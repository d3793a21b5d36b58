//! What must not get in by any route of the contract, and what one tenant must not see of another.

use husting_tests::home::Home;
use husting_tests::instance::Instance;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::keyed::{Described, Keyed, REHEARSAL, answered, roomy};

/// Routes that nobody needs a key for.
const OPEN: [&str; 1] = ["/health"];

/// Routes that a key opens none of; `bus_attacks` is about them.
const OF_TENANTS: &str = "/api/tenants";

/// An instance with a session in it, and every route of the contract with that session's names.
struct House {
    instance: Instance,
    caller: Keyed,
    routes: Vec<(Method, String)>,
    // Beside the instance, whose folder it is.
    _home: Home,
}

impl House {
    async fn open() -> Self {
        let home = Home::new();
        let instance = roomy(&home).await;
        let caller = Keyed::at(&instance).await;
        let ack = caller.open("Tea or coffee?", &REHEARSAL).await;
        caller.wait(&ack["session_id"]).await;
        let described = Described::of(&instance).await;
        let mut routes: Vec<(Method, String)> = described
            .operations()
            .filter(|(_, path)| !OPEN.contains(path) && !path.starts_with(OF_TENANTS))
            .map(|(method, path)| (method.parse().unwrap(), named(path, &ack)))
            .collect();
        assert!(routes.len() >= 12, "{routes:?}");
        // What ends the session comes last.
        routes.sort_by_key(|(method, _)| *method == Method::DELETE);
        routes.push((Method::POST, "/api/mcp".to_owned()));
        Self {
            instance,
            caller,
            routes,
            _home: home,
        }
    }

    fn bare(&self, method: &Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.instance.http);
        with_body(self.instance.client.request(method.clone(), url), path)
    }

    fn keyed(&self, method: &Method, path: &str) -> RequestBuilder {
        self.bare(method, path)
            .bearer_auth(&self.caller.made.raw_key)
    }

    /// What stands there has not been touched by any attack.
    async fn is_whole(&self) {
        let list = self.caller.get("/api/sessions").await.with(200);
        assert_eq!(list["total"], 1, "{list}");
        assert_eq!(list["sessions"][0]["round_count"], 1, "{list}");
    }
}

fn named(path: &str, ack: &Value) -> String {
    path.replace("{session_id}", ack["session_id"].as_str().unwrap())
        .replace("{round}", "0")
        .replace("{model}", REHEARSAL[0])
}

/// A body that would do something, where the route takes one.
fn with_body(request: RequestBuilder, path: &str) -> RequestBuilder {
    match path {
        "/api/deliberation" => request.json(&json!({"prompt": "?", "models": REHEARSAL})),
        "/api/mcp" => request.json(&call()),
        path if path.ends_with("/rounds") => request.json(&json!({"prompt": "?"})),
        _ => request,
    }
}

fn call() -> Value {
    let arguments = json!({"prompt": "?", "models": REHEARSAL});
    json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "create_deliberation", "arguments": arguments}})
}

fn takes_body(path: &str) -> bool {
    path == "/api/deliberation" || path == "/api/mcp" || path.ends_with("/rounds")
}

#[tokio::test]
async fn without_a_good_key_no_route_opens() {
    let house = House::open().await;
    let mut cut_short = house.caller.made.raw_key.clone();
    cut_short.pop();
    let mut altered = cut_short.clone();
    altered.push('!');
    for (method, path) in &house.routes {
        let none = answered(house.bare(method, path)).await;
        assert_eq!(
            none.refusal(),
            (401, "unauthorized".to_owned()),
            "{method} {path}"
        );
        assert_eq!(none.header("www-authenticate"), "Bearer");
        for key in ["", "mmo_live_", &cut_short, &altered, &house.instance.token] {
            let wrong = answered(house.bare(method, path).bearer_auth(key)).await;
            assert_eq!(
                wrong.refusal(),
                (401, "invalid_token".to_owned()),
                "{method} {path} {key}"
            );
            assert_eq!(
                wrong.header("www-authenticate"),
                "Bearer error=\"invalid_token\""
            );
        }
        let basic = house
            .bare(method, path)
            .basic_auth("mmo", Some(&house.caller.made.raw_key));
        assert_eq!(answered(basic).await.status, 401, "{method} {path}");
    }
    house.is_whole().await;
}

#[tokio::test]
async fn a_key_in_the_address_opens_nothing_even_beside_a_good_one() {
    let house = House::open().await;
    let key = &house.caller.made.raw_key;
    for (method, path) in &house.routes {
        for query in [
            format!("access_token={key}"),
            format!("token={key}"),
            format!("x={key}"),
            "api_key=a".to_owned(),
        ] {
            let path = format!("{path}?{query}");
            for request in [house.bare(method, &path), house.keyed(method, &path)] {
                let answer = answered(request).await;
                assert_eq!(
                    answer.refusal(),
                    (401, "invalid_token".to_owned()),
                    "{method} {path}"
                );
                assert!(
                    answer.text.contains("Authorization: Bearer")
                        && !answer.text.contains(&key[..]),
                    "{}",
                    answer.text
                );
            }
        }
    }
    house.is_whole().await;
}

#[tokio::test]
async fn no_other_name_and_no_foreign_page_reaches_any_route() {
    let house = House::open().await;
    let port = house.instance.http.rsplit(':').next().unwrap();
    let open = OPEN.map(|path| (Method::GET, path.to_owned()));
    let all = open
        .iter()
        .chain(&house.routes)
        .cloned()
        .chain([(Method::GET, "/openapi.json".to_owned())]);
    for (method, path) in all {
        for (name, value) in [
            ("host", "evil.example".to_owned()),
            ("host", format!("evil.example:{port}")),
            ("host", "127.0.0.1".to_owned()),
            ("origin", "null".to_owned()),
            ("origin", "http://evil.example".to_owned()),
            ("origin", format!("http://127.0.0.1:{port}.evil.example")),
            ("origin", format!("https://127.0.0.1:{port}")),
        ] {
            let answer = answered(house.keyed(&method, &path).header(name, &value)).await;
            assert_eq!(
                answer.refusal(),
                (403, "forbidden".to_owned()),
                "{method} {path} {name}: {value}"
            );
            assert!(
                answer
                    .headers
                    .keys()
                    .all(|name| !name.as_str().starts_with("access-control")),
                "{:?}",
                answer.headers
            );
        }
    }
    house.is_whole().await;
}

#[tokio::test]
async fn bodies_of_another_kind_size_or_depth_are_refused_and_those_that_say_two_things() {
    let house = House::open().await;
    let deep = format!("{}{}", "[".repeat(40), "]".repeat(40));
    let bodies = [
        r#"{"prompt":"a","prompt":"b"}"#.to_owned(),
        r#"{"prompt":"a","\u0070rompt":"b"}"#.to_owned(),
        r#"{"jsonrpc":"2.0","jsonrpc":"2.0","id":1,"method":"ping"}"#.to_owned(),
        format!(r#"{{"prompt":"a","models":{deep}}}"#),
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{deep}}}"#),
        r#"{"prompt":"a""#.to_owned(),
        r#"{"prompt":"a"} {"prompt":"b"}"#.to_owned(),
        "{\"prompt\":\"\u{0}\"}".to_owned(),
        "null".to_owned(),
        String::new(),
    ];
    for (method, path) in house.routes.iter().filter(|(_, path)| takes_body(path)) {
        let url = format!("{}{path}", house.instance.http);
        let keyed = || {
            let request = house.instance.client.request(method.clone(), &url);
            request.bearer_auth(&house.caller.made.raw_key)
        };
        for kind in [
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/jsonp",
            "",
        ] {
            let body = keyed()
                .header("content-type", kind)
                .body(call().to_string());
            let answer = answered(body).await;
            assert_eq!(
                answer.refusal(),
                (415, "invalid_request".to_owned()),
                "{path} {kind}"
            );
        }
        for body in &bodies {
            let json = keyed()
                .header("content-type", "application/json")
                .body(body.clone());
            let answer = answered(json).await;
            let expected = if path == "/api/mcp" { 400 } else { 422 };
            assert_eq!(answer.status, expected, "{path} {body}: {}", answer.text);
        }
        let large = format!(r#"{{"prompt":"{}"}}"#, "a".repeat(16 * 1024 * 1024));
        let large = keyed()
            .header("content-type", "application/json")
            .body(large);
        // The server may stop reading before we stop writing.
        if let Ok(response) = large.send().await {
            assert_eq!(response.status().as_u16(), 413, "{path}");
        }
    }
    house.is_whole().await;
}

#[tokio::test]
async fn without_a_key_mcp_answers_five_methods_and_nothing_else() {
    let house = House::open().await;
    let send = async |message: &Value| {
        let url = format!("{}/api/mcp", house.instance.http);
        let request = house.instance.client.post(url).json(message);
        answered(request.header("accept", "application/json, text/event-stream")).await
    };
    let client = json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "a", "version": "1"}});
    let meta = json!({"_meta": {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "a", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    }});
    let request = |method: &str, params: &Value| json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    let opened = send(&request("initialize", &client)).await.with(200);
    assert_eq!(opened["result"]["protocolVersion"], "2025-06-18");
    assert_eq!(
        send(&request("ping", &json!({}))).await.with(200)["result"],
        json!({})
    );
    let tools = send(&request("tools/list", &json!({}))).await.with(200);
    assert_eq!(tools["result"]["tools"].as_array().unwrap().len(), 7);
    let told = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    assert_eq!(send(&told).await.status, 202);
    let url = format!("{}/api/mcp", house.instance.http);
    let discover = house.instance.client.post(url);
    let discover = discover
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "server/discover")
        .json(&request("server/discover", &meta));
    let discovered = answered(discover).await.with(200);
    assert!(
        discovered["result"]["supportedVersions"]
            .as_array()
            .is_some_and(|versions| versions.len() >= 4),
        "{discovered}"
    );
    for message in [
        request("tools/call", &json!({"name": "get_credit"})),
        request("tools/call", &json!({"name": "nothing"})),
        request("resources/list", &json!({})),
        request("subscriptions/listen", &json!({})),
        request("nothing", &json!({})),
        json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}),
        json!({"jsonrpc": "2.0", "id": 1, "result": {}}),
        json!([
            request("ping", &json!({})),
            request("tools/call", &json!({"name": "get_credit"}))
        ]),
        json!([request("ping", &json!({}))]),
        json!({}),
        json!(null),
    ] {
        let answer = send(&message).await;
        assert_eq!(
            answer.refusal(),
            (401, "unauthorized".to_owned()),
            "{message}"
        );
    }
}

#[tokio::test]
async fn a_tenant_sees_nothing_of_another() {
    let house = House::open().await;
    let other = Keyed::of(&house.instance, "other", Some("elsewhere"), None).await;
    let session =
        house.caller.get("/api/sessions").await.with(200)["sessions"][0]["session_id"].take();
    let foreign = session.as_str().unwrap();
    assert_eq!(other.get("/api/sessions").await.with(200)["total"], 0);
    let mine = house.caller.get("/api/credit").await.json();
    for (method, path) in &house.routes {
        if !path.contains(foreign) {
            continue;
        }
        let answer = answered(with_body(other.request(method.clone(), path), path)).await;
        assert_eq!(
            answer.refusal(),
            (404, "not_found".to_owned()),
            "{method} {path}"
        );
    }
    for (tool, arguments) in [
        (
            "append_round",
            json!({"session_id": session, "prompt": "?"}),
        ),
        ("wait_for_round", json!({"session_id": session})),
        ("get_session", json!({"session_id": session})),
    ] {
        let result = other.tool(tool, arguments).await;
        assert_eq!(result["isError"], true, "{tool}");
        assert_eq!(result["structuredContent"]["error"], "not_found", "{tool}");
    }
    // The same idempotency key of another caller is another key.
    let body = json!({"prompt": "?", "models": REHEARSAL});
    let named = |caller: &Keyed| {
        let request = caller.request(Method::POST, "/api/deliberation");
        answered(request.header("idempotency-key", "one").json(&body))
    };
    let ours = named(&house.caller).await.with(202);
    let theirs = named(&other).await.with(202);
    assert_ne!(ours["session_id"], theirs["session_id"]);
    house.caller.wait(&ours["session_id"]).await;
    other.wait(&theirs["session_id"]).await;
    assert_eq!(other.get("/api/sessions").await.with(200)["total"], 1);
    assert_eq!(
        house.caller.get("/api/sessions").await.with(200)["total"],
        2
    );
    assert_eq!(house.caller.get("/api/credit").await.json(), mine);
}
