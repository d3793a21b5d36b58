//! A session as it leaves: the record of the public contract, and the transcript.

use std::sync::Arc;

use husting_clock::Clock;
use husting_domain::ids::{SessionId, TenantId, TransactionId};
use husting_domain::ledger::{Account, Entry, Transaction, TransactionKind};
use husting_domain::money::MicroUsd;
use husting_domain::time::Timestamp;
use husting_store::{SqliteStore, Store, Unit, Write};
use husting_test_support::{Behaviour, Debate, Fault, Mischief, Phase, Script};
use husting_wire::commands::{
    ChangeSession, ConveneSession, FindSessions, WriteLedger, WriteSession,
};
use husting_wire::confidence::CONFIDENCE_DISCLAIMER;
use husting_wire::sessions::{
    Convene, EditSession, ExportFormat, ExportSession, Exported, ListSessions, SessionView,
};
use husting_wire::settings::Nothing;
use serde_json::Value;
use uuid::Uuid;

use crate::desk::{Desk, hand_clock};
use crate::panel::{Panel, QUESTION, SEATS, asking};

/// One round with everything in it: confidence, an unverified quote, a failed seat.
async fn exported(format: ExportFormat) -> (SessionView, Exported) {
    let debate = Debate {
        mischief: Mischief {
            unfindable: 1,
            ..Mischief::default()
        },
        ..Debate::default()
    };
    let broken =
        Behaviour::answering("Half of an answer, and then").fault(Fault::Cut { after_tokens: 3 });
    let script =
        Script::new(Behaviour::debating_as(debate)).for_phase("gamma", Phase::Respond, broken);
    let panel = Panel::open(script).await;
    let session_id = panel.convene(&SEATS).await.session_id;
    panel.finished(session_id).await;
    let exported = panel
        .ask::<WriteSession>(ExportSession { session_id, format })
        .await;
    (panel.session(session_id).await, exported)
}

fn has(value: &Value, names: &[&str]) {
    for name in names {
        assert!(value.get(*name).is_some(), "{name} is missing in {value:#}");
    }
}

/// Every number under a name that ends in `_usd`, as written.
fn amounts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if name.ends_with("_usd") {
                    assert!(value.is_number(), "{name} is {value}");
                    found.push(value.to_string());
                }
                amounts(value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| amounts(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn the_record_has_the_contracts_fields() {
    let (view, exported) = exported(ExportFormat::Json).await;
    assert_eq!(
        exported.file_name,
        "should-we-use-postgres-or-mongodb-for-an-event-store.json"
    );
    let record: Value = serde_json::from_str(&exported.text).unwrap();
    has(
        &record,
        &[
            "session_id",
            "title",
            "status",
            "source",
            "moderator_name",
            "application",
            "models",
            "created_at",
            "updated_at",
            "total_cost_usd",
            "confidence_disclaimer",
            "rounds",
        ],
    );
    assert_eq!(record["source"], "console");
    assert!(record.get("rehearsal").is_none());
    let round = &record["rounds"][0];
    has(
        round,
        &[
            "round_id",
            "round_index",
            "round_status",
            "recommended_client_action",
            "responses",
            "failed_models",
            "reactions",
            "claim_map",
            "cost_usd",
            "debits",
        ],
    );
    assert_eq!(round["round_status"], "partial_failure");
    assert_eq!(
        round["recommended_client_action"],
        "proceed_with_partial_result"
    );
    let response = &round["responses"][0];
    has(
        response,
        &[
            "model",
            "text",
            "tokens_in",
            "tokens_out",
            "finish_reason",
            "is_partial",
            "snippets",
        ],
    );
    assert_eq!(response["claim_confidence"][0]["score"], 0.7);
    has(
        &response["snippets"][0],
        &["type", "quote", "quoted_model", "comment", "quote_status"],
    );
    let failed = &round["failed_models"][0];
    has(failed, &["model", "error", "message"]);
    assert_eq!(failed["error_code"], "stream_interrupted");
    assert_eq!(failed["partial_text"], "Half of an a");
    assert_eq!(failed["partial_text_length"], 12);
    let claim = &round["claim_map"]["claims"][0];
    has(
        claim,
        &[
            "quote",
            "originator",
            "positions",
            "reaction_count",
            "group",
            "source",
        ],
    );
    has(&claim["positions"][0], &["model", "type", "comment"]);
    assert!(
        !round["claim_map"]["unverified"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    has(
        &round["debits"][0],
        &["transaction_id", "model", "amount_usd", "settled_at"],
    );
    assert_eq!(
        view.rounds.len(),
        record["rounds"].as_array().unwrap().len()
    );
}

#[tokio::test]
async fn money_leaves_as_numbers_that_add_up() {
    let (view, exported) = exported(ExportFormat::Json).await;
    let record: Value = serde_json::from_str(&exported.text).unwrap();
    let mut written = Vec::new();
    amounts(&record, &mut written);
    assert!(written.len() > 5);
    for amount in &written {
        // As the text has it: never an exponent, never more than six places.
        assert!(exported.text.contains(&format!(": {amount}")), "{amount}");
        let places = amount.split_once('.').map_or(0, |(_, places)| places.len());
        assert!(places <= 6 && !amount.contains(['e', 'E']), "{amount}");
    }
    let usd = |value: &Value| MicroUsd::parse_usd(&value.to_string()).unwrap();
    let debits = record["rounds"][0]["debits"].as_array().unwrap();
    let paid: MicroUsd = debits.iter().map(|debit| usd(&debit["amount_usd"])).sum();
    assert_eq!(paid, view.rounds[0].summary.charged);
    assert_eq!(usd(&record["total_cost_usd"]), view.summary.cost);
}

#[tokio::test]
async fn the_transcript_reads_from_the_question_to_the_map() {
    let (view, exported) = exported(ExportFormat::Md).await;
    let text = &exported.text;
    assert!(text.starts_with(&format!("# {QUESTION}\n")), "{text}");
    let order = [
        "## Round 1",
        "2 of 3 answered, 2 of 2 reacted",
        "### Alpha (panelist",
        "### Gamma did not answer",
        "`stream_interrupted`",
        "### Claim map",
        "**Quotes not verified**",
    ];
    let mut from = 0;
    for words in order {
        let at = text[from..].find(words);
        from += at.unwrap_or_else(|| panic!("{words} is missing after {}", &text[..from]));
    }
    for seat in view.rounds[0]
        .answers
        .iter()
        .filter(|seat| seat.error_code.is_none())
    {
        assert!(text.contains(seat.text.trim()));
    }
}

async fn transcript(panel: &Panel, session_id: SessionId) -> String {
    let format = ExportFormat::Md;
    let export = ExportSession { session_id, format };
    panel.ask::<WriteSession>(export).await.text
}

#[tokio::test]
async fn the_transcript_warns_of_scores_where_it_shows_one() {
    let (view, exported) = exported(ExportFormat::Md).await;
    let score = view.rounds[0].answers[0].claim_confidence[0].score;
    let line = format!("- confidence {}: “", score.to_decimal());
    assert!(exported.text.contains(&line), "{}", exported.text);
    assert_eq!(exported.text.matches(CONFIDENCE_DISCLAIMER).count(), 1);

    let plain = Script::new(Behaviour::answering("Seats are easier to sell."));
    let panel = Panel::open(plain).await;
    let session = panel.convene(&SEATS).await.session_id;
    panel.finished(session).await;
    let text = transcript(&panel, session).await;
    assert!(!text.contains("confidence"), "{text}");
    assert!(!text.contains(CONFIDENCE_DISCLAIMER), "{text}");
}

#[tokio::test]
async fn the_transcript_marks_what_nobody_wrote() {
    let panel = Panel::open(Script::debate()).await;
    let session = panel.convene(&SEATS).await.session_id;
    panel.finished(session).await;
    panel
        .append(session, "What would settle it?", Vec::new())
        .await;
    panel.finished(session).await;
    panel.append(session, "", Vec::new()).await;
    let built = panel.finished(session).await;
    let text = transcript(&panel, session).await;
    let mark = "*Nobody wrote this prompt; Husting built it from the claim map:*";
    let third = text.find("## Round 3").unwrap();
    assert_eq!(text.matches(mark).count(), 1);
    assert!(text.find(mark).unwrap() > third);
    assert_eq!(text.matches("Steered by").count(), 1);
    assert!(text[third..].contains("Steered by Husting"), "{text}");
    // Its snippets are the moderator's, without a word of the moderator's.
    let map = built.claim_map.unwrap();
    let positions = || map.claims.iter().flat_map(|claim| &claim.positions);
    let stock = positions()
        .filter(|position| position.stock_comment)
        .count();
    assert!(stock > 0 && positions().any(|position| !position.stock_comment));
    let phrase = "(Husting's phrase; no comment was given)";
    assert_eq!(text[third..].matches(phrase).count(), stock);
}

#[tokio::test]
async fn a_title_shows_what_it_is() {
    let panel = Panel::open(Script::debate()).await;
    let asked = Convene {
        prompt: "\u{1b}[31mWhich \u{202e}one?\u{7}\nMore.".to_owned(),
        ..asking(&SEATS)
    };
    let session = panel.ask::<ConveneSession>(asked).await.session_id;
    let title = async || {
        let list = panel.ask::<FindSessions>(ListSessions::default()).await;
        list.sessions[0].title.clone()
    };
    assert_eq!(title().await, "Which one?");
    panel.finished(session).await;
    let renamed = EditSession {
        session_id: session,
        title: Some("One\u{1b}[2J line\nof words".to_owned()),
        tags: None,
        archived: None,
        spend_limit: None,
    };
    panel.ask::<ChangeSession>(renamed).await;
    assert_eq!(title().await, "One line of words");
    let blank = Convene {
        prompt: "\u{200b}\u{202e}".to_owned(),
        ..asking(&SEATS)
    };
    let refused = panel.refused::<ConveneSession>(blank).await;
    assert_eq!(refused.message, "The question is empty.");
}

#[tokio::test]
async fn the_ledger_as_csv_has_a_line_for_each_booking() {
    let panel = Panel::open(Script::debate()).await;
    let session = panel.convene(&SEATS).await.session_id;
    panel.finished(session).await;
    let csv = panel.ask::<WriteLedger>(Nothing {}).await.text;
    let rows = panel.ledger().await;
    assert_eq!(csv.lines().count(), rows.len() + 1);
    let newest = csv.lines().last().unwrap();
    let balance = panel.balance().await.to_usd_string();
    assert!(newest.ends_with(&format!(",{balance}")), "{newest}");
}

/// Top-ups of one cent and more, three at a moment.
fn many_bookings(from: Timestamp) -> Vec<Transaction> {
    let booking = |n: i64| {
        let amount = MicroUsd(10_000 + n);
        let entry = |account, amount| Entry { account, amount };
        Transaction {
            id: TransactionId(Uuid::from_u128(0x7a00 + n.unsigned_abs() as u128)),
            at: from.plus_millis(n / 3),
            kind: TransactionKind::TopUp,
            entries: vec![
                entry(Account::Refill, amount),
                entry(Account::Grants, MicroUsd::ZERO - amount),
            ],
        }
    };
    (0..2_003).map(booking).collect()
}

#[tokio::test]
async fn a_ledger_of_many_pages_is_written_whole_from_its_oldest_booking() {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let clock = hand_clock();
    let store = Arc::new(SqliteStore::open(home.path(), clock.now()).await.unwrap());
    let desk = Desk::over(store.clone(), home, Arc::new(clock.clone())).await;
    desk.limit(20).await;
    let booked = many_bookings(clock.now().plus_millis(1));
    let unit = Unit::of(TenantId::local()).writes(booked.iter().cloned().map(Write::Post));
    store.commit(unit).await.unwrap();

    let csv = desk.ask::<WriteLedger>(Nothing {}).await.text;
    let rows: Vec<Vec<&str>> = csv
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect())
        .collect();
    assert!(rows.len() > booked.len(), "only {} rows", rows.len());
    let (opening, written) = rows.split_at(rows.len() - booked.len());
    assert!(opening.iter().all(|row| row[2] != "top_up"), "{opening:?}");
    let ids: Vec<String> = booked.iter().map(|row| row.id.to_string()).collect();
    assert_eq!(written.iter().map(|row| row[1]).collect::<Vec<_>>(), ids);
    let mut balance = MicroUsd::ZERO;
    for row in &rows {
        let [.., change, after] = row[..] else {
            panic!("{row:?}")
        };
        balance += MicroUsd::parse_usd(change).unwrap();
        assert_eq!(balance.to_usd_string(), after, "{row:?}");
    }
    assert_eq!(balance, desk.balance().await);
}
