//! The spending limit, and the money that it does not bound.

use husting_test_support::Script;
use husting_tests::home::Home;
use husting_tests::panel::{MODELS, Panel};
use serde_json::Value;
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

#[tokio::test]
async fn a_limit_of_nothing_leaves_top_ups_to_be_spent_and_says_so() {
    const ASK: [&str; 4] = ["deliberate", "Which one?", "--models", MODELS];
    let (home, panel) = (Home::new(), Panel::start(Script::debate()).await);
    panel.seat_at(&home).await;
    let none = home
        .run(&["wallet", "limit", "--usd", "0"])
        .await
        .done()
        .stdout;
    assert!(none.contains("Limit    $0.00 a month"), "{none}");
    assert!(!none.contains("Refill"), "there are none: {none}");
    let shown = home.run(&["wallet", "limit"]).await.done().stdout;
    assert_eq!(shown, none, "looked at, and not changed");
    let enough = "$0.00 is left, and a round of two seats sets aside $0.10 at least: from `husting wallet limit --usd \
                  0.10` on one is paid.\n";
    assert!(none.ends_with(enough), "{none}");
    for (sum, is_enough) in [("0.0999", false), ("0.10", true)] {
        let limit = ["wallet", "limit", "--usd", sum];
        let told = home.run(&limit).await.done().stdout;
        assert_eq!(told.contains("--usd 0.10` on"), !is_enough, "{told}");
    }
    home.run(&["wallet", "limit", "--usd", "0"]).await.done();
    home.run(&ASK).await.with(4);
    assert!(panel.calls().is_empty());

    let some = home
        .run(&["wallet", "top-up", "--usd", "5"])
        .await
        .done()
        .stdout;
    let line = "Refill   $5.00, outside the limit: spent once it is used up\n";
    assert!(some.contains(line), "{some}");
    let still = home
        .run(&["wallet", "limit", "--usd", "0"])
        .await
        .done()
        .stdout;
    assert!(still.contains(line), "{still}");
    assert!(!still.contains("is left, and a round"), "{still}");
    home.run(&ASK).await.done();
    let wallet = home.ask(&["wallet", "show"]).await;
    assert!(bucket(&wallet, "refill") < 5_000_000, "{wallet}");
    assert_eq!(bucket(&wallet, "free"), 0);
}

#[tokio::test]
async fn a_sessions_limit_that_pays_no_further_round_says_what_is_spent_and_what_would() {
    let (home, panel) = (Home::new(), Panel::start(Script::debate()).await);
    panel.seat_at(&home).await;
    let asked = home
        .ask(&["deliberate", "Which one?", "--models", MODELS])
        .await;
    let id = asked["session_id"].as_str().unwrap();
    let limited = async |sum: &str| {
        let limit = ["session", "limit", id, "--usd", sum];
        home.run(&limit).await.done().stdout
    };
    let low = limited("0.0001").await;
    assert!(
        low.starts_with("Which one?: all rounds may cost $0.0001\n$0.0"),
        "{low}"
    );
    let (_, sum) = low
        .split_once("no further one is paid below `--usd ")
        .unwrap();
    let sum = sum.strip_suffix("`.\n").unwrap();
    home.run(&["session", "append", id, "Go on."]).await.with(4);

    let enough = limited(sum).await;
    assert_eq!(enough, format!("Which one?: all rounds may cost ${sum}\n"));
}

#[tokio::test]
async fn a_limit_that_was_set_is_printed_and_what_cannot_be_read_behind_it_is_said_beside() {
    let home = Home::new();
    let asked = home.ask(&["deliberate", "Which one?"]).await;
    let id = asked["session_id"].as_str().unwrap();
    let file = SqliteConnectOptions::new().filename(home.path().join("husting.db"));
    let mut store = SqliteConnection::connect_with(&file).await.unwrap();
    let odd = sqlx::query("update rounds set snippets = '{}'");
    odd.execute(&mut store).await.unwrap();
    store.close().await.unwrap();

    let limit = ["session", "limit", id, "--usd", "2"];
    let ran = home.run(&limit).await.done();
    assert_eq!(ran.stdout, "Which one?: all rounds may cost $2.00\n");
    let beside =
        "husting: the limit is set; whether it pays a further round could not be read.\nhusting: ";
    assert!(ran.stderr.starts_with(beside), "{}", ran.stderr);
}

#[tokio::test]
async fn help_says_what_a_limit_is_and_is_not() {
    let home = Home::new();
    let help = home.run(&["wallet", "limit", "--help"]).await.done().stdout;
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "top-ups apart",
        "What top-ups and auto-refill add lies outside of it",
        "also where it is 0",
    ] {
        assert!(help.contains(words), "{help}");
    }
}

#[tokio::test]
async fn an_automatic_refill_is_shown_with_its_terms() {
    let home = Home::new();
    let terms = "Auto-refill below $1.00 adds $5.00, as often as it takes, at most $20.00 a month";
    let refill = ["wallet", "auto-refill", "--threshold", "1", "--amount", "5"];
    let limited = home
        .run(&[&refill[..], &["--ceiling", "20"]].concat())
        .await;
    assert!(
        limited
            .done()
            .stdout
            .contains(&format!("{terms}, outside the limit\n")),
        "beside the limit"
    );
    let unlimited = home.run(&["wallet", "limit", "--usd", "none"]).await.done();
    assert!(unlimited.stdout.contains(&format!("{terms}\n")));
    assert!(unlimited.stdout.starts_with("Limit    none\n"));
}

#[tokio::test]
async fn what_new_terms_of_the_automatic_refill_add_at_once_is_told() {
    let home = Home::new();
    let added = async |threshold: &str| {
        let refill = ["wallet", "auto-refill", "--threshold", threshold];
        let words = [&refill[..], &["--amount", "3", "--ceiling", "20"]].concat();
        home.run(&words).await.done().stdout
    };
    let told = |out: &str| out.contains("Auto-refill added");
    // The seed's $1.50 is not below it.
    assert!(!told(&added("1").await));
    let low = added("8").await;
    assert!(
        low.ends_with("\nAuto-refill added $9.00 just now.\n"),
        "three times $3, as two leave less than $8: {low}"
    );
    assert!(!told(&added("8").await), "and once only");
}

#[tokio::test]
async fn without_a_limit_the_wallet_tells_what_was_spent_and_no_balance_of_a_limit() {
    let home = Home::new();
    let shown = home.run(&["wallet", "limit", "--usd", "none"]).await.done();
    assert_eq!(
        shown.stdout,
        "Limit    none\nHeld     $0.00\nSpent    $0.00 today, $0.00 this month in 0 calls\n"
    );
    let topped_up = home.run(&["wallet", "top-up", "--usd", "5"]).await.done();
    let told = topped_up.stdout;
    assert!(
        told.contains("\nrefill ") && !told.contains("monthly limit"),
        "{told}"
    );
    let limited = home.run(&["wallet", "limit", "--usd", "20"]).await.done();
    let told = limited.stdout;
    assert!(told.contains("\nmonthly limit   $20.00"), "{told}");
}

fn bucket(wallet: &Value, account: &str) -> i64 {
    let buckets = wallet["buckets"].as_array().unwrap();
    let found = buckets.iter().find(|bucket| bucket["account"] == account);
    found.unwrap()["balance"].as_i64().unwrap()
}
