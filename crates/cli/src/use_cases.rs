//! Whether everything that the console can do can be done by a line.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use husting_wire::commands::Request;

use crate::arguments::is_understood;

/// How one asks for it.
enum Way {
    /// By this line.
    Line(&'static str),
    /// Not at all, for this reason.
    None(&'static str),
}
use Way::{Line, None};

const DRAFTS: &str = "a draft is a form's words that were not sent; a line has none";
const ID: &str = "0199d1f0-0000-7000-8000-000000000000";

const WAYS: &[(&str, Way)] = &[
    ("snapshot", Line("husting secrets")),
    ("convene", Line("husting deliberate question")),
    ("append_round", Line("husting session append ID prompt")),
    ("retry_round", Line("husting session retry ID")),
    ("stop_seat", Line("husting session stop ID gpt-5.4")),
    ("cancel_round", Line("husting session cancel ID")),
    ("list_sessions", Line("husting session list")),
    ("search_passages", Line("husting search depot")),
    ("get_session", Line("husting session show ID")),
    ("edit_session", Line("husting session rename ID title")),
    ("delete_session", Line("husting session delete ID --yes")),
    (
        "export_session",
        Line("husting session export ID --format md"),
    ),
    ("estimate", Line("husting deliberate question --estimate")),
    ("list_models", Line("husting models list")),
    (
        "add_model",
        Line("husting models add a/b --provider a --context 9 --max-output 5"),
    ),
    ("edit_model", Line("husting models disable a")),
    ("remove_model", Line("husting models remove a")),
    ("restore_model", Line("husting models restore a")),
    ("set_price", Line("husting models price a --in 3 --out 15")),
    ("refresh_models", Line("husting models refresh")),
    ("set_default_panel", Line("husting models panel a,b c,d")),
    ("list_providers", Line("husting provider list")),
    (
        "add_provider",
        Line("husting provider add groq --key-stdin"),
    ),
    ("replace_key", Line("husting provider key a --key-stdin")),
    (
        "change_address",
        Line("husting provider address a https://models.example.org/v1"),
    ),
    ("test_provider", Line("husting provider test a")),
    ("remove_provider", Line("husting provider remove a --yes")),
    (
        "choose_secrets",
        Line("husting secrets file --passphrase-stdin"),
    ),
    ("wallet", Line("husting wallet show")),
    ("ledger", Line("husting wallet ledger")),
    ("export_ledger", Line("husting wallet ledger --csv")),
    ("check_ledger", Line("husting wallet check")),
    ("set_limit", Line("husting wallet limit --usd 20")),
    ("top_up", Line("husting wallet top-up --usd 5")),
    ("take_back", Line("husting wallet take-back --usd 5")),
    ("set_auto_refill", Line("husting wallet auto-refill --off")),
    ("list_keys", Line("husting key list")),
    ("create_key", Line("husting key create --name laptop")),
    ("revoke_key", Line("husting key revoke laptop")),
    ("write_recap", Line("husting session recap ID --round 1")),
    (
        "write_synthesis",
        Line("husting session recap ID --synthesis"),
    ),
    (
        "estimate_synthesis",
        Line("husting session recap ID --synthesis --estimate"),
    ),
    ("list_agents", Line("husting agent list")),
    (
        "list_tenant_agents",
        Line("husting agent list --tenant acme"),
    ),
    ("get_agent", Line("husting agent show kasra")),
    ("agent_spend", Line("husting agent spend")),
    (
        "list_notes",
        Line("husting agent notes kasra --squad sales --query depot"),
    ),
    ("mint_agent", Line("husting agent mint bruno-voice")),
    ("activate_agent", Line("husting agent activate athena")),
    (
        "edit_agent",
        Line("husting agent edit bruno-voice --charter f --expires never"),
    ),
    (
        "set_scope",
        Line("husting agent scopes bruno-voice --add broadcast --for 10m"),
    ),
    ("disable_agent", Line("husting agent disable bruno-voice")),
    ("enable_agent", Line("husting agent enable bruno-voice")),
    ("rotate_agent", Line("husting agent rotate bruno-voice")),
    ("connector_token", Line("husting discord token")),
    (
        "revoke_agent",
        Line("husting agent revoke bruno-voice --yes"),
    ),
    ("list_clients", Line("husting clients")),
    (
        "show_wiring",
        Line("husting wire bruno-voice --client codex"),
    ),
    (
        "write_wiring",
        Line("husting agent mint bruno-voice --client codex --write f"),
    ),
    (
        "rewire_agent",
        Line("husting wire bruno-voice --client codex --write f --rotate"),
    ),
    ("unwire_agent", Line("husting unwire bruno-voice f")),
    ("plan_run", Line("husting run bruno-voice --show")),
    ("start_run", Line("husting run bruno-voice --yes")),
    ("stop_run", Line("husting agent stop bruno-voice")),
    ("list_runs", Line("husting agent runs bruno-voice")),
    ("get_run", Line("husting agent output bruno-voice")),
    ("set_wake", Line("husting agent wake bruno-voice --off")),
    ("list_denials", Line("husting agent denials")),
    ("decide_denial", Line("husting agent allow 0199d1f0 10m")),
    ("set_pause", Line("husting pause")),
    ("stop_all", Line("husting stop-all")),
    ("list_tenants", Line("husting tenant list")),
    (
        "put_tenant",
        Line("husting tenant create acme --tier growth"),
    ),
    ("create_tenant_token", Line("husting tenant token acme")),
    ("list_messages", Line("husting bus tail --follow")),
    ("message_histogram", Line("husting bus histogram")),
    ("get_thread", Line("husting bus threads ID")),
    ("write_message", Line("husting bus send kasra hello")),
    ("redeliver", Line("husting bus redeliver ID")),
    ("withdraw", Line("husting bus withdraw ID")),
    ("erase", Line("husting bus erase ID --yes")),
    ("acknowledge", Line("husting bus read ID")),
    ("list_squads", Line("husting bus squads")),
    ("add_member", Line("husting bus add-member sales kasra")),
    (
        "remove_member",
        Line("husting bus remove-member sales kasra"),
    ),
    ("list_audit", Line("husting audit list")),
    ("verify_audit", Line("husting audit verify")),
    ("accept_audit", Line("husting audit accept")),
    ("export_audit", Line("husting audit export --agent kasra f")),
    ("discord", Line("husting discord status")),
    ("list_traffic", Line("husting discord traffic")),
    (
        "trace_question",
        Line("husting discord where 123456789012345678"),
    ),
    ("list_said", Line("husting session said ID")),
    (
        "edit_discord",
        Line("husting discord map 123456789012345678 kasra"),
    ),
    ("test_discord", Line("husting discord bot --token-stdin")),
    ("forget_bot", Line("husting discord bot --forget")),
    ("list_servers", Line("husting discord servers")),
    ("start_bridge", Line("husting discord start")),
    ("stop_bridge", Line("husting discord stop")),
    ("pause_bridge", Line("husting discord pause")),
    ("place_reply", Line("husting discord place ID ID")),
    ("dismiss_reply", Line("husting discord dismiss ID")),
    ("restore_reply", Line("husting discord restore ID")),
    ("retry_reply", Line("husting discord retry ID")),
    ("retry_question", Line("husting discord retry ID")),
    ("release_question", Line("husting discord release ID")),
    ("forget_standing_place", Line("husting discord unfix kasra")),
    ("send_protocol", Line("husting discord protocol kasra")),
    ("settings", Line("husting config")),
    ("edit_settings", Line("husting config panel.max_seats 5")),
    ("draft", None(DRAFTS)),
    ("save_draft", None(DRAFTS)),
    ("storage", Line("husting storage")),
    ("backup", Line("husting backup f")),
    ("list_backups", Line("husting restore --list")),
    ("look_at_backup", Line("husting restore f --look")),
    ("restore_backup", Line("husting restore f")),
    ("erase_all", Line("husting erase --yes")),
    ("doctor", Line("husting doctor")),
    ("diagnostics", Line("husting doctor --bundle f")),
];

#[test]
fn every_use_case_has_its_line() {
    let commands: BTreeSet<&str> = Request::ALL.iter().map(|(name, _)| *name).collect();
    let told: BTreeSet<&str> = WAYS.iter().map(|(name, _)| *name).collect();
    assert_eq!(told, commands);
    assert_eq!(WAYS.len(), commands.len(), "a command is told twice");
    for (name, way) in WAYS {
        match way {
            Line(line) => {
                let line = line.replace("ID", ID);
                if let Err(fault) = is_understood(&line) {
                    panic!("{name}: {line}\n{fault}");
                }
            }
            None(why) => assert!(!why.is_empty()),
        }
    }
}

/// A line that is understood could still ask for something else.
#[test]
fn every_use_case_with_a_line_is_asked_for_somewhere() {
    let sources = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    for (name, way) in WAYS {
        let (_, marker) = Request::ALL
            .iter()
            .find(|(command, _)| command == name)
            .copied()
            .unwrap_or_default();
        let asks = sources.iter().any(|source| {
            source
                .split(|c: char| !c.is_ascii_alphanumeric())
                .any(|word| word == marker)
        });
        assert_eq!(asks, matches!(way, Line(_)), "{name} ({marker})");
    }
}

fn sources(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    paths
        .flat_map(|path| match path.is_dir() {
            true => sources(&path),
            false => vec![fs::read_to_string(&path).expect("it is a text")],
        })
        .collect()
}
