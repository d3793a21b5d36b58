//! What the log tells of agents' clients: who opened, and who listed its tools.

use husting_tests::home::Home;
use husting_tests::instance::Instance;
use husting_tests::program::husting;
use reqwest::Method;
use serde_json::json;

use crate::keyed::{Keyed, answered, roomy};
use crate::tenanted::{Agent, Tenant, opening};

/// The log's lines that say this.
fn lines(home: &Home, words: &str) -> Vec<String> {
    let folder = std::fs::read_dir(home.path().join("logs")).unwrap();
    let files = folder.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
    let text: String = files.collect();
    let told = text.lines().filter(|line| line.contains(words));
    told.map(str::to_owned).collect()
}

async fn list(agent: &Agent, session: Option<&str>) {
    let list = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    let mut request = agent.bringing(&list);
    if let Some(session) = session {
        request = request.header("mcp-session-id", session);
    }
    answered(request).await.with(200);
}

#[tokio::test]
async fn the_log_tells_who_opened_and_who_listed_and_stays_quiet() {
    let home = Home::new();
    let instance = roomy(&home).await;
    let tenant = Tenant::local(&instance).await;
    let agent = tenant.mint("seen", &["mcp:send"]).await;
    let mut open = opening("2025-06-18");
    let long = format!("looker\n\u{1b}[31m\u{202e}{}", "x".repeat(500));
    open["params"]["clientInfo"] = json!({"name": long, "version": "7.8"});
    let opened = answered(agent.bringing(&open)).await;
    let session = opened.header("mcp-session-id").to_owned();
    for _ in 0..3 {
        list(&agent, Some(&session)).await;
        list(&agent, None).await;
    }
    let discover = json!({
        "jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": {"_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": {"name": "newer", "version": "2"},
            "io.modelcontextprotocol/clientCapabilities": {},
        }},
    });
    let newer = agent.bringing(&discover);
    let newer = newer.header("mcp-protocol-version", "2026-07-28");
    let newer = newer.header("mcp-method", "server/discover");
    answered(newer).await.with(200);
    let (mut stream, endpoint) = agent.sse().await;
    agent.post(&endpoint, &opening("2024-11-05")).await;
    assert_eq!(stream.message().await["id"], 0);
    drop(stream);
    let (code, said) = instance.stop().await;
    assert_eq!(code, 0, "{said}");

    let opened = lines(&home, "a client opened");
    let [older, newer, legacy] = &opened[..] else {
        panic!("{opened:?}")
    };
    for (line, parts) in [
        (older, &["seen", "looker", "7.8", "2025-06-18", "http"][..]),
        (newer, &["seen", "newer", "2026-07-28", "http"]),
        (legacy, &["seen", "2024-11-05", "sse"]),
    ] {
        for part in parts {
            assert!(line.contains(part), "{part}: {line}");
        }
        assert!(line.contains("INFO"), "{line}");
    }
    assert!(older.len() < 400, "{older}");
    assert!(
        !older.contains('\u{1b}') && !older.contains("u{1b}"),
        "{older}"
    );
    assert!(
        !older.contains('\u{202e}') && !older.contains("u{202e}"),
        "{older}"
    );
    let listed = lines(&home, "a client listed its tools");
    assert_eq!(
        listed.len(),
        2,
        "one in the session, one beside it: {listed:?}"
    );
    for line in listed {
        // boot_context, send, ask.
        assert!(line.contains("seen") && line.contains('3'), "{line}");
    }
}

#[tokio::test]
async fn a_call_of_a_tool_that_is_not_there_leaves_nothing_of_it_in_the_log() {
    let (home, canary) = (Home::new(), "quillfeather");
    let log = [("HUSTING_LOG", "info")];
    let instance = Instance::start_with(&home, husting(), &log).await;
    let agent = Tenant::local(&instance).await.mint("seen", &[]).await;
    let keyed = Keyed::at(&instance).await;
    let call = json!({
        "jsonrpc": "2.0", "id": format!("{canary}-id"), "method": "tools/call",
        "params": {"name": format!("{canary}-tool"), "arguments": {}},
    });
    let by_key = keyed.request(Method::POST, "/api/mcp").json(&call);
    let by_key = by_key.header("accept", "application/json, text/event-stream");
    for request in [agent.bringing(&call), by_key] {
        let refused = answered(request).await;
        assert!(refused.text.contains(canary), "{refused:?}");
    }
    let (code, said) = instance.stop().await;
    assert_eq!(code, 0, "{said}");
    assert!(!said.contains(canary), "{said}");
    assert_eq!(lines(&home, canary), Vec::<String>::new());
}
