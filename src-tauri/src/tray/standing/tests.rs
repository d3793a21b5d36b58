//! What the icon and the menu say, by a console's own snapshot and events.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use husting_clock::SystemClock;
use husting_console::{Console, KeyChoice, Options};
use husting_wire::bus::messages::BusStand;
use husting_wire::commands::Handlers;
use husting_wire::settings::{EditSettings, Nothing};
use rstest::rstest;
use serde_json::json;

use super::*;
use crate::commands::OPERATOR;

/// A console in which nothing happened, and what it told of a rehearsal round to its end.
pub(crate) async fn rehearsed(question: &str) -> (Standing, Vec<Event>) {
    let home = tempfile::tempdir().unwrap();
    let overrides = EditSettings {
        rehearsal_tokens_per_second: Some(0),
        ..EditSettings::default()
    };
    let console = Console::open_home(Options {
        home: home.path().to_owned(),
        keys: KeyChoice::Memory,
        overrides,
        clock: Arc::new(SystemClock),
        patience: Duration::ZERO,
        bot_locks: home.path().join("bots"),
        surroundings: husting_console::Surroundings::default(),
    })
    .await
    .unwrap();
    let mut events = console.watch();
    let snapshot = console.snapshot(&OPERATOR, Nothing {}).await.unwrap();
    let convene = serde_json::from_value(json!({ "prompt": question })).unwrap();
    console.convene(&OPERATOR, convene).await.unwrap();
    let mut told = Vec::new();
    while let Some(envelope) = events.next().await {
        let is_over =
            matches!(&envelope.event, Event::RoundChanged { round } if round.status.is_terminal());
        told.push(envelope.event);
        if is_over {
            break;
        }
    }
    console.close().await;
    (Standing::of(snapshot, &[], Some(Accepted::new())), told)
}

fn labels(standing: &Standing) -> Vec<String> {
    let label = |line| match line {
        Line::Words(words) => words,
        Line::Round { label, .. } => format!("> {label}"),
        Line::Program { label, .. } => format!("program of {label}"),
        Line::Bridge { on, label } => format!("{label}: {on}"),
        Line::Pause { on } => format!("pause: {on}"),
        other => format!("{other:?}").to_lowercase(),
    };
    standing.lines().into_iter().map(label).collect()
}

#[tokio::test]
async fn a_round_lights_the_icon_and_has_a_line_until_it_is_over() {
    let (mut standing, told) = rehearsed("Cats & dogs?\nBoth.").await;
    assert_eq!(standing.glance(), Glance::Idle);
    let idle = [
        "Nothing runs",
        "open",
        "rule",
        "pause: false",
        "stop",
        "rule",
        "quit",
    ];
    assert_eq!(labels(&standing), idle);
    let (last, before) = told.split_last().unwrap();
    for event in before {
        standing.take(event);
    }
    assert_eq!(standing.glance(), Glance::Working);
    assert_eq!(
        labels(&standing)[..4],
        ["1 round running", "open", "rule", "> Cats & dogs?"]
    );
    standing.take(last);
    assert_eq!(standing.glance(), Glance::Idle);
    assert_eq!(labels(&standing), idle);
}

#[tokio::test]
async fn what_waits_is_weightier_than_what_runs_and_is_said_in_numbers() {
    let (mut standing, told) = rehearsed("Who waits?").await;
    told[..told.len() - 1]
        .iter()
        .for_each(|event| standing.take(event));
    let denials = serde_json::from_value(json!({ "denials": [{
        "denial_id": "01990000-0000-7000-8000-0000000000d1",
        "agent_id": "01990000-0000-7000-8000-00000000000a",
        "agent_name": "ada",
        "tenant_id": "local",
        "scope": "mcp:send",
        "tool": "send",
        "calls": 1,
        "first_at": "2026-11-20T14:33:00Z",
        "last_at": "2026-11-20T14:33:00Z",
    }] }));
    standing.take(&Event::DenialsChanged {
        denials: denials.unwrap(),
    });
    let mut bus = BusStand::default();
    (bus.counts.parked, bus.counts.held, bus.counts.unread) = (2, 1, 2);
    standing.take(&Event::BusMoved { bus });
    let mut discord = standing.discord.clone();
    (discord.unplaced, discord.held, discord.parked) = (2, 1, 1);
    standing.take(&Event::DiscordMoved { discord });
    assert_eq!(standing.glance(), Glance::NeedsYou);
    assert_eq!(
        standing.words(),
        "Needs you: 1 denied call, 2 messages to you, 1 held message, 2 replies without a place, 1 late question, \
         3 parked messages"
    );
}

#[tokio::test]
async fn an_agents_program_lights_the_icon_and_has_a_line_until_it_ends() {
    let (mut standing, told) = rehearsed("Which store?").await;
    let run = |ended_at: Option<&str>| {
        let run = serde_json::from_value(json!({
            "run_id": "01990000-0000-7000-8000-0000000000c1",
            "agent_id": "01990000-0000-7000-8000-00000000000a",
            "agent_name": "ada",
            "tenant_id": "local",
            "how": "tmux",
            "cause": "operator",
            "command": "claude",
            "directory": "/home/ana",
            "started_at": "2026-11-20T14:33:00Z",
            "ended_at": ended_at,
            "stopped": false,
            "restart_paused": false,
            "gave_up": false,
        }));
        Event::RunChanged { run: run.unwrap() }
    };
    standing.take(&run(None));
    standing.take(&run(None));
    assert_eq!(standing.glance(), Glance::Working);
    let shown = [
        "1 program running",
        "open",
        "rule",
        "program of ada",
        "rule",
    ];
    assert_eq!(labels(&standing)[..5], shown);
    told[..told.len() - 1]
        .iter()
        .for_each(|event| standing.take(event));
    let shown = [
        "1 round and 1 program running",
        "open",
        "rule",
        "> Which store?",
        "program of ada",
    ];
    assert_eq!(labels(&standing)[..5], shown);
    standing.take(told.last().unwrap());
    standing.take(&run(Some("2026-11-20T15:33:00Z")));
    assert_eq!(standing.glance(), Glance::Idle);
    assert_eq!(standing.words(), "Nothing runs");
}

#[tokio::test]
async fn what_comes_to_wait_is_said_as_it_comes_and_goes() {
    let (mut standing, _) = rehearsed("Who comes?").await;
    let bus = |parked: u32| {
        let mut bus = BusStand::default();
        bus.counts.parked = parked;
        Event::BusMoved { bus }
    };
    let audit = |faults: &[&str]| Event::AuditChanged {
        faults: faults.iter().map(ToString::to_string).collect(),
    };
    standing.take(&audit(&["The log of local is sealed no further."]));
    let tampered = "Needs you: the audit log is not as it was sealed";
    assert_eq!(standing.words(), tampered);
    assert_eq!(standing.glance(), Glance::NeedsYou);
    standing.take(&audit(&[]));
    standing.take(&bus(2));
    assert_eq!(standing.words(), "Needs you: 2 parked messages");
    assert_eq!(standing.glance(), Glance::NeedsYou);
    let stand = standing.discord.clone();
    let discord = BridgeStand {
        held: 1,
        parked: 1,
        ..stand.clone()
    };
    standing.take(&Event::DiscordMoved { discord });
    assert_eq!(
        standing.words(),
        "Needs you: 1 late question, 3 parked messages"
    );
    standing.take(&Event::DiscordMoved { discord: stand });
    standing.take(&bus(0));
    assert_eq!(standing.words(), "Nothing runs");
    assert_eq!(standing.glance(), Glance::Idle);
}

#[rstest]
#[case::off(BridgeState::Off {}, Some("Discord bridge: false"), Glance::Idle)]
#[case::delivering(BridgeState::Delivering {}, Some("Discord bridge: true"), Glance::Idle)]
#[case::connecting(BridgeState::Connecting { after: None }, Some("Discord bridge, connecting: true"), Glance::Idle)]
#[case::paused(BridgeState::Paused {}, Some("Discord bridge, paused: true"), Glance::Idle)]
#[case::elsewhere(BridgeState::Elsewhere { holder: "husting discord".to_owned() }, Some("Discord bridge, runs elsewhere: true"), Glance::Idle)]
#[case::stopped(BridgeState::Stopped { why: String::new() }, Some("Discord bridge, stopped by itself: false"), Glance::NeedsYou)]
#[case::none(BridgeState::NotSetUp {}, None, Glance::Idle)]
#[tokio::test]
async fn the_bridge_has_a_line_once_it_is_set_up(
    #[case] state: BridgeState,
    #[case] line: Option<&str>,
    #[case] glance: Glance,
) {
    let (mut standing, _) = rehearsed("And the bridge?").await;
    let mut discord = standing.discord.clone();
    discord.bridge = state;
    standing.take(&Event::DiscordMoved { discord });
    let labels = labels(&standing);
    let found = labels
        .iter()
        .find(|label| label.starts_with("Discord bridge"));
    assert_eq!(found.map(String::as_str), line);
    assert_eq!(standing.glance(), glance);
}

#[tokio::test]
async fn a_bridge_that_waits_for_the_keys_did_not_stop_by_itself() {
    let (mut standing, _) = rehearsed("And the bridge?").await;
    let mut discord = standing.discord.clone();
    discord.bridge = BridgeState::Stopped { why: String::new() };
    discord.waits_for_keys = true;
    standing.take(&Event::DiscordMoved { discord });
    let line = "Discord bridge, waits for the keys: false".to_owned();
    assert!(labels(&standing).contains(&line));
}

#[tokio::test]
async fn held_agents_are_said_and_checked() {
    let (mut standing, _) = rehearsed("Who is held?").await;
    standing.take(&Event::PauseChanged { paused: true });
    assert_eq!(standing.words(), "All agents are paused");
    assert!(standing.lines().contains(&Line::Pause { on: true }));
}

#[rstest]
#[case::first_line("\n  Which store?  \nAnd why?", "Which store?")]
#[case::long(&"ä".repeat(60), &format!("{}…", "ä".repeat(48)))]
#[case::just_fits(&"ä".repeat(48), &"ä".repeat(48))]
#[case::empty("", "")]
fn a_question_is_its_first_line_and_fits_a_menu(#[case] question: &str, #[case] line: &str) {
    assert_eq!(short(question), line);
}
