//! Messages: how they arrive, are given, end, and are read.

use std::sync::Arc;

use husting_domain::agents::{Agent, AgentKind, AgentStatus};
use husting_domain::ids::AgentId;
use husting_domain::messages::{
    AcknowledgedBy, MOST_FETCHED_BYTES, MOST_UNREAD, Mailbox, Message, MessageState, Origin, Reach,
    Sender,
};
use husting_domain::time::Timestamp;
use husting_store::{
    AgentWrite, Arrival, BusRequire, BusWrite, CommitError, Constraint, Dispatch, Earlier,
    HopsGiven, MessageFilter, Require, SendReplay, Sent, Store, Unit, Write,
};

use crate::people::*;
use crate::values::*;

const LEASE: i64 = 600;

async fn change(store: &dyn Store, write: BusWrite) {
    told(store, write).await;
}

fn acknowledge(of: u128, messages: &[u128], seconds: i64) -> BusWrite {
    BusWrite::Acknowledge {
        mailbox: mailbox(of),
        messages: messages.iter().map(|n| message_id(*n)).collect(),
        by: AcknowledgedBy::Ack,
        at: at(seconds),
    }
}

fn answer(of: u128, n: u128, by: u128, seconds: i64) -> BusWrite {
    BusWrite::Answer {
        mailbox: mailbox(of),
        message: message_id(n),
        by: message_id(by),
        at: at(seconds),
    }
}

fn redeliver(of: u128, n: u128) -> BusWrite {
    BusWrite::Redeliver {
        mailbox: mailbox(of),
        message: message_id(n),
    }
}

fn withdraw(of: u128, n: u128, seconds: i64) -> BusWrite {
    BusWrite::Withdraw {
        mailbox: mailbox(of),
        message: message_id(n),
        only_unseen: false,
        at: at(seconds),
    }
}

fn broadcast(dispatch: Dispatch, squad: Option<&str>, except: Option<AgentId>) -> BusWrite {
    BusWrite::Broadcast {
        dispatch,
        squad: squad.map(name),
        except,
    }
}

fn join(squad: &str, of: u128, seconds: i64) -> BusWrite {
    BusWrite::Join {
        squad: name(squad),
        agent: agent_id(of),
        summary: Some(format!("{of} sells")),
        at: at(seconds),
    }
}

/// As dispatched, at this place.
fn arrived(dispatch: Dispatch, sent: Sent) -> Message {
    Message {
        id: dispatch.id,
        mailbox: dispatch.mailbox,
        seq: sent.seq,
        place: sent.place,
        from: dispatch.from,
        to: dispatch.to,
        text: dispatch.text,
        sent_at: dispatch.at,
        request_id: dispatch.request_id,
        in_reply_to: dispatch.in_reply_to,
        is_broadcast: false,
        squad: None,
        hops: dispatch.hops,
        state: MessageState::Waiting,
        deliveries: 0,
        fetched_at: None,
        leased_until: None,
        acknowledged: None,
        answered: None,
        ended_at: None,
        erased_at: None,
    }
}

async fn state(store: &dyn Store, of: u128, n: u128) -> MessageState {
    read(store, of, n).await.state
}

async fn unread(store: &dyn Store) -> Vec<(Mailbox, u32)> {
    store.unread(&tenant()).await.unwrap()
}

pub async fn a_message_reads_back_as_written(store: Arc<dyn Store>) {
    crew(&*store, 2).await;
    let full = Dispatch {
        from: Sender::Discord {
            name: "Ana “x”".to_owned(),
            via: agent_id(1),
        },
        in_reply_to: Some(message_id(90)),
        hops: 7,
        ..request(1, 2)
    };
    let first = sent(&*store, full.clone()).await;
    assert_eq!(first.seq, 1);
    assert_eq!(read(&*store, 2, 1).await, arrived(full, first));
    let second = sent(&*store, dispatch(2, 2)).await;
    assert_eq!((second.seq, second.place), (2, first.place + 1));
    let other = sent(&*store, dispatch(3, 1)).await;
    assert_eq!(other.seq, 1, "each mailbox has its own numbers");
    assert_eq!(unread(&*store).await, [(mailbox(1), 1), (mailbox(2), 2)]);
    assert!(matches!(
        refusal(&*store, unit().write(send(dispatch(1, 2)))).await,
        CommitError::Constraint(Constraint::Exists("message"))
    ));

    let newest = store.request(&tenant(), mailbox(2), "r-1").await.unwrap();
    assert_eq!(newest.unwrap().id, message_id(1));
    let again = Dispatch {
        request_id: Some("r-1".to_owned()),
        ..dispatch(4, 2)
    };
    sent(&*store, again).await;
    let newest = store.request(&tenant(), mailbox(2), "r-1").await.unwrap();
    assert_eq!(newest.unwrap().id, message_id(4));
    assert_eq!(
        store.request(&tenant(), mailbox(1), "r-1").await.unwrap(),
        None
    );
}

pub async fn any_text_is_kept_as_written(store: Arc<dyn Store>) {
    crew(&*store, 2).await;
    let texts = [
        "",
        "a\0b",
        "\\u0000 \"quoted\" \\",
        "\u{1}\u{1b}[31m\u{2028}\u{202e}\u{feff}",
        "🚢 Größe ｆｕｌｌ",
        r#"{"text": [1, null]}"#,
    ];
    for (n, text) in (1..).zip(texts) {
        let text = text.to_owned();
        let alone = Dispatch {
            text: text.clone(),
            ..request(n, 2)
        };
        sent(&*store, alone).await;
        let to_all = Dispatch {
            text: text.clone(),
            ..dispatch(100 + n, 1)
        };
        change(&*store, broadcast(to_all, None, None)).await;
        for n in [n, 100 + n] {
            assert_eq!(read(&*store, 2, n).await.text, text, "{text:?}");
        }
    }
}

pub async fn nobody_gets_no_mail_but_the_operator_always_does(store: Arc<dyn Store>) {
    assert!(matches!(
        refusal(&*store, unit().write(send(dispatch(1, 2)))).await,
        CommitError::Constraint(Constraint::Absent("mailbox"))
    ));
    let to_operator = |n| Dispatch {
        mailbox: Mailbox::Operator,
        to: name("operator"),
        from: Sender::System,
        ..dispatch(n, 1)
    };
    assert_eq!(sent(&*store, to_operator(2)).await.seq, 1);
    assert_eq!(sent(&*store, to_operator(3)).await.seq, 2);
    assert_eq!(unread(&*store).await, [(Mailbox::Operator, 2)]);
    assert!(store.unread(&acme()).await.unwrap().is_empty());
}

pub async fn a_full_mailbox_refuses_and_a_broadcast_passes_it_by(store: Arc<dyn Store>) {
    crew(&*store, 3).await;
    let many = (1..u128::from(MOST_UNREAD)).map(|n| send(dispatch(n, 2)));
    keep(&*store, many).await;
    // Its last place goes to a broadcast, which is no reason to call it full.
    let cast = told(&*store, broadcast(dispatch(20_000, 1), None, None)).await;
    let cast = cast.cast().unwrap();
    assert_eq!(
        cast.reached,
        [
            (agent_id(1), 1),
            (agent_id(2), u64::from(MOST_UNREAD)),
            (agent_id(3), 1)
        ]
    );
    assert!(cast.full.is_empty());

    let one_more = unit().write(send(dispatch(20_001, 2)));
    assert!(matches!(
        refusal(&*store, one_more.clone()).await,
        CommitError::Constraint(Constraint::Full(full)) if full == mailbox(2)
    ));
    let cast = told(&*store, broadcast(dispatch(20_002, 1), None, None)).await;
    let cast = cast.cast().unwrap();
    assert_eq!(cast.reached, [(agent_id(1), 2), (agent_id(3), 2)]);
    assert_eq!(cast.full, [agent_id(2)]);

    let given = fetch(&*store, 2, at(0), 500).await;
    assert_eq!(given.messages.len(), 100, "no more than a page");
    assert_eq!(given.left, MOST_UNREAD - 100);
    store.commit(one_more).await.unwrap();
}

pub async fn a_fetch_may_leave_plain_mail_in_work(store: Arc<dyn Store>) {
    crew(&*store, 1).await;
    for n in 1..=2 {
        sent(&*store, dispatch(n, 1)).await;
    }
    let next = async |seconds| {
        let write = BusWrite::Fetch {
            mailbox: mailbox(1),
            earlier: Earlier::Stays,
            at: at(seconds),
            lease_until: at(seconds + LEASE),
            limit: 1,
        };
        told(&*store, write).await.fetched().unwrap()
    };
    assert_eq!(ids(&next(0).await.messages), [message_id(1)]);
    let second = next(1).await;
    assert_eq!(ids(&second.messages), [message_id(2)]);
    assert!(second.ended.is_empty());
    assert_eq!(state(&*store, 1, 1).await, MessageState::Leased);

    let again = next(LEASE).await;
    assert_eq!(ids(&again.messages), [message_id(1)], "it comes back");
    assert_eq!(state(&*store, 1, 2).await, MessageState::Leased);
    let last = next(2 * LEASE).await;
    assert_eq!(
        last.taken_back.resting,
        [(tenant(), mailbox(1), message_id(1))]
    );
    assert_eq!(ids(&last.messages), [message_id(2)]);
}

pub async fn a_plain_message_ends_with_the_next_fetch(store: Arc<dyn Store>) {
    crew(&*store, 2).await;
    for n in 1..=3 {
        sent(&*store, dispatch(n, 2)).await;
    }
    let first = fetch(&*store, 2, at(100), 2).await;
    assert_eq!(ids(&first.messages), [message_id(1), message_id(2)]);
    assert_eq!((first.left, first.ended.len()), (1, 0));
    let given = &first.messages[0];
    assert_eq!(*given, read(&*store, 2, 1).await, "as it is now");
    assert_eq!((given.state, given.deliveries), (MessageState::Leased, 1));
    assert_eq!(
        (given.fetched_at, given.leased_until),
        (Some(at(100)), Some(at(100 + LEASE)))
    );
    assert_eq!(store.next_lease_end().await.unwrap(), given.leased_until);

    let second = fetch(&*store, 2, at(200), 2).await;
    assert_eq!(second.ended, [message_id(1), message_id(2)]);
    assert_eq!(ids(&second.messages), [message_id(3)]);
    let ended = read(&*store, 2, 1).await;
    assert_eq!(
        (ended.state, ended.acknowledged, ended.leased_until),
        (
            MessageState::Done,
            Some((at(200), AcknowledgedBy::NextFetch)),
            None
        )
    );
    let third = fetch(&*store, 2, at(300), 2).await;
    assert_eq!(third.ended, [message_id(3)]);
    assert!(third.messages.is_empty());
    assert_eq!(store.next_lease_end().await.unwrap(), None);
    assert!(unread(&*store).await.is_empty());
}

pub async fn a_plain_message_returns_once_and_rests_then(store: Arc<dyn Store>) {
    crew(&*store, 2).await;
    sent(&*store, dispatch(1, 2)).await;
    fetch(&*store, 2, at(0), 10).await;
    // The lease runs out at its very moment.
    let again = fetch(&*store, 2, at(LEASE), 10).await;
    assert!(again.ended.is_empty());
    assert_eq!(again.taken_back.waiting, [(tenant(), mailbox(2))]);
    assert_eq!(ids(&again.messages), [message_id(1)]);
    assert_eq!(again.messages[0].deliveries, 2);
    assert_eq!(again.messages[0].fetched_at, Some(at(0)), "the first time");

    let last = fetch(&*store, 2, at(3 * LEASE), 10).await;
    assert!(last.messages.is_empty());
    assert_eq!(
        last.taken_back.resting,
        [(tenant(), mailbox(2), message_id(1))]
    );
    let resting = read(&*store, 2, 1).await;
    assert_eq!(resting.state, MessageState::Unacknowledged);
    assert_eq!((resting.acknowledged, resting.ended_at), (None, None));
}

pub async fn a_request_returns_until_it_was_given_five_times(store: Arc<dyn Store>) {
    crew(&*store, 2).await;
    sent(&*store, request(1, 2)).await;
    sent(&*store, dispatch(2, 2)).await;
    for round in 1..=5 {
        let given = fetch(&*store, 2, at(round * LEASE), 1).await;
        assert_eq!(ids(&given.messages), [message_id(1)], "it keeps its place");
        assert_eq!(i64::from(given.messages[0].deliveries), round);
        assert_eq!(given.left, 1);
        // Another fetch meanwhile ends no request.
        if round == 1 {
            let meanwhile = fetch(&*store, 2, at(LEASE + 1), 1).await;
            assert_eq!(ids(&meanwhile.messages), [message_id(2)]);
            assert!(meanwhile.ended.is_empty());
            // It counts as read, and as unread again for what follows.
            change(&*store, withdraw(2, 2, LEASE + 2)).await;
            change(&*store, redeliver(2, 2)).await;
        }
    }
    let parked = fetch(&*store, 2, at(6 * LEASE), 1).await;
    assert_eq!(
        parked.taken_back.parked,
        [(tenant(), mailbox(2), message_id(1))]
    );
    assert_eq!(ids(&parked.messages), [message_id(2)]);
    let request = read(&*store, 2, 1).await;
    assert_eq!(
        (request.state, request.ended_at, request.deliveries),
        (MessageState::Parked, Some(at(6 * LEASE)), 5)
    );
}

/// Message `n` of agent 2 in each state, by number: 1 waiting, 2 leased, 3 unacknowledged, 4 parked,
/// 5 done, 6 withdrawn, 7 held.
async fn in_every_state(store: &dyn Store) {
    crew(store, 2).await;
    for n in [3, 5, 6] {
        sent(store, dispatch(n, 2)).await;
    }
    sent(store, request(4, 2)).await;
    change(store, acknowledge(2, &[5], 1)).await;
    change(store, withdraw(2, 6, 1)).await;
    for round in 0..6 {
        fetch(store, 2, at(round * LEASE), 10).await;
    }
    sent(store, request(2, 2)).await;
    fetch(store, 2, at(6 * LEASE), 10).await;
    sent(store, dispatch(1, 2)).await;
    let held = Dispatch {
        arrival: Arrival::Held,
        ..dispatch(7, 2)
    };
    sent(store, held).await;
    let mut states = Vec::new();
    for n in 1..=7 {
        states.push(state(store, 2, n).await);
    }
    assert_eq!(
        states,
        [
            MessageState::Waiting,
            MessageState::Leased,
            MessageState::Unacknowledged,
            MessageState::Parked,
            MessageState::Done,
            MessageState::Withdrawn,
            MessageState::Held,
        ]
    );
}

pub async fn an_acknowledgement_ends_even_what_rests(store: Arc<dyn Store>) {
    in_every_state(&*store).await;
    assert_eq!(unread(&*store).await, [(mailbox(2), 1)]);
    let named = [7, 4, 6, 3, 99, 2, 5, 1, 4];
    let acknowledged = told(&*store, acknowledge(2, &named, 9_000)).await;
    assert_eq!(
        acknowledged.acknowledged(),
        [4, 3, 2, 1].map(message_id),
        "in the order they were named, each once"
    );
    for n in 1..=4 {
        let done = read(&*store, 2, n).await;
        assert_eq!(done.state, MessageState::Done);
        assert_eq!(done.acknowledged, Some((at(9_000), AcknowledgedBy::Ack)));
        assert_eq!((done.ended_at, done.leased_until), (None, None));
    }
    let before = read(&*store, 2, 5).await.acknowledged;
    assert_eq!(before, Some((at(1), AcknowledgedBy::Ack)), "the first time");
    assert_eq!(state(&*store, 2, 6).await, MessageState::Withdrawn);
    assert_eq!(state(&*store, 2, 7).await, MessageState::Held);
    assert!(unread(&*store).await.is_empty());
    let again = told(&*store, acknowledge(2, &named, 9_001)).await;
    assert!(again.acknowledged().is_empty());
    // Not in the mailbox of another.
    sent(&*store, dispatch(8, 1)).await;
    let of_another = told(&*store, acknowledge(2, &[8], 9_002)).await;
    assert!(of_another.acknowledged().is_empty());
}

pub async fn an_answer_acknowledges_and_the_first_stays(store: Arc<dyn Store>) {
    in_every_state(&*store).await;
    for n in 1..=7 {
        change(&*store, answer(2, n, 50 + n, 9_000)).await;
        change(&*store, answer(2, n, 60 + n, 9_001)).await;
        let answered = read(&*store, 2, n).await.answered;
        assert_eq!(answered, Some((at(9_000), message_id(50 + n))), "{n}");
    }
    for n in 1..=4 {
        let done = read(&*store, 2, n).await;
        assert_eq!(done.state, MessageState::Done, "{n}");
        assert_eq!(done.acknowledged, Some((at(9_000), AcknowledgedBy::Reply)));
    }
    let acknowledged = read(&*store, 2, 5).await.acknowledged;
    assert_eq!(acknowledged, Some((at(1), AcknowledgedBy::Ack)));
    assert_eq!(state(&*store, 2, 6).await, MessageState::Withdrawn);
    assert_eq!(state(&*store, 2, 7).await, MessageState::Held);
    assert!(unread(&*store).await.is_empty());
    assert!(matches!(
        refusal(&*store, unit().write(Write::Bus(answer(2, 99, 1, 1)))).await,
        CommitError::Constraint(Constraint::Absent("message"))
    ));
}

pub async fn what_rests_is_delivered_again_and_what_has_not_ended_withdrawn(store: Arc<dyn Store>) {
    in_every_state(&*store).await;
    for n in [1, 2, 5] {
        assert!(matches!(
            refusal(&*store, unit().write(Write::Bus(redeliver(2, n)))).await,
            CommitError::Constraint(Constraint::Absent("message"))
        ));
    }
    for n in [3, 4, 6, 7] {
        change(&*store, redeliver(2, n)).await;
        let waiting = read(&*store, 2, n).await;
        assert_eq!(
            (waiting.state, waiting.deliveries, waiting.ended_at),
            (MessageState::Waiting, 0, None)
        );
    }
    assert_eq!(unread(&*store).await, [(mailbox(2), 5)]);
    let given = fetch(&*store, 2, at(9_000), 10).await;
    assert_eq!(
        ids(&given.messages),
        [3, 6, 4, 2, 1, 7].map(message_id),
        "by their numbers in the mailbox"
    );
}

pub async fn what_was_given_once_is_not_taken_back_as_unseen(store: Arc<dyn Store>) {
    crew(&*store, 2).await;
    for n in 1..=3 {
        sent(&*store, request(n, 2)).await;
    }
    let unseen = |n| BusWrite::Withdraw {
        mailbox: mailbox(2),
        message: message_id(n),
        only_unseen: true,
        at: at(LEASE + 2),
    };
    fetch(&*store, 2, at(1), 2).await;
    // The first is in hand again, the second was given and waits.
    fetch(&*store, 2, at(LEASE + 1), 1).await;
    let states = [
        read(&*store, 2, 1).await.state,
        read(&*store, 2, 2).await.state,
    ];
    assert_eq!(states, [MessageState::Leased, MessageState::Waiting]);
    for n in [1, 2] {
        assert!(matches!(
            refusal(&*store, unit().write(Write::Bus(unseen(n)))).await,
            CommitError::Constraint(Constraint::Absent("message"))
        ));
    }
    change(&*store, unseen(3)).await;
    assert_eq!(read(&*store, 2, 3).await.state, MessageState::Withdrawn);
}

pub async fn what_has_not_ended_or_rests_is_withdrawn(store: Arc<dyn Store>) {
    in_every_state(&*store).await;
    for n in [5, 6] {
        assert!(matches!(
            refusal(&*store, unit().write(Write::Bus(withdraw(2, n, 1)))).await,
            CommitError::Constraint(Constraint::Absent("message"))
        ));
    }
    for n in [1, 2, 3, 4, 7] {
        change(&*store, withdraw(2, n, 9_000)).await;
        let gone = read(&*store, 2, n).await;
        assert_eq!(
            (gone.state, gone.ended_at, gone.leased_until),
            (MessageState::Withdrawn, Some(at(9_000)), None)
        );
    }
    assert!(unread(&*store).await.is_empty());
    assert!(fetch(&*store, 2, at(99_000), 10).await.messages.is_empty());
}

pub async fn what_nobody_reads_any_more_is_parked(store: Arc<dyn Store>) {
    in_every_state(&*store).await;
    sent(&*store, dispatch(8, 1)).await;
    let park = BusWrite::ParkAll {
        mailbox: mailbox(2),
        at: at(9_000),
    };
    assert_eq!(told(&*store, park.clone()).await.parked(), 2);
    assert_eq!(told(&*store, park).await.parked(), 0);
    for n in [1, 2] {
        let parked = read(&*store, 2, n).await;
        assert_eq!(
            (parked.state, parked.ended_at),
            (MessageState::Parked, Some(at(9_000)))
        );
    }
    assert_eq!(state(&*store, 2, 3).await, MessageState::Unacknowledged);
    assert_eq!(state(&*store, 1, 8).await, MessageState::Waiting);
    assert_eq!(unread(&*store).await, [(mailbox(1), 1)]);
}

pub async fn an_answer_carries_no_more_than_fits(store: Arc<dyn Store>) {
    crew(&*store, 2).await;
    let heavy = |n, bytes: usize| Dispatch {
        // Two bytes a character.
        text: "ß".repeat(bytes / 2),
        ..dispatch(n, 2)
    };
    let third = MOST_FETCHED_BYTES / 3;
    sent(&*store, heavy(1, MOST_FETCHED_BYTES + 2)).await;
    for n in 2..=5 {
        sent(&*store, heavy(n, third)).await;
    }
    let given = fetch(&*store, 2, at(1), 10).await;
    assert_eq!(ids(&given.messages), [message_id(1)], "one at the least");
    assert_eq!(given.left, 4);
    let given = fetch(&*store, 2, at(2), 10).await;
    assert_eq!(ids(&given.messages), [2, 3, 4].map(message_id));
    assert_eq!(given.left, 1);

    let mail = async |after, limit| {
        let mail = store.mail(&tenant(), mailbox(2), after, limit).await;
        let mail = mail.unwrap();
        assert_ne!(mail.first().map(|one| one.text.is_empty()), Some(true));
        ids(&mail)
    };
    assert_eq!(mail(None, 10).await, [5, 4, 3].map(message_id));
    assert_eq!(mail(Some(0), 10).await, [message_id(1)]);
    assert_eq!(mail(Some(1), 10).await, [2, 3, 4].map(message_id));
    assert_eq!(mail(Some(1), 2).await, [2, 3].map(message_id));
    assert!(mail(Some(5), 10).await.is_empty());
    let nothing = fetch(&*store, 2, at(3), 0).await;
    assert!(nothing.messages.is_empty());
    assert_eq!(nothing.ended.len(), 3);
}

pub async fn what_is_given_at_once_never_waits(store: Arc<dyn Store>) {
    crew(&*store, 2).await;
    let given = Dispatch {
        arrival: Arrival::Given(at(60)),
        ..dispatch(1, 2)
    };
    sent(&*store, given).await;
    let leased = read(&*store, 2, 1).await;
    assert_eq!(
        (leased.state, leased.deliveries, leased.fetched_at),
        (MessageState::Leased, 1, Some(at(1)))
    );
    assert!(unread(&*store).await.is_empty());
    let held = Dispatch {
        arrival: Arrival::Held,
        ..dispatch(2, 2)
    };
    sent(&*store, held).await;
    assert_eq!(read(&*store, 2, 2).await.ended_at, Some(at(2)));
    // Nobody took it: it waits in the mailbox, the held one does not.
    let later = fetch(&*store, 2, at(60), 10).await;
    assert_eq!(ids(&later.messages), [message_id(1)]);
}

pub async fn a_broadcast_reaches_who_is_there(store: Arc<dyn Store>) {
    crew(&*store, 4).await;
    for of in [2, 3, 4] {
        change(&*store, join("sales", of, 5)).await;
    }
    let suspended = Agent {
        status: AgentStatus::Suspended,
        ..agent(4)
    };
    keep(&*store, [Write::Agent(AgentWrite::Set(suspended))]).await;
    let theirs = Unit::of(acme()).write(insert(agent(5)));
    store.commit(theirs).await.unwrap();

    let to_all = broadcast(dispatch(1, 1), None, Some(agent_id(1)));
    let cast = told(&*store, to_all).await.cast().unwrap();
    assert_eq!(cast.reached, [(agent_id(2), 1), (agent_id(3), 1)]);
    let to_sales = broadcast(request(2, 1), Some("sales"), Some(agent_id(2)));
    let cast = told(&*store, to_sales).await.cast().unwrap();
    assert_eq!(cast.reached, [(agent_id(3), 2)]);
    let operators = broadcast(dispatch(3, 1), Some("nobody"), None);
    let cast = told(&*store, operators).await.cast().unwrap();
    assert!(cast.reached.is_empty());

    let received = read(&*store, 3, 2).await;
    assert_eq!(received.to, name("agent-3"));
    assert_eq!(received.squad, Some(name("sales")));
    assert_eq!(received.text, request(2, 1).text);
    assert_eq!(received.request_id, request(2, 1).request_id);
    let fetched = fetch(&*store, 3, at(10), 10).await;
    assert_eq!(fetched.messages[0].text, dispatch(1, 1).text);
    assert_eq!(fetched.messages[0].squad, None);
    // Ended in one mailbox, it waits in the others.
    change(&*store, acknowledge(3, &[1], 11)).await;
    assert_eq!(state(&*store, 2, 1).await, MessageState::Waiting);
}

pub async fn erased_words_are_gone_in_all_mailboxes(store: Arc<dyn Store>) {
    crew(&*store, 2).await;
    sent(&*store, dispatch(1, 2)).await;
    change(&*store, broadcast(dispatch(2, 1), None, None)).await;
    let erase = |n, seconds| BusWrite::Erase {
        message: message_id(n),
        at: at(seconds),
    };
    for n in [1, 2] {
        change(&*store, erase(n, 30)).await;
        change(&*store, erase(n, 31)).await;
    }
    for (of, n) in [(2, 1), (1, 2), (2, 2)] {
        let erased = read(&*store, of, n).await;
        assert_eq!((erased.text.as_str(), erased.erased_at), ("", Some(at(30))));
        assert_eq!(erased.state, MessageState::Waiting, "and still delivered");
    }
    assert!(matches!(
        refusal(&*store, unit().write(Write::Bus(erase(9, 1)))).await,
        CommitError::Constraint(Constraint::Absent("message"))
    ));
}

pub async fn a_sweep_tells_what_it_took_back(store: Arc<dyn Store>) {
    crew(&*store, 3).await;
    let theirs = Unit::of(acme()).writes([insert(agent(1)), send(dispatch(1, 1))]);
    store.commit(theirs).await.unwrap();
    let their_fetch = Unit::of(acme()).write(Write::Bus(BusWrite::Fetch {
        mailbox: mailbox(1),
        earlier: Earlier::Ends,
        at: at(0),
        lease_until: at(LEASE),
        limit: 10,
    }));
    store.commit(their_fetch).await.unwrap();
    for n in [2, 3] {
        sent(&*store, dispatch(n, 2)).await;
    }
    fetch(&*store, 2, at(-2 * LEASE), 10).await;
    fetch(&*store, 2, at(0), 1).await;
    sent(&*store, request(4, 3)).await;
    for round in -4..=0 {
        fetch(&*store, 3, at(round * LEASE), 10).await;
    }

    let sweep = async |seconds| {
        let swept = told(&*store, BusWrite::Sweep { at: at(seconds) }).await;
        swept.taken_back().unwrap()
    };
    assert_eq!(sweep(LEASE - 1).await, husting_store::TakenBack::default());
    let back = sweep(LEASE).await;
    assert_eq!(back.waiting, [(acme(), mailbox(1))]);
    assert_eq!(back.parked, [(tenant(), mailbox(3), message_id(4))]);
    assert_eq!(back.resting, [(tenant(), mailbox(2), message_id(2))]);
    assert_eq!(state(&*store, 2, 3).await, MessageState::Waiting);
    assert_eq!(unread(&*store).await, [(mailbox(2), 1)]);
    assert_eq!(store.next_lease_end().await.unwrap(), None);
}

pub async fn what_managed_agents_held_comes_back_with_the_next_sweep(store: Arc<dyn Store>) {
    crew(&*store, 1).await;
    let managed = |n| Agent {
        kind: AgentKind::Managed,
        ..agent(n)
    };
    keep(&*store, [insert(managed(2))]).await;
    let theirs = Unit::of(acme()).writes([insert(managed(3)), send(dispatch(5, 3))]);
    store.commit(theirs).await.unwrap();
    for letter in [
        dispatch(1, 1),
        dispatch(2, 2),
        request(3, 2),
        dispatch(4, 2),
    ] {
        sent(&*store, letter).await;
    }
    fetch(&*store, 1, at(0), 1).await;
    fetch(&*store, 2, at(0), 2).await;
    let their_fetch = Unit::of(acme()).write(Write::Bus(BusWrite::Fetch {
        mailbox: mailbox(3),
        earlier: Earlier::Ends,
        at: at(0),
        lease_until: at(LEASE),
        limit: 10,
    }));
    store.commit(their_fetch).await.unwrap();

    let unit = unit()
        .write(Write::Bus(BusWrite::EndManagedLeases { at: at(1) }))
        .write(Write::Bus(BusWrite::Sweep { at: at(1) }));
    let swept = store.commit(unit).await.unwrap().taken_back().unwrap();
    assert_eq!(
        swept.waiting,
        [(acme(), mailbox(3)), (tenant(), mailbox(2))]
    );
    for (of, n, is, deliveries) in [
        (1, 1, MessageState::Leased, 1),
        (2, 2, MessageState::Waiting, 1),
        (2, 3, MessageState::Waiting, 1),
        (2, 4, MessageState::Waiting, 0),
    ] {
        let message = read(&*store, of, n).await;
        assert_eq!((message.state, message.deliveries), (is, deliveries), "{n}");
    }
    assert_eq!(store.next_lease_end().await.unwrap(), Some(at(LEASE)));
    // A plain message returns once, however its leases end.
    fetch(&*store, 2, at(2), 10).await;
    let again = Unit::of(tenant())
        .write(Write::Bus(BusWrite::EndManagedLeases { at: at(3) }))
        .write(Write::Bus(BusWrite::Sweep { at: at(3) }));
    let swept = store.commit(again).await.unwrap().taken_back().unwrap();
    assert_eq!(swept.resting, [(tenant(), mailbox(2), message_id(2))]);
    assert_eq!(state(&*store, 2, 3).await, MessageState::Waiting);
}

pub async fn messages_are_listed_by_whatever_is_asked(store: Arc<dyn Store>) {
    crew(&*store, 3).await;
    change(&*store, join("sales", 3, 1)).await;
    let by_operator = Dispatch {
        from: Sender::Operator,
        ..dispatch(2, 2)
    };
    let to_operator = Dispatch {
        mailbox: Mailbox::Operator,
        to: name("operator"),
        ..dispatch(3, 1)
    };
    let mut by_another = dispatch(6, 1);
    by_another.from = Sender::Agent {
        id: agent_id(3),
        name: name("agent-3"),
    };
    let to_oneself = dispatch(7, 1);
    keep(
        &*store,
        [
            send(dispatch(1, 2)),
            send(by_operator),
            send(to_operator),
            Write::Bus(broadcast(dispatch(5, 1), Some("sales"), None)),
            send(by_another),
            send(to_oneself),
        ],
    )
    .await;
    change(&*store, withdraw(1, 6, 20)).await;
    change(
        &*store,
        BusWrite::ParkAll {
            mailbox: mailbox(3),
            at: at(20),
        },
    )
    .await;

    let list = async |filter: MessageFilter| {
        let filter = MessageFilter {
            limit: if filter.limit == 0 { 10 } else { filter.limit },
            ..filter
        };
        let found = store.messages(&tenant(), &filter).await.unwrap();
        found
            .iter()
            .map(|one| one.id.0.as_u128() & 0xffff)
            .collect::<Vec<_>>()
    };
    let any = MessageFilter::default;
    assert_eq!(list(any()).await, [7, 6, 5, 3, 2, 1]);
    let of_agent = |n| MessageFilter {
        agent: Some(agent_id(n)),
        ..any()
    };
    assert_eq!(
        list(of_agent(1)).await,
        [7, 6, 5, 3, 1],
        "a self-sent one once"
    );
    assert_eq!(list(of_agent(2)).await, [2, 1]);
    assert_eq!(list(of_agent(3)).await, [6, 5]);
    let operator = || MessageFilter {
        operator: true,
        ..any()
    };
    assert_eq!(list(operator()).await, [3, 2]);
    let both = MessageFilter {
        operator: true,
        ..of_agent(2)
    };
    assert_eq!(list(both).await, [2]);
    let in_mailbox = |mailbox| MessageFilter {
        mailbox: Some(mailbox),
        ..any()
    };
    assert_eq!(list(in_mailbox(mailbox(2))).await, [2, 1]);
    assert_eq!(list(in_mailbox(Mailbox::Operator)).await, [3]);
    let from_operator = MessageFilter {
        origin: Some(Origin::Human),
        ..any()
    };
    assert_eq!(list(from_operator).await, [2]);
    let squad = MessageFilter {
        squad: Some(name("sales")),
        ..any()
    };
    assert_eq!(list(squad).await, [5]);
    let states = |states: &[MessageState]| MessageFilter {
        states: states.to_vec(),
        ..any()
    };
    let resting = [MessageState::Parked, MessageState::Held];
    assert_eq!(list(states(&resting)).await, [5]);
    let ended = [MessageState::Parked, MessageState::Withdrawn];
    assert_eq!(list(states(&ended)).await, [6, 5]);

    let place = store.message(&tenant(), mailbox(3), message_id(5)).await;
    let place = place.unwrap().unwrap().place;
    let page = |before, after, limit| MessageFilter {
        before,
        after,
        limit,
        ..any()
    };
    assert_eq!(list(page(Some(place), None, 2)).await, [3, 2]);
    assert_eq!(list(page(None, Some(place), 10)).await, [7, 6]);
    let older_of_one = MessageFilter {
        before: Some(place),
        ..of_agent(1)
    };
    assert_eq!(list(older_of_one).await, [3, 1]);
    let elsewhere = store.messages(&acme(), &page(None, None, 10)).await;
    assert!(elsewhere.unwrap().is_empty());
}

pub async fn a_broadcast_stands_once_where_that_is_asked(store: Arc<dyn Store>) {
    const MANY: u128 = 250;
    const LAST: u128 = 180;
    crew(&*store, MANY).await;
    let writes = (1..=LAST).map(|n| match n % 60 {
        0 => Write::Bus(broadcast(dispatch(n, 1), None, None)),
        _ => send(dispatch(n, 1 + n % MANY)),
    });
    keep(&*store, writes).await;

    let list = async |filter: MessageFilter| {
        let filter = MessageFilter {
            together: true,
            ..filter
        };
        store.messages(&tenant(), &filter).await.unwrap()
    };
    let all = |limit| MessageFilter {
        limit,
        ..MessageFilter::default()
    };
    let every: Vec<_> = (1..=LAST).rev().map(message_id).collect();
    for limit in [1, 61, 100, 500] {
        let mut found = Vec::new();
        let mut before = None;
        loop {
            let filter = MessageFilter {
                before,
                ..all(limit)
            };
            let page = list(filter).await;
            let Some(last) = page.last() else { break };
            before = Some(last.place);
            found.extend(ids(&page));
        }
        assert_eq!(found, every, "{limit} at a time");
    }
    let by_words = MessageFilter {
        words: Some("message 120".to_owned()),
        ..all(500)
    };
    assert_eq!(ids(&list(by_words).await), [message_id(120)]);
    let between = MessageFilter {
        since: Some(at(119)),
        until: Some(at(122)),
        ..all(500)
    };
    assert_eq!(
        ids(&list(between).await),
        [121, 120, 119].map(message_id),
        "in a stretch of time"
    );

    let of_one = MessageFilter {
        message: Some(message_id(120)),
        ..all(500)
    };
    let copies = store.messages(&tenant(), &of_one).await.unwrap();
    assert_eq!(copies.len(), 250);
    assert!(copies.is_sorted_by(|one, next| one.place > next.place));
    let [one] = &list(of_one).await[..] else {
        panic!("it stands once")
    };
    assert_eq!(one.place, copies[0].place, "where it arrived last");

    // Where the last of them is deleted, it stands at the last that is left.
    let newest = list(all(1)).await.remove(0);
    change(
        &*store,
        BusWrite::Acknowledge {
            mailbox: newest.mailbox,
            messages: vec![newest.id],
            by: AcknowledgedBy::Ack,
            at: at(200),
        },
    )
    .await;
    let forget = BusWrite::ForgetEnded {
        before: at(201),
        limit: 10,
    };
    assert_eq!(told(&*store, forget).await.forgotten(), 1);
    let [left] = &list(all(1)).await[..] else {
        panic!("it is in other mailboxes")
    };
    assert_eq!((left.id, left.place + 1), (newest.id, newest.place));
    assert_eq!(list(all(500)).await.len(), every.len());
}

pub async fn a_broadcast_tells_in_how_many_mailboxes_it_came_how_far(store: Arc<dyn Store>) {
    crew(&*store, 4).await;
    for n in [1, 2] {
        change(&*store, broadcast(dispatch(n, 1), None, None)).await;
    }
    sent(&*store, dispatch(3, 2)).await;
    let reach = async || {
        let reached = store.reach(&tenant(), &[1, 2, 3, 9].map(message_id)).await;
        let mut reached = reached.unwrap();
        reached.sort_unstable_by_key(|(id, _)| *id);
        reached
    };
    let untouched = Reach {
        mailboxes: 4,
        ..Reach::default()
    };
    assert_eq!(
        reach().await,
        [(message_id(1), untouched), (message_id(2), untouched)],
        "what went to one is no broadcast"
    );

    fetch(&*store, 2, at(10), 1).await;
    change(&*store, acknowledge(3, &[1], 11)).await;
    change(&*store, answer(4, 1, 40, 12)).await;
    change(&*store, withdraw(1, 1, 13)).await;
    let moved = Reach {
        fetched: 3,
        acknowledged: 2,
        answered: 1,
        withdrawn: 1,
        ..untouched
    };
    assert_eq!(
        reach().await,
        [(message_id(1), moved), (message_id(2), untouched)],
        "what came further counts on the way too"
    );

    let park = BusWrite::ParkAll {
        mailbox: mailbox(2),
        at: at(20),
    };
    change(&*store, park).await;
    let resting = store.resting(&tenant()).await.unwrap();
    let of = |state| resting.iter().find(|(of, _)| *of == state);
    assert_eq!(of(MessageState::Parked).map(|(_, count)| *count), Some(3));
    let withdrawn = of(MessageState::Withdrawn).map(|(_, count)| *count);
    assert_eq!(withdrawn, Some(1));
    assert_eq!(reach().await[0].1, Reach { parked: 1, ..moved });
    change(&*store, redeliver(2, 1)).await;
    assert_eq!(reach().await[0].1, moved, "it was given once");
    change(&*store, answer(1, 1, 41, 25)).await;
    let late = Reach {
        fetched: 4,
        acknowledged: 3,
        answered: 2,
        ..moved
    };
    assert_eq!(
        reach().await[0].1,
        late,
        "it was answered after it was withdrawn"
    );
    let elsewhere = store.reach(&acme(), &[message_id(1)]).await;
    assert_eq!(elsewhere.unwrap(), []);
}

pub async fn messages_are_found_by_when_they_were_sent(store: Arc<dyn Store>) {
    crew(&*store, 2).await;
    // Every ten minutes; the fifth comes with a moment that is half a minute before the fourth's.
    let moments = [600, 1_200, 1_800, 2_400, 2_370, 3_600, 4_200, 4_800, 5_400];
    for (n, seconds) in (1..).zip(moments) {
        let dispatch = Dispatch {
            at: at(seconds),
            ..dispatch(n, 1 + n % 2)
        };
        sent(&*store, dispatch).await;
    }

    let between = async |since: Option<i64>, until: Option<i64>, limit| {
        let filter = MessageFilter {
            since: since.map(at),
            until: until.map(at),
            limit,
            ..MessageFilter::default()
        };
        let found = store.messages(&tenant(), &filter).await.unwrap();
        found
            .iter()
            .map(|one| one.id.0.as_u128() & 0xffff)
            .collect::<Vec<_>>()
    };
    let bounds = (0..=100).map(|step| step * 60);
    for since in bounds.clone() {
        for until in bounds.clone().step_by(7) {
            let sent = |seconds: i64| since <= seconds && seconds < until;
            let expected: Vec<u128> = (1..)
                .zip(moments)
                .filter_map(|(n, seconds)| sent(seconds).then_some(n))
                .collect();
            let mut found = between(Some(since), Some(until), 20).await;
            found.reverse();
            assert_eq!(found, expected, "from {since} to {until}");
        }
    }
    assert_eq!(between(None, Some(1_800), 20).await, [2, 1]);
    assert_eq!(between(Some(4_800), None, 20).await, [9, 8]);
    assert_eq!(between(Some(0), Some(4_800), 2).await, [7, 6]);

    let counted = async |since, until, bins| {
        let counts = store.histogram(&tenant(), at(since), at(until), bins).await;
        counts.unwrap()
    };
    assert_eq!(counted(600, 6_000, 3).await, [4, 2, 3]);
    assert_eq!(counted(600, 5_400, 2).await, [5, 3], "its end is left out");
    assert_eq!(counted(0, 7, 4).await, [0; 4]);
    assert_eq!(counted(600, 601, 4).await, [1, 0, 0, 0]);
    assert_eq!(counted(600, 600, 2).await, [0, 0]);
    for (n, except) in [(10, None), (11, Some(agent_id(1)))] {
        let later = Dispatch {
            at: at(7_200),
            ..dispatch(n, 1)
        };
        change(&*store, broadcast(later, None, except)).await;
    }
    assert_eq!(counted(6_000, 9_000, 1).await, [2], "each broadcast once");
    let elsewhere = store.histogram(&acme(), at(0), at(9_000), 2).await;
    assert_eq!(elsewhere.unwrap(), [0, 0]);
}

pub async fn a_request_that_was_answered_late_is_kept_as_long_from_then(store: Arc<dyn Store>) {
    crew(&*store, 2).await;
    keep(&*store, [send(request(1, 2))]).await;
    change(&*store, acknowledge(2, &[1], 100)).await;
    change(&*store, answer(2, 1, 40, 300)).await;
    for (before, gone) in [(200, 0), (300, 0), (301, 1)] {
        let forget = BusWrite::ForgetEnded {
            before: at(before),
            limit: 10,
        };
        assert_eq!(told(&*store, forget).await.forgotten(), gone, "{before}");
    }
}

pub async fn messages_that_ended_are_deleted_and_what_waits_stays(store: Arc<dyn Store>) {
    crew(&*store, 3).await;
    let to_all = |n| Write::Bus(broadcast(dispatch(n, 1), None, Some(agent_id(1))));
    keep(
        &*store,
        [
            send(dispatch(1, 2)),
            send(dispatch(2, 2)),
            send(request(3, 2)),
            send(request(4, 2)),
            send(dispatch(5, 2)),
            to_all(6),
            to_all(7),
            send(dispatch(8, 2)),
            send(dispatch(9, 2)),
        ],
    )
    .await;
    change(&*store, acknowledge(2, &[1, 3, 4, 6, 7], 100)).await;
    change(&*store, acknowledge(3, &[7], 100)).await;
    change(&*store, answer(2, 4, 40, 100)).await;
    change(&*store, withdraw(2, 5, 100)).await;
    change(&*store, acknowledge(2, &[8], 5_000)).await;

    let forget = async |before, limit| {
        let write = BusWrite::ForgetEnded {
            before: at(before),
            limit,
        };
        told(&*store, write).await.forgotten()
    };
    let total = async || store.message_total(&tenant()).await.unwrap();
    assert_eq!(forget(100, 10).await, 0, "what ended then is not older");
    assert_eq!(total().await, 9, "a broadcast is one");
    assert_eq!(forget(101, 2).await, 2, "the oldest first");
    assert_eq!(total().await, 7);
    let left = async || {
        let filter = MessageFilter {
            limit: 20,
            ..MessageFilter::default()
        };
        let left = store.messages(&tenant(), &filter).await.unwrap();
        let mut left: Vec<(u128, u128)> = left
            .iter()
            .map(|one| {
                let Mailbox::Agent(of) = one.mailbox else {
                    panic!("it went to agents")
                };
                (
                    one.id.0.as_u128() & 0xffff,
                    (2..4).find(|n| agent_id(*n) == of).unwrap(),
                )
            })
            .collect();
        left.sort_unstable();
        left
    };
    let before = left().await;
    assert!(
        !before.contains(&(1, 2)) && !before.contains(&(4, 2)),
        "{before:?}"
    );
    assert_eq!(forget(101, 10).await, 4);
    // Nobody read 2 and 9; 3 is a request in work; 6 waits for one of two; 8 ended later.
    assert_eq!(left().await, [(2, 2), (3, 2), (6, 3), (8, 2), (9, 2)]);
    assert_eq!(total().await, 5, "6 counts until it is in no mailbox");
    let of_acme = store.message_total(&acme()).await.unwrap();
    assert_eq!(of_acme, 0, "each tenant's are its own");
    assert_eq!(forget(101, 10).await, 0);
    let words = read(&*store, 3, 6).await.text;
    assert_eq!(words, "Message 6: Größe?\n", "whoever waits for it has it");
    assert_eq!(unread(&*store).await, [(mailbox(2), 2), (mailbox(3), 1)]);
    let next = sent(&*store, dispatch(10, 2)).await;
    assert_eq!(next.seq, 10, "numbers are not given twice");

    let of_acme = BusWrite::ForgetEnded {
        before: at(9_000),
        limit: 10,
    };
    let kept = store
        .commit(Unit::of(acme()).write(Write::Bus(of_acme)))
        .await;
    assert_eq!(kept.unwrap().forgotten(), 0);
    assert_eq!(forget(9_000, 10).await, 1);
    let park = BusWrite::ParkAll {
        mailbox: mailbox(3),
        at: at(100),
    };
    change(&*store, park).await;
    assert_eq!(
        forget(9_000, 10).await,
        0,
        "what is parked waits for somebody"
    );
    // Its words have gone with the last of a broadcast: they stand under its id, once.
    let before = total().await;
    change(&*store, broadcast(dispatch(7, 1), None, None)).await;
    assert_eq!(total().await, before + 1);
}

pub async fn words_are_found_in_any_case_and_script(store: Arc<dyn Store>) {
    crew(&*store, 2).await;
    let texts = [
        "The Harbour of Split",
        "ÜBER die Größe",
        "über den Hafen: HARBOUR%_\\",
        "Ὀδυσσεύς",
    ];
    for (n, text) in (1..).zip(texts) {
        let text = text.to_owned();
        sent(
            &*store,
            Dispatch {
                text,
                ..dispatch(n, 2)
            },
        )
        .await;
    }
    change(
        &*store,
        broadcast(
            Dispatch {
                text: "A harbour for all".to_owned(),
                ..dispatch(5, 1)
            },
            None,
            Some(agent_id(1)),
        ),
    )
    .await;
    let found = async |words: &str, limit| {
        let filter = MessageFilter {
            words: Some(words.to_owned()),
            limit,
            ..MessageFilter::default()
        };
        let found = store.messages(&tenant(), &filter).await.unwrap();
        found
            .iter()
            .map(|one| one.id.0.as_u128() & 0xffff)
            .collect::<Vec<_>>()
    };
    assert_eq!(found("hArBoUr", 10).await, [5, 3, 1]);
    assert_eq!(found("harbour split", 10).await, [1]);
    assert_eq!(found("%_\\", 10).await, [3]);
    assert_eq!(found("Über", 10).await, [3, 2]);
    assert_eq!(found("über", 1).await, [3]);
    assert_eq!(found("ÜBER größe", 10).await, [2]);
    assert_eq!(found("ὈΔΥΣ", 10).await, [4]);
    // Its letters in ASCII stand elsewhere too: the page is filled all the same.
    assert_eq!(found("größe", 1).await, [2]);
    assert_eq!(found("grüße", 10).await, []);
    assert_eq!(found(" ", 10).await.len(), 5);
}

/// What the bridge puts around a question, and the mark in an answer, are for agents alone.
pub async fn words_are_found_where_people_read_them(store: Arc<dyn Store>) {
    const MANY: u128 = 40;
    const ID: &str = "7c1e3a52-0c7e-4d0f-9a64-0f2f6f3a9b11";
    const NOTE: &str = "(Ana wrote this in Discord. To reply, send a message to discord-connector with {ack_for:ID} \
         in its text; what else you write in it is posted there.)";
    crew(&*store, 2).await;
    let from_discord = |n, words: &str| {
        let block = "<!--mumega-discord-ctx:{\"guild_id\":\"30\",\"request_id\":\"ID\"}-->";
        let text = format!(
            "[request_id:ID] {words}\n\nFiles:\n- plan.png (12 bytes): /d/plan.png\n\n{NOTE}\n\n{block}"
        );
        Dispatch {
            from: Sender::Discord {
                name: "Ana".to_owned(),
                via: agent_id(1),
            },
            text: text.replace("ID", ID),
            request_id: Some(ID.to_owned()),
            ..dispatch(n, 2)
        }
    };
    let said = |n, text: &str| Dispatch {
        text: text.replace("ID", ID),
        ..dispatch(n, 2)
    };
    let own = "Größe, or what is POSTED? (Ana wrote this in Discord.) {ack_for:7}";
    let first = [
        from_discord(1, own),
        said(2, "Is \"<!--mumega-discord-ctx:\" yours? [request_id:ID]"),
        Dispatch {
            in_reply_to: Some(message_id(1)),
            ..said(3, "Twelve. {ack_for:ID, ok:true}")
        },
        Dispatch {
            in_reply_to: Some(message_id(1)),
            ..said(4, "{ack_for:ID, ok:true}")
        },
        said(5, "Write {ack_for:ID} in it."),
    ];
    let many = (6..6 + MANY).map(|n| from_discord(n, "Größe?"));
    keep(&*store, first.into_iter().chain(many).map(send)).await;

    let page = async |words: &str, limit, before| {
        let filter = MessageFilter {
            words: Some(words.to_owned()),
            limit,
            before,
            ..MessageFilter::default()
        };
        store.messages(&tenant(), &filter).await.unwrap()
    };
    let found = async |words: &str, limit| {
        let found = page(words, limit, None).await;
        let numbers = found.iter().map(|one| one.id.0.as_u128() & 0xffff);
        numbers.collect::<Vec<_>>()
    };
    for nobodys in [
        "guild_id",
        "connector",
        "größe request_id",
        "twelve ack_for",
    ] {
        assert_eq!(found(nobodys, 10).await, [], "{nobodys}");
    }
    // However few at a time: pages that hold it only around the words are passed by.
    for limit in [1, 2, 10] {
        let all: &[u128] = &[1];
        assert_eq!(found("posted", limit).await, all, "a person's own, {limit}");
        assert_eq!(found("größe WROTE", limit).await, all, "{limit}");
    }
    assert_eq!(found("ctx", 10).await, [2]);
    assert_eq!(found("ack_for", 10).await, [5, 4, 1]);
    assert_eq!(found("ack_for", 2).await, [5, 4]);
    let next = page("ack_for", 2, Some(read(&*store, 2, 4).await.place)).await;
    assert_eq!(ids(&next), [message_id(1)]);
    assert_eq!(found("TWELVE", 10).await, [3]);
    assert_eq!(found("plan.png größe", 100).await.len() as u128, MANY + 1);
    assert_eq!(found("größe", 3).await, [MANY + 5, MANY + 4, MANY + 3]);
}

pub async fn a_thread_is_all_that_answers_or_is_answered(store: Arc<dyn Store>) {
    crew(&*store, 3).await;
    let reply = |n, to, of| Dispatch {
        in_reply_to: Some(message_id(of)),
        ..dispatch(n, to)
    };
    for one in [
        dispatch(1, 2),
        reply(2, 1, 1),
        reply(3, 2, 2),
        reply(4, 1, 1),
        dispatch(5, 2),
        reply(6, 1, 5),
    ] {
        sent(&*store, one).await;
    }
    let most = 500;
    let thread = async |n| ids(&store.thread(&tenant(), message_id(n), most).await.unwrap());
    for n in 1..=4 {
        assert_eq!(thread(n).await, [1, 2, 3, 4].map(message_id), "from {n}");
    }
    assert_eq!(thread(6).await, [5, 6].map(message_id));
    assert!(thread(9).await.is_empty());
    assert!(
        store
            .thread(&acme(), message_id(1), most)
            .await
            .unwrap()
            .is_empty()
    );

    let long = (10..600).map(|n| send(reply(n, 2, n - 1)));
    keep(&*store, [send(dispatch(9, 2))].into_iter().chain(long)).await;
    let numbers = |range: std::ops::Range<u128>| range.map(message_id).collect::<Vec<_>>();
    assert_eq!(thread(9).await, numbers(9..509), "the nearest to the first");
    assert_eq!(thread(599).await, numbers(100..600), "and to the last");
}

pub async fn a_thread_has_a_broadcast_once(store: Arc<dyn Store>) {
    crew(&*store, 3).await;
    change(&*store, broadcast(dispatch(1, 1), None, None)).await;
    let reply = Dispatch {
        in_reply_to: Some(message_id(1)),
        ..dispatch(2, 1)
    };
    sent(&*store, reply).await;
    let thread = store.thread(&tenant(), message_id(2), 2).await.unwrap();
    assert_eq!(ids(&thread), [1, 2].map(message_id));
    let mut places = Vec::new();
    for of in 1..=3 {
        places.push(read(&*store, of, 1).await.place);
    }
    assert_eq!(
        Some(&thread[0].place),
        places.iter().min(),
        "by its first copy"
    );
    let first = ids(&store.thread(&tenant(), message_id(1), 1).await.unwrap());
    assert_eq!(first, [message_id(1)]);
}

pub async fn hops_are_those_that_were_given_lately(store: Arc<dyn Store>) {
    crew(&*store, 3).await;
    let from = |n, agent: u128, hops| Dispatch {
        from: Sender::Agent {
            id: agent_id(agent),
            name: name(&format!("agent-{agent}")),
        },
        hops,
        ..dispatch(n, 2)
    };
    sent(&*store, from(1, 1, 6)).await;
    fetch(&*store, 2, at(100), 10).await;
    for one in [from(2, 1, 2), from(3, 1, 4), from(4, 3, 1)] {
        sent(&*store, one).await;
    }
    let by_operator = Dispatch {
        from: Sender::Operator,
        ..from(5, 1, 7)
    };
    sent(&*store, by_operator).await;
    fetch(&*store, 2, at(200), 10).await;
    sent(&*store, from(6, 1, 5)).await;
    let hops = async |since: Timestamp| {
        let mut hops = store
            .hops_given(&tenant(), mailbox(2), since)
            .await
            .unwrap();
        hops.sort_unstable();
        hops
    };
    let given = |agent: u128, hops, second| HopsGiven {
        from: agent_id(agent),
        hops,
        at: at(second),
    };
    let later = [given(1, 2, 200), given(1, 4, 200), given(3, 1, 200)];
    assert_eq!(hops(at(101)).await, later);
    let all = [later[0], later[1], given(1, 6, 100), later[2]];
    assert_eq!(hops(at(100)).await, all);
    assert!(hops(at(201)).await.is_empty());
    // Read again after as many, it counts from then.
    sent(&*store, from(7, 1, 6)).await;
    fetch(&*store, 2, at(300), 10).await;
    let last = given(1, 6, 300);
    assert!(hops(at(100)).await.contains(&last), "{last:?}");
}

pub async fn the_next_mail_is_the_oldest_that_waits(store: Arc<dyn Store>) {
    crew(&*store, 2).await;
    let next = async || {
        let next = store.next_mail(&tenant(), mailbox(2)).await.unwrap();
        next.map(|message| message.id)
    };
    assert_eq!(next().await, None);
    for n in 1..=3 {
        sent(&*store, dispatch(n, 2)).await;
    }
    assert_eq!(next().await, Some(message_id(1)));
    assert_eq!(next().await, Some(message_id(1)), "a look gives nothing");
    fetch(&*store, 2, at(100), 1).await;
    assert_eq!(next().await, Some(message_id(2)));
    fetch(&*store, 2, at(200), 2).await;
    assert_eq!(next().await, None);
}

pub async fn a_send_stands_under_its_key_until_it_is_forgotten(store: Arc<dyn Store>) {
    let replay = SendReplay {
        agent: agent_id(1),
        key: "k".to_owned(),
        fingerprint: [4; 32],
        message: message_id(3),
        at: at(10),
    };
    let none = |n| Require::Bus(BusRequire::NoSend(agent_id(n), "k".to_owned()));
    assert!(holds(&*store, none(1)).await);
    change(&*store, BusWrite::PutSend(replay.clone())).await;
    assert!(!holds(&*store, none(1)).await);
    assert!(holds(&*store, none(2)).await, "each sender has its own");
    assert!(matches!(
        refusal(
            &*store,
            unit().write(Write::Bus(BusWrite::PutSend(replay.clone())))
        )
        .await,
        CommitError::Constraint(Constraint::Exists("send"))
    ));
    let read = async || {
        store
            .send_replay(&tenant(), agent_id(1), "k")
            .await
            .unwrap()
    };
    keep(&*store, [Write::ForgetAcknowledgements { before: at(10) }]).await;
    assert_eq!(read().await, Some(replay));
    keep(&*store, [Write::ForgetAcknowledgements { before: at(11) }]).await;
    assert_eq!(read().await, None);
}

pub async fn squads_live_as_long_as_their_members(store: Arc<dyn Store>) {
    crew(&*store, 2).await;
    for write in [join("sales", 2, 5), join("sales", 1, 6), join("art", 1, 7)] {
        change(&*store, write).await;
    }
    let squads = store.squads(&tenant()).await.unwrap();
    let names: Vec<_> = squads.iter().map(|squad| squad.name.as_str()).collect();
    assert_eq!(names, ["art", "sales"]);
    let members: Vec<_> = squads[1].members.iter().map(|one| one.agent).collect();
    assert_eq!(members, [agent_id(2), agent_id(1)], "as they joined");
    assert_eq!(squads[1].created_at, at(5));
    assert!(store.squads(&acme()).await.unwrap().is_empty());

    let again = BusWrite::Join {
        squad: name("sales"),
        agent: agent_id(2),
        summary: None,
        at: at(9),
    };
    change(&*store, again).await;
    let member = store.squads(&tenant()).await.unwrap()[1].members[0].clone();
    assert_eq!((member.joined_at, member.summary), (at(5), None));
    assert_eq!(member.name, name("agent-2"));

    let in_sales = |n| Require::Bus(BusRequire::Member(name("sales"), agent_id(n)));
    assert!(holds(&*store, in_sales(1)).await);
    let leave = |of| BusWrite::Leave {
        squad: name("sales"),
        agent: agent_id(of),
    };
    change(&*store, leave(1)).await;
    assert!(!holds(&*store, in_sales(1)).await);
    assert!(matches!(
        refusal(&*store, unit().write(Write::Bus(leave(1)))).await,
        CommitError::Constraint(Constraint::Absent("member"))
    ));
    change(&*store, leave(2)).await;
    assert_eq!(store.squads(&tenant()).await.unwrap().len(), 1);
    assert!(matches!(
        refusal(&*store, unit().write(Write::Bus(join("sales", 9, 1)))).await,
        CommitError::Constraint(Constraint::Reference("member"))
    ));
    assert_eq!(store.squads(&tenant()).await.unwrap().len(), 1);
}

pub async fn a_message_has_the_state_that_is_required(store: Arc<dyn Store>) {
    in_every_state(&*store).await;
    let require = |n, states: &[MessageState]| {
        Require::Bus(BusRequire::State(
            mailbox(2),
            message_id(n),
            states.to_vec(),
        ))
    };
    let resting = [MessageState::Parked, MessageState::Unacknowledged];
    assert!(holds(&*store, require(3, &resting)).await);
    assert!(holds(&*store, require(4, &resting)).await);
    assert!(!holds(&*store, require(5, &resting)).await);
    assert!(!holds(&*store, require(99, &resting)).await);
    assert!(!holds(&*store, require(3, &[])).await);
}

pub async fn mailboxes_of_two_tenants_are_apart(store: Arc<dyn Store>) {
    crew(&*store, 2).await;
    // The same ids in both.
    let twins = [insert(agent(1)), insert(agent(2)), send(request(1, 2))];
    store.commit(Unit::of(acme()).writes(twins)).await.unwrap();
    let text = "ours".to_owned();
    sent(
        &*store,
        Dispatch {
            text,
            ..request(1, 2)
        },
    )
    .await;
    fetch(&*store, 2, at(5), 10).await;
    change(&*store, acknowledge(2, &[1], 6)).await;
    let theirs = store.message(&acme(), mailbox(2), message_id(1)).await;
    let theirs = theirs.unwrap().unwrap();
    assert_eq!((theirs.state, theirs.seq), (MessageState::Waiting, 1));
    assert_ne!(theirs.text, "ours");
    change(
        &*store,
        BusWrite::Erase {
            message: message_id(1),
            at: at(7),
        },
    )
    .await;
    let mail = store.mail(&acme(), mailbox(2), None, 10).await.unwrap();
    assert_eq!(mail, [theirs]);
    assert_eq!(store.unread(&acme()).await.unwrap(), [(mailbox(2), 1)]);
    let request = store.request(&acme(), mailbox(2), "r-1").await.unwrap();
    assert_ne!(request.unwrap().text, "");
}

pub async fn what_nobody_heard_of_is_put_back_and_another_lease_is_left(store: Arc<dyn Store>) {
    crew(&*store, 2).await;
    sent(&*store, request(1, 2)).await;
    let put_back = async |leased_at: i64| {
        let back = BusWrite::PutBack {
            mailbox: mailbox(2),
            messages: vec![message_id(1)],
            leased_until: at(leased_at + LEASE),
        };
        keep(&*store, [Write::Bus(back)]).await;
        let message = read(&*store, 2, 1).await;
        (message.state, message.deliveries, message.fetched_at)
    };
    let first = fetch(&*store, 2, at(10), 10).await;
    assert_eq!(ids(&first.messages), [message_id(1)]);
    // Its lease ran out, and somebody else was given it: the first who comes late takes nothing away.
    let again = fetch(&*store, 2, at(10 + LEASE), 10).await;
    assert_eq!(ids(&again.messages), [message_id(1)]);
    let leased = (MessageState::Leased, 2, Some(at(10)));
    assert_eq!(put_back(10).await, leased);
    // It was not given at all: neither does it count, nor is it in the way of a further delivery.
    let waiting = (MessageState::Waiting, 1, Some(at(10)));
    assert_eq!(put_back(10 + LEASE).await, waiting);
    assert_eq!(put_back(10 + LEASE).await, waiting, "once");
    // What was acknowledged meanwhile stays so.
    fetch(&*store, 2, at(20 + LEASE), 10).await;
    change(&*store, acknowledge(2, &[1], 21 + LEASE)).await;
    assert_eq!(put_back(20 + LEASE).await.0, MessageState::Done);
}
