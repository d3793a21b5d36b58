//! The data folder under hardship: held by somebody else, from the future, damaged, not writable,
//! full; and its copies.

use std::fs;
use std::path::Path;

use husting_test_support::Script;
use husting_tests::home::{Home, Ran, run};
use husting_tests::instance::Instance;
use husting_tests::panel::{KEYS, MODELS, Panel};
use husting_tests::program::{fixture, husting};
use husting_tests::search::{files, holds};
use husting_tests::tools::{OWN_MOUNTS, require_namespace};
use serde_json::Value;
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

#[tokio::test]
async fn a_second_owner_is_told_who_the_first_is() {
    let home = Home::new();
    let instance = Instance::start(&home).await;
    let holder = format!("process {}", instance.pid);
    let second = home
        .run(&["serve", "--listen", "127.0.0.1:0"])
        .await
        .with(4);
    assert!(second.stderr.contains(&holder), "{}", second.stderr);
    // One that cannot be talked to still holds the folder.
    let file = home.path().join("run/instance.json");
    fs::rename(&file, home.beside("instance.json")).unwrap();
    for words in [
        &["serve", "--listen", "127.0.0.1:0"][..],
        &["wallet", "show"],
    ] {
        let refused = home.run(words).await.with(4);
        assert!(
            refused.stderr.contains("husting serve") && refused.stderr.contains(&holder),
            "{}",
            refused.stderr
        );
    }
}

#[tokio::test]
async fn a_store_from_the_future_is_left_alone() {
    let home = used().await;
    let file = home.path().join("husting.db");
    let mut db = open(&file).await;
    let newer = "insert into _sqlx_migrations select 9000, description, installed_on, success, checksum, execution_time \
                 from _sqlx_migrations order by version desc limit 1";
    sqlx::query(newer).execute(&mut db).await.unwrap();
    db.close().await.unwrap();
    let refused = refused_and_left(&home, &file).await;
    assert!(
        refused.contains("newer Husting") && refused.contains("9000"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_file_that_is_not_ours_is_left_alone() {
    let home = Home::new();
    let file = home.path().join("husting.db");
    let mut db = SqliteConnection::connect_with(
        &SqliteConnectOptions::new()
            .filename(&file)
            .create_if_missing(true),
    )
    .await
    .unwrap();
    sqlx::query("create table recipes (name text)")
        .execute(&mut db)
        .await
        .unwrap();
    db.close().await.unwrap();
    let refused = refused_and_left(&home, &file).await;
    assert!(refused.contains("not a Husting store"), "{refused}");
}

#[tokio::test]
async fn a_damaged_file_is_called_damaged_and_left_alone() {
    for (from, what) in [(0, "its head"), (4_096, "its tables")] {
        let home = used().await;
        let file = home.path().join("husting.db");
        let mut bytes = fs::read(&file).unwrap();
        let end = bytes.len().min(from + 65_536);
        bytes[from..end].fill(0xFF);
        fs::write(&file, bytes).unwrap();
        let refused = refused_and_left(&home, &file).await;
        assert!(
            refused.contains("damaged") && refused.contains("husting restore"),
            "{what}: {refused}"
        );
    }
}

#[tokio::test]
async fn a_folder_that_may_not_be_written_is_refused_with_a_sentence() {
    require_namespace(OWN_MOUNTS, "to mount a folder read-only");
    for home in [Home::new(), used().await] {
        let before = files(&home.path());
        let script = r#"mount --bind "$HUSTING_HOME" "$HUSTING_HOME"
            mount -o remount,bind,ro "$HUSTING_HOME"
            exec "$1" wallet show"#;
        let refused = in_own_mounts(&home, script, &[]).await.with(1);
        let sentence = refused.stderr.to_lowercase();
        assert!(
            sentence.contains("read-only") || sentence.contains("may not be written"),
            "{sentence}"
        );
        assert!(!sentence.contains("panicked"), "{sentence}");
        assert_eq!(files(&home.path()), before);
    }
}

/// A disk that is full at once, or in the middle of a round: what is refused is refused with a
/// sentence, and a round that is at work waits for space. With some of it everything is whole.
#[tokio::test]
async fn a_full_disk_stops_the_work_and_halves_nothing() {
    require_namespace(OWN_MOUNTS, "to mount a disk that is soon full");
    let home = Home::new();
    let script = r#"set -u
        mount -t tmpfs -o size=6m none "$HUSTING_HOME"
        "$1" wallet show >/dev/null || exit 9
        for room in 0 8 24 60 90 120 160 220; do
            free=$(df --output=avail --block-size=1024 "$HUSTING_HOME" | tail -n 1)
            head -c $(( (free - room) * 1024 )) /dev/zero >"$HUSTING_HOME/filler"
            HUSTING_LOG=info "$1" deliberate "With $room KiB to spare?" --reference "$2" --json >out 2>said & running=$!
            until grep -q "cannot be ended yet" said || ! kill -0 $running 2>/dev/null; do sleep 0.1; done
            rm "$HUSTING_HOME/filler"
            code=0; wait $running || code=$?
            "$1" wallet check --json >check && "$1" session list --json >list || exit 8
            printf '%s|%s|%s|%s|%s\n' "$room" "$code" "$(tr '\n|' '  ' <said)" "$(tr -d '\n' <check)" "$(tr -d '\n' <list)"
        done"#;
    let document = fixture("reference-event-store.md");
    let ran = in_own_mounts(&home, script, &[&document]).await.done();
    let ends: Vec<i32> = ran.stdout.lines().map(whole_again).collect();
    assert_eq!(ends.len(), 8);
    assert!(
        ends.iter().filter(|code| **code == 1).count() >= 2,
        "the disk was hardly ever full: {}",
        ran.stdout
    );
}

/// What the script tells of one try: a refusal names the disk, sessions are at rest, books are right.
fn whole_again(line: &str) -> i32 {
    let [room, code, said, check, list] = line.splitn(5, '|').collect::<Vec<_>>()[..] else {
        panic!("{line}")
    };
    let (check, list): (Value, Value) = (
        serde_json::from_str(check).unwrap(),
        serde_json::from_str(list).unwrap(),
    );
    assert_eq!(check["ok"], true, "{room} KiB: {check}");
    let rows = list["sessions"].as_array().unwrap();
    let at_rest = |row: &Value| row["status"] == "ready" || row["status"] == "failed";
    assert!(rows.iter().all(at_rest), "{room} KiB: {list}");
    let code = code.parse().unwrap();
    assert!(
        code == 0 || said.contains("disk is full"),
        "{room} KiB: {code}: {said}"
    );
    code
}

#[tokio::test]
async fn a_backup_brings_back_what_was_and_no_key() {
    let (home, panel) = (Home::new(), Panel::start(Script::debate()).await);
    panel.seat_at(&home).await;
    let first = home
        .ask(&["deliberate", "What was first?", "--models", MODELS])
        .await;
    let id = first["session_id"].as_str().unwrap();
    let (wallet, backup) = (
        home.ask(&["wallet", "show"]).await,
        home.beside("backup.db"),
    );
    let backup = backup.to_str().unwrap();
    home.run(&["backup", backup]).await.done();
    let copied = fs::read(backup).unwrap();
    for (name, key) in KEYS {
        assert!(
            !holds(&copied, key.as_bytes()),
            "the key of {name} is in the backup"
        );
    }
    home.run(&["backup", backup]).await.with(4);
    assert_eq!(
        fs::read(backup).unwrap(),
        copied,
        "a file that is there is not written over"
    );

    home.ask(&["deliberate", "And what came later?", "--models", MODELS])
        .await;
    let instance = Instance::start(&home).await;
    home.run(&["restore", backup]).await.with(4);
    assert_eq!(instance.stop().await.0, 0);
    let no_backup = fixture("reference-river-gauges.md");
    home.run(&["restore", no_backup.to_str().unwrap()])
        .await
        .with(1);
    assert_eq!(
        home.ask(&["session", "list"]).await["total"],
        2,
        "a failed restore changes nothing"
    );
    home.run(&["restore", backup]).await.done();
    assert_eq!(home.ask(&["session", "list"]).await["total"], 1);
    assert_eq!(home.ask(&["session", "show", id]).await, first);
    assert_eq!(
        home.ask(&["wallet", "show"]).await["summary"]["balance"],
        wallet["summary"]["balance"]
    );

    let elsewhere = Home::new();
    elsewhere.run(&["restore", backup]).await.done();
    assert_eq!(elsewhere.ask(&["session", "show", id]).await, first);
    let refused = elsewhere.run(&["provider", "test", "first"]).await.with(1);
    assert!(refused.stderr.contains("key"), "{}", refused.stderr);
}

/// A folder with a session in its store.
async fn used() -> Home {
    let home = Home::new();
    home.ask(&["deliberate", "Is anybody there?"]).await;
    home
}

async fn open(file: &Path) -> SqliteConnection {
    SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file))
        .await
        .unwrap()
}

/// Every kind of command refuses the store, and not a byte of it changes; returns what was said.
async fn refused_and_left(home: &Home, file: &Path) -> String {
    let before = fs::read(file).unwrap();
    home.run(&["deliberate", "Anybody?"]).await.with(1);
    home.run(&["serve", "--listen", "127.0.0.1:0"])
        .await
        .with(1);
    let refused = home.run(&["session", "list"]).await.with(1);
    assert!(refused.stdout.is_empty());
    assert!(fs::read(file).unwrap() == before, "the file was changed");
    refused.stderr
}

/// Runs a script in which `$1` is husting, where it may mount what nobody else sees.
async fn in_own_mounts(home: &Home, script: &str, more: &[&Path]) -> Ran {
    let [unshare, rest @ ..] = OWN_MOUNTS else {
        unreachable!("a command has a name")
    };
    let mut command = home.command(unshare);
    command
        .args(rest)
        .args(["sh", "-c", script, "sh"])
        .arg(husting())
        .args(more);
    run(command, None).await
}
