//! What a session cost beside what was charged for it, where answers bear a markup.

use husting_domain::money::MicroUsd;
use husting_test_support::Script;
use husting_wire::commands::{AppendToSession, ConveneSession};
use husting_wire::contract::requests::ListSessions;
use serde_json::Value;

use crate::panel::Panel;
use crate::recaps::{recap, recapped, synthesis, then};

/// A quarter on top.
const MARKUP_BPS: u32 = 2_500;

/// Dollars of a record in micro-dollars, exactly.
fn micros(dollars: &Value) -> MicroUsd {
    let text = dollars.to_string();
    let (whole, places) = text.split_once('.').unwrap_or((&text, ""));
    assert!(places.len() <= 6, "{text}");
    MicroUsd(format!("{whole}{places:0<6}").parse().unwrap())
}

fn sum(rows: &[Value], field: &str) -> MicroUsd {
    rows.iter().map(|row| micros(&row[field])).sum()
}

#[tokio::test]
async fn a_sessions_cost_is_the_providers_price_of_every_call_whatever_is_charged_on_top() {
    let panel = Panel::charging(Script::debate(), MARKUP_BPS).await;
    let before = panel.balance().await;
    let session = panel.ask::<ConveneSession>(recapped()).await.session_id;
    recap(&panel, session, 0).await;
    panel
        .ask::<AppendToSession>(then(session, false, true))
        .await;
    synthesis(&panel, session).await;
    let (record, _) = panel.console.session(&panel.caller, session).await.unwrap();
    let record = serde_json::to_value(record).unwrap();
    let rounds = record["rounds"].as_array().unwrap();
    let debits: Vec<Value> = rounds
        .iter()
        .flat_map(|round| round["debits"].as_array().unwrap().clone())
        .collect();
    for purpose in ["respond", "react", "recap", "synthesis"] {
        assert!(debits.iter().any(|debit| debit["purpose"] == purpose));
    }

    let total = micros(&record["total_cost_usd"]);
    let billed: MicroUsd = panel.houses.bills().into_iter().sum();
    assert_eq!(total, billed, "as the providers bill it, recaps too");
    assert_eq!(total, sum(rounds, "cost_usd"));
    assert_eq!(total, sum(&debits, "cost_usd"));
    for round in rounds {
        let of_round = sum(round["debits"].as_array().unwrap(), "cost_usd");
        assert_eq!(micros(&round["cost_usd"]), of_round);
    }
    let charged = sum(&debits, "amount_usd");
    assert!(
        charged > total,
        "the markup is charged: {charged} > {total}"
    );
    assert_eq!(before - panel.balance().await, charged);
    let asked = ListSessions::default();
    let listed = panel.console.sessions(&panel.caller, asked).await.unwrap();
    let listed = serde_json::to_value(listed).unwrap();
    assert_eq!(micros(&listed["sessions"][0]["total_cost_usd"]), total);
}
