//! The bus as agents use it: everything delivered, nobody's word forged.

use std::sync::Arc;
use std::time::Duration;

use husting_clock::{ManualClock, SystemClock};
use husting_console::AgentHolder;
use husting_domain::agents::Name;
use husting_domain::audit::Action;
use husting_domain::messages::{MessageState, Reach};
use husting_domain::scopes::Scope;
use husting_domain::time::Timestamp;
use husting_wire::agents::AgentRef;
use husting_wire::agents::{ListNotes, NoteList};
use husting_wire::audit::ListAudit;
use husting_wire::bus::calls::{
    Ack, Ask, Broadcast, Forget, Inbox, InboxWait, Include, Join, Leave, Memories, Recall,
    Remember, Send,
};
use husting_wire::bus::messages::{ListMessages, MessageRef, MessageView, Recipient, WriteMessage};
use husting_wire::bus::results::Mail;
use husting_wire::commands::{
    DeliverAgain, EndAgent, FindAudit, FindMessages, FindNotes, MakeAgent, SendMessage, TakeBack,
    TakeSnapshot,
};
use husting_wire::errors::ErrorCode;
use husting_wire::settings::Nothing;

use crate::agents::{holder, letter, with_scopes};
use crate::desk::{Desk, PATIENCE};

pub const START: i64 = 1_795_168_800_000_000;

pub async fn agent(desk: &Desk, name: &str) -> AgentHolder {
    let minted = desk.ask::<MakeAgent>(with_scopes(name, &Scope::ALL)).await;
    holder(desk, &minted)
}

/// A desk with `anna` and `bruno`, whose clock stands still.
pub async fn pair() -> (Desk, ManualClock, AgentHolder, AgentHolder) {
    let clock = ManualClock::at(Timestamp::from_micros(START));
    let desk = Desk::open_by(Arc::new(clock.clone())).await;
    let (anna, bruno) = (agent(&desk, "anna").await, agent(&desk, "bruno").await);
    (desk, clock, anna, bruno)
}

pub async fn inbox(desk: &Desk, holder: &AgentHolder) -> Mail {
    let told = desk.console.inbox(holder, Inbox::default()).await.unwrap();
    told.record
}

pub fn texts(mail: &Mail) -> Vec<&str> {
    mail.messages
        .iter()
        .map(|message| message.text.as_str())
        .collect()
}

pub fn request(to: &str, text: &str, id: &str) -> Send {
    Send {
        request_id: Some(id.to_owned()),
        ..letter(to, text)
    }
}

pub async fn tail(desk: &Desk) -> Vec<MessageView> {
    desk.ask::<FindMessages>(ListMessages::default())
        .await
        .messages
}

#[tokio::test]
async fn a_message_is_there_once_it_is_said_to_be_sent_also_after_a_restart() {
    let (desk, _, anna, bruno) = pair().await;
    let sent = desk
        .console
        .send(&anna, letter("agent:bruno", "Hello."))
        .await
        .unwrap();
    assert_eq!(sent.text, format!("Sent to bruno (id: {})", sent.record.id));
    assert_eq!(sent.record.seq, 1);
    let home = desk.home.clone();
    desk.console.close().await;
    let clock = ManualClock::at(Timestamp::from_micros(START));
    let desk = Desk::open_in(home, Arc::new(clock)).await;
    let told = desk.console.inbox(&bruno, Inbox::default()).await.unwrap();
    assert_eq!(
        told.text,
        format!(
            "[2026-11-20T10:00:00Z] agent:anna: Hello.\nack ids: {}",
            sent.record.id
        )
    );
    let [message] = &told.record.messages[..] else {
        panic!("{told:?}")
    };
    assert_eq!(
        (message.id, message.from.as_str()),
        (sent.record.id, "agent:anna")
    );
    assert_eq!(told.record.ack_ids, [sent.record.id]);
    let empty = desk.console.inbox(&bruno, Inbox::default()).await.unwrap();
    assert_eq!(empty.text, "No messages for bruno.");
    let [seen] = &tail(&desk).await[..] else {
        panic!()
    };
    assert_eq!(
        seen.state,
        MessageState::Done,
        "the next inbox acknowledges what is plain"
    );
}

#[tokio::test]
async fn a_request_comes_again_until_it_is_answered_and_is_parked_after_five() {
    let (desk, clock, anna, bruno) = pair().await;
    desk.console
        .send(&anna, request("bruno", "Deploy.", "r-1"))
        .await
        .unwrap();
    for delivery in 1..=5 {
        let mail = inbox(&desk, &bruno).await;
        assert_eq!(texts(&mail), ["Deploy."], "delivery {delivery}");
        assert!(
            inbox(&desk, &bruno).await.messages.is_empty(),
            "while it is leased"
        );
        clock.advance(Duration::from_secs(600));
    }
    assert!(inbox(&desk, &bruno).await.messages.is_empty());
    let [parked] = &tail(&desk).await[..] else {
        panic!()
    };
    assert_eq!((parked.state, parked.deliveries), (MessageState::Parked, 5));

    let there = MessageRef {
        mailbox: Some(bruno.agent),
        message_id: parked.message_id,
    };
    desk.ask::<DeliverAgain>(there.clone()).await;
    let again = inbox(&desk, &bruno).await;
    assert_eq!(texts(&again), ["Deploy."]);
    let reply = Send {
        in_reply_to: Some(again.messages[0].id),
        ..letter("anna", "Done.")
    };
    let reply = desk.console.send(&bruno, reply).await.unwrap().record.id;
    let answered = tail(&desk).await.pop().unwrap();
    assert_eq!(
        (answered.state, answered.answered_by),
        (MessageState::Done, Some(reply))
    );
    assert_eq!(
        desk.refused::<TakeBack>(there).await.code,
        ErrorCode::InvalidState
    );
}

#[tokio::test]
async fn a_plain_message_returns_once_and_then_rests() {
    let (desk, clock, anna, bruno) = pair().await;
    desk.console
        .send(&anna, letter("bruno", "Plain."))
        .await
        .unwrap();
    for _ in 0..2 {
        assert_eq!(texts(&inbox(&desk, &bruno).await), ["Plain."]);
        clock.advance(Duration::from_secs(600));
    }
    assert!(inbox(&desk, &bruno).await.messages.is_empty());
    let [resting] = &tail(&desk).await[..] else {
        panic!()
    };
    assert_eq!(resting.state, MessageState::Unacknowledged);
    let late = Ack {
        ids: vec![resting.message_id],
    };
    let told = desk.console.ack(&bruno, late).await.unwrap();
    assert_eq!(told.text, "Acknowledged 1.");
}

#[tokio::test]
async fn an_ack_counts_only_from_whoever_was_asked_and_toward_whoever_asked() {
    let (desk, _, anna, bruno) = pair().await;
    let eve = agent(&desk, "eve").await;
    let sent = desk
        .console
        .send(&anna, letter("bruno", "Do it. [request_id:job-7]"))
        .await;
    let id = sent.unwrap().record.id;
    let state = async || {
        let messages = tail(&desk).await;
        let found = messages
            .iter()
            .find(|message| message.message_id == id)
            .unwrap();
        (found.state, found.answered_by.is_some())
    };
    let ack = "{ack_for:job-7, ok:true}";
    // Eve was not asked; and Bruno tells somebody who did not ask.
    desk.console.send(&eve, letter("anna", ack)).await.unwrap();
    desk.console.send(&bruno, letter("eve", ack)).await.unwrap();
    let foreign = Ack { ids: vec![id] };
    let told = desk.console.ack(&eve, foreign).await.unwrap().record;
    assert_eq!((told.acknowledged, told.unknown), (0, vec![id]));
    assert_eq!(state().await, (MessageState::Waiting, false));
    desk.console
        .send(&bruno, letter("anna", ack))
        .await
        .unwrap();
    assert_eq!(state().await, (MessageState::Done, true));
    // And a reply names only what lies in one's own mailbox.
    let stolen = Send {
        in_reply_to: Some(id),
        ..letter("anna", "Me too.")
    };
    assert_eq!(
        desk.console.send(&eve, stolen).await.unwrap_err().code,
        ErrorCode::NotFound
    );
}

#[tokio::test]
async fn a_wait_hears_mail_the_moment_it_lands() {
    let (desk, clock, anna, bruno) = pair().await;
    let wait = InboxWait {
        timeout_seconds: Some(30),
        limit: None,
    };
    let waits = desk.console.inbox_wait(&bruno, wait.clone());
    let sends = async {
        // The clock stands still, so only the bell can end the wait.
        tokio::task::yield_now().await;
        desk.console
            .send(&anna, letter("bruno", "Now."))
            .await
            .unwrap();
    };
    let (waited, ()) = tokio::time::timeout(PATIENCE, futures::future::join(waits, sends))
        .await
        .unwrap();
    assert_eq!(texts(&waited.unwrap().record), ["Now."]);

    let waits = desk.console.inbox_wait(&bruno, wait);
    let passes = async {
        tokio::task::yield_now().await;
        clock.advance(Duration::from_secs(30));
    };
    let (waited, ()) = tokio::time::timeout(PATIENCE, futures::future::join(waits, passes))
        .await
        .unwrap();
    assert_eq!(waited.unwrap().text, "No messages for bruno.");
}

#[tokio::test]
async fn a_question_is_given_its_answer_and_a_late_one_comes_to_the_inbox() {
    let (desk, clock, anna, bruno) = pair().await;
    let ask = || Ask {
        agent: "bruno".to_owned(),
        message: "Ready?".to_owned(),
        timeout_seconds: Some(30),
    };
    let answers = async {
        let wait = InboxWait::default();
        let mail = desk.console.inbox_wait(&bruno, wait).await.unwrap().record;
        Send {
            in_reply_to: Some(mail.messages[0].id),
            ..letter("anna", "Yes.")
        }
    };
    let both = futures::future::join(desk.console.ask(&anna, ask()), async {
        let reply = answers.await;
        desk.console.send(&bruno, reply).await.unwrap();
    });
    let (asked, ()) = tokio::time::timeout(PATIENCE, both).await.unwrap();
    let asked = asked.unwrap();
    assert_eq!(asked.text, "[bruno]: Yes.");
    assert_eq!(asked.record.answer.unwrap().from, "agent:bruno");
    assert!(
        inbox(&desk, &anna).await.messages.is_empty(),
        "it was given already"
    );

    let both = futures::future::join(desk.console.ask(&anna, ask()), async {
        let mail = desk
            .console
            .inbox_wait(&bruno, InboxWait::default())
            .await
            .unwrap();
        clock.advance(Duration::from_secs(30));
        mail.record.messages[0].id
    });
    let (asked, question) = tokio::time::timeout(PATIENCE, both).await.unwrap();
    assert_eq!(asked.unwrap().text, "[bruno]: (no response)");
    let late = Send {
        in_reply_to: Some(question),
        ..letter("anna", "Sorry, yes.")
    };
    desk.console.send(&bruno, late).await.unwrap();
    assert_eq!(texts(&inbox(&desk, &anna).await), ["Sorry, yes."]);
}

#[tokio::test]
async fn the_same_key_sends_once() {
    let (desk, _, anna, bruno) = pair().await;
    let keyed = |text: &str| Send {
        idempotency_key: Some("k".to_owned()),
        ..letter("bruno", text)
    };
    let all = (0..20).map(|_| desk.console.send(&anna, keyed("Once.")));
    let ids: std::collections::HashSet<_> = futures::future::join_all(all)
        .await
        .into_iter()
        .map(|sent| sent.unwrap().record.id)
        .collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(tail(&desk).await.len(), 1);
    assert_eq!(
        desk.console
            .send(&anna, keyed("Other."))
            .await
            .unwrap_err()
            .code,
        ErrorCode::IdempotencyConflict
    );
    // Another agent's key is another key.
    let theirs = Send {
        to: "anna".to_owned(),
        ..keyed("Mine.")
    };
    desk.console.send(&bruno, theirs).await.unwrap();
}

#[tokio::test]
async fn a_message_finds_a_reader_or_says_why_not() {
    let (desk, _, anna, _) = pair().await;
    let refusal = async |to: &str, text: &str| {
        let refused = desk.console.send(&anna, letter(to, text)).await;
        refused.unwrap_err().code
    };
    assert_eq!(refusal("nobody", "x").await, ErrorCode::AgentNotFound);
    assert_eq!(refusal("Not A Name", "x").await, ErrorCode::AgentNotFound);
    for nobody in ["", " "] {
        let refused = desk.console.send(&anna, letter(nobody, "x")).await;
        let told = refused.unwrap_err().message;
        assert!(told.starts_with("The message names no reader. "), "{told}");
    }
    assert_eq!(refusal("bruno", "").await, ErrorCode::InvalidBody);
    let long = "é".repeat(65_537);
    assert_eq!(refusal("bruno", &long).await, ErrorCode::InvalidBody);
    let longest = "é".repeat(65_536);
    desk.console
        .send(&anna, letter("bruno", &longest))
        .await
        .unwrap();
    desk.console
        .send(&anna, letter("operator", "For you."))
        .await
        .unwrap();
    let mine = ListMessages {
        operator: true,
        ..ListMessages::default()
    };
    let mine = desk.ask::<FindMessages>(mine).await.messages;
    assert_eq!(mine[0].mailbox, None);
}

#[tokio::test]
async fn a_broadcast_reaches_who_is_there_and_squads_their_members() {
    let (desk, _, anna, bruno) = pair().await;
    let carl = agent(&desk, "carl").await;
    let cast = |text: &str, squad: Option<&str>| Broadcast {
        text: text.to_owned(),
        squad: squad.map(ToOwned::to_owned),
    };
    let join = |name: &str| Join {
        workspace_id: name.to_owned(),
        summary: Some("sells".to_owned()),
    };
    let told = desk
        .console
        .broadcast(&anna, cast("All.", None))
        .await
        .unwrap();
    assert_eq!(
        told.text,
        format!("Broadcast to all (id: {})", told.record.id)
    );
    assert_eq!(told.record.recipients, 3, "bruno, carl and kasra");
    let outside = desk
        .console
        .broadcast(&anna, cast("In.", Some("sales")))
        .await;
    assert_eq!(outside.unwrap_err().code, ErrorCode::NotAMember);
    desk.console
        .workspace_join(&anna, join("sales"))
        .await
        .unwrap();
    let joined = desk
        .console
        .workspace_join(&bruno, join("sales"))
        .await
        .unwrap();
    assert_eq!(joined.record.members, ["anna", "bruno"]);
    let told = desk
        .console
        .broadcast(&anna, cast("In.", Some("sales")))
        .await
        .unwrap();
    assert_eq!(told.record.recipients, 1);
    assert_eq!(texts(&inbox(&desk, &bruno).await), ["All.", "In."]);
    assert_eq!(texts(&inbox(&desk, &carl).await), ["All."]);
    assert!(
        inbox(&desk, &anna).await.messages.is_empty(),
        "not to oneself"
    );
    let leave = || Leave {
        workspace_id: "sales".to_owned(),
    };
    desk.console.workspace_leave(&bruno, leave()).await.unwrap();
    assert_eq!(
        desk.console
            .workspace_leave(&bruno, leave())
            .await
            .unwrap_err()
            .code,
        ErrorCode::NotAMember
    );
    let written = WriteMessage {
        to: Recipient::All,
        text: "From the operator.".to_owned(),
        in_reply_to: None,
        request_id: None,
    };
    assert_eq!(desk.ask::<SendMessage>(written).await.recipients, 4);
}

#[tokio::test]
async fn a_broadcast_stands_once_among_all_messages_and_is_each_readers_in_their_mail() {
    let (desk, _, anna, bruno) = pair().await;
    let [carl, dora] = [agent(&desk, "carl").await, agent(&desk, "dora").await];
    for holder in [&anna, &bruno, &carl, &dora] {
        let squad = Join {
            workspace_id: "sales".to_owned(),
            summary: None,
        };
        desk.console.workspace_join(holder, squad).await.unwrap();
    }
    let cast = Broadcast {
        text: "Hold the quotes.".to_owned(),
        squad: Some("sales".to_owned()),
    };
    let cast = desk.console.broadcast(&anna, cast).await.unwrap().record;
    desk.console
        .send(&anna, letter("bruno", "Alone."))
        .await
        .unwrap();
    inbox(&desk, &bruno).await;
    let there = MessageRef {
        mailbox: Some(carl.agent),
        message_id: cast.id,
    };
    desk.ask::<TakeBack>(there).await;

    let listed = async |asked: ListMessages| {
        let asked = ListMessages {
            together: true,
            ..asked
        };
        let found = desk.ask::<FindMessages>(asked).await.messages;
        let told = found.into_iter().map(|one| (one.text, one.reach));
        told.collect::<Vec<_>>()
    };
    let reach = Reach {
        mailboxes: 3,
        fetched: 1,
        withdrawn: 1,
        ..Reach::default()
    };
    let any = ListMessages::default;
    let once = ("Hold the quotes.".to_owned(), Some(reach));
    assert_eq!(
        listed(any()).await,
        [("Alone.".to_owned(), None), once.clone()]
    );
    let of_squad = ListMessages {
        squad: Some(Name::parse("sales").unwrap()),
        ..any()
    };
    assert_eq!(listed(of_squad).await, [once]);

    let somebodys = ("Hold the quotes.".to_owned(), None);
    let of_dora = ListMessages {
        agent_id: Some(dora.agent),
        ..any()
    };
    assert_eq!(listed(of_dora).await, std::slice::from_ref(&somebodys));
    let withdrawn = ListMessages {
        states: vec![MessageState::Withdrawn],
        ..any()
    };
    assert_eq!(listed(withdrawn).await, [somebodys]);
    assert_eq!(tail(&desk).await.len(), 4, "as nobody asked otherwise");
    let to_squad = WriteMessage {
        to: Recipient::Squad("sales".to_owned()),
        text: "From the operator.".to_owned(),
        in_reply_to: None,
        request_id: None,
    };
    assert_eq!(desk.ask::<SendMessage>(to_squad).await.recipients, 4);
    desk.console
        .send(&anna, letter("operator", "To the operator."))
        .await
        .unwrap();
    let operators = ListMessages {
        operator: true,
        ..any()
    };
    let to_all = Reach {
        mailboxes: 4,
        ..Reach::default()
    };
    assert_eq!(
        listed(operators).await,
        [
            ("To the operator.".to_owned(), None),
            ("From the operator.".to_owned(), Some(to_all)),
        ]
    );
    let readers = ListMessages {
        message_id: Some(cast.id),
        ..any()
    };
    let readers = desk.ask::<FindMessages>(readers).await.messages;
    let readers: Vec<&str> = readers.iter().map(|one| one.to.as_str()).collect();
    assert_eq!(readers.len(), 3);
    assert!(
        ["bruno", "carl", "dora"]
            .iter()
            .all(|to| readers.contains(to))
    );
    let counts = desk.ask::<TakeSnapshot>(Nothing {}).await.bus.counts;
    assert_eq!(counts.withdrawn, 1);
    assert_eq!(
        counts.total, 4,
        "a broadcast is one, in however many mailboxes"
    );
}

#[tokio::test]
async fn what_was_taken_back_unread_is_not_read_by_the_way_round() {
    let (desk, _, anna, bruno) = pair().await;
    let all = Inbox {
        include: Include::All,
        ..Inbox::default()
    };
    for (text, is_read) in [("Read.", true), ("Unread.", false), ("Kept.", false)] {
        let sent = desk.console.send(&anna, letter("bruno", text)).await;
        if is_read {
            inbox(&desk, &bruno).await;
        }
        if text != "Kept." {
            let there = MessageRef {
                mailbox: Some(bruno.agent),
                message_id: sent.unwrap().record.id,
            };
            desk.ask::<TakeBack>(there).await;
        }
    }
    let told = desk.console.inbox(&bruno, all).await.unwrap().record;
    assert_eq!(texts(&told), ["Kept.", "Read."]);
}

#[tokio::test]
async fn agents_that_answer_each_other_are_held_at_eight_hops_and_a_person_begins_anew() {
    let (desk, _, anna, bruno) = pair().await;
    let mut sent = 0;
    let (mut writer, mut reader) = (&anna, &bruno);
    loop {
        let to = reader.name.to_string();
        let told = desk
            .console
            .send(writer, letter(&to, "And you?"))
            .await
            .unwrap();
        if told.record.held {
            assert!(told.text.starts_with("Held for the operator"));
            break;
        }
        sent += 1;
        assert!(sent < 20, "never held");
        inbox(&desk, reader).await;
        std::mem::swap(&mut writer, &mut reader);
    }
    assert_eq!(sent, 7, "the eighth message is held");
    let held = tail(&desk).await.remove(0);
    assert_eq!((held.state, held.hops), (MessageState::Held, 8));
    let there = MessageRef {
        mailbox: held.mailbox,
        message_id: held.message_id,
    };
    desk.ask::<DeliverAgain>(there.clone()).await;
    let refused = desk.refused::<DeliverAgain>(there.clone()).await;
    assert!(refused.message.contains("nothing holds it up"), "{refused}");
    assert_eq!(texts(&inbox(&desk, reader).await), ["And you?"]);
    desk.ask::<TakeBack>(there.clone()).await;
    let refused = desk.refused::<TakeBack>(there).await;
    assert!(refused.message.contains("taken back before"), "{refused}");
    // To somebody else nothing stands in the way.
    agent(&desk, "carl").await;
    let free = desk
        .console
        .send(writer, letter("carl", "Hello."))
        .await
        .unwrap();
    assert!(!free.record.held);
}

#[tokio::test]
async fn an_answer_that_is_held_is_not_given_to_whoever_asked() {
    let (desk, clock, anna, bruno) = pair().await;
    let (mut writer, mut reader) = (&anna, &bruno);
    for _ in 0..6 {
        let to = reader.name.to_string();
        let told = desk.console.send(writer, letter(&to, "And you?")).await;
        assert!(!told.unwrap().record.held);
        inbox(&desk, reader).await;
        std::mem::swap(&mut writer, &mut reader);
    }
    let asked = Ask {
        agent: "bruno".to_owned(),
        message: "The seventh?".to_owned(),
        timeout_seconds: Some(30),
    };
    let both = futures::future::join(desk.console.ask(&anna, asked), async {
        let mail = desk.console.inbox_wait(&bruno, InboxWait::default()).await;
        let eighth = Send {
            in_reply_to: Some(mail.unwrap().record.messages[0].id),
            ..letter("anna", "The eighth.")
        };
        let told = desk.console.send(&bruno, eighth).await.unwrap();
        clock.advance(Duration::from_secs(30));
        told.record.held
    });
    let (answered, is_held) = tokio::time::timeout(PATIENCE, both).await.unwrap();
    assert!(is_held);
    assert_eq!(answered.unwrap().record.answer, None);
}

#[tokio::test]
async fn questions_and_their_answers_are_held_at_eight_hops_too() {
    let (desk, clock, anna, bruno) = pair().await;
    let mut exchanges = 0;
    loop {
        let asked = Ask {
            agent: "bruno".to_owned(),
            message: "And you?".to_owned(),
            timeout_seconds: Some(30),
        };
        let answers = async {
            let mail = desk.console.inbox_wait(&bruno, InboxWait::default()).await;
            let reply = Send {
                in_reply_to: Some(mail.unwrap().record.messages[0].id),
                ..letter("anna", "And you?")
            };
            let told = desk.console.send(&bruno, reply).await.unwrap();
            if told.record.held {
                clock.advance(Duration::from_secs(30));
            }
        };
        let both = futures::future::join(desk.console.ask(&anna, asked), answers);
        let (asked, ()) = tokio::time::timeout(PATIENCE, both).await.unwrap();
        if asked.unwrap().record.answer.is_none() {
            break;
        }
        exchanges += 1;
        assert!(exchanges < 12, "never held");
    }
    assert_eq!(exchanges, 3, "the eighth message is held");
}

#[tokio::test]
async fn a_message_that_is_held_is_not_said_to_be_sent_when_it_is_asked_for_again() {
    let (desk, _, anna, bruno) = pair().await;
    let (mut writer, mut reader) = (&anna, &bruno);
    for n in 1..=8 {
        let asked = Send {
            idempotency_key: Some(format!("key-{n}")),
            ..letter(reader.name.as_str(), "And you?")
        };
        for _ in 0..2 {
            let told = desk.console.send(writer, asked.clone()).await.unwrap();
            assert_eq!(told.record.held, n == 8, "{n}: {}", told.text);
        }
        inbox(&desk, reader).await;
        std::mem::swap(&mut writer, &mut reader);
    }
}

#[tokio::test]
async fn a_reply_to_somebody_else_answers_nothing() {
    let (desk, _, anna, bruno) = pair().await;
    agent(&desk, "carl").await;
    let asked = request("bruno", "Deploy?", "r-1");
    desk.console.send(&anna, asked).await.unwrap();
    let question = inbox(&desk, &bruno).await.messages[0].id;
    let aside = Send {
        in_reply_to: Some(question),
        ..letter("carl", "Look at this.")
    };
    desk.console.send(&bruno, aside).await.unwrap();
    let open = || async {
        let mut all = tail(&desk).await.into_iter();
        all.find(|message| message.text == "Deploy?").unwrap()
    };
    assert_eq!(open().await.answered_by, None);
    let reply = Send {
        in_reply_to: Some(question),
        ..letter("anna", "Yes.")
    };
    let told = desk.console.send(&bruno, reply).await.unwrap();
    assert_eq!(open().await.answered_by, Some(told.record.id));
}

#[tokio::test]
async fn whoever_is_revoked_has_left_their_squads_and_is_given_nothing_again() {
    let (desk, _, anna, bruno) = pair().await;
    let join = || Join {
        workspace_id: "sales".to_owned(),
        summary: None,
    };
    desk.console.workspace_join(&anna, join()).await.unwrap();
    let asked = request("anna", "Ready?", "r-1");
    desk.console.send(&bruno, asked).await.unwrap();
    inbox(&desk, &anna).await;
    desk.ask::<EndAgent>(AgentRef {
        agent_id: anna.agent,
    })
    .await;
    let told = desk.console.workspace_join(&bruno, join()).await.unwrap();
    let members = told.record.members;
    assert_eq!(members.len(), 1, "{members:?}");
    let parked = tail(&desk).await.remove(0);
    assert_eq!(parked.state, MessageState::Parked);
    let there = MessageRef {
        mailbox: parked.mailbox,
        message_id: parked.message_id,
    };
    let refused = desk.refused::<DeliverAgain>(there).await;
    assert_eq!(refused.code, ErrorCode::InvalidState, "{refused}");
    assert_eq!(tail(&desk).await[0].state, MessageState::Parked);
}

#[tokio::test]
async fn what_could_turn_a_line_around_is_not_shown() {
    let (desk, _, anna, _) = pair().await;
    let forged = "Fine.\u{202e}evil\u{1b}[31m\u{200b}";
    desk.console
        .send(&anna, letter("bruno", forged))
        .await
        .unwrap();
    let shown = tail(&desk).await.remove(0).text;
    assert!(shown.starts_with("Fine."), "{shown:?}");
    for hidden in ['\u{202e}', '\u{1b}', '\u{200b}'] {
        assert!(!shown.contains(hidden), "{shown:?}");
    }
}

#[tokio::test]
async fn hops_are_known_after_a_restart_and_forgotten_after_ten_minutes() {
    let (desk, clock, anna, bruno) = pair().await;
    desk.console
        .send(&anna, letter("bruno", "1"))
        .await
        .unwrap();
    inbox(&desk, &bruno).await;
    let home = desk.home.clone();
    desk.console.close().await;
    let desk = Desk::open_in(home, Arc::new(clock.clone())).await;
    desk.console
        .send(&bruno, letter("anna", "2"))
        .await
        .unwrap();
    assert_eq!(tail(&desk).await[0].hops, 2);
    clock.advance(Duration::from_secs(601));
    desk.console
        .send(&bruno, letter("anna", "3"))
        .await
        .unwrap();
    assert_eq!(tail(&desk).await[0].hops, 1);
}

#[tokio::test]
async fn everything_can_be_read_again_without_being_taken() {
    let (desk, _, anna, bruno) = pair().await;
    for n in 1..=15 {
        desk.console
            .send(&anna, letter("bruno", &n.to_string()))
            .await
            .unwrap();
    }
    let all = |after, limit| Inbox {
        limit: Some(limit),
        include: Include::All,
        after,
        agent: Some("agent:bruno".to_owned()),
    };
    let newest = desk
        .console
        .inbox(&bruno, all(None, 2))
        .await
        .unwrap()
        .record;
    assert_eq!(texts(&newest), ["15", "14"]);
    let page = desk
        .console
        .inbox(&bruno, all(Some(0), 10))
        .await
        .unwrap()
        .record;
    assert_eq!((page.messages.len(), page.next_after), (10, Some(10)));
    let first = inbox(&desk, &bruno).await;
    assert_eq!((first.messages.len(), texts(&first)[0]), (10, "1"));
    assert!(first.next_after.is_some());
    let foreign = Inbox {
        agent: Some("anna".to_owned()),
        ..Inbox::default()
    };
    assert_eq!(
        desk.console.inbox(&bruno, foreign).await.unwrap_err().code,
        ErrorCode::Forbidden
    );
}

#[tokio::test]
async fn memory_is_ones_own_or_the_squads_and_a_query_is_no_syntax() {
    let desk = Desk::open_by(Arc::new(SystemClock)).await;
    let (anna, bruno) = (agent(&desk, "anna").await, agent(&desk, "bruno").await);
    let note = |text: &str, squad: Option<&str>| Remember {
        text: text.to_owned(),
        context: Some("shipping".to_owned()),
        squad: squad.map(ToOwned::to_owned),
    };
    let recall = |query: &str, squad: Option<&str>| Recall {
        query: query.to_owned(),
        limit: None,
        squad: squad.map(ToOwned::to_owned),
    };
    let stored = desk
        .console
        .remember(&anna, note("The dock opens at 6.", None))
        .await
        .unwrap();
    assert!(stored.text.starts_with("Stored: The dock opens at 6."));
    let found = desk
        .console
        .recall(&anna, recall("dock", None))
        .await
        .unwrap();
    assert!(found.text.starts_with("1. ["), "{}", found.text);
    let nothing = desk
        .console
        .recall(&bruno, recall("dock", None))
        .await
        .unwrap();
    assert_eq!(nothing.text, "No matching memories.");
    for query in [
        "\"",
        "dock NEAR(x",
        "a OR",
        "*",
        "text:dock",
        "-dock^",
        "'); drop table notes",
    ] {
        desk.console
            .recall(&anna, recall(query, None))
            .await
            .unwrap();
    }
    let outside = desk
        .console
        .remember(&anna, note("Ours.", Some("sales")))
        .await;
    assert_eq!(outside.unwrap_err().code, ErrorCode::NotAMember);
    for member in [&anna, &bruno] {
        let join = Join {
            workspace_id: "sales".to_owned(),
            summary: None,
        };
        desk.console.workspace_join(member, join).await.unwrap();
    }
    let shared = desk
        .console
        .remember(&anna, note("Ours.", Some("sales")))
        .await
        .unwrap();
    let theirs = desk
        .console
        .recall(&bruno, recall("ours", Some("sales")))
        .await
        .unwrap();
    assert_eq!(theirs.record.memories[0].by, "anna");
    let id = shared.record.memories[0].id;
    let read = async |squad: Option<&str>, query: Option<&str>| {
        let asked = ListNotes {
            agent_id: bruno.agent,
            squad: squad.map(|name| Name::parse(name).unwrap()),
            query: query.map(ToOwned::to_owned),
            limit: Some(1),
        };
        desk.ask::<FindNotes>(asked).await
    };
    let ours = read(Some("sales"), Some("ours")).await.notes;
    assert_eq!((ours[0].note_id, ours[0].by.as_str()), (id, "anna"));
    assert_eq!(
        read(None, None).await,
        NoteList::default(),
        "bruno has none"
    );
    assert_eq!(
        desk.console
            .forget(&bruno, Forget { id })
            .await
            .unwrap_err()
            .code,
        ErrorCode::NotFound
    );
    desk.console.forget(&anna, Forget { id }).await.unwrap();
    let list = Memories {
        limit: None,
        squad: Some("sales".to_owned()),
    };
    let listed = desk.console.memories(&bruno, list).await.unwrap();
    assert!(listed.record.memories.is_empty());
}

#[tokio::test]
async fn unread_mail_says_that_more_is_there_also_where_it_is_one() {
    let (desk, _, anna, bruno) = pair().await;
    for number in 1..=11 {
        let one = letter("bruno", &number.to_string());
        desk.console.send(&anna, one).await.unwrap();
    }
    let first = inbox(&desk, &bruno).await;
    assert_eq!((first.messages.len(), first.next_after), (10, Some(10)));
    let rest = inbox(&desk, &bruno).await;
    assert_eq!((rest.messages.len(), rest.next_after), (1, None));
}

#[tokio::test]
async fn lists_of_messages_and_of_the_log_say_whether_there_is_more() {
    let (desk, _, anna, _) = pair().await;
    for text in ["one", "two", "three"] {
        desk.console
            .send(&anna, letter("bruno", text))
            .await
            .unwrap();
    }
    let page = async |limit, before| {
        let asked = ListMessages {
            limit: Some(limit),
            before,
            ..ListMessages::default()
        };
        let page = desk.ask::<FindMessages>(asked).await;
        let last = page.messages.last().map(|message| message.place);
        (page.messages.len(), page.more, last)
    };
    let (count, more, last) = page(2, None).await;
    assert_eq!((count, more), (2, true));
    let (count, more, _) = page(2, last).await;
    assert_eq!((count, more), (1, false));
    assert!(!page(3, None).await.1, "all of them, and no more");

    let rows = async |limit| {
        let asked = ListAudit {
            actions: vec![Action::Send],
            limit: Some(limit),
            ..ListAudit::default()
        };
        let page = desk.ask::<FindAudit>(asked).await;
        (page.rows.len(), page.more)
    };
    assert_eq!(rows(2).await, (2, true));
    assert_eq!(rows(3).await, (3, false));
}

#[tokio::test]
async fn an_ack_takes_one_to_a_hundred_ids() {
    let (desk, _, _, bruno) = pair().await;
    let unknown = husting_domain::ids::MessageId(uuid::Uuid::from_u128(1));
    for (count, is_taken) in [(0, false), (1, true), (100, true), (101, false)] {
        let ids = vec![unknown; count];
        let told = desk.console.ack(&bruno, Ack { ids }).await;
        match told {
            Ok(_) => assert!(is_taken, "{count}"),
            Err(refused) => {
                assert!(!is_taken, "{count}");
                assert_eq!(refused.code, ErrorCode::InvalidBody);
            }
        }
    }
}

#[tokio::test]
async fn whoever_is_revoked_is_no_peer_and_nobody_is_human_but_the_operator() {
    let (desk, _, anna, bruno) = pair().await;
    let as_human = desk.console.send(&anna, letter("human:bruno", "x")).await;
    let refused = as_human.unwrap_err();
    assert_eq!(refused.code, ErrorCode::AgentNotFound);
    assert!(refused.message.contains("reads as `operator`"), "{refused}");
    let peers = async || {
        let told = desk.console.peers(&anna).await.unwrap();
        let names = told.record.agents.into_iter().map(|peer| peer.name);
        names.filter(|name| name == "bruno").count()
    };
    assert_eq!(peers().await, 1);
    let agent_id = bruno.agent;
    desk.ask::<EndAgent>(AgentRef { agent_id }).await;
    assert_eq!(peers().await, 0);
}

#[tokio::test]
async fn a_squads_memory_is_read_by_its_members_alone() {
    let (desk, _, anna, bruno) = pair().await;
    let join = serde_json::json!({"workspace_id": "sales"});
    let join: Join = serde_json::from_value(join).unwrap();
    desk.console.workspace_join(&anna, join).await.unwrap();
    let note = serde_json::json!({"text": "Quillfeather is sold.", "squad": "sales"});
    let note: Remember = serde_json::from_value(note).unwrap();
    desk.console.remember(&anna, note).await.unwrap();
    for (holder, is_member) in [(&anna, true), (&bruno, false)] {
        let recall = serde_json::json!({"query": "quillfeather", "squad": "sales"});
        let recall: Recall = serde_json::from_value(recall).unwrap();
        let list: Memories = serde_json::from_value(serde_json::json!({"squad": "sales"})).unwrap();
        for told in [
            desk.console.recall(holder, recall).await,
            desk.console.memories(holder, list).await,
        ] {
            match told {
                Ok(told) => assert_eq!((told.record.memories.len(), is_member), (1, true)),
                Err(refused) => {
                    assert!(!is_member);
                    assert_eq!(refused.code, ErrorCode::NotAMember);
                }
            }
        }
    }
}
