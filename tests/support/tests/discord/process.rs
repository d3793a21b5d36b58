//! The program, as a test in another language or a person starts it.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};

use crate::client::{AGENT, Gateway};

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // Already over where the test waited for it.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn start(arguments: &[&str]) -> (Process, Value) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_fake-discord"))
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    (Process(child), serde_json::from_str(&line).unwrap())
}

async fn act(origin: &str, act: Value) -> Value {
    let url = format!("{origin}/__act");
    let response = reqwest::Client::new()
        .post(url)
        .json(&act)
        .send()
        .await
        .unwrap();
    response.json().await.unwrap()
}

async fn get(url: String) -> Value {
    let response = reqwest::Client::new()
        .get(url)
        .header("user-agent", AGENT)
        .send();
    response.await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn a_world_is_read_played_and_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let world = json!({
        "token": "from-a-file",
        "people": ["alice"],
        "guilds": [{"name": "Lab", "channels": ["bench"]}],
        "settings": {"heartbeat_interval_ms": 1000},
    });
    fs::write(path("world.json"), world.to_string()).unwrap();
    let (_process, ready) = start(&[
        "--world",
        &path("world.json"),
        "--ready-file",
        &path("ready.json"),
    ]);
    let told = fs::read_to_string(path("ready.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&told).unwrap(), ready);
    assert_eq!(ready["token"], "from-a-file");
    let origin = ready["origin"].as_str().unwrap();
    let mut gateway = Gateway::open(ready["gateway_url"].as_str().unwrap(), "").await;
    assert_eq!(gateway.frame().await["d"]["heartbeat_interval"], 1_000);
    let identify = json!({"op": 2, "d": {"token": "from-a-file", "intents": 1 << 9 | 1 << 15, "properties": {}}});
    gateway.send(identify).await;
    gateway.event("READY").await;

    let world = get(format!("{origin}/__world")).await;
    let alice = world["people"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "alice");
    let alice = alice.unwrap()["id"].clone();
    let bench = world["channels"][0]["id"].clone();
    let said = json!({"do": "say", "person": alice, "channel": bench, "text": "hello"});
    let message = act(origin, said).await;
    let event = gateway.event("MESSAGE_CREATE").await;
    assert_eq!(
        (&event["d"]["id"], &event["d"]["content"]),
        (&message, &json!("hello"))
    );

    let gone =
        json!({"do": "edit", "person": alice, "channel": bench, "message": "1", "text": "x"});
    assert_eq!(
        act(origin, gone).await["error"],
        "Discord would refuse this with 10008"
    );
    let strike = json!({"fault": {"kind": "close_on_resume", "code": 4009}, "times": 1});
    assert_eq!(
        act(origin, json!({"do": "strike", "strike": strike})).await,
        json!(1)
    );
    act(origin, json!({"do": "close", "code": 4000})).await;
    assert_eq!(gateway.closed().await, Some(4000));
    let record = get(format!("{origin}/__record")).await;
    assert_eq!(record["frames"][0]["op"], 2);
    assert!(!record.to_string().contains("from-a-file"));
    let version = get(format!("{origin}/__changes?after=0")).await;
    assert!(version.as_u64().unwrap() > 0);
}

#[tokio::test]
async fn the_page_is_one_file_that_asks_nobody_else() {
    let (_process, ready) = start(&[]);
    let origin = ready["origin"].as_str().unwrap();
    let page = reqwest::get(origin).await.unwrap().text().await.unwrap();
    assert!(page.starts_with("<!doctype html>") && page.contains("<title>"));
    for outside in ["src=\"http", "href=\"http", "@import", "url(http"] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn a_world_that_is_none_is_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("world.json");
    fs::write(&path, "{\"guildz\": []}").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_fake-discord"))
        .arg("--world")
        .arg(&path)
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("is not a world") && said.contains("guildz"),
        "{said}"
    );
}
