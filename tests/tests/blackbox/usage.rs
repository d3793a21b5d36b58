//! Lines that are refused: with which exit, in which words, and to a script as one document.

use std::process::Stdio;

use husting_tests::home::{Home, Ran, run};
use husting_tests::instance::{Instance, signal};
use husting_tests::patience::wait_for;
use husting_tests::program::husting;
use serde_json::Value;
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tokio::io::{AsyncBufReadExt, BufReader};

const NOBODY: &str = "0199d1f0-0000-7000-8000-000000000000";

#[tokio::test]
async fn to_a_script_every_refusal_is_one_document() {
    let home = Home::new();
    let table: [(&[&str], i32, &str, &str); 35] = [
        (&["session", "export"], 2, "invalid_request", "<ID>"),
        (&["deliberate"], 2, "invalid_request", "<QUESTION>"),
        (
            &["nonsense"],
            2,
            "invalid_request",
            "unrecognized subcommand",
        ),
        (&[], 2, "invalid_request", "requires a subcommand"),
        (
            &["session", "show", "not-an-id"],
            2,
            "invalid_request",
            "first 6 characters",
        ),
        (
            &[
                "deliberate",
                "Q?",
                "--rounds",
                "2",
                "--prompt",
                "a",
                "--prompt",
                "b",
            ],
            2,
            "invalid_request",
            "say --rounds 3",
        ),
        (
            &["deliberate", "Q?", "--moderator", ""],
            2,
            "invalid_request",
            "at least one letter",
        ),
        (
            &["session", "append", NOBODY, " "],
            2,
            "invalid_request",
            "left out, it is built from the claim map",
        ),
        (
            &["session", "append", NOBODY, "-"],
            2,
            "invalid_request",
            "standard input is empty",
        ),
        (
            &["session", "append", NOBODY, "--moderator", " "],
            2,
            "invalid_request",
            "at least one letter",
        ),
        (
            &["wallet", "top-up", "--usd", "99999999999999"],
            2,
            "invalid_request",
            "the largest amount here is $10,000",
        ),
        (
            &["wallet", "limit", "--usd", "99999999999999"],
            2,
            "invalid_request",
            "the largest amount here is $1,000,000",
        ),
        (
            &["wallet", "top-up", "--usd", "-5"],
            2,
            "invalid_request",
            "must be more than zero",
        ),
        (
            &["deliberate", "Q?", "--spend-limit", "-1"],
            2,
            "invalid_request",
            "must be more than zero",
        ),
        (
            &["deliberate", "Q?", "--deadline", "29"],
            2,
            "invalid_request",
            "'--deadline <SECONDS>': it must be a whole number from 30 to 1800",
        ),
        (
            &["deliberate", "Q?", "--max-output-tokens", "200001"],
            2,
            "invalid_request",
            "'--max-output-tokens <N>': it must be a whole number from 512 to 200000",
        ),
        (
            &["models", "deadline", "a", "1801"],
            2,
            "invalid_request",
            "'<SECONDS>': it must be a whole number from 30 to 1800",
        ),
        (
            &["agent", "mint", "Bruno"],
            2,
            "invalid_request",
            "'<NAME>': a name has 1 to 63 of a-z, 0-9 and hyphens",
        ),
        (
            &["config", "panel.seats"],
            2,
            "invalid_request",
            "There is no setting “panel.seats”",
        ),
        (
            &["deliberate", "Q?", "--reference", "/dev/null"],
            2,
            "invalid_request",
            "/dev/null is empty",
        ),
        (
            &["config", "--panel-max-seats", "99"],
            2,
            "invalid_request",
            "a number from 3 to 8",
        ),
        (
            &["--home", "/etc/passwd", "wallet", "show"],
            1,
            "store_unavailable",
            "/etc/passwd cannot be used: it is a file",
        ),
        (
            &["restore", "no-such-file.db"],
            3,
            "not_found",
            "no-such-file.db is not there",
        ),
        (
            &["backup", "/no-such-folder/x.db"],
            3,
            "not_found",
            "its folder is not there",
        ),
        (
            &["audit", "export", "/no-such-folder/x.jsonl"],
            3,
            "not_found",
            "its folder is not there",
        ),
        (
            &["doctor", "--bundle", "/no-such-folder/x.json"],
            3,
            "not_found",
            "its folder is not there",
        ),
        (
            &["session", "append", NOBODY, "--snippet", "nojson"],
            2,
            "invalid_request",
            "--snippet 1 is not JSON; write {",
        ),
        (
            &[
                "session",
                "append",
                NOBODY,
                "--snippet",
                r#"{"type": "NOPE"}"#,
            ],
            2,
            "invalid_request",
            "type is one of KEEP, EXPLORE, CHALLENGE, CORE, SHIFT",
        ),
        (
            &["agent", "wake", "kasra", "--per-day", "-1"],
            2,
            "invalid_request",
            "'--per-day <N>': it must be a whole number from 0 on",
        ),
        (
            &["secrets", "file"],
            2,
            "invalid_request",
            "say --passphrase-stdin",
        ),
        (
            &["provider", "remove", "nope"],
            3,
            "not_found",
            "There is no provider “nope” here: `husting provider list` names them.",
        ),
        (
            &["models", "deadline", "nope", "60"],
            3,
            "not_found",
            "There is no model “nope” here: `husting models list` names them.",
        ),
        (
            &[
                "deliberate",
                "Q?",
                "--models",
                "rehearsal-skeptic",
                "--estimate",
            ],
            2,
            "invalid_request",
            "A panel has 2 to 3 models; 1 was named.",
        ),
        (
            &[
                "deliberate",
                "Q?",
                "--models",
                "rehearsal-skeptic,rehearsal-skeptic",
                "--estimate",
            ],
            2,
            "invalid_request",
            "A panel holds each model once; `rehearsal-skeptic` was named twice.",
        ),
        (&["session", "show", NOBODY], 3, "not_found", "no session"),
    ];
    for (words, exit, code, sentence) in table {
        let refused = home.run(&[&["--json"], words].concat()).await;
        one_document(&refused.with(exit), code, sentence);
    }
    let nowhere = bridge_nowhere(&home, &["--json", "discord"]).await.with(1);
    one_document(
        &nowhere,
        "store_unavailable",
        "/proc/no-such-folder cannot be used",
    );
    assert_eq!(home.ask(&["session", "list"]).await["total"], 0);
}

#[track_caller]
fn one_document(refused: &Ran, code: &str, sentence: &str) {
    let said: Value = refused.error();
    assert_eq!(said.as_object().unwrap().len(), 1, "{said}");
    assert_eq!(said["error"]["code"], code, "{}", refused.line);
    let message = said["error"]["message"].as_str().unwrap();
    assert!(message.contains(sentence), "{}: {message}", refused.line);
    assert!(refused.stdout.is_empty(), "{}", refused.stdout);
}

#[tokio::test]
async fn a_folder_that_was_named_wrongly_is_not_made() {
    let home = Home::new();
    let wrong = home.beside("typo");
    let named = wrong.to_str().unwrap();
    for words in [
        &["session", "list"][..],
        &["deliberate", "Q?"],
        &["doctor"],
        &["backup", "copy.db"],
    ] {
        let line = [&["--json", "--home", named], words].concat();
        let refused = home.run(&line).await.with(3);
        let said: Value = refused.error();
        assert_eq!(said["error"]["code"], "not_found", "{}", refused.line);
        let message = said["error"]["message"].as_str().unwrap();
        assert!(message.contains(named), "{message}");
        let begins = "begin there with `husting serve`, `husting restore` or `husting discord`";
        assert!(message.ends_with(begins), "{message}");
        assert!(!wrong.exists(), "{}", refused.line);
    }
    for (words, what) in [
        (&["erase", "--yes"][..], "nothing was erased"),
        (
            &["channel", "--url", "http://127.0.0.1:9/mcp"],
            "husting serve",
        ),
    ] {
        let line = [&["--json", "--home", named], words].concat();
        let refused = home.run(&line).await.with(3);
        let said = refused.error::<Value>()["error"]["message"].to_string();
        assert!(said.contains(named) && said.contains(what), "{said}");
        assert!(!wrong.exists(), "{}", refused.line);
    }
    // A folder that is there may be empty still, and a backup may be put where none is.
    std::fs::create_dir(&wrong).unwrap();
    let list = home.ask(&["--home", named, "session", "list"]).await;
    assert_eq!(list["total"], 0);
    let (backup, anew) = (home.beside("copy.db"), home.beside("anew"));
    let (backup, anew) = (backup.to_str().unwrap(), anew.to_str().unwrap());
    home.run(&["backup", backup]).await.done();
    home.run(&["--home", anew, "restore", backup]).await.done();
    home.ask(&["--home", anew, "session", "list"]).await;
}

/// What a server says beside its answers until it is ready, and when it is asked to end then.
async fn said_by_a_server(home: &Home) -> String {
    let mut server = home.command(husting());
    server
        .args(["serve", "--no-link", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut server = server.spawn().unwrap();
    let mut answers = BufReader::new(server.stdout.take().unwrap()).lines();
    let ready = wait_for("the server's address", answers.next_line()).await;
    assert!(ready.unwrap().is_some(), "it starts");
    signal(server.id().unwrap(), "TERM").await;
    let ended = wait_for("the end of the server", server.wait_with_output()).await;
    String::from_utf8(ended.unwrap().stderr).unwrap()
}

#[tokio::test]
async fn a_server_that_was_asked_to_end_says_that_it_did() {
    let said = said_by_a_server(&Home::new()).await;
    assert!(said.ends_with("husting: stopped\n"), "{said:?}");
}

#[tokio::test]
async fn whoever_makes_the_folder_that_the_variable_names_says_so() {
    let home = Home::new();
    let began = format!(
        "husting: began a new data folder, {}\n",
        home.path().display()
    );
    let backup = home.beside("copy.db");
    let backup = backup.to_str().unwrap();
    home.run(&["backup", backup]).await.done();
    let anew = || std::fs::remove_dir_all(home.path()).unwrap();
    for words in [&["session", "list"][..], &["restore", "--yes", backup]] {
        anew();
        for says_so in [true, false] {
            let said = home.run(words).await.done().stderr;
            assert_eq!(said.matches(&began).count(), usize::from(says_so), "{said}");
        }
        anew();
        let said = home.run(&[&["--json"], words].concat()).await.done().stderr;
        assert_eq!(said, "", "a script reads one document, or nothing");
    }
    anew();
    for says_so in [true, false] {
        let said = said_by_a_server(&home).await;
        assert_eq!(said.matches(&began).count(), usize::from(says_so), "{said}");
    }
    anew();
    let (code, said) = Instance::start(&home).await.stop().await;
    assert_eq!((code, said.contains("began")), (0, false), "{said}");
}

/// The bridge alone, on a folder that cannot be made.
async fn bridge_nowhere(home: &Home, words: &[&str]) -> Ran {
    let mut bridge = home.command(husting());
    bridge.args(words).envs([
        ("HUSTING_HOME", "/proc/no-such-folder"),
        ("DISCORD_BOT_TOKEN", "MTIz.of-nobody.secretpart"),
        ("DISCORD_API_BASE", "http://127.0.0.1:9/api/v10"),
        ("MUMEGA_BUS_URL", "http://127.0.0.1:9/mcp"),
        ("MUMEGA_BUS_TOKEN", "of-nobody-at-all"),
    ]);
    run(bridge, None).await
}

#[tokio::test]
async fn nobody_says_that_a_folder_was_begun_that_could_not_be_made() {
    let home = Home::new();
    let said = bridge_nowhere(&home, &["discord"]).await.stderr;
    assert!(
        said.contains("the log folder /proc/no-such-folder") && !said.contains("os error"),
        "{said}"
    );
    assert!(!said.contains("began"), "{said}");
    let another = "\n--home or HUSTING_HOME names another folder.\n";
    assert!(said.ends_with(another), "{said}");
}

#[tokio::test]
async fn a_person_is_told_in_a_line_what_is_wrong() {
    let home = Home::new();
    let refused = home.run(&["session", "show", NOBODY]).await.stderr;
    assert!(
        refused.starts_with("husting: There is no session"),
        "{refused}"
    );
    assert_eq!(refused.lines().count(), 1);
    // Told as by the store, whoever looks first, and whatever is asked.
    for path in ["/etc/passwd", "/etc/passwd/below"] {
        for words in [&["wallet", "show"][..], &["doctor"], &["serve"], &["erase"]] {
            let line = [&["--home", path], words].concat();
            assert_eq!(
                home.run(&line).await.with(1).stderr,
                format!(
                    "husting: the data folder {path} cannot be used: it is a file or lies below one; move that \
                     file away.\n--home or HUSTING_HOME names another folder.\n"
                )
            );
        }
    }
}

#[tokio::test]
async fn prompts_decide_how_many_rounds_are_held() {
    let home = Home::new();
    let held = home
        .ask(&[
            "deliberate",
            "Tea?",
            "--prompt",
            "And milk?",
            "--prompt",
            "And sugar?",
        ])
        .await;
    let rounds = held["rounds"].as_array().unwrap();
    let prompts: Vec<_> = rounds.iter().map(|round| &round["prompt"]).collect();
    assert_eq!(prompts, ["Tea?", "And milk?", "And sugar?"]);
}

#[tokio::test]
async fn a_key_that_would_be_forgotten_is_not_taken() {
    let home = Home::new();
    let add = [
        "provider",
        "add",
        "first",
        "--kind",
        "openai",
        "--key-stdin",
    ];
    let refused = with_keys_in_memory(&home, &add).await.with(2);
    assert!(
        refused
            .stderr
            .contains("would be forgotten when this command ends"),
        "{}",
        refused.stderr
    );
    let key = ["provider", "key", "first", "--key-stdin"];
    with_keys_in_memory(&home, &key).await.with(2);
    let local = ["provider", "add", "near", "--kind", "ollama"];
    with_keys_in_memory(&home, &local).await.done();
    let list = home.ask(&["provider", "list"]).await;
    assert_eq!(list["providers"].as_array().unwrap().len(), 1, "{list}");
}

async fn with_keys_in_memory(home: &Home, words: &[&str]) -> Ran {
    let mut command = home.bare_command(husting());
    command.env("HUSTING_SECRETS", "memory").args(words);
    run(command, Some("sk-test-forgotten-4f9b2c7d")).await
}

#[tokio::test]
async fn the_log_stays_out_of_what_a_script_reads_unless_it_is_asked_for() {
    let home = Home::new();
    home.ask(&["wallet", "show"]).await;
    let file = SqliteConnectOptions::new().filename(home.path().join("husting.db"));
    let mut store = SqliteConnection::connect_with(&file).await.unwrap();
    let odd =
        "insert into settings (tenant_id, key, value) values ('local', 'panel.buckets', '\"odd\"')";
    sqlx::query(odd).execute(&mut store).await.unwrap();
    store.close().await.unwrap();

    const WARNING: &str = "the stored panel cannot be read";
    let heard = home.run(&["models", "panel"]).await.done().stderr;
    assert!(
        heard.starts_with(&format!("husting: warning: {WARNING} (")),
        "people are warned: {heard:?}"
    );
    assert!(!heard.contains("WARN"), "in words: {heard:?}");
    let script = home.run(&["models", "panel", "--json"]).await.done();
    assert_eq!(script.stderr, "");
    let mut asking = home.command(husting());
    asking.args(["models", "panel", "--json"]);
    asking.env("HUSTING_LOG", "warn");
    let asked = run(asking, None).await.done().stderr;
    assert!(
        asked.contains(WARNING) && asked.contains("WARN"),
        "{asked:?}"
    );
}

#[tokio::test]
async fn what_a_line_comes_to_is_said_where_nothing_is_done() {
    let home = Home::new();
    let resumed = home.run(&["resume"]).await.done().stdout;
    assert!(resumed.starts_with("Agents were not paused. "), "{resumed}");
    home.run(&["pause"]).await.done();
    let resumed = home.run(&["resume"]).await.done().stdout;
    assert!(!resumed.contains("not paused"), "{resumed}");

    let ends = home.run(&["bus", "tail", "--since", "5h", "--until", "10h"]);
    let ends = ends.await.with(2).stderr;
    assert!(ends.contains("ends before it begins"), "{ends}");

    let bundle = home.run(&["doctor", "--bundle", "-"]).await.done().stdout;
    assert!(bundle.lines().count() > 3, "{bundle}");
    assert!(!std::fs::exists(home.beside("-")).unwrap());
}

#[tokio::test]
async fn mail_of_a_revoked_agent_is_found_by_its_name() {
    let home = Home::new();
    home.run(&["agent", "mint", "bruno"]).await.done();
    home.run(&["bus", "send", "bruno", "Are you there?"])
        .await
        .done();
    home.run(&["agent", "revoke", "bruno", "--yes"])
        .await
        .done();
    let tail = home.run(&["bus", "tail", "--agent", "bruno"]).await.done();
    assert!(tail.stdout.contains("Are you there?"), "{}", tail.stdout);
    let nobody = home.run(&["bus", "tail", "--agent", "bruna"]).await.with(3);
    assert!(
        nobody.stderr.contains("--status revoked"),
        "{}",
        nobody.stderr
    );
}
