//! Commands one after the other, on a folder of their own and through a running instance.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod program;

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::program::{Program, fixture};

#[test]
fn a_session_is_held_read_steered_and_kept_in_order() {
    let program = Program::new();
    let held = program
        .run(&["deliberate", "Tea or coffee?", "--json"])
        .json();
    let id = held["session_id"].as_str().unwrap();
    let answer = &held["rounds"][0]["responses"][0];
    let quote = answer["text"].as_str().unwrap().lines().last().unwrap();
    let snippet = json!({ "type": "CHALLENGE", "quoted_model": answer["model"], "quote": quote, "comment": "Why?" });

    let next = program
        .run(&[
            "session",
            "append",
            id,
            "And water?",
            "--snippet",
            &snippet.to_string(),
            "--json",
        ])
        .json();
    assert_eq!(next["rounds"][1]["prompt"], "And water?");
    assert_eq!(next["rounds"][1]["snippets"][0]["quote_status"], "exact");

    assert_eq!(program.run(&["session", "show", id, "--json"]).json(), next);
    assert!(
        program
            .run(&["session", "show", id])
            .out
            .contains("Tea or coffee?")
    );
    assert_eq!(
        program
            .run(&["session", "rename", id, "Drinks", "--json"])
            .json()["title"],
        "Drinks"
    );
    assert_eq!(
        program.run(&["session", "list", "--json"]).json()["sessions"][0]["session_id"],
        id
    );
    assert_eq!(
        program.run(&["session", "archive", id, "--json"]).json()["archived"],
        true
    );
    assert_eq!(
        program.run(&["session", "list", "--json"]).json()["total"],
        0
    );

    let unasked = program.run(&["session", "delete", id]);
    assert_eq!(unasked.code, Some(2), "{}", unasked.out);
    assert_eq!(
        program.run(&["session", "delete", id, "--yes"]).code,
        Some(0)
    );
    assert_eq!(program.run(&["session", "show", id]).code, Some(3));
}

#[test]
fn followed_a_round_is_told_event_by_event() {
    let program = Program::new();
    let ended = program.run(&["deliberate", "Tea or coffee?", "--follow", "--json"]);
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let events: Vec<Value> = ended
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let places: Vec<u64> = events
        .iter()
        .map(|event| event["seq"].as_u64().unwrap())
        .collect();
    assert!(places.is_sorted_by(|one, next| one < next), "{places:?}");
    let said = |event: &&Value| event["type"] == "seat_text" && event["purpose"] == "respond";
    let words: String = events
        .iter()
        .filter(said)
        .map(|event| event["text"].as_str().unwrap())
        .collect();
    assert!(words.contains("rehearsal"));
    let last = events
        .iter()
        .rfind(|event| event["type"] == "round_changed")
        .unwrap();
    assert_eq!(last["round"]["status"], "complete");
}

#[test]
fn followed_by_a_person_every_answer_is_there_to_its_last_line() {
    let program = Program::new();
    let told = program.run(&["deliberate", "Tea or coffee?", "--follow"]);
    assert_eq!(told.code, Some(0), "{}", told.err);
    let id = told.out.trim().rsplit(' ').next().unwrap();
    let session = program.run(&["session", "show", id, "--json"]).json();
    for seat in session["rounds"][0]["responses"].as_array().unwrap() {
        let before = format!("{} | ", seat["model"].as_str().unwrap());
        let lines = told
            .out
            .lines()
            .filter_map(|line| line.strip_prefix(&before));
        let told: Vec<&str> = lines.collect();
        let answered: Vec<&str> = seat["text"].as_str().unwrap().lines().collect();
        assert_eq!(told, answered);
    }
}

#[test]
fn a_person_who_stops_the_command_is_told_how_to_go_on() {
    // Takes calls and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/v1", silent.local_addr().unwrap());
    let program = Program::new();
    let add = ["provider", "add", "mute", "--kind", "openai-compatible"];
    assert_eq!(
        program
            .run(&[&add[..], &["--base-url", &address]].concat())
            .code,
        Some(0)
    );
    for model in ["mute/a", "mute/b"] {
        let price = ["models", "price", model, "--in", "1", "--out", "1"];
        assert_eq!(program.run(&price).code, Some(0));
    }

    let mut command =
        program.command(&["deliberate", "Who is there?", "--models", "mute/a,mute/b"]);
    let running = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _call = silent.accept().unwrap();
    let pid = running.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .unwrap()
            .success()
    );
    let ended = running.wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{said}");
    let id = said.split('`').nth(1).unwrap().rsplit(' ').nth(0).unwrap();
    assert!(said.contains("husting session retry"), "{said}");

    let session = program.run(&["session", "show", id, "--json"]).json();
    assert_eq!(session["rounds"][0]["round_status"], "failed");
    assert_eq!(
        session["rounds"][0]["failed_models"][0]["error_code"],
        "stream_interrupted"
    );
    let wallet = program.run(&["wallet", "show", "--json"]).json();
    assert_eq!(wallet["summary"]["held"], 0);
}

#[test]
fn exit_codes_tell_the_ends_apart() {
    let program = Program::new();
    let nobody = "0199d1f0-0000-7000-8000-000000000000";
    let table: [(&[&str], i32); 9] = [
        (&["wallet", "check"], 0),
        (
            &["deliberate", "q", "--models", "rehearsal-advocate,nobody"],
            3,
        ),
        (&["deliberate", "q", "--models", "rehearsal-advocate"], 2),
        (&["deliberate", "q", "--reference", "no-such-file"], 3),
        (&["deliberate", ""], 2),
        (&["session", "show", nobody], 3),
        (&["models", "price", "nobody", "--in", "1", "--out", "1"], 3),
        (&["console", "link"], 1),
        (&["config", "--panel-max-seats", "99"], 2),
    ];
    for (arguments, code) in table {
        let ended = program.run(arguments);
        assert_eq!(
            ended.code,
            Some(code),
            "{arguments:?}: {}{}",
            ended.out,
            ended.err
        );
        assert_eq!(
            ended.err.is_empty(),
            code == 0,
            "{arguments:?}: {}",
            ended.err
        );
    }
    let said = program.run(&["session", "show", nobody, "--json"]);
    assert_eq!(
        serde_json::from_str::<Value>(&said.err).unwrap()["code"],
        "not_found"
    );
    assert!(said.out.is_empty());
}

#[test]
fn settings_in_force_name_their_place() {
    let program = Program::new();
    std::fs::create_dir_all(program.home()).unwrap();
    std::fs::write(
        program.home().join("config.toml"),
        "zoom = 110\n[panel]\nmax_seats = 4\n",
    )
    .unwrap();
    let printed = program
        .command(&["config", "--panel-deadline-seconds", "60", "--json"])
        .env("HUSTING_PANEL_MAX_SEATS", "5")
        .output()
        .unwrap();
    let config: Value = serde_json::from_slice(&printed.stdout).unwrap();
    let setting = |name: &str| {
        let rows = config["settings"].as_array().unwrap();
        let row = rows.iter().find(|row| row["name"] == name).unwrap();
        (
            row["value"].clone(),
            row["from"].as_str().unwrap().to_owned(),
        )
    };
    assert_eq!(setting("zoom"), (json!(110), "config.toml".to_owned()));
    assert_eq!(
        setting("panel.max_seats"),
        (json!(5), "environment".to_owned())
    );
    assert_eq!(
        setting("panel.deadline_seconds"),
        (json!(60), "flag".to_owned())
    );
    assert_eq!(setting("theme"), (json!("system"), "default".to_owned()));
}

#[test]
fn a_backup_brings_back_what_was_deleted() {
    let program = Program::new();
    let held = program
        .run(&["deliberate", "Tea or coffee?", "--json"])
        .json();
    let id = held["session_id"].as_str().unwrap();
    let file = program.beside("backup.db");
    let file = file.to_str().unwrap();
    assert_eq!(program.run(&["backup", file]).code, Some(0));
    assert_eq!(
        program.run(&["backup", file]).code,
        Some(1),
        "a backup overwrites nothing"
    );
    assert_eq!(
        program.run(&["session", "delete", id, "--yes"]).code,
        Some(0)
    );
    assert_eq!(program.run(&["restore", file]).code, Some(0));
    assert_eq!(program.run(&["session", "show", id, "--json"]).json(), held);
    assert_eq!(
        program
            .run(&[
                "restore",
                fixture("reference-river-gauges.md").to_str().unwrap()
            ])
            .code,
        Some(1)
    );
    assert_eq!(
        program.run(&["session", "show", id]).code,
        Some(0),
        "a failed restore changes nothing"
    );
}

#[test]
fn a_priced_model_is_put_on_the_list_by_its_price() {
    let program = Program::new();
    // Nothing listens there and nothing is asked.
    let add = [
        "provider",
        "add",
        "aimock",
        "--kind",
        "openai-compatible",
        "--base-url",
        "http://127.0.0.1:9/v1",
        "--json",
    ];
    assert_eq!(program.run(&add).json()["providers"][0]["name"], "aimock");
    let price = [
        "models",
        "price",
        "aimock/gpt-4o",
        "--in",
        "3.00",
        "--out",
        "15.00",
        "--json",
    ];
    let list = program.run(&price).json();
    let model = list["models"]
        .as_array()
        .unwrap()
        .iter()
        .find(|model| model["id"] == "aimock/gpt-4o")
        .unwrap();
    assert_eq!(model["price"]["input"], 3_000_000);
    assert_eq!(model["price"]["output"], 15_000_000);
    assert_eq!(model["available"], true, "{model}");
}

#[test]
fn through_a_running_instance_commands_do_the_same() {
    let program = Program::new();
    let served = program.serve();
    assert_eq!(served.at["pid"], served.process.id());

    let held = program.run(&[
        "deliberate",
        "Tea or coffee?",
        "--panel-max-seats",
        "5",
        "--json",
    ]);
    assert!(
        held.err
            .contains("settings count where husting was started"),
        "{}",
        held.err
    );
    let id = held.json()["session_id"].clone();
    assert_eq!(
        program.run(&["session", "list", "--json"]).json()["sessions"][0]["session_id"],
        id
    );
    assert_eq!(
        program
            .run(&["session", "show", "0199d1f0-0000-7000-8000-000000000000"])
            .code,
        Some(3)
    );

    let link = program.run(&["console", "link", "--json"]).json()["link"].clone();
    assert!(
        link.as_str()
            .unwrap()
            .starts_with(&format!("{}/console/#code=", served.http()))
    );

    let second = program.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.code, Some(1));
    assert!(
        second.err.contains(&served.process.id().to_string()),
        "{}",
        second.err
    );
    assert_eq!(
        program.run(&["restore", "backup.db"]).code,
        Some(1),
        "not under a running instance"
    );

    let instance = program.home().join("run/instance.json");
    assert!(instance.exists());
    let (code, out) = served.terminate();
    assert_eq!(code, Some(0));
    assert!(serde_json::from_str::<Value>(&out).unwrap()["link"].is_string());
    assert!(!instance.exists(), "the token goes with the instance");
    assert_eq!(
        program.run(&["session", "list", "--json"]).json()["sessions"][0]["session_id"],
        id
    );
}

#[test]
fn a_taken_port_is_refused_with_its_holder() {
    let (program, other) = (Program::new(), Program::new());
    let served = other.serve();
    let address = served.http().trim_start_matches("http://").to_owned();
    let refused = program.run(&["serve", "--listen", &address]);
    assert_eq!(refused.code, Some(1), "{}", refused.out);
    assert!(refused.err.contains(&address), "{}", refused.err);
    assert!(
        refused
            .err
            .contains(&format!("process {} (husting)", served.process.id())),
        "{}",
        refused.err
    );
}

#[test]
fn what_a_crash_left_behind_is_no_instance() {
    let program = Program::new();
    let mut served = program.serve();
    served.process.kill().unwrap();
    served.process.wait().unwrap();
    assert!(program.home().join("run/instance.json").exists());
    assert_eq!(program.run(&["wallet", "check"]).code, Some(0));
    assert_eq!(program.run(&["console", "link"]).code, Some(1));
    let again = program.serve();
    assert_eq!(again.terminate().0, Some(0));
}

#[test]
fn logs_hold_nothing_that_was_asked_and_no_token() {
    let program = Program::new();
    let served = program.serve();
    let token = std::fs::read_to_string(program.home().join("run/instance.json")).unwrap();
    let token = serde_json::from_str::<Value>(&token).unwrap()["token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(token.starts_with("hst_o_"));
    let link = program.run(&["console", "link"]).out;
    let code = link.trim().rsplit('=').next().unwrap().to_owned();
    let question = "Is the kumquat the better orange?";
    let held = program.run(&["deliberate", question]);
    assert_eq!(held.code, Some(0), "{}", held.err);
    assert_eq!(served.terminate().0, Some(0));

    let folder = std::fs::read_dir(program.home().join("logs")).unwrap();
    let logs: Vec<String> = folder
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    assert!(
        logs.iter().any(|log| !log.is_empty()),
        "there is a log to look into"
    );
    for word in [question, "kumquat", &token, &code] {
        assert!(
            logs.iter().all(|log| !log.contains(word)),
            "the log holds {word}"
        );
    }
    let store = std::fs::read(program.home().join("husting.db")).unwrap();
    assert!(
        !store
            .windows(token.len())
            .any(|bytes| bytes == token.as_bytes()),
        "the store holds the token"
    );
}
