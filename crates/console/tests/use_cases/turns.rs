//! How a turn of an agent that Husting runs ends where something breaks: one call is paid once, and what
//! was paid for is sent.

use std::sync::Arc;

use futures::StreamExt;
use husting_domain::ids::TenantId;
use husting_domain::messages::MessageState;
use husting_domain::money::MicroUsd;
use husting_store::{AgentReads, AgentWrite, Store, TurnReads, TurnWrite, Unit, Write};
use husting_test_support::{Behaviour, GatePoint, Script};
use husting_wire::agents::{ActivateAgent, ListAgents};
use husting_wire::bus::messages::{ListMessages, MessageView, Recipient, WriteMessage};
use husting_wire::commands::{FindAgents, FindMessages, RunAgent, SendMessage};

use crate::desk::{Desk, PATIENCE};
use crate::fragile::{Break, Fragile};
use crate::panel::{Houses, Panel};

const QUESTION: &str = "When does it open?";

/// kasra on a priced seat, over a store that can be broken.
async fn fragile() -> (Panel, Arc<Fragile>) {
    let (desk, store) = Desk::fragile(Arc::new(husting_clock::SystemClock)).await;
    let houses = Houses::open(Script::answering("From six on.")).await;
    let panel = Panel::furnished(desk, houses).await;
    let kasra = ActivateAgent {
        agent_name: "kasra".to_owned(),
        model: Some("alpha".to_owned()),
    };
    panel.ask::<RunAgent>(kasra).await;
    (panel, store)
}

async fn write(desk: &Desk, text: &str) {
    let asked = WriteMessage {
        to: Recipient::Agent("kasra".to_owned()),
        text: text.to_owned(),
        in_reply_to: None,
        request_id: None,
    };
    desk.ask::<SendMessage>(asked).await;
}

/// A message by its words, once it is as wanted.
async fn letter(desk: &Desk, text: &str, is_so: impl Fn(&MessageView) -> bool) -> MessageView {
    let coming = async {
        loop {
            let mut events = desk.console.watch().skip(1);
            let all = desk.ask::<FindMessages>(ListMessages::default()).await;
            let mut asked = all.messages.into_iter();
            let asked = asked.find(|message| message.text == text).unwrap();
            if is_so(&asked) {
                return asked;
            }
            events.next().await;
        }
    };
    tokio::time::timeout(PATIENCE, coming).await.unwrap()
}

fn ends_a_turn(unit: &Unit) -> bool {
    let is_end = |write: &Write| matches!(write, Write::Turn(TurnWrite::Finish(_)));
    unit.writes.iter().any(is_end)
}

#[tokio::test]
async fn an_answer_waits_for_its_store_and_is_sent_and_paid_once() {
    for (at, times) in [(Break::Full, 1), (Break::Before, 2), (Break::After, 1)] {
        let (panel, store) = fragile().await;
        store.weaken(ends_a_turn, at, times);
        write(&panel.desk, QUESTION).await;
        store.until_broken(times).await;
        letter(&panel.desk, QUESTION, |asked| asked.answered_by.is_some()).await;
        assert_eq!(panel.wallet().await.summary.held, MicroUsd::ZERO);
        let all = panel.ask::<FindMessages>(ListMessages::default()).await;
        let answers = all.messages.iter().filter(|one| one.from == "agent:kasra");
        assert_eq!(answers.count(), 1, "{at:?}");
        assert_eq!(panel.houses.calls().len(), 1, "{at:?}");
        panel.assert_paid_once().await;
        let kasra = panel.ask::<FindAgents>(ListAgents::default()).await.agents;
        let turns = store
            .turns(&TenantId::local(), kasra[0].id, 2)
            .await
            .unwrap();
        assert_eq!(turns.len(), 1, "{at:?}");
        assert_eq!(turns[0].text, "", "erasing the answer erases its words");
    }
}

#[tokio::test]
async fn an_agent_whose_turn_breaks_off_by_a_fault_of_ours_pays_for_it_and_goes_on() {
    let (panel, store) = fragile().await;
    store.weaken(ends_a_turn, Break::Panic, 1);
    write(&panel.desk, QUESTION).await;
    store.until_broken(1).await;
    write(&panel.desk, "And on Sunday?").await;
    letter(&panel.desk, "And on Sunday?", |asked| {
        asked.answered_by.is_some()
    })
    .await;
    let first = letter(&panel.desk, QUESTION, |_| true).await;
    assert_eq!(first.state, MessageState::Leased, "it comes back");
    assert_eq!(panel.wallet().await.summary.held, MicroUsd::ZERO);
    let debits = panel.debits().await;
    assert_eq!(debits.len(), 2);
    for row in debits {
        let usage = row.debit.unwrap().usage;
        assert!(usage.input > 0 && usage.output > 0, "{usage:?}");
    }
}

/// Changes the agent in the store behind the console's back, as between its look and its commit.
async fn change_unseen(store: &Fragile, panel: &Panel) {
    let kasra = panel.ask::<FindAgents>(ListAgents::default()).await.agents;
    let tenant = TenantId::local();
    let mut agent = store.agent(&tenant, kasra[0].id).await.unwrap().unwrap();
    agent.charter = Some("Answer shortly.".to_owned());
    agent.epoch += 1;
    let unit = Unit::of(tenant).write(Write::Agent(AgentWrite::Set(agent)));
    store.commit(unit).await.unwrap();
}

#[tokio::test]
async fn an_agent_that_is_changed_before_its_turn_or_in_it_answers_all_the_same() {
    let slow = Behaviour::answering("From six on.").gate("pause", GatePoint::BeforeResponse);
    for before in [true, false] {
        let (panel, store) = fragile().await;
        panel.houses.swap(Script::new(slow.clone()));
        if before {
            change_unseen(&store, &panel).await;
        }
        write(&panel.desk, QUESTION).await;
        panel.houses.east.until_waiting("pause", 1).await;
        if !before {
            change_unseen(&store, &panel).await;
        }
        panel.houses.release("pause");
        letter(&panel.desk, QUESTION, |asked| asked.answered_by.is_some()).await;
        let calls = panel.houses.calls();
        assert_eq!(calls.len(), 1, "asked and paid once");
        let read = calls[0].body.to_string();
        assert_eq!(read.contains("Answer shortly."), before, "{read}");
        panel.assert_paid_once().await;
    }
}
