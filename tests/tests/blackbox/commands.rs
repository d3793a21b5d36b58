//! Commands one after the other on a folder of their own, as a person or a script types them.

use husting_tests::home::Home;
use husting_tests::instance::Instance;
use husting_tests::program::husting;
use serde_json::{Value, json};

const NOBODY: &str = "0199d1f0-0000-7000-8000-000000000000";

#[tokio::test]
async fn a_session_is_held_read_steered_and_kept_in_order() {
    let home = Home::new();
    let held = home.ask(&["deliberate", "Tea or coffee?"]).await;
    let id = held["session_id"].as_str().unwrap();
    let answer = &held["rounds"][0]["responses"][0];
    let quote = answer["text"].as_str().unwrap().lines().last().unwrap();
    let snippet = json!({ "type": "CHALLENGE", "quoted_model": answer["model"], "quote": quote, "comment": "Why?" });
    let next = home
        .ask(&[
            "session",
            "append",
            id,
            "And water?",
            "--snippet",
            &snippet.to_string(),
        ])
        .await;
    assert_eq!(next["rounds"][1]["prompt"], "And water?");
    assert_eq!(next["rounds"][1]["snippets"][0]["quote_status"], "exact");

    assert_eq!(home.ask(&["session", "show", id]).await, next);
    let transcript = home.run(&["session", "show", id]).await.done().stdout;
    assert!(
        transcript.contains("Tea or coffee?")
            && transcript.lines().next().unwrap().contains("Rehearsal")
    );
    assert_eq!(
        home.ask(&["session", "rename", id, "Drinks"]).await["title"],
        "Drinks"
    );
    assert_eq!(
        home.ask(&["session", "list"]).await["sessions"][0]["session_id"],
        id
    );
    assert_eq!(
        home.ask(&["session", "archive", id]).await["archived"],
        true
    );
    assert_eq!(home.ask(&["session", "list"]).await["total"], 0);

    home.run(&["session", "delete", id]).await.with(2);
    let deleted = home
        .run(&["session", "delete", id, "--yes"])
        .await
        .done()
        .stdout;
    assert_eq!(deleted, "Drinks: deleted. The ledger keeps its bookings.\n");
    home.run(&["session", "show", id]).await.with(3);
}

#[tokio::test]
async fn later_rounds_are_steered_by_the_map_unless_somebody_steers() {
    let home = Home::new();
    let built = home
        .ask(&["deliberate", "Tea or coffee?", "--rounds", "2"])
        .await;
    assert_eq!(built["rounds"][0]["prompt"], "Tea or coffee?");
    assert_ne!(built["rounds"][1]["prompt"], "Tea or coffee?");
    assert!(
        !built["rounds"][1]["snippets"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    let told = home
        .ask(&[
            "deliberate",
            "Tea or coffee?",
            "--rounds",
            "2",
            "--prompt",
            "And juice?",
        ])
        .await;
    assert_eq!(told["rounds"][1]["prompt"], "And juice?");
}

#[tokio::test]
async fn exit_codes_tell_the_ends_apart() {
    const QUESTION: &str = "Which one?";
    let home = Home::new();
    let table: [(&[&str], i32); 16] = [
        (&["wallet", "check"], 0),
        (&["console", "link"], 3),
        (&["deliberate"], 2),
        (&["deliberate", ""], 2),
        (&["deliberate", QUESTION, "--rounds", "0"], 2),
        (
            &["deliberate", QUESTION, "--models", "rehearsal-advocate"],
            2,
        ),
        (&["session", "show", "not-an-id"], 2),
        (
            &[
                "provider",
                "add",
                "first",
                "--kind",
                "openai",
                "--key",
                "on-the-command-line",
            ],
            2,
        ),
        (&["wallet", "limit", "--usd", "much"], 2),
        (&["config", "--panel-max-seats", "99"], 2),
        (&["nonsense"], 2),
        (
            &[
                "deliberate",
                QUESTION,
                "--models",
                "rehearsal-advocate,nobody",
            ],
            3,
        ),
        (
            &["deliberate", QUESTION, "--reference", "no-such-file.md"],
            3,
        ),
        (&["session", "show", NOBODY], 3),
        (&["models", "price", "nobody", "--in", "1", "--out", "1"], 3),
        (&["provider", "test", "nobody"], 3),
    ];
    for (words, code) in table {
        let ran = home.run(words).await.with(code);
        assert_eq!(
            ran.stderr.is_empty(),
            code == 0,
            "{words:?}: {}",
            ran.stderr
        );
    }
    let said = home
        .run(&["session", "show", NOBODY, "--json"])
        .await
        .with(3);
    assert_eq!(said.error::<Value>()["error"]["code"], "not_found");
    assert!(said.stdout.is_empty());
}

#[tokio::test]
async fn settings_in_force_name_their_place() {
    let home = Home::new();
    std::fs::write(
        home.path().join("config.toml"),
        "zoom = 110\n[panel]\nmax_seats = 4\n",
    )
    .unwrap();
    let mut command = home.command(husting());
    command
        .args(["config", "--panel-deadline-seconds", "60", "--json"])
        .env("HUSTING_PANEL_MAX_SEATS", "5");
    let config: Value = husting_tests::home::run(command, None).await.done().json();
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

#[tokio::test]
async fn where_nothing_is_configured_everything_names_the_port_that_clients_know() {
    let home = Home::new();
    let listen = async |flags: &[&str]| {
        let mut command = home.command(husting());
        command.args(["config", "--json"]).args(flags);
        let config: Value = husting_tests::home::run(command, None).await.done().json();
        let mut rows = config["settings"].as_array().unwrap().iter();
        rows.find(|row| row["name"] == "listen").unwrap().clone()
    };
    let usual = listen(&[]).await;
    assert_eq!(usual["value"], "127.0.0.1:6070");
    assert_eq!(usual["from"], "default");
    let other = listen(&["--listen", "127.0.0.1:6071"]).await;
    assert_eq!(
        (&other["value"], &other["from"]),
        (&json!("127.0.0.1:6071"), &json!("flag"))
    );
    // What is handed out while nothing listens names the same.
    let made = home.run(&["agent", "mint", "scout"]).await.done();
    assert!(
        made.stdout.contains("http://127.0.0.1:6070/mcp"),
        "{}",
        made.stdout
    );
}

#[tokio::test]
async fn a_model_is_put_on_the_list_by_its_price() {
    let home = Home::new();
    // Nothing listens there and nothing is asked.
    let add = [
        "provider",
        "add",
        "aimock",
        "--kind",
        "openai-compatible",
        "--base-url",
        "http://127.0.0.1:9/v1",
    ];
    assert_eq!(home.ask(&add).await["providers"][0]["name"], "aimock");
    let list = home
        .ask(&[
            "models",
            "price",
            "aimock/gpt-4o",
            "--in",
            "3.00",
            "--out",
            "15.00",
        ])
        .await;
    let models = list["models"].as_array().unwrap();
    let model = models
        .iter()
        .find(|model| model["id"] == "aimock/gpt-4o")
        .unwrap();
    assert_eq!(
        (&model["price"]["input"], &model["price"]["output"]),
        (&json!(3_000_000), &json!(15_000_000))
    );
    assert_eq!(model["available"], true, "{model}");
}

#[tokio::test]
async fn settings_given_to_a_command_do_not_reach_the_running_instance() {
    let home = Home::new();
    let _instance = Instance::start(&home).await;
    let asked = ["wallet", "show", "--panel-max-seats", "5"];
    let told = home.run(&asked).await.done().stderr;
    assert!(
        told.contains("--panel-max-seats did nothing here: Husting runs already")
            && told.contains("`husting serve`"),
        "{told}"
    );
    for home in [&home, &Home::new()] {
        let asked = ["--listen", "abc", "session", "list"];
        let wrong = home.run(&asked).await.with(2).stderr;
        let said = "--listen is \"abc\"; it must be an address and a port, such as 127.0.0.1:6070";
        assert!(wrong.contains(said), "{wrong}");
    }
    let silent = home.run(&[&asked[..], &["--json"]].concat()).await.done();
    assert_eq!(silent.stderr, "");
}

#[tokio::test]
async fn what_a_crash_left_behind_is_no_instance() {
    let home = Home::new();
    Instance::start(&home).await.kill().await;
    assert!(home.path().join("run/instance.json").exists());
    home.run(&["wallet", "check"]).await.done();
    home.run(&["console", "link"]).await.with(3);
    assert_eq!(Instance::start(&home).await.stop().await.0, 0);
}
