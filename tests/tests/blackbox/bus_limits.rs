//! What one token may hold open, and for how long somebody is waited for.

use futures::future::join_all;
use husting_tests::patience::wait_for;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::bus_attacks::House;
use crate::keyed::answered;
use crate::tenanted::called;

#[tokio::test]
async fn what_is_held_open_has_its_limit_and_its_places_come_back() {
    let house = House::open().await;
    let mut open = Vec::new();
    for _ in 0..31 {
        open.push(house.mallory.sse().await);
    }
    let session = house.mallory.session().await;
    let listening = house.mallory.listen(&session).await;
    for request in [
        house.mallory.request(Method::GET, "/sse"),
        house
            .mallory
            .calling("inbox_wait", json!({"timeout_seconds": 1})),
        house
            .mallory
            .calling("ask", json!({"agent": "victim", "message": "?"})),
    ] {
        let answer = answered(request).await;
        assert_eq!(answer.refusal(), (429, "rate_limited".to_owned()));
        assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
    }
    // Calls that wait for nothing and other agents are as free as before.
    house.mallory.told("status", json!({})).await;
    house
        .victim
        .told("inbox_wait", json!({"timeout_seconds": 1}))
        .await;
    drop(listening);
    let again = async {
        loop {
            let wait = json!({"timeout_seconds": 1});
            if house.mallory.answer("inbox_wait", wait).await.status == 200 {
                return;
            }
        }
    };
    wait_for("a place", again).await;
}

#[tokio::test]
async fn ten_thousand_waits_that_nobody_stays_for_leave_nothing_behind() {
    let house = House::open().await;
    let wait = called(1, "inbox_wait", json!({"timeout_seconds": 120}));
    for _ in 0..100 {
        let waits = (0..100).map(|_| {
            let request = house.mallory.bringing(&wait);
            tokio::spawn(async move { drop(request.send().await) })
        });
        for wait in waits.collect::<Vec<_>>() {
            wait.abort();
        }
    }
    let free = async {
        loop {
            let path = format!("/agents/{}", house.mallory.id);
            let read: Value = house.tenant.get(&path).await.with(200);
            if read["agent"]["connections"] == 0 {
                return;
            }
        }
    };
    wait_for("the end of all waits", free).await;
    house.victim.send("mallory", "Still there?").await;
    assert_eq!(house.mallory.inbox().await, ["Still there?"]);
}

#[tokio::test]
async fn a_client_that_sends_too_slowly_is_cut() {
    let house = House::open().await;
    let address = house.instance.http.strip_prefix("http://").unwrap();
    let (_stream, endpoint) = house.mallory.sse().await;
    let (agent, tenant) = (house.mallory.token.as_str(), house.tenant.token.as_str());
    let begun = |path: &str, token: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n\
             Content-Length: 100\r\n\r\n{{\"jsonrpc\":"
        )
    };
    let head = format!("POST /mcp HTTP/1.1\r\nHost: {address}\r\nAuthoriz");
    let slow = [
        (head, None),
        (begun("/mcp", agent), Some(408)),
        (begun(&endpoint, agent), Some(408)),
        (begun("/api/tenants/local/agents/mint", tenant), Some(408)),
    ];
    let cut = slow.map(async |(sent, status)| {
        let mut socket = TcpStream::connect(address).await.unwrap();
        socket.write_all(sent.as_bytes()).await.unwrap();
        let mut answer = String::new();
        wait_for("the cut", socket.read_to_string(&mut answer))
            .await
            .unwrap();
        let told = answer.split(' ').nth(1).and_then(|word| word.parse().ok());
        assert_eq!(told, status, "{answer}");
    });
    join_all(cut).await;
    house.is_whole().await;
}

#[tokio::test]
async fn of_ten_thousand_waits_of_one_token_all_but_thirty_two_are_refused() {
    let house = House::open().await;
    let wait = || {
        let request = house
            .mallory
            .calling("inbox_wait", json!({"timeout_seconds": 120}));
        tokio::spawn(answered(request))
    };
    let held: Vec<_> = (0..32).map(|_| wait()).collect();
    let path = format!("/agents/{}", house.mallory.id);
    let all_held =
        async { while house.tenant.get(&path).await.with(200)["agent"]["connections"] != 32 {} };
    wait_for("thirty-two waits", all_held).await;
    let before = resident_kib(house.instance.pid);
    for _ in 0..100 {
        for refused in join_all((0..100).map(|_| wait())).await {
            let answer = refused.unwrap();
            assert_eq!(answer.refusal(), (429, "rate_limited".to_owned()));
        }
    }
    let grown = resident_kib(house.instance.pid).saturating_sub(before);
    assert!(grown < 16 * 1024, "it holds {grown} KiB more");
    assert!(held.iter().all(|wait| !wait.is_finished()));
    house.tenant.revoke(&house.mallory).await;
    for wait in held {
        let answer = wait_for("the end of a wait", wait).await.unwrap();
        assert!(answer.text.contains("invalid_token"), "{}", answer.text);
    }
}

/// Memory that a process holds, in KiB.
fn resident_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.unwrap().trim().trim_end_matches(" kB");
    kib.parse().unwrap()
}

#[tokio::test]
async fn sessions_do_not_pile_up() {
    let house = House::open().await;
    let first = house.mallory.session().await;
    let second = house.mallory.session().await;
    let call = called(1, "boot_context", json!({}));
    let use_of = async |session: &str| {
        let request = house.mallory.bringing(&call);
        answered(request.header("mcp-session-id", session))
            .await
            .status
    };
    for _ in 0..62 {
        house.mallory.session().await;
    }
    assert_eq!(use_of(&first).await, 200);
    // One too many: what was used longest ago makes room.
    house.mallory.session().await;
    assert_eq!((use_of(&first).await, use_of(&second).await), (200, 404));
}
