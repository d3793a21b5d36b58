//! The same over real sockets, with seats that cost money on both wires, made known to Husting by
//! commands alone. What the providers counted is what the wallet paid.

use husting_domain::money::MicroUsd;
use husting_test_support::{Behaviour, Fault, LineEnd, Options, Recorded, Script, Slicing};
use husting_tests::home::{Home, Ran};
use husting_tests::panel::{MODELS, Panel, SEATS, cost, purpose};
use husting_tests::program::fixture;
use serde_json::Value;

const QUESTION: &str = "Should we use Postgres or MongoDB for an event store?";

/// As vendors stream: pings, reasoning, cached tokens, line ends and cuts in odd places.
fn busy_wire() -> Script {
    let options = Options {
        cached_tokens: 640,
        pings_every: Some(7),
        reasoning: "Weighing one against the other…".to_owned(),
        line_end: LineEnd::CrLf,
        slicing: Slicing::Bytes(vec![1, 13, 700]),
        ..Options::default()
    };
    Script::new(Behaviour::debating().options(options))
}

#[tokio::test]
async fn every_token_is_paid_at_its_price_to_the_micro_dollar() {
    let (home, panel) = (Home::new(), Panel::start(busy_wire()).await);
    panel.seat_at(&home).await;
    let before = balance(&home).await;
    let record: Value = deliberate(&home, "2").await.done().json();
    let calls = panel.calls();
    assert_eq!(
        calls.len(),
        2 * (SEATS.len() + SEATS.len()),
        "two rounds of answers and reactions"
    );
    let debits = booked(&record);
    assert_eq!(debits, billed(&calls));
    assert!(
        debits.iter().all(|line| !line.contains(" 0 cached")),
        "cached tokens have their own price: {debits:?}"
    );
    let paid: MicroUsd = calls.iter().map(cost_of).sum();
    assert_eq!(before - balance(&home).await, paid);
    assert_eq!(usd(&record["total_cost_usd"]), paid);
    assert_eq!(home.ask(&["wallet", "check"]).await["ok"], true);
}

#[tokio::test]
async fn a_seat_that_fails_makes_the_result_a_partial_one() {
    let script =
        Script::debate().for_model("beta-2", Behaviour::debating().fault(Fault::Forbidden403));
    let (home, panel) = (Home::new(), Panel::start(script).await);
    panel.seat_at(&home).await;
    let record: Value = deliberate(&home, "1").await.with(5).json();
    let round = &record["rounds"][0];
    assert_eq!(round["round_status"], "partial_failure");
    assert_eq!(round["responses"].as_array().unwrap().len(), 2);
    assert_eq!(round["failed_models"][0]["model"], "beta-2");
    let answered: Vec<Recorded> = panel
        .calls()
        .into_iter()
        .filter(|call| call.status == 200)
        .collect();
    assert_eq!(
        booked(&record),
        billed(&answered),
        "who was refused is not paid"
    );
}

#[tokio::test]
async fn what_cannot_be_paid_is_refused_before_anybody_is_called() {
    let (home, panel) = (Home::new(), Panel::start(Script::debate()).await);
    panel.seat_at(&home).await;
    home.run(&["wallet", "limit", "--usd", "0.01"]).await.done();
    let refused = deliberate(&home, "1").await.with(4);
    let error: Value = refused.error();
    assert_eq!(error["error"]["code"], "credit_exhausted");
    assert!(
        refused.stdout.is_empty(),
        "a refusal is no result: {}",
        refused.stdout
    );
    assert!(panel.calls().is_empty());
    assert_eq!(home.ask(&["session", "list"]).await["total"], 0);
}

async fn deliberate(home: &Home, rounds: &str) -> Ran {
    let document = fixture("reference-event-store.md");
    let document = document.to_str().unwrap();
    home.run(&[
        "deliberate",
        QUESTION,
        "--reference",
        document,
        "--models",
        MODELS,
        "--rounds",
        rounds,
        "--json",
    ])
    .await
}

/// The wallet's balance.
pub async fn balance(home: &Home) -> MicroUsd {
    MicroUsd(
        home.ask(&["wallet", "show"]).await["summary"]["balance"]
            .as_i64()
            .unwrap(),
    )
}

/// The debits of a record, a line each, sorted.
pub fn booked(record: &Value) -> Vec<String> {
    let rounds = record["rounds"].as_array().unwrap().iter();
    let debits = rounds.flat_map(|round| round["debits"].as_array().unwrap());
    let mut lines: Vec<String> = debits.map(debit).collect();
    lines.sort();
    lines
}

fn debit(debit: &Value) -> String {
    assert_eq!(debit["estimated"], false);
    assert_eq!(
        debit["amount_usd"], debit["cost_usd"],
        "nothing is charged on top"
    );
    let [model, purpose] = ["model", "purpose"].map(|field| debit[field].as_str().unwrap());
    let [read, written, cached] =
        ["tokens_in", "tokens_out", "tokens_cached"].map(|field| debit[field].as_u64().unwrap());
    line(
        model,
        purpose,
        [read, written, cached],
        usd(&debit["cost_usd"]),
    )
}

/// The bill that the providers would send, in the same form.
fn billed(calls: &[Recorded]) -> Vec<String> {
    let mut lines: Vec<String> = calls
        .iter()
        .map(|call| {
            let usage = call.usage.unwrap();
            let tokens = [usage.input, usage.output, usage.cache_read];
            line(
                call.model.as_deref().unwrap(),
                purpose(call).word(),
                tokens,
                cost_of(call),
            )
        })
        .collect();
    lines.sort();
    lines
}

fn cost_of(call: &Recorded) -> MicroUsd {
    cost(call.model.as_deref().unwrap(), &call.usage.unwrap())
}

/// One paid call.
pub fn line(
    model: &str,
    purpose: &str,
    [read, written, cached]: [u64; 3],
    cost: MicroUsd,
) -> String {
    format!(
        "{model} {purpose}: {read} read, {written} written, {cached} cached = {}",
        cost.0
    )
}

/// Dollars of the record, exactly.
pub fn usd(value: &Value) -> MicroUsd {
    MicroUsd::parse_usd(&value.to_string()).unwrap()
}
