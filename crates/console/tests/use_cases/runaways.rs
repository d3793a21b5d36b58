//! Agents that Husting runs never go on without end: what they answer ends, at the hop limit and at the
//! limits of a day at the latest.

use std::sync::Arc;
use std::time::Duration;

use husting_clock::{Clock, ManualClock};
use husting_domain::agents::Name;
use husting_domain::ids::{AgentId, MessageId, TenantId};
use husting_domain::messages::{Mailbox, MessageState, Sender};
use husting_domain::scopes::Scope;
use husting_domain::time::Timestamp;
use husting_store::{Arrival, BusWrite, Dispatch, Store, Unit, Write};
use husting_test_support::{Behaviour, GatePoint, Script};
use husting_wire::agents::AgentView;
use husting_wire::bus::calls::{InboxWait, Send};
use husting_wire::bus::messages::MessageView;
use husting_wire::commands::{ChangeSettings, MakeAgent, RunAgent};
use husting_wire::settings::EditSettings;
use uuid::Uuid;

use crate::agents::{holder, letter, with_scopes};
use crate::audit::store_in;
use crate::bus::START;
use crate::desk::Desk;
use crate::managed::{
    activate, allow, answers, is_answered, managed, named, until, until_by, write,
};
use crate::panel::Panel;

async fn turns_a_day(desk: &Desk, turns: u32) {
    desk.ask::<ChangeSettings>(EditSettings {
        agents_turns_per_day: Some(turns),
        ..EditSettings::default()
    })
    .await;
}

/// What one agent wrote to another of its own accord.
struct Written<'a> {
    from: &'a AgentView,
    to: &'a AgentView,
    text: &'a str,
    hops: u32,
}

impl Written<'_> {
    fn unit(&self, at: Timestamp) -> Unit {
        let name = |agent: &AgentView| Name::parse(&agent.agent_name).unwrap();
        let dispatch = Dispatch {
            id: MessageId(Uuid::now_v7()),
            mailbox: Mailbox::Agent(self.to.id),
            from: Sender::Agent {
                id: self.from.id,
                name: name(self.from),
            },
            to: name(self.to),
            text: self.text.to_owned(),
            at,
            request_id: None,
            in_reply_to: None,
            hops: self.hops,
            arrival: Arrival::Waiting,
        };
        Unit::of(TenantId::local()).write(Write::Bus(BusWrite::Send(dispatch)))
    }
}

/// A desk with two agents that Husting runs, before either of them is at work.
async fn two(clock: &ManualClock) -> (Desk, AgentView, AgentView) {
    let desk = Desk::open_by(Arc::new(clock.clone())).await;
    let athena = desk.ask::<RunAgent>(activate("athena", None)).await.agent;
    let kasra = managed(&desk, "kasra").await;
    (desk, athena, kasra)
}

/// The same desk after a restart, at which this mail was waiting.
async fn with_mail(desk: Desk, clock: &ManualClock, mail: &[Written<'_>]) -> Desk {
    let home = desk.home.clone();
    desk.console.close().await;
    let store = store_in(&home).await;
    for written in mail {
        store.commit(written.unit(clock.now())).await.unwrap();
    }
    store.close().await;
    Desk::open_in(home, Arc::new(clock.clone())).await
}

fn clock() -> ManualClock {
    ManualClock::at(Timestamp::from_micros(START))
}

fn replies(all: &[MessageView]) -> Vec<&MessageView> {
    let replies = all.iter().filter(|message| message.in_reply_to.is_some());
    replies.collect()
}

fn of(replies: &[&MessageView], agent: AgentId) -> usize {
    let from = replies
        .iter()
        .filter(|reply| reply.from_agent == Some(agent));
    from.count()
}

#[tokio::test]
async fn two_agents_that_husting_runs_stop_after_one_answer_since_a_reply_is_answered_by_neither() {
    let clock = clock();
    let (desk, athena, kasra) = two(&clock).await;
    let begins = Written {
        from: &athena,
        to: &kasra,
        text: "Shall we?",
        hops: 1,
    };
    let desk = with_mail(desk, &clock, &[begins]).await;
    let is_read = |all: &[MessageView]| {
        let replies = replies(all);
        !replies.is_empty()
            && replies
                .iter()
                .all(|reply| reply.state == MessageState::Done)
    };
    let all = until_by(&desk, &clock, is_read).await;
    let [reply] = &replies(&all)[..] else {
        panic!("{all:?}")
    };
    assert_eq!((reply.from_agent, reply.hops), (Some(kasra.id), 2));
    assert_eq!(reply.answered_by, None, "it was read, and that is all");
    assert!(is_answered(&all, "Shall we?"));
}

#[tokio::test]
async fn two_agents_that_husting_runs_stop_at_the_hop_limit() {
    let clock = clock();
    let (desk, athena, kasra) = two(&clock).await;
    let seventh = Written {
        from: &athena,
        to: &kasra,
        text: "The seventh.",
        hops: 7,
    };
    let desk = with_mail(desk, &clock, &[seventh]).await;
    let all = until_by(&desk, &clock, |all| !replies(all).is_empty()).await;
    let [eighth] = &replies(&all)[..] else {
        panic!("{all:?}")
    };
    assert_eq!((eighth.state, eighth.hops), (MessageState::Held, 8));
    assert_eq!((eighth.mailbox, eighth.deliveries), (Some(athena.id), 0));
}

#[tokio::test]
async fn two_agents_that_husting_runs_stop_at_the_limit_of_the_day() {
    let clock = clock();
    let (desk, athena, kasra) = two(&clock).await;
    turns_a_day(&desk, 1).await;
    let texts = ["One.", "Two.", "Three."];
    let ways = [(&athena, &kasra), (&kasra, &athena)];
    let mail = texts.iter().flat_map(|&text| {
        ways.map(|(from, to)| Written {
            from,
            to,
            text,
            hops: 1,
        })
    });
    let mail: Vec<Written<'_>> = mail.collect();
    let desk = with_mail(desk, &clock, &mail).await;
    for day in 1..=2 {
        let all = until_by(&desk, &clock, |all| {
            let replies = replies(all);
            of(&replies, athena.id) >= day && of(&replies, kasra.id) >= day
        })
        .await;
        assert_eq!(replies(&all).len(), 2 * day, "one a day of each: {all:?}");
        let waiting = all.iter().filter(|message| {
            message.in_reply_to.is_none() && message.state == MessageState::Waiting
        });
        assert_eq!(waiting.count(), 6 - 2 * day, "day {day}");
        clock.advance(Duration::from_secs(86_400));
    }
}

#[tokio::test]
async fn what_an_agent_replies_to_one_that_husting_runs_is_read_and_not_answered() {
    let desk = Desk::open().await;
    let minted = desk
        .ask::<MakeAgent>(with_scopes("anna", &Scope::ALL))
        .await;
    let anna = holder(&desk, &minted);
    let asked = letter("kasra", "When does the dock open?");
    desk.console.send(&anna, asked).await.unwrap();
    let wait = InboxWait::default();
    let mail = desk.console.inbox_wait(&anna, wait).await.unwrap().record;
    let thanks = Send {
        in_reply_to: Some(mail.messages[0].id),
        ..letter("kasra", "Thank you.")
    };
    desk.console.send(&anna, thanks).await.unwrap();
    let all = until(&desk, |all| {
        named(all, "Thank you.").state == MessageState::Done
    })
    .await;
    assert!(!is_answered(&all, "Thank you."));
    assert_eq!(answers(&all, "kasra").len(), 1, "{all:?}");
}

#[tokio::test]
async fn once_the_days_money_is_used_up_mail_waits_untouched_for_the_next_day() {
    let clock = clock();
    let long = "Yes. ".repeat(1_400);
    let panel = Panel::open_by(Arc::new(clock.clone()), Script::answering(long)).await;
    let desk = &panel.desk;
    let alpha = |name| activate(name, Some("alpha"));
    desk.ask::<RunAgent>(alpha("kasra")).await;
    write(desk, "kasra", "First?").await;
    until_by(desk, &clock, |all| is_answered(all, "First?")).await;
    // Less than the first answer cost.
    allow(desk, 2).await;
    assert!(panel.houses.bills()[0] >= husting_domain::money::MicroUsd(20_000));
    write(desk, "kasra", "Second?").await;
    // Another agent reads, answers and is paid meanwhile.
    desk.ask::<RunAgent>(activate("athena", None)).await;
    write(desk, "athena", "Are you there?").await;
    let all = until_by(desk, &clock, |all| is_answered(all, "Are you there?")).await;
    assert_eq!(named(&all, "Second?").state, MessageState::Waiting);
    allow(desk, 100).await;
    clock.advance(Duration::from_secs(86_400));
    let all = until_by(desk, &clock, |all| is_answered(all, "Second?")).await;
    assert_eq!(named(&all, "Second?").deliveries, 1, "it was given once");
    assert_eq!(panel.houses.calls().len(), 2);
}

#[tokio::test]
async fn a_turn_that_began_before_the_day_was_used_up_is_answered_and_no_other_begins() {
    let clock = clock();
    let gated = Behaviour::answering("Yes.").gate("late", GatePoint::BeforeResponse);
    let panel = Panel::open_by(Arc::new(clock.clone()), Script::new(gated)).await;
    let desk = &panel.desk;
    desk.ask::<RunAgent>(activate("kasra", Some("alpha"))).await;
    write(desk, "kasra", "First?").await;
    panel.houses.east.until_waiting("late", 1).await;
    // Now the one that is under way is all that the day allows.
    turns_a_day(desk, 1).await;
    write(desk, "kasra", "Second?").await;
    panel.houses.release("late");
    until_by(desk, &clock, |all| is_answered(all, "First?")).await;
    desk.ask::<RunAgent>(activate("athena", None)).await;
    write(desk, "athena", "Are you there?").await;
    let all = until_by(desk, &clock, |all| is_answered(all, "Are you there?")).await;
    assert_eq!(named(&all, "Second?").state, MessageState::Waiting);
    assert_eq!(panel.houses.calls().len(), 1);
    assert_eq!(desk.debits().await.len(), 1);
    clock.advance(Duration::from_secs(86_400));
    until_by(desk, &clock, |all| is_answered(all, "Second?")).await;
}
