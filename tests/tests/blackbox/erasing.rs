//! All data erased: through who runs, without anybody, and by the start that follows a kill.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use husting_test_support::Script;
use husting_tests::home::{Home, run};
use husting_tests::instance::Instance;
use husting_tests::panel::{KEYS, MODELS, Panel};
use husting_tests::program::husting;
use husting_tests::search::{files, holders};
use husting_tests::tools::{OWN_MOUNTS, require_namespace};
use husting_wire::commands::ReadSettings;
use husting_wire::settings::Nothing;
use serde_json::{Value, json};

use crate::store::{in_own_mounts, make_newer, recipes, used};

const QUESTION: &str = "Shall the canary named Quillfeather be sold?";
const CANARY: (&str, &str) = ("somebody's words", "Quillfeather");
const FOLDER: &str = "agents/quill-0199d1f0-0000-7000-8000-000000000000";
/// What somebody else put into the folder.
const FOREIGN: &str = "mine.txt";

/// A folder with something of everything, and one file that is not Husting's.
async fn full() -> Home {
    let (home, panel) = (Home::new(), Panel::start(Script::debate()).await);
    panel.seat_at(&home).await;
    home.ask(&["deliberate", QUESTION, "--models", MODELS])
        .await;
    home.run(&["agent", "mint", "quillfeather"]).await.done();
    home.run(&["bus", "send", "kasra", QUESTION]).await.done();
    for name in [
        "backups/husting-2026-11-20.db",
        "discord/flight.jsonl",
        &format!("{FOLDER}/notes.md"),
        "discord.db",
    ] {
        let path = home.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, QUESTION).unwrap();
    }
    fs::write(
        home.path().join("config.toml"),
        format!("# {QUESTION}\n[panel]\nmax_seats = 4\n"),
    )
    .unwrap();
    fs::write(home.path().join(FOREIGN), "not Husting's").unwrap();
    assert!(
        !holders(&home.path(), &[CANARY]).is_empty(),
        "there is something to erase"
    );
    home
}

/// Nothing of what was there is left, and what is not Husting's is.
async fn is_erased(home: &Home) {
    let [(first, key), (second, other)] = KEYS;
    let found = holders(&home.path(), &[CANARY, (first, key), (second, other)]);
    assert_eq!(found, Vec::<String>::new());
    assert!(home.path().join(FOREIGN).exists(), "it is somebody else's");
    assert!(
        !home.path().join("husting.erasing").exists(),
        "it has ended"
    );
    assert_eq!(home.ask(&["session", "list"]).await["total"], 0);
    assert_eq!(
        home.ask(&["provider", "list"]).await["providers"],
        json!([])
    );
    let agents = home.ask(&["agent", "list"]).await.to_string();
    assert!(!agents.contains("quillfeather"), "{agents}");
}

#[tokio::test]
async fn without_anybody_running_a_line_erases_everything_and_says_what_it_left() {
    let home = full().await;
    let before = files(&home.path());
    let unasked = home.run(&["erase"]).await.with(2);
    assert!(unasked.stderr.contains("say --yes"), "{}", unasked.stderr);
    assert_eq!(files(&home.path()), before, "nobody agreed");

    let said = home.run(&["erase", "--yes"]).await.done().stdout;
    let foreign = home.path().join(FOREIGN);
    assert!(said.contains(foreign.to_str().unwrap()), "{said}");
    assert!(said.contains("No keyring answered"), "{said}");
    assert!(!said.contains("in the keyring too"), "{said}");
    assert!(said.contains("tmux"), "{said}");
    assert!(said.contains("numbers of Discord bots stay in"), "{said}");
    let rest = files(&home.path());
    let is_data = |file: &&PathBuf| {
        let name = file.file_name().unwrap().to_str().unwrap();
        !name.ends_with(".lock") && !name.ends_with(".log") && name != FOREIGN
    };
    assert_eq!(rest.iter().find(is_data), None);
    is_erased(&home).await;
    let told = home.ask(&["erase", "--yes"]).await;
    assert_eq!(told["left"], json!([foreign]), "{told}");
    fs::remove_file(foreign).unwrap();
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_not_made_to_be_erased() {
    let home = Home::new();
    fs::remove_dir_all(home.path()).unwrap_or_default();
    let refused = home.run(&["erase", "--yes"]).await.with(3).stderr;
    assert!(refused.contains("is not there"), "{refused}");
    assert!(!home.path().exists());
}

#[tokio::test]
async fn where_keys_may_be_in_a_keyring_the_refusal_has_the_line_that_erases_without_one() {
    let home = full().await;
    // As in a folder that was restored from a backup: keys were kept, and not here.
    fs::remove_file(home.path().join("secrets.sealed")).unwrap();
    let ran = async |variables: &[(&str, &str)]| {
        let mut command = home.bare_command(husting());
        command
            .args(["erase", "--yes"])
            .envs(variables.iter().copied());
        run(command, None).await
    };
    let refused = ran(&[]).await.with(1).stderr;
    assert!(refused.contains("Nothing was erased"), "{refused}");
    assert!(!refused.contains("HUSTING_SECRETS=file"), "{refused}");
    assert!(
        refused.contains("`HUSTING_SECRETS=memory husting erase`"),
        "{refused}"
    );
    let said = ran(&[("HUSTING_SECRETS", "memory")]).await.done().stdout;
    assert!(said.contains("No keyring answered"), "{said}");
    is_erased(&home).await;
}

#[tokio::test]
async fn a_sealed_file_that_nothing_unlocks_and_spoilt_settings_hinder_no_erasing() {
    for (settings, variable) in [("", "file"), ("secrets = \"file\"\n", ""), ("[panel\n", "")] {
        let home = full().await;
        fs::write(home.path().join("config.toml"), settings).unwrap();
        let mut command = home.bare_command(husting());
        command
            .args(["erase", "--yes"])
            .env("HUSTING_SECRETS", variable);
        run(command, None).await.done();
        is_erased(&home).await;
    }
}

#[tokio::test]
async fn who_runs_without_a_keyring_names_the_lines_that_erase() {
    let home = full().await;
    fs::remove_file(home.path().join("secrets.sealed")).unwrap();
    let mut instance = Instance::of(&home, home.bare_command(husting())).await;
    let refused = home.run(&["erase", "--yes"]).await.with(1).stderr;
    assert!(refused.contains("`husting secrets memory`"), "{refused}");
    home.run(&["secrets", "memory"]).await.done();
    let said = home.run(&["erase", "--yes"]).await.done().stdout;
    assert!(said.contains("where one answers"), "{said}");
    instance.until_begun_anew(&home).await;
    instance.stop().await;
    is_erased(&home).await;
}

#[tokio::test]
async fn who_runs_erases_everything_and_begins_anew_with_nothing() {
    let home = full().await;
    let sealed = home.path().join("secrets.sealed");
    let keys = fs::read(&sealed).unwrap();
    let mut instance = Instance::start(&home).await;
    let seats = async |instance: &Instance| {
        let settings = instance.call::<ReadSettings>(Nothing {}).await.unwrap();
        settings.panel_max_seats
    };
    assert_eq!(seats(&instance).await, 4, "config.toml is in force");

    let told = home.ask(&["erase", "--yes"]).await;
    assert_eq!(told["begins_anew"], instance.pid, "{told}");
    assert_eq!(told["left"], json!([home.path().join(FOREIGN)]), "{told}");
    instance.until_begun_anew(&home).await;
    assert_ne!(seats(&instance).await, 4, "config.toml is gone");
    assert_ne!(
        fs::read(&sealed).unwrap(),
        keys,
        "it is another sealed file"
    );
    is_erased(&home).await;
    assert_eq!(instance.stop().await.0, 0);
    is_erased(&home).await;
}

/// As it is when the program is killed once its marker is laid, whatever it had erased by then.
fn begun(home: &Home, needs_keyring: bool) {
    let marker = json!({
        "namespace": "0123456789abcdef",
        "keys": ["provider/first", "audit/seal"],
        "needs_keyring": needs_keyring,
    });
    fs::write(home.path().join("husting.erasing"), marker.to_string()).unwrap();
}

#[tokio::test]
async fn a_start_ends_what_a_kill_left() {
    for erased in [
        &[][..],
        &["husting.db"],
        &["husting.db-wal", "config.toml", "backups"],
    ] {
        let home = full().await;
        begun(&home, false);
        for name in erased {
            let path = home.path().join(name);
            match path.is_dir() {
                true => fs::remove_dir_all(path).unwrap(),
                false => fs::remove_file(path).unwrap_or_default(),
            }
        }
        is_erased_by(&home, &["wallet", "show"]).await;
    }
    let home = full().await;
    begun(&home, false);
    let instance = Instance::start(&home).await;
    is_erased(&home).await;
    assert_eq!(instance.stop().await.0, 0);
}

async fn is_erased_by(home: &Home, words: &[&str]) {
    home.run(words).await.done();
    is_erased(home).await;
}

#[tokio::test]
async fn nothing_is_opened_before_it_has_ended_and_keys_in_the_keyring_go_first() {
    let home = full().await;
    let backup = home.beside("backup.db");
    home.run(&["backup", backup.to_str().unwrap()]).await.done();
    begun(&home, true);
    let before = files(&home.path());
    // There is no keyring here, and keys may be in one.
    let refused = home.run(&["session", "list"]).await.with(1).stderr;
    assert!(
        refused.contains("is being erased") && refused.contains("keyring"),
        "{refused}"
    );
    let refused = home
        .run(&["restore", backup.to_str().unwrap(), "--yes"])
        .await;
    let refused = refused.with(4).stderr;
    assert!(refused.contains("is being erased"), "{refused}");
    let is_data = |file: &&PathBuf| !file.starts_with(home.path().join("logs"));
    let (kept, before): (Vec<_>, Vec<_>) = (files(&home.path()), before);
    assert_eq!(
        kept.iter().filter(is_data).collect::<Vec<_>>(),
        before.iter().filter(is_data).collect::<Vec<_>>(),
        "nothing went before the keys"
    );
    begun(&home, false);
    is_erased_by(&home, &["session", "list"]).await;
}

#[tokio::test]
async fn a_link_goes_and_what_it_leads_to_stays_and_is_named() {
    let home = used().await;
    let elsewhere = home.beside("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let kept = elsewhere.join("husting-2026-11-20.db");
    fs::write(&kept, QUESTION).unwrap();
    let backups = home.path().join("backups");
    if backups.exists() {
        fs::remove_dir_all(&backups).unwrap();
    }
    symlink(&elsewhere, &backups).unwrap();
    let told: Value = home.run(&["erase", "--yes", "--json"]).await.with(5).json();
    assert_eq!(told["not_removed"], json!([elsewhere]), "{told}");
    assert_eq!(told["left"], json!([]), "{told}");
    assert!(backups.symlink_metadata().is_err(), "the link is gone");
    assert_eq!(fs::read_to_string(kept).unwrap(), QUESTION);
}

#[tokio::test]
async fn what_the_system_holds_is_named_as_husting_s_and_the_rest_goes() {
    require_namespace(
        OWN_MOUNTS,
        "to put a folder that cannot be removed in the way",
    );
    let home = full().await;
    let folder = home.path().join(FOLDER);
    fs::remove_file(folder.join("notes.md")).unwrap();
    fs::create_dir(folder.join("held")).unwrap();
    let script = format!(
        r#"mount --bind "$HUSTING_HOME/{FOLDER}/held" "$HUSTING_HOME/{FOLDER}/held"
        exec "$1" erase --yes"#
    );
    let said = in_own_mounts(&home, &script, &[]).await.with(5).stdout;
    let (ours, foreign) = (folder, home.path().join(FOREIGN));
    let (not_removed, left) = said
        .split_once("Left, because Husting did not write it:")
        .unwrap();
    let (_, not_removed) = not_removed.split_once("Not removed, because").unwrap();
    assert!(not_removed.contains(ours.to_str().unwrap()), "{said}");
    assert!(left.contains(foreign.to_str().unwrap()), "{said}");
    assert!(!left.contains(ours.to_str().unwrap()), "{said}");
    is_erased(&home).await;
}

#[tokio::test]
async fn a_store_that_does_not_open_hinders_nothing() {
    for hinder in ["damaged", "newer", "foreign", "waiting"] {
        let home = full().await;
        let file = home.path().join("husting.db");
        match hinder {
            "damaged" => fs::write(&file, QUESTION.repeat(400)).unwrap(),
            "newer" => make_newer(&file).await,
            "foreign" => {
                fs::remove_file(&file).unwrap();
                recipes(&file).await;
            }
            // A backup that cannot take the store's place.
            _ => {
                fs::copy(&file, home.path().join("husting.restoring")).unwrap();
                fs::remove_dir_all(home.path().join("backups")).unwrap();
                fs::write(home.path().join("backups"), "").unwrap();
            }
        }
        home.run(&["session", "list"]).await.with(1);
        let said = home.run(&["erase", "--yes"]).await.done();
        assert!(
            said.stderr.contains("hinders no erasing"),
            "{hinder}: {}",
            said.stderr
        );
        is_erased(&home).await;
    }
}
