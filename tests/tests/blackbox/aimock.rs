//! The same against a server that nobody here wrote: `@copilotkit/aimock` speaks all five wires. Where
//! it falls short of a vendor: it lists no models in Gemini's way, counts no tokens in Ollama's, and
//! passes over schemas and limits.

use std::process::Stdio;

use husting_domain::money::MicroUsd;
use husting_test_support::Usage;
use husting_tests::home::Home;
use husting_tests::panel::{self, MODELS};
use husting_tests::patience::wait_for;
use husting_tests::program::{fixture, repository};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::priced::{balance, booked, line, usd};

const QUESTION: &str = "Should we use Postgres or MongoDB for an event store?";

#[tokio::test]
async fn a_panel_of_strangers_is_heard_and_paid() {
    let (home, aimock) = (Home::new(), Aimock::start().await);
    panel::seat_at(&home, &format!("{}/v1", aimock.origin), &aimock.origin).await;
    heard_and_paid(&home, &aimock, 12).await;
}

#[tokio::test]
async fn openai_gemini_and_ollama_are_heard_and_paid_over_their_own_wires() {
    let (home, aimock) = (Home::new(), Aimock::start().await);
    let [openai, gemini] = ["/v1", "/v1beta"].map(|version| format!("{}{version}", aimock.origin));
    for (name, address) in [
        ("openai", openai.as_str()),
        ("gemini", &gemini),
        ("ollama", &aimock.origin),
    ] {
        let words = ["provider", "add", name, "--base-url", address];
        if name == "ollama" {
            home.run(&words).await.done();
        } else {
            let with_key = [&words[..], &["--key-stdin"]].concat();
            home.run_with(&with_key, "a-key-of-no-worth\n").await.done();
        }
    }
    for name in ["openai", "ollama"] {
        home.run(&["provider", "test", name]).await.done();
    }
    for (seat, provider) in panel::SEATS.iter().zip(["openai", "gemini", "ollama"]) {
        panel::seat_with(&home, seat, provider).await;
    }
    home.run(&["wallet", "limit", "--usd", "20"]).await.done();
    // The local seat's calls cost nothing and are in no ledger.
    heard_and_paid(&home, &aimock, 8).await;
    let paths = aimock.paths().await;
    for path in [
        "/v1/responses",
        "/v1beta/models/beta-2:streamGenerateContent",
        "/api/chat",
    ] {
        let calls = paths.iter().filter(|called| called.starts_with(path));
        assert_eq!(calls.count(), 4, "{path}: {paths:?}");
    }
}

/// Two rounds of answers and reactions, of which `debits` calls are paid what the server counted.
async fn heard_and_paid(home: &Home, aimock: &Aimock, debits: usize) {
    let before = balance(home).await;
    let document = fixture("reference-event-store.md");
    let words = [
        "deliberate",
        QUESTION,
        "--reference",
        document.to_str().unwrap(),
        "--models",
        MODELS,
    ];
    let record = home.ask(&[&words[..], &["--rounds", "2"]].concat()).await;
    for round in record["rounds"].as_array().unwrap() {
        assert_eq!(round["round_status"], "complete");
        assert!(
            round["reactions"]
                .as_array()
                .unwrap()
                .iter()
                .all(|reaction| reaction["status"] == "final")
        );
        assert_eq!(
            round["claim_map"]["claims"].as_array().unwrap().len(),
            3,
            "{}",
            round["claim_map"]
        );
    }
    let billed = aimock.billed().await;
    assert_eq!(billed.len(), debits);
    assert_eq!(
        booked(&record),
        billed
            .iter()
            .map(|(line, _)| line.clone())
            .collect::<Vec<_>>()
    );
    let paid: MicroUsd = billed.iter().map(|(_, cost)| *cost).sum();
    assert_eq!(before - balance(home).await, paid);
    assert_eq!(usd(&record["total_cost_usd"]), paid);
    assert_eq!(home.ask(&["wallet", "check"]).await["ok"], true);
}

struct Aimock {
    _child: Child,
    origin: String,
}

impl Aimock {
    async fn start() -> Self {
        let program = repository().join("tests/node_modules/@copilotkit/aimock/dist/cli.js");
        assert!(
            program.exists(),
            "aimock is not installed: run `npm --prefix tests ci`"
        );
        let mut child = Command::new("node")
            .arg(program)
            .args([
                "--port",
                "0",
                "--strict",
                "--validate-on-load",
                "--fixtures",
            ])
            .arg(repository().join("tests/aimock/panel.json"))
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node is installed");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let listening = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if let Some((_, origin)) = line.split_once("listening on ") {
                    return origin.trim().to_owned();
                }
            }
            panic!("aimock ended before it listened");
        };
        let origin = wait_for("aimock's address", listening).await;
        // Its further words are nobody's business, but a full pipe would stop it.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self {
            _child: child,
            origin,
        }
    }

    /// What it served to seats that cost money, as it would be billed, sorted.
    async fn billed(&self) -> Vec<(String, MicroUsd)> {
        let journal = self.journal().await;
        let paid = journal.iter().filter(|request| path(request) != OLLAMA);
        let mut lines: Vec<_> = paid.map(bill).collect();
        lines.sort();
        lines
    }

    /// Where each call went.
    async fn paths(&self) -> Vec<String> {
        let journal = self.journal().await;
        journal.iter().map(|call| path(call).to_owned()).collect()
    }

    async fn journal(&self) -> Vec<Value> {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let journal: Vec<Value> = client
            .get(format!("{}/__aimock/journal", self.origin))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        journal
            .into_iter()
            .filter(|request| request["method"] == "POST")
            .collect()
    }
}

const OLLAMA: &str = "/api/chat";

fn path(request: &Value) -> &str {
    request["path"].as_str().unwrap()
}

/// A request with the usage that its fixture reports, in the words of its wire.
fn bill(request: &Value) -> (String, MicroUsd) {
    assert_eq!(request["response"]["status"], 200, "{request}");
    let model = request["body"]["model"].as_str().unwrap();
    let fixture = &request["response"]["fixture"];
    let usage = &fixture["response"]["usage"];
    let tokens = |names: [&str; 2]| {
        names
            .iter()
            .find_map(|name| usage[name].as_u64())
            .expect("the fixture says its usage")
    };
    let usage = Usage {
        input: tokens(["prompt_tokens", "input_tokens"]),
        output: tokens(["completion_tokens", "output_tokens"]),
        ..Usage::default()
    };
    let purpose = if fixture["match"]["userMessage"].is_string() {
        "react"
    } else {
        "respond"
    };
    let cost = panel::cost(model, &usage);
    (
        line(model, purpose, [usage.input, usage.output, 0], cost),
        cost,
    )
}
