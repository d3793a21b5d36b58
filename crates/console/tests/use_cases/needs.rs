//! What waits for the operator, by the table that the hall is held to as well (`ui/tests/unit/needs.test.ts`).

use husting_console::needs::{Accepted, Need, Needs, needed_limit};
use husting_domain::agents::AgentStatus;
use husting_domain::money::MicroUsd;
use husting_wire::commands::TakeSnapshot;
use husting_wire::events::Event;
use husting_wire::settings::Nothing;
use husting_wire::snapshot::Snapshot;
use husting_wire::wallet::WalletSummary;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::desk::Desk;

const TABLE: &str = include_str!("../../../../tests/fixtures/needs.json");

#[derive(Deserialize)]
struct Table {
    pieces: Map<String, Value>,
    accepted: Accepted,
    rows: Vec<Row>,
}

const LIMIT_TABLE: &str = include_str!("../../../../tests/fixtures/needed-limit.json");

#[derive(Deserialize)]
struct LimitTable {
    rows: Vec<LimitRow>,
}

#[derive(Deserialize)]
struct LimitRow {
    name: String,
    balance: MicroUsd,
    held: MicroUsd,
    monthly_limit: Option<MicroUsd>,
    limit_used: MicroUsd,
    least: MicroUsd,
    needed: MicroUsd,
}

#[derive(Deserialize)]
struct Row {
    name: String,
    differs: Value,
    needs: Vec<String>,
}

#[tokio::test]
async fn the_console_and_the_hall_say_the_same_of_what_waits() {
    let table: Table = serde_json::from_str(TABLE).unwrap();
    let desk = Desk::open().await;
    let untouched = desk.ask::<TakeSnapshot>(Nothing {}).await;
    assert!(table.rows.len() > 20, "the table is read");
    for row in &table.rows {
        let stands = table.standing(&untouched, &row.differs);
        let accepted = Some(table.accepted.clone());
        let at_once = Needs::of(&stands, accepted.clone());
        assert_eq!(words(&at_once), row.needs, "{}", row.name);

        let empty = table.standing(&untouched, &json!({}));
        let mut later = Needs::of(&empty, accepted);
        told(&stands).iter().for_each(|event| later.take(event));
        assert_eq!(words(&later), row.needs, "{}, told by events", row.name);
        told(&empty).iter().for_each(|event| later.take(event));
        let gone = stands.agents.iter().cloned().map(|mut agent| {
            agent.hindrance = None;
            agent.given_up_run = None;
            Event::AgentChanged { agent }
        });
        gone.for_each(|event| later.take(&event));
        let removed = stands.sessions.iter().map(|each| each.session_id);
        removed.for_each(|session_id| later.take(&Event::SessionRemoved { session_id }));
        assert_eq!(later.counts(), [], "{}, and gone again", row.name);
    }
}

#[test]
fn the_console_and_the_window_name_the_same_limit_as_enough() {
    let table: LimitTable = serde_json::from_str(LIMIT_TABLE).unwrap();
    assert!(table.rows.len() > 5, "the table is read");
    for row in table.rows {
        let wallet = WalletSummary {
            balance: row.balance,
            held: row.held,
            monthly_limit: row.monthly_limit,
            limit_used: row.limit_used,
            ..WalletSummary::default()
        };
        assert_eq!(needed_limit(&wallet, row.least), row.needed, "{}", row.name);
    }
}

#[tokio::test]
async fn sessions_wait_only_once_it_is_known_which_are_accepted() {
    let table: Table = serde_json::from_str(TABLE).unwrap();
    let desk = Desk::open().await;
    let untouched = desk.ask::<TakeSnapshot>(Nothing {}).await;
    let failed = json!({ "sessions": [{ "status": "failed" }] });
    let stands = table.standing(&untouched, &failed);
    let mut needs = Needs::of(&stands, None);
    assert_eq!(needs.counts(), []);
    needs.accept(Accepted::new());
    assert_eq!(needs.counts(), [(Need::Failed, 1)]);
    let session = &stands.sessions[0];
    needs.accept(Accepted::from([(session.session_id, session.round_count)]));
    assert_eq!(needs.counts(), []);
}

#[tokio::test]
async fn a_revoked_agent_leaves_with_what_it_asked_for_and_no_other_does() {
    let table: Table = serde_json::from_str(TABLE).unwrap();
    let desk = Desk::open().await;
    let untouched = desk.ask::<TakeSnapshot>(Nothing {}).await;
    let others = "01990000-0000-7000-8000-00000000000b";
    let denials = json!({ "agents": [{}], "denials": [{}, { "agent_id": others }] });
    let stands = table.standing(&untouched, &denials);
    let mut needs = Needs::of(&stands, None);
    assert_eq!(needs.counts(), [(Need::Denied, 2)]);
    let mut agent = stands.agents[0].clone();
    needs.take(&Event::AgentChanged {
        agent: agent.clone(),
    });
    assert_eq!(needs.counts(), [(Need::Denied, 2)]);
    agent.status = AgentStatus::Revoked;
    needs.take(&Event::AgentChanged { agent });
    assert_eq!(needs.counts(), [(Need::Denied, 1)]);
}

impl Table {
    fn standing(&self, untouched: &Snapshot, differs: &Value) -> Snapshot {
        let mut stands = serde_json::to_value(untouched).unwrap();
        stands["secrets"] = json!({ "state": "ready", "kept_in": "keyring" });
        for (list, place) in [
            ("sessions", "/sessions"),
            ("agents", "/agents"),
            ("denials", "/denials/denials"),
            ("providers", "/providers/providers"),
            ("models", "/models/models"),
        ] {
            let parts = differs[list].as_array().cloned().unwrap_or_default();
            let whole = parts.iter().map(|part| {
                let mut whole = self.pieces[list].clone();
                merge(&mut whole, part);
                whole
            });
            *stands.pointer_mut(place).unwrap() = whole.collect();
        }
        for whole in ["secrets", "audit_faults"] {
            if let Some(value) = differs.get(whole) {
                stands[whole] = value.clone();
            }
        }
        for part in ["wallet", "bus", "discord"] {
            if let Some(value) = differs.get(part) {
                merge(&mut stands[part], value);
            }
        }
        serde_json::from_value(stands).unwrap()
    }
}

/// Puts what differs into its place; a state is replaced whole.
fn merge(into: &mut Value, differs: &Value) {
    match (into, differs) {
        (Value::Object(into), Value::Object(differs)) if !differs.contains_key("state") => {
            for (name, value) in differs {
                merge(into.entry(name.clone()).or_insert(Value::Null), value);
            }
        }
        (into, differs) => *into = differs.clone(),
    }
}

/// The same as the console would tell it.
fn told(stands: &Snapshot) -> Vec<Event> {
    let Snapshot {
        secrets, providers, ..
    } = stands.clone();
    let mut events = vec![
        Event::SecretsChanged { secrets },
        Event::ProvidersChanged { providers },
        Event::AuditChanged {
            faults: stands.audit_faults.clone(),
        },
        Event::WalletChanged {
            wallet: stands.wallet.clone(),
        },
        Event::ModelsChanged {
            models: stands.models.clone(),
            panel: stands.panel.clone(),
        },
        Event::DenialsChanged {
            denials: stands.denials.clone(),
        },
        Event::BusMoved {
            bus: stands.bus.clone(),
        },
        Event::DiscordMoved {
            discord: stands.discord.clone(),
        },
    ];
    let agents = stands.agents.iter().cloned();
    events.extend(agents.map(|agent| Event::AgentChanged { agent }));
    let sessions = stands.sessions.iter().cloned();
    events.extend(sessions.map(|session| Event::SessionChanged { session }));
    events
}

/// As the table has them: one word for each card of the hall, letters and what rests on the bus in one.
fn words(needs: &Needs) -> Vec<String> {
    let mut words = Vec::new();
    for (need, count) in needs.counts() {
        let (word, cards) = match need {
            Need::Locked => ("locked", 1),
            Need::Choice => ("choice", 1),
            Need::Tampered => ("tampered", count),
            Need::Exhausted => ("exhausted", 1),
            Need::KeysGone => ("keys_gone", 1),
            Need::RefusedKey => ("refused_key", count),
            Need::Denied => ("denied", count),
            Need::Hindered => ("hindered", count),
            Need::GivenUp => ("given_up", count),
            Need::Letter | Need::Parked | Need::Held => ("mail", 1),
            Need::BridgeStopped => ("bridge_stopped", 1),
            Need::Unplaced => ("unplaced", 1),
            Need::Late => ("bridge_held", 1),
            Need::BridgeParked => ("bridge_parked", 1),
            Need::Failed => ("failed", count),
            Need::Degraded => ("degraded", count),
            Need::Unpriced => ("unpriced", 1),
        };
        words.extend((0..cards).map(|_| word.to_owned()));
    }
    words
}
