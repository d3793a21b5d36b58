//! `husting discord` without any connection: its settings checked, and gateway frames run dry.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use husting_tests::home::{Home, Ran, run};
use husting_tests::program;
use serde_json::{Value, json};

const BOT_TOKEN: &str = "MTIzNDU2Nzg5MDEyMzQ1Njc4.made-up.a-secret-of-the-bot";
const BUS_TOKEN: &str = "a-secret-bus-token-of-a-test-0123456789";
const BOT: &str = "123456789012345678";

/// Writes the working folder's `.env`.
fn write_env(home: &Home, text: &str) -> PathBuf {
    let file = home.beside(".env");
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    file
}

fn tokens() -> String {
    format!("DISCORD_BOT_TOKEN={BOT_TOKEN}\nMUMEGA_BUS_TOKEN={BUS_TOKEN}\n")
}

async fn run_in(
    home: &Home,
    variables: &[(&str, &str)],
    words: &[&str],
    input: Option<&str>,
) -> Ran {
    let mut command = home.command(program::husting());
    command
        .arg("discord")
        .args(words)
        .envs(variables.iter().copied());
    run(command, input).await
}

async fn check(home: &Home, variables: &[(&str, &str)], words: &[&str]) -> Ran {
    let words = [&["--check"], words].concat();
    let ran = run_in(home, variables, &words, None).await;
    for said in [&ran.stdout, &ran.stderr] {
        assert!(!said.contains("a-secret"), "a token was told: {said}");
    }
    ran
}

fn setting<'a>(report: &'a Value, variable: &str) -> &'a Value {
    let settings = report["settings"].as_array().unwrap();
    settings
        .iter()
        .find(|setting| setting["variable"] == variable)
        .unwrap()
}

fn message(text: &str, channel: &str) -> String {
    let frame = json!({ "op": 0, "t": "MESSAGE_CREATE", "d": {
        "id": "60", "channel_id": channel, "guild_id": "30", "content": text,
        "author": { "id": "20", "username": "ana" },
    }});
    format!("{frame}\n")
}

#[tokio::test]
async fn the_minimum_of_the_public_page_passes_with_every_setting_and_its_source() {
    let home = Home::new();
    write_env(&home, &format!("{}MUMEGA_DEFAULT_AGENT=kasra\n", tokens()));
    let ran = check(&home, &[("POLL_INTERVAL", "0.5")], &["--json"])
        .await
        .done();
    let report: Value = ran.json();
    assert_eq!(report["ok"], true);
    assert_eq!(setting(&report, "DISCORD_BOT_TOKEN")["value"], "…-the-bot");
    assert_eq!(
        setting(&report, "MUMEGA_DEFAULT_AGENT")["from"],
        "./.env, line 3"
    );
    assert_eq!(setting(&report, "POLL_INTERVAL")["value"], "0.5");
    assert_eq!(setting(&report, "POLL_INTERVAL")["from"], "environment");
    assert_eq!(
        setting(&report, "MUMEGA_BUS_URL")["value"],
        "http://127.0.0.1:6070/mcp"
    );
    assert_eq!(setting(&report, "MUMEGA_BUS_URL")["from"], "default");
    assert_eq!(report["warnings"], json!([]));
    assert!(
        !home.path().join("husting.db").exists(),
        "a check opens no store"
    );
}

#[tokio::test]
async fn the_map_of_the_public_page_is_shown() {
    let home = Home::new();
    let map = r#"{"123456789012345678": "kasra", "987654321098765432": "loom"}"#;
    write_env(&home, &format!("{}MUMEGA_AGENT_MAP={map}\n", tokens()));
    let shown = check(&home, &[], &[]).await.done().stdout;
    assert!(
        shown.contains("\nChannel 987654321098765432 asks loom.\n"),
        "{shown}"
    );
    assert!(shown.contains("\nEverything else asks kasra.\n"), "{shown}");
}

#[tokio::test]
async fn what_cannot_be_a_channel_is_doubted_and_what_nobody_here_knows_is_said() {
    let home = Home::new();
    let map = r#"{"12": "athena", "123456789012345678": "athena"}"#;
    write_env(&home, &format!("{}MUMEGA_AGENT_MAP={map}\n", tokens()));
    let shown = check(&home, &[], &[]).await.done().stdout;
    let doubt = "Warning: MUMEGA_AGENT_MAP: 12 is no id that Discord gives";
    assert_eq!(
        shown.matches("no id that Discord gives").count(),
        1,
        "{shown}"
    );
    assert!(shown.contains(doubt), "{shown}");
    let unknown = "Agents could not be checked: no Husting has run on this data folder yet. husting discord \
                   --check --live asks the bus.";
    assert!(shown.contains(unknown), "{shown}");
    assert!(
        !home.path().join("husting.db").exists(),
        "a check makes no store"
    );
    let hosted = [("MUMEGA_BUS_URL", "https://bus.example/mcp")];
    let report: Value = check(&home, &hosted, &["--json"]).await.done().json();
    assert_eq!(report["agents_unknown"], "the bus is not on this machine");
}

#[tokio::test]
async fn an_agent_that_is_asked_and_not_active_is_named_with_the_command_that_activates_it() {
    let home = Home::new();
    home.ask(&["agent", "list"]).await;
    let map = r#"{"123456789012345678": "athena", "987654321098765432": "loom"}"#;
    write_env(&home, &format!("{}MUMEGA_AGENT_MAP={map}\n", tokens()));
    let report: Value = check(&home, &[], &["--json"]).await.done().json();
    assert_eq!(report["agents_unknown"], Value::Null);
    let warnings = report["warnings"].as_array().unwrap();
    let texts: Vec<_> = warnings
        .iter()
        .map(|one| one["text"].as_str().unwrap())
        .collect();
    assert_eq!(
        texts,
        [
            "athena does not answer: it is not active and reads no mail: husting agent activate athena",
            "loom does not answer: it is not on the bus: husting agent mint loom",
        ]
    );
    home.run(&["agent", "activate", "athena"]).await.done();
    home.run(&["agent", "mint", "loom"]).await.done();
    let shown = check(&home, &[], &[]).await.done().stdout;
    assert!(
        !shown.contains("Warning") && !shown.contains("could not be checked"),
        "{shown}"
    );
}

#[tokio::test]
async fn every_fault_is_told_at_once_with_its_variable_and_its_rule() {
    let home = Home::new();
    let wrong = [
        ("DISCORD_BOT_TOKEN", "your-bot-token-here"),
        ("MUMEGA_AGENT_MAP", r#"{"1": "a", "1": "b"}"#),
        ("POLL_INTERVAL", "0"),
        (
            "DISCORD_API_BASE",
            "https://me:a-secret@evil.example/api/v10",
        ),
    ];
    let shown = check(&home, &wrong, &[]).await.with(2).stdout;
    for fault in [
        "WRONG: DISCORD_BOT_TOKEN: it is still the example's placeholder; copy it",
        "WRONG: MUMEGA_BUS_TOKEN: it is required and not set; run `husting discord token`",
        "WRONG: MUMEGA_AGENT_MAP: channel 1 is named twice; write for example",
        "WRONG: POLL_INTERVAL: \"0\" is no number of seconds above 0",
        "WRONG: DISCORD_API_BASE: it must be on this machine",
    ] {
        assert!(shown.contains(fault), "{fault}\n{shown}");
    }
    let report: Value = check(&home, &wrong, &["--json"]).await.with(2).json();
    assert_eq!(report["ok"], false);
    assert_eq!(report["faults"].as_array().unwrap().len(), 5);
    assert_eq!(setting(&report, "DISCORD_API_BASE")["value"], Value::Null);
}

#[tokio::test]
async fn an_env_file_is_named_told_when_it_is_open_to_others_and_refused_where_it_is_wrong() {
    let home = Home::new();
    write_env(&home, "no assignment");
    let other = home.beside("bridge.env");
    fs::write(&other, tokens()).unwrap();
    fs::set_permissions(&other, fs::Permissions::from_mode(0o644)).unwrap();
    let name = other.to_str().unwrap();
    let shown = check(&home, &[], &["--env-file", name]).await.done().stdout;
    assert!(
        shown.contains(&format!(
            "Warning: {name}: others on this machine may read it (0644)"
        )),
        "{shown}"
    );
    let refused = check(&home, &[], &[]).await.with(2).stderr;
    assert!(refused.contains(".env, line 1: no assignment"), "{refused}");
    let missing = check(&home, &[], &["--env-file", "nowhere.env"])
        .await
        .with(3)
        .stderr;
    assert!(missing.contains("nowhere.env is not there"), "{missing}");
}

#[tokio::test]
async fn the_example_that_is_shipped_passes_once_its_tokens_are_filled_in() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/discord.env.example");
    let example = fs::read_to_string(example).unwrap();
    let home = Home::new();
    write_env(&home, &example);
    let report: Value = check(&home, &[], &["--json"]).await.with(2).json();
    let faults: Vec<_> = report["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| &fault["variable"])
        .collect();
    assert_eq!(faults, ["DISCORD_BOT_TOKEN", "MUMEGA_BUS_TOKEN"]);
    let filled = example
        .replace("your-bot-token-here", BOT_TOKEN)
        .replace("your-bus-token-here", BUS_TOKEN);
    write_env(&home, &filled);
    let report: Value = check(&home, &[], &["--json"]).await.done().json();
    assert_eq!(
        (&report["ok"], &report["warnings"]),
        (&json!(true), &json!([]))
    );
    for setting in report["settings"].as_array().unwrap() {
        let variable = setting["variable"].as_str().unwrap();
        assert!(
            example.contains(&format!("\n{variable}=")),
            "{variable} is not explained"
        );
    }
}

#[tokio::test]
async fn frames_are_run_dry_from_a_file_and_from_standard_input() {
    let home = Home::new();
    let frames = message(&format!("<@{BOT}> Which plan?"), "40") + &message("aside", "40");
    let file = home.beside("frames.jsonl");
    fs::write(&file, &frames).unwrap();
    let dry = [("DRY_RUN", "1"), ("DISCORD_BOT_TOKEN", BOT_TOKEN)];
    let of_file = run_in(&home, &dry, &[file.to_str().unwrap()], None)
        .await
        .done()
        .stdout;
    let of_input = run_in(&home, &dry, &[], Some(&frames)).await.done().stdout;
    for shown in [of_file, of_input] {
        let begin = "line 1, MESSAGE_CREATE, message 60: asks kasra (it mentions the bot)\n  bus send to kasra:\n    [request_id:";
        assert!(shown.starts_with(begin), "{shown}");
        assert!(
            shown.contains("] Which plan?\n") && shown.contains("<!--mumega-discord-ctx:{"),
            "{shown}"
        );
        assert!(
            shown.contains(
                "line 2, MESSAGE_CREATE, message 60: discarded: it does not mention the bot"
            ),
            "{shown}"
        );
        assert!(
            shown.ends_with("2 lines, 1 question that would be asked. No socket was opened.\n"),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn a_script_is_given_the_calls_of_a_dry_run_as_json_and_told_of_wrong_lines() {
    let home = Home::new();
    let map = r#"{"41": "loom"}"#;
    let dry = [("DRY_RUN", "1"), ("MUMEGA_AGENT_MAP", map)];
    let frames = format!("not a frame\n{}", message("Which plan? {ack_for:1}", "41"));
    let ran = run_in(&home, &dry, &["-", "--json"], Some(&frames))
        .await
        .with(5);
    let steps: Value = ran.json();
    assert_eq!((&steps["asked"], &steps["faults"]), (&json!(1), &json!(1)));
    assert_eq!(
        (&steps["steps"][0]["line"], &steps["steps"][0]["decision"]),
        (&json!(1), &json!("fault"))
    );
    let bus = &steps["steps"][1]["bus"];
    assert_eq!((&bus["tool"], &bus["to"]), (&json!("send"), &json!("loom")));
    let request = steps["steps"][1]["request_id"].as_str().unwrap();
    let begin = format!("[request_id:{request}] Which plan? (ack_for:1}}\n");
    assert!(bus["text"].as_str().unwrap().starts_with(&begin), "{bus}");
}

#[tokio::test]
async fn a_dry_run_that_is_given_nothing_runs_samples() {
    let home = Home::new();
    let ran = run_in(&home, &[("DRY_RUN", "1")], &[], None).await.done();
    assert!(ran.stderr.contains("these are samples"), "{}", ran.stderr);
    assert!(
        ran.stdout.contains("asks kasra (a direct message)"),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout.contains("discarded: a bot wrote it"),
        "{}",
        ran.stdout
    );
}

#[tokio::test]
async fn what_is_wrong_keeps_a_bridge_from_starting() {
    let home = Home::new();
    let ran = run_in(&home, &[("DRY_RUN", "maybe")], &[], None)
        .await
        .with(2);
    for variable in ["DISCORD_BOT_TOKEN", "MUMEGA_BUS_TOKEN", "DRY_RUN"] {
        assert!(ran.stderr.contains(variable), "{}", ran.stderr);
    }
}
