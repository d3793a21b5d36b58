//! What is done to the log in the store, behind Husting's back: each of it is found and told.

use std::fs;

use husting_tests::home::{Home, run};
use husting_tests::program::husting;
use serde_json::Value;
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

/// The last number of a table of the log.
const LAST_LINK: &str = "(select max(number) from audit_links where tenant_id = 'local')";

/// A log of several links, sealed under a key of its home.
async fn logged() -> Home {
    let home = Home::new();
    for name in ["ana", "ben"] {
        home.run(&["agent", "mint", name]).await.done();
    }
    home.run(&["agent", "revoke", "ana", "--yes"]).await.done();
    home.run(&["audit", "verify"]).await.done();
    home
}

/// Changes the store of a home.
async fn spoil(home: &Home, statements: &[String]) {
    let file = SqliteConnectOptions::new().filename(home.path().join("husting.db"));
    let mut store = SqliteConnection::connect_with(&file).await.unwrap();
    for statement in statements {
        let changed = sqlx::query(sqlx::AssertSqlSafe(statement.clone()))
            .execute(&mut store)
            .await
            .unwrap();
        assert!(changed.rows_affected() > 0, "{statement}");
    }
    store.close().await.unwrap();
}

/// What is wrong with the operator's log, as it is told to scripts.
async fn fault(home: &Home) -> String {
    let ran = home.run(&["audit", "verify", "--json"]).await.with(1);
    fault_in(&ran.json())
}

fn fault_in(report: &Value) -> String {
    assert_eq!(report["ok"], false, "{report}");
    let fault = report["chains"][0]["fault"].as_str();
    fault.unwrap_or_else(|| panic!("{report}")).to_owned()
}

#[tokio::test]
async fn a_row_that_was_put_behind_the_last_link_is_found() {
    let home = logged().await;
    let loose = "insert into audit_rows (tenant_id, number, at, action, actor, detail) \
        select tenant_id, number + 7, at, action, actor, detail from audit_rows \
        where tenant_id = 'local' order by number desc limit 1";
    spoil(&home, &[loose.to_owned()]).await;
    let fault = fault(&home).await;
    assert!(fault.contains("no link"), "{fault}");
}

#[tokio::test]
async fn a_log_whose_end_was_cut_off_is_found_also_while_its_key_is_locked_away() {
    let home = logged().await;
    let cut = [
        format!(
            "delete from audit_rows where tenant_id = 'local' and number >= \
             (select first_row from audit_links where tenant_id = 'local' and number = {LAST_LINK})"
        ),
        format!("delete from audit_links where tenant_id = 'local' and number = {LAST_LINK}"),
    ];
    spoil(&home, &cut).await;
    assert!(fault(&home).await.contains("its end was cut off"));
    // Without the key nothing is sealed, and what was sealed is held against the log all the same.
    let mut locked = home.command(husting());
    let other = home.beside("another-key");
    fs::copy(home.beside("key"), &other).unwrap();
    fs::write(
        &other,
        "another key file, of more than thirty-two bytes too\n",
    )
    .unwrap();
    locked.env("HUSTING_SECRETS_KEY_FILE", &other);
    locked.args(["audit", "verify", "--json"]);
    let report: Value = run(locked, None).await.with(1).json();
    assert!(
        fault_in(&report).contains("its end was cut off"),
        "{report}"
    );
    assert_eq!(report["sealing"]["state"], "off", "{report}");
}

#[tokio::test]
async fn a_log_that_was_made_under_another_key_and_put_in_the_place_of_this_one_is_found() {
    let (home, other) = (logged().await, logged().await);
    for file in ["husting.db", "husting.db-wal", "husting.db-shm"] {
        let (from, to) = (other.path().join(file), home.path().join(file));
        if from.exists() {
            fs::copy(from, to).unwrap();
        } else if to.exists() {
            fs::remove_file(to).unwrap();
        }
    }
    let fault = fault(&home).await;
    assert!(
        fault.contains("made with another key than the one in the key store"),
        "{fault}"
    );
    // Whoever brought it about says so, once, and not by the way.
    let unasked = home.run(&["audit", "accept"]).await.with(2);
    assert!(unasked.stderr.contains("say --yes"), "{}", unasked.stderr);
    home.run(&["audit", "accept", "--yes"]).await.done();
    home.run(&["audit", "verify"]).await.done();
}
