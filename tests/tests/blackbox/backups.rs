//! Copies of the store, and the way back.

use std::fs;

use husting_test_support::Script;
use husting_tests::home::Home;
use husting_tests::instance::Instance;
use husting_tests::panel::{KEYS, MODELS, Panel};
use husting_tests::program::fixture;
use husting_tests::search::{files, holds};

use crate::store::{recipes, used};

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
    let unasked = home.run(&["restore", backup]).await.with(2);
    assert!(unasked.stderr.contains("say --yes"), "{}", unasked.stderr);
    assert_eq!(home.ask(&["session", "list"]).await["total"], 2);
    let restored = home.run(&["restore", backup, "--yes"]).await.done().stdout;
    replaced_store_is_named(&restored);
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
    let (empty, foreign) = (home.beside("empty.db"), home.beside("recipes.db"));
    fs::create_dir(&folder).unwrap();
    fs::write(&empty, "").unwrap();
    recipes(&foreign).await;
    let store = home.path().join("husting.db");
    let before = (files(&home.path()), fs::read(&store).unwrap());
    for (file, exit, said) in [
        (&text, 2, "is not a Husting backup"),
        (&empty, 2, "is not a Husting backup"),
        (&folder, 2, "cannot be read"),
        (&foreign, 1, "is not a Husting"),
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
