//! The data folder under hardship: held by somebody else, from the future, damaged, not writable.

use std::fs;
use std::path::Path;

use husting_tests::home::{Home, Ran, run};
use husting_tests::instance::Instance;
use husting_tests::program::husting;
use husting_tests::search::files;
use husting_tests::tools::{OWN_MOUNTS, require_namespace};
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
    make_newer(&file).await;
    let refused = refused_and_left(&home, &file).await;
    assert!(
        refused.contains("newer Husting") && refused.contains("9000"),
        "{refused}"
    );
}

/// Makes a store one that a newer Husting wrote.
pub async fn make_newer(file: &Path) {
    let mut db = open(file).await;
    let newer = "insert into _sqlx_migrations select 9000, description, installed_on, success, checksum, execution_time \
                 from _sqlx_migrations order by version desc limit 1";
    sqlx::query(newer).execute(&mut db).await.unwrap();
    db.close().await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_not_ours_is_left_alone() {
    let home = Home::new();
    let file = home.path().join("husting.db");
    recipes(&file).await;
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
        let named = format!(
            "husting: the data folder {} cannot be used: its disk is read-only; make the disk writable.\n--home or \
             HUSTING_HOME names another folder.\n",
            home.path().display()
        );
        assert_eq!(refused.stderr, named);
        assert_eq!(files(&home.path()), before);
    }
}

/// A folder with a session in its store.
pub async fn used() -> Home {
    let home = Home::new();
    home.ask(&["deliberate", "Is anybody there?"]).await;
    home
}

/// A database of somebody else's.
pub async fn recipes(file: &Path) {
    let options = SqliteConnectOptions::new().filename(file);
    let mut db = SqliteConnection::connect_with(&options.create_if_missing(true))
        .await
        .unwrap();
    sqlx::query("create table recipes (name text)")
        .execute(&mut db)
        .await
        .unwrap();
    db.close().await.unwrap();
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
pub async fn in_own_mounts(home: &Home, script: &str, more: &[&Path]) -> Ran {
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
