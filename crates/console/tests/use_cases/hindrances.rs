//! Mail of agents that Husting runs, where they lack what a turn takes: it waits untouched, the operator
//! sees why, and it is answered once they may.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use husting_clock::ManualClock;
use husting_domain::agents::Decision;
use husting_domain::messages::MessageState;
use husting_domain::scopes::Scope;
use husting_domain::time::Timestamp;
use husting_test_support::{Behaviour, GatePoint, Script};
use husting_wire::agents::{AgentView, DecideDenial, DenialView, SetScope};
use husting_wire::bus::messages::MessageView;
use husting_wire::commands::{
    AnswerDenial, ChangeScope, DropModel, FindDenials, MakeAgent, PutModel, RunAgent,
};
use husting_wire::events::Event;
use husting_wire::models::{AddModel, ModelRef};
use husting_wire::settings::Nothing;

use crate::agents::{holder, letter, with_scopes};
use crate::bus::START;
use crate::desk::{Desk, PATIENCE, id};
use crate::managed::{
    activate, allow, answers, is_answered, managed, named, until, until_by, write,
};
use crate::panel::{Panel, SEATS, model_of, price, set_price};

const THREE: [&str; 3] = ["First?", "Second?", "Third?"];

fn clock() -> ManualClock {
    ManualClock::at(Timestamp::from_micros(START))
}

/// Looks now and after each such event, until it is there.
async fn once<T>(
    desk: &Desk,
    wakes: impl Fn(&Event) -> bool,
    look: impl AsyncFn() -> Option<T>,
) -> T {
    let coming = async {
        loop {
            let mut events = desk.console.watch().skip(1);
            if let Some(found) = look().await {
                return found;
            }
            while events.next().await.is_some_and(|told| !wakes(&told.event)) {}
        }
    };
    tokio::time::timeout(PATIENCE, coming).await.unwrap()
}

/// Why kasra leaves its mail, once that is said with these words.
pub async fn left_for(desk: &Desk, words: &str) -> String {
    let changed = |event: &Event| matches!(event, Event::AgentChanged { .. });
    once(desk, changed, async || {
        let why = managed(desk, "kasra").await.hindrance?;
        why.contains(words).then_some(why)
    })
    .await
}

async fn open_denials(desk: &Desk) -> Vec<DenialView> {
    desk.ask::<FindDenials>(Nothing {}).await.denials
}

/// What kasra asks the operator for, once it does.
async fn asked_for(desk: &Desk) -> DenialView {
    let asked = |event: &Event| matches!(event, Event::DenialsChanged { .. });
    once(desk, asked, async || open_denials(desk).await.pop()).await
}

async fn decide(desk: &Desk, denial: &DenialView, decision: Decision) {
    let denial_id = denial.denial_id;
    let decided = DecideDenial {
        denial_id,
        decision,
    };
    desk.ask::<AnswerDenial>(decided).await;
}

async fn may_send(desk: &Desk, agent: &AgentView, held: bool) {
    let scope = SetScope {
        agent_id: agent.id,
        scope: Scope::Send,
        held,
        for_seconds: None,
    };
    desk.ask::<ChangeScope>(scope).await;
}

async fn on_alpha(desk: &Desk) -> AgentView {
    desk.ask::<RunAgent>(activate("kasra", Some("alpha")))
        .await
        .agent
}

fn is_untouched(message: &MessageView) -> bool {
    (message.state, message.deliveries) == (MessageState::Waiting, 0)
}

#[tokio::test]
async fn mail_that_a_day_cannot_pay_waits_untouched_and_is_answered_when_it_can() {
    let clock = clock();
    let panel = Panel::open_by(Arc::new(clock.clone()), Script::answering("Yes.")).await;
    let desk = &panel.desk;
    on_alpha(desk).await;
    // The longest answer of this seat costs a little more than three cents.
    allow(desk, 3).await;
    for text in THREE {
        write(desk, "kasra", text).await;
    }
    let why = left_for(desk, "can cost more than the $0.03").await;
    assert!(why.contains("Settings"), "{why}");
    for wait in [1_200, 86_400] {
        clock.advance(Duration::from_secs(wait));
        let all = until_by(desk, &clock, |all| all.len() == 3).await;
        assert!(all.iter().all(is_untouched), "{all:?}");
    }
    assert!(panel.houses.calls().is_empty());
    allow(desk, 100).await;
    let all_are = |all: &[MessageView]| THREE.iter().all(|text| is_answered(all, text));
    let all = until_by(desk, &clock, all_are).await;
    for text in THREE {
        assert_eq!(named(&all, text).deliveries, 1, "{text} was given once");
    }
    assert_eq!(panel.houses.calls().len(), 3);
    assert_eq!(managed(desk, "kasra").await.hindrance, None);
}

#[tokio::test]
async fn mail_that_the_wallet_cannot_pay_waits_for_the_wallet() {
    let panel = Panel::open(Script::answering("Yes.")).await;
    let desk = &panel.desk;
    on_alpha(desk).await;
    desk.limit(0).await;
    write(desk, "kasra", "First?").await;
    left_for(desk, "wallet").await;
    desk.limit(20).await;
    let all = until(desk, |all| is_answered(all, "First?")).await;
    assert_eq!(named(&all, "First?").deliveries, 1);
    panel.assert_paid_once().await;
}

#[tokio::test]
async fn mail_whose_seat_was_removed_waits_for_another() {
    let panel = Panel::open(Script::answering("Yes.")).await;
    let desk = &panel.desk;
    on_alpha(desk).await;
    desk.ask::<DropModel>(ModelRef { id: id("alpha") }).await;
    write(desk, "kasra", "First?").await;
    left_for(desk, "Its seat alpha is not on this machine").await;
    desk.ask::<PutModel>(model_of("east", SEATS[0])).await;
    left_for(
        desk,
        "Its seat alpha cannot be asked. Not in the price table.",
    )
    .await;
    set_price(desk, SEATS[0], price(SEATS[0])).await;
    let all = until(desk, |all| is_answered(all, "First?")).await;
    assert_eq!(named(&all, "First?").deliveries, 1);
}

#[tokio::test]
async fn who_writes_more_than_the_seat_can_read_is_told_and_nobody_is_asked() {
    let panel = Panel::open(Script::answering("Yes.")).await;
    let desk = &panel.desk;
    let narrow = AddModel {
        id: Some(id("narrow")),
        context_window: Some(4_000),
        max_output_tokens: Some(1_000),
        ..model_of("east", "alpha")
    };
    desk.ask::<PutModel>(narrow).await;
    set_price(desk, "narrow", price("alpha")).await;
    desk.ask::<RunAgent>(activate("kasra", Some("narrow")))
        .await;
    let minted = desk
        .ask::<MakeAgent>(with_scopes("anna", &Scope::ALL))
        .await;
    let long = "When does it open? ".repeat(1_000);
    let sent = desk
        .console
        .send(&holder(desk, &minted), letter("kasra", &long))
        .await;
    sent.unwrap();
    let all = until(desk, |all| is_answered(all, &long)).await;
    let told = answers(&all, "kasra");
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].to.as_str(), "anna");
    assert!(told[0].text.starts_with("Nobody has read this"));
    assert!(panel.houses.calls().is_empty());
    assert!(desk.debits().await.is_empty());
}

#[tokio::test]
async fn without_mcp_send_nobody_is_asked_and_the_operator_decides() {
    let panel = Panel::open(Script::answering("Yes.")).await;
    let desk = &panel.desk;
    let kasra = on_alpha(desk).await;
    may_send(desk, &kasra, false).await;
    write(desk, "kasra", "First?").await;
    let asked = asked_for(desk).await;
    assert_eq!(
        (asked.scope, asked.calls, asked.tool.as_str()),
        (Scope::Send, 1, "send")
    );
    left_for(desk, "mcp:send").await;
    let all = until(desk, |all| all.len() == 1).await;
    assert!(is_untouched(named(&all, "First?")));
    assert!(panel.houses.calls().is_empty());
    // What is given for one call pays one answer.
    decide(desk, &asked, Decision::Once).await;
    until(desk, |all| is_answered(all, "First?")).await;
    write(desk, "kasra", "Second?").await;
    let asked = asked_for(desk).await;
    decide(desk, &asked, Decision::TenMinutes).await;
    until(desk, |all| is_answered(all, "Second?")).await;
    assert_eq!(panel.houses.calls().len(), 2);
    panel.assert_paid_once().await;
}

#[tokio::test]
async fn who_refuses_an_agent_is_not_asked_again_for_the_same_message() {
    let panel = Panel::open(Script::answering("Yes.")).await;
    let desk = &panel.desk;
    let kasra = on_alpha(desk).await;
    may_send(desk, &kasra, false).await;
    write(desk, "kasra", "First?").await;
    let asked = asked_for(desk).await;
    decide(desk, &asked, Decision::Refuse).await;
    // Each of these makes the agent look at its mail again.
    write(desk, "kasra", "Second?").await;
    allow(desk, 90).await;
    desk.ask::<RunAgent>(activate("athena", None)).await;
    write(desk, "athena", "Are you there?").await;
    let all = until(desk, |all| is_answered(all, "Are you there?")).await;
    assert!(is_untouched(named(&all, "First?")));
    assert!(open_denials(desk).await.is_empty());
}

#[tokio::test]
async fn an_answer_whose_scope_is_taken_while_the_seat_is_at_work_is_not_sent() {
    let clock = clock();
    let gated = Behaviour::answering("Yes.").gate("late", GatePoint::BeforeResponse);
    let panel = Panel::open_by(Arc::new(clock.clone()), Script::new(gated)).await;
    let desk = &panel.desk;
    let kasra = on_alpha(desk).await;
    write(desk, "kasra", "First?").await;
    panel.houses.east.until_waiting("late", 1).await;
    may_send(desk, &kasra, false).await;
    panel.houses.release("late");
    let asked = asked_for(desk).await;
    assert_eq!(asked.scope, Scope::Send);
    let all = until_by(desk, &clock, |all| all.len() == 1).await;
    assert_eq!(named(&all, "First?").state, MessageState::Leased);
    panel.assert_paid_once().await;
    decide(desk, &asked, Decision::Always).await;
    clock.advance(Duration::from_secs(601));
    until_by(desk, &clock, |all| is_answered(all, "First?")).await;
    assert_eq!(panel.houses.calls().len(), 2);
    panel.assert_paid_once().await;
}
