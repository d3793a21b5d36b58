//! The program, as a test in another language starts it.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use husting_test_support::Wire;
use serde_json::{Value, json};

use crate::raw::{KEY, question};

struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // Already over where the test waited for it.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn start(arguments: &[&str]) -> (Process, Value) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_fake-provider"))
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

#[tokio::test]
async fn a_script_is_played_logged_and_told_in_the_ready_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let script =
        json!({"otherwise": {"answer": {"text": "From a file."}, "options": {"line_end": "crlf"}}});
    fs::write(path("script.json"), script.to_string()).unwrap();
    let (_process, ready) = start(&[
        "--wire",
        "anthropic",
        "--script",
        &path("script.json"),
        "--ready-file",
        &path("ready.json"),
        "--log",
        &path("log.jsonl"),
        "--tokens-per-second",
        "1000",
        "--control",
        "127.0.0.1:0",
    ]);
    assert_eq!(
        serde_json::from_str::<Value>(&fs::read_to_string(path("ready.json")).unwrap()).unwrap(),
        ready
    );
    let client = reqwest::Client::new();
    let body = json!({"model": "m", "max_tokens": 50, "messages": [{"role": "user", "content": "Well?"}], "stream": true});
    let answer = client
        .post(format!("{}/messages", ready["base_url"].as_str().unwrap()))
        .header("x-api-key", KEY)
        .header("anthropic-version", "2023-06-01")
        .json(&body)
        .send()
        .await
        .unwrap();
    assert!(
        answer
            .text()
            .await
            .unwrap()
            .ends_with("data: {\"type\":\"message_stop\"}\r\n\r\n")
    );
    let control = ready["control_url"].as_str().unwrap();
    let seen: Value = client
        .get(format!("{control}/__requests"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(
        (&seen["finished"], &seen["requests"][0]["sent"]),
        (&json!(1), &json!("From a file."))
    );
    let log = fs::read_to_string(path("log.jsonl")).unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(log.trim()).unwrap(),
        seen["requests"][0]
    );
    assert!(!log.contains(KEY));
}

#[tokio::test]
async fn every_wire_has_its_name_and_its_door() {
    for wire in Wire::ALL {
        let (_process, ready) = start(&["--wire", &wire.to_string()]);
        assert_eq!(ready["wire"], wire.to_string());
        let base_url = ready["base_url"].as_str().unwrap();
        let origin = ready["origin"].as_str().unwrap();
        let address = match wire {
            Wire::OpenAi => format!("{base_url}/chat/completions"),
            Wire::Responses => format!("{base_url}/responses"),
            Wire::Anthropic => format!("{base_url}/messages"),
            Wire::Gemini => format!("{base_url}/models/m:streamGenerateContent?alt=sse"),
            Wire::Ollama => format!("{origin}/api/chat"),
        };
        let answer = reqwest::Client::new()
            .post(address)
            .bearer_auth(KEY)
            .header("x-api-key", KEY)
            .header("x-goog-api-key", KEY)
            .header("anthropic-version", "2023-06-01")
            .json(&question(wire, "Well?"))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200, "{wire}");
    }
    let refused = Command::new(env!("CARGO_BIN_EXE_fake-provider"))
        .args(["--wire", "carrier-pigeon"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        said.contains("choose openai, responses, anthropic"),
        "{said}"
    );
}

#[test]
fn a_script_that_is_none_is_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("script.json");
    fs::write(&path, "{\"rulez\": []}").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_fake-provider"))
        .args(["--wire", "openai", "--script"])
        .arg(&path)
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("is not a script") && said.contains("rulez"),
        "{said}"
    );
}
