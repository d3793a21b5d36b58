//! Agents, tenants, the bus and the audit log, typed: on a folder alone and through an instance.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use husting_domain::tenants::Tier;
use husting_tests::home::Home;
use husting_tests::instance::Instance;
use husting_tests::patience::wait_for;
use husting_tests::program::husting;
use husting_tests::search::holders;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::models::at_a_terminal;
use crate::tenanted::{ALL_SCOPES, Tenant};

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap()
}

#[tokio::test]
async fn an_agent_is_minted_changed_and_ended_and_its_token_is_shown_once() {
    let home = Home::new();
    let minted = home
        .run_with(
            &[
                "agent",
                "mint",
                "bruno-voice",
                "--charter",
                "-",
                "--preset",
                "member",
                "--expires",
                "7d",
                "--json",
            ],
            "Answer the phone.\n",
        )
        .await
        .done()
        .json();
    let token = text(&minted, "raw_token").to_owned();
    assert!(token.starts_with("hst_a_"));
    assert_eq!(minted["agent"]["charter"], "Answer the phone.\n");
    assert_eq!(minted["agent"]["scopes"].as_array().unwrap().len(), 6);
    assert!(minted["agent"]["expires_at"].is_string());

    let scopes = |changed: &Value| changed["agent"]["scopes"].clone();
    let set = ["agent", "scopes", "bruno-voice", "--set", "send,mcp:inbox"];
    assert_eq!(
        scopes(&home.ask(&set).await),
        json!(["mcp:send", "mcp:inbox"])
    );
    let add = [
        "agent",
        "scopes",
        "bruno-voice",
        "--add",
        "broadcast",
        "--for",
        "10m",
    ];
    let added = home.ask(&add).await;
    assert!(
        added["agent"]["grants"][2]["ends_at"].is_string(),
        "{added}"
    );
    let remove = ["agent", "scopes", "bruno-voice", "--remove", "send"];
    let left = json!(["mcp:inbox", "mcp:broadcast"]);
    assert_eq!(scopes(&home.ask(&remove).await), left);

    assert_eq!(
        home.ask(&["agent", "disable", "bruno-voice"]).await["agent"]["status"],
        "suspended"
    );
    let suspended = home.ask(&["agent", "list", "--status", "suspended"]).await;
    let disabled = home.ask(&["agent", "list", "--status", "disabled"]).await;
    assert_eq!(disabled, suspended, "as people are told it");
    assert_eq!(suspended["agents"][0]["agent_name"], "bruno-voice");
    assert_eq!(
        home.ask(&["agent", "enable", "bruno-voice"]).await["agent"]["status"],
        "active"
    );

    let rotated = home
        .run(&["agent", "rotate", "bruno-voice", "--overlap", "60"])
        .await
        .done();
    let new = rotated.stdout.lines().next().unwrap().to_owned();
    assert!(new.starts_with("hst_a_") && new != token);
    for said in ["only time", "mode 0600", "in 60 seconds"] {
        assert!(rotated.stdout.contains(said), "{said}: {}", rotated.stdout);
    }

    let revoked = home.ask(&["agent", "revoke", "bruno-voice", "--yes"]).await;
    assert_eq!(revoked["receipt"]["accepted_since"], 0);
    let shown = home.ask(&["agent", "show", "bruno-voice"]).await;
    assert_eq!(shown["receipt"], revoked["receipt"]);
    home.run(&["agent", "revoke", "bruno-voice"]).await.with(3);
    assert_eq!(
        home.ask(&["agent", "list", "--kind", "custom"]).await["agents"],
        json!([])
    );
    let secrets = [
        ("the first token", token.as_str()),
        ("the second", new.as_str()),
    ];
    assert_eq!(holders(&home.path(), &secrets), Vec::<String>::new());
}

#[tokio::test]
async fn mail_to_an_agent_that_husting_runs_waits_for_a_program_that_stays() {
    let home = Home::new();
    for text in ["First.", "Second."] {
        home.ask(&["bus", "send", "kasra", text]).await;
    }
    let tail = home.ask(&["bus", "tail"]).await;
    for message in tail["messages"].as_array().unwrap() {
        assert_eq!(
            (&message["state"], &message["deliveries"]),
            (&json!("waiting"), &json!(0)),
            "{message}"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_ends_with_its_code_and_leaves_nothing() {
    let home = Home::new();
    let table: [(&[&str], i32); 12] = [
        (&["agent", "mint", "Not A Name"], 2),
        (&["agent", "mint", "kasra"], 2),
        (&["agent", "mint", "bruno", "--scopes", "everything"], 2),
        (&["agent", "mint", "bruno", "--charter", "no-such-file"], 3),
        (&["agent", "show", "nobody"], 3),
        (&["agent", "allow", "0199d1f0", "once"], 3),
        (&["tenant", "create", "no id", "--tier", "growth"], 2),
        (&["tenant", "token", "nobody"], 3),
        (&["bus", "send", "nobody", "hello"], 3),
        (
            &["bus", "threads", "0199d1f0-0000-7000-8000-000000000000"],
            3,
        ),
        (&["bus", "tail", "--follow"], 3),
        (&["audit", "verify", "no-such-file"], 3),
    ];
    for (line, code) in table {
        let ran = home.run(line).await;
        assert_eq!(ran.code, code, "{line:?}: {ran:?}");
        assert!(
            ran.stdout.is_empty() && ran.stderr.contains("husting: ") || code == 2,
            "{ran:?}"
        );
    }
    let id = ["tenant", "create", "no id", "--tier", "growth"];
    let told = home.run(&id).await.with(2).stderr;
    assert!(
        told.starts_with("husting: the id must be 1 to 64 letters"),
        "{told}"
    );
    home.run(&["agent", "mint", "bruno"]).await.done();
    let taken = home
        .run(&["agent", "mint", "bruno", "--json"])
        .await
        .with(4);
    let told: Value = serde_json::from_str(&taken.stderr).unwrap();
    assert_eq!(told["error"]["code"], "agent_name_taken", "{told}");
}

#[tokio::test]
async fn what_is_no_message_id_is_called_so_with_the_command_that_lists_them() {
    let home = Home::new();
    for (line, lists) in [
        (&["bus", "redeliver", "xyz"][..], "husting bus parked"),
        (&["bus", "withdraw", "xyz"], "husting bus tail"),
        (&["bus", "threads", "xyz"], "husting bus tail"),
        (
            &["bus", "send", "a", "b", "--reply-to", "xyz"],
            "husting bus tail",
        ),
    ] {
        let told = home.run(line).await.with(2).stderr;
        assert!(
            told.contains("xyz is no message id: write the whole id"),
            "{told}"
        );
        assert!(told.contains(lists), "{told}");
        assert!(!told.contains("invalid character"), "{told}");
    }
}

#[tokio::test]
async fn a_tenant_is_set_up_and_its_token_shown_once() {
    let home = Home::new();
    let made = home
        .ask(&["tenant", "create", "acme", "--tier", "growth"])
        .await;
    assert_eq!(
        (&made["id"], &made["agent_limit"]),
        (&json!("acme"), &json!(5))
    );
    let shown = home.run(&["tenant", "token", "acme"]).await.done().stdout;
    let token = shown.lines().next().unwrap();
    assert!(
        token.starts_with("hst_t_") && shown.contains("mode 0600"),
        "{shown}"
    );
    let again = home.ask(&["tenant", "token", "acme"]).await;
    assert_ne!(text(&again, "raw_token"), token);
    let list = home.ask(&["tenant", "list"]).await;
    let ids: Vec<&str> = list["tenants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tenant| text(tenant, "id"))
        .collect();
    assert_eq!(ids, ["acme", "local"]);
    let secrets = [
        ("the first", token),
        ("the second", text(&again, "raw_token")),
    ];
    assert_eq!(holders(&home.path(), &secrets), Vec::<String>::new());
}

#[tokio::test]
async fn a_person_is_asked_for_an_agents_name_before_it_is_revoked() {
    let home = Home::new();
    home.run(&["agent", "mint", "ana"]).await.done();
    let revoke = "agent revoke ana";
    let asked = at_a_terminal(&home, revoke, "yes\n").await.with(2).stdout;
    assert!(asked.contains("Revoke ana for good?"), "{asked}");
    assert!(asked.contains("Type ana: "), "{asked}");
    home.run(&["agent", "show", "ana"]).await.done();
    let told = at_a_terminal(&home, revoke, "ana\n").await.done().stdout;
    assert!(told.contains("ana is revoked"), "{told}");
    home.run(&["agent", "revoke", "ana", "--yes"]).await.with(3);

    // A script is not held up: what it says, it means.
    home.run(&["agent", "mint", "ana"]).await.done();
    home.run(&["agent", "revoke", "ana"]).await.done();
    home.run(&["agent", "revoke", "ana"]).await.with(3);
}

#[tokio::test]
async fn whoever_writes_to_an_agent_that_never_called_is_told_that_nobody_reads_it() {
    let home = Home::new();
    let instance = Instance::start(&home).await;
    let ana = Tenant::local(&instance)
        .await
        .mint("ana", &ALL_SCOPES)
        .await;
    let send = async |to: &str| {
        let sent = home.run(&["bus", "send", to, "Are you there?"]).await;
        sent.done().stdout
    };
    let told = send("ana").await;
    assert!(told.starts_with("Sent to 1 recipient "), "{told}");
    assert!(told.contains("Nobody has ever read mail as ana"), "{told}");
    let wake = ["agent", "wake", "ana", "--on"];
    let unwired = home.run(&wake).await.done().stdout;
    let command = "`husting wire ana --client claude-code --write .mcp.json --rotate`";
    assert!(
        unwired.contains("ana is not wired") && unwired.contains(command),
        "{unwired}"
    );
    assert!(send("ana").await.contains(command));
    ana.told("inbox", json!({})).await;
    assert!(!send("ana").await.contains("Nobody"));
    assert!(!send("kasra").await.contains("Nobody"));
}

#[tokio::test]
async fn the_log_is_listed_without_fetches_until_they_are_asked_for() {
    const LEFT_OUT: &str = "What was fetched is left out: --fetched shows it, too.\n";
    let home = Home::new();
    let instance = Instance::start(&home).await;
    let ana = Tenant::local(&instance)
        .await
        .mint("ana", &ALL_SCOPES)
        .await;
    let list = async |also: &[&str]| {
        let line = [&["audit", "list"], also].concat();
        let actions = |row: &Value| text(row, "action").to_owned();
        let told = home.ask(&line).await;
        let rows = told["rows"].as_array().unwrap().iter().map(actions);
        let rows: Vec<String> = rows.collect();
        (rows, home.run(&line).await.done().stdout)
    };
    let (_, before) = list(&[]).await;
    assert!(!before.contains("left out"), "{before}");
    home.run(&["bus", "send", "ana", "Are you there?"])
        .await
        .done();
    ana.told("inbox", json!({})).await;

    let has_fetch = |told: &str| told.split_whitespace().any(|word| word == "fetch");
    let (rows, told) = list(&[]).await;
    assert_eq!(rows[0], "fetch", "a program is told of each row");
    assert!(!has_fetch(&told) && told.ends_with(LEFT_OUT), "{told}");
    for also in [&["--fetched"][..], &["--action", "send,fetch"]] {
        let (rows, told) = list(also).await;
        assert_eq!(rows[0], "fetch", "{also:?}");
        assert!(has_fetch(&told) && !told.contains("left out"), "{told}");
    }
}

#[tokio::test]
async fn the_operator_writes_follows_and_takes_back_through_an_instance() {
    let home = Home::new();
    let instance = Instance::start(&home).await;
    home.run(&["agent", "mint", "ana"]).await.done();
    home.run(&["agent", "mint", "ben"]).await.done();

    let mut tail = home.command(husting());
    tail.args(["bus", "tail", "--follow", "--json"])
        .stdout(Stdio::piped());
    let mut tail = tail.spawn().unwrap();
    let mut lines = BufReader::new(tail.stdout.take().unwrap()).lines();
    let mut next = async || {
        let line = wait_for("a line of the tail", lines.next_line())
            .await
            .unwrap();
        serde_json::from_str::<Value>(&line.expect("it goes on")).unwrap()
    };

    let sent = home
        .run_with(
            &["bus", "send", "ana", "-", "--request", "q1", "--json"],
            "Are you there?\n",
        )
        .await
        .done()
        .json();
    let id = text(&sent, "message_id").to_owned();
    let told = next().await;
    assert_eq!(
        (&told["text"], &told["state"]),
        (&json!("Are you there?"), &json!("waiting"))
    );
    assert_eq!(
        (&told["from"], &told["request_id"]),
        (&json!("human:operator"), &json!("q1"))
    );

    assert_eq!(
        home.ask(&["bus", "withdraw", &id]).await["message_id"],
        id.as_str()
    );
    let told = next().await;
    assert_eq!(
        (text(&told, "message_id"), text(&told, "state")),
        (id.as_str(), "withdrawn")
    );
    home.run(&["bus", "withdraw", &id]).await.with(4);
    let thread = home.ask(&["bus", "threads", &id]).await;
    assert_eq!(thread["messages"].as_array().unwrap().len(), 1);

    let cast = home.ask(&["bus", "send", "--all", "Lunch."]).await;
    assert!(cast["recipients"].as_u64().unwrap() >= 2, "{cast}");
    let recipients = &cast["recipients"];
    let cast = text(&cast, "message_id");
    let listed = home.ask(&["bus", "tail"]).await;
    let listed = listed["messages"].as_array().unwrap();
    let [once] = &listed
        .iter()
        .filter(|message| message["message_id"] == cast)
        .collect::<Vec<_>>()[..]
    else {
        panic!("{listed:?}")
    };
    assert_eq!(once["reach"]["mailboxes"], *recipients, "{once}");
    let printed = home.run(&["bus", "tail"]).await.done().stdout;
    let heads = printed.matches("human:operator → all agents  [");
    assert_eq!(heads.count(), 1, "{printed}");
    let several = home.run(&["bus", "withdraw", cast]).await.with(2);
    assert!(
        several.stderr.contains("ana") && several.stderr.contains("ben"),
        "{several:?}"
    );
    home.run(&["bus", "withdraw", cast, "--mailbox", "ben"])
        .await
        .done();
    let withdrawn = home
        .ask(&["bus", "tail", "--agent", "ben", "--state", "withdrawn"])
        .await;
    assert_eq!(withdrawn["messages"].as_array().unwrap().len(), 1);
    assert_eq!(home.ask(&["bus", "parked"]).await["messages"], json!([]));
    tail.start_kill().unwrap();

    assert_eq!(home.ask(&["pause"]).await, json!({"paused": true}));
    let held = "husting: all agents are paused: their calls are told to come back later, their mail queues; \
                `husting resume` lets them go on\n";
    for words in [&["agent", "list"][..], &["bus", "send", "ana", "Later."]] {
        assert_eq!(home.run(words).await.done().stderr, held, "{words:?}");
        let script = [words, &["--json"]].concat();
        assert_eq!(home.run(&script).await.done().stderr, "", "{script:?}");
    }
    assert_eq!(home.ask(&["resume"]).await, json!({"paused": false}));
    assert_eq!(home.run(&["agent", "list"]).await.done().stderr, "");
    let stopped = home.ask(&["stop-all"]).await;
    for name in ["ana", "ben"] {
        let agents = stopped["agents"].as_array().unwrap();
        let agent = json!({"tenant_id": "local", "agent_name": name});
        assert!(agents.contains(&agent), "{stopped}");
    }
    drop(instance);
}

#[tokio::test]
async fn what_was_stopped_of_another_tenant_is_named_and_enabled_again_by_the_operator() {
    let home = Home::new();
    let instance = Instance::start(&home).await;
    let acme = Tenant::of(&instance, "acme", Tier::Scale).await;
    let ana = acme.mint("ana", &ALL_SCOPES).await;
    home.run(&["agent", "mint", "ben"]).await.done();
    let stopped = home.run(&["stop-all"]).await.done().stdout;
    let (theirs, own, managed) = (
        "husting agent enable ana --tenant acme",
        "husting agent enable ben",
        "husting agent enable kasra",
    );
    for command in [theirs, own, managed] {
        let named = stopped.lines().filter(|line| line.trim_start() == command);
        assert_eq!(named.count(), 1, "{command}: {stopped}");
    }
    home.run(&["agent", "enable", "ben"]).await.done();
    let resumed = home.run(&["resume"]).await.done().stdout;
    assert!(
        resumed.starts_with("Agents were not paused. 1 agent goes on. "),
        "{resumed}"
    );
    let named: Vec<&str> = resumed.lines().skip(1).map(str::trim_start).collect();
    for (command, is_named) in [(theirs, true), (managed, true), (own, false)] {
        assert_eq!(named.contains(&command), is_named, "{command}: {resumed}");
    }
    home.run(&["agent", "enable", "kasra"]).await.done();
    assert_eq!(ana.answer("boot_context", json!({})).await.status, 401);

    let own = home.run(&["agent", "enable", "ana"]).await.with(3);
    assert!(own.stderr.contains("No agent is called ana"), "{own:?}");
    let theirs = ["agent", "enable", "ana", "--tenant", "acme"];
    assert_eq!(home.ask(&theirs).await["agent"]["status"], "active");
    ana.told("boot_context", json!({})).await;
    let listed = home.ask(&["agent", "list", "--tenant", "acme"]).await;
    let names: Vec<&Value> = listed["agents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|agent| &agent["agent_name"])
        .collect();
    assert_eq!(names, [&json!("ana")]);
    for words in [
        &["agent", "show", "ana", "--tenant", "acme"][..],
        &[
            "agent", "scopes", "ana", "--tenant", "acme", "--set", "send",
        ],
        &["agent", "rotate", "ana", "--tenant", "acme"],
        &["agent", "disable", "ana", "--tenant", "acme"],
        &["agent", "revoke", "ana", "--tenant", "acme", "--yes"],
    ] {
        home.run(words).await.done();
    }
    let nobody = ["agent", "enable", "ana", "--tenant", "nobody"];
    home.run(&nobody).await.with(3);
    drop(instance);
}

#[tokio::test]
async fn a_case_says_which_agent_of_a_name_it_is_about_and_who_else_had_it() {
    let home = Home::new();
    let mut ids = Vec::new();
    for _ in 0..2 {
        let made = home.ask(&["agent", "mint", "bruno"]).await;
        ids.push(made["agent"]["id"].as_str().unwrap().to_owned());
        home.run(&["agent", "revoke", "bruno", "--yes"])
            .await
            .done();
    }
    let (first, last) = (&ids[0], &ids[1]);
    let export = async |agent: &str, file: &str| {
        let file = home.beside(file).display().to_string();
        let said = home
            .run(&["audit", "export", "--agent", agent, &file])
            .await;
        let proved = home.run(&["audit", "verify", &file]).await.done().stdout;
        (said.done().stdout, proved)
    };
    let (said, proved) = export("bruno", "by-name.jsonl").await;
    let (about, others) = said.split_once("Of the same name").unwrap();
    assert!(
        about.contains("bruno (revoked 20") && about.contains(last),
        "{said}"
    );
    assert!(
        others.contains("bruno (revoked 20") && others.contains(first),
        "{said}"
    );
    assert!(
        proved.contains("bruno (revoked 20") && proved.contains(last),
        "{proved}"
    );
    let (said, proved) = export(first, "by-id.jsonl").await;
    assert!(
        said.contains(first) && !said.contains("Of the same name"),
        "{said}"
    );
    assert!(proved.contains(first) && !proved.contains(last), "{proved}");
    let file = home.beside("told.jsonl").display().to_string();
    let told = home
        .ask(&["audit", "export", "--agent", "bruno", &file])
        .await;
    assert_eq!(told["about"]["agent_id"], *last, "{told}");
}

#[tokio::test]
async fn the_log_is_proved_here_and_as_a_file_and_a_changed_file_is_found() {
    let home = Home::new();
    home.run(&["agent", "mint", "ana"]).await.done();
    home.run(&["agent", "revoke", "ana", "--yes"]).await.done();
    let live = home.run(&["audit", "verify"]).await.done().stdout;
    assert!(
        live.contains(" as they were written; sealed to row "),
        "{live}"
    );

    let file = home.beside("case.jsonl");
    let name = file.to_str().unwrap();
    home.run(&["audit", "export", "--agent", "ana", name])
        .await
        .done();
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    home.run(&["audit", "export", name]).await.with(4);
    let said = home.run(&["audit", "verify", name]).await.done().stdout;
    assert!(said.contains("The case is about ana (revoked "), "{said}");
    let found = home.ask(&["audit", "verify", name]).await;
    assert_eq!(
        (&found["ok"], &found["rows_about"]),
        (&json!(true), &json!(2))
    );
    assert_eq!(found["sealed"]["this_machine"], true);

    // On another machine the file proves itself, under a key that is not of that machine.
    let other = Home::empty();
    let found = other.ask(&["audit", "verify", name]).await;
    assert_eq!(
        (&found["ok"], &found["sealed"]["this_machine"]),
        (&json!(true), &json!(null))
    );
    assert!(!other.path().join("store").exists() && !other.path().join("secrets.sealed").exists());

    let said = home.run(&["audit", "verify", name]).await.done().stdout;
    assert!(said.contains("Its receipt fits these rows;"), "{said}");
    let whole = fs::read_to_string(&file).unwrap();
    // Nothing covers the first line: the chain holds, and the rows tell otherwise.
    let forged = whole.replacen("\"accepted_since\":0", "\"accepted_since\":1", 1);
    fs::write(&file, forged).unwrap();
    let said = home.run(&["audit", "verify", name]).await.with(1).stdout;
    assert!(
        said.contains("does NOT fit") && !said.contains("BROKEN"),
        "{said}"
    );
    let spoilt = [
        ("changed", whole.replace("\"mint\"", "\"change\"")),
        (
            "cut off",
            whole.lines().take(3).collect::<Vec<_>>().join("\n"),
        ),
    ];
    for (what, spoilt) in spoilt {
        fs::write(&file, spoilt).unwrap();
        let ran = home.run(&["audit", "verify", name]).await.with(1);
        assert!(ran.stdout.contains("BROKEN"), "{what}: {ran:?}");
    }
    fs::write(&file, "hello\n").unwrap();
    home.run(&["audit", "verify", name]).await.with(2);
    let rows = home
        .ask(&["audit", "list", "--agent", "ana", "--action", "revoke"])
        .await;
    assert_eq!(rows["rows"].as_array().unwrap().len(), 1);
}
