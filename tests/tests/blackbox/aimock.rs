//! The same against a server that nobody here wrote: `@copilotkit/aimock` speaks both wires.

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
    let before = balance(&home).await;
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
    assert_eq!(
        billed.len(),
        12,
        "two rounds of three answers and three reactions"
    );
    assert_eq!(
        booked(&record),
        billed
            .iter()
            .map(|(line, _)| line.clone())
            .collect::<Vec<_>>()
    );
    let paid: MicroUsd = billed.iter().map(|(_, cost)| *cost).sum();
    assert_eq!(before - balance(&home).await, paid);
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

    /// What it served, as it would be billed, sorted.
    async fn billed(&self) -> Vec<(String, MicroUsd)> {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let journal: Vec<Value> = client
            .get(format!("{}/__aimock/journal", self.origin))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let mut lines: Vec<_> = journal.iter().map(bill).collect();
        lines.sort();
        lines
    }
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
