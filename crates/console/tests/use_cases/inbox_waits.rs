//! Waits for mail, and what happens around them while they are open.

use std::time::Duration;

use husting_domain::audit::Action;
use husting_domain::messages::MessageState;
use husting_wire::agents::SetPause;
use husting_wire::audit::ListAudit;
use husting_wire::bus::calls::{Ask, Broadcast, InboxWait, Send};
use husting_wire::bus::messages::{MessageRef, Recipient, WriteMessage};
use husting_wire::commands::{DeliverAgain, FindAudit, PauseAgents, SendMessage, TakeBack};
use husting_wire::errors::ErrorCode;

use crate::agents::letter;
use crate::bus::{inbox, pair, request, tail, texts};
use crate::desk::{Desk, PATIENCE};
use crate::left_calls::leave;

fn two_minutes() -> InboxWait {
    InboxWait {
        timeout_seconds: Some(120),
        limit: None,
    }
}

/// Once so many looks at mailboxes are on disk: what waits has found nothing and listens.
async fn looked(desk: &Desk, times: usize) {
    let fetches = || ListAudit {
        actions: vec![Action::Fetch],
        ..ListAudit::default()
    };
    while desk.ask::<FindAudit>(fetches()).await.rows.len() < times {
        tokio::task::yield_now().await;
    }
}

async fn both<A, B>(one: impl Future<Output = A>, other: impl Future<Output = B>) -> (A, B) {
    let both = futures::future::join(one, other);
    tokio::time::timeout(PATIENCE, both).await.unwrap()
}

#[tokio::test]
async fn a_wait_is_given_a_message_the_moment_its_lease_ends() {
    let (desk, clock, anna, bruno) = pair().await;
    let deploy = request("bruno", "Deploy.", "r-1");
    desk.console.send(&anna, deploy).await.unwrap();
    assert_eq!(texts(&inbox(&desk, &bruno).await), ["Deploy."]);
    clock.advance(Duration::from_secs(599));
    let waits = desk.console.inbox_wait(&bruno, two_minutes());
    let lease_ends = async {
        looked(&desk, 2).await;
        // Long before the patience is over.
        clock.advance(Duration::from_secs(1));
    };
    let (waited, ()) = both(waits, lease_ends).await;
    let mail = waited.unwrap().record;
    assert_eq!(texts(&mail), ["Deploy."]);
    assert_eq!(tail(&desk).await[0].deliveries, 2);
}

#[tokio::test]
async fn mail_that_comes_to_an_open_wait_during_a_pause_is_left_and_the_wait_says_when_to_come_again()
 {
    let (desk, _, anna, bruno) = pair().await;
    let waits = desk.console.inbox_wait(&bruno, two_minutes());
    let pauses = async {
        looked(&desk, 1).await;
        desk.ask::<PauseAgents>(SetPause { paused: true }).await;
        // Agents are held; the operator may write.
        crate::managed::write(&desk, "bruno", "Read this later.").await;
    };
    let (waited, ()) = both(waits, pauses).await;
    let refused = waited.map(drop).unwrap_err();
    assert_eq!(refused.code, ErrorCode::Paused, "{refused}");
    let details = refused.details.unwrap();
    assert!(
        details["retry_after_seconds"].as_u64() > Some(0),
        "{details}"
    );
    let [waiting] = &tail(&desk).await[..] else {
        panic!("one message")
    };
    assert_eq!(
        (waiting.state, waiting.deliveries, waiting.fetched_at),
        (MessageState::Waiting, 0, None)
    );
    let held = desk.console.send(&anna, letter("bruno", "x")).await;
    assert_eq!(held.map(drop).unwrap_err().code, ErrorCode::Paused);
    desk.ask::<PauseAgents>(SetPause { paused: false }).await;
    assert_eq!(texts(&inbox(&desk, &bruno).await), ["Read this later."]);
}

#[tokio::test]
async fn a_wait_outlives_a_pause_in_which_nothing_came() {
    let (desk, _, anna, bruno) = pair().await;
    let waits = desk.console.inbox_wait(&bruno, two_minutes());
    let pauses = async {
        looked(&desk, 1).await;
        for paused in [true, false] {
            desk.ask::<PauseAgents>(SetPause { paused }).await;
        }
        let hello = letter("bruno", "Hello.");
        desk.console.send(&anna, hello).await.unwrap();
    };
    let (waited, ()) = both(waits, pauses).await;
    assert_eq!(texts(&waited.unwrap().record), ["Hello."]);
}

#[tokio::test]
async fn plain_mail_of_two_waits_that_were_left_still_returns_when_its_reader_is_lost() {
    let (desk, clock, anna, bruno) = pair().await;
    let hello = letter("bruno", "Hello.");
    desk.console.send(&anna, hello).await.unwrap();
    for times in 1..=2 {
        leave(&desk, &bruno).await;
        looked(&desk, times).await;
        let back = async {
            while tail(&desk).await[0].state != MessageState::Waiting {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, back).await.unwrap();
    }
    let waiting = &tail(&desk).await[0];
    assert_eq!((waiting.deliveries, waiting.fetched_at), (0, None));
    // Given for the first time, and once more after a lease that nobody ended.
    for _ in 0..2 {
        assert_eq!(texts(&inbox(&desk, &bruno).await), ["Hello."]);
        clock.advance(Duration::from_secs(601));
    }
}

#[tokio::test]
async fn mail_of_a_wait_that_was_left_comes_to_one_that_is_open_at_once() {
    let (desk, _, anna, bruno) = pair().await;
    let hello = letter("bruno", "Hello.");
    desk.console.send(&anna, hello).await.unwrap();
    // The first takes the mail, and the second looks before it is back: that ends what was taken before.
    leave(&desk, &bruno).await;
    let waited = desk.console.inbox_wait(&bruno, two_minutes());
    let waited = tokio::time::timeout(PATIENCE, waited).await.unwrap();
    assert_eq!(texts(&waited.unwrap().record), ["Hello."]);
    let fetches = ListAudit {
        actions: vec![Action::Fetch],
        ..ListAudit::default()
    };
    let looks = desk.ask::<FindAudit>(fetches).await.rows.len();
    assert_eq!(looks, 3, "the second looked in between");
}

#[tokio::test]
async fn an_open_wait_is_given_at_once_what_the_operator_delivers_again() {
    let (desk, _, anna, bruno) = pair().await;
    let hello = letter("bruno", "Hello.");
    let sent = desk.console.send(&anna, hello).await.unwrap().record;
    let there = MessageRef {
        mailbox: Some(bruno.agent),
        message_id: sent.id,
    };
    desk.ask::<TakeBack>(there.clone()).await;
    let waits = desk.console.inbox_wait(&bruno, two_minutes());
    let delivers = async {
        looked(&desk, 1).await;
        desk.ask::<DeliverAgain>(there).await;
    };
    let (waited, ()) = both(waits, delivers).await;
    assert_eq!(texts(&waited.unwrap().record), ["Hello."]);
}

#[tokio::test]
async fn mail_that_a_wait_was_given_as_it_was_dropped_is_there_for_the_next_one() {
    let (desk, _, anna, bruno) = pair().await;
    let hello = letter("bruno", "Hello.");
    desk.console.send(&anna, hello).await.unwrap();
    let state = async || tail(&desk).await[0].state;
    let mut waits = Box::pin(desk.console.inbox_wait(&bruno, two_minutes()));
    // It asks, and is never polled again.
    assert!(futures::poll!(&mut waits).is_pending());
    let given = async {
        while state().await != MessageState::Leased {}
        // What was given is told before a look that comes later is answered.
        assert_eq!(state().await, MessageState::Leased);
    };
    tokio::time::timeout(PATIENCE, given).await.unwrap();
    drop(waits);
    let back = async { while state().await != MessageState::Waiting {} };
    tokio::time::timeout(PATIENCE, back).await.unwrap();
    let next = desk.console.inbox_wait(&bruno, two_minutes());
    let mail = tokio::time::timeout(PATIENCE, next).await.unwrap().unwrap();
    assert_eq!(texts(&mail.record), ["Hello."]);
    assert_eq!(tail(&desk).await[0].state, MessageState::Leased);
}

#[tokio::test]
async fn what_one_wait_is_given_is_not_ended_by_another_that_was_open_before() {
    let (desk, _, anna, bruno) = pair().await;
    let waits = futures::future::select(
        Box::pin(desk.console.inbox_wait(&bruno, two_minutes())),
        Box::pin(desk.console.inbox_wait(&bruno, two_minutes())),
    );
    let sends = async {
        looked(&desk, 2).await;
        let hello = letter("bruno", "Hello.");
        desk.console.send(&anna, hello).await.unwrap();
    };
    let (waited, ()) = both(waits, sends).await;
    let (given, other) = waited.factor_first();
    assert_eq!(texts(&given.unwrap().record), ["Hello."]);
    let looks = async {
        tokio::select! {
            _ = other => panic!("it was given something, too"),
            () = looked(&desk, 4) => {}
        }
    };
    tokio::time::timeout(PATIENCE, looks).await.unwrap();
    assert_eq!(tail(&desk).await[0].state, MessageState::Leased);
}

#[tokio::test]
async fn an_answer_that_its_asker_lost_comes_back_when_its_lease_ends() {
    let (desk, clock, anna, bruno) = pair().await;
    let asked = Ask {
        agent: "bruno".to_owned(),
        message: "Ready?".to_owned(),
        timeout_seconds: Some(30),
    };
    let answers = async {
        // Read without being taken: the answer's lease is the only one there is.
        while tail(&desk).await.is_empty() {
            tokio::task::yield_now().await;
        }
        let reply = Send {
            in_reply_to: Some(tail(&desk).await[0].message_id),
            ..letter("anna", "Yes.")
        };
        desk.console.send(&bruno, reply).await.unwrap();
    };
    let (asked, ()) = both(desk.console.ask(&anna, asked), answers).await;
    assert!(asked.unwrap().record.answer.is_some());
    // Her client died with it, and nobody fetches anything.
    clock.advance(Duration::from_secs(600));
    let is_back = async {
        while tail(&desk).await[0].state != MessageState::Waiting {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, is_back).await.unwrap();
    assert_eq!(texts(&inbox(&desk, &anna).await), ["Yes."]);
}

#[tokio::test]
async fn a_broadcast_is_given_to_whoever_waits_the_moment_it_lands() {
    let (desk, _, anna, bruno) = pair().await;
    // By a clock that stands still: nothing but the broadcast ends these waits.
    let waits = desk.console.inbox_wait(&bruno, two_minutes());
    let tells = async {
        looked(&desk, 1).await;
        let all = Broadcast {
            text: "From an agent.".to_owned(),
            squad: None,
        };
        desk.console.broadcast(&anna, all).await.unwrap();
    };
    let (waited, ()) = both(waits, tells).await;
    assert_eq!(texts(&waited.unwrap().record), ["From an agent."]);

    let waits = desk.console.inbox_wait(&bruno, two_minutes());
    let tells = async {
        looked(&desk, 3).await;
        let all = WriteMessage {
            to: Recipient::All,
            text: "From the operator.".to_owned(),
            in_reply_to: None,
            request_id: None,
        };
        desk.ask::<SendMessage>(all).await;
    };
    let (waited, ()) = both(waits, tells).await;
    assert_eq!(texts(&waited.unwrap().record), ["From the operator."]);
}
