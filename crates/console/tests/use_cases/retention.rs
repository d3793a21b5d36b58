//! What is dropped with time: the words of calls that failed, acknowledgements, messages that ended.

use std::sync::Arc;
use std::time::Duration;

use husting_clock::{Clock, ManualClock};
use husting_console::{Again, ContractDoor};
use husting_domain::ids::{AgentId, MessageId, TenantId};
use husting_domain::tenants::Tier;
use husting_store::{BusWrite, MessageFilter, SqliteStore, Store, Unit, Write};
use husting_test_support::{Behaviour, Fault, GatePoint, Phase, Script};
use husting_wire::bus::messages::{ListMessages, MessageRef, Recipient, WriteMessage};
use husting_wire::commands::{
    ChangeSettings, FindMessages, FindRuns, LaunchAgent, MakeKey, ReadRun, SendMessage, TakeBack,
};
use husting_wire::keys::CreateKey;
use husting_wire::runs::{ListRuns, RunRef};
use husting_wire::settings::EditSettings;

use crate::agents;
use crate::bus;
use crate::contract::{create, next, question};
use crate::desk::{Desk, answer, at, hand_clock, until_awaited};
use crate::fragile::{Break, Fragile};
use crate::panel::{Houses, Panel, SEATS};
use crate::runs;

fn named(name: &str) -> CreateKey {
    CreateKey {
        name: name.to_owned(),
        daily_rounds: None,
        tenant_id: None,
    }
}

const DAY: Duration = Duration::from_secs(86_400);

/// Lets so many days pass at once, to the end of what the new day owes: whoever waits for it goes
/// to work, and then waits for the next.
async fn pass(clock: &ManualClock, days: u32) {
    until_tomorrow_is_awaited(clock).await;
    clock.advance(DAY * days);
    until_tomorrow_is_awaited(clock).await;
}

async fn until_tomorrow_is_awaited(clock: &ManualClock) {
    until_awaited(clock, clock.now().next_day_start()).await;
}

#[tokio::test]
async fn what_a_failed_call_wrote_is_kept_for_thirty_days_or_as_long_as_is_set() {
    let cut = Behaviour::debating().fault(Fault::Cut { after_tokens: 5 });
    for days in [None, Some(90)] {
        let clock = hand_clock();
        let script = Script::debate().for_phase("gamma", Phase::Respond, cut.clone());
        let panel = Panel::open_by(Arc::new(clock.clone()), script).await;
        if days.is_some() {
            let edit = EditSettings {
                retention_partial_days: days,
                ..EditSettings::default()
            };
            panel.ask::<ChangeSettings>(edit).await;
        }
        let kept_for = days.unwrap_or(30);
        let session = panel.convene(&SEATS).await.session_id;
        let first = panel.finished(session).await;
        assert!(!answer(&first, "gamma").text.is_empty());

        let made = panel.ask::<MakeKey>(named("reader")).await;
        let reader = panel
            .console
            .key_holder(&made.raw_key, ContractDoor::Rest)
            .unwrap();
        let progress = || panel.console.progress(&reader, session, None);
        let before = progress().await.unwrap();

        pass(&clock, kept_for - 1).await;
        assert_eq!(panel.round(session).await.answers, first.answers);
        pass(&clock, 2).await;
        let later = panel.round(session).await;
        let after = progress().await.unwrap();
        assert_ne!(after.body, before.body);
        assert!(
            after.version > before.version,
            "another body is another version"
        );
        assert_eq!(answer(&later, "gamma").text, "");
        assert_eq!(
            answer(&later, "gamma").error_message,
            answer(&first, "gamma").error_message
        );
        assert_eq!(answer(&later, "alpha"), answer(&first, "alpha"));
        panel.console.close().await;
    }
}

#[tokio::test]
async fn what_an_agents_program_said_is_kept_as_long_and_of_its_runs_the_newest() {
    let clock = hand_clock();
    let desk = Desk::open_by(Arc::new(clock.clone())).await;
    let agent = runs::minted(&desk).await;
    for word in ["first", "second"] {
        let start = runs::once(agent, &format!("/bin/echo {word}"));
        desk.ask::<LaunchAgent>(start).await;
        runs::until(&desk, |runs| runs.iter().all(|run| run.ended_at.is_some())).await;
        clock.advance(Duration::from_secs(1));
    }
    let kept = async || {
        let mut said = Vec::new();
        for run in desk.ask::<FindRuns>(ListRuns::default()).await.runs {
            let run_id = run.run_id;
            said.push(desk.ask::<ReadRun>(RunRef { run_id }).await.text);
        }
        said
    };
    pass(&clock, 29).await;
    assert_eq!(kept().await, ["second", "first"]);
    pass(&clock, 2).await;
    assert_eq!(kept().await, [""], "that it ran is known");
    desk.console.close().await;
}

/// The operator's words to `bruno`.
async fn written(desk: &Desk, text: &str) -> MessageId {
    let message = WriteMessage {
        to: Recipient::Agent("bruno".to_owned()),
        text: text.to_owned(),
        in_reply_to: None,
        request_id: None,
    };
    desk.ask::<SendMessage>(message).await.message_id
}

/// The same, taken back at once.
async fn withdrawn(desk: &Desk, bruno: AgentId, text: &str) {
    let message = MessageRef {
        mailbox: Some(bruno),
        message_id: written(desk, text).await,
    };
    desk.ask::<TakeBack>(message).await;
}

#[tokio::test]
async fn messages_are_kept_until_a_setting_says_for_how_many_days() {
    let clock = hand_clock();
    let desk = Desk::open_by(Arc::new(clock.clone())).await;
    let agent = runs::minted(&desk).await;
    let said = async || {
        let list = desk.ask::<FindMessages>(ListMessages::default()).await;
        let said = list.messages.into_iter().map(|message| message.text);
        said.collect::<Vec<_>>()
    };
    // More than are deleted in one go.
    for n in 0..1_100 {
        withdrawn(&desk, agent, &format!("old {n}")).await;
    }
    written(&desk, "unread").await;
    pass(&clock, 400).await;
    assert_eq!(said().await.len(), 100, "messages are kept");

    desk.ask::<ChangeSettings>(for_a_week()).await;
    withdrawn(&desk, agent, "withdrawn lately").await;
    pass(&clock, 6).await;
    assert_eq!(said().await, ["withdrawn lately", "unread"]);
    pass(&clock, 3).await;
    assert_eq!(said().await, ["unread"]);
    desk.console.close().await;
}

fn for_a_week() -> EditSettings {
    EditSettings {
        retention_message_days: Some(7),
        ..EditSettings::default()
    }
}

#[tokio::test]
async fn messages_of_a_tenant_without_a_wallet_are_kept_no_longer() {
    let clock = hand_clock();
    let home = Arc::new(tempfile::tempdir().unwrap());
    let store = SqliteStore::open(home.path(), clock.now()).await.unwrap();
    let store: Arc<dyn Store> = Arc::new(store);
    let desk = Desk::over(store.clone(), home, Arc::new(clock.clone())).await;
    let acme = agents::tenant(&desk, "acme", Tier::Scale).await;
    let mint = async |name: &str| {
        let made = desk.console.mint(&acme, agents::minted(name), None).await;
        agents::holder(&desk, &made.unwrap())
    };
    let (anna, bruno) = (mint("anna").await, mint("bruno").await);
    let letter = agents::letter("bruno", "Old.");
    desk.console.send(&anna, letter).await.unwrap();
    for _ in 0..2 {
        bus::inbox(&desk, &bruno).await;
    }
    let id = TenantId::parse("acme").unwrap();
    let kept = async || {
        let filter = MessageFilter {
            limit: 10,
            ..MessageFilter::default()
        };
        store.messages(&id, &filter).await.unwrap().len()
    };
    assert_eq!(kept().await, 1);
    assert!(
        !store.tenants_with_wallets().await.unwrap().contains(&id),
        "it never asked for a deliberation"
    );
    desk.ask::<ChangeSettings>(for_a_week()).await;
    pass(&clock, 8).await;
    assert_eq!(kept().await, 0);
    desk.console.close().await;
}

#[tokio::test]
async fn whoever_closes_waits_for_one_portion_of_what_is_deleted() {
    let clock = hand_clock();
    let home = Arc::new(tempfile::tempdir().unwrap());
    let store = SqliteStore::open(home.path(), clock.now()).await.unwrap();
    let store = Arc::new(Fragile::around(store));
    let desk = Desk::over(store.clone(), home.clone(), Arc::new(clock.clone())).await;
    let agent = runs::minted(&desk).await;
    for n in 0..1_100 {
        withdrawn(&desk, agent, &format!("old {n}")).await;
    }
    desk.ask::<ChangeSettings>(for_a_week()).await;
    let deletes = |unit: &Unit| {
        let mut writes = unit.writes.iter();
        writes.any(|write| matches!(write, Write::Bus(BusWrite::ForgetEnded { .. })))
    };
    store.weaken(deletes, Break::Held, 1);
    until_tomorrow_is_awaited(&clock).await;
    clock.advance(DAY * 8);
    store.until_broken(1).await;
    tokio::join!(desk.console.close(), async { store.let_go() });

    let desk = Desk::open_in(home, Arc::new(hand_clock())).await;
    let left = desk.ask::<FindMessages>(ListMessages::default()).await;
    assert_eq!(left.messages.len(), 100);
    desk.console.close().await;
}

#[tokio::test]
async fn a_program_that_never_runs_over_midnight_forgets_when_it_is_opened() {
    let clock = hand_clock();
    let cut = Behaviour::debating().fault(Fault::Cut { after_tokens: 5 });
    let script = Script::debate().for_phase("gamma", Phase::Respond, cut);
    let panel = Panel::open_by(Arc::new(clock.clone()), script).await;
    let session = panel.convene(&SEATS).await.session_id;
    panel.finished(session).await;
    panel.console.close().await;
    clock.advance(DAY * 31);
    let desk = Desk::open_in(panel.home.clone(), Arc::new(clock.clone())).await;
    // Whoever waits for tomorrow has forgotten before.
    until_tomorrow_is_awaited(&clock).await;
    assert_eq!(answer(&desk.round(session).await, "gamma").text, "");
    desk.console.close().await;
}

#[tokio::test]
async fn and_so_it_does_with_messages_and_with_what_agents_programs_said() {
    let clock = hand_clock();
    let desk = Desk::open_by(Arc::new(clock.clone())).await;
    let agent = runs::minted(&desk).await;
    let started = desk.ask::<LaunchAgent>(runs::once(agent, "/bin/echo said"));
    started.await;
    runs::until(&desk, |runs| runs.iter().all(|run| run.ended_at.is_some())).await;
    withdrawn(&desk, agent, "old").await;
    desk.ask::<ChangeSettings>(for_a_week()).await;
    desk.console.close().await;
    clock.advance(DAY * 31);
    let desk = Desk::open_in(desk.home.clone(), Arc::new(clock.clone())).await;
    until_tomorrow_is_awaited(&clock).await;
    let list = desk.ask::<FindMessages>(ListMessages::default()).await;
    assert_eq!(list.messages, []);
    let run_id = desk.ask::<FindRuns>(ListRuns::default()).await.runs[0].run_id;
    assert_eq!(desk.ask::<ReadRun>(RunRef { run_id }).await.text, "");
    desk.console.close().await;
}

/// A panel by this clock, over a store that tells when old acknowledgements were dropped: the first so many
/// times it does it and says that it could not.
async fn forgetful(clock: &ManualClock, times: usize) -> (Panel, Arc<Fragile>) {
    let home = Arc::new(tempfile::tempdir().unwrap());
    let store = SqliteStore::open(home.path(), at("2026-11-20T15:00:00Z"));
    let store = Arc::new(Fragile::around(store.await.unwrap()));
    store.weaken(
        |unit| {
            let mut writes = unit.writes.iter();
            writes.any(|write| matches!(write, Write::ForgetAcknowledgements { .. }))
        },
        Break::After,
        times,
    );
    let desk = Desk::over(store.clone(), home, Arc::new(clock.clone())).await;
    let panel = Panel::furnished(desk, Houses::open(Script::debate()).await).await;
    (panel, store)
}

#[tokio::test]
async fn what_a_running_round_is_known_by_is_not_dropped_with_the_day() {
    let clock = ManualClock::at(at("2026-11-20T23:59:30Z"));
    let (panel, store) = forgetful(&clock, 3).await;
    store.until_broken(1).await;
    let made = panel.ask::<MakeKey>(named("laptop")).await;
    let by = |door| panel.console.key_holder(&made.raw_key, door).unwrap();
    let (agent, script) = (by(ContractDoor::Mcp), by(ContractDoor::Rest));
    let given = create(&panel, &agent, "Which?").await;
    panel.finished(given.session_id).await;
    let view = panel.console.session(&agent, given.session_id).await;
    view.unwrap();

    let held = Behaviour::debating().gate("held", GatePoint::BeforeResponse);
    panel.houses.swap(Script::new(held));
    let ask = async || {
        let by_key = Again::ByKey {
            key: Some("job-1".to_owned()),
            client_request_id: None,
        };
        let console = &panel.console;
        let asked = next(given.session_id, "And now?");
        [
            create(&panel, &agent, "Which one?").await,
            console
                .append_to_session(&agent, asked, Again::ByWords)
                .await
                .unwrap(),
            console
                .create_deliberation(&script, question("Which two?"), by_key)
                .await
                .unwrap(),
        ]
    };
    let acks = ask().await;
    clock.set(at("2026-11-21T00:00:01Z"));
    store.until_broken(2).await;
    assert_eq!(ask().await, acks, "of rounds that run");
    panel.houses.release("held");
    for ack in &acks {
        panel.finished(ack.session_id).await;
    }

    // Days later, only the session whose round's end nobody was given has its acknowledgement.
    clock.set(at("2026-11-23T00:00:01Z"));
    store.until_broken(3).await;
    let [created, appended, by_key] = ask().await;
    assert_eq!(appended, acks[1]);
    assert_ne!(created.session_id, acks[0].session_id);
    assert_ne!(by_key.session_id, acks[2].session_id);
    for ack in [created, by_key] {
        panel.finished(ack.session_id).await;
    }
}
