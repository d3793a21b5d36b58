//! The bus over server-sent events, for clients that know nothing newer.

use husting_tests::home::Home;
use husting_tests::instance::Instance;
use husting_tests::patience::wait_for;
use husting_wire::agents::SetPause;
use husting_wire::commands::PauseAgents;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::bus::tools;
use crate::keyed::roomy;
use crate::tenanted::{ALL_SCOPES, Agent, Events, Tenant, called, names, opening};

struct House {
    instance: Instance,
    tenant: Tenant,
    other: Agent,
    agent: Agent,
    _home: Home,
}

impl House {
    async fn open() -> Self {
        let home = Home::new();
        let instance = roomy(&home).await;
        let tenant = Tenant::local(&instance).await;
        Self {
            other: tenant.mint("other", &ALL_SCOPES).await,
            agent: tenant.mint("legacy", &ALL_SCOPES).await,
            instance,
            tenant,
            _home: home,
        }
    }
}

/// Posts a message and reads its answer from the stream.
async fn spoken(agent: &Agent, stream: &mut Events, endpoint: &str, message: &Value) -> Value {
    let taken = agent.post(endpoint, message).await;
    assert_eq!(taken.status, 202, "{}", taken.text);
    loop {
        let said = stream.message().await;
        if said["id"] == message["id"] {
            return said;
        }
    }
}

#[tokio::test]
async fn a_legacy_client_opens_lists_and_calls() {
    let house = House::open().await;
    let (mut stream, endpoint) = house.agent.sse().await;
    assert!(endpoint.starts_with("/messages?sessionId="));
    assert!(!endpoint.contains(&house.agent.token) && !endpoint.contains("hst_"));
    assert!(
        endpoint.len() >= "/messages?sessionId=".len() + 43,
        "256 bits"
    );
    let opened = spoken(&house.agent, &mut stream, &endpoint, &opening("2024-11-05")).await;
    assert_eq!(opened["result"]["protocolVersion"], "2024-11-05");
    let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    assert_eq!(house.agent.post(&endpoint, &ready).await.status, 202);
    let list = json!({"jsonrpc": "2.0", "id": "list", "method": "tools/list"});
    let list = spoken(&house.agent, &mut stream, &endpoint, &list).await;
    assert_eq!(list["result"]["tools"].as_array().unwrap().len(), 15);
    let send = called(2, "send", json!({"to": "other", "text": "From long ago."}));
    let sent = spoken(&house.agent, &mut stream, &endpoint, &send).await;
    assert_ne!(sent["result"]["isError"], true, "{sent}");
    assert_eq!(house.other.inbox().await, ["From long ago."]);
}

#[tokio::test]
async fn a_token_in_the_header_opens_the_same_stream() {
    let house = House::open().await;
    let request = house.agent.request(reqwest::Method::GET, "/sse");
    let mut stream = Events::of(wait_for("a stream", request.send()).await.unwrap());
    let first = stream.next().await.unwrap();
    assert_eq!(first.event.as_deref(), Some("endpoint"));
}

#[tokio::test]
async fn each_tool_opens_with_its_scope_and_what_is_denied_is_said_in_the_result() {
    let house = House::open().await;
    let (mut stream, endpoint) = house.agent.sse().await;
    let list = json!({"jsonrpc": "2.0", "id": "list", "method": "tools/list"});
    for scope in ALL_SCOPES {
        house.tenant.grant(&house.agent, &[scope]).await;
        let listed = spoken(&house.agent, &mut stream, &endpoint, &list).await;
        let listed = names(&listed["result"]);
        for (tool, arguments, needs) in tools() {
            let is_held = needs.is_none_or(|needs| needs == scope);
            let is_listed = listed.iter().any(|name| name == tool);
            assert_eq!(is_listed, is_held, "{tool} with {scope}");
            let call = called(5, tool, arguments);
            let said = spoken(&house.agent, &mut stream, &endpoint, &call).await;
            let text = said["result"]["content"][0]["text"].as_str().unwrap();
            if is_held {
                assert!(
                    !text.contains("insufficient_scope"),
                    "{tool} with {scope}: {text}"
                );
                continue;
            }
            let missing = needs.unwrap();
            assert_eq!(
                said["result"]["isError"], true,
                "{tool} with {scope}: {said}"
            );
            assert!(text.starts_with("403 insufficient_scope"), "{text}");
            assert!(
                text.contains(missing) && text.contains("operator"),
                "{text}"
            );
            let record = &said["result"]["structuredContent"];
            assert_eq!(record["details"]["scope"], missing, "{record}");
        }
    }
}

#[tokio::test]
async fn a_pause_is_said_in_the_result_and_the_stream_stays() {
    let house = House::open().await;
    let (mut stream, endpoint) = house.agent.sse().await;
    let send = called(2, "send", json!({"to": "other", "text": "Hello."}));
    for paused in [true, false] {
        let set = house.instance.call::<PauseAgents>(SetPause { paused });
        set.await.unwrap();
        let said = spoken(&house.agent, &mut stream, &endpoint, &send).await;
        let result = &said["result"];
        assert_eq!(result["isError"] == true, paused, "{said}");
        let record = &result["structuredContent"];
        assert_eq!(record["error"] == "paused", paused, "{said}");
    }
    assert_eq!(house.other.inbox().await, ["Hello."]);
}

#[tokio::test]
async fn mail_and_changed_tools_are_told_on_the_stream() {
    let house = House::open().await;
    let (mut stream, endpoint) = house.agent.sse().await;
    let subscribe = json!({
        "jsonrpc": "2.0", "id": 1, "method": "resources/subscribe", "params": {"uri": "inbox://legacy"},
    });
    spoken(&house.agent, &mut stream, &endpoint, &subscribe).await;
    house.other.send("legacy", "Hello.").await;
    let told = stream.message().await;
    assert_eq!(told["method"], "notifications/resources/updated");
    house.tenant.grant(&house.agent, &["mcp:inbox"]).await;
    let told = stream.message().await;
    assert_eq!(told["method"], "notifications/tools/list_changed");
}

#[tokio::test]
async fn a_subscription_without_its_scope_is_told_of_nothing() {
    let house = House::open().await;
    let (mut stream, endpoint) = house.agent.sse().await;
    let subscribe = json!({
        "jsonrpc": "2.0", "id": 1, "method": "resources/subscribe", "params": {"uri": "inbox://legacy"},
    });
    spoken(&house.agent, &mut stream, &endpoint, &subscribe).await;
    for scopes in [&["mcp:send"][..], &["mcp:peers"], &["mcp:recall"]] {
        house.tenant.grant(&house.agent, scopes).await;
        let told = stream.message().await;
        assert_eq!(told["method"], "notifications/tools/list_changed", "{told}");
        house.other.send("legacy", "For nobody's ears.").await;
    }
}

#[tokio::test]
async fn a_wait_is_answered_on_the_stream_and_can_be_taken_back() {
    let house = House::open().await;
    let (mut stream, endpoint) = house.agent.sse().await;
    let wait = called(4, "inbox_wait", json!({"timeout_seconds": 120}));
    assert_eq!(house.agent.post(&endpoint, &wait).await.status, 202);
    house.other.send("legacy", "Now.").await;
    let mail = stream.message().await;
    assert_eq!(mail["id"], 4);
    assert_eq!(
        mail["result"]["structuredContent"]["messages"][0]["text"],
        "Now."
    );
    let wait = called(5, "inbox_wait", json!({"timeout_seconds": 120}));
    let ping = json!({"jsonrpc": "2.0", "id": "ping", "method": "ping"});
    house.agent.post(&endpoint, &wait).await;
    spoken(&house.agent, &mut stream, &endpoint, &ping).await;
    let cancel =
        json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 5}});
    // The call may not have begun when it is taken back for the first time.
    let taken_back = async {
        loop {
            house.agent.post(&endpoint, &cancel).await;
            let said = spoken_or_else(&house.agent, &mut stream, &endpoint, &ping).await;
            if let Some(error) = said {
                return error;
            }
        }
    };
    let error = wait_for("the end of the wait", taken_back).await;
    assert_eq!(error["error"]["code"], -32_800, "{error}");
}

/// What comes on the stream before the answer to a ping, if anything does.
async fn spoken_or_else(
    agent: &Agent,
    stream: &mut Events,
    endpoint: &str,
    ping: &Value,
) -> Option<Value> {
    agent.post(endpoint, ping).await;
    let mut other = None;
    loop {
        let said = stream.message().await;
        if said["id"] == ping["id"] {
            return other;
        }
        other = Some(said);
    }
}

#[tokio::test]
async fn a_session_ends_with_its_stream_and_is_told_from_a_token_that_ended() {
    let house = House::open().await;
    let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
    for unknown in ["/messages?sessionId=", "/messages?sessionId=x", "/messages"] {
        let answer = house.agent.post(unknown, &ping).await;
        assert_eq!(answer.refusal(), (404, "not_found".to_owned()), "{unknown}");
    }
    let (stream, endpoint) = house.agent.sse().await;
    drop(stream);
    let gone = async {
        loop {
            let answer = house.agent.post(&endpoint, &ping).await;
            if answer.status != 202 {
                return answer;
            }
        }
    };
    let gone = wait_for("the end of the session", gone).await;
    assert_eq!(gone.refusal(), (404, "not_found".to_owned()));
    let (stream, endpoint) = house.agent.sse().await;
    house.tenant.revoke(&house.agent).await;
    stream.ends().await;
    let ended = house.agent.post(&endpoint, &ping).await;
    assert_eq!(ended.refusal(), (401, "invalid_token".to_owned()));
    assert_eq!(
        ended.header("www-authenticate"),
        "Bearer error=\"invalid_token\""
    );
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut() {
    let house = House::open().await;
    for _ in 0..8 {
        house.other.send("legacy", &"x".repeat(60_000)).await;
    }
    let address = house.instance.http.strip_prefix("http://").unwrap();
    let mut socket = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET /sse/{} HTTP/1.1\r\nHost: {address}\r\nAccept: text/event-stream\r\n\r\n",
        house.agent.token
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let endpoint = wait_for("the first event", endpoint_of(&mut socket)).await;
    let all = called(1, "inbox", json!({"include": "all", "limit": 100}));
    let cut = async {
        loop {
            let answer = house.agent.post(&endpoint, &all).await;
            if answer.status != 202 {
                return answer.status;
            }
        }
    };
    assert_eq!(wait_for("the cut", cut).await, 404);
    // Others are served as before.
    house.agent.told("boot_context", json!({})).await;
}

async fn endpoint_of(socket: &mut TcpStream) -> String {
    let mut read = Vec::new();
    loop {
        let mut piece = [0; 256];
        let count = socket.read(&mut piece).await.unwrap();
        assert!(count > 0, "the stream begins");
        read.extend_from_slice(&piece[..count]);
        let text = String::from_utf8_lossy(&read);
        let data = text
            .split_once("data: ")
            .and_then(|(_, rest)| rest.split_once('\n'));
        if let Some((endpoint, _)) = data {
            return endpoint.trim().to_owned();
        }
    }
}
