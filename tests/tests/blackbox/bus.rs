//! The bus over Streamable HTTP: tools, scopes, streams, waits.

use husting_tests::home::Home;
use husting_tests::instance::Instance;
use husting_tests::patience::wait_for;
use husting_wire::agents::SetPause;
use husting_wire::commands::PauseAgents;
use reqwest::Method;
use serde_json::{Value, json};

use crate::keyed::{answered, result_of, roomy};
use crate::tenanted::{ALL_SCOPES, Agent, Events, Tenant, called, names, opening, texts};

/// Every tool with arguments that it takes, and the scope it needs.
pub fn tools() -> Vec<(&'static str, Value, Option<&'static str>)> {
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    vec![
        ("boot_context", json!({}), None),
        (
            "send",
            json!({"to": "other", "text": "Hello."}),
            Some("mcp:send"),
        ),
        (
            "ask",
            json!({"agent": "other", "message": "?", "timeout_seconds": 1}),
            Some("mcp:send"),
        ),
        ("inbox", json!({}), Some("mcp:inbox")),
        (
            "inbox_wait",
            json!({"timeout_seconds": 1}),
            Some("mcp:inbox"),
        ),
        ("ack", json!({"ids": [id]}), Some("mcp:inbox")),
        ("broadcast", json!({"text": "All!"}), Some("mcp:broadcast")),
        (
            "workspace_join",
            json!({"workspace_id": "sales"}),
            Some("mcp:workspace_join"),
        ),
        (
            "workspace_leave",
            json!({"workspace_id": "sales"}),
            Some("mcp:workspace_join"),
        ),
        (
            "remember",
            json!({"text": "Bruno likes tea."}),
            Some("mcp:remember"),
        ),
        ("forget", json!({ "id": id }), Some("mcp:remember")),
        ("recall", json!({"query": "tea"}), Some("mcp:recall")),
        ("memories", json!({}), Some("mcp:recall")),
        ("peers", json!({}), Some("mcp:peers")),
        ("status", json!({}), Some("mcp:peers")),
    ]
}

struct House {
    instance: Instance,
    tenant: Tenant,
    other: Agent,
    _home: Home,
}

impl House {
    async fn open() -> Self {
        let home = Home::new();
        let instance = roomy(&home).await;
        let tenant = Tenant::local(&instance).await;
        let other = tenant.mint("other", &ALL_SCOPES).await;
        Self {
            instance,
            tenant,
            other,
            _home: home,
        }
    }
}

#[tokio::test]
async fn every_tool_answers_with_text_and_with_a_record() {
    let house = House::open().await;
    let agent = house.tenant.mint("whole", &ALL_SCOPES).await;
    // What is forgotten must be there: see below.
    let others = tools().into_iter().filter(|(tool, ..)| *tool != "forget");
    for (tool, arguments, _) in others {
        let result = agent.result(tool, arguments).await;
        assert_ne!(result["isError"], true, "{tool}: {result}");
        assert!(result["structuredContent"].is_object(), "{tool}: {result}");
        let text = result["content"][0]["text"].as_str().unwrap();
        assert!(!text.is_empty(), "{tool}");
    }
    let note = agent.told("memories", json!({})).await["memories"][0]["id"].take();
    let forgotten = agent.told("forget", json!({ "id": note })).await;
    assert_eq!(forgotten["id"], note);
}

#[tokio::test]
async fn mail_goes_from_one_agent_to_another_and_back() {
    let house = House::open().await;
    let (bruno, kim) = (
        house.tenant.mint("bruno", &ALL_SCOPES).await,
        house.tenant.mint("kim", &ALL_SCOPES).await,
    );
    let sent = bruno
        .result("send", json!({"to": "agent:kim", "body": "Any news?"}))
        .await;
    let id = &sent["structuredContent"]["id"];
    let told = sent["content"][0]["text"].as_str().unwrap();
    assert_eq!(told, format!("Sent to kim (id: {})", id.as_str().unwrap()));
    let mail = kim.told("inbox", json!({})).await;
    assert_eq!(texts(&mail), ["Any news?"]);
    assert_eq!(mail["messages"][0]["from"], "agent:bruno");
    assert_eq!(mail["messages"][0]["origin"], "agent");
    assert_eq!(mail["ack_ids"], json!([id]));
    let reply = json!({"to": "bruno", "message": "None.", "in_reply_to": id});
    kim.told("send", reply).await;
    assert_eq!(bruno.inbox().await, ["None."]);
    // What was answered is over.
    assert!(kim.inbox().await.is_empty());
    let empty = kim.result("inbox", json!({})).await;
    assert_eq!(empty["content"][0]["text"], "No messages for kim.");
}

#[tokio::test]
async fn the_same_key_sends_the_same_message_once() {
    let house = House::open().await;
    let agent = house.tenant.mint("keyed", &ALL_SCOPES).await;
    let once = json!({"to": "other", "text": "One.", "idempotency_key": "k"});
    let first = agent.told("send", once.clone()).await;
    assert_eq!(agent.told("send", once).await["id"], first["id"]);
    let other = json!({"to": "other", "text": "Two.", "idempotency_key": "k"});
    assert_eq!(agent.refused("send", other).await, "idempotency_conflict");
    assert_eq!(house.other.inbox().await, ["One."]);
}

#[tokio::test]
async fn each_tool_opens_with_its_scope_and_with_no_other() {
    let house = House::open().await;
    let agent = house.tenant.mint("narrow", &[]).await;
    for scope in ALL_SCOPES {
        house.tenant.grant(&agent, &[scope]).await;
        let listed = agent.tools().await;
        for (tool, arguments, needs) in tools() {
            let is_held = needs.is_none_or(|needs| needs == scope);
            assert_eq!(
                listed.iter().any(|name| name == tool),
                is_held,
                "{tool} with {scope}"
            );
            let message = called(7, tool, arguments);
            let answer = answered(agent.bringing(&message)).await;
            if is_held {
                assert_eq!(answer.status, 200, "{tool} with {scope}: {}", answer.text);
                continue;
            }
            let missing = needs.unwrap();
            let body = answer.with(403);
            assert_eq!(
                answer.header("www-authenticate"),
                format!("Bearer error=\"insufficient_scope\", scope=\"{missing}\"")
            );
            assert_eq!((&body["jsonrpc"], &body["id"]), (&json!("2.0"), &json!(7)));
            let said = body["error"]["message"].as_str().unwrap();
            assert!(
                said.contains(missing) && said.contains("operator"),
                "{said}"
            );
            assert_eq!(body["error"]["data"]["error"], "insufficient_scope");
        }
    }
}

#[tokio::test]
async fn a_client_that_misreads_a_403_is_told_in_the_result() {
    let house = House::open().await;
    let agent = house.tenant.mint("misreading", &["mcp:inbox"]).await;
    let call = agent.calling("send", json!({"to": "other", "text": "Hello."}));
    let answer = answered(call.header("x-husting-denials", "result")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let result = result_of(&answer.text);
    assert_eq!(result["isError"], true);
    let text = result["content"][0]["text"].as_str().unwrap();
    assert!(text.starts_with("403 insufficient_scope"), "{text}");
    assert_eq!(result["structuredContent"]["error"], "insufficient_scope");
    assert_eq!(result["structuredContent"]["details"]["scope"], "mcp:send");
    assert!(house.other.inbox().await.is_empty());
}

#[tokio::test]
async fn a_changed_scope_is_told_on_the_stream_and_holds_on_the_next_call() {
    let house = House::open().await;
    let agent = house.tenant.mint("told", &["mcp:send"]).await;
    let session = agent.session().await;
    let mut stream = agent.listen(&session).await;
    house.tenant.grant(&agent, &["mcp:send", "mcp:peers"]).await;
    let told = stream.message().await;
    assert_eq!(told["method"], "notifications/tools/list_changed");
    assert!(agent.tools().await.contains(&"peers".to_owned()));
    // Another charter is no other list.
    house
        .tenant
        .patch(&agent, &json!({"charter": "Else."}))
        .await
        .with(200);
    house.tenant.grant(&agent, &["mcp:send"]).await;
    assert_eq!(
        stream.message().await["method"],
        "notifications/tools/list_changed"
    );
    assert_eq!(agent.answer("peers", json!({})).await.status, 403);
    let end = agent.request(Method::DELETE, "/mcp");
    let ended = answered(end.header("mcp-session-id", &session)).await;
    assert_eq!(ended.status, 204);
    stream.ends().await;
}

#[tokio::test]
async fn a_scope_that_changed_while_no_stream_was_open_is_told_on_the_next_one() {
    let house = House::open().await;
    let agent = house.tenant.mint("away", &["mcp:send"]).await;
    let session = agent.session().await;
    house.tenant.grant(&agent, &["mcp:send", "mcp:peers"]).await;
    let mut stream = agent.listen(&session).await;
    let told = stream.message().await;
    assert_eq!(told["method"], "notifications/tools/list_changed");
}

#[tokio::test]
async fn who_subscribed_hears_of_mail_at_once() {
    let house = House::open().await;
    let agent = house.tenant.mint("listening", &["mcp:inbox"]).await;
    let session = agent.session().await;
    let subscribe = |method: &str, uri: &str| {
        let message = json!({"jsonrpc": "2.0", "id": 3, "method": method, "params": {"uri": uri}});
        answered(agent.bringing(&message).header("mcp-session-id", &session))
    };
    let own = "inbox://listening";
    let done = subscribe("resources/subscribe", own).await.with(200);
    assert_eq!(done["result"], json!({}));
    let foreign = subscribe("resources/subscribe", "inbox://other").await;
    assert_eq!(foreign.json()["error"]["code"], -32_002, "{}", foreign.text);
    // What came between the subscription and the stream is told too.
    house.other.send("listening", "One.").await;
    let mut stream = agent.listen(&session).await;
    for text in ["Two.", "Three."] {
        let told = stream.message().await;
        assert_eq!(told["method"], "notifications/resources/updated");
        assert_eq!(told["params"]["uri"], own);
        house.other.send("listening", text).await;
    }
    assert_eq!(
        stream.message().await["method"],
        "notifications/resources/updated"
    );
    subscribe("resources/unsubscribe", own).await.with(200);
    house.other.send("listening", "Four.").await;
    house
        .tenant
        .grant(&agent, &["mcp:inbox", "mcp:peers"])
        .await;
    assert_eq!(
        stream.message().await["method"],
        "notifications/tools/list_changed",
        "nothing was told in between"
    );
}

#[tokio::test]
async fn the_newest_protocol_hears_the_same_without_a_session() {
    let house = House::open().await;
    let agent = house.tenant.mint("newest", &["mcp:inbox"]).await;
    let listen = |uris: Value| {
        let message = json!({
            "jsonrpc": "2.0", "id": "l", "method": "subscriptions/listen", "params": {
                "notifications": {"toolsListChanged": true, "resourceSubscriptions": uris},
                "_meta": meta(),
            },
        });
        newest(agent.bringing(&message), "subscriptions/listen")
    };
    let foreign = answered(listen(json!(["inbox://other"]))).await;
    assert_eq!(foreign.json()["error"]["code"], -32_002, "{}", foreign.text);
    let opened = wait_for("a stream", listen(json!(["inbox://newest"])).send()).await;
    let mut stream = Events::of(opened.unwrap());
    let first = stream.message().await;
    assert_eq!(
        first["method"], "notifications/subscriptions/acknowledged",
        "{first}"
    );
    house.other.send("newest", "Hello.").await;
    let told = stream.message().await;
    assert_eq!(told["method"], "notifications/resources/updated", "{told}");
    assert_eq!(told["params"]["uri"], "inbox://newest");
    house.tenant.grant(&agent, &[]).await;
    assert_eq!(
        stream.message().await["method"],
        "notifications/tools/list_changed"
    );
    let refused = answered(listen(json!(["inbox://newest"]))).await;
    assert_eq!(refused.status, 403);
    house.tenant.revoke(&agent).await;
    // A stream of the newest protocol ends with a result.
    while let Some(event) = stream.next().await {
        let last: Value = serde_json::from_str(&event.data.unwrap()).unwrap();
        assert_eq!(last["id"], "l", "{last}");
    }
}

#[tokio::test]
async fn reading_the_inbox_as_a_resource_leases_nothing() {
    let house = House::open().await;
    let agent = house.tenant.mint("reading", &["mcp:inbox"]).await;
    house.other.send("reading", "Still here.").await;
    let ask = |method: &str, params: Value| {
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        answered(agent.bringing(&message))
    };
    let list = ask("resources/list", json!({})).await.with(200);
    assert_eq!(list["result"]["resources"][0]["uri"], "inbox://reading");
    for _ in 0..2 {
        let read = ask("resources/read", json!({"uri": "inbox://reading"}))
            .await
            .with(200);
        let text = read["result"]["contents"][0]["text"].as_str().unwrap();
        let mail: Value = serde_json::from_str(text).unwrap();
        assert_eq!(texts(&mail), ["Still here."]);
    }
    assert_eq!(agent.inbox().await, ["Still here."]);
    house.tenant.grant(&agent, &[]).await;
    let list = ask("resources/list", json!({})).await.with(200);
    assert_eq!(list["result"]["resources"], json!([]));
    let refused = ask("resources/read", json!({"uri": "inbox://reading"})).await;
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn a_wait_ends_the_moment_mail_lands() {
    let house = House::open().await;
    let agent = house.tenant.mint("waiting", &ALL_SCOPES).await;
    let waiting = agent.clone();
    let wait = tokio::spawn(async move {
        waiting
            .told("inbox_wait", json!({"timeout_seconds": 120}))
            .await
    });
    until_connected(&house.tenant, &agent, 1).await;
    house.other.send("waiting", "Now.").await;
    assert_eq!(texts(&wait_for("the wait", wait).await.unwrap()), ["Now."]);
    let none = agent
        .result("inbox_wait", json!({"timeout_seconds": 1}))
        .await;
    assert_eq!(none["content"][0]["text"], "No messages for waiting.");
}

#[tokio::test]
async fn a_question_is_answered_to_whoever_waits_for_it_alone() {
    let house = House::open().await;
    let agent = house.tenant.mint("asking", &ALL_SCOPES).await;
    let asking = agent.clone();
    let asked = tokio::spawn(async move {
        let question = json!({"to": "other", "text": "Tea?", "timeout_seconds": 120});
        asking.result("ask", question).await
    });
    let mail = house
        .other
        .told("inbox_wait", json!({"timeout_seconds": 60}))
        .await;
    let reply = json!({"to": "asking", "text": "Yes.", "in_reply_to": mail["messages"][0]["id"]});
    house.other.told("send", reply).await;
    let result = wait_for("the answer", asked).await.unwrap();
    assert_eq!(result["content"][0]["text"], "[other]: Yes.");
    assert_eq!(result["structuredContent"]["answer"]["text"], "Yes.");
    assert!(agent.inbox().await.is_empty());
    let nobody = json!({"agent": "other", "message": "Still?", "timeout_seconds": 1});
    let result = agent.result("ask", nobody).await;
    assert_eq!(result["content"][0]["text"], "[other]: (no response)");
}

#[tokio::test]
async fn a_wait_that_is_taken_back_or_left_leases_nothing() {
    let house = House::open().await;
    let agent = house.tenant.mint("leaving", &ALL_SCOPES).await;
    let session = agent.session().await;
    let wait = called(9, "inbox_wait", json!({"timeout_seconds": 120}));
    let request = agent.bringing(&wait).header("mcp-session-id", &session);
    let waiting = tokio::spawn(answered(request));
    until_connected(&house.tenant, &agent, 1).await;
    // The same request of another session, or of none, is another request.
    let cancel =
        json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 9}});
    assert_eq!(answered(agent.bringing(&cancel)).await.status, 202);
    assert!(!waiting.is_finished());
    let cancel = agent.bringing(&cancel).header("mcp-session-id", &session);
    assert_eq!(answered(cancel).await.status, 202);
    let answer = wait_for("the end of the wait", waiting).await.unwrap();
    assert!(answer.text.contains("taken back"), "{}", answer.text);
    until_connected(&house.tenant, &agent, 0).await;

    let gone = tokio::spawn(agent.bringing(&wait).send());
    until_connected(&house.tenant, &agent, 1).await;
    gone.abort();
    until_connected(&house.tenant, &agent, 0).await;
    house.other.send("leaving", "For whoever reads.").await;
    assert_eq!(agent.inbox().await, ["For whoever reads."]);
}

#[tokio::test]
async fn every_version_is_negotiated_and_served() {
    let house = House::open().await;
    let agent = house.tenant.mint("versions", &ALL_SCOPES).await;
    for version in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let answer = answered(agent.bringing(&opening(version))).await;
        let opened = answer.with(200);
        assert_eq!(opened["result"]["protocolVersion"], version);
        let session = answer.header("mcp-session-id");
        assert!(session.len() >= 43, "256 bits: {session}");
        let call = agent.calling("boot_context", json!({}));
        let call = call.header("mcp-session-id", session);
        let call = call.header("mcp-protocol-version", version);
        let told = result_of(&answered(call).await.text);
        assert_eq!(told["structuredContent"]["agent"], "versions");
    }
    let list =
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta()}});
    let listed = answered(newest(agent.bringing(&list), "tools/list"))
        .await
        .with(200);
    assert_eq!(names(&listed["result"]).len(), 15);
    assert_eq!(listed["result"]["cacheScope"], "private", "{listed}");
}

#[tokio::test]
async fn paused_agents_are_told_when_to_come_again_and_keep_their_streams() {
    let house = House::open().await;
    let agent = house.tenant.mint("paused", &ALL_SCOPES).await;
    let session = agent.session().await;
    let mut stream = agent.listen(&session).await;
    let pause = async |paused: bool| {
        house
            .instance
            .call::<PauseAgents>(SetPause { paused })
            .await
            .unwrap();
    };
    pause(true).await;
    let held = agent
        .answer("send", json!({"to": "other", "text": "Hello."}))
        .await;
    let body = held.with(503);
    assert_eq!(body["error"]["data"]["error"], "paused");
    assert!(held.header("retry-after").parse::<u64>().unwrap() >= 1);
    pause(false).await;
    agent.send("other", "Hello again.").await;
    assert_eq!(house.other.inbox().await, ["Hello again."]);
    house.tenant.grant(&agent, &["mcp:send"]).await;
    assert_eq!(
        stream.message().await["method"],
        "notifications/tools/list_changed"
    );
}

#[tokio::test]
async fn what_no_tool_is_called_and_what_cannot_be_read_is_refused() {
    let house = House::open().await;
    let agent = house.tenant.mint("wrong", &ALL_SCOPES).await;
    let unknown = agent.answer("deliver", json!({})).await;
    assert_eq!(unknown.json()["error"]["code"], -32_602, "{}", unknown.text);
    let told = unknown.json()["error"]["message"].to_string();
    assert!(
        told.contains("tools/list names those that this token may call"),
        "{told}"
    );
    for body in [
        "",
        "{",
        "[]",
        "null",
        "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}",
    ] {
        let request = agent
            .request(Method::POST, "/mcp")
            .header("accept", "application/json, text/event-stream")
            .header("content-type", "application/json")
            .body(body);
        let answer = answered(request).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text);
    }
    for method in [
        "initialize",
        "tools/call",
        "resources/read",
        "resources/subscribe",
        "subscriptions/listen",
    ] {
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": {}});
        let request = agent
            .request(Method::POST, "/mcp")
            .header("accept", "application/json, text/event-stream")
            .json(&message);
        let answer = answered(request).await;
        let code = &answer.json()["error"]["code"];
        assert_eq!(code, -32_602, "{method}: {}", answer.text);
    }
    for (tool, arguments, field) in [
        ("send", json!({"to": "other"}), "text"),
        (
            "send",
            json!({"to": "other", "text": "a", "from": "operator"}),
            "from",
        ),
        (
            "send",
            json!({"to": "other", "text": "a", "body": "b"}),
            "body",
        ),
        ("inbox", json!({"limit": 101}), "limit"),
        (
            "inbox_wait",
            json!({"timeout_seconds": 121}),
            "timeout_seconds",
        ),
        ("ack", json!({"ids": ["x"]}), "ids[0]"),
    ] {
        let result = agent.result(tool, arguments).await;
        let record = &result["structuredContent"];
        assert_eq!(record["error"], "invalid_body", "{tool}: {result}");
        assert_eq!(record["details"]["field"], field, "{tool}: {record}");
    }
}

/// Waits until an agent holds so many streams and waits open.
async fn until_connected(tenant: &Tenant, agent: &Agent, count: u64) {
    let path = format!("/agents/{}", agent.id);
    let looking = async {
        loop {
            let read = tenant.get(&path).await.with(200);
            if read["agent"]["connections"] == count {
                return;
            }
        }
    };
    wait_for("its connections", looking).await;
}

/// What each request of the newest protocol says of its client.
fn meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "a", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

fn newest(request: reqwest::RequestBuilder, method: &str) -> reqwest::RequestBuilder {
    request
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", method)
}
