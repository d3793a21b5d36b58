//! Copies of the store, and the way back.

use std::fs;
use std::path::PathBuf;

use husting_test_support::Script;
use husting_tests::home::Home;
use husting_tests::instance::Instance;
use husting_tests::panel::{KEYS, MODELS, Panel};
use husting_tests::program::{fixture, husting};
use husting_tests::search::{files, holds};
use husting_wire::commands::{FindSessions, PutBack};
use husting_wire::errors::ErrorCode;
use husting_wire::sessions::ListSessions;
use husting_wire::settings::RestoreBackup;
use serde_json::{Value, json};

use crate::store::{make_newer, recipes, used};

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
    let unasked = home.run(&["restore", backup]).await.with(2);
    assert!(unasked.stderr.contains("say --yes"), "{}", unasked.stderr);
    let told = home.run(&["restore", backup, "--look"]).await.done().stdout;
    let holds = told.contains(" and holds 1 session, 0 messages and ");
    assert!(told.starts_with(backup) && holds, "{told}");
    assert_eq!(home.ask(&["session", "list"]).await["total"], 2);
    let restored = home.run(&["restore", backup, "--yes"]).await.done().stdout;
    replaced_store_is_named(&restored);
    let kept = home.ask(&["restore", "--list"]).await;
    let made: Vec<_> = kept["backups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|kept| kept["made"].as_str().unwrap())
        .collect();
    assert_eq!(made, ["before_restore", "daily"], "the newest first");
    let listed = home.run(&["restore", "--list"]).await.done().stdout;
    assert!(listed.contains("before a restore"), "{listed}");
    assert_eq!(home.ask(&["session", "list"]).await["total"], 1);
    assert_eq!(home.ask(&["session", "show", id]).await, first);
    assert_eq!(
        home.ask(&["wallet", "show"]).await["summary"]["balance"],
        wallet["summary"]["balance"]
    );

    let elsewhere = Home::new();
    // Where nothing is replaced nobody is asked.
    let restored = elsewhere.run(&["restore", backup]).await.done().stdout;
    assert!(!restored.contains("store before"), "{restored}");
    assert_eq!(elsewhere.ask(&["session", "show", id]).await, first);
    let refused = elsewhere.run(&["provider", "test", "first"]).await.with(1);
    assert!(refused.stderr.contains("key"), "{}", refused.stderr);
}

#[tokio::test]
async fn where_there_is_no_backup_yet_the_list_says_when_there_will_be() {
    let home = Home::new();
    let told = home.run(&["restore", "--list"]).await.done().stdout;
    assert_eq!(
        told,
        "There is no backup in the data folder yet; Husting makes one a day.\n"
    );
    assert_eq!(
        home.ask(&["restore", "--list"]).await,
        json!({ "backups": [] })
    );
}

#[tokio::test]
async fn who_runs_takes_a_backup_in_and_begins_anew_with_it() {
    let home = used().await;
    let backup = home.beside("backup.db");
    let backup = backup.to_str().unwrap();
    home.run(&["backup", backup]).await.done();
    let before = home.ask(&["session", "list"]).await;
    home.ask(&["deliberate", "What came later?"]).await;

    let mut instance = Instance::start(&home).await;
    let unasked = home.run(&["restore", backup]).await.with(2);
    assert!(unasked.stderr.contains("say --yes"), "{}", unasked.stderr);
    let no_backup = home.path().join("config.toml");
    fs::write(&no_backup, "").unwrap();
    for path in ["backup.db", no_backup.to_str().unwrap()] {
        let asked = RestoreBackup {
            path: path.to_owned(),
        };
        let refused = instance.call::<PutBack>(asked).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvalidRequest, "{refused}");
    }
    assert_eq!(home.ask(&["session", "list"]).await["total"], 2);

    let said = home.run(&["restore", backup, "--yes"]).await.done().stdout;
    let anew = format!("Process {} begins anew with {backup}.", instance.pid);
    assert!(said.starts_with(&anew), "{said}");
    assert!(said.contains("`husting audit accept`"), "{said}");
    assert!(
        said.contains("revoked since the backup was made open again"),
        "{said}"
    );
    assert!(!said.contains("keyring"), "the keys are ready: {said}");
    // The file may go at once: it was taken in.
    fs::remove_file(backup).unwrap();
    instance.until_begun_anew(&home).await;
    let list = instance.call::<FindSessions>(ListSessions::default()).await;
    assert_eq!(json!(list.unwrap())["sessions"], before["sessions"]);
    let replaced = |path: &PathBuf| path.to_string_lossy().contains("/backups/replaced-");
    assert!(files(&home.path()).iter().any(replaced));
    assert_eq!(instance.stop().await.0, 0);
    assert_eq!(home.ask(&["session", "list"]).await, before);
}

#[tokio::test]
async fn what_does_not_go_on_by_itself_after_a_restore_is_named() {
    let home = used().await;
    let backup = home.beside("backup.db");
    let backup = backup.to_str().unwrap();
    home.run(&["backup", backup]).await.done();
    home.run(&["agent", "mint", "ana"]).await.done();
    let mut instance = Instance::of(&home, home.bare_command(husting())).await;
    let said = home.run(&["restore", backup, "--yes"]).await.done().stdout;
    instance.until_begun_anew(&home).await;
    let keys = home.run(&["secrets"]).await.done().stdout;
    assert!(
        keys.contains("is locked, and a key file opens it"),
        "{keys}"
    );
    assert!(said.ends_with(&keys), "{said}");
    assert_eq!(instance.stop().await.0, 0);
}

#[tokio::test]
async fn a_refusal_has_one_code_whoever_restores_and_what_only_waits_is_not_called_restored() {
    let home = used().await;
    let (sound, newer, foreign) = (
        home.beside("sound.db"),
        home.beside("newer.db"),
        home.beside("recipes.db"),
    );
    home.run(&["backup", sound.to_str().unwrap()]).await.done();
    fs::copy(&sound, &newer).unwrap();
    make_newer(&newer).await;
    recipes(&foreign).await;
    let mut instance = None;
    for runs in [false, true] {
        if runs {
            instance = Some(Instance::start(&home).await);
        }
        for (file, how) in [&newer, &foreign]
            .into_iter()
            .flat_map(|file| ["--yes", "--look"].map(|how| (file, how)))
        {
            let words = ["restore", file.to_str().unwrap(), how, "--json"];
            let refused = home.run(&words).await.with(2);
            let told: Value = refused.error();
            assert_eq!(told["error"]["code"], "invalid_request", "{told}");
        }
        let told = home
            .ask(&["restore", sound.to_str().unwrap(), "--look"])
            .await;
        assert_eq!(
            (&told["sessions"], &told["messages"]),
            (&json!(1), &json!(0))
        );
    }
    let mut instance = instance.unwrap();
    let told = home
        .ask(&["restore", sound.to_str().unwrap(), "--yes"])
        .await;
    assert_eq!(
        told,
        json!({ "staged": sound, "begins_anew": instance.pid })
    );
    instance.until_begun_anew(&home).await;
    assert_eq!(instance.stop().await.0, 0);
}

#[track_caller]
fn replaced_store_is_named(said: &str) {
    let words = "The store before it is ";
    let file = said
        .split_once(words)
        .and_then(|(_, rest)| rest.lines().next())
        .map(|file| file.trim_end_matches('.'));
    let file = file.unwrap_or_else(|| panic!("{said}"));
    assert!(fs::metadata(file).unwrap().is_file(), "{said}");
}

#[tokio::test]
async fn what_is_no_backup_is_called_that_and_changes_nothing() {
    let home = used().await;
    let (text, folder) = (fixture("reference-river-gauges.md"), home.beside("folder"));
    let gone = home.beside("gone.db");
    let (empty, foreign) = (home.beside("empty.db"), home.beside("recipes.db"));
    fs::create_dir(&folder).unwrap();
    fs::write(&empty, "").unwrap();
    recipes(&foreign).await;
    let store = home.path().join("husting.db");
    let before = (files(&home.path()), fs::read(&store).unwrap());
    for (file, exit, said) in [
        (&text, 2, "is not a Husting backup"),
        (&empty, 2, "is not a Husting backup"),
        (&folder, 2, "is a folder"),
        (&gone, 3, "is not there"),
        (&foreign, 2, "is not a Husting"),
    ] {
        let refused = home
            .run(&["restore", file.to_str().unwrap(), "--yes"])
            .await;
        let refused = refused.with(exit);
        assert!(refused.stderr.contains(said), "{}", refused.stderr);
        assert!(
            refused.stderr.contains(file.to_str().unwrap()),
            "{}",
            refused.stderr
        );
        assert!(!refused.stderr.contains("damaged"), "{}", refused.stderr);
        assert!(
            (files(&home.path()), fs::read(&store).unwrap()) == before,
            "something was touched for {}",
            file.display()
        );
    }
    assert_eq!(home.ask(&["session", "list"]).await["total"], 1);
}
