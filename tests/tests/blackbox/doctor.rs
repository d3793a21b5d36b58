//! A look around where something hinders the store, and at a folder that is open to others.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use husting_tests::home::{Home, Ran};
use husting_tests::instance::Instance;
use husting_tests::program::husting;
use husting_tests::search::files;
use serde_json::Value;

use crate::store::{make_newer, used};

/// The findings of a subject.
fn finding<'a>(report: &'a Value, subject: &str) -> &'a Value {
    let mut findings = report["findings"].as_array().unwrap().iter();
    let found = findings.find(|found| found["subject"] == subject);
    found.unwrap_or_else(|| panic!("nothing about {subject}: {report}"))
}

fn said(finding: &Value) -> &str {
    finding["message"].as_str().unwrap()
}

fn damage(home: &Home) {
    let file = home.path().join("husting.db");
    let mut bytes = fs::read(&file).unwrap();
    bytes[..4_096].fill(0xFF);
    fs::write(file, bytes).unwrap();
}

/// Each file with what is in it, but for the log, in which every command writes.
fn kept(home: &Home) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let logs = home.path().join("logs");
    let is_kept = |file: &std::path::PathBuf| {
        !file.starts_with(&logs) && file.extension().is_none_or(|kind| kind != "lock")
    };
    let found = files(&home.path()).into_iter().filter(is_kept);
    found
        .map(|file| {
            let bytes = fs::read(&file).unwrap();
            (file, bytes)
        })
        .collect()
}

#[tokio::test]
async fn where_the_store_does_not_open_it_is_one_finding_among_others() {
    for hinder in ["damaged", "newer"] {
        let home = used().await;
        match hinder {
            "damaged" => damage(&home),
            _ => make_newer(&home.path().join("husting.db")).await,
        }
        let before = kept(&home);
        let line = ["doctor", "--listen", "127.0.0.1:0", "--json"];
        let report: Value = home.run(&line).await.with(1).json();
        let store = finding(&report, "store");
        assert_eq!(
            (&store["ok"], &store["untested"]),
            (&false.into(), &false.into())
        );
        let way = if hinder == "damaged" {
            "husting restore"
        } else {
            "install that one"
        };
        assert!(said(store).contains(way), "{store}");
        for subject in ["home", "port", "disk", "keys", "clients", "log"] {
            let found = finding(&report, subject);
            assert_eq!(found["ok"], true, "{hinder}: {found}");
        }
        assert!(said(finding(&report, "display")).contains("husting serve"));
        let told = home.run(&["doctor"]).await.with(1).stdout;
        assert!(told.contains("store") && told.contains("WRONG"), "{told}");
        assert_eq!(kept(&home), before, "{hinder}: something was changed");
    }
}

/// Without a place for keys, as on the first day in a container.
async fn looked_at_without_a_place_for_keys(home: &Home) -> Ran {
    let mut line = home.bare_command(husting());
    line.args(["doctor", "--json"]);
    husting_tests::home::run(line, None).await
}

#[tokio::test]
async fn a_first_day_without_a_place_for_keys_is_well_and_says_what_the_first_will_need() {
    let home = Home::empty();
    let report: Value = looked_at_without_a_place_for_keys(&home)
        .await
        .done()
        .json();
    let keys = finding(&report, "keys");
    assert_eq!(
        (&keys["ok"], &keys["untested"]),
        (&true.into(), &false.into())
    );
    assert!(said(keys).starts_with("none is stored yet"), "{keys}");
    assert!(
        said(keys).contains("`husting secrets file --new`"),
        "{keys}"
    );

    // Whoever has an agent has acts that nothing seals.
    let with_agent = Home::empty();
    with_agent.run(&["agent", "mint", "ana"]).await.done();
    let report: Value = looked_at_without_a_place_for_keys(&with_agent)
        .await
        .with(1)
        .json();
    assert_eq!(finding(&report, "keys")["ok"], false, "{report}");

    // Once one was kept, whoever cannot read it is told that.
    let add = [
        "provider",
        "add",
        "far",
        "--kind",
        "anthropic",
        "--key-stdin",
    ];
    home.run_with(&add, "sk-ant-a-key-of-ours-7Fq2\n")
        .await
        .done();
    fs::remove_file(home.path().join("secrets.sealed")).unwrap();
    let report: Value = looked_at_without_a_place_for_keys(&home)
        .await
        .with(1)
        .json();
    let keys = finding(&report, "keys");
    assert_eq!(keys["ok"], false, "{keys}");
    assert!(said(keys).starts_with("No keyring answers"), "{keys}");
}

#[tokio::test]
async fn a_helper_is_given_what_there_is_where_the_store_does_not_open() {
    let home = used().await;
    damage(&home);
    let foreign = format!("sk-ant-api03-{}", "k3Y".repeat(20));
    let line = format!("{{\"level\":\"ERROR\",\"said\":\"refused: {foreign}\"}}\n");
    fs::write(home.path().join("logs/husting.2026-11-20.log"), line).unwrap();
    let file = home.beside("bundle.json");
    let name = file.to_str().unwrap();
    let told = home.run(&["doctor", "--bundle", name]).await.done();
    assert!(told.stderr.contains("could not be opened"), "{told:?}");
    assert!(told.stdout.contains("Read it before"), "{told:?}");
    let text = fs::read_to_string(&file).unwrap();
    let bundle: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(bundle["husting"], env!("CARGO_PKG_VERSION"));
    assert_eq!(finding(&bundle, "store")["ok"], false);
    assert!(text.contains("refused: "), "{text}");
    assert!(!text.contains(&foreign[14..]), "{text}");
    let own = home.beside("").display().to_string();
    assert!(
        !text.contains(own.trim_end_matches('/')),
        "whose it is: {text}"
    );
    assert!(bundle.get("settings").is_none(), "{text}");
}

#[tokio::test]
async fn settings_that_cannot_be_used_are_a_finding_and_nothing_is_opened_by_guess() {
    for wrong in [
        "[panel\n",
        "nonsense = 1\n",
        "secrets = \"file\"\n",
        "zoom = \"much\"\n",
    ] {
        let home = used().await;
        fs::write(home.path().join("config.toml"), wrong).unwrap();
        let all = files(&home.path());
        let before = kept(&home);
        let mut line = home.bare_command(husting());
        line.args(["doctor", "--json"]);
        let report: Value = husting_tests::home::run(line, None).await.with(1).json();
        let settings = finding(&report, "settings");
        assert_eq!(settings["ok"], false, "{settings}");
        let place = if wrong.starts_with("secrets") {
            "HUSTING_PASSPHRASE"
        } else {
            "config.toml"
        };
        assert!(said(settings).contains(place), "{settings}");
        for subject in ["store", "keys", "port"] {
            assert_eq!(finding(&report, subject)["untested"], true, "{report}");
        }
        let mut line = home.bare_command(husting());
        line.args(["doctor", "--bundle", "-"]);
        let bundle = husting_tests::home::run(line, None).await.done().stdout;
        assert!(
            bundle.contains("\"settings\"") && bundle.contains("\"log\""),
            "{bundle}"
        );
        assert_eq!((files(&home.path()), kept(&home)), (all, before), "{wrong}");
        // A flag of the line itself is refused as before.
        home.run(&["doctor", "--panel-max-seats", "99"])
            .await
            .with(2);
    }
}

#[tokio::test]
async fn who_runs_is_asked_although_settings_were_spoilt_since() {
    let home = Home::new();
    let instance = Instance::start(&home).await;
    fs::write(home.path().join("config.toml"), "[panel\n").unwrap();
    let report: Value = home.run(&["doctor", "--json"]).await.with(1).json();
    assert_eq!(finding(&report, "store")["ok"], true);
    assert_eq!(finding(&report, "settings")["ok"], false);
    instance.stop().await;
}

#[tokio::test]
async fn what_the_system_refuses_is_told_without_its_number() {
    let home = used().await;
    // It leads to itself, which nobody can open.
    let backups = home.path().join("backups");
    std::os::unix::fs::symlink("backups", &backups).unwrap();
    let told = home.run(&["doctor"]).await.with(1).stdout;
    let folder = "backups cannot be opened: the system says “Too many levels of symbolic links”; mend that\n";
    assert!(told.contains(folder), "{told}");
    fs::remove_file(&backups).unwrap();
    fs::write(&backups, "").unwrap();
    let told = home.run(&["doctor"]).await.with(1).stdout;
    let folder = "backups cannot be opened: a file stands where a folder is to be; move it away\n";
    assert!(told.contains(folder), "{told}");
    fs::remove_file(backups).unwrap();
}

#[tokio::test]
async fn what_others_may_get_at_is_told_with_the_line_that_mends_it() {
    let home = used().await;
    let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode));
    let (folder, store) = (home.path(), home.path().join("husting.db"));
    set(&folder, 0o777).unwrap();
    set(&store, 0o666).unwrap();
    let report: Value = home.run(&["doctor", "--json"]).await.with(1).json();
    let found = said(finding(&report, "home"));
    assert!(found.contains("0777") && found.contains("0666"), "{found}");
    assert_eq!(finding(&report, "home")["ok"], false);
    let (_, line) = found.split_once('`').unwrap();
    let (line, _) = line.split_once('`').unwrap();
    let mended = std::process::Command::new("sh").args(["-c", line]).status();
    assert!(mended.unwrap().success(), "{line}");
    let report = home.ask(&["doctor"]).await;
    assert_eq!(finding(&report, "home")["ok"], true, "{report}");
    // What the engine put beside the store of who runs has that store's mode.
    set(&store, 0o644).unwrap();
    let mut instance = Instance::start(&home).await;
    instance.until_said("has mode 0644: others may get").await;
    let report: Value = home.run(&["doctor", "--json"]).await.with(1).json();
    let (_, line) = said(finding(&report, "home")).split_once('`').unwrap();
    let (line, _) = line.split_once('`').unwrap();
    let mended = std::process::Command::new("sh").args(["-c", line]).status();
    assert!(mended.unwrap().success(), "{line}");
    let report = home.ask(&["doctor"]).await;
    assert_eq!(finding(&report, "home")["ok"], true, "{report}");
    instance.stop().await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&store)), (0o700, 0o600));
}

#[tokio::test]
async fn who_serves_a_folder_that_others_may_look_into_says_what_the_doctor_does() {
    let home = used().await;
    let folder = home.path();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    let mut instance = Instance::start(&home).await;
    let report: Value = home.run(&["doctor", "--json"]).await.with(1).json();
    let found = said(finding(&report, "home"));
    instance.until_said(&format!("husting: {found}.")).await;
    instance.stop().await;
    // Whoever opened it to a group may have meant it.
    let mode = fs::metadata(&folder).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
}
